//! `linger:check` where somebody may not do what is needed: LF-20, LF-21 and LF-23 to LF-25; and LF-6, whose half it is.

use crate::services::findings::{allow, finds, finds_nothing, follow, is_repaired, look, recipe, recipe_in, unit};
use crate::services::project::Project;
use crate::support::host::{Host, WITHOUT_PAM};
use crate::support::lab::Lab;

/// A folder of `ops` for an application whose worker is another user's, who may write the logs.
fn folder_for(host: &Host, user: &str) -> String {
    let folder = format!("/srv/{user}");
    host.sh(&format!("install -d -o ops -g ops {folder} {folder}/shared && install -d -o {user} {folder}/shared/log"));
    folder
}

#[test]
fn what_its_user_cannot_read_or_write_is_found() {
    let Some(lab) = Lab::shared("checks: closed files") else { return };
    let (host, user) = (lab.host(), "fenced");
    host.add_user(user);
    let folder = folder_for(host, user);
    host.sh(&format!("install -o ops -m 644 /dev/null {folder}/shared/env"));
    let lines =
        format!("set(\"service_user\", \"{user}\");\nset(\"service_unit_env_files\", [\"env\", \"-maybe\"]);\n");
    let project = Project::new(lab, user, &host.declared("ops", WITHOUT_PAM), &recipe_in(&folder, &lines));
    project.windlass("production deploy").ok();
    finds_nothing(&project);

    host.sh(&format!("chmod 750 {folder}"));
    let sentence = is_repaired(&project, host, user, "LF-20", &format!("sudo chmod o+x {folder}"));
    assert!(sentence.contains("`fenced` cannot enter `/srv/fenced` (drwxr-x--- ops:ops)"), "{sentence}");

    // The release itself, of which `current` is no more than a name.
    host.sh(&format!("chmod 700 $(readlink -f {folder}/current)"));
    let found = finds(&project, &[("LF-20", &format!("sudo chmod o+x {folder}/current"))]);
    assert!(found[0].sentence.contains("cannot enter `/srv/fenced/current` (drwx------ ops:ops)"), "{found:#?}");
    follow(host, user, &found[0].repair);

    let env = format!("{folder}/shared/env");
    host.sh(&format!("chmod 600 {env}"));
    let share = format!("sudo chgrp \"$(id -gn {user})\" {env} && sudo chmod g+r {env}");
    finds(&project, &[("LF-20", &share)]);
    follow(host, user, &share);

    let log = format!("{folder}/shared/log");
    host.sh(&format!("chown ops {log}/worker.log && chmod 600 {log}/worker.log"));
    let own = format!("sudo chown {user} {log}/worker.log");
    finds(&project, &[("LF-21", &own)]);
    follow(host, user, &own);
    host.sh(&format!("rm {log}/worker_error.log; chown ops:ops {log}"));
    let share = format!("sudo chgrp \"$(id -gn {user})\" {log} && sudo chmod g+w {log}");
    is_repaired(&project, host, user, "LF-21", &share);
}

#[test]
fn who_may_not_act_for_another_user_is_told_the_line_for_sudoers() {
    let Some(lab) = Lab::shared("checks: acting for another") else { return };
    let (host, user, owner) = (lab.host(), "deputy", "principal");
    host.add_user(user);
    host.add_user(owner);
    host.sh(&format!("loginctl enable-linger {owner}"));
    let lines = format!(
        "set(\"worker_user\", \"{owner}\");\nset(\"worker_log\", \"journal\");\nset(\"worker_error_log\", \"journal\");\n"
    );
    let project = Project::new(lab, user, &host.declared(user, WITHOUT_PAM), &recipe(user, &lines));
    host.sh(&format!("chmod 755 /home/{user}"));
    let line = format!("{user} ALL=({owner}) NOPASSWD: ALL");
    let found = finds(&project, &[("LF-23", &line)]);
    assert!(found[0].sentence.contains("`deputy` may not act for `principal`: sudo wants a password"), "{found:#?}");
    allow(host, user, &line);
    // That line is all a deploy takes.
    project.windlass("production deploy").ok();
    finds_nothing(&project);
}

#[test]
fn a_service_of_the_machine_is_found_to_lack_its_user_and_its_rights() {
    let Some(lab) = Lab::shared("checks: of the machine") else { return };
    let (host, user, runner) = (lab.host(), "clerk", "robot");
    host.add_user(user);
    host.add_user(runner);
    let folder = folder_for(host, runner);
    let lines = format!("set(\"service_unit_user\", \"system\");\nset(\"service_user\", \"{runner}\");\n");
    let project = Project::new(lab, runner, &host.declared("ops", WITHOUT_PAM), &recipe_in(&folder, &lines));
    project.windlass("production deploy").ok();
    finds_nothing(&project);

    let name = unit(runner);
    let drop_in = format!("/etc/systemd/system/{name}.d");
    host.sh(&format!("mkdir {drop_in} && printf '[Service]\\nUser=\\n' >{drop_in}/a.conf && systemctl daemon-reload"));
    let say = "say who runs it, for example `set(\"service_user\", \"deploy\")`, and install it again";
    let found = finds(&project, &[("LF-24", say)]);
    assert!(found[0].sentence.ends_with("it runs as root"), "{found:#?}");
    host.sh(&format!("rm -r {drop_in} && systemctl daemon-reload"));
    finds_nothing(&project);

    // The same service, looked after by somebody without rights.
    let project = Project::new(lab, "clerks", &host.declared(user, WITHOUT_PAM), &recipe_in(&folder, &lines));
    project.recipe(&recipe_in(&folder, &format!("set(\"application\", \"{runner}\");\n{lines}")));
    host.sh(&format!("chmod 755 {folder}"));
    let found = look(&project);
    let line = found.iter().find(|found| found.id == "LF-25").unwrap_or_else(|| panic!("{found:#?}")).repair.clone();
    assert!(line.starts_with(&format!("{user} ALL=(root) NOPASSWD: /usr/bin/systemctl daemon-reload, ")), "{line}");
    allow(host, user, &line);
    finds_nothing(&project);
    // It is enough for what it names.
    let restart = host.ssh(user, WITHOUT_PAM, &format!("sudo -n systemctl restart {name}"));
    assert!(restart.status.success(), "{restart:?}");
}

#[test]
fn two_services_in_two_modes_are_found_and_the_file_one_of_them_cannot_read() {
    let Some(lab) = Lab::shared("checks: two services") else { return };
    let (host, user) = (lab.host(), "torn");
    host.add_user(user);
    allow(host, user, &format!("{user} ALL=(root) NOPASSWD: ALL"));
    let with = |mode: &str| {
        format!(
            "require(\"sidekiq\");\nset(\"deploy_to\", \"/home/{user}/app\");\nset(\"service_unit_user\", \"user\");\n\
             set(\"sidekiq_roles\", \"app\");\nset(\"sidekiq_bundle\", \"/usr/local/bin/fake-sidekiq\");\n\
             set(\"sidekiq_config_files\", \"sidekiq_critical.yml\");\n\
             service(\"web\", #{{ command: \"/usr/local/bin/fake-sidekiq\", type: \"notify\", settle: 1 }});\n\
             set(\"web_user\", \"{user}\");\nset(\"web_systemctl_user\", \"{mode}\");\n"
        )
    };
    let project = Project::new(lab, user, &host.declared(user, WITHOUT_PAM), &with("user"));
    project.windlass("production deploy").ok();
    finds_nothing(&project);
    let file = "/home/torn/app/current/config/sidekiq_critical.yml";
    host.sh(&format!("chown root: {file} && chmod 600 {file}"));
    let share = format!("sudo chgrp \"$(id -gn torn)\" {file} && sudo chmod g+r {file}");
    finds(&project, &[("LF-20", &share)]);
    follow(host, user, &share);

    project.windlass("production web:uninstall").ok();
    project.recipe(&with("system"));
    project.windlass("production web:install web:restart").ok();
    let found = finds(&project, &[("LF-6", "in the recipe: `set(\"service_unit_user\", \"user\")`, for all of them")]);
    assert_eq!(found[0].level, "warn");
    let sentence = "`sidekiq` would be run by the manager of a user, `web` by that of the machine";
    assert!(found[0].sentence.starts_with(sentence), "{found:#?}");
}
