//! Past sudo: gives it the password when it asks, and waits until the shell behind it has begun.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::sleep;

use crate::error::{Error, Kind};
use crate::model::command::Command;
use crate::model::event::Stream;
use crate::model::secret::Vault;
use crate::model::sudo::{Gate, Heard, PROBE, Trial, Trust, is_called_in, verdict};
use crate::transport::api::{Step, Told, Trip, cancelled};
use crate::transport::cancel::Cancel;
use crate::transport::track::Over;

/// How often a host looks whether the password was tried elsewhere.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What sudo says before the shell begins is kept up to here, in bytes.
const NOISE_KEPT: usize = 16 * 1024;

/// How it went at the gate.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entered {
    /// The shell reads.
    Inside,
    /// sudo has gone; this is what it said.
    Refused(Vec<u8>),
}

/// Goes through the gate. Reads not a byte more than up to the shell's word.
///
/// # Errors
/// A password sudo does not take, told on the first host that says so; a cancel.
pub(crate) async fn enter(
    stdin: &mut (impl AsyncWrite + Unpin),
    stderr: &mut (impl AsyncRead + Unpin),
    gate: &Gate,
    vault: &Vault,
    cancel: &Cancel,
) -> Result<Entered, Error> {
    let (mut heard, mut byte, mut turn) = (Vec::new(), [0], None);
    loop {
        let read = tokio::select! {
            read = stderr.read(&mut byte) => read,
            () = cancel.raised() => return Err(cancelled()),
        };
        if !matches!(read, Ok(1)) {
            return Ok(Entered::Refused(heard));
        }
        heard.push(byte[0]);
        match gate.hear(&heard) {
            None if heard.len() > NOISE_KEPT => {
                heard.drain(..NOISE_KEPT / 2);
            }
            None => {}
            Some(Heard::Open) => {
                if let Some(turn) = turn {
                    Turn::end(turn, Trust::Right);
                }
                return Ok(Entered::Inside);
            }
            Some(Heard::Question) if turn.is_none() => {
                heard.truncate(heard.len() - gate.question().len());
                turn = Some(Turn::of(vault.sudo_trial(), cancel).await?);
                let line = format!("{}\n", vault.sudo_password().unwrap_or_default());
                // Where sudo has gone, its last words are still to be read.
                let _ = stdin.write_all(line.as_bytes()).await;
                let _ = stdin.flush().await;
            }
            Some(Heard::Question) => {
                if let Some(turn) = turn {
                    Turn::end(turn, Trust::Wrong);
                }
                return Err(wrong_password());
            }
        }
    }
}

/// Where a command of a trip calls `sudo` and nobody knows yet whether the password is right: finds out, with `run`.
///
/// # Errors
/// A password sudo does not take; a cancel; whatever `run` raises.
pub(crate) async fn prove(
    part: &Trip<'_>,
    cancel: &Cancel,
    run: impl AsyncFnOnce(&Trip<'_>, &mut dyn FnMut(usize, Told<'_>)) -> Result<Over, Error>,
) -> Result<(), Error> {
    let vault = part.vault;
    if vault.sudo_password().is_none() || vault.sudo_trial().is_right() || !calls_sudo(part)? {
        return Ok(());
    }
    let turn = Turn::of(vault.sudo_trial(), cancel).await?;
    if !turn.is_first {
        return Ok(());
    }
    let probe = Command::shell(PROBE);
    let steps = [Step { command: &probe, must_succeed: false }];
    let mut stderr = Vec::new();
    let mut tell = |_, told: Told<'_>| {
        if let Told::Output(Stream::Stderr, bytes) = told {
            stderr.extend_from_slice(bytes);
        }
    };
    let over = run(&Trip { steps: &steps, vault, shielded: false }, &mut tell).await?;
    let found = verdict(over.status, &String::from_utf8_lossy(&stderr));
    turn.end(found);
    if found == Trust::Wrong { Err(wrong_password()) } else { Ok(()) }
}

fn calls_sudo(part: &Trip<'_>) -> Result<bool, Error> {
    for step in part.steps {
        if step.command.user.is_none() && is_called_in(&step.command.inner_line(part.vault)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The right to give the password.
struct Turn<'a> {
    trial: &'a Trial,
    /// Whether it has never been tried.
    is_first: bool,
}

impl<'a> Turn<'a> {
    /// Waits while another host tries it.
    async fn of(trial: &'a Trial, cancel: &Cancel) -> Result<Self, Error> {
        loop {
            match trial.begin() {
                Trust::Unknown => return Ok(Self { trial, is_first: true }),
                Trust::Right => return Ok(Self { trial, is_first: false }),
                // It was told where it was found out.
                Trust::Wrong => return Err(Error::new(Kind::Cancelled, "sudo has refused the password before")),
                Trust::OnTrial => tokio::select! {
                    () = sleep(LOOK_AGAIN) => {}
                    () = cancel.raised() => return Err(cancelled()),
                },
            }
        }
    }

    fn end(mut self, verdict: Trust) {
        if self.is_first || verdict == Trust::Wrong {
            self.trial.settle(verdict);
        }
        self.is_first = false;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.is_first {
            self.trial.settle(Trust::Unknown);
        }
    }
}

fn wrong_password() -> Error {
    Error::new(Kind::Connection, "sudo does not take the password")
        .help("run it again with the right one: `-K` asks for it, the setting `sudo_password` holds it")
        .note("it was tried once, and is not tried again in this run")
}
