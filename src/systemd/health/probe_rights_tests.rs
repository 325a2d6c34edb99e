//! What the probe asks as whom, and what bars a user's way to files.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use super::host::*;
use super::*;
use crate::model::sections::Answer;
use crate::systemd::health::facts::Linger;
use crate::systemd::health::rules::examine;
use crate::systemd::health::testing::UNIT;
use crate::systemd::health::unit_facts::Access;
use crate::systemd::manager::Manager;

fn of_sidekiq(host: &Host) -> Asked {
    Asked { manager: Manager::of_user(Some("sidekiq".into())).unwrap(), ..host.asked() }
}

#[test]
fn another_user_is_asked_by_sudo() {
    let host = Host::new();
    fs::write(host.at("var/lib/systemd/linger/sidekiq"), "").unwrap();
    for shell in shells() {
        let facts = host.facts(&shell, &of_sidekiq(&host));
        assert_eq!((facts.user.as_str(), facts.uid.as_str()), ("sidekiq", "1001"));
        assert!(facts.as_user.unwrap().is_ok() && facts.manager.unwrap().is_ok());
        let unit = &facts.units[0];
        assert_eq!((unit.show.get("Id"), unit.is_mine), (Some(UNIT), true));
        assert_eq!(unit.reads, [Access::Yes]);
        assert!(
            host.log()
                .iter()
                .filter(|line| line.starts_with("sudo "))
                .all(|line| line.starts_with("sudo -n -H -u sidekiq -- "))
        );
    }
}

#[test]
fn who_may_not_be_the_user_is_told_once() {
    let host = Host::new();
    host.program("sudo", "echo 'sudo: a password is required' >&2; exit 1");
    fs::write(host.at("var/lib/systemd/linger/sidekiq"), "").unwrap();
    for shell in shells() {
        let asked = of_sidekiq(&host);
        let found = examine(&asked, &host.facts(&shell, &asked));
        let ids: Vec<_> = found.iter().map(|finding| finding.id).collect();
        assert_eq!(ids, ["LF-23"], "{found:#?}");
        assert_eq!(host.log().iter().filter(|line| line.starts_with("sudo ")).count(), 1, "it is logged on the host");
    }
}

fn of_system(host: &Host) -> Asked {
    let mut asked = Asked { units: host.asked().units, ..Asked::of(Manager::of_system()) };
    asked.units[0].runs_as = Some("sidekiq".into());
    asked
}

#[test]
fn services_of_the_machine_need_root() {
    let mut host = Host::new();
    host.show(&[("User", "sidekiq"), ("WantedBy", "multi-user.target")]);
    fs::rename(host.at("home/.config/systemd/user").join(UNIT), host.at("etc/systemd/system").join(UNIT)).unwrap();
    for shell in shells() {
        let facts = host.facts(&shell, &of_system(&host));
        assert!(facts.sudo.as_ref().is_some_and(Answer::is_ok) && facts.units[0].sudo.is_none());
        assert_eq!(facts.linger, Linger::Unknown, "who lingers does not matter");
        assert!(facts.units[0].files.contains_key("system"));
        assert!(facts.units[0].title.is_some(), "as the user who runs it");
        assert_eq!(examine(&of_system(&host), &facts), []);
        assert!(host.log().iter().all(|line| !line.contains("loginctl")));
    }
}

#[test]
fn who_may_restart_but_not_be_root_may_enough() {
    let mut host = Host::new();
    host.show(&[("User", "deploy"), ("WantedBy", "multi-user.target")]);
    let mut asked = of_system(&host);
    asked.units[0].runs_as = None;
    let refusal = "echo 'sudo: a password is required' >&2; exit 1";
    for shell in shells() {
        host.program("sudo", &format!("[ \"$2\" = -l ] && exit 0\n{refusal}"));
        assert_eq!(examine(&asked, &host.facts(&shell, &asked)), []);
        host.program("sudo", refusal);
        let found = examine(&asked, &host.facts(&shell, &asked));
        assert_eq!((found.len(), found[0].id), (1, "LF-25"), "{found:#?}");
    }
}

/// As somebody who is not root, who may read everything.
fn access(shell: &[&str], pairs: &[(&str, &Path)]) -> Vec<String> {
    let is_root = rustix::process::geteuid().is_root();
    let mut words: Vec<String> = if is_root {
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"].map(str::to_owned).to_vec()
    } else {
        Vec::new()
    };
    words.extend(shell.iter().map(|word| (*word).to_owned()));
    words.extend(["-c".to_owned(), format!("{FUNCTIONS}{CHECK}"), "sh".to_owned()]);
    for (key, path) in pairs {
        words.extend([(*key).to_owned(), path.display().to_string()]);
    }
    let output = Process::new(&words[0]).args(&words[1..]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{shell:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.strip_prefix('\t')).map(str::to_owned).collect()
}

#[test]
fn what_bars_the_way_is_named() {
    let top = tempfile::tempdir().unwrap();
    let at = |path: &str| top.path().join(path);
    let mode = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(top.path(), 0o755);
    for folder in ["open", "shut/inner"] {
        fs::create_dir_all(at(folder)).unwrap();
    }
    for file in ["open/yes", "open/no", "shut/inner/x"] {
        fs::write(at(file), "").unwrap();
    }
    symlink(at("nowhere"), at("astray")).unwrap();
    symlink(at("shut"), at("link")).unwrap();
    mode(&at("open/yes"), 0o644);
    mode(&at("open/no"), 0o000);
    mode(&at("open"), 0o555);
    mode(&at("shut"), 0o000);
    let depth = top.path().components().count();
    let who = |path: &str| {
        let output = Process::new("stat").args(["-c", "%A %U:%G"]).arg(at(path)).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    };
    let expected = [
        ("read.0", "open/yes", "yes".to_owned()),
        ("read.1", "open/no", format!("no {}", who("open/no"))),
        ("read.2", "open/none", "absent".to_owned()),
        ("read.3", "shut/inner/x", format!("barred {depth} {}", who("shut"))),
        ("read.4", "none/x", format!("missing {depth}")),
        ("read.5", "astray/x", format!("astray {depth}")),
        ("read.6", "open", "yes".to_owned()),
        ("read.7", "shut", format!("barred {depth} {}", who("shut"))),
        // What is behind a link is told, not the link.
        ("read.8", "link", format!("barred {depth} {}", who("shut"))),
        ("read.9", "astray", format!("astray {depth}")),
        ("write.0", "open/no", format!("no {}", who("open/no"))),
        ("write.1", "open/none", format!("uncreatable {depth} {}", who("open"))),
        ("write.2", "shut/inner/none", format!("barred {depth} {}", who("shut"))),
    ];
    let paths: Vec<PathBuf> = expected.iter().map(|(_, path, _)| at(path)).collect();
    let pairs: Vec<(&str, &Path)> =
        expected.iter().zip(&paths).map(|((key, ..), path)| (*key, path.as_path())).collect();
    for shell in shells() {
        let answers = access(&shell, &pairs);
        assert_eq!(answers, expected.iter().map(|(.., answer)| answer.clone()).collect::<Vec<_>>(), "{shell:?}");
    }
    mode(&at("shut"), 0o755);
    mode(&at("open"), 0o755);
}
