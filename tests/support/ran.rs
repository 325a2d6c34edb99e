//! What a run of the binary printed and how it ended.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::support::clean::clean;

/// A finished run.
#[derive(Clone, Debug)]
pub struct Ran {
    /// Standard output, as it was.
    pub stdout: String,
    /// Standard error, as it was.
    pub stderr: String,
    /// Exit code; -1 when a signal ended it.
    pub code: i32,
    top: String,
}

impl Ran {
    /// From what the process left; `top` is the folder to hide in cleaned output.
    pub fn new(output: &Output, top: &Path) -> Self {
        Self {
            stdout: String::from_utf8(output.stdout.clone()).expect("windlass prints UTF-8"),
            stderr: String::from_utf8(output.stderr.clone()).expect("windlass prints UTF-8"),
            code: output.status.code().unwrap_or(-1),
            top: top.display().to_string(),
        }
    }

    /// It ended with 0.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.fails(0)
    }

    /// It ended with this code.
    #[track_caller]
    pub fn fails(self, code: u8) -> Self {
        assert_eq!(self.code, i32::from(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Standard output without what differs from run to run.
    pub fn out(&self) -> String {
        clean(&self.stdout, &self.top)
    }

    /// Standard error without what differs from run to run.
    pub fn err(&self) -> String {
        clean(&self.stderr, &self.top)
    }

    /// Standard error and the exit code, for a snapshot. Standard output is not in it: which host is first there is
    /// chance.
    pub fn ending(&self) -> String {
        format!("{}\nexit code {}", self.err().trim_end(), self.code)
    }

    /// The first line of the error, without `error: `.
    #[track_caller]
    pub fn error(&self) -> String {
        let err = self.err();
        let line = err.lines().find_map(|line| line.strip_prefix("error: "));
        line.unwrap_or_else(|| panic!("no error in:\n{}{err}", self.out())).to_owned()
    }

    /// The lines of standard output as JSON.
    #[track_caller]
    pub fn events(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
        self.stdout.lines().map(parse).collect()
    }

    /// The events of this name.
    #[track_caller]
    pub fn all(&self, event: &str) -> Vec<Value> {
        self.events().into_iter().filter(|line| line["event"] == event).collect()
    }

    /// What was said at this level, in order.
    #[track_caller]
    pub fn messages(&self, level: &str) -> Vec<String> {
        let said = self.all("message").into_iter().filter(|line| line["level"] == level);
        said.map(|line| text(&line["text"])).collect()
    }

    /// The whole command lines of one host, in order.
    #[track_caller]
    pub fn lines(&self, host: &str) -> Vec<String> {
        let started = self.all("command_started").into_iter().filter(|line| line["host"] == host);
        started.map(|line| text(&line["line"])).map(|line| line.replace(&self.top, "[top]")).collect()
    }

    /// The error of a failed run.
    #[track_caller]
    pub fn failure(&self) -> Value {
        self.all("failed").pop().unwrap_or_else(|| panic!("no failed event in:\n{}{}", self.stdout, self.stderr))["error"]
            .clone()
    }

    /// The tasks in the order they began.
    #[track_caller]
    pub fn tasks(&self) -> Vec<String> {
        self.all("task_started").iter().map(|line| text(&line["task"])).collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
