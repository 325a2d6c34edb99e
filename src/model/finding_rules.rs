//! The rules `check` holds recipes to: the source of the ids, of the README's table, and of how bad each one is.

use std::fmt::{Display, Formatter};

use serde::{Serialize, Serializer};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A run fails, or does something else than what stands there.
    Error,
    /// It runs, but cannot be what the writer meant.
    Warning,
    /// Something to know.
    Note,
}

impl Severity {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl Display for Severity {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Severity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id.
    pub id: &'static str,
    /// How bad it is to break it.
    pub severity: Severity,
    /// What is found.
    pub about: &'static str,
}

const fn error(id: &'static str, about: &'static str) -> Rule {
    Rule { id, severity: Severity::Error, about }
}

const fn warning(id: &'static str, about: &'static str) -> Rule {
    Rule { id, severity: Severity::Warning, about }
}

const fn note(id: &'static str, about: &'static str) -> Rule {
    Rule { id, severity: Severity::Note, about }
}

/// The rule of errors that are not told apart.
const LOAD: Rule = error("load", "reading the recipes fails: what stands at the top of a file raises an error");

/// All rules.
pub const RULES: &[Rule] = &[
    error("syntax", "a file that cannot be read as a recipe, with the first place that is wrong"),
    LOAD,
    error("unknown-function", "a call of a function there is not"),
    error("argument-count", "a host function called with more or fewer arguments than it takes"),
    error("argument-kind", "an argument or an option of a host function that is something else than it may be"),
    error("unknown-option", "an option a host function does not have"),
    warning("gives-nothing", "the value of a function that gives none: `set(\"a\", ask(\"a\"))`, `if execute(…)`"),
    error("on-inside-on", "`on` inside `on`, there or through a function of the file"),
    error("task-inside-on", "`invoke` inside `on`, there or through a function of the file"),
    error("lost-assignment", "a variable changed inside `on`, where each host has a copy of its own"),
    error("command-outside-on", "`execute`, `test`, `capture` or `run` where there is no host"),
    error(
        "secret-in-line",
        "a secret put into a shell line, through variables and texts that are put together as well",
    ),
    warning("secret-in-arguments", "a secret that is an argument of a program of this machine, where others see it"),
    warning("line-as-program", "`execute(\"ls -l\", dir)`: a program with its arguments in one word"),
    warning(
        "quoted-variable",
        "`$NAME` in an argument, or in `with` and `default_env`, where it is quoted and stays as it is",
    ),
    warning("dead-interpolation", "`\"${name}\"` in double quotes, or `#{name}` of Ruby, which stays as it is"),
    error("hidden-method", "a function of the file that hides a method of windlass"),
    error("task-name", "a name no task or argument can have, or one that is taken"),
    error("unknown-task", "a task there is not: hooked, needed, unhooked, cleared, invoked"),
    error("task-arguments", "a task that runs because of another one, and gets too few or too many arguments"),
    error("task-circle", "tasks that run each other in a circle"),
    error("idle-hook", "a hook, `unhook` or `clear_task` that has no effect"),
    warning("dead-declaration", "a task, hook or server behind a condition that cannot come true, or behind `return`"),
    warning("idle-description", "a `desc` that no task comes after"),
    error("declared-in-script", "a task or a hook in a script, which runs when all tasks are declared"),
    error("unreachable-task", "a task in a function nobody calls, so that no stage has it"),
    error("unknown-role", "a role no server of any stage has"),
    error("role-property", "a server with the property `role` in place of `roles`"),
    error("unknown-stage", "`fetch(\"stage\")` compared with a stage there is not"),
    warning("unread-setting", "a setting that is set, and that neither windlass nor any recipe reads"),
    warning("dead-setting", "a setting of Capistrano that does nothing here, with what to write instead"),
    warning("unset-setting", "a setting that is read without a default, and that nothing sets"),
    warning("no-stage", "a project without a stage"),
    warning("no-server", "a stage that declares no server, though some of its tasks need one"),
    error("unreachable-stage", "a stage that cannot be named on the command line, or declares no server"),
    note("not-judged", "what can only be known when the recipe runs: it ends or depends on a command while it is read"),
];

/// The rule of this id.
#[must_use]
pub fn rule(id: Option<&str>) -> Rule {
    RULES.iter().copied().find(|rule| Some(rule.id) == id).unwrap_or(LOAD)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_has_a_short_id_of_its_own() {
        let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), RULES.len());
        for id in ids {
            assert!(id.len() <= 20 && id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{id}");
        }
    }
}
