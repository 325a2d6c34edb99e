//! The numbers in front of commands: `01`, `02`, … one per distinct command of a task.

use std::collections::HashMap;

use indexmap::IndexSet;

/// Which number a command has within its task. Tasks are numbered each for itself, so that a command after a nested
/// task goes on where its own task stopped.
#[derive(Debug, Default)]
pub struct Numbering {
    tasks: HashMap<Option<String>, IndexSet<String>>,
}

impl Numbering {
    /// A task begins (again): its numbers start at 1.
    pub fn restart(&mut self, task: &str) {
        self.tasks.remove(&Some(task.to_owned()));
    }

    /// The number of a command, from 1, and whether it is new in this task.
    pub fn number(&mut self, task: Option<&str>, command: &str) -> (usize, bool) {
        let commands = self.tasks.entry(task.map(ToOwned::to_owned)).or_default();
        let (index, new) = commands.insert_full(command.to_owned());
        (index + 1, new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_command_keeps_its_number() {
        let mut numbers = Numbering::default();
        assert_eq!(numbers.number(Some("a"), "ls"), (1, true));
        assert_eq!(numbers.number(Some("a"), "id"), (2, true));
        assert_eq!(numbers.number(Some("a"), "ls"), (1, false));
    }

    #[test]
    fn a_nested_task_does_not_disturb_the_outer_one() {
        let mut numbers = Numbering::default();
        numbers.number(Some("outer"), "ls");
        assert_eq!(numbers.number(Some("inner"), "ls"), (1, true));
        assert_eq!(numbers.number(None, "ls"), (1, true));
        assert_eq!(numbers.number(Some("outer"), "id"), (2, true));
    }

    #[test]
    fn a_task_that_runs_again_starts_again() {
        let mut numbers = Numbering::default();
        numbers.number(Some("a"), "ls");
        numbers.restart("a");
        assert_eq!(numbers.number(Some("a"), "id"), (1, true));
        assert_eq!(numbers.number(Some("a"), "ls"), (2, true));
    }
}
