//! The words of a call: which is the stage, which are tasks, which are `KEY=value`.

use std::collections::HashMap;

use crate::error::Error;
use crate::model::suggest::did_you_mean;
use crate::model::task_call::Call;

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

/// `KEY=value`, as Rake sees it: letters, digits and `_` before the first `=`.
#[must_use]
pub fn variable(word: &str) -> Option<(&str, &str)> {
    word.split_once('=').filter(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_'))
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
    Error::usage(format!("there is no stage `{word}`"))
        .maybe_help(write)
        .maybe_help(did_you_mean(word, stages.iter().map(String::as_str)))
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
    fn a_task_in_place_of_the_stage_is_recognised() {
        let stages = ["production".to_owned()];
        let error = no_stage(Some("deploy"), &stages, &["deploy"]);
        assert_eq!(error.to_string(), "`deploy` is a task, and the first word has to be a stage");
        assert_eq!(error.parts().help, ["write `windlass production deploy`"]);
        let error = no_stage(Some("prodution"), &stages, &["deploy"]);
        assert_eq!(error.parts().help[0], "did you mean `production`?");
        assert_eq!(no_stage(None, &stages, &[]).parts().help, ["for example `windlass production deploy`"]);
    }
}
