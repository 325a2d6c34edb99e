use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::*;
use crate::model::doctor::asked::Git;
use crate::model::doctor::facts::{Facts, There};
use crate::model::doctor::testing::asked;

/// The shells of hosts, as programs with their first words; those that are not installed are left out.
fn shells() -> Vec<Vec<&'static str>> {
    let all = [vec!["dash", "-c"], vec!["bash", "-c"], vec!["busybox", "sh", "-c"]];
    all.into_iter().filter(|words| Command::new(words[0]).args(["-c", ":"]).output().is_ok()).collect()
}

/// A machine as the script finds it: a home, and programs before those of this machine.
struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("home/.ssh")).unwrap();
        fs::create_dir_all(folder.path().join("bin")).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn program(self, name: &str, text: &str) -> Self {
        program(&self.path(&format!("bin/{name}")), text);
        self
    }

    fn asked(&self) -> Asked {
        let top = self.path("app");
        Asked {
            deploy_to: Some(top.clone()),
            folders: vec![top.clone(), format!("{top}/releases")],
            current: Some(format!("{top}/current")),
            tmp: self.path(""),
            programs: vec!["windlass-odd".into()],
            needed: vec!["git".into()],
            git: None,
            ..asked()
        }
    }

    #[track_caller]
    fn facts(&self, shell: &[&str], asked: &Asked) -> Facts {
        let output = Command::new(shell[0])
            .args(&shell[1..])
            .arg(script(asked))
            .env("HOME", self.path("home"))
            .env("PATH", format!("{}:{}", self.path("bin"), std::env::var("PATH").unwrap()))
            .env("GIT_SSH_COMMAND", "ssh -o StrictHostKeyChecking=accept-new")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{shell:?}");
        Facts::parse(&String::from_utf8_lossy(&output.stdout), asked).unwrap()
    }
}

fn program(path: &str, text: &str) {
    fs::create_dir_all(Path::new(path).parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn every_shell_looks_alike() {
    let machine = Machine::new();
    fs::create_dir_all(machine.path("app/releases")).unwrap();
    symlink("releases/1", machine.path("app/current")).unwrap();
    let shells = shells();
    assert!(shells.len() > 1, "one shell alone shows nothing");
    for shell in shells {
        let facts = machine.facts(&shell, &machine.asked());
        assert!(facts.has_setsid && facts.path.starts_with(&machine.path("bin")), "{shell:?}: {facts:#?}");
        assert_eq!(facts.programs[1].here, None);
        assert!(facts.programs[0].here.is_some(), "git is installed where tests run: {facts:#?}");
        assert_eq!((facts.folders[1].there, facts.folders[1].may_write), (There::Folder, true));
        assert_eq!(facts.current.as_deref(), Some("link releases/1"));
        assert!(facts.disks.iter().all(|disk| disk.bytes.is_some_and(|(total, _)| total > 0)), "{facts:#?}");
        assert!(!facts.disks[0].is_read_only && facts.disks[0].mount.starts_with('/'), "{facts:#?}");
        let (now, later) = facts.clock.unwrap();
        assert!(now > 1_700_000_000 && later >= now);
        assert!(facts.lock.is_some_and(|lock| lock.held().is_none() && lock.freeze.is_none()));
        assert_eq!(facts.git, None);
    }
}

#[test]
fn what_is_not_there_yet_is_looked_for_above() {
    let machine = Machine::new();
    fs::write(machine.path("file"), "").unwrap();
    symlink("/nowhere/at/all", machine.path("astray")).unwrap();
    let place = |name: &str| machine.path(name);
    let asked = Asked { folders: vec![place("a/b/c"), place("file"), place("astray"), "/".into()], ..machine.asked() };
    for shell in shells() {
        let folders = machine.facts(&shell, &asked).folders;
        assert_eq!(folders[0].there, There::Nothing);
        assert_eq!(folders[0].nearest, machine.path("").trim_end_matches('/'), "{shell:?}");
        assert!(folders[0].may_write && folders[0].mode.starts_with("drwx"), "{folders:#?}");
        assert_eq!(
            (folders[1].there, folders[2].there, folders[3].there),
            (There::Other, There::Astray, There::Folder)
        );
    }
}

#[test]
fn a_login_has_a_path_of_its_own() {
    let machine = Machine::new();
    program(&machine.path("odd tools/windlass-odd"), "");
    // The login shell is whatever the account has: this one says what it is asked for.
    let shell = machine.path("shells/bash");
    program(
        &shell,
        &format!("echo Welcome; PATH=\"{}:$PATH\"; export PATH; shift; eval \"$1\"", machine.path("odd tools")),
    );
    let machine = machine.program("getent", &format!("echo \"me:x:1:1::/home:{shell}\""));
    for words in shells() {
        let facts = machine.facts(&words, &machine.asked());
        assert_eq!(facts.programs[1].at_login, Some(machine.path("odd tools/windlass-odd")), "{words:?}: {facts:#?}");
        assert_eq!(facts.programs[1].here, None);
        assert!(facts.login_path.unwrap().starts_with(&machine.path("odd tools")));
    }
}

#[test]
fn a_shell_for_nobody_is_not_asked() {
    let machine = Machine::new();
    let shell = machine.path("shells/nologin");
    program(&shell, &format!("touch {}", machine.path("asked")));
    let machine = machine.program("getent", &format!("echo \"me:x:1:1::/home:{shell}\""));
    let facts = machine.facts(&["sh", "-c"], &machine.asked());
    assert_eq!((facts.shell, facts.login_path), (Some(shell), None));
    assert!(!Path::new(&machine.path("asked")).exists());
}

#[test]
fn git_is_asked_as_a_deploy_asks_it_and_writes_no_key_down() {
    let machine = Machine::new().program("git", "echo \"$@\"; echo \"$GIT_SSH_COMMAND\"; exit 3");
    let words = ["git", "ls-remote", "it's $HOME", "HEAD"].map(str::to_owned).into();
    let asked = Asked { git: Some(Git { words, url: "x".into(), seconds: 9 }), ..machine.asked() };
    fs::write(machine.path("home/.ssh/id_rsa.pub"), "").unwrap();
    for shell in shells() {
        let facts = machine.facts(&shell, &asked);
        let git = facts.git.unwrap();
        assert_eq!(git.status, 3, "{shell:?}");
        assert_eq!(
            git.text,
            "ls-remote it's $HOME HEAD\nssh -o StrictHostKeyChecking=accept-new -o 'UserKnownHostsFile=/dev/null \
             ~/.ssh/known_hosts ~/.ssh/known_hosts2'"
        );
        assert!(facts.has_keys && facts.agent.is_some());
    }
}

#[test]
fn a_git_that_waits_is_not_waited_for() {
    let machine = Machine::new().program("git", "sleep 60");
    let words = ["git", "ls-remote"].map(str::to_owned).into();
    let asked = Asked { git: Some(Git { words, url: "x".into(), seconds: 1 }), ..machine.asked() };
    let git = machine.facts(&["sh", "-c"], &asked).git.unwrap();
    assert!([124, 137, 143].contains(&git.status), "{git:?}");
}

/// A lock in the folder of the application is seen, and nothing is left there.
#[test]
fn nothing_is_changed() {
    let machine = Machine::new();
    fs::create_dir_all(machine.path("app/.windlass")).unwrap();
    fs::write(machine.path("app/.windlass/freeze"), "freeze.reason=holidays\nfreeze.user=ann\n").unwrap();
    let before = fs::metadata(machine.path("app/.windlass")).unwrap().modified().unwrap();
    for shell in shells() {
        let facts = machine.facts(&shell, &machine.asked());
        assert_eq!(facts.lock.and_then(|lock| lock.freeze).map(|freeze| freeze.reason).as_deref(), Some("holidays"));
    }
    assert_eq!(fs::metadata(machine.path("app/.windlass")).unwrap().modified().unwrap(), before);
    assert_eq!(fs::read_dir(machine.path("home")).unwrap().count(), 1);
}
