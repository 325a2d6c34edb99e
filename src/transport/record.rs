//! Runs nothing: the transport of a dry run and of tests.

use std::sync::{Mutex, PoisonError};

use crate::error::Error;
use crate::model::event::Stream;
use crate::transport::api::{Exit, Input, Request, Transport, cancelled};
use crate::transport::cancel::Cancel;

/// What a command is to have printed and ended with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Exit status.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Answer {
    /// Status 0 and this output.
    pub fn ok(stdout: impl Into<String>) -> Self {
        Self { stdout: stdout.into(), ..Self::default() }
    }

    /// A failure with this status and these words.
    pub fn failed(status: i32, stderr: impl Into<String>) -> Self {
        Self { status, stderr: stderr.into(), ..Self::default() }
    }
}

/// Gives the answer to a display line; none is status 0 without output.
type Answers = dyn Fn(&str) -> Option<Answer> + Send + Sync;

/// Takes every command and runs none.
pub struct Record {
    label: String,
    answers: Box<Answers>,
    seen: Mutex<Vec<Seen>>,
}

/// A command that would have run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The line as [`crate::model::command::Command::display_line`] shows it.
    pub line: String,
    /// What it would have read.
    pub input: Vec<u8>,
}

impl Record {
    /// Every command ends with status 0 and prints nothing.
    pub fn new(label: impl Into<String>) -> Self {
        Self::answering(label, |_| None)
    }

    /// Commands end as `answers` says, from their display line.
    pub fn answering(
        label: impl Into<String>,
        answers: impl Fn(&str) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        Self { label: label.into(), answers: Box::new(answers), seen: Mutex::default() }
    }

    /// The display lines of all commands so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }

    /// All commands so far.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Transport for Record {
    fn run(&self, request: Request<'_>, output: &mut dyn FnMut(Stream, &[u8]), cancel: &Cancel) -> Result<Exit, Error> {
        request.command.inner_line(request.vault)?;
        if cancel.is_raised() {
            return Err(cancelled());
        }
        let mut input = Vec::new();
        if let Input::Bytes(source) = request.input {
            source.read_to_end(&mut input).map_err(|cause| {
                Error::new(crate::error::Kind::Io, format!("could not read the input of the command: {cause}"))
            })?;
        }
        let line = request.command.display_line(request.vault);
        let answer = (self.answers)(&line).unwrap_or_default();
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(Seen { line, input });
        for (stream, text) in [(Stream::Stdout, &answer.stdout), (Stream::Stderr, &answer.stderr)] {
            if !text.is_empty() {
                output(stream, text.as_bytes());
            }
        }
        Ok(Exit { status: answer.status })
    }

    fn connect(&self, _cancel: &Cancel) -> Result<(), Error> {
        Ok(())
    }

    fn label(&self) -> String {
        self.label.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::model::command::Command;
    use crate::model::secret::Vault;

    fn run(
        record: &Record,
        command: &Command,
        mut input: Input<'_>,
        cancel: &Cancel,
    ) -> Result<(i32, String, String), Error> {
        let (mut out, mut err) = (String::new(), String::new());
        let vault = Vault::default();
        let exit = record.run(
            Request { command, input: input.reborrow(), vault: &vault },
            &mut |stream, bytes| {
                let text = if stream == Stream::Stdout { &mut out } else { &mut err };
                text.push_str(std::str::from_utf8(bytes).unwrap());
            },
            cancel,
        )?;
        Ok((exit.status, out, err))
    }

    #[test]
    fn everything_succeeds_and_is_remembered() {
        let record = Record::new("web1");
        let command = Command { dir: Some("/srv".into()), ..Command::program(["ls", "a b"]) };
        assert_eq!(run(&record, &command, Input::None, &Cancel::new()).unwrap(), (0, String::new(), String::new()));
        assert_eq!(record.lines(), ["cd /srv && ls 'a b'"]);
        assert_eq!(record.label(), "web1");
    }

    #[test]
    fn answers_are_given_by_line() {
        let record = Record::answering("web1", |line| match line {
            "date" => Some(Answer::ok("today\n")),
            "false" => Some(Answer::failed(1, "no\n")),
            _ => None,
        });
        let ask = |program| run(&record, &Command::program([program]), Input::None, &Cancel::new()).unwrap();
        assert_eq!(ask("date"), (0, "today\n".into(), String::new()));
        assert_eq!(ask("false"), (1, String::new(), "no\n".into()));
        assert_eq!(ask("true"), (0, String::new(), String::new()));
    }

    #[test]
    fn input_is_kept_with_its_command() {
        let record = Record::new("web1");
        let mut bytes = b"abc".as_slice();
        run(&record, &Command::program(["cat"]), Input::Bytes(&mut bytes), &Cancel::new()).unwrap();
        assert_eq!(record.seen(), [Seen { line: "cat".into(), input: b"abc".to_vec() }]);
    }

    #[test]
    fn what_no_host_could_run_fails_here_too() {
        let error = run(&Record::new("web1"), &Command::program([""]), Input::None, &Cancel::new()).unwrap_err();
        assert_eq!(error.to_string(), "the name of the program is empty");
    }

    #[test]
    fn a_raised_cancel_stops_a_dry_run() {
        let cancel = Cancel::new();
        cancel.raise();
        let record = Record::new("web1");
        assert_eq!(run(&record, &Command::program(["ls"]), Input::None, &cancel).unwrap_err().kind(), Kind::Cancelled);
        assert!(record.lines().is_empty());
    }
}
