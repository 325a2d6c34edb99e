//! Errors as text, in the manner of rustc, always in the same order.
//!
//! Message; place with the source line; host; the failed command, how it ended and the last it printed; the way there;
//! notes; help; causes, one block per host or group of hosts. This is a pure function of the error: it prints nothing
//! and reads no file; source texts come through [`Sources`].

use std::sync::Arc;

use annotate_snippets::{Element, Level, Renderer};

use crate::error::{Error, FailedCommand, Kind, Parts, Step};
use crate::report::causes::{Group, group};
use crate::report::clean::{Colours, clean};
use crate::report::style::{Paint, STRONG};
use crate::report::{failed_command, snippet};

/// Where the texts of recipes come from. Files of the built-in library are on no disk.
pub trait Sources {
    /// The whole text of a file, under the name a [`Place`](crate::place::Place) has for it.
    fn text(&self, file: &str) -> Option<Arc<str>>;
}

/// No texts at all: errors show their place without the line.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSources;

impl Sources for NoSources {
    fn text(&self, _file: &str) -> Option<Arc<str>> {
        None
    }
}

/// How text is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether colours are used.
    pub color: bool,
    /// Columns of the terminal; 0 means no limit. Only source lines are shortened, everything else is told in full.
    pub width: usize,
}

/// A trace longer than this is shortened in its middle, as after endless recursion.
const LONGEST_TRACE: usize = 12;
/// Columns by which a cause stands to the right of what it caused.
const INDENT: &str = "  ";
/// Source lines are cut to this width where there is no limit: nobody reads further.
const UNLIMITED: usize = 500;

/// The error as lines of text, each with its end.
#[must_use]
pub fn render(error: &Error, sources: &dyn Sources, options: Options) -> String {
    let host = error.parts().host.as_deref();
    let facts = error.parts().command.as_ref().map(|command| failed_command::facts(&[(host, command)]));
    block(error, host, &facts.unwrap_or_default(), sources, options)
}

/// One error with its causes. Host and command facts are given: a group of errors shares them.
fn block(
    error: &Error,
    host: Option<&str>,
    command: &[(String, String)],
    sources: &dyn Sources,
    options: Options,
) -> String {
    let parts = error.parts();
    let mut elements = Vec::new();
    let level = match parts.kind {
        Kind::Cancelled => Level::WARNING.with_name("cancelled"),
        Kind::Exit(_) => Level::NOTE.with_name("stopped"),
        _ => Level::ERROR,
    };
    elements.extend(host.map(|host| fact("host", host)));
    // These two were asked for: where and why suffices.
    if matches!(parts.kind, Kind::Cancelled | Kind::Exit(_)) {
        if let Some(place) = &parts.place {
            elements.insert(0, snippet::origin(place));
        }
    } else {
        if let Some(place) = &parts.place {
            elements.insert(0, snippet::location(place, parts.width, sources));
        }
        elements.extend(command.iter().map(|(label, text)| fact(label, text)));
        elements.extend(thrown(parts));
        elements.extend(trace(&parts.trace));
    }
    elements.extend(parts.notes.iter().map(|note| Level::NOTE.message(lines(note)).into()));
    elements.extend(parts.help.iter().map(|help| Level::HELP.message(lines(help)).into()));

    let renderer = if options.color { Renderer::styled() } else { Renderer::plain() };
    let width = if options.width == 0 { UNLIMITED } else { options.width };
    let title = level.primary_title(lines(&parts.message));
    let mut text = renderer.term_width(width).render(&[title.elements(elements)]);
    text.push('\n');
    for group in group(&parts.causes) {
        text.push_str(&cause(&group, sources, options));
    }
    text
}

/// A group of causes under its heading.
fn cause(group: &Group<'_>, sources: &dyn Sources, options: Options) -> String {
    let width = if options.width == 0 { 0 } else { options.width.saturating_sub(INDENT.len()).max(1) };
    let runs: Vec<(Option<&str>, &FailedCommand)> = group
        .members
        .iter()
        .filter_map(|member| Some((member.parts().host.as_deref(), member.parts().command.as_ref()?)))
        .collect();
    let inner = block(group.first(), None, &failed_command::facts(&runs), sources, Options { width, ..options });
    let mut text = format!("\n{}\n", Paint { color: options.color }.on(STRONG, &group.heading()));
    for line in inner.lines() {
        if !line.is_empty() {
            text.push_str(INDENT);
            text.push_str(line);
        }
        text.push('\n');
    }
    text
}

/// A labelled text.
fn fact(label: &str, text: &str) -> Element<'static> {
    Level::NOTE.with_name(label.to_owned()).message(lines(text)).into()
}

/// What a recipe threw, where the message does not say it already.
fn thrown(parts: &Parts) -> Option<Element<'static>> {
    parts.thrown.as_deref().filter(|thrown| !parts.message.contains(thrown)).map(|thrown| fact("thrown", thrown))
}

/// The way from the command line to the error, outermost first.
fn trace(steps: &[Step]) -> Option<Element<'static>> {
    let line = |step: &Step| match &step.place {
        Some(place) => format!("{} at {place}", step.label),
        None => step.label.clone(),
    };
    let shown: Vec<String> = if steps.len() > LONGEST_TRACE {
        let (first, last) = (&steps[..4], &steps[steps.len() - (LONGEST_TRACE - 4)..]);
        let gap = format!("… {} steps more …", steps.len() - first.len() - last.len());
        first.iter().map(line).chain([gap]).chain(last.iter().map(line)).collect()
    } else {
        steps.iter().map(line).collect()
    };
    (!shown.is_empty()).then(|| fact("trace", &shown.join("\n")))
}

/// A text of one or several lines without control characters.
fn lines(text: &str) -> String {
    text.lines().map(|line| clean(line, Colours::Strip)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
#[path = "diagnostic_tests.rs"]
mod tests;
