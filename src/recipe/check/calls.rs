//! How host functions and methods are called: with how many arguments of which kinds, and with which options.

use crate::error::Error;
use crate::model::dialogue::Prompt;
use crate::model::name_list::quoted;
use crate::model::plural::plural;
use crate::model::suggest::did_you_mean;
use crate::recipe::check::arguments::{assigned, expected, given, may_be};
use crate::recipe::check::files::Files;
use crate::recipe::check::known::{Arg, Known};
use crate::recipe::check::outline::{CallSite, Outline};
use crate::recipe::dsl::signature::{Parameter, ValueKind};
use crate::recipe::dsl::table::Function;
use crate::recipe::dsl::{METHODS, functions};

/// Functions that Rhai has as well, for other arguments.
const OF_RHAI_TOO: &[&str] = &["append", "remove", "debug", "sleep", "any"];

/// What can be typed.
const TYPED: &[ValueKind] = &[ValueKind::Text, ValueKind::Number, ValueKind::Closure];

/// Calls that no function of that name takes.
#[must_use]
pub fn wrong(files: &Files) -> Vec<Error> {
    let own: Vec<&str> =
        files.all().flat_map(|file| &file.bodies).filter_map(|body| body.function.as_deref()).collect();
    let mut errors = Vec::new();
    for (file, _, call) in files.own_calls() {
        if call.is_operator || own.contains(&call.name.as_str()) {
            continue;
        }
        let judge = |function| Judge { file, call, function };
        if call.is_method {
            errors.extend(method(call).into_iter().flat_map(|function| judge(function).options()));
        } else if let Some(function) = functions().find(|function| function.name == call.name) {
            errors.extend(judge(function).all());
        }
    }
    errors
}

/// The method that a call behind a dot can only mean: what stands before the dot is not known, and lists and maps have
/// methods of these names as well. The options of ours tell it from those.
fn method(call: &CallSite) -> Option<&'static Function> {
    let methods = METHODS.iter().flat_map(|(_, methods)| *methods);
    methods.filter(|method| method.options().next().is_some()).find(|method| method.name == call.name)
}

/// A call and the function it is meant for.
struct Judge<'a> {
    file: &'a Outline,
    call: &'a CallSite,
    function: &'static Function,
}

impl Judge<'_> {
    fn all(&self) -> Vec<Error> {
        let is_of_rhai_too = OF_RHAI_TOO.contains(&self.function.name);
        let Some(parameters) = assigned(self.function.takes, &self.call.args) else {
            return if is_of_rhai_too { Vec::new() } else { vec![self.wrong_count()] };
        };
        // `remove(list, 0)` is Rhai's.
        if is_of_rhai_too && !self.call.args.first().is_some_and(|first| may_be(first, self.function.takes[0].kinds)) {
            return Vec::new();
        }
        let pairs = parameters.iter().zip(&self.call.args);
        pairs.flat_map(|(parameter, arg)| self.argument(parameter, arg)).collect()
    }

    fn wrong_count(&self) -> Error {
        let name = self.function.name;
        Error::recipe(format!("`{name}` cannot be called with {}", plural(self.call.args.len(), "argument")))
            .rule("argument-count")
            .help(format!("call it as `{}`", self.function.usage))
            .at(self.file.place(self.call.position))
            .width(name.chars().count())
    }

    fn options(&self) -> Vec<Error> {
        self.call.args.last().map(|last| self.options_in(last)).unwrap_or_default()
    }

    fn argument(&self, parameter: &Parameter, arg: &Arg) -> Vec<Error> {
        if !may_be(arg, parameter.kinds) {
            return vec![self.wrong_kind(parameter, arg).help(format!("call it as `{}`", self.function.usage))];
        }
        match (parameter.kinds, &arg.value) {
            ([ValueKind::Options], _) => self.options_in(arg),
            ([ValueKind::Maps(keys)], Known::List(items)) => {
                items.iter().flat_map(|item| self.keys_in(parameter, keys, item)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn options_in(&self, given: &Arg) -> Vec<Error> {
        let Known::Map(options) = &given.value else { return Vec::new() };
        let judge = |(name, value): &(String, Arg)| {
            let Some(option) = self.function.options().find(|option| option.name == name.as_str()) else {
                let error = self.function.no_option(name).rule("unknown-option");
                return Some(error.at(self.file.place(given.position)).width("#{".len()));
            };
            self.value_of(option, value)
        };
        options.iter().filter_map(judge).collect()
    }

    /// Maps in a list, as `examine_services` takes them.
    fn keys_in(&self, parameter: &Parameter, keys: &'static [Parameter], item: &Arg) -> Vec<Error> {
        let Known::Map(entries) = &item.value else { return Vec::new() };
        let judge = |(name, value): &(String, Arg)| {
            let Some(key) = keys.iter().find(|key| key.name == name.as_str()) else {
                let known = || keys.iter().map(|key| key.name);
                let what =
                    format!("`{name}` is nothing that one of the `{}` of `{}` has", parameter.name, self.call.name);
                let error = Error::recipe(what)
                    .rule("unknown-option")
                    .maybe_help(did_you_mean(name, known()))
                    .note(format!("there are {}", quoted(known())));
                return Some(error.at(self.file.place(item.position)).width("#{".len()));
            };
            self.value_of(key, value)
        };
        entries.iter().filter_map(judge).collect()
    }

    /// `()` stands for an option that is not given.
    fn value_of(&self, option: &Parameter, value: &Arg) -> Option<Error> {
        let is_wrong = !may_be(value, option.kinds) && !matches!(value.value, Known::Nothing);
        if is_wrong {
            return Some(self.wrong_kind(option, value));
        }
        match (option.kinds, &value.value) {
            ([ValueKind::Answers], Known::Map(answers)) => {
                answers.iter().find_map(|(prompt, answer)| self.answer(prompt, answer))
            }
            _ => None,
        }
    }

    /// A prompt that cannot be found, or an answer that cannot be typed.
    fn answer(&self, prompt: &str, answer: &Arg) -> Option<Error> {
        if let Err(error) = Prompt::read(prompt) {
            return Some(error.rule("argument-kind").at(self.file.place(answer.position)).width(1));
        }
        (!may_be(answer, TYPED)).then(|| {
            let given = given(&answer.value);
            Error::recipe(format!("the answer to `{prompt}` has to be {}, and is {given}", expected(TYPED)))
                .rule("argument-kind")
                .at(self.file.place(answer.position))
                .width(1)
        })
    }

    fn wrong_kind(&self, parameter: &Parameter, arg: &Arg) -> Error {
        let (name, expected, given) = (self.function.name, expected(parameter.kinds), given(&arg.value));
        let width = if matches!(arg.value, Known::Text(_) | Known::Number(_) | Known::Truth(_)) {
            given.chars().count()
        } else {
            1
        };
        let meant = match (parameter.kinds, &arg.value) {
            ([ValueKind::OneOf(words)], Known::Text(text)) => did_you_mean(text, words.iter().copied()),
            _ => None,
        };
        Error::recipe(format!("`{name}` expects `{}` as {expected}, and got {given}", parameter.name))
            .rule("argument-kind")
            .maybe_help(meant)
            .at(self.file.place(arg.position))
            .width(width)
    }
}
