//! The host functions for Rhai's language server: a definition file, from the table.

use crate::recipe::docs::functions::{Entry, all, kinds};
use crate::recipe::docs::layout::{plain, wrapped};
use crate::recipe::dsl::signature::{Parameter, Times, ValueKind};

/// What stands at the top.
const HEAD: &str = "\
/// What recipes of windlass can call. Written by `windlass definitions`; do not change it by hand.
module static;
";

/// Words the language server keeps for itself: it reads no declaration of them, and marks their calls.
const KEPT: &[&str] = &["with", "exit"];

/// The file, in the form the language server reads (`rhai.ungram` of github.com/rhaiscript/lsp).
#[must_use]
pub fn definitions() -> String {
    let known = all().filter(|entry| !KEPT.contains(&entry.function.name));
    known.fold(HEAD.to_owned(), |text, entry| text + "\n" + &definition(&entry))
}

/// One function: its documentation, and a declaration for each way to leave something out.
fn definition(entry: &Entry) -> String {
    let function = entry.function;
    let usage: Vec<String> = function.usage.split(" or ").map(|usage| format!("/// {usage}\n")).collect();
    let option = |option: &Parameter| format!("/// - `{}`: {}\n", option.name, kinds(option.kinds));
    let options: Vec<String> = function.options().map(option).collect();
    let head = if options.is_empty() { "" } else { "///\n/// Options:\n" };
    let options = format!("{head}{}", options.concat());
    let about = wrapped(&plain(function.about), "/// ");
    let doc = format!("{about}///\n/// ```rhai\n{}/// ```\n{options}", usage.concat());
    // What a method is of counts as its first argument.
    let receiver = entry.of.map(|of| format!("{}: ?", of.trim_start_matches("a ")));
    let ways = ways(function.takes);
    let declared = ways.into_iter().map(|way| {
        let parameters: Vec<String> = receiver.iter().cloned().chain(way.into_iter().map(parameter)).collect();
        format!("{doc}fn {}({}) -> {};\n", function.name, parameters.join(", "), types(function.gives))
    });
    declared.collect::<Vec<_>>().concat()
}

/// The parameters without and with each of those that may be left out. What stands behind one that may be repeated
/// cannot be told apart from it.
fn ways(takes: &'static [Parameter]) -> Vec<Vec<&'static Parameter>> {
    let repeated = takes.iter().position(|parameter| matches!(parameter.times, Times::Many | Times::Any));
    let takes = repeated.map_or(takes, |at| &takes[..=at]);
    takes.iter().fold(vec![Vec::new()], |ways, parameter| {
        let with = ways.iter().map(|way| way.iter().copied().chain([parameter]).collect());
        match parameter.times {
            Times::Maybe => ways.iter().cloned().chain(with).collect(),
            _ => with.collect(),
        }
    })
}

fn parameter(parameter: &'static Parameter) -> String {
    // A word that Rhai keeps for itself: no parameter of a script can be called so.
    let name = if parameter.name == "default" { "default_value" } else { parameter.name };
    match parameter.times {
        Times::Many | Times::Any => format!("...{name}: ?"),
        _ => format!("{name}: {}", types(parameter.kinds)),
    }
}

/// Kinds of values as the language server knows them; `?` for what it does not know.
fn types(kinds: &[ValueKind]) -> String {
    if kinds.is_empty() {
        return "?".to_owned();
    }
    let mut types: Vec<&str> = Vec::new();
    for kind in kinds {
        let of_kind: &[&str] = match kind {
            ValueKind::Any | ValueKind::Host | ValueKind::Raw => return "?".to_owned(),
            ValueKind::Text | ValueKind::OneOf(_) | ValueKind::Mode => &["String"],
            ValueKind::Time => &["int", "float", "String"],
            ValueKind::Whole => &["int"],
            ValueKind::Number => &["int", "float"],
            ValueKind::Truth => &["bool"],
            ValueKind::Nothing => &["()"],
            ValueKind::List | ValueKind::Maps(_) => &["Array"],
            ValueKind::Map | ValueKind::Answers | ValueKind::Options => &["Map"],
            ValueKind::Closure => &["Fn"],
        };
        types.extend(of_kind.iter().filter(|name| !types.contains(name)).copied().collect::<Vec<_>>());
    }
    types.join(" | ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A declaration as a function of a script: without types, with a body.
    fn as_script(line: &str) -> Option<String> {
        let (head, parameters) =
            line.strip_prefix("fn ")?.strip_suffix(';')?.rsplit_once(") -> ")?.0.split_once('(')?;
        let names = parameters.split(", ").map(|parameter| parameter.split(':').next().unwrap_or_default());
        let names: Vec<&str> = names.map(|name| name.trim_start_matches("...")).collect();
        Some(format!("fn {head}({}) {{}}", names.join(", ")))
    }

    /// Rhai itself knows no declarations: each is given a body first.
    #[test]
    fn rhai_reads_every_declaration() {
        let text = definitions();
        let engine = rhai::Engine::new();
        let mut declared = BTreeSet::new();
        for line in
            text.lines().filter(|line| !line.starts_with("///") && !line.is_empty() && *line != "module static;")
        {
            // A name that Rhai lets no script define.
            let line = &line.replace("fn debug(", "fn debug_(");
            let script = as_script(line).unwrap_or_else(|| panic!("what is `{line}`?"));
            let ast = engine.compile(&script).unwrap_or_else(|error| panic!("{error}: {script}"));
            declared.extend(ast.iter_functions().map(|function| function.name.trim_end_matches('_').to_owned()));
        }
        let known = all().map(|entry| entry.function.name).filter(|name| !KEPT.contains(name));
        assert_eq!(declared, known.map(str::to_owned).collect());
    }

    /// As the parser of the language server has it, which reads the whole file without an error.
    #[test]
    fn every_declaration_is_in_the_form_of_the_language_server() {
        let kind = r"(\?|\(\)|int|float|bool|String|Array|Map|Fn)";
        let kinds = format!(r"{kind}( \| {kind})*");
        let parameter = format!(r"(\.\.\.)?[a-z_]+: {kinds}");
        let form = format!(r"^fn [a-z_]+\(({parameter}(, {parameter})*)?\) -> {kinds};$");
        let form = regex::Regex::new(&form).expect("a regex of ours is sound");
        for line in definitions().lines().filter(|line| line.starts_with("fn")) {
            assert!(form.is_match(line), "{line}");
        }
    }

    #[test]
    fn what_may_be_left_out_makes_ways_to_call() {
        let lines = |name: &str| {
            let text = definitions();
            text.lines().filter(|line| line.starts_with(&format!("fn {name}("))).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(lines("execute"), ["fn execute(program: ?, ...argument: ?) -> () | bool;"]);
        assert_eq!(
            lines("on"),
            ["fn on(hosts: ?, block: Fn) -> Map;", "fn on(hosts: ?, options: Map, block: Fn) -> Map;"]
        );
    }

    /// The text is one that the language server takes apart by lines: comments, the head, declarations.
    #[test]
    fn documentation_stands_above_each() {
        let text = definitions();
        assert!(text.contains("///\n/// ```rhai\n/// on(hosts, #{ run:"), "{text}");
        assert!(text.contains("/// - `max_fail`: "), "{text}");
        assert_eq!(text.matches("\nmodule static;\n").count(), 1);
    }
}
