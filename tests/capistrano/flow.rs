//! Chapter 3.1: the tasks of a deploy and of a rollback, and what each runs.

use regex::Regex;

use crate::capistrano::rows::{differs, has};
use crate::capistrano::site::Site;
use crate::support::scene::Scene;

/// The names of the plan of a task, in the order they run, each once.
fn planned(task: &str) -> Vec<String> {
    let plan = Scene::with("").run(["production", task, "--plan"]).ok().out();
    let name =
        Regex::new(r"(?m)─ (?:needs |before |after )?([a-z_:]+)(?: \(if\))? +(?:invoked|needed|hooked|stdlib).*$");
    let name = name.expect("a regex of ours is sound");
    let mut names: Vec<String> = Vec::new();
    for found in name.captures_iter(&plan) {
        if !names.contains(&found[1].to_owned()) {
            names.push(found[1].to_owned());
        }
    }
    names
}

/// These names are in the plan of a task, in this order.
#[track_caller]
fn runs(task: &str, wanted: &[&str]) {
    let all = planned(task);
    let mut rest = all.iter();
    for name in wanted {
        assert!(rest.any(|found| found == name), "`{name}` is not there, or not in its place: {all:?}");
    }
}

/// 3.1.1
#[test]
fn a_deploy_has_eight_phases() {
    let phases = ["starting", "started", "updating", "updated", "publishing", "published", "finishing", "finished"];
    runs("deploy", &phases.map(|phase| format!("deploy:{phase}")).each_ref().map(String::as_str));
}

/// 3.1.2
#[test]
fn a_rollback_has_eight_phases() {
    let phases =
        ["starting", "started", "reverting", "reverted", "publishing", "published", "finishing_rollback", "finished"];
    runs("deploy:rollback", &phases.map(|phase| format!("deploy:{phase}")).each_ref().map(String::as_str));
}

/// 3.1.2b
#[test]
fn deploying_is_true_while_a_rollback_or_a_deploy_runs() {
    differs("`fetch(:deploying)` is nil in a rollback");
    let site = Site::new("after(\"deploy:reverted\", \"look\", || info(fetch(\"deploying\")));");
    site.deploy();
    site.deploy();
    has(&site.run(&["deploy:rollback"]).ok().messages("info").join(" "), "true");
}

/// 3.1.t1
#[test]
fn starting_checks_and_notes_what_was_live() {
    runs(
        "deploy:starting",
        &[
            "deploy:print_config_variables",
            "deploy:check",
            "deploy:set_previous_revision",
            "deploy:set_previous_revision_time",
        ],
    );
}

/// 3.1.t2
#[test]
fn check_looks_at_the_repository_folders_and_files() {
    let folders = ["directories", "linked_dirs", "make_linked_dirs", "linked_files"];
    let folders = folders.map(|name| format!("deploy:check:{name}"));
    runs("deploy:check", &[&["git:check"], &folders.each_ref().map(String::as_str)[..]].concat());
}

/// 3.1.t3
#[test]
fn updating_makes_the_release() {
    runs(
        "deploy:updating",
        &[
            "deploy:new_release_path",
            "git:create_release",
            "deploy:set_current_revision",
            "deploy:set_current_revision_time",
            "deploy:symlink:shared",
        ],
    );
}

/// 3.1.t4
#[test]
fn shared_links_files_and_then_folders() {
    runs("deploy:symlink:shared", &["deploy:symlink:linked_files", "deploy:symlink:linked_dirs"]);
}

/// 3.1.t5
#[test]
fn publishing_switches() {
    runs("deploy:publishing", &["deploy:symlink:release"]);
}

/// 3.1.t6
#[test]
fn finishing_cleans_up() {
    runs("deploy:finishing", &["deploy:cleanup"]);
}

/// 3.1.t7
#[test]
fn finished_writes_the_log() {
    runs("deploy:finished", &["deploy:log_revision"]);
}

/// 3.1.t8
#[test]
fn reverting_chooses_a_release() {
    let all = planned("deploy:reverting");
    assert!(
        all.contains(&"deploy:revert_release".to_owned()) && all.contains(&"deploy:rollback_release_path".to_owned())
    );
}

/// 3.1.t9
#[test]
fn finishing_rollback_packs_what_was_left() {
    runs("deploy:finishing_rollback", &["deploy:cleanup_rollback"]);
}

/// 3.1.t10
#[test]
fn restart_and_failed_are_there_to_hook_onto() {
    let list = Scene::with("").run(["-AT", "^deploy:(restart|failed)$"]).ok().out();
    assert_eq!(list, "windlass deploy:failed\nwindlass deploy:restart\n");
    assert!(!planned("deploy").contains(&"deploy:restart".to_owned()));
}

/// 3.1.t11
#[test]
fn started_updated_reverted_and_published_are_empty() {
    for name in ["started", "updated", "reverted", "published"] {
        assert_eq!(planned(&format!("deploy:{name}")), [format!("deploy:{name}")]);
    }
}

/// 3.1.4
#[test]
fn tasks_people_call_have_descriptions() {
    let list = Scene::with("").run(["-T", "^deploy"]).ok().out();
    for name in ["deploy ", "deploy:rollback ", "deploy:check ", "deploy:cleanup ", "deploy:symlink:shared "] {
        has(&list, &format!("windlass {name}"));
    }
    for name in ["restart", "failed", "new_release_path", "set_previous_revision"] {
        assert!(!list.contains(&format!("deploy:{name} ")), "{name}");
    }
}

/// 3.1.5
#[test]
fn git_is_asked_once_in_a_deploy() {
    differs("a deploy asks the git server twice: `ls-remote`, `remote update`");
    let order = "git:wrapper git:check deploy:check:directories deploy:check:linked_files deploy:set_previous_revision \
        deploy:started deploy:new_release_path git:clone git:update git:create_release git:set_current_revision \
        git:set_current_revision_time deploy:symlink:linked_files deploy:symlink:linked_dirs deploy:updated \
        deploy:symlink:release deploy:published deploy:cleanup deploy:log_revision";
    let site = Site::new("");
    let ran = site.run(&["deploy", "-n"]).ok();
    let mut begun: Vec<String> = ran.tasks();
    begun.retain(|name| order.split_whitespace().any(|wanted| wanted == name));
    assert_eq!(begun, order.split_whitespace().collect::<Vec<_>>());
    let lines = ran.lines("web1").join("\n");
    assert!(!lines.contains("ls-remote") && lines.matches(" fetch ").count() == 1, "{lines}");
}

/// 3.1.6
#[test]
fn hosts_without_a_release_are_left_alone_and_git_keeps_its_pace() {
    let scene = Scene::with("set(\"repo_url\", \"x\"); set(\"git_max_concurrent_connections\", 1);");
    let ran = scene.run(["--format", "json", "production", "deploy", "-n"]).ok();
    assert!(ran.lines("db1").is_empty() && !ran.lines("web1").is_empty() && !ran.lines("web2").is_empty());
}

/// 3.1.3
#[test]
fn every_task_of_capistrano_is_there_by_its_name() {
    let list = Scene::with("").run(["-AT"]).ok().out();
    let names = "default deploy deploy:check deploy:check:directories deploy:check:linked_dirs deploy:check:linked_files \
        deploy:check:make_linked_dirs deploy:cleanup deploy:cleanup_rollback deploy:failed deploy:finished deploy:finishing \
        deploy:finishing_rollback deploy:log_revision deploy:new_release_path deploy:print_config_variables \
        deploy:published deploy:publishing deploy:restart deploy:revert_release deploy:reverted deploy:reverting \
        deploy:rollback deploy:rollback_release_path deploy:set_current_revision deploy:set_current_revision_time \
        deploy:set_previous_revision deploy:set_previous_revision_time deploy:started deploy:starting \
        deploy:symlink:linked_dirs deploy:symlink:linked_files deploy:symlink:release deploy:symlink:shared deploy:updated \
        deploy:updating git:check git:clone git:create_release git:set_current_revision git:set_current_revision_time \
        git:update git:wrapper";
    for name in names.split_whitespace() {
        let line = list.lines().any(|line| line.split_whitespace().nth(1) == Some(name));
        assert!(line, "`{name}` is missing in:\n{list}");
    }
}

/// 3.1.7
#[test]
fn the_flow_without_its_steps_is_a_task_of_ones_own() {
    differs("`require \"capistrano/framework\"` alone");
    let recipe = "task(\"deploy\", || { invoke(\"a\"); invoke(\"b\"); }); task(\"a\", || info(\"a\")); task(\"b\", || info(\"b\"));";
    assert_eq!(Scene::with(recipe).said(["production", "deploy"]), ["a", "b"]);
}
