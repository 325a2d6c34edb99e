//! Chapters 1.4 to 1.6: the first project, the check-up and the console.

use crate::capistrano::rows::{differs, has, judged};
use crate::console::piped::console;
use crate::support::fleet::Fleet;
use crate::support::scene::Scene;

/// 1.4.1
#[test]
fn a_project_is_written_with_init() {
    differs("`cap install`");
    let scene = Scene::new();
    has(&scene.run(["init"]).ok().out(), "config/deploy.rhai");
    for file in ["config/deploy.rhai", "config/deploy/staging.rhai", "config/deploy/production.rhai"] {
        assert!(scene.path(file).is_file(), "{file}");
    }
    scene.run(["-T"]).ok();
}

/// 1.4.2
#[test]
fn stages_of_a_new_project_are_named_with_an_option() {
    differs("`cap install STAGES=qa,live`");
    let scene = Scene::new();
    scene.run(["init", "--stages", "qa,live"]).ok();
    assert!(scene.path("config/deploy/qa.rhai").is_file() && scene.path("config/deploy/live.rhai").is_file());
    assert!(!scene.path("config/deploy/production.rhai").exists());
}

/// 1.4.3
#[test]
fn what_is_there_is_not_overwritten() {
    let scene = Scene::task("").file("config/deploy.rhai", "// mine\n");
    has(&scene.run(["init"]).ok().out(), "config/deploy.rhai");
    assert_eq!(scene.read("config/deploy.rhai"), "// mine\n");
}

/// 1.4.4
#[test]
fn a_new_recipe_asks_for_its_version() {
    differs("`cap install` makes the empty folder `lib/capistrano/tasks`");
    let scene = Scene::new();
    scene.run(["init"]).ok();
    has(&scene.read("config/deploy.rhai"), "requires(\"~> 0.1\");");
    has(&scene.read("config/deploy.rhai"), "// task(\"app:restart\", ");
}

/// 1.4.5
#[test]
fn nothing_is_called_capify() {
    differs("`capify`");
    assert_eq!(Scene::task("").run(["capify"]).fails(2).error(), "there is no stage `capify`");
}

/// 1.4.6
#[test]
fn tasks_of_ones_own_stand_in_a_folder() {
    differs("`Capfile`, `lib/capistrano/tasks/*.rake`");
    let scene = Scene::with("").file("config/deploy/tasks/own.rhai", "task(\"own\", || info(\"own\"));");
    assert_eq!(scene.said(["production", "own"]), ["own"]);
}

/// 1.5.b
#[test]
fn there_are_no_gems_to_list() {
    differs("`doctor:gems` lists gems and asks for newer ones");
    has(&Scene::new().run(["--version"]).ok().stdout, env!("CARGO_PKG_VERSION"));
}

/// 1.5.c
#[test]
fn a_setting_nobody_reads_is_told_with_its_place() {
    differs("`doctor:variables` tells settings it does not know, and works out lazy ones for that");
    let told = judged("set(\"misspeled\", || throw \"worked out\");\ntask(\"t\", || fetch(\"misspelled\", 1));");
    has(&told, "misspeled");
    has(&told, "config/deploy.rhai:1:");
}

/// 1.5.d
#[test]
fn a_role_with_white_space_is_refused() {
    differs("`roles: \"web app\"` is one role, and `doctor` warns of it");
    let error = Scene::task("").stage("production", "server(\"a\", #{ roles: \"web app\" });").run(["production", "t"]);
    has(&error.fails(2).err(), "write several roles as a list: `[\"web\", \"app\"]`");
}

/// 1.6.1
#[test]
fn a_console_runs_lines_on_every_host() {
    differs("`require \"capistrano/console\"`, then `cap production console`");
    differs("every line of the console is a command");
    let ran = console(&Scene::with(""), "echo it\n\nfetch(\"stage\")\nquit\n").ok();
    for host in ["web1", "web2", "db1"] {
        assert_eq!(ran.lines(host), ["echo it"]);
    }
    assert_eq!(ran.messages("info"), ["=> \"production\""]);
}

/// 1.5.a
#[test]
fn the_check_up_logs_in() {
    differs("`cap production doctor`");
    let Some(fleet) = Fleet::start(1, "") else { return };
    has(&fleet.run(&["doctor"]).ok().out(), "nothing to find fault with on 1 host");
}
