//! The real Puma on a real host: it is restarted while somebody asks it, and nobody goes without an answer.

use std::collections::BTreeMap;

use crate::services::puma_app::App;
use crate::support::lab::Lab;

/// Fails unless everybody was answered, by the old version first and then by the new one.
#[track_caller]
fn assert_all_answered(answers: &BTreeMap<String, usize>, old: &str, new: &str) {
    assert_eq!(answers.keys().collect::<Vec<_>>(), [old, new], "somebody got another answer, or none: {answers:?}");
}

#[test]
fn a_phased_restart_drops_no_request_and_ends_with_the_new_release() {
    let Some(lab) = Lab::shared("puma: phased restart") else { return };
    let app = App::new(
        lab,
        "phased",
        "9301",
        "set(\"service_unit_user\", \"user\");\nset(\"puma_phased_restart\", true);\n\
         set(\"puma_bind\", \"tcp://0.0.0.0:9301\");\nset(\"puma_health_path\", \"/up\");\n\
         set(\"puma_phased_restart_timeout\", 15);\n",
    );
    app.version("1");
    app.run(&["deploy"]).ok();
    assert_eq!(app.answer(), "1");
    let unit = app.host().sh("cat /home/phased/.config/systemd/user/phased_puma_production.service");
    assert!(unit.contains("-b tcp://0.0.0.0:9301\nExecReload=/bin/kill -USR1 $MAINPID\n"), "{unit}");
    let pid = app.systemctl("show phased_puma_production -p MainPID --value");

    app.version("2");
    let (ran, answers) = app.run_while_asked(&["deploy"]);
    let ran = ran.ok();
    assert_all_answered(&answers, "1", "2");
    assert_eq!(app.answer(), "2");
    assert_eq!(app.systemctl("show phased_puma_production -p MainPID --value"), pid, "it was not restarted as a whole");
    let told = ran.out();
    let (restart, cleanup) = (told.find("puma:smart_restart"), told.find("deploy:log_revision"));
    assert!(restart.is_some() && restart < cleanup, "{told}");

    // Each worker is new, and not only the first one to answer.
    let current = app.host().sh("readlink -f /home/phased/app/current");
    let workers = "for p in $(pgrep -u phased -f 'cluster worker'); do readlink /proc/$p/cwd; done";
    assert_eq!(app.host().sh(workers), format!("{current}\n{current}"));

    // A release whose workers do not start: the old ones go on, and are named.
    app.version("broken");
    let (ran, answers) = app.run_while_asked(&["deploy"]);
    assert_eq!(answers.keys().collect::<Vec<_>>(), ["2"], "{answers:?}");
    let error = ran.fails(1).stderr;
    for part in ["the phased restart of phased_puma_production.service", "still old: puma: cluster worker", &current] {
        assert!(error.contains(part), "{part}:\n{error}");
    }

    // One that runs and is not well is red as well.
    app.recipe("set(\"puma_health_timeout\", 2);");
    app.version("unwell");
    let error = app.run(&["deploy"]).fails(1).error();
    assert!(error.contains("does not answer well at http://127.0.0.1:"), "{error}");
    assert!(error.contains("500"), "{error}");

    // Back to the one that was well.
    let release = current.rsplit('/').next().unwrap();
    let (ran, answers) = app.run_while_asked(&["deploy:rollback", &format!("ROLLBACK_RELEASE={release}")]);
    ran.ok();
    assert_eq!(app.answer(), "2");
    assert_all_answered(&answers, "2", "unwell");
}

#[test]
fn with_a_socket_a_plain_restart_drops_no_request() {
    let Some(lab) = Lab::shared("puma: socket") else { return };
    let target = "/home/socketed/app/shared/tmp/sockets/puma.sock";
    let app = App::new(
        lab,
        "socketed",
        target,
        "set(\"service_unit_user\", \"user\");\nset(\"puma_enable_socket_service\", true);\n\
         set(\"puma_health_path\", \"/up\");\n",
    );
    app.version("1");
    app.run(&["deploy"]).ok();
    assert_eq!(app.answer(), "1");
    let listen = app.systemctl("show socketed_puma_production.socket -p Listen --value");
    assert_eq!(listen, format!("{target} (Stream)"));
    let pid = app.systemctl("show socketed_puma_production -p MainPID --value");

    app.version("2");
    let (ran, answers) = app.run_while_asked(&["deploy"]);
    ran.ok();
    assert_all_answered(&answers, "1", "2");
    assert_ne!(app.systemctl("show socketed_puma_production -p MainPID --value"), pid);

    // Whoever comes while it is stopped has it started again; not so without the socket.
    app.run(&["puma:stop"]).ok();
    assert_eq!(app.answer(), "2");
    app.run(&["puma:stop_socket"]).ok();
    let states =
        |app: &App| app.systemctl("is-active socketed_puma_production.socket socketed_puma_production.service || true");
    assert_eq!(states(&app), "inactive\ninactive");
    app.run(&["puma:restart_socket"]).ok();
    assert_eq!(states(&app), "active\nactive");
    assert_eq!(app.answer(), "2");

    // Without sockets from now on: the unit that listened goes away, and Puma listens itself.
    app.recipe(&format!("set(\"puma_enable_socket_service\", false);\nset(\"puma_bind\", \"unix://{target}\");"));
    app.version("3");
    app.run(&["deploy"]).ok();
    assert_eq!(app.answer(), "3");
    let folder = "/home/socketed/.config/systemd/user";
    assert_eq!(app.host().sh(&format!("ls {folder}/*.socket 2>/dev/null || echo none")), "none");

    // What is only called alike stays.
    let other = "[Service]\nExecStart=/bin/sleep 1000\n";
    app.host().sh_as("socketed", &format!("printf '%s' '{other}' >{folder}/socketed_puma_production_eu.service"));
    app.run(&["puma:uninstall"]).ok();
    let left = app.host().sh(&format!("find {folder} -mindepth 1 ! -type d -printf '%f\\n'"));
    assert_eq!(left, "socketed_puma_production_eu.service");
    assert_eq!(app.host().sh("pgrep -c -u socketed -f puma || true"), "0");
}

#[test]
fn a_socket_can_be_turned_on_for_a_puma_that_runs() {
    let Some(lab) = Lab::shared("puma: from port to socket") else { return };
    let app = App::new(
        lab,
        "turned",
        "9302",
        "set(\"service_unit_user\", \"user\");\nset(\"puma_bind\", \"tcp://127.0.0.1:9302\");\nset(\"puma_phased_restart\", true);\n",
    );
    app.version("1");
    app.run(&["deploy"]).ok();
    app.recipe("set(\"puma_enable_socket_service\", true);");
    app.version("2");
    // The unit has changed, so this is a restart of the whole; nobody may hold the port meanwhile.
    app.run(&["deploy"]).ok();
    assert_eq!(app.answer(), "2");
    assert_eq!(app.systemctl("is-active turned_puma_production.socket"), "active");
    app.version("3");
    let (ran, answers) = app.run_while_asked(&["deploy"]);
    ran.ok();
    assert_all_answered(&answers, "2", "3");
}

#[test]
fn a_service_of_the_machine_is_restarted_phase_by_phase_too() {
    let Some(lab) = Lab::shared("puma: system") else { return };
    let app = App::new(
        lab,
        "machine",
        "9303",
        "set(\"service_unit_user\", \"system\");\nset(\"puma_phased_restart\", true);\nset(\"puma_bind\", \"tcp://0.0.0.0:9303\");\n",
    );
    app.host().sh("echo 'machine ALL=(root) NOPASSWD: ALL' >/etc/sudoers.d/machine");
    app.version("1");
    app.run(&["deploy"]).ok();
    let show = |what: &str| app.host().sh(&format!("systemctl show machine_puma_production -p {what} --value"));
    assert_eq!((show("User"), show("WantedBy")), ("machine".to_owned(), "multi-user.target".to_owned()));
    assert!(
        !app.host().path("/var/lib/systemd/linger/machine").exists(),
        "a service of the machine needs no lingering"
    );
    app.version("2");
    let (ran, answers) = app.run_while_asked(&["deploy"]);
    ran.ok();
    assert_all_answered(&answers, "1", "2");
    let status = app.run(&["puma:status"]).ok().out();
    assert!(status.contains("machine_puma_production.service: active (running), process "), "{status}");
    let log = app.run(&["puma:logs"]).ok().out();
    assert!(log.contains("booted in"), "the log is a file: {log}");
    app.run(&["puma:uninstall"]).ok();
    assert_eq!(app.host().sh("ls /etc/systemd/system | grep -c machine_puma || true"), "0");
}
