//! Real hosts, as `scripts/lab` makes them: Debian with systemd as PID 1, sshd, sudo and users, in a network of their own
//! that windlass is run in, too.
//!
//! The lab is a process that ends when its standard input does, and everything in it ends with it, so that also a killed
//! test leaves nothing. Its folder goes the same way, which makes a lab fit for a static.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::support::held::{end, errors, path, said};
use crate::support::host::Host;
use crate::support::skip::skip;

/// What a host boots.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Suite {
    /// Debian 11 with systemd 247.
    Bullseye,
    /// Debian 12 with systemd 252, Ruby, Sidekiq, Redis and Puma.
    Bookworm,
    /// Debian 13 with systemd 257.
    Trixie,
}

impl Suite {
    fn name(self) -> &'static str {
        match self {
            Self::Bullseye => "bullseye",
            Self::Bookworm => "bookworm",
            Self::Trixie => "trixie",
        }
    }
}

/// Hosts that are up.
pub struct Lab {
    hosts: Vec<Host>,
    holder: Child,
    folder: TempDir,
}

impl Lab {
    /// Boots hosts of their own for a test. None only where this machine can have no such thing, which is said loudly.
    pub fn start(test: &str, suites: &[Suite]) -> Option<Self> {
        Self::boot(suites).map_err(|why| skip(test, &why)).ok()
    }

    /// A host that all tests share, which boots once: a test is alone there as a user it has made with
    /// [`Host::add_user`]. None as with [`Lab::start`].
    pub fn shared(test: &str) -> Option<&'static Self> {
        static SHARED: OnceLock<Result<Lab, String>> = OnceLock::new();
        SHARED.get_or_init(|| Self::boot(&[Suite::Bookworm])).as_ref().map_err(|why| skip(test, why)).ok()
    }

    /// Its hosts, in the order they were asked for.
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// Its first host.
    pub fn host(&self) -> &Host {
        &self.hosts[0]
    }

    /// Words that run a program in the network of the hosts.
    pub fn through(&self) -> [String; 3] {
        ["nsenter".into(), format!("--net=/proc/{}/ns/net", self.holder()), "--".into()]
    }

    /// A folder that every host sees at the same path and cannot write to, for repositories.
    pub fn shared_folder(&self) -> PathBuf {
        self.folder.path().join("shared")
    }

    /// What it keeps for itself: the key that may log in, and what is known of hosts.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The process all others of the lab are below of.
    pub fn holder(&self) -> u32 {
        holder(self.folder.path())
    }

    /// Why not, where this machine can have no lab; a host that does not boot fails the test.
    fn boot(suites: &[Suite]) -> Result<Self, String> {
        if !rustix::process::geteuid().is_root() {
            return Err("it takes root, to boot hosts".to_owned());
        }
        let folder = tempfile::Builder::new().prefix("windlass-lab-").tempdir().unwrap();
        for suite in suites {
            let built = script(folder.path(), &["root", suite.name()]);
            if !built.status.success() {
                return Err(format!("there is no root to boot from: {}", text(&built.stderr)));
            }
        }
        let mut holder = command(folder.path(), &["hold"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        if said(&mut holder) != "ready" {
            let why = errors(&mut holder);
            end(&mut holder);
            return Err(format!("no lab can be made here: {why}"));
        }
        let mut lab = Self { hosts: Vec::new(), holder, folder };
        for alike in suites.chunk_by(|a, b| a == b) {
            lab.up(alike.len(), alike[0]);
        }
        Ok(lab)
    }

    fn up(&mut self, count: usize, suite: Suite) {
        let output = script(self.folder.path(), &["up", &count.to_string(), "--suite", suite.name()]);
        assert!(output.status.success(), "a host of {suite:?} does not boot: {}", text(&output.stderr));
        let up = text(&output.stdout);
        let hosts = up.lines().map(|line| line.split_once(' ').expect("a name and an address"));
        self.hosts.extend(hosts.map(|(name, address)| Host::new(name, address, self.folder.path())));
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        end(&mut self.holder);
    }
}

/// The number of the process that holds a lab.
pub fn holder(folder: &Path) -> u32 {
    std::fs::read_to_string(folder.join("holder")).unwrap().trim().parse().unwrap()
}

/// What `scripts/lab` said for the lab in this folder.
pub fn script(folder: &Path, words: &[&str]) -> Output {
    command(folder, words).output().unwrap()
}

fn text(said: &[u8]) -> String {
    String::from_utf8_lossy(said).trim().to_owned()
}

fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/lab"));
    command.args(words).stdin(Stdio::null()).env("PATH", path()).env("WINDLASS_LAB", folder);
    command
}
