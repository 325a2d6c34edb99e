//! Commands on this machine, by the same script as everywhere else.
//!
//! They begin in the directory windlass was started in, with its environment.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command as Process};
use tokio::time::timeout;

use crate::error::{Error, Kind};
use crate::model::event::Stream;
use crate::model::script::{Script, render, render_ending};
use crate::model::secret::Vault;
use crate::transport::api::{Exit, Input, Request, Transport, cancelled};
use crate::transport::cancel::Cancel;
use crate::transport::channel::{Outcome, Pipes, drive, nonce, script_of};
use crate::transport::runtime::block_on;

/// How long the shell around a command may take to go once the command's streams have ended.
const SHELL_GOES: Duration = Duration::from_secs(3);

/// This machine.
#[derive(Clone, Debug)]
pub struct Local {
    label: String,
}

impl Local {
    /// This machine under the name a recipe gave it.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into() }
    }

    async fn run_script(
        script: &Script,
        request: Request<'_>,
        output: &mut dyn FnMut(Stream, &[u8]),
        cancel: &Cancel,
    ) -> Result<Exit, Error> {
        let mut child = start(&script.launcher)?;
        let pipes = Pipes {
            stdin: child.stdin.take().expect("stdin is a pipe"),
            stdout: child.stdout.take().expect("stdout is a pipe"),
            stderr: child.stderr.take().expect("stderr is a pipe"),
        };
        let command = request.command;
        let end_group = async |group: u32| {
            let ending = render_ending(command, group);
            if let Ok(script) = render(&ending, &Vault::default(), nonce())
                && let Err(error) = Self::end(&script).await
            {
                tracing::warn!("could not end process group {group}: {error}");
            }
        };
        let outcome = drive(pipes, script, request.input, end_group, output, cancel).await;
        let ended = timeout(SHELL_GOES, child.wait()).await;
        if ended.is_err() {
            end_by_force(&child);
        }
        match outcome? {
            Outcome::Cancelled => Err(cancelled()),
            Outcome::Ended(status) => Ok(Exit { status }),
            Outcome::Unknown => {
                use std::os::unix::process::ExitStatusExt;
                let status = ended.ok().and_then(Result::ok);
                let status = status.and_then(|status| status.code().or(status.signal().map(|signal| 128 + signal)));
                Ok(Exit { status: status.unwrap_or(Exit::UNKNOWN_SIGNAL) })
            }
        }
    }

    /// Runs the script that ends a process group.
    async fn end(script: &Script) -> Result<(), Error> {
        let mut child = start(&script.launcher)?;
        let pipes = Pipes {
            stdin: child.stdin.take().expect("stdin is a pipe"),
            stdout: child.stdout.take().expect("stdout is a pipe"),
            stderr: child.stderr.take().expect("stderr is a pipe"),
        };
        drive(pipes, script, Input::None, async |_| (), &mut |_, _| (), &Cancel::new()).await.map(drop)
    }
}

impl Transport for Local {
    fn run(&self, request: Request<'_>, output: &mut dyn FnMut(Stream, &[u8]), cancel: &Cancel) -> Result<Exit, Error> {
        let script = script_of(&request)?;
        if cancel.is_raised() {
            return Err(cancelled());
        }
        block_on(Self::run_script(&script, request, output, cancel)).map_err(|error| error.on(&self.label))
    }

    fn connect(&self, _cancel: &Cancel) -> Result<(), Error> {
        Ok(())
    }

    fn label(&self) -> String {
        self.label.clone()
    }
}

/// Starts a launcher in a process group of its own, so that a Ctrl-C at the terminal reaches windlass alone.
fn start(launcher: &[String]) -> Result<Child, Error> {
    Process::new(&launcher[0])
        .args(&launcher[1..])
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|cause| Error::new(Kind::Io, format!("could not start `{}`: {cause}", launcher[0])))
}

/// Ends a shell that does not go by itself.
fn end_by_force(child: &Child) {
    if let Some(group) = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) {
        // It may have gone in the meantime, or belong to another user; neither can be helped.
        let _ = kill_process_group(group, Signal::KILL);
    }
}
