//! The host functions for Rhai's language server: a definition file, from the table.

use crate::recipe::docs::functions::{Entry, all, kinds};
use crate::recipe::docs::layout::{plain, wrapped};
use crate::recipe::docs::modules::{Function, functions};
use crate::recipe::dsl::signature::{Parameter, Times, ValueKind};
use crate::recipe::stdlib::MODULES;

/// What stands at the top.
const HEAD: &str = "\
/// What recipes of windlass can call. Written by `windlass definitions`; do not change it by hand.
module static;
";

/// Words the language server keeps for itself: it reads no declaration of them, and marks their calls.
const KEPT: &[&str] = &["with", "exit"];

/// What the language server does not know of Rhai itself, and recipes call.
const OF_RHAI: &str = "
/// What stands behind the name of a script on its line.
let args: Array;

/// Print a text; `info` says it in the form of the output.
fn print(text: ?) -> ();

/// The number a text is.
fn parse_int(text: String) -> int;

/// The number a text is, in another base.
fn parse_int(text: String, base: int) -> int;

/// The number a text is.
fn parse_float(text: String) -> float;

/// The larger one.
fn max(one: ?, other: ?) -> ?;

/// The smaller one.
fn min(one: ?, other: ?) -> ?;

/// Numbers up to another one, without that.
fn range(from: int, to: int) -> ?;

/// The same in steps.
fn range(from: int, to: int, step: int) -> ?;
";

/// The file, in the form the language server reads (`rhai.ungram` of github.com/rhaiscript/lsp).
#[must_use]
pub fn definitions() -> String {
    let known = all().filter(|entry| !KEPT.contains(&entry.function.name));
    let of_windlass = known.fold(HEAD.to_owned(), |text, entry| text + "\n" + &definition(&entry));
    let of_recipes =
        MODULES.iter().flat_map(|(name, text)| functions(text).into_iter().map(move |f| of_recipe(name, &f)));
    of_windlass + &of_recipes.collect::<String>() + OF_RHAI
}

/// A function that is there once its stock recipe is required.
fn of_recipe(module: &str, function: &Function) -> String {
    let about = wrapped(&plain(&function.about), "/// ");
    let (name, rest) = function.signature.split_once('(').unwrap_or((&function.signature, ""));
    let names = rest.trim_end_matches(')').split(", ").filter(|name| !name.is_empty());
    let parameters: Vec<String> = names.map(|name| format!("{name}: ?")).collect();
    format!("\n{about}///\n/// `require(\"{module}\");` brings it.\nfn {name}({}) -> ?;\n", parameters.join(", "))
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
        for line in text.lines().filter(|line| line.starts_with("fn ")) {
            // Names that Rhai lets no script define.
            let line = &line.replace("fn debug(", "fn debug_(").replace("fn print(", "fn print_(");
            let script = as_script(line).unwrap_or_else(|| panic!("what is `{line}`?"));
            let ast = engine.compile(&script).unwrap_or_else(|error| panic!("{error}: {script}"));
            declared.extend(ast.iter_functions().map(|function| function.name.trim_end_matches('_').to_owned()));
        }
        let known = all().map(|entry| entry.function.name).filter(|name| !KEPT.contains(name));
        let known: BTreeSet<String> = known.map(str::to_owned).collect();
        assert!(declared.is_superset(&known), "{:?}", known.difference(&declared));
        assert!(declared.contains("service"), "functions of stock recipes are among them");
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
    fn what_is_said_of_rhai_is_so() {
        let engine = rhai::Engine::new();
        for (script, kind) in [
            ("parse_int(\"7\")", "i64"),
            ("parse_int(\"ff\", 16)", "i64"),
            ("parse_float(\"7\")", "f64"),
            ("max(1, 2) + min(1, 2)", "i64"),
            ("let n = 0; for i in range(0, 3) { n += i; } for i in range(0, 3, 2) { n += i; } n", "i64"),
            ("print(\"\")", "()"),
        ] {
            assert_eq!(engine.eval::<rhai::Dynamic>(script).unwrap().type_name(), kind, "{script}");
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
