//! What every transport can do.

use std::io::Read;
use std::time::Duration;

use crate::error::{Error, Kind};
use crate::model::command::Command;
use crate::model::event::Stream;
use crate::model::login::Login;
use crate::model::secret::Vault;
use crate::transport::cancel::Cancel;

/// How a command ended.
///
/// A status above 128 means, by the convention of every POSIX shell, that a signal ended it; a program that exits with
/// such a status by itself looks the same. Both are failures, so nothing hangs on the difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Exit status, 0 to 255.
    pub status: i32,
}

impl Exit {
    /// Status of a command that was ended by a signal, where nobody can say which: its shell went with it.
    pub const UNKNOWN_SIGNAL: i32 = 128;

    /// Name of the signal that ended the command, without `SIG`.
    #[must_use]
    pub fn signal(self) -> Option<String> {
        let number = self.status - 128;
        let name = match number {
            1 => "HUP",
            2 => "INT",
            3 => "QUIT",
            4 => "ILL",
            6 => "ABRT",
            7 => "BUS",
            8 => "FPE",
            9 => "KILL",
            11 => "SEGV",
            13 => "PIPE",
            14 => "ALRM",
            15 => "TERM",
            24 => "XCPU",
            25 => "XFSZ",
            _ if (1..=64).contains(&number) => return Some(number.to_string()),
            _ => return None,
        };
        Some(name.to_owned())
    }
}

/// What a command reads on its standard input.
pub enum Input<'a> {
    /// Nothing: `/dev/null`.
    None,
    /// These bytes, then the end.
    Bytes(&'a mut (dyn Read + Send)),
    /// What is typed for what it prints. On a terminal both its streams are one, the standard output.
    Dialogue {
        /// Whether it gets a terminal.
        on_terminal: bool,
        /// Says what is typed.
        listener: &'a mut dyn Listener,
    },
}

/// Hears what a command prints while it runs, and says what is typed.
pub trait Listener {
    /// What to type, lines with their ends, now that this was printed. It is called on the thread that waits for the command, and may
    /// take its time.
    ///
    /// # Errors
    /// When there is nothing to be said any more: then the command is ended, and this is its error.
    fn hear(&mut self, stream: Stream, bytes: &[u8]) -> Result<String, Error>;
}

impl Input<'_> {
    /// The same input, borrowed for a shorter time.
    pub fn reborrow(&mut self) -> Input<'_> {
        match self {
            Self::None => Input::None,
            Self::Bytes(source) => Input::Bytes(*source),
            Self::Dialogue { on_terminal, listener } => {
                Input::Dialogue { on_terminal: *on_terminal, listener: *listener }
            }
        }
    }
}

/// One command for one host.
pub struct Request<'a> {
    /// The command.
    pub command: &'a Command,
    /// Its input.
    pub input: Input<'a>,
    /// Where its secrets are.
    pub vault: &'a Vault,
}

/// One command among those that go out together.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The command.
    pub command: &'a Command,
    /// Whether a status other than 0 keeps the later ones from beginning.
    pub must_succeed: bool,
}

/// Commands that go out together, and are run one after the other without asking back. They read nothing.
#[derive(Clone, Copy)]
pub struct Trip<'a> {
    /// The commands, in order.
    pub steps: &'a [Step<'a>],
    /// Where their secrets are.
    pub vault: &'a Vault,
    /// Whether a cancel waits until the trip is over, and a broken line does not end it: for what must not be left half
    /// done.
    pub shielded: bool,
}

/// What is told of one command of a trip, in this order: begun, output, ended. The other two are told of a shielded one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told<'a> {
    /// It begins.
    Begun,
    /// It has printed this.
    Output(Stream, &'a [u8]),
    /// It is over.
    Ended(Exit),
    /// A cancel waits for it, so long at most.
    Awaited(Duration),
    /// The cancel has waited so long, and leaves it running.
    Left(Duration),
}

/// What a trip has cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measured {
    /// Seconds the commands took by the host's own clock, to a hundredth; none where the host has no `/proc/uptime`.
    pub host_seconds: Option<f64>,
    /// Round trips; 0 where nothing was sent anywhere.
    pub round_trips: usize,
}

impl Measured {
    /// Adds one round trip.
    pub(crate) fn add(&mut self, host_seconds: Option<f64>) {
        self.round_trips += 1;
        if let Some(seconds) = host_seconds {
            *self.host_seconds.get_or_insert_default() += seconds;
        }
    }
}

/// A way to one host. Calls block; several threads may call at once.
pub trait Transport: Send + Sync {
    /// Runs the commands of a trip in order, up to the first one that must succeed and does not. `tell` is told of each
    /// by its number in the trip. Commands of one user go out in one round trip.
    ///
    /// # Errors
    /// As [`Transport::run`]; the command that had begun and was not told to have ended is the one it happened in.
    fn trip(&self, trip: &Trip<'_>, tell: &mut dyn FnMut(usize, Told<'_>), cancel: &Cancel) -> Result<Measured, Error> {
        for (number, step) in trip.steps.iter().enumerate() {
            tell(number, Told::Begun);
            let request = Request { command: step.command, input: Input::None, vault: trip.vault };
            let exit = self.run(request, &mut |stream, bytes| tell(number, Told::Output(stream, bytes)), cancel)?;
            tell(number, Told::Ended(exit));
            if step.must_succeed && exit.status != 0 {
                break;
            }
        }
        Ok(Measured::default())
    }

    /// Runs a command to its end, giving its output in pieces as it comes.
    ///
    /// When `cancel` is raised the command's whole process group on the host is ended.
    ///
    /// # Errors
    /// A host that cannot be reached, a broken connection, or a cancel. A status other than 0 is not an error here.
    fn run(&self, request: Request<'_>, output: &mut dyn FnMut(Stream, &[u8]), cancel: &Cancel) -> Result<Exit, Error>;

    /// Makes sure the connection stands; does nothing where there is none to make.
    ///
    /// # Errors
    /// A host that cannot be reached or refuses us.
    fn connect(&self, cancel: &Cancel) -> Result<(), Error>;

    /// How the login went, where there was one, and ssh was told to say it.
    fn login(&self) -> Option<Login> {
        None
    }

    /// How the host is called in output, as far as known, for example `deploy@web1`.
    fn label(&self) -> String;
}

/// The message of what was ended because the run was cancelled, and has nothing more to say.
pub const CANCELLED: &str = "cancelled";

/// The error of a command that was ended because the run was cancelled.
#[must_use]
pub fn cancelled() -> Error {
    Error::new(Kind::Cancelled, CANCELLED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_above_128_names_its_signal() {
        assert_eq!(Exit { status: 137 }.signal().as_deref(), Some("KILL"));
        assert_eq!(Exit { status: 143 }.signal().as_deref(), Some("TERM"));
        assert_eq!(Exit { status: 128 + 31 }.signal().as_deref(), Some("31"));
        assert_eq!(Exit { status: 128 }.signal(), None);
        assert_eq!(Exit { status: 255 }.signal(), None);
        assert_eq!(Exit { status: 1 }.signal(), None);
    }
}
