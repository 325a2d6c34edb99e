//! What real hosts printed, judged: the files in `recorded/`, from the lab's Debian 11, 12 and 13 (systemd 247, 252, 257).

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::systemd::health::asked::{Asked, Examined};
use crate::systemd::health::facts::Facts;
use crate::systemd::health::rules::examine;
use crate::systemd::manager::Manager;
use crate::systemd::unit_name::UnitName;

/// How the probe was asked.
#[derive(Clone, Copy)]
enum Whose {
    /// By `deploy`, about its own service.
    Own,
    /// By another user, about that of `deploy`.
    OfDeploy,
    /// By root, about a user without services.
    Only(&'static str),
    /// By `ops`, about a service of `sidekiq`, while `deploy` is the one who is to linger.
    OfSidekiq,
    /// About a service of the machine.
    Machine,
}

const LINGER: &str = "loginctl enable-linger deploy";
const RESTART: &str = "systemctl --user restart app_sidekiq.service";

/// File, how it was asked, and what is found: number and repair.
type Recording = (&'static str, Whose, &'static [(&'static str, &'static str)]);

const RECORDED: &[Recording] = &[
    ("bookworm-healthy", Whose::Own, &[]),
    ("bookworm-healthy-no-pam", Whose::Own, &[]),
    ("bookworm-healthy-by-ops", Whose::OfDeploy, &[]),
    ("bookworm-healthy-by-root", Whose::OfDeploy, &[]),
    ("bookworm-no-linger", Whose::Own, &[("LF-1", LINGER)]),
    ("bookworm-no-linger-no-pam", Whose::Own, &[("LF-1", LINGER)]),
    ("bookworm-polkit-masked", Whose::Own, &[("LF-4", "sudo loginctl enable-linger deploy")]),
    ("bookworm-not-allowed", Whose::OfDeploy, &[("LF-23", "narrow ALL=(deploy) NOPASSWD: ALL")]),
    ("bookworm-quiet", Whose::Own, &[("LF-7", RESTART)]),
    ("bookworm-old-code", Whose::Own, &[("LF-8", RESTART)]),
    (
        "bookworm-failed",
        Whose::Own,
        &[(
            "LF-9",
            "systemctl --user reset-failed app_sidekiq.service && systemctl --user restart app_sidekiq.service",
        )],
    ),
    (
        "bookworm-multi-user",
        Whose::Own,
        &[(
            "LF-12",
            "write `WantedBy=default.target` into its template, then systemctl --user reenable app_sidekiq.service",
        )],
    ),
    ("bookworm-not-installed", Whose::Own, &[("LF-14", "windlass STAGE sidekiq:install")]),
    ("bookworm-expired", Whose::Only("expired"), &[("LF-5", "chage -l expired")]),
    (
        "bookworm-masked",
        Whose::Only("sidekiq"),
        &[("LF-5", "systemctl unmask user@.service user@999.service && systemctl start user@999.service")],
    ),
    (
        "bookworm-stopped",
        Whose::Only("sidekiq"),
        &[("LF-18", "loginctl enable-linger sidekiq && systemctl start user@999.service")],
    ),
    ("bookworm-killed", Whose::Only("sidekiq"), &[("LF-28", "systemctl start user@999.service")]),
    ("bookworm-system-by-ops", Whose::Machine, &[]),
    ("bookworm-system-by-deploy", Whose::Machine, &[("LF-25", "deploy ALL=(root) NOPASSWD: /usr/bin/systemctl")]),
    ("trixie-healthy", Whose::Own, &[]),
    ("trixie-no-linger-no-pam", Whose::Own, &[("LF-1", LINGER)]),
    (
        "trixie-other-lingers",
        Whose::OfSidekiq,
        &[
            ("LF-2", "sudo loginctl enable-linger sidekiq"),
            ("LF-21", "sudo chown sidekiq /var/www/app/shared/log/sidekiq.log"),
        ],
    ),
    ("trixie-polkit-masked", Whose::Own, &[("LF-4", "sudo loginctl enable-linger deploy")]),
    ("trixie-not-allowed", Whose::OfDeploy, &[("LF-23", "narrow ALL=(deploy) NOPASSWD: ALL")]),
    (
        "trixie-failed",
        Whose::Own,
        &[(
            "LF-9",
            "systemctl --user reset-failed app_sidekiq.service && systemctl --user restart app_sidekiq.service",
        )],
    ),
    ("trixie-expired", Whose::Only("expired"), &[("LF-5", "chage -l expired")]),
    // 257 remembers a user whose manager was stopped; 247 and 252 do not.
    ("trixie-stopped", Whose::Only("sidekiq"), &[("LF-28", "systemctl start user@994.service")]),
    ("trixie-system-by-deploy", Whose::Machine, &[("LF-25", "deploy ALL=(root) NOPASSWD: /usr/bin/systemctl")]),
    ("bullseye-healthy", Whose::Own, &[]),
    ("bullseye-no-linger-no-pam", Whose::Own, &[("LF-1", LINGER)]),
    (
        "bullseye-other-lingers",
        Whose::OfSidekiq,
        &[
            ("LF-2", "sudo loginctl enable-linger sidekiq"),
            ("LF-21", "sudo chown sidekiq /var/www/app/shared/log/sidekiq.log"),
        ],
    ),
    ("bullseye-polkit-masked", Whose::Own, &[("LF-4", "sudo loginctl enable-linger deploy")]),
    ("bullseye-not-allowed", Whose::OfDeploy, &[("LF-23", "narrow ALL=(deploy) NOPASSWD: ALL")]),
    (
        "bullseye-failed",
        Whose::Own,
        &[(
            "LF-9",
            "systemctl --user reset-failed app_sidekiq.service && systemctl --user restart app_sidekiq.service",
        )],
    ),
    ("bullseye-expired", Whose::Only("expired"), &[("LF-5", "chage -l expired")]),
    (
        "bullseye-stopped",
        Whose::Only("sidekiq"),
        &[("LF-18", "loginctl enable-linger sidekiq && systemctl start user@999.service")],
    ),
    ("bullseye-system-by-deploy", Whose::Machine, &[("LF-25", "deploy ALL=(root) NOPASSWD: /usr/bin/systemctl")]),
];

fn asked(whose: Whose) -> Asked {
    let of_user = |user: Option<&str>| Asked::of(Manager::of_user(user.map(str::to_owned)).unwrap());
    let mut asked = match whose {
        Whose::Own => of_user(None),
        Whose::OfDeploy => of_user(Some("deploy")),
        Whose::Only(user) => return of_user(Some(user)),
        Whose::OfSidekiq => Asked { lingering_user: Some("deploy".into()), ..of_user(Some("sidekiq")) },
        Whose::Machine => Asked::of(Manager::of_system()),
    };
    asked.root_commands = vec!["/usr/bin/systemctl".into()];
    asked.units = vec![Examined {
        runs_as: Some("deploy".into()).filter(|_| matches!(whose, Whose::Machine)),
        reads: vec!["/var/www/app/shared/config/sidekiq.yml".into()],
        writes: vec!["/var/www/app/shared/log/sidekiq.log".into()],
        current: Some("/var/www/app/current".into()),
        ..Examined::of(UnitName::parse("app_sidekiq").unwrap(), "sidekiq")
    }];
    asked
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/systemd/health/recorded")
}

fn facts(file: &str, asked: &Asked) -> Facts {
    let text = fs::read_to_string(folder().join(format!("{file}.txt"))).unwrap();
    Facts::parse(&text, asked).unwrap()
}

#[test]
fn real_hosts_are_judged_rightly() {
    for (file, whose, expected) in RECORDED {
        let asked = asked(*whose);
        let found = examine(&asked, &facts(file, &asked));
        let found: Vec<(&str, &str)> = found.iter().map(|finding| (finding.id, finding.repair.as_str())).collect();
        assert_eq!(found, *expected, "{file}");
    }
}

#[test]
fn every_recording_is_judged() {
    let files: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(files, RECORDED.iter().map(|(file, ..)| (*file).to_owned()).collect());
}

#[test]
fn three_releases_tell_the_same() {
    for (suite, version) in [("bullseye", 247), ("bookworm", 252), ("trixie", 257)] {
        let asked = asked(Whose::Own);
        let facts = facts(&format!("{suite}-healthy"), &asked);
        assert_eq!(facts.version.unwrap().major, version);
        assert_eq!((facts.lingers(), facts.stop_delay.as_deref()), (Some(true), Some("10s")));
        let unit = &facts.units[0];
        assert_eq!(unit.cwd.as_deref(), Some("/var/www/app/releases/2"));
        assert_eq!(unit.title.as_deref(), Some("sidekiq 6.4.1 app [0 of 5 busy]"));
        assert!(unit.started().unwrap() < facts.now.unwrap());
    }
}

#[test]
fn the_journal_of_what_failed_says_why() {
    for suite in ["bullseye", "bookworm", "trixie"] {
        let asked = asked(Whose::Own);
        let found = examine(&asked, &facts(&format!("{suite}-failed"), &asked));
        assert!(found[0].details.iter().any(|line| line.contains("/usr/local/bin/nosuch")), "{suite}: {found:#?}");
    }
}
