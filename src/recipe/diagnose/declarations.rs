//! Functions, closures and loops that are declared in a way that cannot be read.

use rhai::ParseErrorType;

use crate::error::Error;
use crate::model::plural::plural;
use crate::recipe::diagnose::around::Around;

/// The error for a declaration that cannot be read; none where it is about something else.
pub(super) fn mistaken(kind: &ParseErrorType, around: Around<'_>) -> Option<Error> {
    match kind {
        ParseErrorType::WrongFnDefinition => Some(
            Error::recipe("a function is declared inside a task, a function or a block")
                .width(2)
                .help("declare it at the top of the file, outside of everything")
                .help("or keep a closure in a variable: `let twice = |x| x * 2; twice.call(4)`"),
        ),
        ParseErrorType::FnDuplicatedDefinition(name, count) => Some(
            Error::recipe(format!("`{name}` with {} is declared twice", parameters(*count)))
                .help("rename one of them, or give it another number of parameters"),
        ),
        ParseErrorType::FnDuplicatedParam(name, parameter) => Some(
            Error::recipe(format!("the parameter `{parameter}` of {} stands there twice", called(name)))
                .width(parameter.chars().count()),
        ),
        ParseErrorType::FnMissingParams(name) => Some(
            Error::recipe(format!("{} has no parameters in parentheses", called(name)))
                .help(format!("write `fn {name}() {{ … }}`, with what it takes between the parentheses")),
        ),
        ParseErrorType::FnMissingBody(name) => {
            Some(Error::recipe(format!("{} does nothing", called(name))).help("say what it does in braces: `{ … }`"))
        }
        ParseErrorType::FnMissingName => {
            Some(Error::recipe("a function has no name").help("write `fn name(one, two) { … }`"))
        }
        ParseErrorType::WrongExport => Some(
            Error::recipe("`export` stands inside a block")
                .help("export at the top of the file, outside of everything"),
        ),
        ParseErrorType::WrongSwitchDefaultCase => Some(
            Error::recipe("the case `_` of a `switch` is not the last one")
                .help("put it at the end: it takes all that is left"),
        ),
        ParseErrorType::MissingToken(_, why) if why.contains("parameters of function") => parameter(around),
        ParseErrorType::MissingToken(_, why) if why.contains("anonymous function") => Some(
            Error::recipe("the parameters of a closure have no `|` behind them")
                .help("write `|host| { … }`, with `,` between several"),
        ),
        ParseErrorType::MissingToken(token, why) if token == "in" || why.contains("iteration variable") => {
            Some(Error::recipe("`for` has no `in`").help("write `for item in list { … }`"))
        }
        ParseErrorType::MissingToken(token, _) if token == ";" && is_declared(around) => {
            let name = around.word_before();
            Some(
                Error::recipe(format!("a `=` is missing behind the name of the variable `{name}`"))
                    .help(format!("write `let {name} = value;`")),
            )
        }
        ParseErrorType::MissingToken(token, _) if token == "catch" => {
            Some(Error::recipe("`try` has no `catch`").help("write `try { … } catch (error) { … }`"))
        }
        ParseErrorType::VariableExpected
            if around.before().trim_end().trim_end_matches('(').trim_end().ends_with("for") =>
        {
            Some(Error::recipe("`for` goes through a list or a range").help("write `for i in 0..5 { … }`"))
        }
        _ => None,
    }
}

/// Whether the name of a variable that is declared stands right before a place.
fn is_declared(around: Around<'_>) -> bool {
    let before = around.before().trim_end();
    let declared = before[..before.len() - around.word_before().len()].trim_end();
    declared.ends_with("let") || declared.ends_with("const")
}

/// What is written behind a parameter.
fn parameter(around: Around<'_>) -> Option<Error> {
    let name = around.word_before();
    if around.rest().starts_with('=') {
        return Some(
            Error::recipe(format!("the parameter `{name}` cannot have a default"))
                .help("declare the function a second time without it: `fn f() { f(1) }`"),
        );
    }
    around
        .rest()
        .starts_with(':')
        .then(|| Error::recipe(format!("the parameter `{name}` cannot have a kind")).help("write its name alone"))
}

fn called(name: &str) -> String {
    if name.is_empty() { "a closure".to_owned() } else { format!("the function `{name}`") }
}

fn parameters(count: usize) -> String {
    if count == 0 { "no parameter".to_owned() } else { plural(count, "parameter") }
}
