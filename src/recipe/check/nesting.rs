//! What cannot stand inside `on`: another `on`, and tasks. Followed through the blocks that keep the host, and through
//! functions of the file, there only as far as nothing decides whether it is reached.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::recipe::check::files::Files;
use crate::recipe::check::known::Known;
use crate::recipe::check::outline::{Body, CallSite, Outline};

/// Functions whose block runs on the host that runs them.
const ON_THE_SAME_HOST: &[&str] = &["within", "with", "as_user", "umask", "shield", "batch"];
/// Functions that run a task.
const OF_TASKS: &[&str] = &["invoke", "invoke_again"];

/// Every `on` and every task inside `on`.
#[must_use]
pub fn inside_on(files: &Files) -> Vec<Error> {
    let mut errors = Vec::new();
    for file in &files.own {
        let mut seen = BTreeSet::new();
        for (_, call) in file.calls().filter(|(_, call)| is(call, "on")) {
            let mut search = Search { file, outer: call, seen: &mut seen, errors: &mut errors };
            for block in blocks(file, call) {
                search.body(block, None);
            }
        }
    }
    errors
}

fn is(call: &CallSite, name: &str) -> bool {
    call.name == name && !call.is_method
}

/// The bodies of the closures a call is given.
fn blocks<'a>(file: &'a Outline, call: &CallSite) -> Vec<&'a Body> {
    let closures = call.args.iter().filter_map(|argument| match &argument.value {
        Known::Closure(function, _) => Some(function.as_str()),
        _ => None,
    });
    closures.filter_map(|function| body(file, function)).collect()
}

fn body<'a>(file: &'a Outline, function: &str) -> Option<&'a Body> {
    file.bodies.iter().find(|body| body.function.as_deref() == Some(function))
}

struct Search<'a> {
    file: &'a Outline,
    outer: &'a CallSite,
    /// Functions that were looked into.
    seen: &'a mut BTreeSet<String>,
    errors: &'a mut Vec<Error>,
}

impl Search<'_> {
    /// Looks through a body; `through` is the function of the file it was reached by.
    fn body(&mut self, body: &Body, through: Option<&str>) {
        for call in body.calls.iter().filter(|call| !call.is_method && (through.is_none() || !call.is_conditional)) {
            if let Some(error) = wrong(&call.name) {
                let outer = self.file.place(self.outer.position).map(|place| place.to_string()).unwrap_or_default();
                let around = match through {
                    Some(function) => format!("the `on` around the call of `{function}` stands at {outer}"),
                    None => format!("the `on` around it stands at {outer}"),
                };
                let error = error.note(around).at(self.file.place(call.position));
                self.errors.push(error.width(call.name.chars().count()));
            } else if ON_THE_SAME_HOST.contains(&call.name.as_str()) {
                for block in blocks(self.file, call) {
                    self.body(block, through);
                }
            } else if let Some(function) = body_of_function(self.file, call)
                && self.seen.insert(call.name.clone())
            {
                self.body(function, Some(&call.name));
            }
        }
    }
}

/// A function of the file that a call can only mean.
fn body_of_function<'a>(file: &'a Outline, call: &CallSite) -> Option<&'a Body> {
    let mut bodies = file.bodies.iter().filter(|body| body.function.as_deref() == Some(call.name.as_str()));
    let only = bodies.next()?;
    bodies.next().is_none().then_some(only)
}

fn wrong(name: &str) -> Option<Error> {
    if name == "on" {
        let error = Error::recipe("`on` stands inside `on`").rule("on-inside-on");
        return Some(error.help("collect what the inner block needs first, then call `on` a second time"));
    }
    OF_TASKS.contains(&name).then(|| {
        Error::recipe(format!("`{name}` runs a task once for the whole run, but this is inside `on`"))
            .rule("task-inside-on")
            .help("invoke the task before or after the block; the task chooses its hosts itself")
    })
}
