//! Tasks for the tests of how they are put together: bodies are texts, places are lines of one file.

use crate::error::Error;
use crate::model::task::{Action, Task, Tasks};
use crate::model::task_graph::{Definition, Graph};
use crate::place::Place;

#[derive(Default)]
pub(super) struct Recipe(pub(super) Graph<&'static str>);

impl Recipe {
    /// Tasks with a body of their own name, all on line 1.
    pub(super) fn with(names: &[&'static str]) -> Self {
        names.iter().fold(Self::default(), |recipe, name| recipe.task(1, name, &[], Some(name)))
    }

    pub(super) fn task(mut self, line: u32, name: &str, needs: &[&str], body: Option<&'static str>) -> Self {
        let needs = needs.iter().map(|need| (*need).to_owned()).collect();
        self.0.define(Definition { needs, body, ..Definition::new(name, place(line)) });
        self
    }

    pub(super) fn described(mut self, name: &str, desc: &str, args: &[&str]) -> Self {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        self.0.define(Definition { desc: Some(desc.to_owned()), args, ..Definition::new(name, place(1)) });
        self
    }

    pub(super) fn before(mut self, line: u32, target: &str, hook: &str, scope: &str) -> Self {
        self.0.before(target, hook, scope, place(line));
        self
    }

    pub(super) fn after(mut self, line: u32, target: &str, hook: &str, scope: &str) -> Self {
        self.0.after(target, hook, scope, place(line));
        self
    }

    pub(super) fn unhook(mut self, line: u32, target: &str, hook: &str, scope: &str) -> Self {
        self.0.unhook(target, hook, scope, place(line));
        self
    }

    pub(super) fn clear(mut self, line: u32, name: &str, scope: &str) -> Self {
        self.0.clear(name, scope, place(line));
        self
    }

    pub(super) fn tasks(self) -> Tasks<&'static str> {
        self.0.finish().unwrap()
    }

    /// What the task runs, in order: prerequisites, `|`, actions; `+x` is a hook after.
    pub(super) fn shape(self, name: &str) -> String {
        shape(self.tasks().get(name).unwrap())
    }

    /// Line and message of every error.
    pub(super) fn errors(self) -> Vec<(u32, String)> {
        let errors = self.0.finish().err().unwrap_or_default();
        errors.iter().map(|error| (error.parts().place.as_ref().unwrap().line, error.to_string())).collect()
    }

    pub(super) fn error(self) -> Error {
        self.0.finish().unwrap_err().remove(0)
    }
}

pub(super) fn place(line: u32) -> Place {
    Place::new("deploy.rhai", line, 1)
}

pub(super) fn shape(task: &Task<&str>) -> String {
    let before = task.prerequisites.iter().map(|link| link.name.clone());
    let actions = task.actions.iter().map(|action| match action {
        Action::Body { body, .. } => (*body).to_owned(),
        Action::After(link) => format!("+{}", link.name),
    });
    before.chain(["|".to_owned()]).chain(actions).collect::<Vec<_>>().join(" ")
}

pub(super) fn lines(errors: &[(u32, String)]) -> Vec<(u32, &str)> {
    errors.iter().map(|(line, message)| (*line, message.as_str())).collect()
}
