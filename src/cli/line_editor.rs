//! Where the lines of a console come from: an editor on a terminal, or a pipe.

use std::fs::OpenOptions;
use std::io::{BufRead, IsTerminal, stdin, stdout};

use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use crate::cli::echo;
use crate::cli::prompt::in_ci;
use crate::error::{Error, Kind};
use crate::model::console_line::Line;
use crate::model::line_completion::{Names, complete};

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Something to do; several lines, where one was not all of it.
    Line(String),
    /// Ctrl-C: what was typed is dropped.
    Nothing,
    /// Ctrl-D, or the end of the pipe.
    End,
}

/// Where lines come from.
pub enum Lines {
    /// A person with a line editor, who can have these lines back.
    Person(Vec<String>),
    /// Whatever standard input is.
    Pipe,
}

impl Lines {
    /// An editor with these earlier lines, where there is a terminal on both sides.
    #[must_use]
    pub fn open(earlier: &[String]) -> Self {
        if in_ci() || !stdin().is_terminal() || !stdout().is_terminal() {
            return Self::Pipe;
        }
        Self::Person(earlier.to_vec())
    }

    /// Whether somebody is typing.
    #[must_use]
    pub fn is_person(&self) -> bool {
        matches!(self, Self::Person(_))
    }

    /// Waits for the next line. `names` is what can be completed.
    ///
    /// # Errors
    /// Input that cannot be read.
    pub fn next(&mut self, prompt: &str, names: Names) -> Result<Typed, Error> {
        match self {
            Self::Pipe => from_pipe(&names),
            Self::Person(earlier) => {
                let typed = edit(prompt, names, earlier)?;
                if let Typed::Line(line) = &typed {
                    earlier.push(line.clone());
                }
                Ok(typed)
            }
        }
    }
}

/// One line with an editor of its own: it takes Ctrl-C to itself as long as it is there.
fn edit(prompt: &str, names: Names, earlier: &[String]) -> Result<Typed, Error> {
    let config = Config::builder().completion_type(CompletionType::List).build();
    let mut editor: Editor<Assistant, MemHistory> =
        Editor::with_history(config.clone(), MemHistory::with_config(&config)).map_err(|error| unusable(&error))?;
    editor.set_helper(Some(Assistant(names)));
    for line in earlier {
        // A line that cannot be kept in memory is only not offered.
        let _ = editor.add_history_entry(line);
    }
    if let Ok(terminal) = OpenOptions::new().read(true).write(true).open("/dev/tty") {
        // A signal may end the process while the editor has changed the terminal.
        let _ = echo::keep(&terminal);
    }
    let typed = editor.readline(prompt);
    echo::restore();
    match typed {
        Ok(line) => Ok(Typed::Line(line)),
        Err(ReadlineError::Interrupted) => Ok(Typed::Nothing),
        Err(ReadlineError::Eof) => Ok(Typed::End),
        Err(error) => Err(unusable(&error)),
    }
}

fn unusable(error: &ReadlineError) -> Error {
    Error::new(Kind::Io, format!("could not read from the terminal: {error}"))
}

/// What is left of the pipe, up to where it is whole.
fn from_pipe(names: &Names) -> Result<Typed, Error> {
    let mut text = String::new();
    loop {
        let mut line = Vec::new();
        let read = stdin().lock().read_until(b'\n', &mut line);
        let count = read.map_err(|error| Error::new(Kind::Io, format!("could not read standard input: {error}")))?;
        text.push_str(&String::from_utf8_lossy(&line));
        if count == 0 && text.is_empty() {
            return Ok(Typed::End);
        }
        if count == 0 || is_whole(&text, names) {
            return Ok(Typed::Line(text.trim_end_matches(['\r', '\n']).to_owned()));
        }
    }
}

fn is_whole(text: &str, names: &Names) -> bool {
    Line::is_whole(text, |name| names.variables.iter().any(|variable| variable == name))
}

/// Completes names, and lets a line go on that is not whole.
#[derive(Default)]
pub struct Assistant(Names);

impl Helper for Assistant {}
impl Highlighter for Assistant {}

impl Hinter for Assistant {
    type Hint = String;
}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(&self, line: &str, cursor: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (start, found) = complete(line, cursor, &self.0);
        Ok((start, found.into_iter().map(|word| Pair { display: word.clone(), replacement: word }).collect()))
    }
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let whole = is_whole(context.input(), &self.0);
        Ok(if whole { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}
