//! Where events and errors go: which reporter, which stream, which log.

use std::env;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{IsTerminal, Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustix::termios::tcgetwinsize;

use crate::cli::args::{Format, Options, When};
use crate::cli::line_sink::LineSink;
use crate::error::Error;
use crate::model::ci;
use crate::model::event::{Event, Level, Sink};
use crate::model::secret::Vault;
use crate::recipe::scripts::Scripts;
use crate::report::clock::SystemClock;
use crate::report::console::{Console, Shown, Verbosity};
use crate::report::diagnostic::{self, NoSources, Sources};
use crate::report::dots::Dots;
use crate::report::fan::Fan;
use crate::report::folding::Folding;
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
    /// The same for standard error.
    err_color: bool,
    console: Console,
    /// A dry run changes nothing anywhere, and so leaves the log alone too.
    dry_run: bool,
    /// None without a project.
    log: Option<PathBuf>,
    /// The project's folder.
    root: Option<PathBuf>,
    vault: Arc<Vault>,
    lines: Arc<LineSink>,
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
    pub fn new(options: &Options, project: Option<&Path>, scripts: Arc<Scripts>, vault: &Arc<Vault>) -> Self {
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
        let log = project.map(|root| root.join(LOG));
        let shown = Shown { verbosity, output: true };
        Self {
            format,
            shown,
            color: color(options.color),
            err_color: err_color(options.color),
            console,
            dry_run: options.dry_run,
            log,
            root: project.map(Path::to_path_buf),
            vault: vault.clone(),
            lines: Arc::default(),
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
                let terminal = Arc::new(Terminal::new(console, self.shown, look).errors_in_color(self.err_color));
                if look.width > 0 {
                    keep_ticking(&terminal);
                }
                terminal
            }
            Format::Plain => Arc::new(Plain::folded(console, self.shown, self.folding())),
            Format::Json => Arc::new(Json::new(console)),
            Format::Dots => Arc::new(Dots::new(console, self.shown, look).errors_in_color(self.err_color)),
        }
    }

    /// The reporter for the eyes, and the log file beside it. Without a log the run goes on, and says so.
    #[must_use]
    pub fn sink(&self) -> Arc<dyn Sink> {
        self.logged(self.eyes())
    }

    /// The same for a console, in which each line is a run.
    #[must_use]
    pub fn sink_of_lines(&self) -> Arc<dyn Sink> {
        self.logged(self.lines.clone())
    }

    /// A line of a console begins: a reporter of its own tells it.
    pub fn begin_line(&self) {
        self.lines.begin(self.eyes(), self.is_json());
    }

    fn logged(&self, eyes: Arc<dyn Sink>) -> Arc<dyn Sink> {
        let Some(log) = self.log.as_ref().filter(|_| !self.dry_run) else { return eyes };
        match LogFile::open(log, self.console.sources.clone(), self.console.clock.clone()) {
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
        let look = diagnostic::Options { color: self.err_color, width: width().unwrap_or(0) };
        let text = diagnostic::render(error, &*self.console.sources, look);
        let annotations = self.folding().map(|folding| folding.annotations(error)).unwrap_or_default();
        tell(&self.vault.redact(&format!("{text}\n{annotations}")));
    }

    /// What the log of a CI job is folded with; none elsewhere, and where the output is not plain lines.
    fn folding(&self) -> Option<Folding> {
        let env = |name: &str| env::var(name).ok();
        let service = ci::service(env).filter(|_| self.format == Format::Plain)?;
        let top = env("GITHUB_WORKSPACE");
        let folder = top.and_then(|top| Some(self.root.as_ref()?.strip_prefix(top).ok()?.display().to_string()));
        // Hash maps are seeded with something nobody can guess.
        let token = format!("{:x}", RandomState::new().build_hasher().finish());
        Some(Folding::new(service, &folder.unwrap_or_default(), token))
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
    let look = diagnostic::Options { color, width: width().unwrap_or(0) };
    tell(&format!("{}\n", diagnostic::render(error, &NoSources, look)));
}

/// Says something on standard error. That nobody hears it, as in `windlass … 2>&1 | head`, changes nothing: the exit code
/// says it as well.
fn tell(text: &str) {
    let _ = stderr().write_all(text.as_bytes());
}

/// Whether to use colour on standard output.
#[must_use]
pub fn color(when: When) -> bool {
    is_colored(when, stdout().is_terminal(), |name| env::var(name).ok())
}

/// Whether to use colour on standard error.
#[must_use]
pub fn err_color(when: When) -> bool {
    is_colored(when, stderr().is_terminal(), |name| env::var(name).ok())
}

/// Colour as asked, else as `NO_COLOR` (no-color.org) and `CLICOLOR_FORCE` (bixense.com/clicolors) say, else on a terminal
/// that has some.
fn is_colored(when: When, is_terminal: bool, env: impl Fn(&str) -> Option<String>) -> bool {
    let is_set = |name: &str| env(name).is_some_and(|value| !value.is_empty());
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if is_set("NO_COLOR") => false,
        When::Auto if is_set("CLICOLOR_FORCE") && env("CLICOLOR_FORCE").as_deref() != Some("0") => true,
        When::Auto => is_terminal && env("TERM").as_deref() != Some("dumb") && env("CLICOLOR").as_deref() != Some("0"),
    }
}

/// Columns of the terminal; none when standard output is none, or it does not say.
#[must_use]
pub fn width() -> Option<usize> {
    let columns = stdout().is_terminal().then(|| tcgetwinsize(stdout()).ok()).flatten()?.ws_col;
    (columns > 0).then_some(usize::from(columns))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colored(when: When, is_terminal: bool, variables: &[(&str, &str)]) -> bool {
        let find =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        is_colored(when, is_terminal, find)
    }

    #[test]
    fn colour_is_for_terminals_unless_something_else_is_said() {
        assert!(colored(When::Auto, true, &[]) && !colored(When::Auto, false, &[]));
        assert!(colored(When::Always, false, &[("NO_COLOR", "1")]) && !colored(When::Never, true, &[]));
        for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb"), ("CLICOLOR", "0")] {
            assert!(!colored(When::Auto, true, &[(name, value)]), "{name}");
        }
        assert!(colored(When::Auto, true, &[("NO_COLOR", "")]));
    }

    #[test]
    fn colour_can_be_forced() {
        assert!(colored(When::Auto, false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!colored(When::Auto, false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!colored(When::Auto, false, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    }
}
