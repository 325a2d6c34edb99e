//! Lists of tasks: `-T`, `-A`, `-D`, `-W` and `-P`.
//!
//! Owns their layout, which is that of Rake where Rake has one, so that scripts that read `cap -T` can read ours. Tasks
//! are sorted by name. Each list ends with a line end, or is empty when no task is selected.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::model::task::{LinkKind, Task, Tasks};
use crate::model::task_call::Call;
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
            let call = Call { name: link.name.clone(), args: link.args.clone() };
            (format!("    {how} {call}"), file_line(&link.place))
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
#[path = "listing_tests.rs"]
mod tests;
