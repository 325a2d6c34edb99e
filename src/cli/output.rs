//! Where events and errors go: which reporter, which stream, which log.

use std::env;
use std::io::{IsTerminal, stderr, stdout};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustix::termios::tcgetwinsize;

use crate::cli::args::{Format, Options, When};
use crate::error::Error;
use crate::model::event::{Event, Level, Sink};
use crate::model::secret::Vault;
use crate::recipe::project::Project;
use crate::recipe::scripts::Scripts;
use crate::report::clock::SystemClock;
use crate::report::console::{Console, Shown, Verbosity};
use crate::report::diagnostic::{self, NoSources, Sources};
use crate::report::dots::Dots;
use crate::report::fan::Fan;
use crate::report::json::Json;
use crate::report::logfile::LogFile;
use crate::report::plain::Plain;
use crate::report::style::Paint;
use crate::report::terminal::Terminal;

/// Where the log of a project is, from its top.
const LOG: &str = "log/windlass.log";

/// The outputs of one call.
pub struct Output {
    format: Format,
    shown: Shown,
    color: bool,
    console: Console,
    /// A dry run changes nothing anywhere, and so leaves the log alone too.
    dry_run: bool,
    log: PathBuf,
    vault: Arc<Vault>,
}

/// The recipes' texts, as reporters ask for them, without secrets that stand in them as they are.
struct Texts {
    scripts: Arc<Scripts>,
    vault: Arc<Vault>,
}

impl Sources for Texts {
    fn text(&self, file: &str) -> Option<Arc<str>> {
        let text = self.scripts.text(file)?;
        Some(self.vault.redact(&text).into())
    }
}

/// Takes events and does nothing with them.
struct Nowhere;

impl Sink for Nowhere {
    fn emit(&self, _event: &Event) {}
}

impl Output {
    /// Chooses by options and terminal.
    #[must_use]
    pub fn new(options: &Options, project: &Project, scripts: Arc<Scripts>, vault: &Arc<Vault>) -> Self {
        let format = options.format.or(options.json.then_some(Format::Json)).unwrap_or(if stdout().is_terminal() {
            Format::Pretty
        } else {
            Format::Plain
        });
        let verbosity = match (options.quiet, options.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        };
        let console = Console {
            out: Arc::new(Mutex::new(stdout())),
            err: Arc::new(Mutex::new(stderr())),
            sources: Arc::new(Texts { scripts, vault: vault.clone() }),
            clock: Arc::new(SystemClock::start()),
        };
        let log = project.root.join(LOG);
        let shown = Shown { verbosity, output: true };
        Self {
            format,
            shown,
            color: color(options.color),
            console,
            dry_run: options.dry_run,
            log,
            vault: vault.clone(),
        }
    }

    /// Whether programs read along, and not people.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether what is printed has colour.
    #[must_use]
    pub const fn paint(&self) -> Paint {
        Paint { color: self.color }
    }

    /// The reporter for the eyes.
    #[must_use]
    pub fn eyes(&self) -> Arc<dyn Sink> {
        let look = diagnostic::Options { color: self.color, width: width().unwrap_or(0) };
        let console = self.console.clone();
        match self.format {
            Format::Pretty => {
                let terminal = Arc::new(Terminal::new(console, self.shown, look));
                if look.width > 0 {
                    keep_ticking(&terminal);
                }
                terminal
            }
            Format::Plain => Arc::new(Plain::new(console, self.shown)),
            Format::Json => Arc::new(Json::new(console)),
            Format::Dots => Arc::new(Dots::new(console, self.shown, look)),
        }
    }

    /// The reporter for the eyes, and the log file beside it. Without a log the run goes on, and says so.
    #[must_use]
    pub fn sink(&self) -> Arc<dyn Sink> {
        let eyes = self.eyes();
        if self.dry_run {
            return eyes;
        }
        match LogFile::open(&self.log, self.console.sources.clone(), self.console.clock.clone()) {
            Ok(log) => Arc::new(Fan::new(vec![Arc::new(log), eyes])),
            Err(error) => {
                let text = format!("{error}; the run goes on without a log");
                eyes.emit(&Event::Message { level: Level::Warn, text, host: None, task: None, place: None });
                eyes
            }
        }
    }

    /// No output at all, for lists and plans.
    #[must_use]
    pub fn none() -> Arc<dyn Sink> {
        Arc::new(Nowhere)
    }

    /// Prints an error found before anything ran, with the lines of the recipe it points at.
    pub fn complain(&self, error: &Error) {
        let look = diagnostic::Options { color: self.color, width: width().unwrap_or(0) };
        let text = diagnostic::render(error, &*self.console.sources, look);
        eprintln!("{}", self.vault.redact(&text));
    }
}

/// Lets a reporter show what takes long, once a second, as long as it is there.
fn keep_ticking(terminal: &Arc<Terminal>) {
    let terminal = Arc::downgrade(terminal);
    let tick = move || {
        while let Some(terminal) = terminal.upgrade() {
            terminal.tick();
            drop(terminal);
            thread::sleep(Duration::from_secs(1));
        }
    };
    // Without the thread nothing is lost but the line.
    let _ = thread::Builder::new().name("status line".to_owned()).spawn(tick);
}

/// Prints an error that has no recipe.
pub fn complain(error: &Error, color: bool) {
    eprintln!("{}", diagnostic::render(error, &NoSources, diagnostic::Options { color, width: width().unwrap_or(0) }));
}

/// Whether to use colour: as asked, else on a terminal that has some, unless `NO_COLOR` (no-color.org) says no.
#[must_use]
pub fn color(when: When) -> bool {
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto => {
            stdout().is_terminal() && !set("NO_COLOR") && env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// Columns of the terminal; none when standard output is none, or it does not say.
#[must_use]
pub fn width() -> Option<usize> {
    let columns = stdout().is_terminal().then(|| tcgetwinsize(stdout()).ok()).flatten()?.ws_col;
    (columns > 0).then_some(usize::from(columns))
}
