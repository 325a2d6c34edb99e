//! In which order the tasks of a deploy and the hooks around them run, and what they know.

use crate::support::fleet::Fleet;

/// Tasks of a git deploy in the order they act, as capistrano.md 3.1 gives it: each task, its prerequisites first.
const DEPLOY: &[&str] = &[
    "deploy",
    "deploy:starting",
    "lock:take",
    "git:wrapper",
    "git:check",
    "deploy:check",
    "deploy:check:directories",
    "deploy:check:linked_dirs",
    "deploy:check:make_linked_dirs",
    "deploy:check:linked_files",
    "deploy:set_previous_revision",
    "deploy:set_previous_revision_time",
    "deploy:started",
    "deploy:new_release_path",
    "git:clone",
    "git:update",
    "git:create_release",
    "deploy:updating",
    "git:set_current_revision",
    "deploy:set_current_revision",
    "git:set_current_revision_time",
    "deploy:set_current_revision_time",
    "deploy:symlink:shared",
    "deploy:symlink:linked_files",
    "deploy:symlink:linked_dirs",
    "deploy:updated",
    "deploy:publishing",
    "deploy:symlink:release",
    "deploy:published",
    "deploy:finishing",
    "deploy:cleanup",
    "deploy:finished",
    "deploy:log_revision",
];

const ROLLBACK: &[&str] = &[
    "deploy:rollback",
    "deploy:starting",
    "lock:take",
    "git:wrapper",
    "git:check",
    "deploy:check",
    "deploy:check:directories",
    "deploy:check:linked_dirs",
    "deploy:check:make_linked_dirs",
    "deploy:check:linked_files",
    "deploy:set_previous_revision",
    "deploy:set_previous_revision_time",
    "deploy:started",
    "deploy:reverting",
    "deploy:rollback_release_path",
    "deploy:revert_release",
    "deploy:reverted",
    "deploy:publishing",
    "deploy:symlink:release",
    "deploy:published",
    "deploy:finishing_rollback",
    "deploy:cleanup_rollback",
    "deploy:finished",
    "deploy:log_revision",
];

/// The phases, as a recipe hooks them.
const PHASES: &[&str] = &[
    "starting",
    "started",
    "updating",
    "updated",
    "reverting",
    "reverted",
    "publishing",
    "published",
    "finishing",
    "finishing_rollback",
    "finished",
];

fn hooks_around_all() -> String {
    let hook = |name: &&str| {
        format!(
            "task(\"before_{name}\", || info(\"before {name}\"));\nbefore(\"deploy:{name}\", \"before_{name}\");\n\
             task(\"after_{name}\", || info(\"after {name}\"));\nafter(\"deploy:{name}\", \"after_{name}\");\n"
        )
    };
    PHASES.iter().map(hook).collect()
}

fn around(phases: &[&str]) -> Vec<String> {
    phases.iter().flat_map(|phase| [format!("before {phase}"), format!("after {phase}")]).collect()
}

#[test]
fn tasks_act_in_the_documented_order() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    assert_eq!(fleet.json(&["deploy"]).ok().tasks(), DEPLOY);
    fleet.deploy();
    assert_eq!(fleet.json(&["deploy:rollback"]).ok().tasks(), ROLLBACK);
}

#[test]
fn hooks_of_every_phase_run_around_it() {
    let Some(fleet) = Fleet::start(1, &hooks_around_all()) else { return };
    let said = |task: &str| -> Vec<String> {
        let messages = fleet.json(&[task]).ok().messages("info");
        messages.into_iter().filter(|text| text.starts_with("before ") || text.starts_with("after ")).collect()
    };
    let deploy =
        around(&["starting", "started", "updating", "updated", "publishing", "published", "finishing", "finished"]);
    assert_eq!(said("deploy"), deploy);
    assert_eq!(said("deploy"), deploy);
    let rollback = around(&[
        "starting",
        "started",
        "reverting",
        "reverted",
        "publishing",
        "published",
        "finishing_rollback",
        "finished",
    ]);
    assert_eq!(said("deploy:rollback"), rollback);
}

/// `deploy:log_revision` belongs to `finished`, so its hook comes before what is hooked after `finished`.
#[test]
fn hooks_know_what_they_should() {
    let recipe = r#"
        fn show(when) {
            let known = ["release_timestamp", "previous_revision", "current_revision",
                "current_revision_time", "deploying", "stage", "branch", "rollback_timestamp"];
            for name in known { info(`${when} ${name}=${fetch(name, "-")}`); }
            on(roles("app"), |host| info(`${when} release_path=${release_path()}`));
        }
        task("see:start", || show("started"));
        task("see:commit", || {
            show("commit");
            on(roles("app"), |host| info(`commit on host: ${fetch("current_revision")} ${fetch("current_revision_time")}`));
        });
        task("see:update", || show("updated"));
        task("see:end", || show("finished"));
        after("deploy:started", "see:start");
        after("deploy:set_current_revision_time", "see:commit");
        after("deploy:updated", "see:update");
        after("deploy:finished", "see:end");
    "#;
    let Some(fleet) = Fleet::start(1, recipe) else { return };
    let one = fleet.repository.git(&["rev-parse", "HEAD"]);
    let first = fleet.deploy();
    let two = fleet.repository.commit("app.sh", "echo 2\n");
    let time = fleet.repository.time(&two);
    let said = fleet.json(&["deploy"]).ok().messages("info");
    let second = fleet.current("web1");
    let value = |when: &str, name: &str| {
        let prefix = format!("{when} {name}=");
        said.iter().find_map(|text| text.strip_prefix(&prefix)).unwrap_or("nothing").to_owned()
    };
    assert_eq!(value("started", "release_timestamp"), "-");
    assert_eq!(value("started", "previous_revision"), one);
    assert_eq!(value("started", "current_revision"), "-");
    assert_eq!(value("started", "deploying"), "true");
    assert!(said.contains(&format!("commit on host: {two} {time}")), "{said:?}");
    for when in ["commit", "updated", "finished"] {
        assert_eq!(value(when, "release_timestamp"), second);
        assert_eq!(
            value(when, "release_path"),
            fleet.path("web1", &format!("releases/{second}")).display().to_string()
        );
        assert_eq!(value(when, "previous_revision"), one);
        assert_eq!(value(when, "current_revision"), two);
        assert_eq!(value(when, "current_revision_time"), time);
        assert_eq!(value(when, "stage"), "production");
        assert_eq!(value(when, "branch"), "main");
    }
    let said = fleet.json(&["deploy:rollback"]).ok().messages("info");
    assert!(said.contains(&format!("finished release_timestamp={first}")), "{said:?}");
    assert!(said.contains(&format!("finished rollback_timestamp={first}")), "{said:?}");
    assert!(said.contains(&format!("finished previous_revision={two}")), "{said:?}");
}

#[test]
fn hooks_work_in_the_release_before_it_is_current() {
    let recipe = r#"
        task("build", || on(release_roles("app"), |host| {
            within(release_path(), || execute("sh", "-c", "cat app.sh > built"));
            execute("test", "!", "-e", current_path());
        }));
        after("deploy:updated", "build");
        task("reload", || on(roles("app"), |host| {
            within(current_path(), || info(`running ${capture("cat", "built")}`));
        }));
        after("deploy:published", "reload");
    "#;
    let Some(fleet) = Fleet::start(2, recipe) else { return };
    let ran = fleet.json(&["deploy"]).ok();
    assert_eq!(ran.messages("info").iter().filter(|text| *text == "running echo version 1").count(), 2);
    assert_eq!(fleet.read("web2", "current/built"), "echo version 1\n");
}
