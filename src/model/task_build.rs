//! From what recipes said to tasks: looks up names and replays everything in order.
//!
//! Owns the rules of addition: what a further definition adds, where a hook lands, what `unhook` and `clear` take away.

use indexmap::IndexMap;

use crate::error::{Error, Kind};
use crate::model::place::Place;
use crate::model::task::{Action, Link, LinkKind, Task, Tasks};
use crate::model::task_args;
use crate::model::task_graph::{Definition, Entry, Pair};
use crate::model::task_names::{fault, find, namespace_of, unknown};

/// A task in the making.
struct Draft<B> {
    task: Task<B>,
    /// `after` hooks that were said before the first definition.
    waiting: Vec<Link>,
}

/// Puts tasks together, entry by entry.
pub(super) struct Builder<B> {
    /// Every task that gets defined somewhere, in order of definition.
    drafts: IndexMap<String, Draft<B>>,
    errors: Vec<Error>,
}

impl<B> Builder<B> {
    /// Begins with the names of all tasks, so that everything can be looked up at once.
    pub(super) fn new<'a>(definitions: impl Iterator<Item = &'a Definition<B>>) -> Self
    where
        B: 'a,
    {
        let mut builder = Self { drafts: IndexMap::new(), errors: Vec::new() };
        for Definition { name, args, place, .. } in definitions {
            if let Some(why) = fault(name) {
                let error = Error::recipe(format!("`{name}` cannot be the name of a task: {why}"));
                builder.fail(place, error.help("join words with `:`, as in `deploy:check`"));
            }
            if let Some(why) = task_args::fault(args) {
                builder.fail(place, Error::recipe(format!("{why}, in task `{name}`")));
            }
            let draft = || Draft { task: Task::new(name), waiting: Vec::new() };
            builder.drafts.entry(name.clone()).or_insert_with(draft);
        }
        builder
    }

    /// Adds or takes away what one entry says.
    pub(super) fn apply(&mut self, entry: Entry<B>) {
        match entry {
            Entry::Define(definition) => self.define(definition),
            Entry::Hook(kind, pair) => self.hook(kind, &pair),
            Entry::Unhook(pair) => self.unhook(&pair),
            Entry::Clear { name, scope, place } => self.clear(&name, &scope, &place),
        }
    }

    /// The tasks, and what was wrong in the order it was said.
    pub(super) fn finish(self) -> (Tasks<B>, Vec<Error>) {
        let tasks = self.drafts.into_iter().map(|(name, Draft { mut task, .. })| {
            // Links are united only now: taking a hook back must not take away an equal need that came after it.
            once_each(&mut task.prerequisites, |link| Some(link));
            once_each(&mut task.actions, Action::link);
            (name, task)
        });
        (Tasks::new(tasks.collect()), self.errors)
    }

    fn define(&mut self, definition: Definition<B>) {
        let Definition { name, desc, args, needs, body, place } = definition;
        let mut links = Vec::new();
        for need in needs {
            if let Some(found) = self.find(&need, namespace_of(&name), Some(&name)) {
                links.push(Link { name: found, place: place.clone(), kind: LinkKind::Need });
            } else {
                self.fail_unknown(&need, namespace_of(&name), &place, &format!(", which `{name}` needs"));
            }
        }
        let Draft { task, waiting } = self.draft(&name);
        task.prerequisites.extend(links);
        if !args.is_empty() {
            task.args = args;
        }
        let desc = desc.map(|desc| desc.trim().to_owned()).filter(|desc| !desc.is_empty());
        task.descriptions.extend(desc.filter(|desc| !task.descriptions.contains(desc)));
        task.actions.extend(body.map(|body| Action::Body { body, place: place.clone() }));
        task.actions.extend(waiting.drain(..).map(Action::After));
        task.places.push(place);
    }

    fn hook(&mut self, kind: LinkKind, pair: &Pair) {
        let when = if kind == LinkKind::After { "after" } else { "before" };
        let Pair { target, hook, place, .. } = pair;
        let purposes = [format!("to run `{hook}` {when}"), format!("to run {when} `{target}`")];
        let Some((target, hook)) = self.find_pair(pair, &purposes) else { return };
        let link = Link { name: hook, place: place.clone(), kind };
        let Draft { task, waiting } = self.draft(&target);
        if kind == LinkKind::Before {
            task.prerequisites.push(link);
        } else if task.places.is_empty() {
            waiting.push(link);
        } else {
            task.actions.push(Action::After(link));
        }
    }

    fn unhook(&mut self, pair: &Pair) {
        let purposes = [format!("to unhook `{}` from", pair.hook), format!("to unhook from `{}`", pair.target)];
        let Some((target, hook)) = self.find_pair(pair, &purposes) else { return };
        let Draft { task, waiting } = self.draft(&target);
        let count = |task: &Task<B>, waiting: &[Link]| task.prerequisites.len() + task.actions.len() + waiting.len();
        let had = count(task, waiting);
        task.prerequisites.retain(|link| link.name != hook || link.kind == LinkKind::Need);
        task.actions.retain(|action| action.link().is_none_or(|link| link.name != hook));
        waiting.retain(|link| link.name != hook);
        if count(task, waiting) < had {
            return;
        }
        let needed = task.prerequisites.iter().find(|link| link.name == hook).map(|link| link.place.clone());
        let hooks: Vec<_> = task.links().chain(&*waiting).filter(|link| link.kind != LinkKind::Need).collect();
        let hooks: Vec<_> = hooks.into_iter().map(|link| format!("`{}` ({})", link.name, link.place)).collect();
        let mut error = Error::recipe(format!("`{hook}` is not a hook of `{target}` at this point"));
        if let Some(needed) = needed {
            error = error.note(format!("`{target}` needs it by its own definition ({needed})"));
            error = error.help(format!("`clear_task(\"{target}\")` forgets needs too; define the task anew after it"));
        }
        let known = if hooks.is_empty() { "there are none".to_owned() } else { hooks.join(", ") };
        self.fail(&pair.place, error.note(format!("hooks of `{target}` so far: {known}")));
    }

    fn clear(&mut self, name: &str, scope: &str, place: &Place) {
        let Some(found) = self.find(name, scope, None) else {
            return self.fail_unknown(name, scope, place, "to clear");
        };
        let Draft { task, waiting } = self.draft(&found);
        if task.places.is_empty() {
            let error = Error::recipe(format!("`{found}` is cleared before it is defined, which has no effect"));
            return self.fail(place, error.help("move `clear_task` below the definition"));
        }
        task.prerequisites.clear();
        task.actions.clear();
        task.args.clear();
        waiting.clear();
    }

    /// Full names of target and hook; reports those that stand for no task, with a purpose for each.
    fn find_pair(&mut self, pair: &Pair, purposes: &[String; 2]) -> Option<(String, String)> {
        let Pair { target: written, hook, scope, place } = pair;
        let Some(target) = self.find(written, scope, None) else {
            self.fail_unknown(written, scope, place, &purposes[0]);
            // Without the target its namespace is not known: the hook is wrong for certain only if no namespace has it.
            let ending = format!(":{}", hook.trim_start_matches('^'));
            if self.find(hook, "", None).is_none() && !self.drafts.keys().any(|name| name.ends_with(&ending)) {
                self.fail_unknown(hook, "", place, &purposes[1]);
            }
            return None;
        };
        let found = self.find(hook, namespace_of(&target), Some(&target));
        if found.is_none() {
            self.fail_unknown(hook, namespace_of(&target), place, &purposes[1]);
        }
        Some((target, found?))
    }

    fn find(&self, written: &str, scope: &str, own: Option<&str>) -> Option<String> {
        find(written, scope, own, |name| self.drafts.contains_key(name))
    }

    fn draft(&mut self, name: &str) -> &mut Draft<B> {
        self.drafts.get_mut(name).expect("every defined name has a draft from the start")
    }

    fn fail(&mut self, place: &Place, error: Error) {
        self.errors.push(error.at(Some(place.clone())));
    }

    fn fail_unknown(&mut self, written: &str, scope: &str, place: &Place, purpose: &str) {
        let names: Vec<&str> = self.drafts.keys().map(String::as_str).collect();
        let error = unknown(Kind::Recipe, written, scope, purpose, &names);
        self.fail(place, error);
    }
}

/// Keeps the first of the items that link to the same task. A task runs once, so the others would be skipped anyway.
fn once_each<T>(items: &mut Vec<T>, link: impl Fn(&T) -> Option<&Link>) {
    let mut seen: Vec<String> = Vec::new();
    items.retain(|item| match link(item) {
        Some(link) if seen.contains(&link.name) => false,
        Some(link) => {
            seen.push(link.name.clone());
            true
        }
        None => true,
    });
}
