//! Mistakes with services that are found before a deploy changes anything.

use crate::errors::catalogue::shows;
use crate::support::scene::Scene;

/// A project with Sidekiq on one host that is this machine.
fn sidekiq(settings: &str) -> Scene {
    let recipe = format!(
        "require(\"sidekiq\");\nset(\"application\", \"shop\");\nset(\"service_unit_user\", \"user\");\n\
         set(\"sidekiq_bundle\", \"/usr/bin/bundle\");\nset(\"sidekiq_roles\", \"app\");\n\
         set(\"sidekiq_log\", \"journal\");\nset(\"sidekiq_error_log\", \"journal\");\n{settings}\n"
    );
    let scene = Scene::with(&recipe);
    let folder = scene.top().join("hosts/web1");
    let stage = format!(
        "server(\"web1\", #{{ transport: \"local\", roles: [\"app\"] }});\nset(\"deploy_to\", \"{}\");\n",
        folder.display()
    );
    scene.stage("production", &stage)
}

#[track_caller]
fn check_shows(name: &str, settings: &str) {
    shows(name, &sidekiq(settings), &["production", "sidekiq:check"]);
}

#[test]
fn environment_of_several_lines() {
    check_shows(
        "environment_of_several_lines",
        "set(\"service_unit_env_vars\", #{ PRIVATE_KEY: \"-----BEGIN\\nMIIE\" });",
    );
}

#[test]
fn environment_with_an_impossible_name() {
    check_shows(
        "environment_with_an_impossible_name",
        "set(\"sidekiq_service_unit_env_vars\", [\"RAILS-ENV=production\"]);",
    );
}

#[test]
fn configuration_listed_twice() {
    check_shows(
        "configuration_listed_twice",
        "set(\"sidekiq_config_files\", [\"sidekiq.yml\", \"mail.yml\", \"mail.yml\"]);",
    );
}

#[test]
fn user_in_place_of_the_mode() {
    check_shows("user_in_place_of_the_mode", "set(\"sidekiq_systemctl_user\", \"deploy\");");
}

#[test]
fn mode_that_is_mistyped() {
    check_shows("mode_that_is_mistyped", "set(\"service_unit_user\", \"usr\");");
}

#[test]
fn mode_that_is_mistyped_with_a_server() {
    let scene = sidekiq("")
        .file("config/deploy/tasks/own.rhai", "role(\"app\", [\"web1\"], #{\n    service_unit_user: \"sytem\",\n});\n");
    shows("mode_that_is_mistyped_with_a_server", &scene, &["production", "sidekiq:check"]);
}

#[test]
fn mode_that_is_mistyped_for_a_unit_of_ones_own() {
    let look = "set(\"service_unit_user\", \"usr\");\n\
                task(\"look\", || on(roles(\"app\"), |host| unit(\"jobs\").status()));";
    shows("mode_that_is_mistyped_for_a_unit", &sidekiq(look), &["production", "look"]);
}

#[test]
fn count_that_is_none() {
    check_shows("count_that_is_none", "set(\"sidekiq_processes\", 0);");
}

#[test]
fn count_that_is_none_in_the_options_of_a_service() {
    let jobs = "service(\"mails\", #{ command: \"bin/mails\" });\n\
                service(\"jobs\", #{ command: \"bin/jobs\", count: \"some\" });";
    shows("count_that_is_none_in_options", &sidekiq(jobs), &["production", "jobs:render"]);
}

#[test]
fn option_a_service_does_not_have() {
    let jobs = "service(\"jobs\", #{ command: \"bin/jobs\", rols: [\"worker\"] });";
    shows("option_a_service_does_not_have", &sidekiq(jobs), &["production", "jobs:render"]);
}

#[test]
fn signal_for_quiet_that_is_none() {
    check_shows("signal_for_quiet_that_is_none", "set(\"sidekiq_quiet_signal\", \"TSTP2\");");
}

#[test]
fn drain_of_a_service_that_is_no_number() {
    let set = "set(\"sidekiq_drain_timeout\", \"1m\");";
    shows("drain_that_is_no_number", &sidekiq(set), &["production", "sidekiq:drain", "--dry-run"]);
}

#[test]
fn timeout_of_sidekiq_that_is_no_number() {
    check_shows("timeout_of_sidekiq_that_is_no_number", "set(\"sidekiq_timeout\", \"25s\");");
}

#[test]
fn configuration_listed_twice_under_its_former_name() {
    check_shows(
        "configuration_listed_twice_under_its_former_name",
        "set(\"sidekiq_config\", [\"mail.yml\", \"config/mail.yml\"]);",
    );
}

#[test]
fn wish_for_lingering_that_is_mistyped() {
    shows(
        "wish_for_lingering_that_is_mistyped",
        &sidekiq("set(\"linger\", \"requires\");"),
        &["production", "linger:enable"],
    );
}

#[test]
fn bind_that_systemd_cannot_listen_on() {
    let puma = "require(\"puma\");\nset(\"puma_role\", \"app\");\nset(\"puma_bundle\", \"/usr/bin/bundle\");\n\
                set(\"puma_enable_socket_service\", true);\nset(\"puma_bind\", \"tcp://localhost:3000\");";
    shows("bind_that_systemd_cannot_listen_on", &sidekiq(puma), &["production", "puma:render"]);
}

#[test]
fn health_of_puma_nobody_knows_where_to_ask_for() {
    let puma = "require(\"puma\");\nset(\"puma_role\", \"app\");\nset(\"puma_bundle\", \"/usr/bin/bundle\");\n\
                set(\"puma_health_path\", \"/up\");";
    shows("health_of_puma_without_a_bind", &sidekiq(puma), &["production", "puma:verify", "--dry-run"]);
}

#[test]
fn user_of_a_service_who_does_not_exist() {
    check_shows("user_of_a_service_who_does_not_exist", "set(\"sidekiq_user\", \"sidekik\");");
}

#[test]
fn user_of_a_system_service_who_does_not_exist() {
    check_shows(
        "user_of_a_system_service_who_does_not_exist",
        "set(\"service_unit_user\", \"system\");\nset(\"service_user\", \"sidekik\");",
    );
}

#[test]
fn system_service_without_a_user() {
    check_shows("system_service_without_a_user", "set(\"service_unit_user\", \"system\");");
}

#[test]
fn lingering_of_somebody_else() {
    check_shows("lingering_of_somebody_else", "set(\"sidekiq_user\", \"root\");\nset(\"lingering_user\", \"deploy\");");
}

#[test]
fn environment_file_that_is_missing() {
    check_shows("environment_file_that_is_missing", "append(\"service_unit_env_files\", \".env\");");
}

#[test]
fn folder_of_a_log_that_is_missing() {
    check_shows("folder_of_a_log_that_is_missing", "set(\"sidekiq_log\", || shared_path(\"log/sidekiq.log\"));");
}

#[test]
fn unknown_moment_to_be_quiet() {
    check_shows("unknown_moment_to_be_quiet", "set(\"sidekiq_quiet_at\", \"published\");");
}

#[test]
fn line_for_a_user_in_a_template_of_a_user_service() {
    let unit = "[Service]\nUser={{ user }}\nExecStart={{ command }}\n";
    let scene = sidekiq("set(\"sidekiq_user\", \"root\");").file("config/deploy/templates/service.service", unit);
    shows("user_line_in_a_template", &scene, &["production", "sidekiq:check"]);
}

#[test]
fn settings_of_capistrano_sidekiq_are_told_what_became_of_them() {
    let old = "set(\"sidekiq_processes\", 2);\nset(\"sidekiq_queue\", [\"default\", \"mail\"]);\n\
               set(\"sidekiq_pid\", \"tmp/pids/sidekiq.pid\");\nset(\"sidekiq_role\", \"app\");\n\
               set(\"sidekiq_monit_group\", \"shop\");\nset(\"app_processes\", 3);";
    let ran = sidekiq(old).run(["production", "sidekiq:check", "sidekiq:render", "--format", "json"]).ok();
    assert_eq!(
        ran.messages("warn"),
        [
            "the setting \"app_processes\" has no effect; say it with the server, as \"sidekiq_count\"",
            "the setting \"sidekiq_monit_group\" has no effect; systemd restarts what ends, and there is no monit",
            "the setting \"sidekiq_pid\" has no effect; systemd knows the process without a file",
            "the setting \"sidekiq_processes\" still counts; it is called \"sidekiq_count\" now",
            "the setting \"sidekiq_queue\" still counts; its place is the file of configuration",
            "the setting \"sidekiq_role\" still counts; it is called \"sidekiq_roles\" now",
        ]
    );
    let units = ran.messages("info");
    assert_eq!(units.len(), 2, "{units:?}");
    assert!(units[1].starts_with("shop_sidekiq_production_2.service:\n"), "{}", units[1]);
    assert!(
        units[1].contains("ExecStart=/usr/bin/bundle exec sidekiq -e production -q default -q mail\n"),
        "{}",
        units[1]
    );
}

/// systemd would leave the line out and start the service without it, and the deploy would be green.
#[test]
fn a_line_systemd_would_leave_out_is_refused_before_anything_changes() {
    for (settings, line) in [
        ("set(\"sidekiq_restart\", \"allways\");", "Restart=allways"),
        ("set(\"sidekiq_stop_timeout\", \"soon\");", "TimeoutStopSec=soon"),
        ("set(\"sidekiq_stop_signal\", \"SIGTERM\");", "KillSignal=SIGSIGTERM"),
        ("set(\"sidekiq_lines\", [\"MemoryMax 2G\"]);", "MemoryMax 2G"),
    ] {
        let error = sidekiq(settings).run(["production", "sidekiq:check"]).fails(2).error();
        assert!(error.contains(&format!("a unit cannot have the line `{line}`")), "{error}");
    }
}

/// Else what stands behind the line end would be a setting of its own.
#[test]
fn a_value_of_several_lines_does_not_get_into_a_unit() {
    for (settings, value) in [
        ("set(\"sidekiq_command_args\", \"-e production\\nExecStartPre=/bin/true\");", "`command`"),
        ("set(\"sidekiq_lines\", [\"Nice=5\\nUser=root\"]);", "`lines`"),
        ("set(\"sidekiq_dir\", \"/\\nUser=root\");", "`dir`"),
    ] {
        let error = sidekiq(settings).run(["production", "sidekiq:check"]).fails(2).error();
        assert!(error.contains(value) && error.contains("has a line end"), "{error}");
    }
}
