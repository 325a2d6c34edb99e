//! `windlass STAGE console`: commands and code, line by line, until Ctrl-D.
//!
//! Each line is a run of its own, with its errors and failure hooks; settings, variables and connections stay.

use std::cell::Cell;

use crate::cli::args::Call;
use crate::cli::history::History;
use crate::cli::line_editor::{Lines, Typed};
use crate::cli::output::Output;
use crate::cli::perform::{ask_sudo_password, listen, timed};
use crate::cli::results::print;
use crate::cli::settings;
use crate::cli::signals::Turns;
use crate::error::{EXIT_CANCELLED, EXIT_OK, Error, Kind};
use crate::model::console_line::Line;
use crate::model::event::Level;
use crate::model::plural::plural;
use crate::model::typed_secret::title;
use crate::recipe::frame::Frame;
use crate::recipe::memory::Memory;
use crate::recipe::scripts::line_name;
use crate::recipe::session::Session;

const HELP: &str = "\
  uptime                         a command: it runs on every host
  !if true; then id; fi          a command that looks like code
  fetch(\"branch\")                code: its value is shown
  let hosts = roles(\"web\");      variables and functions stay
  on(hosts, |host| execute(\"id\"))
  invoke(\"deploy:check\")         a task
  exit(3), exit, quit, Ctrl-D    leave
  Ctrl-C                         drop the line, or end the one that runs
  A line goes on in the next one until its brackets are closed. Tab completes names.
  Lines that hold a secret, or begin with a blank, are not kept for the next console.
";

/// Reads lines and does what they say; gives the exit code: that of `exit`, or with lines from a pipe that of the last one
/// that failed.
///
/// # Errors
/// A terminal that cannot be used.
pub fn console(session: &Session, call: &Call, line: &str, output: &Output) -> Result<u8, Error> {
    let world = session.world();
    let mut history = if world.options.dry_run { History::default() } else { History::open() };
    let mut lines = Lines::open(history.lines())?;
    let turns = Turns::several(lines.is_person());
    listen(session, turns.clone());
    turns.busy(true);
    ask_sudo_password(session, call)?;
    turns.busy(false);
    settings::show(session, &call.options, output, &*output.reporter())?;
    if lines.is_person() && !output.is_json() {
        print(&greeting(session))?;
    }
    let prompt = format!("{}> ", world.options.stage.as_deref().unwrap_or("windlass"));
    let mut memory = Memory::default();
    let (mut code, mut number) = (EXIT_OK, 0);
    let code = loop {
        let text = match lines.next(&prompt, session.names(&memory))? {
            Typed::End => break code,
            Typed::Nothing => continue,
            Typed::Line(text) => text,
        };
        let surely = text.trim_start().starts_with('!');
        let work = match Line::read(&text, |name| memory.has(name)) {
            Line::Leave => break code,
            Line::Help => {
                print(HELP)?;
                continue;
            }
            Line::Nothing => continue,
            work => work,
        };
        number += 1;
        let title = format!("{line} {}", title(&text, &world.vault));
        let left = Cell::new(false);
        output.begin_line();
        session.begin_again();
        turns.busy(true);
        let run = || {
            if let Line::Command(command) = &work
                && !surely
            {
                not_a_task(session, command)?;
            }
            perform(session, work, &mut memory, number, &left)
        };
        let outcome = timed(session, &title, || run().map(|()| EXIT_OK), || ());
        turns.busy(false);
        let ended = outcome.unwrap_or_else(|error| {
            output.complain(&error);
            error.exit_code()
        });
        if lines.is_person() {
            history.keep(&text, &world.vault);
        }
        if turns.is_ending() {
            break EXIT_CANCELLED;
        }
        if left.get() {
            break ended;
        }
        // Somebody who types has seen it.
        if ended != EXIT_OK && !lines.is_person() {
            code = ended;
        }
    };
    session.close();
    Ok(code)
}

fn greeting(session: &Session) -> String {
    let world = session.world();
    let hosts = plural(world.hosts_of_run(), "host");
    let of = world.options.stage.as_ref().map(|stage| format!(" of {stage}")).unwrap_or_default();
    format!("windlass console{of}, {hosts}: a command runs on all of them, anything else is code; `help` tells more\n")
}

fn perform(session: &Session, line: Line, memory: &mut Memory, number: usize, left: &Cell<bool>) -> Result<(), Error> {
    let outcome = match line {
        Line::Command(command) => session.execute(&[command]),
        Line::Code(code) => session
            .evaluate(memory, &line_name(number), &code)
            .map(|value| {
                let world = session.world();
                if let Some(value) = value {
                    world.say(Level::Info, &format!("=> {value}"), &Frame::top(world.clone()), None);
                }
            })
            .map_err(|error| match error.parts().rule {
                Some("syntax") => error.help("a command that looks like code is written with `!` in front"),
                _ => error,
            }),
        Line::Nothing | Line::Leave | Line::Help => Ok(()),
    };
    left.set(matches!(&outcome, Err(error) if matches!(error.kind(), Kind::Exit(_))));
    outcome
}

/// Refuses a line that is the name of a task and nothing more: hardly anybody has a program of that name.
fn not_a_task(session: &Session, command: &str) -> Result<(), Error> {
    if session.tasks().get(command).is_none() {
        return Ok(());
    }
    Err(Error::usage(format!("`{command}` is a task, and would be run as a command on every host"))
        .help(format!("run the task: `invoke(\"{command}\")`"))
        .help(format!("or a program that is called so: `!{command}`")))
}
