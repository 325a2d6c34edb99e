//! What a call is about: tasks, one command, a script, a piece of code, or a console.

use std::path::PathBuf;

use crate::cli::args::Call;
use crate::cli::doctor;
use crate::cli::words::Words;
use crate::error::Error;
use crate::recipe::reading;

/// The words that stand in place of tasks.
pub const EXEC: &str = "exec";
pub const SCRIPT: &str = "script";
pub const CONSOLE: &str = "console";

/// What code from the command line is called in errors.
const CODE: &str = "-e";

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Tasks, or what a stage alone means.
    Tasks,
    /// One command on every host.
    Exec(Vec<String>),
    /// A recipe of its own, with its arguments.
    Script(PathBuf, Vec<String>),
    /// Code, with its arguments.
    Code {
        /// What it is called in errors.
        shown: String,
        /// The code.
        text: String,
        /// What reaches it as `args`.
        arguments: Vec<String>,
    },
    /// Lines that are typed, or come from a pipe.
    Console,
    /// A look at every host.
    Doctor,
}

impl Work {
    /// Understands the words of a call behind its stage.
    ///
    /// # Errors
    /// Words that do not go together.
    pub fn of(words: &Words, call: &Call) -> Result<Self, Error> {
        let command = || call.command.clone();
        if let Some(code) = &call.options.execute {
            if let Some(task) = words.tasks.first() {
                return Err(Error::usage(format!(
                    "`-e` runs its code in place of tasks, and `{task}` is one more word"
                ))
                .help(format!("run the task in the code: `-e 'invoke(\"{task}\")'`"))
                .help("arguments for the code stand behind `--`"));
            }
            return Ok(Self::Code { shown: CODE.to_owned(), text: code.clone(), arguments: command() });
        }
        match words.tasks.split_first() {
            Some((first, rest)) if first == EXEC => exec(rest, command()).map(Self::Exec),
            Some((first, rest)) if first == SCRIPT => {
                let Some((file, arguments)) = rest.split_first() else {
                    return Err(Error::usage("`script` needs a file").help(
                        "for example `windlass production script check.rhai`, or `windlass script check.rhai --hosts web1,web2`",
                    ));
                };
                Ok(Self::Script(file.into(), arguments.iter().cloned().chain(command()).collect()))
            }
            Some((first, rest)) if first == CONSOLE => match rest.iter().chain(&call.command).next() {
                None => Ok(Self::Console),
                Some(word) => Err(Error::usage(format!("`console` takes no words, and there is `{word}`"))
                    .help("type it at the prompt, or use `exec -- COMMAND`")),
            },
            Some((first, rest)) if first == doctor::WORD && call.command.is_empty() => {
                doctor::alone(rest).map(|()| Self::Doctor)
            }
            _ if !call.command.is_empty() => {
                Err(Error::usage("only `exec` takes a command after `--`")
                    .note("`script` and `-e` take arguments there"))
            }
            _ => Ok(Self::Tasks),
        }
    }

    /// With the text of a script in place of its file; to be done before the folder is changed to that of the project.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read(self) -> Result<Self, Error> {
        let Self::Script(file, arguments) = self else { return Ok(self) };
        let shown = file.display().to_string();
        if file.is_dir() {
            return Err(Error::usage(format!("`{shown}` is a folder, and `script` needs a file")));
        }
        if !file.is_file() {
            return Err(Error::usage(format!("there is no file `{shown}`"))
                .note("a script is looked for from the folder you are in"));
        }
        let text = reading::read(&file, &shown)?;
        Ok(Self::Code { shown, text, arguments })
    }

    /// Whether this goes without a project: no stage was named, and this first word needs none.
    #[must_use]
    pub fn is_without_stage(words: &Words, call: &Call) -> bool {
        match words.stage.as_deref() {
            None => call.options.execute.is_some(),
            Some(first) => call.options.execute.is_none() && [SCRIPT, CONSOLE].contains(&first),
        }
    }
}

/// The command of `exec`, checked.
fn exec(rest: &[String], command: Vec<String>) -> Result<Vec<String>, Error> {
    if !rest.is_empty() {
        return Err(Error::usage("`exec` takes its command after `--`")
            .help(format!("write `windlass STAGE exec -- {}`", rest.join(" "))));
    }
    if command.is_empty() {
        return Err(Error::usage("`exec` needs a command").help("for example `windlass production exec -- uptime`"));
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn work(line: &[&str]) -> Result<Work, Error> {
        let call = Call::try_parse_from([&["windlass"], line].concat()).unwrap();
        let mut words = Words::sort(&call.words);
        if Work::is_without_stage(&words, &call) {
            words.unstage();
        }
        Work::of(&words, &call)
    }

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn the_command_of_exec_stands_after_two_dashes() {
        assert_eq!(work(&["p", "exec", "--", "ls", "-l"]).unwrap(), Work::Exec(strings(&["ls", "-l"])));
        let error = work(&["p", "exec", "ls"]).unwrap_err();
        assert_eq!(error.parts().help, ["write `windlass STAGE exec -- ls`"]);
        assert_eq!(work(&["p", "exec"]).unwrap_err().to_string(), "`exec` needs a command");
    }

    #[test]
    fn a_script_has_its_words_and_what_stands_after_two_dashes() {
        let script = |arguments: &[&str]| Work::Script("x.rhai".into(), strings(arguments));
        assert_eq!(work(&["p", "script", "x.rhai"]).unwrap(), script(&[]));
        assert_eq!(work(&["p", "script", "x.rhai", "a", "K=v", "-n", "--", "-b"]).unwrap(), script(&["a", "-b"]));
        assert_eq!(work(&["script", "x.rhai", "a", "--hosts", "web1"]).unwrap(), script(&["a"]));
        assert_eq!(work(&["script"]).unwrap_err().to_string(), "`script` needs a file");
    }

    #[test]
    fn code_takes_the_place_of_tasks() {
        let code = |arguments: &[&str]| Work::Code {
            shown: "-e".to_owned(),
            text: "info(1)".to_owned(),
            arguments: strings(arguments),
        };
        assert_eq!(work(&["p", "-e", "info(1)"]).unwrap(), code(&[]));
        assert_eq!(work(&["-e", "info(1)", "--hosts", "a", "--", "b"]).unwrap(), code(&["b"]));
        let error = work(&["p", "deploy", "-e", "info(1)"]).unwrap_err();
        assert_eq!(error.parts().help[0], "run the task in the code: `-e 'invoke(\"deploy\")'`");
    }

    #[test]
    fn a_console_is_alone() {
        assert_eq!(work(&["p", "console"]).unwrap(), Work::Console);
        assert_eq!(work(&["console"]).unwrap(), Work::Console);
        assert!(work(&["p", "console", "uptime"]).is_err() && work(&["console", "--", "uptime"]).is_err());
    }

    #[test]
    fn a_look_at_the_hosts_is_alone() {
        assert_eq!(work(&["p", "doctor", "-z", "web1"]).unwrap(), Work::Doctor);
        assert!(work(&["p", "doctor", "deploy"]).is_err() && work(&["p", "doctor", "--", "ls"]).is_err());
    }

    #[test]
    fn everything_else_is_tasks() {
        assert_eq!(work(&["p", "deploy", "exec"]).unwrap(), Work::Tasks);
        assert_eq!(work(&["p"]).unwrap(), Work::Tasks);
        assert!(work(&["p", "deploy", "--", "ls"]).is_err());
    }
}
