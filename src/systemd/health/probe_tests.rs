use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Output, Stdio};

use tempfile::TempDir;

use super::*;
use crate::systemd::cksum::cksum;
use crate::systemd::health::facts::{Facts, Linger};
use crate::systemd::health::finding::Severity;
use crate::systemd::health::frame::Answer;
use crate::systemd::health::rules::examine;
use crate::systemd::health::testing::UNIT;
use crate::systemd::health::unit_facts::Access;
use crate::systemd::manager::Manager;
use crate::systemd::unit_name::UnitName;

/// Every shell a host may have as `sh`. Those that are not on this machine are left out, but one is.
fn shells() -> Vec<Vec<&'static str>> {
    let all = [vec!["sh"], vec!["dash"], vec!["bash", "--posix"], vec!["bash"], vec!["busybox", "sh"]];
    let there = |shell: &Vec<&str>| {
        let run = Process::new(shell[0]).args(&shell[1..]).args(["-c", ":"]).stderr(Stdio::null()).status();
        run.is_ok_and(|status| status.success())
    };
    let there: Vec<_> = all.into_iter().filter(there).collect();
    assert!(!there.is_empty());
    there
}

const SYSTEMCTL: &str = r#"case "$*" in
--version) printf 'systemd 252 (252.39-1~deb12u1)\n+PAM +AUDIT\n' ;;
"show user@1000.service "*|"show user@1001.service "*) printf 'LoadState=loaded\nActiveState=active\nActiveEnterTimestamp=Thu 2026-11-26 20:00:00 UTC\n' ;;
"--user show -p Version,"*) [ "$XDG_RUNTIME_DIR" = /run/user/1000 ] || [ "$XDG_RUNTIME_DIR" = /run/user/1001 ] || exit 1
printf 'Version=252.39\nUnitPath=/home/deploy/.config/systemd/user\n' ;;
"--user show -p Id,LoadState -- "*) printf 'Id=basic.target\nLoadState=loaded\n\nId=redis.service\nLoadState=not-found\n' ;;
"--user show -p Id,"*|"show -p Id,"*) cat "$FAKE/show" ;;
*is-enabled*) echo enabled ;;
*) echo "what is $*" >&2; exit 1 ;;
esac"#;

const LOGINCTL: &str = r#"case "$*" in
"show-user -p UserStopDelayUSec") echo UserStopDelayUSec=10s ;;
"show-user "*) printf 'Sessions=3 4\nState=active\nLinger=yes\n' ;;
"show-session 3 4 "*) printf 'Id=3\nClass=user\nState=active\n\nId=4\nClass=manager\nState=active\n' ;;
*) echo "what is $*" >&2; exit 1 ;;
esac"#;

const ID: &str =
    r#"case "$*" in -un) echo deploy ;; -u|"-u deploy") echo 1000 ;; "-u sidekiq") echo 1001 ;; *) exit 1 ;; esac"#;

/// Lets everybody be everybody.
const SUDO: &str = r#"while [ "$1" != -- ] && [ "$1" != true ] && [ $# -gt 0 ]; do [ "$1" = -l ] && exit 0; shift; done
[ "$1" != -- ] || shift
exec "$@""#;

/// A host made of a folder, and of programs that answer as a host's.
struct Host {
    top: TempDir,
    worker: Child,
}

impl Host {
    fn new() -> Self {
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

    fn at(&self, path: &str) -> PathBuf {
        self.top.path().join(path)
    }

    /// A program that notes how it was called.
    fn program(&self, name: &str, text: &str) {
        let path = self.at("bin").join(name);
        let log = self.at("log");
        fs::write(&path, format!("#!/bin/sh\nprintf '%s\\n' \"{name} $*\" >>'{}'\n{text}\n", log.display())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// What the unit's manager says, with some of it changed.
    fn show(&mut self, changes: &[(&str, &str)]) {
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

    fn asked(&self) -> Asked {
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
    fn run(&self, shell: &[&str], asked: &Asked) -> Output {
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
    fn facts(&self, shell: &[&str], asked: &Asked) -> Facts {
        let output = self.run(shell, asked);
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{shell:?}");
        assert!(output.status.success(), "{shell:?}");
        Facts::parse(&text, asked).unwrap_or_else(|_| panic!("{shell:?}: {text}"))
    }

    /// How the programs were called.
    fn log(&self) -> Vec<String> {
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
fn worker(folder: &Path, title: &str) -> Child {
    Process::new("sleep").arg0(title).arg("600").current_dir(folder).spawn().unwrap()
}

#[test]
fn a_healthy_host_is_read_by_every_shell() {
    let host = Host::new();
    for shell in shells() {
        let facts = host.facts(&shell, &host.asked());
        assert_eq!((facts.me.as_str(), facts.user.as_str(), facts.uid.as_str()), ("deploy", "deploy", "1000"));
        assert_eq!(
            (facts.is_booted, facts.pid1.as_deref(), facts.session.as_deref()),
            (true, Some("systemd"), Some("3"))
        );
        assert_eq!(facts.version.unwrap().to_string(), "252.39");
        assert_eq!((facts.linger, facts.lingers()), (Linger::On, Some(true)));
        assert_eq!((facts.home_type.as_deref(), facts.linger_type.as_deref()), (Some("ext4"), Some("ext4")));
        assert_eq!(facts.stop_delay.as_deref(), Some("10s"));
        assert_eq!(facts.sessions.len(), 2);
        assert_eq!(facts.manager_since(), Some("Thu 2026-11-26 20:00:00 UTC"));
        assert_eq!(facts.unknown_dependencies, ["redis.service"]);
        let unit = &facts.units[0];
        assert_eq!(unit.enabled.as_deref(), Some("enabled"));
        assert_eq!(unit.files["units"].checksum.as_deref(), Some(&*cksum(b"[Unit]\n")));
        assert!(unit.files["units"].changed > Some(1_700_000_000) && unit.is_mine);
        let release = host.at("app/releases/2").canonicalize().unwrap().display().to_string();
        assert_eq!((unit.current.as_ref(), unit.cwd.as_ref()), (Some(&release), Some(&release)));
        assert_eq!(unit.title.as_deref(), Some("sidekiq 6.4.1 app [0 of 5 busy] 600"));
        assert_eq!((&unit.reads[..], &unit.writes[..]), (&[Access::Yes][..], &[Access::Yes][..]));
        assert_eq!(unit.journal, Vec::<String>::new());
        assert_eq!(examine(&host.asked(), &facts), [], "{shell:?}");
    }
}

/// Nothing but what looks, and few processes.
#[test]
fn it_only_looks() {
    let host = Host::new();
    host.facts(&["sh"], &host.asked());
    let looks = |line: &str| {
        ["id ", "systemctl --version", "systemctl show ", "systemctl --user show ", "systemctl --user is-enabled "]
            .iter()
            .chain(&["loginctl show-user ", "loginctl show-session "])
            .any(|start| line.starts_with(start))
    };
    let log = host.log();
    assert!(log.iter().all(|line| looks(line)), "{log:#?}");
    let calls = log.iter().filter(|line| !line.starts_with("id ")).count();
    assert_eq!(calls, 9, "{log:#?}");
    assert_eq!(fs::read_dir(host.at("home/.config/systemd/user")).unwrap().count(), 1);
    assert_eq!(fs::read_dir(host.at("app/shared/log")).unwrap().count(), 0, "whether a log could be made is not tried");
}

#[test]
fn another_unit_costs_one_question_more() {
    let host = Host::new();
    let mut asked = host.asked();
    asked.units.push(Examined { unit: UnitName::parse("app_puma.service").unwrap(), ..asked.units[0].clone() });
    let block = fs::read_to_string(host.at("show")).unwrap();
    fs::write(host.at("show"), format!("{block}\n{}", block.replace(UNIT, "app_puma.service"))).unwrap();
    let facts = host.facts(&["sh"], &asked);
    assert_eq!(facts.units[1].show.get("Id"), Some("app_puma.service"));
    assert!(facts.units[1].title.is_some());
    assert_eq!(host.log().iter().filter(|line| !line.starts_with("id ")).count(), 10);
}

#[test]
fn nothing_on_the_host_imitates_an_answer() {
    let mut host = Host::new();
    let trap = "x\nend 0\n\tread.0 0\nread.0 0\n\tabsent\nunit.0.seen 0\n\t";
    let folder = host.at("app/releases").join("y\nwrite.0 0\n\tabsent\nend 0\n\t");
    fs::create_dir(&folder).unwrap();
    fs::remove_file(host.at("app/current")).unwrap();
    symlink(&folder, host.at("app/current")).unwrap();
    let _ = host.worker.kill();
    let _ = host.worker.wait();
    host.worker = worker(&folder, trap);
    host.program("loginctl", &format!("printf '%s' {}", quote(&trap.replace('%', "%%"))));
    host.show(&[("ActiveState", "failed")]);
    for shell in shells() {
        let facts = host.facts(&shell, &host.asked());
        let unit = &facts.units[0];
        let real = folder.canonicalize().unwrap().display().to_string();
        assert_eq!((unit.current.as_ref(), unit.cwd.as_ref()), (Some(&real), Some(&real)), "{shell:?}");
        assert_eq!(unit.title.as_deref(), Some(format!("{trap} 600").as_str()));
        assert_eq!((&unit.reads[..], &unit.writes[..]), (&[Access::Yes][..], &[Access::Yes][..]), "{shell:?}");
        assert_eq!(facts.login.unwrap().text, trap.trim_end_matches('\n'));
        assert_eq!(unit.journal, ["one", "end 0", "\ttwo"], "{shell:?}");
        assert_eq!(unit.enabled.as_deref(), Some("enabled"));
    }
}

#[test]
fn one_that_fails_hides_no_other() {
    for shell in shells() {
        for program in ["systemctl", "loginctl", "date", "stat", "cksum", "readlink", "tr", "ls", "journalctl", "sudo"]
        {
            let host = Host::new();
            host.program(program, "echo 'Segmentation fault' >&2; echo; echo 'end 0'; exit 139");
            let facts = host.facts(&shell, &host.asked());
            let unit = &facts.units[0];
            assert_eq!(facts.linger, Linger::On, "{program}");
            assert_eq!(unit.reads, [Access::Yes], "{program}");
            assert!(unit.files.contains_key("units"), "{program}");
            assert_eq!(facts.version.is_some(), program != "systemctl");
            assert_eq!(facts.stop_delay.is_some(), program != "loginctl");
            assert_eq!(unit.title.is_some(), !["systemctl", "tr"].contains(&program), "{program}");
            let found = examine(&host.asked(), &facts);
            let expected: &[&str] = if program == "systemctl" { &["LF-22"] } else { &[] };
            assert_eq!(found.iter().map(|finding| finding.id).collect::<Vec<_>>(), expected, "{program}");
        }
    }
}

#[test]
fn without_systemd_nobody_is_asked_in_vain() {
    let host = Host::new();
    fs::remove_dir_all(host.at("run")).unwrap();
    fs::write(host.at("proc/1/comm"), "docker-init\n").unwrap();
    for shell in shells() {
        let found = examine(&host.asked(), &host.facts(&shell, &host.asked()));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].to_string().starts_with("systemd does not run the host: its process 1 is `docker-init`"));
        let log: Vec<_> = host.log().into_iter().filter(|line| !line.starts_with("id ")).collect();
        assert_eq!(log, ["systemctl --version"]);
    }
}

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

#[test]
fn lingering_that_is_off_is_asked_about_further() {
    let host = Host::new();
    fs::remove_file(host.at("var/lib/systemd/linger/deploy")).unwrap();
    host.program("sudo", "echo 'sudo: a password is required' >&2; exit 1");
    for shell in shells() {
        let asked = Asked { lingering_user: Some("sidekiq".into()), ..host.asked() };
        let facts = host.facts(&shell, &asked);
        assert_eq!((facts.linger, facts.linger_other, facts.has_polkit), (Linger::Off, Some(Linger::Off), Some(false)));
        assert_eq!(facts.pkcheck.as_ref().map(|answer| answer.status), Some(1));
        let found = examine(&asked, &facts);
        assert_eq!((found.len(), found[0].id, found[0].severity), (1, "LF-4", Severity::Error), "{found:#?}");
        assert!(host.log().contains(&"sudo -n -l /usr/bin/loginctl enable-linger deploy".to_owned()));
    }
}

#[test]
fn a_manager_that_does_not_answer_is_looked_for() {
    let host = Host::new();
    host.program(
        "systemctl",
        &format!("case \"$*\" in *--user*) echo 'Failed to connect to bus: No such file or directory' >&2; exit 1 ;; esac\n{SYSTEMCTL}"),
    );
    for shell in shells() {
        let facts = host.facts(&shell, &host.asked());
        assert_eq!((facts.has_socket, facts.runtime_dir.as_deref()), (Some(false), None));
        let words = "Failed to connect to bus: No such file or directory";
        assert_eq!(facts.show_words.as_deref(), Some(words));
        let found = examine(&host.asked(), &facts);
        assert_eq!((found.len(), found[0].id), (1, "LF-22"), "{found:#?}");
    }
}

#[test]
fn a_release_of_the_year_is_asked_for_its_log() {
    let host = Host::new();
    host.program("systemctl", &SYSTEMCTL.replace("252 (252.39-1~deb12u1)", "255 (255.4-1ubuntu8.4)"));
    host.program("journalctl", "echo 'user@1000.service: Main process exited, code=killed, status=9/KILL'");
    let found = examine(&host.asked(), &host.facts(&["sh"], &host.asked()));
    assert_eq!((found[0].id, found[0].severity), ("LF-26", Severity::Error));
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

#[test]
fn names_and_paths_are_quoted() {
    let mut asked = Asked::of(Manager::of_user(Some("sidekiq".into())).unwrap());
    asked.units.push(Examined {
        runs_as: Some("a b".into()),
        reads: vec!["/it's $(reboot)".into()],
        ..Examined::of(UnitName::parse("x").unwrap(), "x")
    });
    let script = script_below(&asked, "");
    assert!(script.contains("unit 0 x.service 'a b' read.0 '/it'\\''s $(reboot)'\n"), "{script}");
    assert!(
        crate::model::command::Command::own(super::script(&asked))
            .inner_line(&crate::model::secret::Vault::default())
            .is_ok()
    );
}
