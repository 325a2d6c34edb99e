//! A worker that is waited for, or stopped, before it runs from the next release.

use std::fs;

use crate::services::project::{Project, main_pid};
use crate::support::host::{Host, WITH_PAM};
use crate::support::lab::Lab;

/// A recipe with a stand-in of Sidekiq, and a step before the switch that fails where it is told to.
fn recipe(user: &str, lines: &str) -> String {
    format!(
        "require(\"sidekiq\");\nset(\"deploy_to\", \"/home/{user}/app\");\nset(\"service_unit_user\", \"user\");\n\
         set(\"sidekiq_roles\", \"app\");\nset(\"sidekiq_bundle\", \"/usr/local/bin/fake-sidekiq\");\n\
         set(\"sidekiq_settle\", 1);\nset(\"lock_ttl\", 5);\n{lines}\n\
         after(\"deploy:updated\", \"trip\", || on(roles(\"app\"), |host| if env(\"TRIP\") != () {{ execute(\"false\") }}));\n"
    )
}

fn project<'a>(lab: &'a Lab, user: &str, lines: &str) -> Project<'a> {
    lab.host().add_user(user);
    Project::new(lab, user, &lab.host().declared(user, WITH_PAM), &recipe(user, lines))
}

/// Two jobs are running from now on, and end so many seconds after the worker was told to take no more.
fn busy(host: &Host, user: &str, seconds: u32) {
    fs::write(host.path(&format!("/home/{user}/fake-sidekiq.conf")), format!("FAKE_SIDEKIQ_BUSY={seconds}\n")).unwrap();
}

/// What the workers of a user have noted, without times and numbers.
fn noted(host: &Host, user: &str) -> Vec<String> {
    let text = fs::read_to_string(host.path(&format!("/home/{user}/fake-sidekiq.log"))).unwrap_or_default();
    let words = text.lines().map(|line| line.splitn(3, ' ').nth(2).unwrap_or_default());
    words.map(|line| if line.starts_with("start ") { "start".to_owned() } else { line.to_owned() }).collect()
}

fn title(host: &Host, user: &str) -> String {
    let pid = main_pid(host, user, &format!("{user}_sidekiq_production"));
    host.sh(&format!("ps -o args= -p {pid}"))
}

#[test]
fn a_drain_waits_for_jobs_and_says_when_it_has_waited_in_vain() {
    let Some(lab) = Lab::shared("services: a drain") else { return };
    let (host, user) = (lab.host(), "drained");
    let project = project(lab, user, "");
    busy(host, user, 8);
    project.windlass("production deploy").ok();
    let said = project.windlass("production sidekiq:drain[2]").failed();
    assert!(
        said.contains("drained_sidekiq_production.service on") && said.contains("is still at work after 2 s"),
        "{said}"
    );
    project.windlass("production sidekiq:drain[60]").ok();
    assert!(title(host, user).ends_with("[0 of 5 busy] stopping"), "{}", title(host, user));
    assert_eq!(noted(host, user), ["start", "ready", "quiet"], "it is not restarted by anybody");
}

#[test]
fn a_deploy_waits_for_jobs_as_long_as_it_is_told_to() {
    let Some(lab) = Lab::shared("services: a deploy that waits") else { return };
    let (host, user) = (lab.host(), "awaited");
    let project = project(lab, user, "set(\"sidekiq_drain_timeout\", 60);");
    busy(host, user, 6);
    project.windlass("production deploy").ok();
    let said = project.windlass("production deploy").ok();
    assert!(!said.contains("still at work"), "{said}");
    assert_eq!(noted(host, user), ["start", "ready", "quiet", "term", "ended", "start", "ready"]);
}

#[test]
fn a_worker_that_is_stopped_for_the_switch_is_started_when_the_deploy_fails() {
    let Some(lab) = Lab::shared("services: stopped for the switch") else { return };
    let (host, user) = (lab.host(), "paused");
    let project =
        project(lab, user, "set(\"sidekiq_stop_before_publish\", true);\nset(\"sidekiq_quiet_at\", \"never\");");
    project.windlass("production deploy").ok();
    let said = project.windlass("production deploy").ok();
    let at = |text: &str| said.find(text).unwrap_or_else(|| panic!("no {text} in {said}"));
    assert!(at("systemctl --user stop paused") < at("/home/paused/app/current\n"), "{said}");
    assert_eq!(noted(host, user), ["start", "ready", "term", "ended", "start", "ready"]);
    project.windlass("production deploy TRIP=1").failed();
    assert!(title(host, user).ends_with("busy]"), "{}", title(host, user));
}

#[test]
fn what_former_settings_have_left_is_told() {
    let Some(lab) = Lab::shared("services: left over") else { return };
    let (host, user) = (lab.host(), "lefty");
    let project = project(lab, user, "set(\"sidekiq_config_files\", [\"sidekiq.yml\", \"sidekiq_critical.yml\"]);");
    let said = project.windlass("production deploy").ok();
    assert!(!said.contains("of former settings"), "{said}");
    project.recipe(&recipe(user, ""));
    let said = project.windlass("production deploy").ok();
    assert!(said.contains("[\"lefty_sidekiq_production.sidekiq_critical.service\"] are of former settings"), "{said}");
    project.windlass("production sidekiq:prune").ok();
    assert_eq!(host.sh_as(user, "ls .config/systemd/user | grep service$"), "lefty_sidekiq_production.service");
}

#[test]
fn who_is_to_linger_is_whose_service_it_is() {
    let Some(lab) = Lab::shared("services: lingering_user alone") else { return };
    let (host, user) = (lab.host(), "lends");
    host.add_user("owns");
    host.sh("echo 'lends ALL=(owns) NOPASSWD: ALL' >/etc/sudoers.d/lends");
    host.sh("echo 'lends ALL=(root) NOPASSWD: /usr/bin/loginctl enable-linger owns' >>/etc/sudoers.d/lends");
    let lines = "set(\"lingering_user\", \"owns\");\nset(\"sidekiq_log\", \"journal\");\nset(\"sidekiq_error_log\", \"journal\");";
    let project = project(lab, user, lines);
    project.windlass("production deploy").ok();
    let unit = "lends_sidekiq_production.service";
    assert_eq!(host.sh_as("owns", &format!("systemctl --user is-active {unit}")), "active");
    assert!(host.path("/var/lib/systemd/linger/owns").exists() && !host.path("/var/lib/systemd/linger/lends").exists());
    assert!(!host.path("/home/lends/.config/systemd/user").join(unit).exists());
    assert_eq!(noted(host, "owns"), ["start", "ready"]);
}
