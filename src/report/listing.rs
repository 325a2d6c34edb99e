//! Lists of tasks: `-T`, `-A`, `-D`, `-W` and `-P`.
//!
//! Owns their layout, which is that of Rake where Rake has one, so that scripts that read `cap -T` can read ours. Tasks
//! are sorted by name. Each list ends with a line end, or is empty when no task is selected.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::model::task::{LinkKind, Task, Tasks};
use crate::model::task_confirm::{Confirm, Message};
use crate::report::file_line::file_line;
use crate::report::pattern::Pattern;

/// Which tasks a list has.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Names to show.
    pub pattern: Pattern,
    /// Whether tasks without a description are shown, as with `-A`.
    pub all: bool,
}

impl Selection {
    fn of<'a, B>(&self, tasks: &'a Tasks<B>) -> Vec<&'a Task<B>> {
        let named =
            |task: &Task<B>| [&task.name].into_iter().chain(&task.aliases).any(|name| self.pattern.matches(name));
        let wanted = |task: &&Task<B>| (self.all || !task.descriptions.is_empty()) && named(task);
        let mut selected: Vec<_> = tasks.iter().filter(wanted).collect();
        selected.sort_by(|a, b| a.name.cmp(&b.name));
        selected
    }
}

/// Narrower than this, a terminal does not tell the truth about its width.
const LEAST_WIDTH: usize = 20;

/// `-T`: a line for each task with the first sentence of its descriptions, cut off at `width` columns if given.
#[must_use]
pub fn tasks<B>(tasks: &Tasks<B>, selection: &Selection, width: Option<usize>) -> String {
    let lines = selection.of(tasks).into_iter().map(|task| (format!("windlass {}", task.signature()), summary(task)));
    let lines: Vec<_> = lines.collect();
    let column = lines.iter().map(|(call, _)| call.width()).max().unwrap_or(0);
    let mut list = String::new();
    for (call, summary) in lines {
        let line = if summary.is_empty() { call } else { format!("{}  # {summary}", padded(&call, column)) };
        list.push_str(&match width {
            Some(width) if width >= LEAST_WIDTH => shortened(line, width),
            _ => line,
        });
        list.push('\n');
    }
    list
}

/// `-D`: each task with its whole descriptions, one after the other.
#[must_use]
pub fn descriptions<B>(tasks: &Tasks<B>, selection: &Selection) -> String {
    let mut list = String::new();
    for task in selection.of(tasks) {
        list.extend(["windlass ", &task.signature(), "\n"]);
        for line in task.descriptions.iter().flat_map(|description| description.lines()) {
            list.extend([format!("    {line}").trim_end(), "\n"]);
        }
        if !task.aliases.is_empty() {
            list.push_str(&format!("    Also called {}.\n", task.aliases.join(", ")));
        }
        if let Some(confirm) = &task.confirm {
            list.push_str(&format!("    Asks first{}\n", question(confirm)));
        }
        list.push('\n');
    }
    list
}

/// `-W`: a line for each definition of each task, described or not, with its file and line.
#[must_use]
pub fn places<B>(tasks: &Tasks<B>, pattern: &Pattern) -> String {
    let selected = Selection { pattern: pattern.clone(), all: true }.of(tasks);
    let rows = selected
        .iter()
        .flat_map(|task| task.places.iter().map(|place| (format!("windlass {}", task.signature()), file_line(place))));
    table(&rows.collect::<Vec<_>>())
}

/// `-P`: each task, described or not, with its other names, what it asks, the files it is made of, and what runs before and
/// after it, how and by which file and line.
#[must_use]
pub fn prerequisites<B>(tasks: &Tasks<B>, pattern: &Pattern) -> String {
    let mut rows = Vec::new();
    for task in (Selection { pattern: pattern.clone(), all: true }).of(tasks) {
        rows.push((format!("windlass {}", task.signature()), String::new()));
        rows.extend(task.aliases.iter().map(|alias| (format!("    also   {alias}"), String::new())));
        rows.extend(task.confirm.as_ref().map(|confirm| {
            (format!("    asks   {}", question(confirm).trim_start_matches(": ")), file_line(&confirm.place))
        }));
        let origins = task.file.iter().flatten();
        rows.extend(origins.map(|origin| (format!("    file   {}", origin.path), file_line(&origin.place))));
        rows.extend(task.links().map(|link| {
            let how = match link.kind {
                LinkKind::Need => "needs ",
                LinkKind::Before => "before",
                LinkKind::After => "after ",
            };
            (format!("    {how} {}", link.name), file_line(&link.place))
        }));
    }
    table(&rows)
}

/// Two columns; a row without a right side does not widen the left one.
fn table(rows: &[(String, String)]) -> String {
    let column = rows.iter().filter(|(_, right)| !right.is_empty()).map(|(left, _)| left.width()).max().unwrap_or(0);
    let row = |(left, right): &(String, String)| {
        if right.is_empty() { format!("{left}\n") } else { format!("{}  {right}\n", padded(left, column)) }
    };
    rows.iter().map(row).collect()
}

/// What a task asks before it runs, where that is known.
fn question<B>(confirm: &Confirm<B>) -> String {
    match &confirm.message {
        Message::Text(text) => format!(": {text}"),
        Message::Made(_) => String::new(),
    }
}

/// The first sentence of each description, joined with ` / `; behind it the other names of the task.
fn summary<B>(task: &Task<B>) -> String {
    let first = task.descriptions.iter().map(|description| first_sentence(description)).collect::<Vec<_>>().join(" / ");
    if task.aliases.is_empty() {
        return first;
    }
    let also = format!("(also {})", task.aliases.join(", "));
    if first.is_empty() { also } else { format!("{first} {also}") }
}

/// The text up to the first `!`, line end, or full stop that ends a word or what stands in brackets or quotes. The stop in
/// `deploy.rhai` or `1.5` ends none, nor do those of `...`.
fn first_sentence(text: &str) -> &str {
    let line = text.lines().next().unwrap_or("");
    let mut before = None;
    for (i, letter) in line.char_indices() {
        let follows_word = before.is_some_and(|before: char| !before.is_whitespace() && before != '.');
        let next = line[i + letter.len_utf8()..].chars().next();
        let stops = next.is_none() || (follows_word && next.is_some_and(|next| matches!(next, ' ' | '\t')));
        if letter == '!' || (letter == '.' && stops) {
            return &line[..i];
        }
        before = Some(letter);
    }
    line
}

/// The text with spaces behind it up to `column` columns.
pub(super) fn padded(text: &str, column: usize) -> String {
    format!("{text}{}", " ".repeat(column.saturating_sub(text.width())))
}

/// The text, cut off with `…` if it has more than `width` columns.
fn shortened(text: String, width: usize) -> String {
    if text.width() <= width {
        return text;
    }
    let mut used = 1;
    let fits = |letter: &char| {
        used += letter.width().unwrap_or(0);
        used <= width
    };
    let kept: String = text.chars().take_while(fits).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::task_graph::{Definition, Graph};
    use crate::place::Place;

    fn define(graph: &mut Graph<()>, line: u32, name: &str, desc: Option<&str>, args: &[&str]) {
        graph.define(Definition {
            desc: desc.map(str::to_owned),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            ..Definition::new(name, Place::new("config/deploy.rhai", line, 1))
        });
    }

    fn sample() -> Tasks<()> {
        let mut graph = Graph::default();
        define(&mut graph, 1, "deploy", Some("Deploy a new release. Keeps the last 5."), &[]);
        define(&mut graph, 5, "db:dump", Some("Dump the database"), &["file", "host"]);
        define(&mut graph, 9, "deploy:check", Some("Check required files.\nThat is:\n\n  linked files"), &[]);
        define(&mut graph, 12, "deploy:check", Some("Check the key"), &[]);
        define(&mut graph, 20, "notify", None, &[]);
        let hook = |line| Place::new("stdlib/notify.rhai", line, 3);
        graph.before("deploy", "deploy:check", "", hook(2));
        graph.after("deploy", "notify", "", hook(3));
        graph.define(Definition { needs: vec!["db:dump".to_owned()], ..Definition::new("deploy", hook(4)) });
        graph.finish().unwrap()
    }

    fn selection(pattern: &str, all: bool) -> Selection {
        Selection { pattern: Pattern::new(pattern), all }
    }

    #[test]
    fn described_tasks_are_listed_by_name() {
        assert_eq!(
            tasks(&sample(), &selection("", false), None),
            "\
windlass db:dump[file,host]  # Dump the database
windlass deploy              # Deploy a new release
windlass deploy:check        # Check required files / Check the key
"
        );
    }

    #[test]
    fn all_tasks_are_listed_on_request() {
        assert_eq!(
            tasks(&sample(), &selection("^[^d]|:dump", true), None),
            "\
windlass db:dump[file,host]  # Dump the database
windlass notify
"
        );
    }

    #[test]
    fn lines_are_cut_off_at_the_width_of_the_terminal() {
        assert_eq!(
            tasks(&sample(), &selection("deploy", false), Some(46)),
            "\
windlass deploy        # Deploy a new release
windlass deploy:check  # Check required files…
"
        );
        assert_eq!(tasks(&sample(), &selection("deploy$", false), Some(24)), "windlass deploy  # Depl…\n");
    }

    /// Airbrussh 1.0.1: terminals that claim to be 0 columns wide.
    #[test]
    fn a_width_that_cannot_be_true_cuts_nothing() {
        let list = tasks(&sample(), &selection("deploy$", false), Some(0));
        assert_eq!(list, "windlass deploy  # Deploy a new release\n");
    }

    #[test]
    fn wide_letters_count_as_two_columns() {
        assert_eq!(shortened("日本語日本語".to_owned(), 12), "日本語日本語");
        assert_eq!(shortened("日本語日本語".to_owned(), 8), "日本語…");
        assert_eq!(padded("日本", 6), "日本  ");
    }

    #[test]
    fn nothing_selected_is_no_output() {
        assert_eq!(tasks(&sample(), &selection("nothing", true), None), "");
        assert_eq!(descriptions(&sample(), &selection("nothing", true)), "");
        assert_eq!(places(&sample(), &Pattern::new("nothing")), "");
        assert_eq!(prerequisites(&sample(), &Pattern::new("nothing")), "");
    }

    #[test]
    fn whole_descriptions() {
        assert_eq!(
            descriptions(&sample(), &selection("check|notify", false)),
            "\
windlass deploy:check
    Check required files.
    That is:

      linked files
    Check the key

"
        );
        assert_eq!(descriptions(&sample(), &selection("notify", true)), "windlass notify\n\n");
    }

    #[test]
    fn every_definition_with_its_line() {
        assert_eq!(
            places(&sample(), &Pattern::All),
            "\
windlass db:dump[file,host]  config/deploy.rhai:5
windlass deploy              config/deploy.rhai:1
windlass deploy              stdlib/notify.rhai:4
windlass deploy:check        config/deploy.rhai:9
windlass deploy:check        config/deploy.rhai:12
windlass notify              config/deploy.rhai:20
"
        );
    }

    #[test]
    fn prerequisites_and_hooks_with_how_and_where() {
        assert_eq!(
            prerequisites(&sample(), &Pattern::new("deploy|notify")),
            "\
windlass deploy
    before deploy:check  stdlib/notify.rhai:2
    needs  db:dump       stdlib/notify.rhai:4
    after  notify        stdlib/notify.rhai:3
windlass deploy:check
windlass notify
"
        );
    }

    #[test]
    fn other_names_questions_and_files_are_shown() {
        let mut graph = Graph::default();
        let place = |line| Place::new("config/deploy.rhai", line, 1);
        let confirm = Some(Confirm { message: Message::Text("Really?".to_owned()), place: place(2) });
        let aliases = vec!["dd".to_owned()];
        graph.define(Definition {
            confirm,
            aliases,
            desc: Some("Drop it.".to_owned()),
            ..Definition::new("drop", place(1))
        });
        let confirm = Some(Confirm { message: Message::Made(()), place: place(4) });
        let (needs, file) = (vec!["x.erb".to_owned(), "drop".to_owned()], Some(String::new()));
        graph.define(Definition { needs, file, confirm, ..Definition::new("tmp/x", place(3)) });
        let made = graph.finish().unwrap();
        assert_eq!(tasks(&made, &selection("", false), None), "windlass drop  # Drop it (also dd)\n");
        assert_eq!(tasks(&made, &selection("^dd$", false), None), "windlass drop  # Drop it (also dd)\n");
        assert_eq!(
            descriptions(&made, &selection("", true)),
            "\
windlass drop
    Drop it.
    Also called dd.
    Asks first: Really?

windlass tmp/x
    Asks first

"
        );
        assert_eq!(
            prerequisites(&made, &Pattern::All),
            "\
windlass drop
    also   dd
    asks   Really?  config/deploy.rhai:2
windlass tmp/x
    asks            config/deploy.rhai:4
    file   x.erb    config/deploy.rhai:3
    needs  drop     config/deploy.rhai:3
"
        );
    }

    /// The cases of Rake's `Task#first_sentence`, and two that it gets wrong.
    #[test]
    fn a_sentence_ends_as_for_rake() {
        for (text, first) in [
            ("Deploy. Then more.", "Deploy"),
            ("Deploy.", "Deploy"),
            ("Deploy! Now", "Deploy"),
            ("Deploy!Now", "Deploy"),
            ("Deploy\nnow", "Deploy"),
            ("Keep 1.5 GB in deploy.rhai free", "Keep 1.5 GB in deploy.rhai free"),
            ("Wait ... then go. Done", "Wait ... then go"),
            ("Grüße an é. Ende", "Grüße an é"),
            ("Show it: logs[200]. Then go", "Show it: logs[200]"),
            ("Ask (once). Then go", "Ask (once)"),
            ("", ""),
        ] {
            assert_eq!(first_sentence(text), first);
        }
    }
}
