//! The stock recipe of Puma: what its settings make of the units.

use crate::support::scene::Scene;

/// What is written for the server `web1`, with these settings.
fn units(settings: &str) -> Vec<String> {
    scene(settings).said(["production", "puma:render", "-z", "web1"])
}

fn scene(settings: &str) -> Scene {
    Scene::with(&format!(
        "require(\"puma\");\nset(\"application\", \"shop\");\nset(\"service_unit_user\", \"user\");\n\
         set(\"puma_bundle\", \"/usr/bin/bundle\");\n{settings}"
    ))
}

fn has(unit: &str, line: &str) -> bool {
    unit.lines().any(|known| known == line)
}

#[test]
fn the_unit_runs_from_current_and_says_when_it_is_ready() {
    let scene = scene("");
    let units = scene.said(["production", "puma:render", "-z", "web1"]);
    assert_eq!(units.len(), 1, "no socket unless it is asked for: {units:?}");
    let current = scene.host("web1", "current").display().to_string();
    for line in [
        "shop_puma_production.service:",
        "Type=notify",
        "WatchdogSec=10",
        &format!("WorkingDirectory={current}"),
        &format!("ExecStart=/usr/bin/bundle exec puma -e production --dir {current}"),
        &format!("StandardOutput=append:{}", scene.host("web1", "shared/log/puma.log").display()),
        &format!("StandardError=append:{}", scene.host("web1", "shared/log/puma_error.log").display()),
        "WantedBy=default.target",
    ] {
        assert!(has(&units[0], line), "{line}:\n{}", units[0]);
    }
    assert!(!units[0].contains("ExecReload=") && !units[0].contains("User="), "{}", units[0]);
}

#[test]
fn it_is_told_how_to_reload_only_where_that_is_a_phased_restart() {
    let with = units("set(\"puma_phased_restart\", true);");
    assert!(has(&with[0], "ExecReload=/bin/kill -USR1 $MAINPID"), "{}", with[0]);
    let lines = scene("").lines("web1", ["production", "puma:reload", "-z", "web1"]);
    assert_eq!(lines[0], "systemctl --user restart shop_puma_production.service", "{lines:?}");
}

#[test]
fn the_watchdog_is_off_for_false_and_for_a_puma_that_says_nothing() {
    for settings in [
        "set(\"puma_systemd_watchdog_sec\", false);",
        "set(\"puma_systemd_watchdog_sec\", 0);",
        "set(\"puma_service_unit_type\", \"simple\");",
    ] {
        let units = units(settings);
        assert!(!units[0].contains("WatchdogSec"), "{settings}\n{}", units[0]);
    }
    assert!(has(&units("set(\"puma_systemd_watchdog_sec\", 60);")[0], "WatchdogSec=60"));
}

#[test]
fn systemd_listens_on_every_bind_as_it_is_written() {
    let units = units(
        "set(\"puma_enable_socket_service\", true);\n\
         set(\"puma_bind\", [\"tcp://0.0.0.0:3000\", \"tcp://[::1]:3001\", \"unix:///run/shop.sock?umask=0111\"]);",
    );
    let [service, socket] = &units[..] else { panic!("a service and its socket: {units:?}") };
    assert!(has(service, "Requires=shop_puma_production.socket") && has(service, "After=shop_puma_production.socket"));
    let binds = " -b tcp://0.0.0.0:3000 -b tcp://[::1]:3001 -b unix:///run/shop.sock?umask=0111\n";
    assert!(service.contains(binds), "{service}");
    let listens: Vec<&str> = socket.lines().filter_map(|line| line.strip_prefix("ListenStream=")).collect();
    assert_eq!(listens, ["0.0.0.0:3000", "[::1]:3001", "/run/shop.sock"]);
    assert!(has(socket, "WantedBy=sockets.target"), "{socket}");
}

#[test]
fn without_a_bind_the_socket_is_in_the_shared_folder() {
    let scene = scene("set(\"puma_enable_socket_service\", true);");
    let units = scene.said(["production", "puma:render", "-z", "web1"]);
    let path = scene.host("web1", "shared/tmp/sockets/puma.sock").display().to_string();
    assert!(has(&units[1], &format!("ListenStream={path}")), "{}", units[1]);
    assert!(units[0].contains(&format!(" -b unix://{path}\n")), "{}", units[0]);
}

#[test]
fn systemd_is_given_no_name_to_listen_on() {
    let settings = "set(\"puma_enable_socket_service\", true);\nset(\"puma_bind\", \"tcp://localhost:3000\");";
    let error = scene(settings).run(["production", "puma:render", "-z", "web1"]).fails(1).error();
    assert!(error.contains("systemd cannot listen on `tcp://localhost:"), "{error}");
    // Puma itself may.
    assert!(units("set(\"puma_bind\", \"tcp://localhost:3000\");")[0].contains(" -b tcp://localhost:3000\n"));
}

#[test]
fn every_bind_is_asked_for_its_health_where_it_can_be_reached() {
    let said = scene(
        "set(\"puma_health_path\", \"/up\");\n\
         set(\"puma_bind\", [\"tcp://0.0.0.0:3000\", \"tcp://[::]:3001\", \"ssl://10.0.0.1:443?key=k\", \"unix:///run/shop.sock\"]);\n\
         task(\"look\", || on(roles(\"web\"), |host| for address in fetch(\"puma_health\") { info(address); }));",
    )
    .said(["production", "look", "-z", "web1"]);
    let expected = [
        "http://127.0.0.1:3000/up",
        "http://[::1]:3001/up",
        "https://10.0.0.1:443/up",
        "http://unix:/run/shop.sock:/up",
    ];
    assert_eq!(said, expected);
    let lines = scene("set(\"puma_health\", [\"http://unix:/run/shop.sock:/up\", \"http://127.0.0.1:3000\"]);")
        .lines("web1", ["production", "puma:verify", "-z", "web1"]);
    let asked: Vec<&String> = lines.iter().filter(|line| line.starts_with("curl ")).collect();
    assert_eq!(asked.len(), 2, "{lines:?}");
    assert!(asked[0].ends_with(" --unix-socket /run/shop.sock http://localhost/up"), "{}", asked[0]);
    assert!(asked[1].ends_with(" http://127.0.0.1:3000"), "{}", asked[1]);
}

#[test]
fn a_health_path_needs_to_know_where() {
    let ran =
        scene("set(\"puma_health_path\", \"/up\");").run(["production", "puma:verify", "-z", "web1", "--dry-run"]);
    let error = ran.fails(1).error();
    assert!(error.contains("nothing says where Puma is to be asked for its health"), "{error}");
}

#[test]
fn a_server_has_its_own() {
    let settings = "role(\"web\", [\"web1\"]);\nserver(\"web1\", #{ puma_bind: \"tcp://10.0.0.1:3000\", puma_phased_restart: true });";
    let scene = scene("set(\"puma_bind\", \"tcp://127.0.0.1:3000\");").file("config/deploy/tasks/own.rhai", settings);
    let own = scene.said(["production", "puma:render", "-z", "web1"]);
    let other = scene.said(["production", "puma:render", "-z", "web2"]);
    assert!(own[0].contains(" -b tcp://10.0.0.1:3000\n") && own[0].contains("ExecReload="), "{}", own[0]);
    assert!(other[0].contains(" -b tcp://127.0.0.1:3000\n") && !other[0].contains("ExecReload="), "{}", other[0]);
}

#[test]
fn names_of_before_still_count_or_say_that_they_do_not() {
    let scene = scene(
        "delete(\"service_unit_user\");\nset(\"systemctl_user\", \"system\");\nset(\"puma_user\", \"app\");\n\
         set(\"puma_threads\", [0, 16]);\nset(\"puma_service_unit_env_file\", \"puma.env\");",
    );
    let ran =
        scene.run(["--format", "json", "production", "puma:check", "puma:render", "-z", "web1", "--dry-run"]).ok();
    let warnings = ran.messages("warn");
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    for part in [
        "\"systemctl_user\" still counts",
        "\"puma_service_unit_env_file\" still counts",
        "\"puma_threads\" has no effect",
    ] {
        assert!(warnings.iter().any(|warning| warning.contains(part)), "{part}: {warnings:?}");
    }
    let unit = &ran.messages("info")[0];
    let file = scene.host("web1", "shared/puma.env").display().to_string();
    assert!(has(unit, "User=app") && has(unit, "WantedBy=multi-user.target"), "{unit}");
    assert!(has(unit, &format!("EnvironmentFile={file}")), "{unit}");
}

#[test]
fn a_deploy_restarts_puma_before_it_cleans_up() {
    let plan = Scene::with(
        "require(\"deploy\");\nrequire(\"puma\");\nset(\"application\", \"shop\");\nset(\"repo_url\", \"r\");",
    )
    .run(["production", "deploy", "--plan"])
    .ok()
    .out();
    let at = |task: &str| plan.find(task).unwrap_or_else(|| panic!("{task} is not planned:\n{plan}"));
    assert!(at("deploy:published") < at("puma:publish") && at("puma:publish") < at("deploy:cleanup"), "{plan}");
}
