//! Descriptions that describe no task: `desc` waits for the next task that is declared, wherever that is.

use crate::error::Error;
use crate::recipe::check::files::Files;
use crate::recipe::check::known::Known;
use crate::recipe::check::outline::{Body, CallSite};
use crate::recipe::dsl::functions;

/// What comes after a description.
#[derive(PartialEq, Eq)]
enum Next {
    /// A task, or something that may declare one.
    Task,
    /// Another description, which takes its place.
    Description,
    /// Nothing that says more.
    Nothing,
}

/// Every `desc` that is for nothing.
#[must_use]
pub fn of_nothing(files: &Files) -> Vec<Error> {
    let mut errors = Vec::new();
    for file in &files.own {
        for body in &file.bodies {
            for (number, call) in
                body.calls.iter().enumerate().filter(|(_, call)| is_description(call) && !call.is_conditional)
            {
                let next = after(body, number);
                if next == Next::Task {
                    continue;
                }
                let what = match next {
                    Next::Description => "the next `desc` takes the place of this one, and no task is between them",
                    _ => "no task comes after this `desc`, which describes the task declared next",
                };
                let error = Error::recipe(what)
                    .rule("idle-description")
                    .help("put it right before its task: `desc(\"…\"); task(\"name\", || …);`");
                errors.push(error.at(file.place(call.position)).width(call.name.len()));
            }
        }
    }
    errors
}

fn is_description(call: &CallSite) -> bool {
    call.name == "desc" && !call.is_method
}

/// What comes after a call in its body. Whatever could declare a task counts as one.
fn after(body: &Body, number: usize) -> Next {
    let later = body.calls.iter().skip(number + 1).filter(|call| !call.is_operator);
    for call in later {
        match call.name.as_str() {
            _ if call.is_method => {}
            "desc" => return if call.is_conditional { Next::Task } else { Next::Description },
            "task" | "file_task" | "namespace" | "require" | "eval" | "call" => return Next::Task,
            "before" | "after" if call.args.iter().any(|arg| !matches!(arg.value, Known::Text(_))) => {
                return Next::Task;
            }
            // Functions of files declare tasks for those who call them, as `service` does.
            name if functions().all(|function| function.name != name) && !is_of_rhai(name) => return Next::Task,
            _ => {}
        }
    }
    // A function that ends with one may describe the task of whoever calls it.
    if body.function.as_deref().is_some_and(|function| !function.starts_with("anon$")) {
        Next::Task
    } else {
        Next::Nothing
    }
}

/// Functions of the language, which declare nothing.
fn is_of_rhai(name: &str) -> bool {
    ["print", "len", "type_of", "to_string", "split", "curry", "Fn", "range", "is_def_var", "is_def_fn"].contains(&name)
}
