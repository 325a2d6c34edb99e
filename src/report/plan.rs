//! The plan as a tree.
//!
//! Owns how a plan reads: what runs stands on the left in the order it runs, the place that put it there on the right.

use unicode_width::UnicodeWidthStr;

use crate::model::plan::{Again, How, Node, Step};
use crate::model::task_call::Call;
use crate::model::task_ending::When;
use crate::report::file_line::file_line;
use crate::report::listing::padded;

/// The letters a tree is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// Box drawing characters.
    Unicode,
    /// ASCII, for terminals and logs that have no others.
    Ascii,
}

impl Lines {
    /// In front of an entry, and in front of what is below it: for one with a sibling after it, and for the last.
    const fn letters(self, is_last: bool) -> (&'static str, &'static str) {
        match (self, is_last) {
            (Self::Unicode, false) => ("├─ ", "│  "),
            (Self::Unicode, true) => ("└─ ", "   "),
            (Self::Ascii, false) => ("|- ", "|  "),
            (Self::Ascii, true) => ("`- ", "   "),
        }
    }
}

/// One line of the tree.
struct Row {
    left: String,
    right: String,
}

/// The tree under a title such as `production deploy`.
#[must_use]
pub fn render(title: &str, nodes: &[Node], lines: Lines) -> String {
    let mut rows = Vec::new();
    let entries: Vec<_> = nodes.iter().map(Entry::Node).collect();
    draw(&entries, "", lines, &mut rows);
    let column = rows.iter().map(|row| row.left.width()).max().unwrap_or(0);
    let body = rows.iter().map(|Row { left, right }| format!("{}  {right}\n", padded(left, column)));
    format!("{title}\n{}", body.collect::<String>())
}

/// What gets a line.
enum Entry<'a> {
    Node(&'a Node),
    Work(&'static str, String),
}

fn draw(entries: &[Entry<'_>], indent: &str, lines: Lines, rows: &mut Vec<Row>) {
    for (i, entry) in entries.iter().enumerate() {
        let (branch, below) = lines.letters(i + 1 == entries.len());
        match entry {
            Entry::Work(what, place) => {
                rows.push(Row { left: format!("{indent}{branch}({what})"), right: place.clone() });
            }
            Entry::Node(node) => {
                rows.push(Row { left: format!("{indent}{branch}{}", name(node)), right: reason(node) });
                draw(&shown(&node.children), &format!("{indent}{below}"), lines, rows);
            }
        }
    }
}

/// The steps worth a line. A task's own work goes without saying, unless it has to be told apart from other steps: with
/// hooks or needs around it, or in several parts.
fn shown(steps: &[Step]) -> Vec<Entry<'_>> {
    let works = steps.iter().filter(|step| matches!(step, Step::Work(_))).count();
    let is_around = |step: &Step| match step {
        Step::Task(node) => !matches!(node.how, How::Invoked | How::InvokedAgain),
        Step::Work(_) => works > 1,
        Step::Ending(..) => true,
    };
    let tells_work = steps.iter().any(is_around);
    let entries = steps.iter().filter_map(|step| match step {
        Step::Work(place) => tells_work.then(|| Entry::Work("own steps", file_line(place))),
        Step::Ending(When::Failure, place) => Some(Entry::Work("on failure", file_line(place))),
        Step::Ending(When::Always, place) => Some(Entry::Work("always", file_line(place))),
        Step::Task(node) => Some(Entry::Node(node)),
    });
    entries.collect()
}

fn name(node: &Node) -> String {
    let how = match node.how {
        How::Need => "needs ",
        How::Before => "before ",
        How::After => "after ",
        How::Asked | How::Invoked | How::InvokedAgain => "",
    };
    let call = Call { name: node.task.clone(), args: node.args.clone() };
    let signs = [(node.conditional, " (if)"), (node.is_file, " (if older)"), (node.asks, " (asks first)")];
    let signs: String = signs.into_iter().filter(|(is_so, _)| *is_so).map(|(_, sign)| sign).collect();
    format!("{how}{call}{signs}")
}

fn reason(node: &Node) -> String {
    let verb = match node.how {
        How::Asked => "",
        How::Need => "needed at ",
        How::Before | How::After => "hooked at ",
        How::Invoked => "invoked at ",
        How::InvokedAgain => "invoked again at ",
    };
    let again = match node.again {
        Again::No => "",
        Again::Perhaps => " (skipped if already run)",
        Again::Yes => " (skipped: already run)",
        Again::Inside => " (skipped: already running)",
    };
    format!("{verb}{}{again}", file_line(&node.place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::plan::{Invoke, Says, plan};
    use crate::model::task_confirm::{Confirm, Message};
    use crate::model::task_ending::Ending;
    use crate::model::task_graph::{Definition, Graph};
    use crate::place::Place;

    /// A body is the list of its invokes: `x`, `x?` in a condition, `x!` again.
    type Body = Vec<Says>;

    fn at(file: &str, line: u32) -> Place {
        Place::new(file, line, 5)
    }

    fn task(graph: &mut Graph<Body>, line: u32, name: &str, body: Option<&[&str]>) {
        let invoke = |(line, written): (u32, &&str)| Invoke {
            name: written.trim_end_matches(['?', '!']).to_owned(),
            scope: String::new(),
            place: at("stdlib/deploy.rhai", line),
            conditional: written.ends_with('?'),
            again: written.ends_with('!'),
        };
        let body = body.map(|invokes| (line + 1..).zip(invokes).map(|one| Says::Invoke(invoke(one))).collect());
        graph.define(Definition { body, ..Definition::new(name, at("stdlib/deploy.rhai", line)) });
    }

    fn rendered(graph: Graph<Body>, roots: &[&str], lines: Lines) -> String {
        let calls: Vec<Call> = roots.iter().map(|root| root.parse().unwrap()).collect();
        let nodes = plan(&graph.finish().unwrap(), &calls, &Clone::clone).unwrap();
        render(&format!("production {}", roots.join(" ")), &nodes, lines)
    }

    fn deploy() -> Graph<Body> {
        let mut graph = Graph::default();
        task(&mut graph, 10, "deploy", Some(&["deploy:starting", "deploy:started", "deploy:check?"]));
        task(&mut graph, 20, "deploy:starting", Some(&["deploy:check"]));
        task(&mut graph, 30, "deploy:check", Some(&["deploy:check:directories", "deploy:check:linked_files?"]));
        task(&mut graph, 40, "deploy:check:directories", Some(&[]));
        task(&mut graph, 50, "deploy:check:linked_files", Some(&[]));
        task(&mut graph, 60, "deploy:started", None);
        task(&mut graph, 70, "git:check", Some(&[]));
        task(&mut graph, 80, "notify", Some(&["git:check!"]));
        graph.before("deploy:check", "git:check", "", at("stdlib/git.rhai", 3));
        graph.after("deploy:started", "notify", "", at("config/deploy.rhai", 7));
        graph
    }

    #[test]
    fn a_plan_is_a_tree_with_places() {
        assert_eq!(
            rendered(deploy(), &["deploy"], Lines::Unicode),
            "\
production deploy
└─ deploy                                   stdlib/deploy.rhai:10
   ├─ deploy:starting                       invoked at stdlib/deploy.rhai:11
   │  └─ deploy:check                       invoked at stdlib/deploy.rhai:21
   │     ├─ before git:check                hooked at stdlib/git.rhai:3
   │     ├─ (own steps)                     stdlib/deploy.rhai:30
   │     ├─ deploy:check:directories        invoked at stdlib/deploy.rhai:31
   │     └─ deploy:check:linked_files (if)  invoked at stdlib/deploy.rhai:32
   ├─ deploy:started                        invoked at stdlib/deploy.rhai:12
   │  └─ after notify                       hooked at config/deploy.rhai:7
   │     └─ git:check                       invoked again at stdlib/deploy.rhai:81
   └─ deploy:check (if)                     invoked at stdlib/deploy.rhai:13 (skipped: already run)
"
        );
    }

    #[test]
    fn ascii_where_there_is_nothing_else() {
        assert_eq!(
            rendered(deploy(), &["deploy:starting", "git:check"], Lines::Ascii),
            "\
production deploy:starting git:check
|- deploy:starting                       stdlib/deploy.rhai:20
|  `- deploy:check                       invoked at stdlib/deploy.rhai:21
|     |- before git:check                hooked at stdlib/git.rhai:3
|     |- (own steps)                     stdlib/deploy.rhai:30
|     |- deploy:check:directories        invoked at stdlib/deploy.rhai:31
|     `- deploy:check:linked_files (if)  invoked at stdlib/deploy.rhai:32
`- git:check                             stdlib/deploy.rhai:70 (skipped: already run)
"
        );
    }

    #[test]
    fn work_in_several_parts_is_told_apart() {
        let mut graph = Graph::default();
        task(&mut graph, 1, "a", Some(&["b?"]));
        task(&mut graph, 5, "b", Some(&["a"]));
        task(&mut graph, 9, "a", Some(&["b"]));
        assert_eq!(
            rendered(graph, &["a"], Lines::Unicode),
            "\
production a
└─ a               stdlib/deploy.rhai:1
   ├─ (own steps)  stdlib/deploy.rhai:1
   ├─ b (if)       invoked at stdlib/deploy.rhai:2
   │  └─ a         invoked at stdlib/deploy.rhai:6 (skipped: already running)
   ├─ (own steps)  stdlib/deploy.rhai:9
   └─ b            invoked at stdlib/deploy.rhai:10 (skipped if already run)
      └─ a         invoked at stdlib/deploy.rhai:6 (skipped: already running)
"
        );
    }

    #[test]
    fn needs_are_named_as_such() {
        let mut graph = Graph::default();
        task(&mut graph, 1, "a", None);
        graph.define(Definition { needs: vec!["a".to_owned()], ..Definition::new("b", at("deploy.rhai", 2)) });
        assert_eq!(
            rendered(graph, &["b"], Lines::Unicode),
            "\
production b
└─ b           deploy.rhai:2
   └─ needs a  needed at deploy.rhai:2
"
        );
    }

    #[test]
    fn arguments_questions_files_and_ends_are_shown() {
        let mut graph = Graph::default();
        let at = |line| at("deploy.rhai", line);
        task(&mut graph, 1, "say", Some(&[]));
        graph.define(Definition { file: Some(String::new()), ..Definition::new("tmp/x.yml", at(2)) });
        let confirm = Some(Confirm { message: Message::Text("Really?".to_owned()), place: at(3) });
        let ending = |when, line| Ending { when, body: Vec::new(), place: at(line) };
        let endings = vec![ending(When::Failure, 4), ending(When::Always, 5)];
        let (args, needs) = (vec!["db".to_owned(), "n=2".to_owned()], vec!["tmp/x.yml".to_owned()]);
        graph.define(Definition { args, needs, confirm, endings, ..Definition::new("drop", at(3)) });
        assert_eq!(
            rendered(graph, &["drop[a b]"], Lines::Unicode),
            "\
production drop[a b]
└─ drop[a b,2] (asks first)       deploy.rhai:3
   ├─ needs tmp/x.yml (if older)  needed at deploy.rhai:3
   ├─ (on failure)                deploy.rhai:4
   └─ (always)                    deploy.rhai:5
"
        );
    }

    #[test]
    fn an_empty_plan_is_its_title() {
        assert_eq!(render("production", &[], Lines::Unicode), "production\n");
    }
}
