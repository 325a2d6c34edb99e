//! What is asked before a task runs: `confirm: "Really drop the database?"`.
//!
//! Owns the words of the question and what counts as a yes. Who is asked, and when, is `recipe::confirm`'s.

use crate::error::{Error, Kind};
use crate::model::name_list::quoted;
use crate::model::plural::plural;
use crate::place::Place;

/// What a task asks before it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm<B> {
    /// The question.
    pub message: Message<B>,
    /// Where it was written.
    pub place: Place,
}

/// The words of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<B> {
    /// As they stand there.
    Text(String),
    /// A closure that gives them when they are needed.
    Made(B),
}

/// A question that is put to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The task it is for.
    pub task: String,
    /// Its words.
    pub text: String,
    /// Whether the task runs on a condition only.
    pub perhaps: bool,
}

impl Question {
    fn line(&self) -> String {
        let perhaps = if self.perhaps { " (perhaps)" } else { "" };
        format!("{}{perhaps}: {}", self.task, self.text)
    }
}

/// The text before the answer: the questions of all tasks, answered together.
#[must_use]
pub fn prompt(questions: &[Question]) -> String {
    if let [only] = questions {
        return format!("{} [y/N] ", only.line());
    }
    let lines = questions.iter().map(Question::line).collect::<Vec<_>>().join("\n");
    format!("{lines}\nGo on with all {}? [y/N] ", questions.len())
}

/// Whether an answer lets the tasks run. Anything but a clear yes does not.
#[must_use]
pub fn is_yes(answer: &str) -> bool {
    ["y", "yes"].contains(&answer.trim().to_lowercase().as_str())
}

/// The error for an answer that is no yes.
#[must_use]
pub fn refused(questions: &[Question]) -> Error {
    Error::new(Kind::Cancelled, format!("{} was not confirmed", named(questions)))
        .help("answer `y` to go on, or give `--yes`")
}

/// The error where nobody can be asked.
#[must_use]
pub fn unanswered(questions: &[Question]) -> Error {
    let error = Error::usage(format!("{} has to be confirmed, and there is no terminal to ask on", named(questions)));
    let error = questions.iter().fold(error, |error, question| error.note(question.line()));
    error.help("`--yes` says yes beforehand; `--dry-run` and `--plan` show what would be done, and ask nothing")
}

fn named(questions: &[Question]) -> String {
    let tasks = quoted(questions.iter().map(|question| &question.task));
    match questions {
        [_] => format!("task {tasks}"),
        _ => format!("one of {} ({tasks})", plural(questions.len(), "task")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(task: &str, perhaps: bool) -> Question {
        Question { task: task.to_owned(), text: format!("Really {task}?"), perhaps }
    }

    #[test]
    fn all_questions_are_asked_together() {
        assert_eq!(prompt(&[question("drop", false)]), "drop: Really drop? [y/N] ");
        assert_eq!(
            prompt(&[question("drop", false), question("wipe", true)]),
            "drop: Really drop?\nwipe (perhaps): Really wipe?\nGo on with all 2? [y/N] "
        );
    }

    #[test]
    fn only_a_clear_yes_goes_on() {
        for yes in ["y", "Y", "yes", " YES \n"] {
            assert!(is_yes(yes), "{yes:?}");
        }
        for no in ["", "n", "no", "ja", "yep", "y y", "1"] {
            assert!(!is_yes(no), "{no:?}");
        }
    }

    #[test]
    fn errors_name_the_tasks_and_say_what_to_do() {
        let error = unanswered(&[question("drop", false)]);
        assert_eq!(error.to_string(), "task `drop` has to be confirmed, and there is no terminal to ask on");
        assert_eq!((error.exit_code(), error.parts().notes.as_slice()), (2, &["drop: Really drop?".to_owned()][..]));
        assert!(error.parts().help[0].starts_with("`--yes`"));
        let error = refused(&[question("drop", false), question("wipe", false)]);
        assert_eq!(error.to_string(), "one of 2 tasks (`drop`, `wipe`) was not confirmed");
        assert_eq!(error.exit_code(), 130);
    }
}
