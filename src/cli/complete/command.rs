//! `windlass complete SHELL -- WORDS`: answers from what is kept, within a few milliseconds.
//!
//! No recipe is read here and nothing is connected to. Where what is kept is out of date, it is the answer all the same,
//! and another process renews it for the next time.

use std::env;
use std::path::{Path, PathBuf};

use crate::cli::args::Options;
use crate::cli::command_args::{CompleteArgs, Shell};
use crate::cli::complete::answer;
use crate::cli::complete::grammar::grammar;
use crate::cli::complete::renew::{begin, renew};
use crate::cli::complete::store::{self, Store};
use crate::cli::results::print;
use crate::cli::session::personal;
use crate::error::EXIT_OK;
use crate::model::completion::{self, complete as next};
use crate::model::known_words::KnownWords;
use crate::model::shell_line::{Typed, take_apart};
use crate::model::typed_line::TypedLine;
use crate::recipe::known_words::{expected, stamp};
use crate::recipe::project::{Project, RESERVED};

/// Prints the words that can come next, as the shell's function wants them. Who presses Tab gets no errors: words, or
/// nothing.
pub fn complete(options: &Options, args: CompleteArgs) -> u8 {
    if args.renew {
        renew(options);
        return EXIT_OK;
    }
    let shell = args.shell.unwrap_or(Shell::Bash);
    let typed = typed(shell, args);
    let grammar = grammar();
    let line = TypedLine::read(&typed.words, &grammar);
    let project = project(&line);
    let stages = project.as_ref().map(stages).unwrap_or_default();
    let known =
        project.as_ref().map(|project| known(project, &stages, line.value("file").is_some())).unwrap_or_default();
    let answer = next(&line, &typed.current, &grammar, completion::Project { stages: &stages, known: &known });
    // Nobody may wait for it any more.
    let _ = print(&answer::text(shell, &answer, &typed));
    EXIT_OK
}

/// What was typed behind the program's name. Bash gives the line, the others words of which the last one is not complete.
fn typed(shell: Shell, mut args: CompleteArgs) -> Typed {
    if shell == Shell::Bash {
        let mut typed = take_apart(args.words.first().map_or("", String::as_str), &args.breaks);
        if !typed.words.is_empty() {
            typed.words.remove(0);
        }
        return typed;
    }
    let current = args.words.pop().unwrap_or_default();
    Typed { words: args.words, current, ..Typed::default() }
}

/// The project the line is about, found as a run of it would.
fn project(line: &TypedLine<'_>) -> Option<Project> {
    let here = env::current_dir().ok()?;
    let start = line.value("directory").map_or_else(|| here.clone(), |folder| here.join(home(folder)));
    // Without `..`: what is above is looked for in the path.
    let start = start.canonicalize().ok()?;
    match line.value("file") {
        Some(file) => Project::of(&start.join(home(file))).ok(),
        None => Project::find(&start),
    }
}

/// `~` as the shell would have expanded it.
fn home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(path),
    }
}

/// The stages that can be named.
pub(super) fn stages(project: &Project) -> Vec<String> {
    project.stage_files().into_iter().filter(|stage| !RESERVED.contains(&stage.as_str())).collect()
}

/// What is kept of a project. What is out of date is renewed behind our back.
fn known(project: &Project, stages: &[String], is_named: bool) -> KnownWords {
    let Some(store) = Store::of(project) else { return KnownWords::default() };
    let mut known = store.read();
    if !is_fresh(&known, project, stages) {
        begin(&store, project, is_named);
    }
    // A stage that is gone says nothing any more.
    known.stages.retain(|name, _| name.is_empty() || stages.contains(name));
    known
}

fn is_fresh(known: &KnownWords, project: &Project, stages: &[String]) -> bool {
    let own = personal();
    let fresh = |stage: Option<&str>| {
        let words = known.stages.get(stage.unwrap_or_default());
        words.is_some_and(|words| words.is_fresh(&expected(project, stage, own.as_deref()), &stamp))
    };
    let all = if stages.is_empty() { fresh(None) } else { stages.iter().all(|stage| fresh(Some(stage))) };
    known.version == store::VERSION && all
}
