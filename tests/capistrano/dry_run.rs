//! Chapters 2.12 and 2.13: the dry run, and what SSHKit can be told.

use crate::capistrano::rows::{differs, failed, has, judged, on_db, recipe_refused};
use crate::support::scene::Scene;

/// What a dry run of a task says with `info`.
fn dry(body: &str) -> Vec<String> {
    Scene::task(body).said(["production", "t", "-n"])
}

/// 2.12.1
#[test]
fn a_dry_run_gives_stand_ins() {
    let body = "on(roles(\"db\"), |host| { info(test(\"false\")); info(`<${capture(\"date\")}>`);
        info(capture(\"date\", #{ dry_run: \"today\" })); });";
    assert_eq!(dry(body), ["true", "<>", "today"]);
}

/// 2.12.2
#[test]
fn a_dry_run_runs_nothing_here_either() {
    differs("`--dry-run` runs `run_locally` for real");
    let scene = Scene::task("run_locally(|| execute(\"touch\", \"made\"));");
    scene.run(["production", "t", "-n"]).ok();
    assert!(!scene.path("made").exists());
}

/// 2.12.3
#[test]
fn a_rollback_makes_a_dry_run() {
    differs("`deploy:rollback --dry-run` always fails");
    Scene::with("set(\"repo_url\", \"x\");").run(["production", "deploy:rollback", "-n"]).ok();
}

/// 2.12.4
#[test]
fn a_dry_run_asks() {
    assert_eq!(dry("ask(\"x\", 5); info(fetch(\"x\"));"), ["5"]);
}

/// 2.13.1
#[test]
fn output_is_chosen_on_the_line() {
    differs("`SSHKit.config.output`, `use_format`, `output_verbosity`, `backend`");
    has(&recipe_refused("SSHKit.config.output = 1;"), "SSHKit");
    assert_eq!(Scene::task("info(1);").run(["production", "t", "--format", "dots", "-q"]).ok().stderr, "");
}

/// 2.13.2
#[test]
fn settings_of_sshkit_are_told_by_check() {
    differs("`set :format`, `:log_level`, `:sshkit_backend`, `:locale`");
    for name in ["format", "log_level", "sshkit_backend", "locale", "command_map"] {
        has(&judged(&format!("set(\"{name}\", 1);")), &format!("`{name}` is a setting of Capistrano"));
    }
}

/// 2.13.3
#[test]
fn what_became_of_a_command_is_a_map() {
    differs("`SSHKit::Command`: `exit_status`, `full_stdout`, `runtime`, …");
    let calls =
        "let r = run(\"echo a; echo b >&2; exit 3\"); info(`${r.ok} ${r.status} ${r.signal} ${r.stdout}${r.stderr}`);";
    assert_eq!(on_db(calls), ["false 3  a\nb\n"]);
}

/// 2.13.4
#[test]
fn errors_have_a_kind_and_fields() {
    differs("`SSHKit::Command::Failed`, `SSHKit::Runner::ExecuteError`");
    let calls = "try { execute(\"sh\", \"-c\", \"exit 3\"); } catch (e) { info(`${e.kind} ${e.host} ${e.status} ${e.command}`); }";
    assert_eq!(on_db(calls), ["command db1 3 sh -c 'exit 3'"]);
    has(&failed("try { throw \"x\" } catch (e) { throw e; }"), "x");
}
