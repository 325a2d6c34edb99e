//! Commands on this machine, by the same scripts as everywhere else.
//!
//! They begin in the directory windlass was started in, with its environment.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command as Process};
use tokio::time::timeout;

use crate::error::{Error, Kind};
use crate::model::command::Command;
use crate::model::dialogue_script;
use crate::model::event::Stream;
use crate::model::script::{Script, launcher, render_ending, render_with_input};
use crate::model::secret::Vault;
use crate::model::sudo::Gate;
use crate::model::trip::render;
use crate::transport::api::{Exit, Input, Measured, Request, Told, Transport, Trip, cancelled};
use crate::transport::cancel::Cancel;
use crate::transport::channel::{Outcome, Pipes, drive, nonce};
use crate::transport::dialogue::{Talked, is_on_terminal, talk};
use crate::transport::gate::{Entered, enter, prove};
use crate::transport::parts::{in_parts, run_alone, script_of};
use crate::transport::progress::{Ending, Gone, say_noise};
use crate::transport::runtime::block_on;
use crate::transport::shell::Shell;
use crate::transport::shells::Shells;
use crate::transport::terminal::{OwnTerminal, TerminalPipes};
use crate::transport::track::Over;

/// How long the shell around a command may take to go once the command's streams have ended.
const SHELL_GOES: Duration = Duration::from_secs(3);

/// This machine.
#[derive(Default)]
pub struct Local {
    label: String,
    shells: Shells<(Shell, Child)>,
}

impl Local {
    /// This machine under the name a recipe gave it.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }

    /// Runs the commands of one user in one trip. `way` stops the way there, `cancel` the commands.
    async fn run_part(
        &self,
        part: &Trip<'_>,
        tell: &mut dyn FnMut(usize, Told<'_>),
        way: &Cancel,
        cancel: &Cancel,
    ) -> Result<Over, Error> {
        prove(part, way, async |probe, tell| Box::pin(self.run_proven(probe, tell, way, way)).await).await?;
        self.run_proven(part, tell, way, cancel).await
    }

    async fn run_proven(
        &self,
        part: &Trip<'_>,
        tell: &mut dyn FnMut(usize, Told<'_>),
        way: &Cancel,
        cancel: &Cancel,
    ) -> Result<Over, Error> {
        let script = script_of(part)?;
        let command = part.steps[0].command;
        let (mut shell, child) = match self.shells.take(command.user.as_deref()) {
            Some(standing) => standing,
            None => open(command, part.vault, way).await?,
        };
        match shell.run(&script, part.shielded, tell, cancel).await {
            Ending::Over(over) => {
                if shell.is_open() {
                    self.shells.put(command.user.as_deref(), (shell, child));
                }
                Ok(over)
            }
            Ending::Cancelled => {
                ended(child).await;
                Err(cancelled())
            }
            Ending::Gone(gone) => {
                let exit = ended(child).await;
                match gone {
                    Gone::Midway(None) => {}
                    Gone::Midway(Some(begun)) => tell(begun, Told::Ended(exit)),
                    Gone::Mute(noise) => {
                        say_noise(&noise, tell);
                        tell(0, Told::Ended(exit));
                    }
                }
                Ok(Over { status: exit.status, left_running: false, seconds: None })
            }
        }
    }

    /// Runs a command that reads input.
    async fn run_with_input(
        script: &Script,
        request: Request<'_>,
        output: &mut dyn FnMut(Stream, &[u8]),
        cancel: &Cancel,
    ) -> Result<Exit, Error> {
        let mut child = start(&script.launcher)?;
        let mut pipes = Pipes {
            stdin: child.stdin.take().expect("stdin is a pipe"),
            stdout: child.stdout.take().expect("stdout is a pipe"),
            stderr: child.stderr.take().expect("stderr is a pipe"),
        };
        let command = request.command;
        let vault = request.vault;
        if let Some(gate) = &script.gate
            && let Entered::Refused(said) = enter(&mut pipes.stdin, &mut pipes.stderr, gate, vault, cancel).await?
        {
            output(Stream::Stderr, &said);
        }
        let end_group = async |group: u32| end(command, vault, group).await;
        let outcome = drive(pipes, &script.marker, request.input, end_group, output, cancel).await;
        let exit = ended(child).await;
        match outcome? {
            Outcome::Cancelled => Err(cancelled()),
            Outcome::Ended(status) => Ok(Exit { status }),
            Outcome::Unknown => Ok(exit),
        }
    }
}

impl Local {
    /// Runs a command that is talked with.
    async fn run_dialogue(
        mut request: Request<'_>,
        output: &mut dyn FnMut(Stream, &[u8]),
        cancel: &Cancel,
    ) -> Result<Exit, Error> {
        let (command, vault) = (request.command, request.vault);
        let script = dialogue_script::render(command, is_on_terminal(&request), vault, nonce())?;
        let (talked, exit) = if is_on_terminal(&request) {
            let (child, pipes) = start_on_terminal(&script.launcher)?;
            let end_group = async |group: u32| end(command, vault, group).await;
            let talked = talk(pipes, &script, &mut request, end_group, output, cancel).await;
            (talked, ended(child).await)
        } else {
            let mut child = start(&script.launcher)?;
            let pipes = Pipes {
                stdin: child.stdin.take().expect("stdin is a pipe"),
                stdout: child.stdout.take().expect("stdout is a pipe"),
                stderr: child.stderr.take().expect("stderr is a pipe"),
            };
            // Its watchdog sees the end of the input.
            let talked = talk(pipes, &script, &mut request, async |_| (), output, cancel).await;
            (talked, ended(child).await)
        };
        match talked? {
            Talked::Begun(Outcome::Cancelled) => Err(cancelled()),
            Talked::Begun(Outcome::Ended(status)) => Ok(Exit { status }),
            Talked::Begun(Outcome::Unknown) => Ok(exit),
            Talked::Mute => Ok(Exit { status: exit.status.max(1) }),
        }
    }
}

impl Transport for Local {
    fn trip(&self, trip: &Trip<'_>, tell: &mut dyn FnMut(usize, Told<'_>), cancel: &Cancel) -> Result<Measured, Error> {
        in_parts(trip, tell, cancel, |part, tell, way| block_on(self.run_part(part, tell, way, cancel)))
            .map_err(|error| error.on(&self.label))
    }

    fn run(&self, request: Request<'_>, output: &mut dyn FnMut(Stream, &[u8]), cancel: &Cancel) -> Result<Exit, Error> {
        if matches!(request.input, Input::None) {
            return run_alone(self, &request, output, cancel);
        }
        if matches!(request.input, Input::Dialogue { .. }) {
            return block_on(Self::run_dialogue(request, output, cancel)).map_err(|error| error.on(&self.label));
        }
        let script = render_with_input(request.command, request.vault, nonce())?;
        if cancel.is_raised() {
            return Err(cancelled());
        }
        block_on(Self::run_with_input(&script, request, output, cancel)).map_err(|error| error.on(&self.label))
    }

    fn connect(&self, _cancel: &Cancel) -> Result<(), Error> {
        Ok(())
    }

    fn label(&self) -> String {
        self.label.clone()
    }
}

/// Starts a shell that stays.
async fn open(command: &Command, vault: &Vault, cancel: &Cancel) -> Result<(Shell, Child), Error> {
    let gate = Gate::of(command, vault, nonce());
    let mut child = start(&launcher(command, gate.as_ref()))?;
    let mut shell = Shell::new(
        child.stdin.take().expect("stdin is a pipe"),
        child.stdout.take().expect("stdout is a pipe"),
        child.stderr.take().expect("stderr is a pipe"),
    );
    if let Some(gate) = &gate {
        shell.enter(gate, vault, cancel).await?;
    }
    Ok((shell, child))
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

/// Starts a launcher on a terminal of its own. What leads a session and has no terminal gets the first one it opens.
fn start_on_terminal(launcher: &[String]) -> Result<(Child, TerminalPipes), Error> {
    let none = |cause: std::io::Error| {
        Error::new(Kind::Io, format!("this machine gives no terminal: {cause}")).help("leave `pty` out")
    };
    let OwnTerminal { pipes, inside, path } = OwnTerminal::open().map_err(none)?;
    let streams = [inside.try_clone().map_err(none)?, inside.try_clone().map_err(none)?, inside];
    let [stdin, stdout, stderr] = streams.map(Stdio::from);
    let child = Process::new("setsid")
        .args(["sh", "-c", r#"t=$1; shift; exec "$@" <>"$t" >&0 2>&0"#, "sh"])
        .arg(path)
        .args(launcher)
        .stdin(stdin)
        .stdout(stdout)
        .stderr(stderr)
        .spawn()
        .map_err(|cause| {
            Error::new(Kind::Io, format!("could not start `setsid`, which a terminal needs: {cause}"))
                .help("install it (package `util-linux`), or leave `pty` out")
        })?;
    Ok((child, pipes))
}

/// Ends the process group of a command that has a channel of its own. Best effort.
async fn end(command: &Command, vault: &Vault, group: u32) {
    let ending = render_ending(command, group);
    if let Ok(script) = render([(&ending, false)].into_iter(), vault, nonce(), true)
        && let Ok((mut shell, _child)) = open(&ending, vault, &Cancel::new()).await
    {
        shell.run(&script, true, &mut |_, _| (), &Cancel::new()).await;
    }
}

/// Waits for a shell whose streams have ended, and ends one that does not go by itself.
async fn ended(mut child: Child) -> Exit {
    use std::os::unix::process::ExitStatusExt;
    let waited = timeout(SHELL_GOES, child.wait()).await;
    if waited.is_err()
        && let Some(group) = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw)
    {
        // It may have gone in the meantime, or belong to another user; neither can be helped.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let status = waited.ok().and_then(Result::ok);
    let status = status.and_then(|status| status.code().or(status.signal().map(|signal| 128 + signal)));
    Exit { status: status.unwrap_or(Exit::UNKNOWN_SIGNAL) }
}
