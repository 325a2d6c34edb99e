//! `kill -9` at every boundary between two commands of a deploy, and what the hosts and the next deploy make of it.
//!
//! In the whole suite some of the boundaries are tried; `WINDLASS_CRASH_STEP=1` tries all, which takes minutes.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use windlass::error::EXIT_LOCKED;
use windlass::model::lock::FOLDER;

use crate::faults::running::{processes, with_argument};
use crate::support::fleet::Fleet;
use crate::support::ran::Ran;
use crate::support::sshd::signal;
use crate::support::tree::names_in;

const HOSTS: [&str; 3] = ["web1", "web2", "web3"];

/// How many boundaries of one deploy are tried when nobody says otherwise.
const TRIED: usize = 4;

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

/// A fleet that is deployed to again and again, another version each time.
struct Crashes {
    fleet: Fleet,
    /// Which text each commit has in `app.sh`.
    versions: HashMap<String, String>,
}

impl Crashes {
    fn start() -> Option<Self> {
        let fleet = Fleet::start(HOSTS.len(), RECIPE)?;
        let run = fleet.scene.top().join("run");
        fs::create_dir(&run).unwrap();
        let fleet = fleet.env("XDG_RUNTIME_DIR", &run.display().to_string());
        fleet.share("config/database.yml", "db\n");
        Some(Self { fleet, versions: HashMap::new() })
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

    /// How many boundaries a deploy has that nobody kills.
    fn boundaries(&mut self) -> usize {
        self.write();
        self.deploy_until(usize::MAX)
    }

    /// Deploys, and kills windlass when so many commands have begun or ended. Says how many did.
    fn deploy_until(&self, last: usize) -> usize {
        self.fleet.next_second();
        let words = ["--format", "json", "production", "deploy"];
        let mut child = self.fleet.scene.command(words).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut count = 0;
        for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
            let event: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            let name = event["event"].as_str().unwrap_or_default();
            if name == "command_started" || name == "command_finished" {
                count += 1;
                if count == last {
                    child.kill().unwrap();
                    break;
                }
            }
        }
        let status = child.wait().unwrap();
        assert!(count == last || status.success(), "a deploy nobody killed failed: {status}");
        count
    }

    /// Waits until nothing of the killed run is left on the hosts, then ends its connections.
    fn rest(&self, point: usize) {
        let until = Instant::now() + REST;
        loop {
            let left = self.left();
            if left.is_empty() {
                break;
            }
            assert!(Instant::now() < until, "point {point}: still on the hosts: {left:?}");
            sleep(Duration::from_millis(20));
        }
        for master in with_argument(&self.fleet.scene.top().join("run").display().to_string()) {
            signal(master.rsplit_once(' ').unwrap().1.parse().unwrap(), Signal::TERM);
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
        let link = self.fleet.path(host, "current");
        let target = fs::read_link(&link).ok()?;
        let lacks = self.lacks(&target);
        assert!(lacks.is_empty(), "point {point}: `current` of {host} is {}, which lacks {lacks:?}", target.display());
        Some(target.file_name().unwrap().to_string_lossy().into_owned())
    }

    /// What a release has not, or has too much.
    fn lacks(&self, release: &PathBuf) -> Vec<&'static str> {
        let read = |name: &str| fs::read_to_string(release.join(name)).unwrap_or_default();
        let version = self.versions.get(read("REVISION").trim()).map(String::as_str);
        let checks = [
            ("the version of its commit", version == Some(&*read("app.sh"))),
            ("REVISION_TIME", !read("REVISION_TIME").is_empty()),
            ("the linked file", read("config/database.yml") == "db\n"),
            (
                "the linked folders",
                ["log", "tmp/pids"].iter().all(|name| release.join(name).is_symlink() && release.join(name).is_dir()),
            ),
            ("only what belongs there", !release.join(".windlass.tar").exists()),
        ];
        checks.into_iter().filter(|(_, is_so)| !is_so).map(|(what, _)| what).collect()
    }

    /// Deploys once more, after the lease of the killed one where there is one.
    fn deploy_again(&self, point: usize) -> Ran {
        let until = Instant::now() + LEASE;
        loop {
            let ran = self.fleet.run(&["deploy"]);
            if ran.code != i32::from(EXIT_LOCKED) || Instant::now() > until {
                assert_eq!(ran.code, 0, "point {point}: the next deploy fails:\n{}{}", ran.stdout, ran.stderr);
                return ran;
            }
            sleep(Duration::from_millis(500));
        }
    }

    /// One crash, and everything that has to be so after it. False when the deploy was over before.
    fn crash(&mut self, point: usize, had_release: bool) -> bool {
        self.write();
        let before = HOSTS.map(|host| self.current(host, point));
        if self.deploy_until(point) < point {
            return false;
        }
        self.rest(point);
        for (host, before) in HOSTS.iter().zip(before) {
            let current = self.current(host, point);
            assert!(current.is_some() || !had_release, "point {point}: {host} has lost its release {before:?}");
        }
        self.deploy_again(point);
        self.rest(point);
        let newest = HOSTS.map(|host| self.current(host, point));
        assert!(newest[0].is_some() && newest.iter().all(|name| *name == newest[0]), "point {point}: {newest:?}");
        for host in HOSTS {
            let text = self.fleet.read(host, "current/app.sh");
            assert_eq!(text, format!("echo version {}\n", self.versions.len() + 1), "point {point}, {host}");
            let mut there = names_in(&self.fleet.path(host, ""));
            there.retain(|name| name != FOLDER);
            assert_eq!(there, ["current", "releases", "repo", "revisions.log", "shared"], "point {point}, {host}");
        }
        true
    }
}

/// Which boundaries to try.
fn step(boundaries: usize) -> usize {
    let asked = std::env::var("WINDLASS_CRASH_STEP").ok().and_then(|step| step.parse::<usize>().ok());
    asked.filter(|step| *step > 0).unwrap_or(boundaries.div_ceil(TRIED))
}

/// Only those between, for who looks for one of them: `WINDLASS_CRASH_POINTS=40-45`.
fn range() -> RangeInclusive<usize> {
    let asked = std::env::var("WINDLASS_CRASH_POINTS").ok();
    let asked = asked.and_then(|text| {
        let (from, to) = text.split_once('-')?;
        Some(from.parse().ok()?..=to.parse().ok()?)
    });
    asked.unwrap_or(1..=usize::MAX)
}

fn crash_at_each(what: &str, mut crashes: Crashes, is_first: bool) {
    let boundaries = crashes.boundaries();
    let (step, range, since) = (step(boundaries), range(), Instant::now());
    let mut tried = 0;
    for point in (*range.start()..).step_by(step).take_while(|point| range.contains(point)) {
        if is_first {
            crashes.wipe();
        }
        if !crashes.crash(point, !is_first) {
            break;
        }
        tried += 1;
    }
    assert!(tried > 0, "no point was tried");
    println!("{what}: killed at {tried} points of {boundaries}, every {step}., in {:.1?}", since.elapsed());
}

#[test]
fn a_first_deploy_that_is_killed() {
    let Some(crashes) = Crashes::start() else { return };
    crash_at_each("a first deploy", crashes, true);
}

#[test]
fn a_later_deploy_that_is_killed() {
    let Some(crashes) = Crashes::start() else { return };
    crash_at_each("a later deploy", crashes, false);
}
