use std::fs;
use std::os::unix::fs::symlink;

use super::host::*;
use super::*;
use crate::model::host_finding::Severity;
use crate::systemd::cksum::cksum;
use crate::systemd::health::facts::Linger;
use crate::systemd::health::rules::examine;
use crate::systemd::health::testing::UNIT;
use crate::systemd::health::unit_facts::Access;
use crate::systemd::manager::Manager;
use crate::systemd::unit_name::UnitName;

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
