//! Commands over a control master.
//!
//! Commands run in shells that stay (`shell`); a command that reads input or is talked with gets a session of its own. What becomes of a
//! command is read from its frame (`model::trip`, `model::script`), not from ssh. Connections and sessions are
//! `transport::sessions`'.

use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;
use crate::model::dialogue_script;
use crate::model::event::Stream;
use crate::model::login::Login;
use crate::model::script::{Script, render_with_input};
use crate::transport::api::{Exit, Input, Measured, Request, Told, Transport, Trip, cancelled};
use crate::transport::cancel::Cancel;
use crate::transport::channel::{Outcome, Pipes, drive, nonce};
use crate::transport::dialogue::{self, is_on_terminal};
use crate::transport::gate::{Entered, enter, prove};
use crate::transport::link::{fate, start_line};
use crate::transport::master::Ground;
use crate::transport::options::Plan;
use crate::transport::parts::{in_parts, run_alone, script_of};
use crate::transport::plain;
use crate::transport::progress::{Ending, Gone, say_noise};
use crate::transport::prompts::Known;
use crate::transport::runtime::block_on;
use crate::transport::sessions::{OnConnect, Session, Sessions, Standing};
use crate::transport::track::Over;

/// Told what is worth knowing of a host's login: the label, and a sentence.
pub type OnNote = dyn Fn(&str, &str) + Send + Sync;

/// What is told of a host that gives us no shell.
const PLAIN: &str = "the login begins no `sh`: every command gets a session of its own, and nothing ends it when the \
                     connection breaks";

/// One host over ssh.
pub struct Ssh {
    sessions: Sessions,
    on_note: Arc<OnNote>,
    /// Whether the host gives us no shell that stays.
    is_plain: AtomicBool,
}

impl Ssh {
    pub(crate) fn new(
        plan: Plan,
        known: Known,
        ground: Arc<Ground>,
        on_connect: Arc<OnConnect>,
        on_note: Arc<OnNote>,
    ) -> Self {
        Self { sessions: Sessions::new(plan, known, ground, on_connect), on_note, is_plain: AtomicBool::new(false) }
    }

    /// Closes the connection. A command that still runs keeps it until it ends.
    pub(crate) fn close(&self) {
        self.sessions.close();
    }

    /// Closes the connection, until the next command.
    pub(crate) fn hang_up(&self) {
        self.sessions.hang_up();
    }

    /// Closes the connection under whatever still runs.
    pub(crate) fn abandon(&self) {
        self.sessions.abandon();
    }

    /// Runs the commands of one user in one trip. `way` stops the way there, `cancel` the commands.
    async fn run_part(
        &self,
        part: &Trip<'_>,
        tell: &mut dyn FnMut(usize, Told<'_>),
        way: &Cancel,
        cancel: &Cancel,
    ) -> Result<Over, Error> {
        prove(part, way, async |probe, tell| Box::pin(self.run_proven(probe, tell, way, way)).await)
            .await
            .map_err(|error| error.on(&self.sessions.label))?;
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
        if self.is_plain.load(Ordering::SeqCst) {
            return self.run_plain(part, tell, cancel).await;
        }
        let Standing { mut shell, session } = self.sessions.standing(part, way).await?;
        let user = part.steps[0].command.user.as_deref();
        let gone = match shell.run(&script, part.shielded, tell, cancel).await {
            Ending::Over(over) => {
                if shell.is_open() {
                    self.sessions.give_back(user, Standing { shell, session });
                }
                return Ok(over);
            }
            Ending::Cancelled => return Err(cancelled().on(&self.sessions.label)),
            Ending::Gone(gone) => gone,
        };
        let Session { channel, link, .. } = session;
        let Some(exit) = link.exit_of(*channel).await else {
            self.sessions.forget(&link).await;
            return Err(link.broken(&self.sessions.label, if part.shielded { fate::SHIELDED } else { fate::WATCHED }));
        };
        match gone {
            Gone::Midway(Some(begun)) => tell(begun, Told::Ended(exit)),
            Gone::Midway(None) => {}
            // sudo says why it did not begin. Where our own login begins no shell, there may be none to begin.
            Gone::Mute(_) if user.is_none() => {
                self.is_plain.store(true, Ordering::SeqCst);
                (self.on_note)(&self.sessions.label, PLAIN);
                return self.run_plain(part, tell, cancel).await;
            }
            Gone::Mute(noise) => {
                say_noise(&noise, tell);
                tell(0, Told::Ended(exit));
            }
        }
        Ok(Over { status: exit.status, left_running: false, seconds: None })
    }

    /// Runs commands in a session each, for a host that gives us no shell.
    async fn run_plain(
        &self,
        part: &Trip<'_>,
        tell: &mut dyn FnMut(usize, Told<'_>),
        cancel: &Cancel,
    ) -> Result<Over, Error> {
        let mut last = Exit { status: 0 };
        for (number, step) in part.steps.iter().enumerate() {
            if let Some(text) = step.command.fed() {
                tell(number, Told::Begun);
                let script = render_with_input(step.command, part.vault, nonce())?;
                let input = Input::Bytes(&mut Cursor::new(part.vault.reveal(text)?));
                let request = Request { command: step.command, input, vault: part.vault };
                let output = &mut |stream, bytes: &[u8]| tell(number, Told::Output(stream, bytes));
                last = self.run_with_input(&script, request, output, cancel).await?;
                tell(number, Told::Ended(last));
                if step.must_succeed && last.status != 0 {
                    break;
                }
                continue;
            }
            let line = plain::line_of(step, part.vault).map_err(|error| error.on(&self.sessions.label))?;
            let mut session = self.sessions.session(&line, None, cancel).await?;
            tell(number, Told::Begun);
            plain::follow(&mut session.channel, number, tell, cancel)
                .await
                .map_err(|error| error.on(&self.sessions.label))?;
            let Session { channel, link, .. } = session;
            let Some(exit) = link.exit_of(*channel).await else {
                self.sessions.forget(&link).await;
                return Err(link.broken(&self.sessions.label, fate::PLAIN));
            };
            tell(number, Told::Ended(exit));
            last = exit;
            if step.must_succeed && exit.status != 0 {
                break;
            }
        }
        Ok(Over { status: last.status, left_running: false, seconds: None })
    }

    /// Runs a command that reads input.
    async fn run_with_input(
        &self,
        script: &Script,
        mut request: Request<'_>,
        output: &mut dyn FnMut(Stream, &[u8]),
        cancel: &Cancel,
    ) -> Result<Exit, Error> {
        let Session { mut channel, link, _place } =
            self.sessions.session(&start_line(&script.launcher), None, cancel).await?;
        let mut pipes = Pipes {
            stdin: channel.stdin().take().expect("stdin is a pipe"),
            stdout: channel.stdout().take().expect("stdout is a pipe"),
            stderr: channel.stderr().take().expect("stderr is a pipe"),
        };
        if let Some(gate) = &script.gate {
            let entered = enter(&mut pipes.stdin, &mut pipes.stderr, gate, request.vault, cancel).await;
            if let Entered::Refused(said) = entered.map_err(|error| error.on(&self.sessions.label))? {
                output(Stream::Stderr, &said);
            }
        }
        let end_group = async |group: u32| link.end_group(request.command, request.vault, group).await;
        let outcome = drive(pipes, &script.marker, request.input.reborrow(), end_group, output, cancel).await;
        // Also after a known end: the place at the host is free only when ssh has seen it.
        let exit = link.exit_of(*channel).await;
        match outcome.map_err(|error| error.on(&self.sessions.label))? {
            Outcome::Ended(status) => Ok(Exit { status }),
            Outcome::Cancelled => Err(cancelled().on(&self.sessions.label)),
            Outcome::Unknown => {
                if exit.is_none() {
                    self.sessions.forget(&link).await;
                }
                exit.ok_or_else(|| link.broken(&self.sessions.label, fate::READS))
            }
        }
    }
}

impl Transport for Ssh {
    fn trip(&self, trip: &Trip<'_>, tell: &mut dyn FnMut(usize, Told<'_>), cancel: &Cancel) -> Result<Measured, Error> {
        in_parts(trip, tell, cancel, |part, tell, way| block_on(self.run_part(part, tell, way, cancel)))
    }

    fn run(&self, request: Request<'_>, output: &mut dyn FnMut(Stream, &[u8]), cancel: &Cancel) -> Result<Exit, Error> {
        if matches!(request.input, Input::None) {
            return run_alone(self, &request, output, cancel);
        }
        if matches!(request.input, Input::Dialogue { .. }) {
            let script = dialogue_script::render(request.command, is_on_terminal(&request), request.vault, nonce())?;
            return block_on(dialogue::over(&self.sessions, &script, request, output, cancel));
        }
        let script = render_with_input(request.command, request.vault, nonce())?;
        if cancel.is_raised() {
            return Err(cancelled());
        }
        block_on(self.run_with_input(&script, request, output, cancel))
    }

    fn connect(&self, cancel: &Cancel) -> Result<(), Error> {
        block_on(self.sessions.link(cancel)).map(drop)
    }

    fn login(&self) -> Option<Login> {
        block_on(self.sessions.login())
    }

    fn label(&self) -> String {
        self.sessions.label.clone()
    }
}
