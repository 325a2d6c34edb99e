//! Pages of host functions, from their table.

use crate::recipe::docs::layout::{heading, plain, rows, wrapped};
use crate::recipe::dsl::signature::{ANY, NEVER, NOTHING, Parameter, Times, ValueKind};
use crate::recipe::dsl::table::Function;
use crate::recipe::dsl::{FAMILIES, METHODS};

/// A host function, or a method, with the family it belongs to.
#[derive(Clone, Copy)]
pub struct Entry {
    /// What it is listed under.
    pub family: &'static str,
    /// What it is a method of, if it is one.
    pub of: Option<&'static str>,
    /// Its row.
    pub function: &'static Function,
}

impl Entry {
    /// Its name: `execute`, `unit.restart`.
    #[must_use]
    pub fn name(&self) -> String {
        let of = self.of.map(|of| format!("{}.", of.trim_start_matches("a "))).unwrap_or_default();
        format!("{of}{}", self.function.name)
    }

    /// Everything about it.
    #[must_use]
    pub fn page(&self) -> String {
        let function = self.function;
        let kind = match self.of {
            None => format!("function: {}", self.family),
            Some(of) => format!("method of {of}"),
        };
        let usage: Vec<String> = function.usage.split(" or ").map(|usage| format!("    {usage}\n")).collect();
        let mut page = heading(&self.name(), &kind) + &usage.concat() + "\n" + &wrapped(&plain(function.about), "");
        if !function.takes.is_empty() {
            page.push_str(&format!("\nIt takes:\n\n{}", rows(&parameters(function.takes.iter()))));
        }
        if function.options().next().is_some() {
            page.push_str(&format!("\nIts options:\n\n{}", rows(&parameters(function.options()))));
        }
        page.push_str(&given(function.gives));
        page
    }
}

/// Every host function, then every method.
pub fn all() -> impl Iterator<Item = Entry> {
    let functions = FAMILIES
        .iter()
        .flat_map(|(family, functions)| functions.iter().map(move |function| Entry { family, of: None, function }));
    let methods = METHODS
        .iter()
        .flat_map(|(of, methods)| methods.iter().map(move |function| Entry { family: of, of: Some(of), function }));
    functions.chain(methods)
}

/// What a function gives, in words; nothing where that is any value, of which the rest of its page tells.
fn given(gives: &'static [ValueKind]) -> String {
    match gives {
        ANY => String::new(),
        NEVER => "\nIt always raises.\n".to_owned(),
        NOTHING => "\nIt gives nothing.\n".to_owned(),
        gives => format!("\nIt gives {}.\n", kinds(gives)),
    }
}

/// All of them by family, each with its first sentence.
#[must_use]
pub fn list() -> String {
    let mut text = String::new();
    for (family, functions) in FAMILIES.iter().chain(METHODS) {
        let title = if family.starts_with("a ") { format!("Methods of {family}") } else { (*family).to_owned() };
        let row = |function: &Function| (function.name, first_sentence(&plain(function.about)));
        text.push_str(&format!("{title}\n\n{}\n", rows(&functions.iter().map(row).collect::<Vec<_>>())));
    }
    text
}

/// The text up to the first full stop or colon that ends a clause.
pub(super) fn first_sentence(text: &str) -> String {
    let end = text.char_indices().find(|(at, letter)| {
        let next = text[at + letter.len_utf8()..].chars().next();
        (*letter == '.' || *letter == ':' || *letter == ';') && next.is_none_or(char::is_whitespace)
    });
    end.map_or(text, |(at, _)| &text[..at]).to_owned()
}

fn parameters(parameters: impl Iterator<Item = &'static Parameter>) -> Vec<(&'static str, String)> {
    let times = |times: Times| match times {
        Times::Once => "",
        Times::Maybe => "; may be left out",
        Times::Many => "; once or more",
        Times::Any => "; any number of them",
    };
    let said = |parameter: &'static Parameter, is_option: bool| {
        (parameter.name, format!("{}{}", kinds(parameter.kinds), if is_option { "" } else { times(parameter.times) }))
    };
    let all: Vec<&Parameter> = parameters.collect();
    // Every option may be left out.
    let are_options =
        all.iter().all(|parameter| parameter.times == Times::Maybe) && all.iter().all(|p| p.name != "options");
    all.into_iter().map(|parameter| said(parameter, are_options)).collect()
}

/// Kinds of values in words.
#[must_use]
pub fn kinds(kinds: &[ValueKind]) -> String {
    let words: Vec<String> = kinds.iter().map(kind).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} or {last}", before.join(", ")),
        None => String::new(),
    }
}

fn kind(kind: &ValueKind) -> String {
    match kind {
        ValueKind::Any => "any value",
        ValueKind::Text => "a text",
        ValueKind::OneOf(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            return match words.split_last() {
                Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
                _ => words.concat(),
            };
        }
        ValueKind::Mode => "permission bits, such as \"0640\"",
        ValueKind::Time => "seconds, or a text such as \"5m\"",
        ValueKind::Whole => "a whole number",
        ValueKind::Number => "a number",
        ValueKind::Truth => "true or false",
        ValueKind::Nothing => "()",
        ValueKind::List => "a list",
        ValueKind::Maps(keys) => {
            let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
            return format!("a list of maps with {}", names.join(", "));
        }
        ValueKind::Map => "a map",
        ValueKind::Options => "a map of its options",
        ValueKind::Closure => "a closure",
        ValueKind::Host => "a host",
        ValueKind::Raw => "raw(…)",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(name: &str) -> String {
        all().find(|entry| entry.name() == name).unwrap().page()
    }

    #[test]
    fn a_page_says_how_it_is_called_and_what_it_takes() {
        let page = page("execute");
        assert!(page.starts_with("execute ") && page.lines().next().unwrap().ends_with("function: Commands"), "{page}");
        assert!(page.contains("\n    execute(\"a shell line\")\n"), "{page}");
        assert!(
            page.contains("  argument  a text, a number, true or false, raw(…) or a list; any number of them\n"),
            "{page}"
        );
        assert!(page.contains("\nIts options:\n\n  help "), "{page}");
    }

    #[test]
    fn methods_are_known_by_what_they_are_of() {
        let page = page("unit.kill");
        assert!(page.lines().next().unwrap().ends_with("method of a unit"), "{page}");
        assert!(page.contains("while_locked"), "{page}");
    }

    #[test]
    fn a_first_sentence_ends_where_it_ends() {
        assert_eq!(first_sentence("Write `config/deploy.rhai`. Then more."), "Write `config/deploy.rhai`");
        assert_eq!(first_sentence("The releases: `#{ releases: […] }`"), "The releases");
    }
}
