//! From what recipes said to tasks: looks up names and replays everything in order.
//!
//! Owns the rules of addition: what a further definition adds, where a hook lands, what `unhook` and `clear` take away.

use indexmap::IndexMap;

use crate::error::{Error, Kind};
use crate::model::task::{Action, Link, LinkKind, Task, Tasks};
use crate::model::task_args;
use crate::model::task_graph::{Definition, Entry, Pair};
use crate::model::task_names::{fault, find, lookups, namespace_of, unknown};
use crate::place::Place;

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
    /// Hooks and the tasks that were taken for them.
    choices: Vec<Choice>,
    errors: Vec<Error>,
}

/// A name that was looked up for a hook.
struct Choice {
    written: String,
    scope: String,
    chosen: String,
    place: Place,
}

impl<B> Builder<B> {
    /// Begins with the names of all tasks, so that everything can be looked up at once.
    pub(super) fn new<'a>(definitions: impl Iterator<Item = &'a Definition<B>>) -> Self
    where
        B: 'a,
    {
        let mut builder = Self { drafts: IndexMap::new(), choices: Vec::new(), errors: Vec::new() };
        for Definition { name, args, place, .. } in definitions {
            if let Some(why) = fault(name) {
                let error = Error::recipe(format!("`{name}` cannot be the name of a task: {why}"));
                builder.fail(place, error.rule("task-name").help("join words with `:`, as in `deploy:check`"));
            }
            if let Some(why) = task_args::fault(args) {
                builder.fail(place, Error::recipe(format!("{why}, in task `{name}`")).rule("task-name"));
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
    pub(super) fn finish(mut self) -> (Tasks<B>, Vec<Error>) {
        self.find_empty_choices();
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
        let hook = hook.trim_start_matches("rake:");
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
        let mut error = Error::recipe(format!("`{hook}` is not a hook of `{target}` at this point")).rule("idle-hook");
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
            return self.fail(
                place,
                error
                    .rule("idle-hook")
                    .help("move `clear_task` below the definition, or below the `require` that brings it"),
            );
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
    fn find_empty_choices(&mut self) {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::task_graph::Graph;

    /// The graph of tests: bodies are texts, places are lines of one file.
    #[derive(Default)]
    struct Recipe(Graph<&'static str>);

    impl Recipe {
        /// Tasks with a body of their own name, all on line 1.
        fn with(names: &[&'static str]) -> Self {
            names.iter().fold(Self::default(), |recipe, name| recipe.task(1, name, &[], Some(name)))
        }

        fn task(mut self, line: u32, name: &str, needs: &[&str], body: Option<&'static str>) -> Self {
            let needs = needs.iter().map(|need| (*need).to_owned()).collect();
            self.0.define(Definition { needs, body, ..Definition::new(name, place(line)) });
            self
        }

        fn described(mut self, name: &str, desc: &str, args: &[&str]) -> Self {
            let args = args.iter().map(|arg| (*arg).to_owned()).collect();
            self.0.define(Definition { desc: Some(desc.to_owned()), args, ..Definition::new(name, place(1)) });
            self
        }

        fn before(mut self, line: u32, target: &str, hook: &str, scope: &str) -> Self {
            self.0.before(target, hook, scope, place(line));
            self
        }

        fn after(mut self, line: u32, target: &str, hook: &str, scope: &str) -> Self {
            self.0.after(target, hook, scope, place(line));
            self
        }

        fn unhook(mut self, line: u32, target: &str, hook: &str, scope: &str) -> Self {
            self.0.unhook(target, hook, scope, place(line));
            self
        }

        fn clear(mut self, line: u32, name: &str, scope: &str) -> Self {
            self.0.clear(name, scope, place(line));
            self
        }

        fn tasks(self) -> Tasks<&'static str> {
            self.0.finish().unwrap()
        }

        /// What the task runs, in order: prerequisites, `|`, actions; `+x` is a hook after.
        fn shape(self, name: &str) -> String {
            shape(self.tasks().get(name).unwrap())
        }

        /// Line and message of every error.
        fn errors(self) -> Vec<(u32, String)> {
            let errors = self.0.finish().err().unwrap_or_default();
            errors.iter().map(|error| (error.parts().place.as_ref().unwrap().line, error.to_string())).collect()
        }

        fn error(self) -> Error {
            self.0.finish().unwrap_err().remove(0)
        }
    }

    fn place(line: u32) -> Place {
        Place::new("deploy.rhai", line, 1)
    }

    fn shape(task: &Task<&str>) -> String {
        let before = task.prerequisites.iter().map(|link| link.name.clone());
        let actions = task.actions.iter().map(|action| match action {
            Action::Body { body, .. } => (*body).to_owned(),
            Action::After(link) => format!("+{}", link.name),
        });
        before.chain(["|".to_owned()]).chain(actions).collect::<Vec<_>>().join(" ")
    }

    fn lines(errors: &[(u32, String)]) -> Vec<(u32, &str)> {
        errors.iter().map(|(line, message)| (*line, message.as_str())).collect()
    }

    #[test]
    fn a_further_definition_adds_to_the_first() {
        let recipe = Recipe::with(&["a", "b", "c"]).task(2, "x", &["a", "b"], Some("one")).task(
            3,
            "x",
            &["b", "c"],
            Some("two"),
        );
        let tasks = recipe.tasks();
        let task = tasks.get("x").unwrap();
        assert_eq!(shape(task), "a b c | one two");
        assert_eq!(task.places, [place(2), place(3)]);
        assert_eq!(task.prerequisites.iter().map(|link| link.place.line).collect::<Vec<_>>(), [2, 2, 3]);
        assert_eq!(task.actions[1], Action::Body { body: "two", place: place(3) });
    }

    #[test]
    fn descriptions_add_up_and_arguments_are_replaced() {
        let recipe = Recipe::default().described("x", " One ", &["a"]).described("x", "Two", &[]).described(
            "x",
            "One",
            &["b", "c"],
        );
        let tasks = recipe.described("x", "  ", &[]).tasks();
        let task = tasks.get("x").unwrap();
        assert_eq!(task.description().as_deref(), Some("One / Two"));
        assert_eq!(task.signature(), "x[b,c]");
    }

    #[test]
    fn before_comes_after_the_prerequisites_so_far() {
        let recipe = Recipe::with(&["a", "b", "h"]).task(2, "x", &["a"], Some("work")).before(3, "x", "h", "");
        assert_eq!(recipe.task(4, "x", &["b"], None).shape("x"), "a h b | work");
    }

    #[test]
    fn after_comes_before_actions_added_later() {
        let recipe = Recipe::with(&["h"]).task(2, "x", &[], Some("one")).after(3, "x", "h", "");
        assert_eq!(recipe.task(4, "x", &[], Some("two")).shape("x"), "| one +h two");
    }

    #[test]
    fn links_know_how_and_where_they_were_written() {
        let recipe =
            Recipe::with(&["a", "h", "k"]).task(2, "x", &["a"], None).before(3, "x", "h", "").after(4, "x", "k", "");
        let tasks = recipe.tasks();
        let links: Vec<_> = tasks.get("x").unwrap().links().map(|link| (link.kind, link.place.line)).collect();
        assert_eq!(links, [(LinkKind::Need, 2), (LinkKind::Before, 3), (LinkKind::After, 4)]);
    }

    #[test]
    fn hooks_may_name_tasks_that_are_defined_later() {
        let recipe = Recipe::default().before(1, "x", "h", "").after(2, "x", "k", "").task(3, "x", &[], Some("one"));
        let recipe = recipe.task(4, "x", &[], Some("two")).task(5, "k", &[], None).task(6, "h", &[], None);
        assert_eq!(recipe.shape("x"), "h | one +k two");
    }

    #[test]
    fn hooks_that_wait_keep_their_order() {
        let recipe = Recipe::with(&["h", "k", "l"]).after(1, "x", "h", "").after(2, "x", "k", "");
        assert_eq!(recipe.task(3, "x", &[], Some("one")).after(4, "x", "l", "").shape("x"), "| one +h +k +l");
    }

    #[test]
    fn a_hook_said_twice_stands_once_where_it_was_said_first() {
        let recipe =
            Recipe::with(&["x", "h", "k"]).after(2, "x", "h", "").after(3, "x", "k", "").after(4, "x", "h", "");
        assert_eq!(recipe.shape("x"), "| x +h +k");
        let recipe =
            Recipe::with(&["x", "h", "k"]).before(2, "x", "h", "").before(3, "x", "k", "").before(4, "x", "h", "");
        assert_eq!(recipe.shape("x"), "h k | x");
    }

    /// Capistrano #1652: `before "deploy:up", "check"` means `deploy:check` if there is one.
    #[test]
    fn a_hook_is_looked_up_from_the_namespace_of_the_hooked_task() {
        let names = ["check", "deploy:check", "deploy:up", "notify"];
        let recipe = Recipe::with(&names).before(2, "deploy:up", "check", "").after(3, "deploy:up", "notify", "");
        assert_eq!(recipe.shape("deploy:up"), "deploy:check | deploy:up +notify");
        let recipe = Recipe::with(&names).before(2, "deploy:up", "rake:check", "").after(3, "deploy:up", "^check", "");
        assert_eq!(recipe.shape("deploy:up"), "check | deploy:up +check");
    }

    #[test]
    fn a_hook_of_the_same_name_is_looked_for_further_out() {
        let recipe = Recipe::with(&["check", "deploy:check"]).before(2, "deploy:check", "check", "");
        assert_eq!(recipe.shape("deploy:check"), "check | deploy:check");
        let recipe = Recipe::with(&["check", "deploy:check"]).after(2, "deploy:check", "check", "");
        assert_eq!(recipe.shape("deploy:check"), "| deploy:check +check");
    }

    #[test]
    fn the_hooked_task_is_looked_up_from_where_the_hook_was_written() {
        let names = ["up", "deploy:up", "h"];
        assert_eq!(Recipe::with(&names).before(2, "up", "h", "deploy").shape("deploy:up"), "h | deploy:up");
        assert_eq!(Recipe::with(&names).before(2, "rake:up", "h", "deploy").shape("up"), "h | up");
        assert_eq!(Recipe::with(&names).before(2, "up", "h", "db:dump").shape("up"), "h | up");
    }

    /// As Rake: `task "deploy:up" => "check"` at the top level looks in `deploy` first.
    #[test]
    fn needs_are_looked_up_from_the_namespace_of_the_task() {
        let names = ["check", "deploy:check"];
        assert_eq!(Recipe::with(&names).task(2, "deploy:up", &["check"], None).shape("deploy:up"), "deploy:check |");
        assert_eq!(Recipe::with(&names).task(2, "deploy:up", &["^check"], None).shape("deploy:up"), "check |");
        assert_eq!(
            Recipe::with(&names).task(2, "deploy:check", &["check"], None).shape("deploy:check"),
            "check | deploy:check"
        );
    }

    #[test]
    fn a_stage_can_be_hooked() {
        let recipe =
            Recipe::with(&["map_bins"]).after(1, "production", "map_bins", "").task(2, "production", &[], Some("load"));
        assert_eq!(recipe.shape("production"), "| load +map_bins");
    }

    #[test]
    fn unhook_takes_back_hooks_said_so_far() {
        let recipe = Recipe::with(&["x", "h"]).before(2, "x", "h", "").after(3, "x", "h", "").unhook(4, "x", "h", "");
        assert_eq!(recipe.shape("x"), "| x");
        let recipe =
            Recipe::with(&["x", "h", "k"]).after(2, "x", "h", "").unhook(3, "x", "h", "").after(4, "x", "k", "");
        assert_eq!(recipe.after(5, "x", "h", "").shape("x"), "| x +k +h");
        let recipe = Recipe::with(&["h"]).after(2, "x", "h", "").unhook(3, "x", "h", "");
        assert_eq!(recipe.task(4, "x", &[], Some("one")).shape("x"), "| one");
    }

    #[test]
    fn unhook_leaves_needs() {
        let recipe = Recipe::with(&["h"]).before(2, "x", "h", "").task(3, "x", &["h"], None).unhook(4, "x", "h", "");
        assert_eq!(recipe.shape("x"), "h |");
    }

    #[test]
    fn unhook_without_effect_is_an_error() {
        let error = Recipe::with(&["x", "h", "k"]).before(2, "x", "k", "").unhook(3, "x", "h", "").error();
        assert_eq!(error.to_string(), "`h` is not a hook of `x` at this point");
        assert_eq!(error.parts().notes, ["hooks of `x` so far: `k` (deploy.rhai:2:1)"]);
        assert_eq!(error.parts().place, Some(place(3)));
        let error = Recipe::with(&["h"]).task(2, "x", &["h"], None).unhook(3, "x", "h", "").error();
        assert_eq!(
            error.parts().notes,
            ["`x` needs it by its own definition (deploy.rhai:2:1)", "hooks of `x` so far: there are none"]
        );
        assert_eq!(error.parts().help, ["`clear_task(\"x\")` forgets needs too; define the task anew after it"]);
    }

    #[test]
    fn clear_forgets_everything_but_the_description() {
        let recipe = Recipe::with(&["a", "h"]).described("x", "Old", &["arg"]).task(2, "x", &["a"], Some("old"));
        let recipe = recipe.before(3, "x", "h", "").after(4, "x", "h", "").clear(5, "x", "");
        let tasks = recipe.task(6, "x", &[], Some("new")).tasks();
        let task = tasks.get("x").unwrap();
        assert_eq!(shape(task), "| new");
        assert_eq!((task.description().as_deref(), task.signature().as_str()), (Some("Old"), "x"));
        assert_eq!(task.places, [place(1), place(2), place(6)]);
    }

    #[test]
    fn clear_before_the_definition_is_an_error() {
        let error = Recipe::default().clear(1, "x", "").task(2, "x", &[], None).error();
        assert_eq!(error.to_string(), "`x` is cleared before it is defined, which has no effect");
        assert_eq!(
            error.parts().help,
            ["move `clear_task` below the definition, or below the `require` that brings it"]
        );
    }

    /// Capistrano runs the whole task before it finds that an `after` hook does not exist.
    #[test]
    fn every_wrong_name_is_reported_at_its_place() {
        let recipe = Recipe::with(&["deploy:check", "deploy:up", "notify"]);
        let recipe = recipe.task(2, "db:dump", &["conect"], None).before(3, "deploy:chek", "notify", "");
        let recipe = recipe.after(4, "deploy:up", "notfy", "").before(5, "nope", "never", "db");
        let errors =
            recipe.clear(6, "gone", "").unhook(7, "gone", "notify", "").unhook(8, "deploy:up", "gone", "").errors();
        assert_eq!(
            lines(&errors),
            [
                (2, "no task `conect`, which `db:dump` needs"),
                (3, "no task `deploy:chek` to run `notify` before"),
                (4, "no task `notfy` to run after `deploy:up`"),
                (5, "no task `nope` to run `never` before"),
                (5, "no task `never` to run before `nope`"),
                (6, "no task `gone` to clear"),
                (7, "no task `gone` to unhook `notify` from"),
                (8, "no task `gone` to unhook from `deploy:up`"),
            ]
        );
    }

    #[test]
    fn a_wrong_name_comes_with_a_guess_and_where_it_was_looked_for() {
        let error = Recipe::with(&["deploy:up", "notify"]).after(2, "deploy:up", "notfy", "").error();
        assert_eq!(error.parts().help[0], "did you mean `notify`?");
        assert_eq!(error.parts().notes, ["looked for `deploy:notfy`, then `notfy`"]);
        assert_eq!(error.exit_code(), 2);
        let error = Recipe::with(&["deploy:check", "h"]).before(2, "deploy:chekc", "h", "").error();
        assert_eq!(error.parts().help[0], "did you mean `deploy:check`?");
    }

    #[test]
    fn a_hook_some_namespace_has_is_not_blamed_for_an_unknown_target() {
        let errors = Recipe::with(&["deploy:check"]).before(2, "dploy:up", "check", "").errors();
        assert_eq!(lines(&errors), [(2, "no task `dploy:up` to run `check` before")]);
    }

    #[test]
    fn names_and_arguments_that_could_not_be_used_are_refused() {
        let errors = Recipe::with(&["a b"]).described("x", "", &["a", "a"]).errors();
        let message = "`a b` cannot be the name of a task: it has a space or one of `[ ] = ^` in it";
        assert_eq!(lines(&errors), [(1, message), (1, "the argument `a` is declared twice, in task `x`")]);
    }

    #[test]
    fn a_task_that_can_only_mean_itself_is_a_circle() {
        let errors = Recipe::with(&["x"]).before(2, "x", "x", "").errors();
        assert_eq!(lines(&errors), [(2, "tasks form a circle: `x → x`")]);
    }

    /// Something said about the task `x`; the numbers choose other tasks.
    #[derive(Clone, Debug)]
    enum Said {
        Define { needs: Vec<usize>, body: bool },
        Before(usize),
        After(usize),
    }

    const OTHERS: [&str; 5] = ["a", "b", "c", "d", "e"];

    fn said() -> impl Strategy<Value = Said> {
        prop_oneof![
            (prop::collection::vec(0..OTHERS.len(), 0..3), any::<bool>())
                .prop_map(|(needs, body)| Said::Define { needs, body }),
            (0..OTHERS.len()).prop_map(Said::Before),
            (0..OTHERS.len()).prop_map(Said::After),
        ]
    }

    #[test]
    fn a_hook_that_would_fall_on_an_empty_task_is_an_error() {
        let recipe = Recipe::with(&["deploy:published", "restart"]).task(1, "deploy:restart", &[], None);
        let errors = recipe.after(7, "deploy:published", "restart", "").0.finish().unwrap_err();
        assert_eq!(errors[0].to_string(), "`restart` means `deploy:restart` here, which does nothing");
        assert_eq!(errors[0].parts().place, Some(place(7)));
        assert_eq!(errors[0].parts().notes, ["there is also `restart`, further out"]);
        for clear in ["rake:restart", "deploy:restart"] {
            let recipe = Recipe::with(&["deploy:published", "restart"]).task(1, "deploy:restart", &[], None);
            assert!(recipe.after(7, "deploy:published", clear, "").0.finish().is_ok(), "{clear}");
        }
    }

    proptest! {
        /// However definitions and hooks are mixed, everything runs in the order it was said; only `after` hooks from
        /// before the first definition move behind it.
        #[test]
        fn everything_runs_in_the_order_it_was_said(said in prop::collection::vec(said(), 0..12), others_first: bool) {
            let others = |recipe: Recipe| OTHERS.iter().fold(recipe, |recipe, name| recipe.task(1, name, &[], None));
            let mut said = said;
            said.push(Said::Define { needs: Vec::new(), body: true });
            let first = said.iter().position(|said| matches!(said, Said::Define { .. })).unwrap();

            let mut recipe = if others_first { others(Recipe::default()) } else { Recipe::default() };
            let mut prerequisites: Vec<String> = Vec::new();
            let mut actions: Vec<(usize, String)> = Vec::new();
            for (i, said) in said.iter().enumerate() {
                recipe = match said {
                    Said::Define { needs, body } => {
                        let needs: Vec<&str> = needs.iter().map(|need| OTHERS[*need]).collect();
                        prerequisites.extend(needs.iter().map(|need| (*need).to_owned()));
                        if *body {
                            actions.push((2 * i, "body".to_owned()));
                        }
                        recipe.task(2, "x", &needs, body.then_some("body"))
                    }
                    Said::Before(hook) => {
                        prerequisites.push(OTHERS[*hook].to_owned());
                        recipe.before(2, "x", OTHERS[*hook], "")
                    }
                    Said::After(hook) => {
                        actions.push((2 * i.max(first) + 1, format!("+{}", OTHERS[*hook])));
                        recipe.after(2, "x", OTHERS[*hook], "")
                    }
                };
            }
            let recipe = if others_first { recipe } else { others(recipe) };

            actions.sort_by_key(|(position, _)| *position);
            let mut expected: Vec<String> = Vec::new();
            for name in prerequisites.into_iter().chain(["|".to_owned()]).chain(actions.into_iter().map(|(_, name)| name)) {
                if name == "body" || !expected.contains(&name) {
                    expected.push(name);
                }
            }
            prop_assert_eq!(recipe.shape("x"), expected.join(" "));
        }
    }
}
