//! What Rhai cannot read, as errors of ours: where something is missing, and what was meant.

use rhai::{ParseError, ParseErrorType, Position};

use crate::error::Error;
use crate::place::Place;
use crate::recipe::diagnose::around::Around;
use crate::recipe::diagnose::brackets::{Brackets, above};
use crate::recipe::diagnose::declarations;
use crate::recipe::diagnose::foreign;
use crate::recipe::diagnose::keywords::keyword_at;
use crate::recipe::diagnose::missing::missing;
use crate::recipe::diagnose::running::{constant, fragment, unknown_import, unknown_variable};
use crate::recipe::diagnose::tokens::unreadable;
use crate::recipe::position::place_of;

/// An error found while a script was compiled.
#[must_use]
pub fn diagnose_parse(error: &ParseError, file: &str, text: &str) -> Error {
    parse(error.err_type(), error.position(), Some(file), text).rule("syntax")
}

/// A comment without an end, in which Rhai loses the rest of a file without a word.
///
/// # Errors
/// The place where it begins.
pub fn check_comments(file: &str, text: &str) -> Result<(), Error> {
    if !text.contains("/*") {
        return Ok(());
    }
    let Some(line) = Brackets::before(text, usize::MAX, 1).open_comment() else { return Ok(()) };
    let column = text.lines().nth(line - 1).and_then(|line| line.find("/*")).unwrap_or_default() + 1;
    let clip = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Err(Error::recipe("a comment has no end, and takes the rest of the file with it")
        .at(Some(Place::new(file, clip(line), clip(column))))
        .width(2)
        .rule("syntax")
        .help("write `*/` behind it; a comment in a comment needs an end of its own"))
}

/// The error for what cannot be read at a position.
#[must_use]
pub(super) fn parse(kind: &ParseErrorType, position: Position, file: Option<&str>, text: &str) -> Error {
    let around = Around::new(text, position);
    let end = || {
        let (line, column) = around.end_before();
        file.map(|file| Place::new(file, line, column))
    };
    let error = keyword_at(kind, around)
        .or_else(|| declarations::mistaken(kind, around))
        .or_else(|| foreign::meant(kind, around))
        .unwrap_or_else(|| match kind {
            ParseErrorType::MissingToken(token, why) => missing(token, why, around).at(end()),
            ParseErrorType::BadInput(error) => unreadable(error, around),
            other => told(other, around),
        });
    error.at(place_of(file, position))
}

/// The error for everything else.
fn told(kind: &ParseErrorType, around: Around<'_>) -> Error {
    match kind {
        ParseErrorType::VariableUndefined(name) => unknown_variable(name),
        ParseErrorType::ModuleUndefined(name) => unknown_import(name),
        ParseErrorType::AssignmentToConstant(name) if name.is_empty() => unassignable(),
        ParseErrorType::AssignmentToConstant(name) => constant(name),
        ParseErrorType::Reserved(sign) => Error::recipe(format!("`{sign}` means nothing here")).width(sign.len()),
        ParseErrorType::UnknownOperator(sign) => {
            Error::recipe(format!("`{sign}` is no operator here")).width(sign.len())
        }
        ParseErrorType::UnexpectedEOF => match above(around) {
            Some(note) => Error::recipe("the file ends in the middle of something").note(note),
            None => Error::recipe("the file ends in the middle of something"),
        }
        .help("look for a missing `}`, `)` or `\"`"),
        ParseErrorType::PropertyExpected if around.rest().starts_with(|c: char| c.is_ascii_digit()) => {
            Error::recipe("a number has one point at the most").help("a version is a string: `\"1.2.3\"`")
        }
        ParseErrorType::PropertyExpected => Error::recipe("a name is missing behind the dot, or as a key of a map"),
        ParseErrorType::VariableExpected => Error::recipe("the name of a variable is missing")
            .help("names begin with a letter or `_`: `let name = value;`"),
        ParseErrorType::DuplicatedProperty(name) => Error::recipe(format!("the key `{name}` stands in a map twice"))
            .width(name.chars().count())
            .help("take one of them away"),
        ParseErrorType::MismatchedType(expected, found) => mismatched(expected, found, around),
        ParseErrorType::AssignmentToInvalidLHS(_) => unassignable(),
        ParseErrorType::ExprTooDeep => Error::recipe("brackets stand in brackets too deeply")
            .help("keep what is inside in a variable: `let part = …;`"),
        ParseErrorType::LoopBreak => {
            let word = if around.word().is_empty() { "break" } else { around.word() };
            Error::recipe(format!("`{word}` stands outside of a loop"))
                .width(word.len())
                .help("a task, a function or a closure is left with `return`")
        }
        other => Error::recipe(fragment(&other.to_string())),
    }
}

fn unassignable() -> Error {
    Error::recipe("what stands before the `=` cannot be given a value")
        .help("a variable can, `x = 1`, an element, `x[0] = 1`, and a key of a map, `x.name = 1`")
}

/// A value of another kind than the language takes at a place; the kinds are Rhai's words.
fn mismatched(expected: &str, found: &str, around: Around<'_>) -> Error {
    let word = |text: &str| match text {
        "a boolean expression" => "true or false".to_owned(),
        "an iterable value" => "a list, a range such as `1..5` or a string".to_owned(),
        "an object map" => "a map".to_owned(),
        "an array" => "a list".to_owned(),
        "a character" => "a string".to_owned(),
        other => other.to_owned(),
    };
    let error = Error::recipe(format!("expected {}, and got {}", word(expected), word(found)));
    let rest = around.rest();
    let is_argument = around.before().trim_end().ends_with(['(', ',']);
    if is_argument && rest.contains("||") {
        return error.help("between an argument and the closure behind it stands a `,`: `\"name\", || …`");
    }
    match (expected, found) {
        ("an iterable value", "an object map") => error.help("go through its keys: `for name in map.keys() { … }`"),
        ("an iterable value", "a number") => error.help("count with a range: `for i in 0..5 { … }`"),
        ("a boolean expression", _) => error.help("compare it with something: `value == 5`, `value != \"\"`"),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_error(text: &str) -> Error {
        let error = rhai::Engine::new().compile(text).unwrap_err();
        diagnose_parse(&error, "deploy.rhai", text)
    }

    #[test]
    fn a_missing_semicolon_is_shown_where_it_is_missing() {
        let error = parse_error("let a = 1 // one\n\nlet b = 2;");
        assert_eq!(error.to_string(), "a `;` is missing between two statements");
        assert_eq!(error.parts().place, Some(Place::new("deploy.rhai", 1, 9)));
        assert_eq!(error.parts().help, ["add `;` at the end of line 1"]);
    }

    #[test]
    fn in_is_explained() {
        let error = parse_error("on(hosts, #{ in: \"sequence\" }, |h| 1);");
        assert_eq!(error.to_string(), "`in` is a word of the language, and cannot be a name");
        assert!(error.parts().help[0].contains("`run:`"));
    }

    #[test]
    fn as_is_explained() {
        for text in ["let as = 1;", "f(); as(\"x\", 1);", "fn as() {}"] {
            let error = parse_error(text);
            assert_eq!(error.to_string(), "`as` is a word of the language, and cannot be a name", "{text}");
            assert_eq!(error.parts().help, ["to run commands as another user write `as_user(\"name\", || { … })`"]);
        }
    }

    #[test]
    fn single_quotes_are_explained() {
        let error = parse_error("set('application', 1);");
        assert_eq!(error.to_string(), "`'application'` is no character");
        assert!(error.parts().help[0].contains("`\"application\"`"));
    }

    #[test]
    fn a_missing_brace_is_told_at_the_end_of_what_is_there() {
        let error = parse_error("f(|| {\n  g();\n\n");
        assert_eq!(error.to_string(), "the file ends, and a `}` is missing");
        assert_eq!(error.parts().notes, ["the `{` of line 1 is still open, and 1 more bracket around it"]);
        assert_eq!(error.parts().place, Some(Place::new("deploy.rhai", 2, 6)));
    }

    #[test]
    fn what_is_written_elsewhere_is_told_from_what_is_missing() {
        for (text, message) in [
            ("let v = 1.2.3;", "a number has one point at the most"),
            ("for x of [1] { f(x); }", "`for` has no `in`"),
            ("try { f(); } rescue { }", "`try` has no `catch`"),
            ("if x == 1 then f();", "`then` is no word of the language"),
            ("let x = new Foo();", "`new` is no word of the language"),
            ("var x = 1;", "`var` is no word of the language"),
            ("until true { f(); }", "`until` is a word of the language, and cannot be a name"),
            ("let f = fn(x) { x };", "`fn` is a word of the language, and cannot be a name"),
            ("fn f(a: string) { a }", "the parameter `a` cannot have a kind"),
            ("fn f(a, a) { a }", "the parameter `a` of the function `f` stands there twice"),
            ("fn f()", "the function `f` does nothing"),
            ("if 1 <> 2 { f(); }", "`<>` is no operator here"),
            ("let x = a <=> b;", "`<=>` is no operator here"),
            ("let x = y?.z &.w;", "`&.` is no operator here"),
            ("let x = 1 – 2;", "`–` is a dash of printed text"),
            ("let ü = 1;", "unexpected `ü`"),
            (".f();", "unexpected `.`"),
            ("f(x).;", "a name is missing behind the dot, or as a key of a map"),
            ("let x = 0xZZ;", "a number cannot be read"),
            ("let x = #{ 1: 2 };", "a key of a map, or the `}` at its end, is missing"),
            ("let x = #{ a 2 };", "a `:` is missing behind the key `a` of a map"),
            ("switch 1 { 1 : f() }", "a `=>` is missing in a `switch`"),
            ("switch 1 { _ => 1, 2 => 3 }", "the case `_` of a `switch` is not the last one"),
            ("let x = [1, 2; f(x);", "a `,` or `]` is missing in a list"),
            ("let 1x = 5;", "the name of a variable is missing"),
            ("let x = 5; 5 = x;", "what stands before the `=` cannot be given a value"),
            ("f(|a| { export let x = 1; });", "`export` stands inside a block"),
            ("for x in #{ a: 1 } { f(x); }", "expected a list, a range such as `1..5` or a string, and got a map"),
            ("a::b();", "nothing is imported as `a`"),
        ] {
            let mut engine = rhai::Engine::new();
            crate::recipe::words::free_reserved_words(&mut engine);
            engine.set_strict_variables(text.contains("::"));
            let error = engine.compile(text).unwrap_err();
            assert_eq!(diagnose_parse(&error, "deploy.rhai", text).to_string(), message, "{text}");
        }
    }
}
