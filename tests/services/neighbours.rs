//! Several deploys on one host, several processes of one service: what becomes of one is no matter of the others.

use crate::services::findings::{recipe, unit};
use crate::services::project::{Project, main_pid};
use crate::support::host::{Host, WITH_PAM};
use crate::support::lab::Lab;

fn is_active(host: &Host, user: &str, unit: &str) -> String {
    host.sh_as(user, &format!("systemctl --user is-active {unit} || true"))
}

/// A second process of `production` would be called as the only one of `production_2`.
#[test]
fn stages_that_are_called_alike_leave_each_others_workers_alone() {
    let Some(lab) = Lab::shared("services: stages called alike") else { return };
    let (host, user) = (lab.host(), "alike");
    host.add_user(user);
    let servers = host.declared(user, WITH_PAM);
    let place = "set(\"deploy_to\", `/home/alike/${fetch(\"stage\")}`);";
    let project = Project::new(lab, user, &servers, &recipe(user, place));
    project.write("project/config/deploy/production_2.rhai", &servers);
    for stage in ["production", "production_2"] {
        project.windlass(&format!("{stage} deploy")).ok();
    }
    let other = "alike_worker_production_2.service";
    project.windlass("production worker:prune").ok();
    assert_eq!(is_active(host, user, other), "active");

    project.recipe(&recipe(user, &format!("{place}\nset(\"worker_count\", 2);")));
    let said = project.windlass("production deploy").failed();
    assert!(said.contains(&format!("the unit {other} on {} belongs to another deploy", host.name())), "{said}");
    assert!(said.contains("it works in /home/alike/production_2/current"), "{said}");
    assert!(said.contains("windlass production worker:uninstall"), "{said}");
    assert_eq!(host.sh_as(user, "ls production/releases | wc -l"), "1", "nothing was changed");

    project.recipe(&recipe(
        user,
        &format!("{place}\nset(\"worker_count\", 2);\nset(\"worker_service_unit_name\", \"own\");"),
    ));
    let said = project.windlass("production deploy").ok();
    assert!(!said.contains("former settings"), "what has another name is not looked for: {said}");
    project.recipe(&recipe(user, &format!("{place}\nset(\"worker_service_unit_name\", \"own\");")));
    assert!(project.windlass("production deploy").ok().contains("own_1.service"));
    project.windlass("production worker:prune").ok();
    assert_eq!(
        host.sh_as(user, "cd .config/systemd/user; ls *.service"),
        "alike_worker_production.service\nalike_worker_production_2.service\nown.service"
    );
}

#[test]
fn a_server_that_has_the_service_no_more_is_pruned_too() {
    let Some(lab) = Lab::shared("services: a role taken away") else { return };
    let host = lab.host();
    let server = |user: &str, roles: &str| {
        let properties = format!("roles: [\"app\", {roles}], deploy_to: \"/home/{user}/app\"");
        host.declared_with(user, WITH_PAM, &properties).replacen(host.name(), user, 1)
    };
    for user in ["retains", "loses"] {
        host.add_user(user);
    }
    let lines = "set(\"worker_roles\", [\"jobs\"]);";
    let project = Project::new(
        lab,
        "retains",
        &(server("retains", "\"jobs\"") + &server("loses", "\"jobs\"")),
        &recipe("retains", lines),
    );
    project.windlass("production deploy").ok();
    let unit = unit("retains");
    assert_eq!(is_active(host, "loses", &unit), "active");
    project
        .write("project/config/deploy/production.rhai", &(server("retains", "\"jobs\"") + &server("loses", "\"web\"")));
    project.windlass("production worker:prune").ok();
    assert_eq!(
        (is_active(host, "retains", &unit), is_active(host, "loses", &unit)),
        ("active".into(), "inactive".into())
    );
    assert_eq!(host.sh_as("loses", "ls .config/systemd/user/*.service 2>/dev/null || echo none"), "none");
}

#[test]
fn a_process_that_cannot_be_restarted_leaves_no_other_quiet() {
    let Some(lab) = Lab::shared("services: one of two is broken") else { return };
    let (host, user) = (lab.host(), "halved");
    host.add_user(user);
    let trip = "set(\"worker_count\", 2);\nset(\"lock\", false);\n\
                task(\"trip\", || on(roles(\"app\"), |host| if env(\"TRIP\") != () {\n\
                    let folder = \".config/systemd/user/halved_worker_production_1.service.d\";\n\
                    execute(\"mkdir\", \"-p\", folder);\n\
                    write_file(`${folder}/broken.conf`, \"[Service]\\nExecStartPre=/bin/false\\n\");\n\
                    execute(\"false\");\n\
                }));\nafter(\"deploy:updated\", \"trip\");";
    let project = Project::new(lab, user, &host.declared(user, WITH_PAM), &recipe(user, trip));
    project.windlass("production deploy").ok();
    let second = "halved_worker_production_2.service";
    let before = main_pid(host, user, second);
    let said = project.windlass("production deploy TRIP=1").failed();
    assert!(said.contains("halved_worker_production_1.service"), "{said}");
    let now = main_pid(host, user, second);
    assert_ne!(now, before, "it was restarted");
    assert!(!host.sh(&format!("tr '\\0' ' ' </proc/{now}/cmdline")).contains("stopping"));
}

#[test]
fn a_service_that_gives_up_starts_the_unit_that_tells() {
    let Some(lab) = Lab::shared("services: one that gives up") else { return };
    let (host, user) = (lab.host(), "gives");
    host.add_user(user);
    let lines = "set(\"worker_on_failure\", \"tell@%n.service\");\nset(\"worker_restart_sec\", 0);\n\
                 set(\"worker_unit_lines\", [\"StartLimitBurst=2\"]);\n\
                 task(\"tell\", || on(roles(\"app\"), |host| unit(\"tell@\").install(\
                 \"[Service]\\nType=oneshot\\nExecStart=/bin/touch %h/told-%i\\n\")));\nbefore(\"worker:install\", \"tell\");";
    let project = Project::new(lab, user, &host.declared(user, WITH_PAM), &recipe(user, lines));
    project.windlass("production deploy").ok();
    project.windlass("production worker:install").ok();
    assert_eq!(host.sh_as(user, "ls told-* 2>/dev/null || echo none"), "none", "while it is well, nobody is told");
    host.sh_as(
        user,
        "echo FAKE_SIDEKIQ_EXIT=1 >fake-sidekiq.conf; systemctl --user kill -s KILL gives_worker_production",
    );
    host.until("ls /home/gives/told-* 2>/dev/null", "/home/gives/told-gives_worker_production.service");
}

/// Many programs end for want of a database, and take some seconds to find out.
#[test]
fn a_service_that_ends_some_seconds_after_its_start_makes_the_deploy_red() {
    let Some(lab) = Lab::shared("services: one that ends late") else { return };
    let (host, user) = (lab.host(), "late");
    host.add_user(user);
    let recipe = "require(\"service\");\nset(\"deploy_to\", \"/home/late/app\");\nset(\"service_unit_user\", \"user\");\n\
                  service(\"listener\", #{ command: \"/bin/sleep 5\", log: \"journal\", error_log: \"journal\" });\n";
    let project = Project::new(lab, user, &host.declared(user, WITH_PAM), recipe);
    let said = project.windlass("production deploy").failed();
    assert!(said.contains("late_listener_production.service") && said.contains("it is inactive"), "{said}");
}
