//! A fleet whose deploys are killed, and what its hosts have to be like afterwards.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use windlass::error::EXIT_LOCKED;
use windlass::model::lock::FOLDER;

use crate::faults::running::{processes, with_argument};
use crate::support::fleet::Fleet;
use crate::support::tree::names_in;

const HOSTS: [&str; 3] = ["web1", "web2", "web3"];

/// What a host may take to come to rest: watchdogs, and what is shielded.
const REST: Duration = Duration::from_secs(20);

/// What a lease may hold up the next deploy.
const LEASE: Duration = Duration::from_secs(30);

const RECIPE: &str = r#"
append("linked_dirs", "log", "tmp/pids");
append("linked_files", "config/database.yml");
set("keep_releases", 3);
set("lock_ttl", 5);
"#;

/// What is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A deploy to hosts that have nothing yet.
    First,
    /// A deploy to hosts that have a release.
    Later,
    /// The way back to the release before.
    Rollback,
}

/// A fleet on which windlass is killed again and again, another version of the application each time.
pub struct Crashes {
    fleet: Fleet,
    kind: Kind,
    /// Which text each commit has in `app.sh`.
    versions: HashMap<String, String>,
}

impl Crashes {
    /// Starts it. None only where sshd is missing on purpose.
    pub fn start(kind: Kind) -> Option<Self> {
        let fleet = Fleet::start(HOSTS.len(), RECIPE)?;
        let run = fleet.scene.top().join("run");
        fs::create_dir(&run).unwrap();
        let fleet = fleet.env("XDG_RUNTIME_DIR", &run.display().to_string());
        fleet.share("config/database.yml", "db\n");
        Some(Self { fleet, kind, versions: HashMap::new() })
    }

    /// How many boundaries there are when nobody kills anything.
    pub fn boundaries(&mut self) -> usize {
        if self.kind == Kind::Rollback {
            for _ in 0..2 {
                self.write();
                self.fleet.deploy();
            }
        }
        self.write();
        self.run_until(usize::MAX)
    }

    /// One crash, and everything that has to be so after it. False when the run was over before.
    pub fn crash(&mut self, point: usize) -> bool {
        match self.kind {
            Kind::First => self.wipe(),
            Kind::Later => {}
            Kind::Rollback => {
                // One that all hosts have: a rollback cut off in the middle has removed the last one from some.
                self.write();
                self.fleet.deploy();
            }
        }
        self.write();
        let before = HOSTS.map(|host| self.current(host, point));
        if self.run_until(point) < point {
            return false;
        }
        self.rest(point);
        for (host, before) in HOSTS.iter().zip(before) {
            let current = self.current(host, point);
            let may_lack = self.kind == Kind::First;
            assert!(current.is_some() || may_lack, "point {point}: {host} has lost its release {before:?}");
        }
        self.deploy_again(point);
        self.rest(point);
        let newest = HOSTS.map(|host| self.current(host, point));
        assert!(newest[0].is_some() && newest.iter().all(|name| *name == newest[0]), "point {point}: {newest:?}");
        for host in HOSTS {
            let text = self.fleet.read(host, "current/app.sh");
            assert_eq!(text, format!("echo version {}\n", self.versions.len() + 1), "point {point}, {host}");
            let mut there = names_in(&self.fleet.path(host, ""));
            there.retain(|name| name != FOLDER && !name.starts_with("rolled-back-release-"));
            assert_eq!(there, ["current", "releases", "repo", "revisions.log", "shared"], "point {point}, {host}");
        }
        let run = self.fleet.scene.top().join("run");
        let ssh = with_argument(&run.display().to_string());
        assert_eq!(ssh, [""; 0], "point {point}: the next run ends the connections of the killed one");
        assert_eq!(names_in(&run), [""; 0], "point {point}: and removes the folder of their sockets");
        true
    }

    /// Commits another version.
    fn write(&mut self) {
        let text = format!("echo version {}\n", self.versions.len() + 2);
        let commit = self.fleet.repository.commit("app.sh", &text);
        self.versions.insert(commit, text);
    }

    /// Makes the hosts as if nothing had ever been deployed.
    fn wipe(&self) {
        for host in HOSTS {
            fs::remove_dir_all(self.fleet.path(host, "")).ok();
        }
        self.fleet.share("config/database.yml", "db\n");
    }

    /// Kills windlass when so many commands have begun or ended. Says how many did.
    fn run_until(&self, last: usize) -> usize {
        self.fleet.next_second();
        let task = if self.kind == Kind::Rollback { "deploy:rollback" } else { "deploy" };
        let words = ["--format", "json", "production", task];
        let said = self.fleet.scene.top().join("said");
        let stderr = fs::File::create(&said).unwrap();
        let mut child = self.fleet.scene.command(words).stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let (mut count, mut why) = (0, String::new());
        for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
            let event: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            let name = event["event"].as_str().unwrap_or_default();
            if name == "failed" || event["level"] == "warn" {
                why.push_str(&format!("{line}\n"));
            }
            if name == "command_started" || name == "command_finished" {
                count += 1;
                if count == last {
                    child.kill().unwrap();
                    break;
                }
            }
        }
        let status = child.wait().unwrap();
        let said = || fs::read_to_string(&said).unwrap_or_default();
        assert!(
            count == last || status.success(),
            "before point {last} {task} failed by itself: {status}\n{why}{}",
            said()
        );
        count
    }

    /// Waits until nothing of a run is left on the hosts.
    fn rest(&self, point: usize) {
        let until = Instant::now() + REST;
        loop {
            let left = self.left();
            if left.is_empty() {
                return;
            }
            assert!(Instant::now() < until, "point {point}: still on the hosts: {left:?}");
            sleep(Duration::from_millis(20));
        }
    }

    /// What runs on the hosts: only what was started by one of our sshd processes has that home.
    fn left(&self) -> Vec<String> {
        let homes = HOSTS.map(|host| format!("HOME={}", self.fleet.sshd(host).home().display()));
        processes(|folder| {
            let environment = fs::read(folder.join("environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|entry| homes.iter().any(|home| home.as_bytes() == entry))
        })
    }

    /// The release `current` of a host points to, which has to be whole; none where there is no `current`.
    #[track_caller]
    fn current(&self, host: &str, point: usize) -> Option<String> {
        let target = fs::read_link(self.fleet.path(host, "current")).ok()?;
        let lacks = self.lacks(&target);
        assert!(lacks.is_empty(), "point {point}: `current` of {host} is {}, which lacks {lacks:?}", target.display());
        Some(target.file_name().unwrap().to_string_lossy().into_owned())
    }

    /// What a release has not, or has too much.
    fn lacks(&self, release: &Path) -> Vec<&'static str> {
        let read = |name: &str| fs::read_to_string(release.join(name)).unwrap_or_default();
        let version = self.versions.get(read("REVISION").trim()).map(String::as_str);
        let is_linked = |name: &&str| release.join(name).is_symlink() && release.join(name).is_dir();
        let checks = [
            ("the version of its commit", version == Some(&*read("app.sh"))),
            ("REVISION_TIME", !read("REVISION_TIME").is_empty()),
            ("the linked file", read("config/database.yml") == "db\n"),
            ("the linked folders", ["log", "tmp/pids"].iter().all(is_linked)),
            ("only what belongs there", !release.join(".windlass.tar").exists()),
        ];
        checks.into_iter().filter(|(_, is_so)| !is_so).map(|(what, _)| what).collect()
    }

    /// Deploys once more, after the lease of the killed run where there is one.
    fn deploy_again(&self, point: usize) {
        let until = Instant::now() + LEASE;
        loop {
            let ran = self.fleet.run(&["deploy"]);
            if ran.code != i32::from(EXIT_LOCKED) || Instant::now() > until {
                assert_eq!(ran.code, 0, "point {point}: the next deploy fails:\n{}{}", ran.stdout, ran.stderr);
                return;
            }
            sleep(Duration::from_secs(1));
        }
    }
}
