//! `enable_linger` and its family, on real hosts.

use crate::services::project::{Project, loginctl_calls, noted_loginctl};
use crate::support::host::{WITH_PAM, WITHOUT_PAM};
use crate::support::lab::{Lab, Suite};

/// A recipe with the task `t` that runs this on each host and says what it gave.
fn task(body: &str) -> String {
    format!("task(\"t\", || on(roles(\"app\"), |host| {{ {body} }}));\n")
}

#[test]
fn one_lingers_without_sudo_and_without_a_session_and_the_second_run_asks_nobody() {
    let Some(lab) = Lab::shared("lingering: oneself") else { return };
    let host = lab.host();
    host.add_user("selfless");
    let noted = noted_loginctl(host, "selfless");
    let recipe =
        format!("{noted}{}", task("info(`it is ${enable_linger()}`); systemctl(\"is-system-running\", \"--wait\");"));
    let recipe =
        recipe.replace("systemctl(\"is-system-running\", \"--wait\");", "systemctl(\"show\", \"-p\", \"Version\");");
    let project = Project::new(lab, "selfless", &host.declared("selfless", WITHOUT_PAM), &recipe);
    let said = project.windlass("production t").ok();
    assert!(said.contains("it is changed") && said.contains("lingering is now on for selfless"), "{said}");
    let calls = loginctl_calls(host, "selfless");
    assert_eq!(
        calls[0], "--no-ask-password enable-linger selfless",
        "the user is named: without a session nothing else works"
    );
    assert_eq!(host.sh("systemctl is-active user@$(id -u selfless)"), "active");
    assert!(host.path("/var/lib/systemd/linger/selfless").exists());
    let said = project.windlass("production t").ok();
    assert!(said.contains("it is unchanged"), "{said}");
    assert_eq!(loginctl_calls(host, "selfless"), [""; 0]);
}

#[test]
fn another_user_takes_rights_and_the_refusal_says_which() {
    let Some(lab) = Lab::start("lingering: another user", &[Suite::Bookworm, Suite::Trixie, Suite::Bullseye]) else {
        return;
    };
    for host in lab.hosts() {
        let name = format!("other-{}", host.name());
        let of = |user: &str| {
            Project::new(
                &lab,
                &format!("{name}-{user}"),
                &host.declared(user, WITH_PAM),
                &task("enable_linger(\"sidekiq\")"),
            )
        };
        let said = of("deploy").windlass("production t").failed();
        assert!(said.contains("lingering was refused for `sidekiq`"), "{said}");
        assert!(said.contains("`sudo loginctl enable-linger sidekiq`"), "{said}");
        assert!(said.contains("`deploy ALL=(root) NOPASSWD: /usr/bin/loginctl enable-linger sidekiq`"), "{said}");
        assert!(!host.path("/var/lib/systemd/linger/sidekiq").exists());
        // That very line of sudoers is all it takes.
        of("narrow").windlass("production t").ok();
        assert_eq!(host.sh("systemctl is-active user@$(id -u sidekiq)"), "active");
        // Over ssh: logind of systemd 257 hears nobody who is not in a control group of its own.
        assert!(host.ssh("ops", WITH_PAM, "sudo loginctl disable-linger sidekiq").status.success());
        of("ops").windlass("production t").ok();
        assert!(host.path("/var/lib/systemd/linger/sidekiq").exists());
    }
}

#[test]
fn a_request_that_is_granted_and_comes_to_nothing_is_no_success() {
    let Some(lab) = Lab::shared("lingering: granted and void") else { return };
    let host = lab.host();
    host.add_user("muted");
    host.sh("systemctl mask user@$(id -u muted).service");
    let linger = |user: &str| {
        let recipe = task(&format!("enable_linger(\"{user}\", #{{ timeout: 3 }})"));
        Project::new(lab, &format!("void-{user}"), &host.declared("ops", WITH_PAM), &recipe)
            .windlass("production t")
            .failed()
    };
    let said = linger("muted");
    assert!(said.contains("lingering is on for `muted`") && said.contains("is masked"), "{said}");
    assert!(said.contains("`sudo systemctl unmask user@"), "{said}");
    let said = linger("expired");
    assert!(
        said.contains("failed in PAM: the account is expired or locked") && said.contains("chage -l expired"),
        "{said}"
    );
    let said = linger("nosuch");
    assert!(said.contains("there is no user `nosuch`"), "{said}");
    host.sh("loginctl disable-linger muted; loginctl disable-linger expired; true");
}

/// systemd #4162: logind does not start it again.
#[test]
fn the_manager_of_who_lingers_is_started_where_somebody_has_stopped_it() {
    let Some(lab) = Lab::shared("lingering: a stopped manager") else { return };
    let host = lab.host();
    host.add_user("stopped");
    host.sh("loginctl enable-linger stopped; systemctl stop user@$(id -u stopped)");
    let recipe = task("info(`it is ${enable_linger(\"stopped\")}`)");
    let said = Project::new(lab, "stopped", &host.declared("ops", WITH_PAM), &recipe).windlass("production t").ok();
    assert!(said.contains("it is changed"), "{said}");
    assert_eq!(host.sh("systemctl is-active user@$(id -u stopped)"), "active");
}

#[test]
fn who_lingers_is_told_and_units_that_need_it_keep_it() {
    let Some(lab) = Lab::shared("lingering: status") else { return };
    let host = lab.host();
    host.add_user("keeps");
    let unit = |name: &str| {
        format!(
            "let u = unit(\"{name}\"); u.install(\"[Service]\\nExecStart=/bin/sleep 1000\\n[Install]\\nWantedBy=default.target\\n\"); \
             daemon_reload(); u.enable();"
        )
    };
    let recipe = [
        task("info(`${linger_status()}`)"),
        task("enable_linger(); ").replace("\"t\"", "\"on\""),
        task(&format!("{}{}", unit("one"), unit("two"))).replace("\"t\"", "\"units\""),
        task("unit(\"one\").disable(); disable_linger()").replace("\"t\"", "\"off\""),
        task("unit(\"two\").disable(); info(`it is ${disable_linger()} and ${disable_linger()}`)")
            .replace("\"t\"", "\"end\""),
        task("info(`${linger_users().contains(\"keeps\")}`); manager_ready();").replace("\"t\"", "\"all\""),
    ];
    let project = Project::new(lab, "keeps", &host.declared("keeps", WITHOUT_PAM), &recipe.concat());
    let said = project.windlass("production t").ok();
    assert!(said.contains("\"linger\": false") && said.contains("\"reason\": \"lingering is off\""), "{said}");
    project.windlass("production on units").ok();
    let said = project.windlass("production t all").ok();
    assert!(
        said.contains("\"linger\": true") && said.contains("\"sessions\": 0") && said.contains("2222: true"),
        "{said}"
    );
    // One of two services goes; the other one still needs it.
    let said = project.windlass("production off").failed();
    assert!(said.contains("lingering of `keeps`") && said.contains("is still needed by `two.service`"), "{said}");
    assert!(host.path("/var/lib/systemd/linger/keeps").exists());
    let said = project.windlass("production end").ok();
    assert!(said.contains("it is changed and unchanged"), "{said}");
    assert!(!host.path("/var/lib/systemd/linger/keeps").exists());
}
