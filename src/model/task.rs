//! Tasks, prerequisites and hooks, as they stand when every recipe is loaded.
//!
//! Owns the finished task table; every name in it is a full name of a task that is in it. How it comes about is
//! `model::task_graph`, in which order tasks run is `model::plan`. The body of a task is the type parameter `B`, so that
//! nothing here knows Rhai.

use indexmap::IndexMap;

use crate::error::{Error, Kind};
use crate::model::task_args::{self, Argument, Bound};
use crate::model::task_confirm::Confirm;
use crate::model::task_ending::Ending;
use crate::model::task_names::{self, find};
use crate::model::task_parameter::{Parameter, signature};
use crate::place::Place;

/// How one task comes to run another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// The task names it in its `needs`.
    Need,
    /// It was put there by `before`.
    Before,
    /// It was put there by `after`.
    After,
}

/// Another task that runs with a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Full name of the other task.
    pub name: String,
    /// Values for its arguments, as written: `needs: ["dump[daily]"]`.
    pub args: Vec<String>,
    /// Where the link was written.
    pub place: Place,
    /// How it was written.
    pub kind: LinkKind,
}

/// A file that the file of a task is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Its path, from the top of the project.
    pub path: String,
    /// Where it was named.
    pub place: Place,
}

/// A step of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action<B> {
    /// The task's own work.
    Body {
        /// What to run.
        body: B,
        /// Where it was written.
        place: Place,
    },
    /// A task hooked on with `after`.
    After(Link),
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task<B> {
    /// Full name, for example `deploy:check`.
    pub name: String,
    /// Other full names it can be called by.
    pub aliases: Vec<String>,
    /// Every description it was given, in order, each once.
    pub descriptions: Vec<String>,
    /// Its arguments; a last one such as `*files` takes the rest.
    pub args: Vec<Parameter>,
    /// What is asked before it runs.
    pub confirm: Option<Confirm<B>>,
    /// For a file task, whose name is a path, the files that one is made of.
    pub file: Option<Vec<Origin>>,
    /// Tasks that run before its actions, in order.
    pub prerequisites: Vec<Link>,
    /// Its steps, in order.
    pub actions: Vec<Action<B>>,
    /// What it does at its end, in order.
    pub endings: Vec<Ending<B>>,
    /// Where it was defined; at least one place.
    pub places: Vec<Place>,
}

impl<B> Task<B> {
    /// A task that does nothing yet.
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            aliases: Vec::new(),
            descriptions: Vec::new(),
            args: Vec::new(),
            confirm: None,
            file: None,
            prerequisites: Vec::new(),
            actions: Vec::new(),
            endings: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Name and arguments as it would be called: `deploy:check[host,port]`.
    #[must_use]
    pub fn signature(&self) -> String {
        signature(&self.name, &self.args)
    }

    /// All descriptions, joined with ` / `; none if it has none.
    #[must_use]
    pub fn description(&self) -> Option<String> {
        (!self.descriptions.is_empty()).then(|| self.descriptions.join(" / "))
    }

    /// Where it was first defined.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.places[0]
    }

    /// Every task that runs with it: prerequisites, then `after` hooks.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        self.prerequisites.iter().chain(self.actions.iter().filter_map(Action::link))
    }

    /// Gives values to its arguments, for a call from the command line (`Kind::Usage`) or a recipe (`Kind::Recipe`).
    ///
    /// # Errors
    /// When there are more values than arguments, or one is missing.
    pub fn bind<V: Argument>(&self, kind: Kind, values: &[V]) -> Result<Bound<V>, Error> {
        task_args::bind_all(kind, &self.name, &self.args, values)
    }

    /// Gives values to its arguments where it runs because of `link`, which a task with the arguments `outer` has.
    ///
    /// # Errors
    /// As [`Task::bind`], at the place of the link.
    pub fn bind_for<V: Argument>(&self, link: &Link, outer: &Bound<V>) -> Result<Bound<V>, Error> {
        // What comes after a task is no part of it.
        let none = Bound::default();
        let outer = if link.kind == LinkKind::After { &none } else { outer };
        task_args::hand_on(&self.name, &self.args, &link.args, outer)
            .map_err(|error| error.at(Some(link.place.clone())))
    }
}

impl<B> Action<B> {
    /// The hooked task, if the action is one.
    #[must_use]
    pub const fn link(&self) -> Option<&Link> {
        if let Self::After(link) = self { Some(link) } else { None }
    }
}

/// Every task there is.
#[derive(Clone, Debug)]
pub struct Tasks<B> {
    tasks: IndexMap<String, Task<B>>,
    /// Full names of tasks by their other names.
    aliases: IndexMap<String, String>,
}

impl<B> Tasks<B> {
    /// Only for the graph, which sees to it that every link leads to a task.
    pub(super) const fn new(tasks: IndexMap<String, Task<B>>, aliases: IndexMap<String, String>) -> Self {
        Self { tasks, aliases }
    }

    /// The task with this full name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Task<B>> {
        self.tasks.get(name)
    }

    /// The task `name` stands for in namespace `scope` (empty for the top level), looked up from there outward.
    #[must_use]
    pub fn resolve(&self, name: &str, scope: &str) -> Option<&Task<B>> {
        self.get(&find(name, scope, None, |name| {
            self.aliases.get(name).or_else(|| self.tasks.get(name).map(|task| &task.name)).cloned()
        })?)
    }

    /// Full names, in order of definition, without aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tasks.keys().map(String::as_str)
    }

    /// Every task, in order of definition.
    pub fn iter(&self) -> impl Iterator<Item = &Task<B>> {
        self.tasks.values()
    }

    /// The error for a name that [`Tasks::resolve`] does not find: `Kind::Usage` for one from the command line,
    /// `Kind::Recipe` for one in a recipe.
    #[must_use]
    pub fn unknown(&self, kind: Kind, name: &str, scope: &str) -> Error {
        let aliases = self.aliases.keys().map(String::as_str);
        task_names::unknown(kind, name, scope, "", &self.names().chain(aliases).collect::<Vec<_>>())
    }
}

#[cfg(test)]
#[path = "task_tests.rs"]
mod tests;
