//! Names of tasks in bodies, which are looked up when they run; and tasks that are declared by nobody.

use std::collections::HashMap;

use crate::error::{Error, Kind};
use crate::model::suggest::did_you_mean;
use crate::model::task::{Action, Tasks};
use crate::model::task_names::namespace_of;
use crate::recipe::callable::Callable;
use crate::recipe::check::files::Files;
use crate::recipe::check::known::{Arg, Known};
use crate::recipe::check::outline::{Body, CallSite, Outline};
use crate::recipe::check::stage::Stage;

/// Tasks of one stage, and from which namespaces the closures of the files look for names.
struct Lookup<'a> {
    tasks: &'a Tasks<Callable>,
    scopes: HashMap<(String, String), Vec<&'a str>>,
}

impl<'a> Lookup<'a> {
    fn of(tasks: &'a Tasks<Callable>) -> Self {
        let mut scopes: HashMap<_, Vec<&str>> = HashMap::new();
        for task in tasks.iter() {
            let steps = task.actions.iter().filter_map(|action| match action {
                Action::Body { body, .. } => Some(body),
                Action::After(_) => None,
            });
            for body in steps.chain(task.endings.iter().map(|ending| &ending.body)) {
                if let Some(place) = body.place() {
                    let key = (place.file.to_string(), body.function().to_owned());
                    scopes.entry(key).or_default().push(namespace_of(&task.name));
                }
            }
        }
        Self { tasks, scopes }
    }

    /// The namespaces from which names in a body are looked up; none where that depends on who calls it.
    fn scopes(&self, file: &Outline, body: &Body) -> Option<&[&'a str]> {
        file.around(body).find_map(|body| {
            let key = (file.file.to_string(), body.function.clone()?);
            self.scopes.get(&key).map(Vec::as_slice)
        })
    }

    fn finds(&self, name: &str, file: &Outline, body: &Body) -> bool {
        if let Some(scopes) = self.scopes(file, body) {
            return scopes.iter().any(|scope| self.tasks.resolve(name, scope).is_some());
        }
        let ending = format!(":{}", name.trim_start_matches("rake:").trim_start_matches('^'));
        self.tasks.resolve(name, "").is_some() || self.tasks.names().any(|known| known.ends_with(&ending))
    }
}

/// Tasks that are invoked and that no stage has.
#[must_use]
pub fn unknown(files: &Files, stages: &[Stage]) -> Vec<Error> {
    let lookups: Vec<Lookup<'_>> = stages.iter().filter_map(|stage| stage.world.tasks.get()).map(Lookup::of).collect();
    if lookups.len() < stages.len() || files.is_blind {
        return Vec::new();
    }
    let mut errors = Vec::new();
    for (file, body, call) in files.own_calls() {
        let Some((argument, name)) = invoked(call) else { continue };
        if lookups.iter().all(|lookup| !lookup.finds(name, file, body)) {
            let lookup = &lookups[0];
            let scope = lookup.scopes(file, body).and_then(<[&str]>::first).copied().unwrap_or_default();
            errors.push(at(lookup.tasks.unknown(Kind::Recipe, name, scope), file, argument, name));
        }
    }
    errors
}

/// The task that a call invokes by a name that stands there.
fn invoked(call: &CallSite) -> Option<(&Arg, &str)> {
    let is_invoke = !call.is_method && ["invoke", "invoke_again"].contains(&call.name.as_str());
    let argument = call.args.first().filter(|_| is_invoke)?;
    Some((argument, argument.text()?))
}

/// Tasks in functions that nobody calls, so that no stage has them.
#[must_use]
pub fn unreachable(files: &Files) -> Vec<Error> {
    let mut errors = Vec::new();
    for (file, body, call) in files.own_calls() {
        let Some(name) = call.first_text().filter(|_| call.name == "task" && !call.is_method) else { continue };
        let Some(function) = file.around(body).last().and_then(|body| body.function.as_deref()) else { continue };
        let is_called = function.starts_with("anon$")
            || files.say(function)
            || files.all().any(|file| file.calls().any(|(_, call)| call.name == function));
        if !is_called {
            let error =
                Error::recipe(format!("no stage has the task `{name}`: it is declared in a function nobody calls"))
                    .rule("unreachable-task")
                    .help(format!("call it at the top of a file: `{function}(…);`"));
            errors.push(at(error, file, &call.args[0], name));
        }
    }
    errors
}

/// Stages that are compared with the one of the run, and that there are not.
#[must_use]
pub fn unknown_stages(files: &Files, stages: &[String]) -> Vec<Error> {
    let mut errors = Vec::new();
    for (file, _, call) in files.own_calls() {
        if !call.is_operator || !["==", "!="].contains(&call.name.as_str()) {
            continue;
        }
        let is_stage =
            |arg: &Arg| matches!(&arg.value, Known::Call(name, Some(first)) if name == "fetch" && first == "stage");
        let [one, other] = &call.args[..] else { continue };
        let compared = if is_stage(one) {
            other
        } else if is_stage(other) {
            one
        } else {
            continue;
        };
        let Some(name) = compared.text().filter(|name| !stages.iter().any(|stage| stage == name)) else { continue };
        let error = Error::recipe(format!("there is no stage `{name}`, so this is the same in every run"))
            .rule("unknown-stage")
            .maybe_help(did_you_mean(name, stages.iter().map(String::as_str)))
            .note(format!("the stages are {}", stages.join(", ")));
        errors.push(at(error, file, compared, name));
    }
    errors
}

/// An error at an argument that is a text.
pub(super) fn at(error: Error, file: &Outline, argument: &Arg, text: &str) -> Error {
    let quotes = 2;
    let is_text = matches!(argument.value, Known::Text(_));
    let width = if is_text { text.escape_default().count() + quotes } else { 0 };
    error.at(file.place(argument.position)).width(width)
}
