//! Nothing of a lab is left when it ends, however it does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::Signal;

use crate::support::held::{said, wait_until};
use crate::support::lab::{Lab, Suite, holder, script};
use crate::support::skip::skip;
use crate::support::sshd::{descendants, is_running, signal};

/// What a lab puts onto this machine while it runs.
struct Traces {
    processes: Vec<u32>,
    folder: PathBuf,
    groups: Vec<PathBuf>,
}

impl Traces {
    fn of(lab: &Path) -> Self {
        let holder = holder(lab);
        let processes: Vec<u32> = [holder].into_iter().chain(descendants(holder)).collect();
        assert!(processes.len() > 5, "a whole host runs: {processes:?}");
        let groups = groups(lab);
        assert!(!groups.is_empty(), "it has control groups");
        Self { processes, folder: lab.to_owned(), groups }
    }

    #[track_caller]
    fn are_gone(&self) {
        wait_until("an end of its processes", || !self.processes.iter().any(|pid| is_running(*pid)));
        wait_until("an end of its folder", || !self.folder.exists());
        wait_until("an end of its control groups", || !self.groups.iter().any(|group| group.exists()));
    }
}

/// Ends a lab that would otherwise outlive a test that fails.
struct End<'a>(&'a Path);

impl Drop for End<'_> {
    fn drop(&mut self) {
        script(self.0, &["down"]);
    }
}

/// The control groups of a lab, in every hierarchy.
fn groups(lab: &Path) -> Vec<PathBuf> {
    let group = fs::read_to_string(format!("/proc/{}/root/run/group", holder(lab))).unwrap();
    let name = Path::new(group.trim()).file_name().unwrap();
    let mut places = vec![PathBuf::from("/sys/fs/cgroup")];
    places.extend(fs::read_dir("/sys/fs/cgroup").unwrap().flatten().map(|entry| entry.path()));
    places.into_iter().map(|place| place.join(name)).filter(|group| group.is_dir()).collect()
}

/// Nothing of it is mounted where this machine would see it.
fn mounts(folder: &Path) -> Vec<String> {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    let folder = folder.display().to_string();
    mounts.lines().filter(|line| line.contains(&folder) || line.contains("/run/lab")).map(str::to_owned).collect()
}

#[test]
fn nothing_is_left_when_it_is_dropped() {
    let Some(lab) = Lab::start("lab: the end", &[Suite::Bookworm]) else { return };
    assert!(lab.folder().join("client_key").exists());
    assert_eq!(mounts(lab.folder()), [""; 0], "it has mounts of its own");
    let traces = Traces::of(lab.folder());
    assert!(traces.processes.contains(&lab.holder()));
    drop(lab);
    traces.are_gone();
    assert_eq!(mounts(&traces.folder), [""; 0]);
}

#[test]
fn nothing_is_left_when_the_test_is_killed() {
    let test = "lab: a killed test";
    // Whether there can be one, and its root.
    let Some(lab) = Lab::start(test, &[Suite::Bookworm]) else { return };
    drop(lab);
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("lab");
    // Stands for the test: it has the other end of the holder's standard input, and nothing else keeps that open.
    let hold = format!("sleep 1000 | {}/scripts/lab hold", env!("CARGO_MANIFEST_DIR"));
    let mut killed = Command::new("sh")
        .args(["-c", &hold])
        .env("WINDLASS_LAB", &folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert_eq!(said(&mut killed), "ready");
    assert!(script(&folder, &["up"]).status.success());
    let traces = Traces::of(&folder);
    let sleep = descendants(killed.id()).into_iter().find(|pid| !traces.processes.contains(pid)).unwrap();
    signal(sleep, Signal::KILL);
    traces.are_gone();
    killed.wait().unwrap();
}

#[test]
fn what_is_left_of_a_holder_that_is_killed_goes_with_the_next_lab() {
    let test = "lab: a killed holder";
    let Some(lab) = Lab::start(test, &[Suite::Bookworm]) else { return };
    let traces = Traces::of(lab.folder());
    signal(lab.holder(), Signal::KILL);
    wait_until("an end of its processes", || !traces.processes.iter().any(|pid| is_running(*pid)));
    drop(lab);
    if Lab::start(test, &[]).is_none() {
        skip(test, "the next lab does not start");
        return;
    }
    traces.are_gone();
}

#[test]
fn a_folder_that_is_no_lab_is_let_alone() {
    if Lab::start("lab: a folder", &[]).is_none() {
        return;
    }
    let top = tempfile::tempdir().unwrap();
    fs::write(top.path().join("mine"), "dear").unwrap();
    for words in [&["hold"][..], &["up"], &["down"], &["list"]] {
        let output = script(top.path(), words);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(text.contains("not that of a lab"), ["hold", "up"].contains(&words[0]), "{words:?}: {text}");
        assert_eq!(fs::read_to_string(top.path().join("mine")).unwrap(), "dear");
    }
}

#[test]
fn a_lab_that_was_started_by_hand_stays_until_it_is_told_to_go() {
    let Some(lab) = Lab::start("lab: by hand", &[]) else { return };
    drop(lab);
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("lab");
    let _end = End(&folder);
    let said = |words: &[&str]| {
        let output = script(&folder, words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(said(&["up", "2", "--name", "web"]), "web1 10.78.0.11\nweb2 10.78.0.12\n");
    assert_eq!(said(&["list"]), "web1 10.78.0.11 bookworm running\nweb2 10.78.0.12 bookworm running\n");
    let traces = Traces::of(&folder);
    assert_eq!(said(&["exec", "web2", "--", "uname", "-n"]), "web2\n");
    assert_eq!(said(&["ssh", "web1:2222", "ops", "--", "sudo -n id -un"]), "root\n");
    assert!(said(&["run", "--", "ip", "-4", "address", "show", "switch"]).contains("10.78.0.1/24"));
    said(&["halt", "web1"]);
    assert_eq!(said(&["list"]), "web1 10.78.0.11 bookworm halted\nweb2 10.78.0.12 bookworm running\n");
    said(&["down", "web2"]);
    assert_eq!(said(&["list"]), "web1 10.78.0.11 bookworm halted\n");
    said(&["reboot", "web1"]);
    assert_eq!(said(&["up", "--name", "web"]), "web2 10.78.0.12\n", "a name and an address that are free again");
    assert_eq!(said(&["ssh", "web2", "--", "uname -n"]), "web2\n", "with another key, which is known");
    said(&["down"]);
    traces.are_gone();
    assert_eq!(said(&["list"]), "");
    for (words, why) in [
        (&["ssh", "web1"][..], "no lab runs here"),
        (&["frobnicate"], "unknown word: frobnicate"),
        (&["up", "--suite", "woody"], "unknown suite: woody; there are bookworm bullseye trixie"),
        (&["up", "many"], "not a number of hosts"),
        (&["up", "--name", "-x"], "not the beginning of a host name"),
    ] {
        let output = script(&folder, words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(why), "{words:?}: {text}");
    }
}
