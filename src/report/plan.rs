//! The plan as a tree.
//!
//! Owns how a plan reads: what runs stands on the left in the order it runs, the place that put it there on the right.

use unicode_width::UnicodeWidthStr;

use crate::model::plan::{Again, How, Node, Step};
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
    Work(String),
}

fn draw(entries: &[Entry<'_>], indent: &str, lines: Lines, rows: &mut Vec<Row>) {
    for (i, entry) in entries.iter().enumerate() {
        let (branch, below) = lines.letters(i + 1 == entries.len());
        match entry {
            Entry::Work(place) => rows.push(Row { left: format!("{indent}{branch}(own steps)"), right: place.clone() }),
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
    };
    let tells_work = steps.iter().any(is_around);
    let entry = |step| match step {
        &Step::Work(ref place) => tells_work.then(|| Entry::Work(file_line(place))),
        Step::Task(node) => Some(Entry::Node(node)),
    };
    steps.iter().filter_map(entry).collect()
}

fn name(node: &Node) -> String {
    let how = match node.how {
        How::Need => "needs ",
        How::Before => "before ",
        How::After => "after ",
        How::Asked | How::Invoked | How::InvokedAgain => "",
    };
    format!("{how}{}{}", node.task, if node.conditional { " (if)" } else { "" })
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
