//! What recipes say about tasks while they load.
//!
//! Owns the list of everything said, in order. Nothing is looked up before loading is over, so that a hook may name
//! tasks that come later, and so that every wrong name is reported before anything runs. `model::task_build` turns the
//! list into tasks.

use crate::error::Error;
use crate::model::task::{LinkKind, Tasks};
use crate::model::task_build::Builder;
use crate::model::task_confirm::Confirm;
use crate::model::task_cycle::cycles;
use crate::model::task_ending::Ending;
use crate::model::task_misfits::misfits;
use crate::place::Place;

/// One `task(…)` of a recipe.
#[derive(Clone, Debug)]
pub struct Definition<B> {
    /// Full name, with the namespaces it was written in, for example `deploy:check`.
    pub name: String,
    /// Other full names for it.
    pub aliases: Vec<String>,
    /// The `desc` in front of it.
    pub desc: Option<String>,
    /// Its arguments as written, `lines=20`; none leaves those of an earlier definition.
    pub args: Vec<String>,
    /// Tasks to run before it, as written: `dump`, `dump[daily]`. Of a file task also files.
    pub needs: Vec<String>,
    /// What is asked before it runs; none leaves the question of an earlier definition.
    pub confirm: Option<Confirm<B>>,
    /// Its work; none for a mere hook point or a bundle of needs.
    pub body: Option<B>,
    /// What it does at its end.
    pub endings: Vec<Ending<B>>,
    /// For a task whose name is the path of the file it makes, the namespace it was written in: its needs are looked up
    /// from there.
    pub file: Option<String>,
    /// Whether it is one of windlass's own.
    pub is_stock: bool,
    /// Where it was written.
    pub place: Place,
}

impl<B> Definition<B> {
    /// A definition with nothing but a name.
    pub fn new(name: impl Into<String>, place: Place) -> Self {
        Self {
            name: name.into(),
            aliases: Vec::new(),
            desc: None,
            args: Vec::new(),
            needs: Vec::new(),
            confirm: None,
            body: None,
            endings: Vec::new(),
            file: None,
            is_stock: false,
            place,
        }
    }
}

/// Words of the command line that concern the names of tasks.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// The stages. A hook may name one: what it runs comes before all tasks of a run of that stage.
    pub stages: Vec<String>,
    /// The commands of windlass. A task called so could not be run, or would hide the command.
    pub commands: Vec<&'static str>,
}

/// A task and a hook, as a recipe names them.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    /// The hooked task, looked up from `scope`.
    pub(super) target: String,
    /// The hook, looked up from the namespace of the hooked task.
    pub(super) hook: String,
    /// Namespace it was written in.
    pub(super) scope: String,
    /// Where it was written.
    pub(super) place: Place,
}

impl Pair {
    fn new(target: &str, hook: &str, scope: &str, place: Place) -> Self {
        Self { target: target.to_owned(), hook: hook.to_owned(), scope: scope.to_owned(), place }
    }
}

/// One thing a recipe said.
#[derive(Clone, Debug)]
pub(super) enum Entry<B> {
    Define(Definition<B>),
    Hook(LinkKind, Pair),
    Unhook(Pair),
    Clear { name: String, scope: String, place: Place },
}

/// Everything recipes said about tasks, in the order they said it.
#[derive(Clone, Debug)]
pub struct Graph<B> {
    entries: Vec<Entry<B>>,
}

impl<B> Default for Graph<B> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<B> Graph<B> {
    /// Defines a task, or adds to it as Rake does: needs are united, the body comes after what is there, a further
    /// description is added, arguments are replaced when given. Needs are looked up from the namespace of the task's
    /// full name outward.
    pub fn define(&mut self, definition: Definition<B>) {
        self.entries.push(Entry::Define(definition));
    }

    /// Runs `hook` before the actions of `target`, after the prerequisites it has so far.
    ///
    /// `scope` is the namespace this was written in, empty for the top level; the target is looked up from there
    /// outward, the hook from the namespace of the target outward. Both may be defined later.
    pub fn before(&mut self, target: &str, hook: &str, scope: &str, place: Place) {
        self.entries.push(Entry::Hook(LinkKind::Before, Pair::new(target, hook, scope, place)));
    }

    /// Runs `hook` after the actions `target` has so far, and before actions added later. If the target is not defined
    /// yet, the hook comes after its first definition. Names are looked up as for [`Graph::before`].
    pub fn after(&mut self, target: &str, hook: &str, scope: &str, place: Place) {
        self.entries.push(Entry::Hook(LinkKind::After, Pair::new(target, hook, scope, place)));
    }

    /// Takes back every `before` and `after` said so far that runs `hook` with `target`. What the target needs by its
    /// own definition stays.
    pub fn unhook(&mut self, target: &str, hook: &str, scope: &str, place: Place) {
        self.entries.push(Entry::Unhook(Pair::new(target, hook, scope, place)));
    }

    /// Forgets the actions, prerequisites, hooks and arguments a task has so far, and keeps its description.
    pub fn clear(&mut self, name: &str, scope: &str, place: Place) {
        self.entries.push(Entry::Clear { name: name.to_owned(), scope: scope.to_owned(), place });
    }

    /// Whether a task of this full name was defined so far. That something is asked before it, or done at its end, makes
    /// no task yet.
    #[must_use]
    pub fn is_defined(&self, name: &str) -> bool {
        let defines = |definition: &Definition<B>| {
            let only_adds = definition.confirm.is_some() || !definition.endings.is_empty();
            definition.name == name && (definition.body.is_some() || !definition.needs.is_empty() || !only_adds)
        };
        self.entries.iter().any(|entry| matches!(entry, Entry::Define(definition) if defines(definition)))
    }

    /// Gives each stage that a hook names a task, which is run before all others of the line.
    fn hooked_stages(&mut self, stages: &[String]) {
        for stage in stages {
            let names_it = |entry: &Entry<B>| match entry {
                Entry::Hook(_, pair) if pair.target.trim_start_matches("rake:") == stage => Some(pair.place.clone()),
                _ => None,
            };
            let is_task = |entry: &Entry<B>| matches!(entry, Entry::Define(definition) if definition.name == *stage);
            if let Some(place) = self.entries.iter().find_map(names_it)
                && !self.entries.iter().any(is_task)
            {
                self.entries.insert(0, Entry::Define(Definition::new(stage, place)));
            }
        }
    }

    /// Looks up every name and puts the tasks together.
    ///
    /// # Errors
    /// All of them: names that stand for no task, names no task or argument can have, an `unhook` or a `clear` without
    /// effect, tasks that form a circle.
    pub fn finish(self) -> Result<Tasks<B>, Vec<Error>> {
        let (tasks, errors) = self.judged(&Words::default());
        if errors.is_empty() { Ok(tasks) } else { Err(errors) }
    }

    /// As [`Graph::finish`], with the tasks as far as they can be put together.
    #[must_use]
    pub fn judged(mut self, words: &Words) -> (Tasks<B>, Vec<Error>) {
        self.hooked_stages(&words.stages);
        let definitions = self.entries.iter().filter_map(|entry| match entry {
            Entry::Define(definition) => Some(definition),
            _ => None,
        });
        let mut builder = Builder::new(definitions, words);
        for entry in self.entries {
            builder.apply(entry);
        }
        let (tasks, mut errors) = builder.finish();
        errors.extend(cycles(&tasks));
        errors.extend(misfits(&tasks));
        (tasks, errors)
    }
}
