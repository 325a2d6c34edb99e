//! Calls of functions there are not, or not with these arguments, as errors of ours.

use crate::error::Error;
use crate::model::name_list::quoted;
use crate::model::plural::plural;
use crate::model::suggest::{did_you_mean, is_slip};
use crate::recipe::diagnose::kinds::{OF_NOTHING, a_kind, signature, subject};
use crate::recipe::diagnose::of_rhai;
use crate::recipe::diagnose::operators;
use crate::recipe::dsl::{METHODS, functions};
use crate::recipe::old_words;

/// A function a recipe declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// What its parameters are called.
    pub parameters: Vec<String>,
}

impl Declared {
    fn usage(&self) -> String {
        format!("{}({})", self.name, self.parameters.join(", "))
    }
}

/// The error for a call that no function takes. `called` is Rhai's signature, for example `set (&str, i64)`, or a name
/// alone where nothing is known of the arguments; `own` are the functions the recipe declares.
#[must_use]
pub fn unknown_function(called: &str, own: &[Declared]) -> Error {
    let (name, kinds) = signature(called);
    let width = name.chars().count();
    if let Some(error) = kinds.as_ref().and_then(|kinds| operators::wrong(name, kinds)) {
        return error;
    }
    if let Some(function) = functions().find(|function| function.name == name) {
        let count = kinds.map_or(0, |kinds| kinds.len());
        return Error::recipe(format!("`{name}` cannot be called with {}", plural(count, "argument")))
            .width(width)
            .help(format!("call it as `{}`", function.usage));
    }
    if let Some(kinds) = &kinds {
        if let Some(error) = wrong_count(name, kinds.len(), own) {
            return error;
        }
        if let Some(error) = wrong_values(name, kinds).filter(|_| old_words::function(name).is_none()) {
            return error.width(width);
        }
    }
    let unknown = Error::recipe(format!("there is no function `{name}`")).width(width);
    if let Some(there) = old_words::function(name).or_else(|| old_words::method(name)) {
        return unknown.help(there);
    }
    let mut known: Vec<&str> = own.iter().map(|function| function.name.as_str()).collect();
    known.retain(|name| !name.starts_with("anon$"));
    functions().for_each(|function| known.push(function.name));
    METHODS.iter().flat_map(|(_, methods)| *methods).for_each(|method| known.push(method.name));
    let of_rhai = || of_rhai::names().find(|known| is_slip(name, known));
    unknown.maybe_help(did_you_mean(name, known).or_else(|| of_rhai().map(|known| format!("did you mean `{known}`?"))))
}

/// The error for a function of the recipe that is called with more or fewer arguments than it takes; none where the recipe
/// has no such function.
#[must_use]
pub fn wrong_count(name: &str, given: usize, own: &[Declared]) -> Option<Error> {
    let declared: Vec<&Declared> = own.iter().filter(|function| function.name == name).collect();
    let first = declared.first()?;
    if name.starts_with("anon$") {
        let takes = first.parameters.len();
        let (more, than) = if given > takes { (given - takes, "more") } else { (takes - given, "fewer") };
        return Some(
            Error::recipe(format!(
                "the closure is called with {} {than} than it takes",
                if more == 1 { "one argument".to_owned() } else { plural(more, "argument") }
            ))
            .help("its parameters stand between its bars: `|one, two| …`"),
        );
    }
    let width = name.chars().count();
    if declared.iter().any(|function| function.parameters.len() == given) {
        // Rhai has counted what stands before the dot.
        return Some(
            Error::recipe(format!("`{name}` is called behind a dot, and is no method"))
                .width(width)
                .help(format!("write `{}`", first.usage())),
        );
    }
    let takes = if let [one] = &declared[..] {
        plural(one.parameters.len(), "argument")
    } else {
        let counts: Vec<String> = declared.iter().map(|function| function.parameters.len().to_string()).collect();
        format!("{} arguments", counts.join(" or "))
    };
    let takes = takes.replace("0 arguments", "no argument");
    let error = Error::recipe(format!("`{name}` takes {takes}, and is called with {}", none(given))).width(width);
    Some(declared.iter().fold(error, |error, function| error.help(format!("call it as `{}`", function.usage()))))
}

fn none(count: usize) -> String {
    if count == 0 { "none".to_owned() } else { count.to_string() }
}

/// The error for a function of the language that does not take these values; none where the language does not have it.
fn wrong_values(name: &str, kinds: &[&str]) -> Option<Error> {
    let kinds: Vec<String> = kinds.iter().map(|kind| a_kind(kind)).collect();
    let (receiver, given) = kinds.split_first()?;
    let owners = of_rhai::owners(name);
    if owners.is_empty() {
        return None;
    }
    let ways = of_rhai::of(name, receiver);
    if ways.is_empty() {
        let error = Error::recipe(format!("{} has no `{name}`", subject(receiver)));
        let near = did_you_mean(name, of_rhai::behind_the_dot(receiver).filter(|near| *near != name));
        let error = error.maybe_help(near).note(format!("`{name}` is there for {}", whose(&owners)));
        return Some(if receiver.contains("()") { error.help(OF_NOTHING) } else { error });
    }
    let fitting: Vec<_> = ways.iter().filter(|takes| takes.len() == given.len()).collect();
    if fitting.is_empty() {
        let (least, most) = (ways[0].len(), ways[ways.len() - 1].len());
        let takes = if least == most {
            if least == 0 { "no argument".to_owned() } else { plural(least, "argument") }
        } else {
            format!("{least} to {most} arguments")
        };
        return Some(Error::recipe(format!("`{name}` of {receiver} takes {takes}, and gets {}", none(given.len()))));
    }
    let wrong = (0..given.len())
        .find(|at| fitting.iter().all(|takes| takes[*at].is_some_and(|kind| kind != given[*at])))
        .unwrap_or(0);
    let mut expected: Vec<&str> = fitting.iter().filter_map(|takes| takes.get(wrong).copied().flatten()).collect();
    expected.sort_unstable();
    expected.dedup();
    let what = if given.len() > 1 { format!("argument {} ", wrong + 1) } else { String::new() };
    let found = given.get(wrong)?;
    let error = Error::recipe(format!("`{name}` of {receiver} takes {what}{}, and got {found}", expected.join(" or ")));
    Some(if found.contains("()") { error.help(OF_NOTHING) } else { error })
}

/// The kinds that have a method; bytes are rarely meant where there is another.
fn whose(owners: &[&str]) -> String {
    let known: Vec<&str> = owners.iter().copied().filter(|owner| *owner != "bytes" || owners.len() == 1).collect();
    match &known[..] {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => known.concat(),
    }
}

/// Help for a name behind the dot of one of our own types.
pub(super) fn known_names<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> (Option<String>, String) {
    (did_you_mean(name, known.clone()), quoted(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Message and help of a call, where the recipe declares `fn restart_app(name, signal)`.
    fn told(called: &str) -> (String, Vec<String>) {
        let own = [Declared { name: "restart_app".into(), parameters: vec!["name".into(), "signal".into()] }];
        let error = unknown_function(called, &own);
        (error.to_string(), error.parts().help.clone())
    }

    fn told_with(called: &str, message: &str, help: &[&str]) {
        let help = help.iter().map(ToString::to_string).collect();
        assert_eq!(told(called), (message.to_owned(), help), "{called}");
    }

    const TEXT: &str = "&str | ImmutableString | String";

    #[test]
    fn a_known_function_with_a_wrong_count_shows_its_usage() {
        told_with(
            &format!("set ({TEXT})"),
            "`set` cannot be called with 1 argument",
            &["call it as `set(name, value)`"],
        );
    }

    #[test]
    fn an_unknown_function_gets_a_suggestion() {
        told_with(&format!("exeucte ({TEXT})"), "there is no function `exeucte`", &["did you mean `execute`?"]);
        told_with("restart_ap", "there is no function `restart_ap`", &["did you mean `restart_app`?"]);
        told_with("to_uper", "there is no function `to_uper`", &["did you mean `to_upper`?"]);
    }

    #[test]
    fn ruby_words_are_answered_in_rhai() {
        told_with("puts (&str)", "there is no function `puts`", &["print a line with `info(\"…\")`"]);
        told_with(&format!("upcase ({TEXT})"), "there is no function `upcase`", &["write `text.to_upper()`"]);
    }

    #[test]
    fn a_function_of_the_recipe_shows_what_it_takes() {
        let usage = "call it as `restart_app(name, signal)`";
        told_with("restart_app (i64)", "`restart_app` takes 2 arguments, and is called with 1", &[usage]);
        told_with("restart_app ()", "`restart_app` takes 2 arguments, and is called with none", &[usage]);
        told_with(
            "restart_app (i64, i64)",
            "`restart_app` is called behind a dot, and is no method",
            &["write `restart_app(name, signal)`"],
        );
    }

    #[test]
    fn methods_of_the_language_name_whose_they_are() {
        told_with("trim (i64)", "a number has no `trim`", &[]);
        told_with("len (())", "nothing, `()`, has no `len`", &[OF_NOTHING]);
        told_with("push (array)", "`push` of a list takes 1 argument, and gets none", &[]);
        told_with(
            &format!("split ({TEXT}, map)"),
            "`split` of a string takes a number or a string, and got a map",
            &[],
        );
    }
}
