//! A host to run commands on, over ssh or locally, and what became of a command.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use windlass::error::Error;
use windlass::model::command::Command;
use windlass::model::event::Stream;
use windlass::model::secret::Vault;
use windlass::model::server::{Reach, Server};
use windlass::transport::api::{Exit, Input, Request, Transport};
use windlass::transport::askpass::{Nobody, Prompter};
use windlass::transport::cancel::Cancel;
use windlass::transport::pool::{Pool, PoolOptions};

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
    Pool::new(PoolOptions {
        dry_run: false,
        ssh_options: IndexMap::new(),
        prompter,
        vault: Arc::default(),
        askpass: env!("CARGO_BIN_EXE_windlass").into(),
        warm: None,
        on_connect: Arc::new(|_, _, _| ()),
        on_note: Arc::new(|_, _| ()),
    })
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
    fn ask(&self, prompt: &str, _echo: bool) -> Option<String> {
        self.asked.lock().unwrap().push(prompt.to_owned());
        self.answers.lock().unwrap().pop().map(str::to_owned)
    }
}
