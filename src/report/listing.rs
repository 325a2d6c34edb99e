//! Lists of tasks: `-T`, `-A`, `-D`, `-W` and `-P`.
//!
//! Owns their layout, which is that of Rake where Rake has one, so that scripts that read `cap -T` can read ours. Tasks
//! are sorted by name. Each list ends with a line end, or is empty when no task is selected.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::model::task::{LinkKind, Task, Tasks};
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
        let wanted = |task: &&Task<B>| (self.all || !task.descriptions.is_empty()) && self.pattern.matches(&task.name);
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
        list.push_str(&format!("windlass {}\n", task.signature()));
        for line in task.descriptions.iter().flat_map(|description| description.lines()) {
            list.push_str(format!("    {line}").trim_end());
            list.push('\n');
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

/// `-P`: each task, described or not, with what runs before and after it, how and by which file and line.
#[must_use]
pub fn prerequisites<B>(tasks: &Tasks<B>, pattern: &Pattern) -> String {
    let mut rows = Vec::new();
    for task in (Selection { pattern: pattern.clone(), all: true }).of(tasks) {
        rows.push((format!("windlass {}", task.name), String::new()));
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

/// The first sentence of each description, joined with ` / `.
fn summary<B>(task: &Task<B>) -> String {
    task.descriptions.iter().map(|description| first_sentence(description)).collect::<Vec<_>>().join(" / ")
}

/// The text up to the first `!`, line end, or full stop that ends a word. The stop in `deploy.rhai` or `1.5` ends none.
fn first_sentence(text: &str) -> &str {
    let line = text.lines().next().unwrap_or("");
    let mut before = None;
    for (i, letter) in line.char_indices() {
        let follows_word = before.is_some_and(|before: char| before.is_alphanumeric() || before == '_');
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
