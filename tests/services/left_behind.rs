//! What a deploy leaves on a host besides what it is about, and what another has left there.

use std::thread::sleep;
use std::time::Duration;

use crate::services::project::Project;
use crate::support::host::WITH_PAM;
use crate::support::lab::Lab;

/// A recipe with a worker whose deploys go home to this user, and these lines.
fn recipe(user: &str, more: &str) -> String {
    format!(
        "require(\"service\");\nset(\"deploy_to\", \"/home/{user}/app\");\nset(\"service_unit_user\", \"user\");\n{more}\n\
         service(\"worker\", #{{ command: \"/usr/local/bin/fake-sidekiq\", type: \"notify\", settle: 1, log: \"journal\", \
         error_log: \"journal\" }});\n"
    )
}

/// Without this the old worker takes jobs for ever, with the code of the release it was started from.
#[test]
fn a_worker_of_the_user_who_had_the_service_before_makes_the_deploy_red() {
    let Some(lab) = Lab::shared("services: a change of user") else { return };
    let host = lab.host();
    for user in ["mover", "moved"] {
        host.add_user(user);
    }
    host.sh("chmod 755 /home/mover; loginctl enable-linger moved; \
         echo 'mover ALL=(moved) NOPASSWD: ALL' >/etc/sudoers.d/mover; chmod 440 /etc/sudoers.d/mover");
    let project = Project::new(lab, "mover", &host.declared("mover", WITH_PAM), &recipe("mover", ""));
    project.windlass("production deploy").ok();
    project.recipe(&recipe("mover", "set(\"service_user\", \"moved\");"));
    let said = project.windlass("production deploy").failed();
    assert!(said.contains("is installed twice, for `moved` and for `mover`"), "{said}");
    let repair = "systemctl --user disable --now mover_worker_production.service; \
                  rm ~/.config/systemd/user/mover_worker_production.service";
    assert!(said.contains(&format!("as `mover`: {repair}")), "{said}");
    host.sh_as("mover", repair);
    project.windlass("production deploy").ok();
}

#[test]
fn a_server_without_services_need_not_have_users_who_linger() {
    let Some(lab) = Lab::shared("services: a server without any") else { return };
    let host = lab.host();
    for user in ["worksome", "bystander"] {
        host.add_user(user);
    }
    let other = host
        .declared_with("bystander", WITH_PAM, "roles: [\"web\"], deploy_to: \"/home/bystander/app\"")
        .replacen(host.name(), "bystanding", 1);
    let servers = host.declared("worksome", WITH_PAM) + &other;
    let project = Project::new(lab, "worksome", &servers, &recipe("worksome", ""));
    project.windlass("production deploy").ok();
    let said = project.windlass("production linger:check").ok();
    assert!(said.contains("nothing keeps the services from staying up"), "{said}");
    let said = project.windlass("production linger:status").ok();
    assert!(said.contains("bystanding: lingering is not relevant"), "{said}");
    project.windlass("production linger:enable").ok();
    assert!(!host.sh("ls /var/lib/systemd/linger").contains("bystander"));
}

#[test]
fn what_does_not_run_is_not_proved_to_have_outlived_anything() {
    let Some(lab) = Lab::shared("services: nothing to prove") else { return };
    let host = lab.host();
    host.add_user("resting");
    let project = Project::new(lab, "resting", &host.declared("resting", WITH_PAM), &recipe("resting", ""));
    project.windlass("production deploy").ok();
    host.sh_as("resting", "systemctl --user stop resting_worker_production");
    let said = project.windlass("production linger:prove").failed();
    assert!(said.contains("not everything runs that is to be proved"), "{said}");
    assert!(said.contains("resting_worker_production.service"), "{said}");
}

/// Such as a deploy that was killed between writing the unit and telling systemd of it: the next one finds it as it should
/// be, and has nothing to write.
#[test]
fn a_unit_that_systemd_was_not_told_of_is_read_again_by_the_next_deploy() {
    let Some(lab) = Lab::shared("services: not read again") else { return };
    let (host, unit) = (lab.host(), "unread_worker_production");
    host.add_user("unread");
    let project = Project::new(lab, "unread", &host.declared("unread", WITH_PAM), &recipe("unread", ""));
    project.windlass("production deploy").ok();
    sleep(Duration::from_secs(1));
    host.sh_as("unread", &format!("touch .config/systemd/user/{unit}.service"));
    let stale = format!("systemctl --user show {unit} -p NeedDaemonReload --value");
    assert_eq!(host.sh_as("unread", &stale), "yes");
    project.windlass("production deploy").ok();
    assert_eq!(host.sh_as("unread", &stale), "no");
}

/// A service that is never told to be quiet would only find out behind the switch.
#[test]
fn who_may_not_act_for_the_user_of_a_service_hears_of_it_before_anything_is_switched() {
    let Some(lab) = Lab::shared("services: may not act") else { return };
    let host = lab.host();
    for user in ["powerless", "unreached"] {
        host.add_user(user);
    }
    host.sh("loginctl enable-linger unreached");
    let more = "set(\"service_user\", \"unreached\");";
    let project = Project::new(lab, "powerless", &host.declared("powerless", WITH_PAM), &recipe("powerless", more));
    let said = project.windlass("production deploy").failed();
    assert!(said.contains("sudo does not let windlass manage the services of `unreached`"), "{said}");
    assert!(said.contains("`powerless ALL=(unreached) NOPASSWD: ALL`"), "{said}");
    assert_eq!(host.sh_as("powerless", "ls -d app/current 2>/dev/null || echo none"), "none");
}

/// The words that are shown are to be those a person may type: without `sudo`, which windlass does not use either.
#[test]
fn a_service_whose_user_is_the_one_who_logs_in_is_shown_without_sudo() {
    let Some(lab) = Lab::shared("services: one and the same") else { return };
    let host = lab.host();
    host.add_user("selfsame");
    let recipe = recipe("selfsame", "set(\"lingering_user\", \"selfsame\");");
    let project = Project::new(lab, "selfsame", &host.declared("selfsame", WITH_PAM), &recipe);
    let said = project.windlass("production deploy").ok();
    assert!(said.contains("$ systemctl --user restart selfsame_worker_production.service"), "{said}");
    assert!(!said.contains("sudo"), "{said}");
}
