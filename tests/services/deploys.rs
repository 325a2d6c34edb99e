//! Services in a deploy, with a worker that misbehaves when it is told to.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::services::project::{Project, loginctl_calls, main_pid, noted_loginctl};
use crate::support::host::{Host, WITH_PAM, WITHOUT_PAM};
use crate::support::lab::Lab;

/// A recipe with a worker whose deploys go home to this user; `more` are further options of the service.
fn recipe(user: &str, more: &str) -> String {
    format!(
        "require(\"service\");\nset(\"deploy_to\", \"/home/{user}/app\");\nset(\"service_unit_user\", \"user\");\n\
         service(\"worker\", #{{ command: \"/usr/local/bin/fake-sidekiq\", type: \"notify\", quiet_signal: \"TSTP\", \
         settle: 1, start_timeout: 5, {more} }});\n"
    )
}

fn project<'a>(lab: &'a Lab, user: &str, port: u16, recipe: &str) -> Project<'a> {
    lab.host().add_user(user);
    Project::new(lab, user, &lab.host().declared(user, port), recipe)
}

/// What the worker of a user has noted, without times and numbers.
fn noted(host: &Host, user: &str) -> Vec<String> {
    let text = fs::read_to_string(host.path(&format!("/home/{user}/fake-sidekiq.log"))).unwrap_or_default();
    text.lines().map(|line| line.splitn(3, ' ').nth(2).unwrap_or_default().to_owned()).collect()
}

fn told(host: &Host, user: &str, lines: &str) {
    fs::write(host.path(&format!("/home/{user}/fake-sidekiq.conf")), lines).unwrap();
}

/// Waits until something is so.
#[track_caller]
fn until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(90);
    while !is_so() {
        assert!(Instant::now() < end, "it is never so that {what}");
        sleep(Duration::from_millis(200));
    }
}

fn unit(user: &str) -> String {
    format!("{user}_worker_production")
}

/// The fault the whole of it is about, on the host where it is worst: nobody has a session there.
#[test]
fn a_worker_deployed_to_a_host_without_sessions_is_still_there_after_the_last_login() {
    let Some(lab) = Lab::shared("services: a first deploy") else { return };
    let (host, user) = (lab.host(), "stays");
    let project = project(lab, user, WITHOUT_PAM, &recipe(user, ""));
    // The folder of its log is linked, and there only after the first deploy.
    project.windlass("production worker:check").ok();
    let said = project.windlass("production deploy").ok();
    let order = [
        "lingering on",
        "install stays_worker",
        "daemon-reload",
        "enable stays_worker",
        "restart stays_worker",
        "is-active",
    ];
    let places: Vec<_> =
        order.iter().map(|step| said.find(step).unwrap_or_else(|| panic!("no {step}: {said}"))).collect();
    assert!(places.is_sorted(), "{places:?} {said}");
    let pid = main_pid(host, user, &unit(user));
    sleep(Duration::from_secs(14));
    assert_eq!(main_pid(host, user, &unit(user)), pid);
    let release = host.sh_as(user, "readlink -f app/current");
    assert_eq!(host.sh(&format!("readlink /proc/{pid}/cwd")), release);
    assert_eq!(noted(host, user), [format!("start {release}"), "ready".to_owned()]);
}

#[test]
fn the_second_deploy_writes_no_unit_runs_no_loginctl_and_runs_the_new_release() {
    let Some(lab) = Lab::shared("services: a second deploy") else { return };
    let (host, user) = (lab.host(), "again");
    let project = project(lab, user, WITH_PAM, &recipe(user, ""));
    let noted_calls = noted_loginctl(host, user);
    project.recipe(&format!("{}{noted_calls}", recipe(user, "")));
    project.windlass("production deploy").ok();
    assert!(!loginctl_calls(host, user).is_empty(), "the first one turns lingering on");
    let before = host.sh_as(user, "stat -c %Y .config/systemd/user/again_worker_production.service");
    let said = project.windlass("production deploy").ok();
    assert!(!said.contains("has changed") && !said.contains("daemon-reload"), "{said}");
    assert_eq!(host.sh_as(user, "stat -c %Y .config/systemd/user/again_worker_production.service"), before);
    // Only the proof at the end asks logind something.
    let calls = loginctl_calls(host, user);
    assert!(calls.iter().all(|call| call.starts_with("show-")), "{calls:?}");
    let release = host.sh_as(user, "readlink -f app/current");
    assert_eq!(host.sh(&format!("readlink /proc/{}/cwd", main_pid(host, user, &unit(user)))), release);
}

#[test]
fn a_worker_that_dies_makes_the_deploy_red_and_says_why() {
    let Some(lab) = Lab::shared("services: a worker that dies") else { return };
    let (host, user) = (lab.host(), "dies");
    let project = project(lab, user, WITH_PAM, &recipe(user, ""));
    told(host, user, "FAKE_SIDEKIQ_EXIT=78\n");
    let said = project.windlass("production deploy").failed();
    assert!(said.contains("its main process ended with status 78"), "{said}");
    // It says that it is ready, and is gone a moment later.
    let simple = format!("{}set(\"worker_type\", \"simple\");\n", recipe(user, ""));
    project.recipe(&simple);
    let said = project.windlass("production deploy").failed();
    assert!(said.contains("`dies_worker_production.service` could not be kept running"), "{said}");
    told(host, user, "FAKE_SIDEKIQ_READY=never\n");
    project.recipe(&format!("{}set(\"worker_lines\", [\"TimeoutStartSec=2\"]);\n", recipe(user, "")));
    let said = project.windlass("production deploy").failed();
    assert!(said.contains("it did not say in time that it is ready"), "{said}");
    told(host, user, "");
    project.windlass("production deploy").ok();
}

#[test]
fn lingering_that_may_not_be_turned_on_makes_it_red_before_anything_changes() {
    let Some(lab) = Lab::shared("services: lingering required") else { return };
    let (host, user) = (lab.host(), "asks");
    let project = project(lab, user, WITH_PAM, &format!("{}set(\"linger\", \"require\");\n", recipe(user, "")));
    let said = project.windlass("production deploy").failed();
    assert!(said.contains("lingering is not in effect for asks: lingering is off"), "{said}");
    assert!(said.contains("`sudo loginctl enable-linger asks`"), "{said}");
    assert_eq!(host.sh_as(user, "ls app/releases"), "", "no release was made");
    host.sh(&format!("loginctl enable-linger {user}"));
    project.windlass("production deploy").ok();
}

#[test]
fn a_failed_deploy_leaves_no_worker_quiet() {
    let Some(lab) = Lab::shared("services: a failed deploy") else { return };
    let (host, user) = (lab.host(), "fails");
    let fails = "task(\"trip\", || on(roles(\"app\"), |host| if env(\"TRIP\") != () { execute(\"false\") }));\n\
                 after(\"deploy:updated\", \"trip\");\n";
    let project = project(lab, user, WITH_PAM, &format!("{}{fails}", recipe(user, "")));
    project.windlass("production deploy").ok();
    let (pid, release) = (main_pid(host, user, &unit(user)), host.sh_as(user, "readlink -f app/current"));
    project.windlass("production deploy TRIP=1").failed();
    let now = main_pid(host, user, &unit(user));
    assert_ne!(now, pid, "it was restarted");
    assert_eq!(host.sh(&format!("readlink /proc/{now}/cwd")), release, "from the release that is current still");
    assert!(!host.sh(&format!("tr '\\0' ' ' </proc/{now}/cmdline")).contains("stopping"));
    project.windlass("production deploy").ok();
    project.windlass("production deploy:rollback").ok();
    let now = main_pid(host, user, &unit(user));
    assert_eq!(host.sh(&format!("readlink /proc/{now}/cwd")), host.sh_as(user, "readlink -f app/current"));
    assert!(!host.sh(&format!("tr '\\0' ' ' </proc/{now}/cmdline")).contains("stopping"), "nor does a rollback");
}

/// windlass is gone in one moment, and nobody is left to restart what was told to be quiet, but for the host itself.
#[test]
fn a_deploy_that_is_killed_between_quiet_and_restart_leaves_no_worker_quiet() {
    let Some(lab) = Lab::shared("services: a killed deploy") else { return };
    let (host, user) = (lab.host(), "killed");
    let hang = "set(\"lock_ttl\", 5);\ntask(\"hang\", || on(roles(\"app\"), |host| if env(\"HANG\") != () { execute(\"sleep\", \"300\") }));\n\
                after(\"deploy:updated\", \"hang\");\n";
    let project = project(lab, user, WITH_PAM, &format!("{}{hang}", recipe(user, "")));
    project.windlass("production deploy").ok();
    let pid = main_pid(host, user, &unit(user));
    let mut run = project.start("production deploy HANG=1");
    let title = |pid: &str| host.sh(&format!("tr '\\0' ' ' </proc/{pid}/cmdline || true"));
    until("the worker is quiet", || title(&pid).contains("stopping"));
    until("the deploy hangs", || !host.sh("pgrep -u killed -x sleep || true").is_empty());
    sleep(Duration::from_secs(12));
    assert_eq!(main_pid(host, user, &unit(user)), pid, "as long as the deploy lives, it is left alone");
    run.kill().unwrap();
    run.wait().unwrap();
    until("another worker runs", || main_pid(host, user, &unit(user)) != pid);
    let now = main_pid(host, user, &unit(user));
    until("it takes work", || title(&now).contains("fake") || title(&now).contains("[0 of 5 busy]"));
    assert!(!title(&now).contains("stopping"));
}

#[test]
fn several_processes_have_units_of_their_own_and_what_is_no_longer_asked_for_is_pruned() {
    let Some(lab) = Lab::shared("services: several processes") else { return };
    let (host, user) = (lab.host(), "many");
    let project = project(lab, user, WITH_PAM, &recipe(user, "count: 3"));
    project.windlass("production deploy").ok();
    // Another stage, only called alike.
    host.sh_as(user, "touch .config/systemd/user/many_worker_production_eu.service");
    let units = || host.sh_as(user, "ls .config/systemd/user | grep service$");
    let three = "many_worker_production_1.service\nmany_worker_production_2.service\nmany_worker_production_3.service\n\
                 many_worker_production_eu.service";
    assert_eq!(units(), three);
    project.recipe(&recipe(user, "count: 1"));
    project.windlass("production worker:prune worker:install").ok();
    assert_eq!(units(), "many_worker_production.service\nmany_worker_production_eu.service");
    assert_eq!(host.sh_as(user, "systemctl --user list-units 'many_worker*' --no-legend --state=running"), "");
    project.windlass("production worker:uninstall").ok();
    assert_eq!(units(), "many_worker_production_eu.service");
}

#[test]
fn what_is_set_for_one_server_holds_there() {
    let Some(lab) = Lab::shared("services: per server") else { return };
    let (host, user) = (lab.host(), "single");
    host.add_user(user);
    let server = host.declared_with(
        user,
        WITH_PAM,
        "roles: [\"app\"], worker_count: 2, worker_service_unit_env_vars: #{ TOKEN: \"100% \\\"$x\\\"\" }",
    );
    let project = Project::new(lab, user, &server, &recipe(user, ""));
    project.windlass("production deploy").ok();
    for number in [1, 2] {
        // As its manager has read it: the stand-in writes its title over its environment.
        let show = format!("systemctl --user show single_worker_production_{number} -p Environment");
        assert_eq!(host.sh_as(user, &show), "Environment=\"TOKEN=100% \\\"\\$x\\\"\"");
    }
}
