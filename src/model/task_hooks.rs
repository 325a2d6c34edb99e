//! Hooks: which task a `before` or `after` names, where it lands, and what `unhook` takes back.

use crate::error::Error;
use crate::model::task::{Action, Link, LinkKind, Task};
use crate::model::task_build::{Builder, Draft, called};
use crate::model::task_graph::Pair;
use crate::model::task_names::{lookups, namespace_of};
use crate::place::Place;

/// A name that was looked up for a hook.
pub(super) struct Choice {
    written: String,
    scope: String,
    chosen: String,
    place: Place,
}

impl<B> Builder<B> {
    pub(super) fn hook(&mut self, kind: LinkKind, pair: &Pair) {
        let when = if kind == LinkKind::After { "after" } else { "before" };
        let (hook, args) = called(&pair.hook);
        let pair = Pair { hook, ..pair.clone() };
        let Pair { target, hook, place, .. } = &pair;
        let hook = hook.trim_start_matches("rake:");
        let purposes = [format!("to run `{hook}` {when}"), format!("to run {when} `{target}`")];
        let Some((target, hook)) = self.find_pair(&pair, &purposes) else { return };
        let link = Link { name: hook, args, place: place.clone(), kind };
        let Draft { task, waiting } = self.draft(&target);
        if kind == LinkKind::Before {
            task.prerequisites.push(link);
        } else if task.places.is_empty() {
            waiting.push(link);
        } else {
            task.actions.push(Action::After(link));
        }
    }

    pub(super) fn unhook(&mut self, pair: &Pair) {
        let pair = Pair { hook: called(&pair.hook).0, ..pair.clone() };
        let purposes = [format!("to unhook `{}` from", pair.hook), format!("to unhook from `{}`", pair.target)];
        let Some((target, hook)) = self.find_pair(&pair, &purposes) else { return };
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
        let mut error = Error::recipe(format!("`{hook}` is not a hook of `{target}` at this point")).rule("idle-hook");
        if let Some(needed) = needed {
            error = error.note(format!("`{target}` needs it by its own definition ({needed})"));
            error = error.help(format!("`clear_task(\"{target}\")` forgets needs too; define the task anew after it"));
        }
        let known = if hooks.is_empty() { "there are none".to_owned() } else { hooks.join(", ") };
        self.fail(&pair.place, error.note(format!("hooks of `{target}` so far: {known}")));
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
        let Some(chosen) = found else {
            self.fail_unknown(hook, namespace_of(&target), place, &purposes[1]);
            return None;
        };
        let (written, scope) = (hook.clone(), namespace_of(&target).to_owned());
        self.choices.push(Choice { written, scope, chosen: chosen.clone(), place: place.clone() });
        Some((target, chosen))
    }

    /// A hook is looked up near the hooked task first. Where that gives a task that does nothing while one of the same
    /// name further out does something, the writer meant the other one: `after("deploy:published", "restart")` with a
    /// `restart` of their own, beside the empty `deploy:restart`. Capistrano runs nothing then, without a word.
    pub(super) fn find_empty_choices(&mut self) {
        let is_empty = |name: &str| {
            let task = self.drafts.get(name).map(|draft| &draft.task);
            task.is_none_or(|task| task.actions.is_empty() && task.prerequisites.is_empty())
        };
        for Choice { written, scope, chosen, place } in &self.choices {
            let other = lookups(written, scope).into_iter().find(|name| name != chosen && !is_empty(name));
            if let Some(other) = other.filter(|_| is_empty(chosen)) {
                let error = Error::recipe(format!("`{written}` means `{chosen}` here, which does nothing"))
                    .rule("idle-hook")
                    .note(format!("there is also `{other}`, further out"))
                    .help(format!("write `rake:{other}` for that one, or give the task a name of its own"));
                self.errors.push(error.at(Some(place.clone())));
            }
        }
    }
}

#[cfg(test)]
#[path = "task_hooks_tests.rs"]
mod tests;
