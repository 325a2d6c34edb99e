//! Where events and errors go: which reporter, which stream, which log.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::cli::args::{Format, Options, When};
use crate::cli::colors;
use crate::cli::eyes::Eyes;
use crate::cli::folding::folding;
use crate::cli::width::{cut, width};
use crate::error::Error;
use crate::model::event::{Event, Level, Sink};
use crate::model::format_options::{FormatOptions, Log};
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
    verbosity: Verbosity,
    when: When,
    /// What the recipe wishes, once it has been read.
    wishes: FormatOptions,
    console: Console,
    /// None without a project. A dry run changes nothing anywhere, and so leaves the log alone too.
    log: Option<Arc<LogFile>>,
    /// The project's folder.
    root: Option<PathBuf>,
    vault: Arc<Vault>,
    eyes: Arc<Eyes>,
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
        let log = LogFile::waiting(console.sources.clone(), console.clock.clone());
        Self {
            format,
            verbosity,
            when: options.color,
            wishes: FormatOptions::default(),
            console,
            log: project.filter(|_| !options.dry_run).map(|_| Arc::new(log)),
            root: project.map(Path::to_path_buf),
            vault: vault.clone(),
            eyes: Arc::default(),
        }
    }

    /// The recipe has been read, and this is what it wishes. What has been said before is in the log, too.
    ///
    /// Without a log the run goes on, and says so.
    pub fn settle(&mut self, wishes: FormatOptions) {
        if wishes != self.wishes {
            self.wishes = wishes;
            self.eyes.renew(self.reporter());
        }
        let (Some(root), Some(log)) = (&self.root, &self.log) else { return };
        let path = match &self.wishes.log_file {
            Log::Usual => root.join(LOG),
            Log::At(path) => root.join(path),
            Log::None => return log.leave(),
        };
        if let Err(error) = log.begin(&path) {
            let text = format!("{error}; the run goes on without a log");
            self.eyes.emit(&Event::Message { level: Level::Warn, text, host: None, task: None, place: None });
        }
    }

    /// The recipe could not be read, so nobody knows where its log is: what it has said is where logs usually are.
    pub fn give_up(&self) {
        if let (Some(root), Some(log)) = (&self.root, &self.log)
            && log.is_waiting()
        {
            // The error that is told next is the one that counts.
            let _ = log.begin(&root.join(LOG));
        }
    }

    /// Whether programs read along, and not people.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether what is printed has colour.
    #[must_use]
    pub fn paint(&self) -> Paint {
        Paint { color: colors::color(self.when, self.wishes.color) }
    }

    /// A reporter for the eyes.
    #[must_use]
    pub fn reporter(&self) -> Arc<dyn Sink> {
        let look = diagnostic::Options { color: self.paint().color, width: width().unwrap_or(0) };
        let err_color = colors::err_color(self.when, self.wishes.color);
        let shown = Shown { verbosity: self.verbosity, output: self.wishes.command_output };
        let cut = cut(self.wishes.truncate, width());
        let console = self.console.clone();
        match self.format {
            Format::Pretty => {
                let terminal = Terminal::new(console, shown, look).cut_at(cut).errors_in_color(err_color);
                let terminal = Arc::new(terminal);
                if look.width > 0 {
                    keep_ticking(&terminal);
                }
                terminal
            }
            Format::Plain => Arc::new(Plain::folded(console, shown, self.folding()).cut_at(cut)),
            Format::Json => Arc::new(Json::new(console)),
            Format::Dots => Arc::new(Dots::new(console, shown, look).errors_in_color(err_color)),
        }
    }

    /// A reporter for the eyes, and the log file beside it.
    #[must_use]
    pub fn sink(&self) -> Arc<dyn Sink> {
        self.eyes.open(self.reporter(), true);
        self.sink_of_lines()
    }

    /// The same for a console, in which each line is a run.
    #[must_use]
    pub fn sink_of_lines(&self) -> Arc<dyn Sink> {
        let eyes: Arc<dyn Sink> = self.eyes.clone();
        match &self.log {
            Some(log) => Arc::new(Fan::new(vec![log.clone(), eyes])),
            None => eyes,
        }
    }

    /// A line of a console begins: a reporter of its own tells it.
    pub fn begin_line(&self) {
        self.eyes.open(self.reporter(), self.is_json());
    }

    /// No output at all, for lists and plans.
    #[must_use]
    pub fn none() -> Arc<dyn Sink> {
        Arc::new(Nowhere)
    }

    /// Prints an error found before anything ran, with the lines of the recipe it points at.
    pub fn complain(&self, error: &Error) {
        let color = colors::err_color(self.when, self.wishes.color);
        let look = diagnostic::Options { color, width: width().unwrap_or(0) };
        let text = diagnostic::render(error, &*self.console.sources, look);
        let annotations = self.folding().map(|folding| folding.annotations(error)).unwrap_or_default();
        tell(&self.vault.redact(&format!("{text}\n{annotations}")));
    }

    /// What the log of a CI job is folded with; none elsewhere, and where the output is not plain lines.
    fn folding(&self) -> Option<Folding> {
        (self.format == Format::Plain).then(|| folding(self.root.as_deref())).flatten()
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
pub fn tell(text: &str) {
    let _ = stderr().write_all(text.as_bytes());
}
