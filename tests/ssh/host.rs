//! A host to run commands on, over ssh or locally, and what became of a command.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use windlass::error::Error;
use windlass::model::command::Command;
use windlass::model::event::Stream;
use windlass::model::secret::Vault;
use windlass::model::server::{Reach, Server};
use windlass::transport::api::{Exit, Input, Measured, Request, Step, Told, Transport, Trip};
use windlass::transport::askpass::{Nobody, Prompter};
use windlass::transport::cancel::Cancel;
use windlass::transport::pool::{Pool, PoolOptions};
use windlass::transport::ssh::OnNote;

use crate::support::sshd::{Options, Sshd};

/// What a command printed and ended with.
#[derive(Debug, PartialEq, Eq)]
pub struct Ran {
    pub status: i32,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

impl Ran {
    pub fn out(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    pub fn err(&self) -> &str {
        std::str::from_utf8(&self.stderr).unwrap()
    }
}

/// A pool whose questions go to `prompter`.
pub fn pool_with(prompter: Arc<dyn Prompter>) -> Pool {
    Pool::new(options(prompter, Arc::new(|_, _| ())))
}

/// A pool whose notes of a login are heard.
pub fn pool_told(on_note: Arc<OnNote>) -> Pool {
    Pool::new(options(Arc::new(Nobody), on_note))
}

fn options(prompter: Arc<dyn Prompter>, on_note: Arc<OnNote>) -> PoolOptions {
    PoolOptions {
        connect_timeouts: windlass::transport::options::ConnectTimeouts::default(),
        dry_run: false,
        ssh_options: IndexMap::new(),
        prompter,
        vault: Arc::default(),
        askpass: env!("CARGO_BIN_EXE_windlass").into(),
        warm: None,
        tells_logins: false,
        on_connect: Arc::new(|_, _, _| ()),
        on_note,
    }
}

/// A pool nobody answers for.
pub fn pool() -> Pool {
    pool_with(Arc::new(Nobody))
}

/// A transport with what keeps it alive. The pool goes first, so that connections are closed in order.
pub struct Host {
    pub transport: Arc<dyn Transport>,
    _pool: Pool,
    pub sshd: Option<Sshd>,
}

impl Host {
    /// Over ssh; none where ssh tests are skipped on purpose.
    pub fn ssh(options: &Options<'_>) -> Option<Self> {
        let sshd = Sshd::with(options)?;
        let pool = pool();
        let transport = pool.transport(&sshd.server()).unwrap();
        Some(Self { transport, _pool: pool, sshd: Some(sshd) })
    }

    /// As a user of this machine.
    pub fn login(sshd: Sshd, user: &str) -> Self {
        let pool = pool();
        let transport = pool.transport(&Server { user: Some(user.to_owned()), ..sshd.server() }).unwrap();
        Self { transport, _pool: pool, sshd: Some(sshd) }
    }

    /// On this machine.
    pub fn local() -> Self {
        let pool = pool();
        let transport = pool.transport(&Server { reach: Reach::Local, ..Server::new("localhost") }).unwrap();
        Self { transport, _pool: pool, sshd: None }
    }

    /// Both, for tests that hold everywhere.
    pub fn each() -> Vec<Self> {
        Self::ssh(&Options::default()).into_iter().chain([Self::local()]).collect()
    }

    pub fn run(&self, command: &Command) -> Ran {
        run(&*self.transport, command, Input::None, &Cancel::new()).unwrap()
    }

    pub fn shell(&self, line: &str) -> Ran {
        self.run(&Command::shell(line))
    }

    /// Runs lines in one trip, none of which has to succeed.
    pub fn trip(&self, lines: &[&str]) -> (Vec<Ran>, usize) {
        let steps: Vec<_> = lines.iter().map(|line| (*line, false)).collect();
        let (ran, measured) = trip(&*self.transport, &steps, false);
        (ran, measured.round_trips)
    }

    pub fn feed(&self, command: &Command, mut bytes: &[u8]) -> Ran {
        run(&*self.transport, command, Input::Bytes(&mut bytes), &Cancel::new()).unwrap()
    }
}

/// Runs a command and gathers what it prints.
pub fn run(transport: &dyn Transport, command: &Command, mut input: Input<'_>, cancel: &Cancel) -> Result<Ran, Error> {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let vault = Vault::default();
    let Exit { status } = transport.run(
        Request { command, input: input.reborrow(), vault: &vault },
        &mut |stream, bytes| if stream == Stream::Stdout { &mut stdout } else { &mut stderr }.extend_from_slice(bytes),
        cancel,
    )?;
    Ok(Ran { status, stdout, stderr })
}

/// Runs shell lines in one trip, each with whether it must succeed, and gathers what those print that begin.
pub fn trip(transport: &dyn Transport, steps: &[(&str, bool)], shielded: bool) -> (Vec<Ran>, Measured) {
    let commands: Vec<(Command, bool)> = steps.iter().map(|(line, must)| (Command::shell(*line), *must)).collect();
    trip_of(transport, &commands, shielded)
}

/// The same with commands of any kind.
pub fn trip_of(transport: &dyn Transport, commands: &[(Command, bool)], shielded: bool) -> (Vec<Ran>, Measured) {
    let steps: Vec<Step<'_>> = commands.iter().map(|(command, must)| Step { command, must_succeed: *must }).collect();
    let vault = Vault::default();
    let mut ran: Vec<Ran> = Vec::new();
    let mut open = None;
    let mut tell = |number: usize, told: Told<'_>| match told {
        Told::Begun => {
            assert_eq!((number, open.replace(number)), (ran.len(), None), "they begin one after the other");
            ran.push(Ran { status: -1, stdout: Vec::new(), stderr: Vec::new() });
        }
        Told::Output(stream, bytes) => {
            assert_eq!(open, Some(number), "it prints while it runs");
            let ran = &mut ran[number];
            if stream == Stream::Stdout { &mut ran.stdout } else { &mut ran.stderr }.extend_from_slice(bytes);
        }
        Told::Ended(exit) => {
            assert_eq!(open.take(), Some(number), "it ends once");
            ran[number].status = exit.status;
        }
        Told::Awaited(_) | Told::Left(_) => panic!("nothing is cancelled here"),
    };
    let measured = transport.trip(&Trip { steps: &steps, vault: &vault, shielded }, &mut tell, &Cancel::new()).unwrap();
    assert_eq!(open, None, "what begins ends");
    (ran, measured)
}

/// Waits until something holds, for at most ten seconds.
pub fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < until, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Answers questions from a list, and keeps them.
pub struct Answers {
    answers: Mutex<Vec<&'static str>>,
    pub asked: Mutex<Vec<String>>,
}

impl Answers {
    pub fn new(answers: &[&'static str]) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(answers.iter().rev().copied().collect()), asked: Mutex::default() })
    }
}

impl Prompter for Answers {
    fn ask(&self, prompt: &str, _echo: bool, _given_up: &Cancel) -> Option<String> {
        self.asked.lock().unwrap().push(prompt.to_owned());
        self.answers.lock().unwrap().pop().map(str::to_owned)
    }
}
