//! A host for the tests of the probe: a folder with small programs in place of those of systemd, which note their calls.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Output, Stdio};

use tempfile::TempDir;

use super::*;
use crate::systemd::cksum::cksum;
use crate::systemd::health::facts::Facts;
use crate::systemd::health::testing::UNIT;
use crate::systemd::manager::Manager;
use crate::systemd::unit_name::UnitName;

/// Every shell a host may have as `sh`. Those that are not on this machine are left out, but one is.
pub(super) fn shells() -> Vec<Vec<&'static str>> {
    let all = [vec!["sh"], vec!["dash"], vec!["bash", "--posix"], vec!["bash"], vec!["busybox", "sh"]];
    let there = |shell: &Vec<&str>| {
        let run = Process::new(shell[0]).args(&shell[1..]).args(["-c", ":"]).stderr(Stdio::null()).status();
        run.is_ok_and(|status| status.success())
    };
    let there: Vec<_> = all.into_iter().filter(there).collect();
    assert!(!there.is_empty());
    there
}

pub(super) const SYSTEMCTL: &str = r#"case "$*" in
--version) printf 'systemd 252 (252.39-1~deb12u1)\n+PAM +AUDIT\n' ;;
"show user@1000.service "*|"show user@1001.service "*) printf 'LoadState=loaded\nActiveState=active\nActiveEnterTimestamp=Thu 2026-11-26 20:00:00 UTC\n' ;;
"--user show -p Version,"*) [ "$XDG_RUNTIME_DIR" = /run/user/1000 ] || [ "$XDG_RUNTIME_DIR" = /run/user/1001 ] || exit 1
printf 'Version=252.39\nUnitPath=/home/deploy/.config/systemd/user\n' ;;
"--user show -p Id,LoadState -- "*) printf 'Id=basic.target\nLoadState=loaded\n\nId=redis.service\nLoadState=not-found\n' ;;
"--user show -p Id,"*|"show -p Id,"*) cat "$FAKE/show" ;;
*is-enabled*) echo enabled ;;
*) echo "what is $*" >&2; exit 1 ;;
esac"#;

pub(super) const LOGINCTL: &str = r#"case "$*" in
"show-user -p UserStopDelayUSec") echo UserStopDelayUSec=10s ;;
"show-user "*) printf 'Sessions=3 4\nState=active\nLinger=yes\n' ;;
"show-session 3 4 "*) printf 'Id=3\nClass=user\nState=active\n\nId=4\nClass=manager\nState=active\n' ;;
*) echo "what is $*" >&2; exit 1 ;;
esac"#;

pub(super) const ID: &str =
    r#"case "$*" in -un) echo deploy ;; -u|"-u deploy") echo 1000 ;; "-u sidekiq") echo 1001 ;; *) exit 1 ;; esac"#;

/// Lets everybody be everybody.
pub(super) const SUDO: &str = r#"while [ "$1" != -- ] && [ "$1" != true ] && [ $# -gt 0 ]; do [ "$1" = -l ] && exit 0; shift; done
[ "$1" != -- ] || shift
exec "$@""#;

/// A host made of a folder, and of programs that answer as a host's.
pub(super) struct Host {
    top: TempDir,
    pub(super) worker: Child,
}

impl Host {
    pub(super) fn new() -> Self {
        let top = tempfile::tempdir().unwrap();
        // Another user looks into it, where the tests run as root.
        fs::set_permissions(top.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let at = |path: &str| top.path().join(path);
        for folder in
            ["bin", "run/systemd/system", "proc/1", "proc/self", "var/lib/systemd/linger", "etc/systemd/system"]
        {
            fs::create_dir_all(at(folder)).unwrap();
        }
        for folder in ["home/.config/systemd/user", "app/releases/2", "app/shared/config", "app/shared/log"] {
            fs::create_dir_all(at(folder)).unwrap();
        }
        fs::write(at("proc/1/comm"), "systemd\n").unwrap();
        let mounts = format!("/dev/sda1 / ext4 rw 0 0\nnas:/h {} nfs4 rw 0 0\n", at("elsewhere").display());
        fs::write(at("proc/self/mounts"), mounts).unwrap();
        fs::write(at("var/lib/systemd/linger/deploy"), "").unwrap();
        fs::write(at("home/.config/systemd/user").join(UNIT), "[Unit]\n").unwrap();
        fs::write(at("app/shared/config/sidekiq.yml"), "").unwrap();
        symlink(at("app/releases/2"), at("app/current")).unwrap();
        let mut host = Self { worker: worker(&at("app/releases/2"), "sidekiq 6.4.1 app [0 of 5 busy]"), top };
        for (name, text) in [("systemctl", SYSTEMCTL), ("loginctl", LOGINCTL), ("id", ID), ("sudo", SUDO)] {
            host.program(name, text);
        }
        host.program("journalctl", "printf 'one\\nend 0\\n\\ttwo\\n'");
        host.program("pkcheck", "exit 1");
        host.show(&[]);
        host
    }

    pub(super) fn at(&self, path: &str) -> PathBuf {
        self.top.path().join(path)
    }

    /// A program that notes how it was called.
    pub(super) fn program(&self, name: &str, text: &str) {
        let path = self.at("bin").join(name);
        let log = self.at("log");
        fs::write(&path, format!("#!/bin/sh\nprintf '%s\\n' \"{name} $*\" >>'{}'\n{text}\n", log.display())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// What the unit's manager says, with some of it changed.
    pub(super) fn show(&mut self, changes: &[(&str, &str)]) {
        let pid = self.worker.id().to_string();
        let mut properties = vec![
            ("Id", UNIT),
            ("LoadState", "loaded"),
            ("ActiveState", "active"),
            ("SubState", "running"),
            ("MainPID", &pid),
            ("NRestarts", "0"),
            ("WantedBy", "default.target"),
            ("After", "basic.target app.slice redis.service"),
            ("NeedDaemonReload", "no"),
            ("ExecMainStartTimestamp", "Fri 2100-01-01 00:00:00 UTC"),
            ("StartLimitIntervalUSec", "0"),
        ];
        for (name, value) in changes {
            properties.retain(|(known, _)| known != name);
            properties.push((name, value));
        }
        let lines: Vec<String> = properties.iter().map(|(name, value)| format!("{name}={value}")).collect();
        fs::write(self.at("show"), lines.join("\n") + "\n").unwrap();
    }

    pub(super) fn asked(&self) -> Asked {
        let path = |path: &str| self.at(path).display().to_string();
        let examined = Examined {
            reads: vec![path("app/shared/config/sidekiq.yml")],
            writes: vec![path("app/shared/log/sidekiq.log")],
            current: Some(path("app/current")),
            checksum: Some(cksum(b"[Unit]\n")),
            ..Examined::of(UnitName::parse(UNIT).unwrap(), "sidekiq")
        };
        Asked { units: vec![examined], ..Asked::of(Manager::of_user(None).unwrap()) }
    }

    /// Runs as the transport does: in a subshell, by `eval`.
    pub(super) fn run(&self, shell: &[&str], asked: &Asked) -> Output {
        let _ = fs::remove_file(self.at("log"));
        let line = format!("(eval {})", quote(&script_below(asked, &self.top.path().display().to_string())));
        Process::new(shell[0])
            .args(&shell[1..])
            .args(["-c", &line])
            .env("PATH", format!("{}:/usr/bin:/bin", self.at("bin").display()))
            .env("HOME", self.at("home"))
            .env("FAKE", self.top.path())
            .env("XDG_SESSION_ID", "3")
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    #[track_caller]
    pub(super) fn facts(&self, shell: &[&str], asked: &Asked) -> Facts {
        let output = self.run(shell, asked);
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{shell:?}");
        assert!(output.status.success(), "{shell:?}");
        Facts::parse(&text, asked).unwrap_or_else(|_| panic!("{shell:?}: {text}"))
    }

    /// How the programs were called.
    pub(super) fn log(&self) -> Vec<String> {
        fs::read_to_string(self.at("log")).unwrap_or_default().lines().map(str::to_owned).collect()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.worker.kill();
        let _ = self.worker.wait();
    }
}

/// A process that works in a folder, and calls itself something.
pub(super) fn worker(folder: &Path, title: &str) -> Child {
    Process::new("sleep").arg0(title).arg("600").current_dir(folder).spawn().unwrap()
}
