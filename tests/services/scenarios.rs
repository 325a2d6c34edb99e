//! The three ways to run Sidekiq, with the real one, through a logout and a reboot.

use std::thread::sleep;
use std::time::Duration;

use crate::services::project::Project;
use crate::support::host::{WITH_PAM, WITHOUT_PAM};
use crate::support::lab::{Lab, Suite};

/// The recipe of a deploy to a folder, with further lines.
fn recipe(folder: &str, lines: &str) -> String {
    format!(
        "require(\"sidekiq\");\nset(\"deploy_to\", \"{folder}\");\nset(\"sidekiq_roles\", [\"app\"]);\n\
         set(\"sidekiq_exec\", \"/usr/bin/sidekiq -e production -r ./worker.rb\");\n\
         set(\"sidekiq_service_unit_env_vars\", #{{ GREETING: \"hello\" }});\n{lines}"
    )
}

#[test]
fn each_of_the_three_ways_outlives_the_last_login_and_a_reboot() {
    let Some(lab) = Lab::start("services: the three ways", &[Suite::Bookworm]) else { return };
    let host = lab.host();
    host.sh("systemctl enable --now redis-server");
    host.sh("for f in other machine; do mkdir -p /srv/$f/shared/log; chown ops: /srv/$f /srv/$f/shared; chown sidekiq: /srv/$f/shared/log; done");

    // Whoever deploys owns the worker.
    let own = Project::new(
        &lab,
        "own",
        &host.declared("deploy", WITHOUT_PAM),
        &recipe("/home/deploy/app", "set(\"service_unit_user\", \"user\");\n"),
    );
    let said = own.windlass("production deploy").ok();
    assert!(said.contains("lingering is now on for deploy"), "{said}");

    // Another user owns it: the unit, its manager and lingering are all that user's.
    let lines = "set(\"service_unit_user\", \"user\");\nset(\"sidekiq_user\", \"sidekiq\");\n";
    let other = Project::new(&lab, "other", &host.declared("ops", WITH_PAM), &recipe("/srv/other", lines));
    let said = other.windlass("production deploy").ok();
    assert!(said.contains("lingering is now on for sidekiq"), "{said}");
    assert!(
        host.path("/var/lib/systemd/linger/sidekiq").exists() && !host.path("/var/lib/systemd/linger/ops").exists()
    );
    assert!(host.sh("ls ~ops/.config/systemd 2>&1 || true").contains("No such file"));

    // The machine owns it, and lingering does not come into it.
    let lines = "set(\"service_unit_user\", \"system\");\nset(\"sidekiq_user\", \"sidekiq\");\n";
    let machine = Project::new(&lab, "machine", &host.declared("ops", WITH_PAM), &recipe("/srv/machine", lines));
    let said = machine.windlass("production deploy").ok();
    assert!(!said.contains("linger"), "{said}");

    let pids = || {
        let of = |user: &str, unit: &str| host.sh_as(user, &format!("systemctl --user show {unit} -p MainPID --value"));
        [
            of("deploy", "own_sidekiq_production"),
            of("sidekiq", "other_sidekiq_production"),
            host.sh("systemctl show machine_sidekiq_production -p MainPID --value"),
        ]
    };
    let owners = |pids: &[String; 3]| pids.clone().map(|pid| host.sh(&format!("ps -o user:20= -p {pid}")));
    let before = pids();
    assert_eq!(owners(&before), ["deploy", "sidekiq", "sidekiq"]);
    sleep(Duration::from_secs(14));
    assert_eq!(host.sh("loginctl list-sessions --no-legend"), "", "nobody is logged in");
    assert_eq!(pids(), before, "the same processes as 14 seconds ago");

    host.reboot();
    let mut after = pids();
    for _ in 0..100 {
        if after.iter().all(|pid| pid != "0") {
            break;
        }
        sleep(Duration::from_millis(200));
        after = pids();
    }
    assert_eq!(owners(&after), ["deploy", "sidekiq", "sidekiq"], "{after:?}");
    assert_eq!(host.sh("loginctl list-sessions --no-legend"), "", "nobody had to log in for it");

    // They work: one of them takes a job.
    let code = "require './worker'; Note.perform_async('/tmp/note')";
    host.sh(&format!("cd /home/deploy/app/current && ruby -e \"{code}\""));
    for _ in 0..300 {
        if host.root(&["test", "-e", "/tmp/note"]).status.success() {
            break;
        }
        sleep(Duration::from_millis(100));
    }
    let note = host.sh("cat /tmp/note");
    assert!(note.contains("/releases/") && note.ends_with(" hello"), "{note}");
}

#[test]
fn lingering_for_somebody_else_than_runs_the_worker_is_refused() {
    let Some(lab) = Lab::shared("services: the wrong user lingers") else { return };
    let (host, user) = (lab.host(), "mixed");
    host.add_user(user);
    let lines = "set(\"service_unit_user\", \"user\");\nset(\"sidekiq_user\", \"mixed\");\nset(\"lingering_user\", \"sidekiq\");\n";
    let project = Project::new(lab, user, &host.declared(user, WITH_PAM), &recipe("/home/mixed/app", lines));
    let said = project.windlass("production deploy").failed();
    assert!(said.contains("sidekiq runs as mixed, and sidekiq is to linger"), "{said}");
    assert_eq!(host.sh("ls /home/mixed/app/releases"), "", "nothing was changed");
}
