//! Which tasks need a server: those whose steps come to `on`, there, in blocks, or in functions they call.

use std::collections::{HashMap, HashSet};

use crate::model::task::{Action, Task};
use crate::recipe::callable::Callable;
use crate::recipe::check::files::Files;
use crate::recipe::check::known::Known;
use crate::recipe::check::outline::{Body, Outline};

/// The functions and closures of all files, by file and name.
pub struct Reach<'a> {
    bodies: HashMap<&'a str, Vec<(&'a Outline, &'a Body)>>,
}

impl<'a> Reach<'a> {
    /// Those of all files.
    #[must_use]
    pub fn of(files: &'a Files) -> Self {
        let mut bodies: HashMap<&str, Vec<_>> = HashMap::new();
        for file in files.all() {
            for body in &file.bodies {
                if let Some(function) = &body.function {
                    bodies.entry(function).or_default().push((&**file, body));
                }
            }
        }
        Self { bodies }
    }

    /// Whether a step of a task comes to `on`; none for a task without steps.
    #[must_use]
    pub fn needs_server(&self, task: &Task<Callable>) -> Option<bool> {
        let steps: Vec<&Callable> = task
            .actions
            .iter()
            .filter_map(|action| match action {
                Action::Body { body, .. } => Some(body),
                Action::After(_) => None,
            })
            .collect();
        let needs = |step: &&Callable| {
            let file = step.place().map(|place| place.file);
            self.comes_to_on(step.function(), file.as_deref(), &mut HashSet::new())
        };
        (!steps.is_empty()).then(|| steps.iter().any(needs))
    }

    fn comes_to_on(&self, function: &str, file: Option<&str>, seen: &mut HashSet<String>) -> bool {
        if !seen.insert(function.to_owned()) {
            return false;
        }
        let Some(bodies) = self.bodies.get(function) else { return false };
        // A function of this file is meant before one of another.
        let here = bodies.iter().filter(|(home, _)| Some(&*home.file) == file);
        let any = if here.clone().next().is_some() { here.collect::<Vec<_>>() } else { bodies.iter().collect() };
        any.into_iter().any(|(home, body)| {
            body.calls.iter().any(|call| {
                let blocks = call.args.iter().filter_map(|arg| match &arg.value {
                    Known::Closure(function, _) => Some(function.as_str()),
                    _ => None,
                });
                call.name == "on"
                    || self.comes_to_on(&call.name, Some(&home.file), seen)
                    || blocks.into_iter().any(|block| self.comes_to_on(block, Some(&home.file), seen))
            })
        })
    }
}
