//! The words of a call: which is the stage, which are tasks, which are `KEY=value`.

use std::collections::HashMap;

use clap::CommandFactory;

use crate::cli::args::Top;
use crate::error::Error;
use crate::model::suggest::did_you_mean;
use crate::model::task_call::Call;
pub use crate::model::typed_line::variable;

/// A call, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The stage.
    pub stage: Option<String>,
    /// What to do there, in order.
    pub tasks: Vec<String>,
    /// Variables for this run.
    pub env: HashMap<String, String>,
}

impl Words {
    /// Sorts words; the first that is no `KEY=value` is the stage.
    #[must_use]
    pub fn sort(words: &[String]) -> Self {
        let mut sorted = Self::default();
        for word in words {
            if let Some((name, value)) = variable(word) {
                sorted.env.insert(name.to_owned(), value.to_owned());
            } else if sorted.stage.is_none() {
                sorted.stage = Some(word.clone());
            } else {
                sorted.tasks.push(word.clone());
            }
        }
        sorted
    }

    /// Refuses a second stage, which would be taken for a task there is not.
    ///
    /// # Errors
    /// A task that is called like a stage, where no task is.
    pub fn one_stage(&self, stages: &[String], is_task: impl Fn(&str) -> bool) -> Result<(), Error> {
        let second = self.tasks.iter().find(|word| stages.contains(word) && !is_task(word));
        second.map_or(Ok(()), |second| {
            Err(Error::usage(format!("a run has one stage, and `{second}` is another one"))
                .help("run windlass once for each stage"))
        })
    }

    /// Makes the first word no stage, but what is to be done.
    pub fn unstage(&mut self) {
        let first = self.stage.take();
        self.tasks.splice(0..0, first);
    }

    /// The tasks as calls.
    ///
    /// # Errors
    /// A task whose brackets do not match.
    pub fn calls(&self) -> Result<Vec<Call>, Error> {
        self.tasks.iter().map(|task| task.parse()).collect()
    }
}

/// The error for a first word that is no stage.
#[must_use]
pub fn no_stage(word: Option<&str>, stages: &[String], tasks: &[&str]) -> Error {
    let example = stages.first().map_or("production", String::as_str);
    let list = if stages.is_empty() {
        "there are no stages yet".to_owned()
    } else {
        format!("the stages are {}", stages.join(", "))
    };
    let Some(word) = word else {
        return Error::usage("no stage was named").note(list).help(format!("for example `windlass {example} deploy`"));
    };
    let name = word.split('[').next().unwrap_or(word);
    if tasks.contains(&name) {
        return Error::usage(format!("`{name}` is a task, and the first word has to be a stage"))
            .note(list)
            .help(format!("write `windlass {example} {word}`"));
    }
    let write =
        stages.is_empty().then(|| format!("`windlass init --stages {name}` writes it, and leaves what is there"));
    let top = Top::command();
    let commands = top.get_subcommands().filter(|command| !command.is_hide_set()).map(clap::Command::get_name);
    Error::usage(format!("there is no stage `{word}`"))
        .maybe_help(write)
        .maybe_help(did_you_mean(word, stages.iter().map(String::as_str).chain(commands)))
        .note(list)
        .help("`windlass --help` lists the commands that need no stage")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sort(words: &[&str]) -> Words {
        Words::sort(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn variables_may_stand_anywhere() {
        let words = sort(&["A=1", "production", "deploy", "B=x=y", "check[a=b]"]);
        assert_eq!(words.stage.as_deref(), Some("production"));
        assert_eq!(words.tasks, ["deploy", "check[a=b]"]);
        assert_eq!(words.env, HashMap::from([("A".into(), "1".into()), ("B".into(), "x=y".into())]));
    }

    #[test]
    fn a_second_stage_is_no_task() {
        let stages = ["staging".to_owned(), "production".to_owned()];
        let words = sort(&["production", "deploy", "staging"]);
        let error = words.one_stage(&stages, |name| name == "deploy").unwrap_err();
        assert_eq!(error.to_string(), "a run has one stage, and `staging` is another one");
        assert!(words.one_stage(&stages, |_| true).is_ok(), "a task may be called like a stage");
        assert!(sort(&["production", "deploy"]).one_stage(&stages, |_| false).is_ok());
    }

    #[test]
    fn a_task_in_place_of_the_stage_is_recognised() {
        let stages = ["production".to_owned()];
        let error = no_stage(Some("deploy"), &stages, &["deploy"]);
        assert_eq!(error.to_string(), "`deploy` is a task, and the first word has to be a stage");
        assert_eq!(error.parts().help, ["write `windlass production deploy`"]);
        let error = no_stage(Some("prodution"), &stages, &["deploy"]);
        assert_eq!(error.parts().help[0], "did you mean `production`?");
        for (typed, meant) in [("chek", "check"), ("doc", "docs"), ("consle", "console")] {
            let error = no_stage(Some(typed), &stages, &["deploy"]);
            assert_eq!(error.parts().help[0], format!("did you mean `{meant}`?"));
        }
        assert_eq!(no_stage(None, &stages, &[]).parts().help, ["for example `windlass production deploy`"]);
    }
}
