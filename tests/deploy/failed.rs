//! Deploys that fail: who is told, and what is left as it was.

use std::fs;

use crate::support::fleet::Fleet;

const FAILED_HOOK: &str = r#"
    task("page", || info(`paged about ${fetch("release_timestamp", "no release")}`));
    after("deploy:failed", "page");
"#;

#[test]
fn a_failing_hook_leaves_the_old_release_and_calls_deploy_failed() {
    let Some(fleet) = Fleet::start(2, FAILED_HOOK) else { return };
    let first = fleet.deploy();
    fleet.add_to_recipe(
        "\ntask(\"test_it\", || on(roles(\"app\"), |host| execute(\"sh\", \"-c\", \"echo no luck >&2; exit 3\")));\n\
         after(\"deploy:updated\", \"test_it\");\n",
    );
    let ran = fleet.json(&["deploy"]).fails(1);
    for host in ["web1", "web2"] {
        assert_eq!(fleet.current(host), first);
    }
    let begun = fleet.releases("web1").pop().unwrap();
    assert!(ran.messages("info").contains(&format!("paged about {begun}")), "{:?}", ran.messages("info"));
    let failure = ran.failure();
    assert_eq!(failure["message"], "2 of 2 hosts failed");
    let trace = failure["trace"].to_string();
    for task in ["task `deploy`", "task `deploy:updated`", "task `test_it`"] {
        assert!(trace.contains(task), "{task} in {trace}");
    }
    assert_eq!(failure["causes"].as_array().unwrap().len(), 2, "every failed host is told");
    for cause in failure["causes"].as_array().unwrap() {
        assert_eq!(cause["command"]["status"], 3);
        assert_eq!(cause["command"]["stderr"], "no luck\n");
    }
    let fleet_event = ran.all("fleet").pop().unwrap();
    assert_eq!(fleet_event["mixed"], false);
    for host in fleet_event["hosts"].as_array().unwrap() {
        assert_eq!(
            (&host["before"], &host["now"], &host["switched"]),
            (&first.clone().into(), &first.clone().into(), &false.into())
        );
    }
}

#[test]
fn one_host_of_three_fails_after_the_switch_began() {
    let Some(fleet) = Fleet::start(3, FAILED_HOOK) else { return };
    let first = fleet.deploy();
    // `current` cannot be replaced where a folder appears in its place.
    fleet.add_to_recipe(
        "\nbefore(\"deploy:symlink:release\", \"oops\");\n\
         task(\"oops\", || on(roles(\"all\"), |host| if env(\"OOPS\") == host.name {\n\
             execute(\"rm\", current_path());\n\
             execute(\"mkdir\", current_path());\n\
             write_file(current_path(\"precious\"), \"keep\");\n\
         }));\n",
    );
    let ran = fleet.json(&["deploy", "OOPS=web2"]).fails(5);
    let second = fleet.current("web1");
    assert!(second > first);
    assert_eq!(fleet.current("web3"), second, "the others finish");
    assert_eq!(fleet.read("web2", "current/precious"), "keep");
    let event = ran.all("fleet").pop().unwrap();
    assert_eq!(event["mixed"], true);
    let state = |name: &str| {
        let label = fleet.label(name);
        event["hosts"].as_array().unwrap().iter().find(|host| host["host"] == label.as_str()).unwrap().clone()
    };
    assert_eq!(state("web1")["now"], second.as_str());
    assert_eq!(state("web2")["switched"], false);
    assert!(state("web2")["reason"].is_string(), "{}", state("web2"));
    assert_eq!(ran.messages("info").iter().filter(|text| text.starts_with("paged")).count(), 1);
    assert!(!fleet.path("web2", &format!("current.{second}")).is_symlink(), "no half-made link is left");
    // When the reason has gone, the next deploy brings them together again.
    fs::remove_dir_all(fleet.path("web2", "current")).unwrap();
    fleet.deploy();
    assert_eq!(fleet.current("web1"), fleet.current("web2"));
}

#[test]
fn a_rollback_that_fails_calls_deploy_failed_as_well() {
    let Some(fleet) = Fleet::start(1, FAILED_HOOK) else { return };
    fleet.deploy();
    let second = fleet.deploy();
    fleet.add_to_recipe("\ntask(\"no\", || fail(\"not today\"));\nafter(\"deploy:reverted\", \"no\");\n");
    let ran = fleet.json(&["deploy:rollback"]).fails(1);
    assert_eq!(fleet.current("web1"), second);
    assert_eq!(ran.messages("info").iter().filter(|text| text.starts_with("paged")).count(), 1);
    assert_eq!(ran.failure()["message"], "not today");
    let trace = ran.failure()["trace"].to_string();
    for task in ["task `deploy:rollback`", "task `deploy:reverted`", "task `no`"] {
        assert!(trace.contains(task), "{task} in {trace}");
    }
}

#[test]
fn a_failing_deploy_failed_hook_does_not_hide_the_first_failure() {
    let recipe = "task(\"bad\", || fail(\"the pager is broken\"));\nafter(\"deploy:failed\", \"bad\");\n\
                  task(\"first\", || fail(\"the real reason\"));\nafter(\"deploy:started\", \"first\");";
    let Some(fleet) = Fleet::start(1, recipe) else { return };
    let ran = fleet.json(&["deploy"]).fails(1);
    assert_eq!(ran.failure()["message"], "the real reason");
    let errors = ran.messages("error").join("\n");
    assert!(errors.contains("the pager is broken"), "{errors}");
}

#[test]
fn other_tasks_do_not_call_deploy_failed() {
    let Some(fleet) = Fleet::start(1, FAILED_HOOK) else { return };
    fleet.add_to_recipe("\ntask(\"alone\", || on(roles(\"app\"), |host| execute(\"false\")));\n");
    let ran = fleet.json(&["alone"]).fails(1);
    assert!(ran.messages("info").iter().all(|text| !text.starts_with("paged")));
}

#[test]
fn a_command_killed_by_a_signal_is_a_failure() {
    let Some(fleet) = Fleet::start(1, FAILED_HOOK) else { return };
    let first = fleet.deploy();
    fleet.add_to_recipe(
        "\ntask(\"killed\", || on(roles(\"app\"), |host| execute(\"kill -KILL $$\")));\nafter(\"deploy:updated\", \"killed\");\n",
    );
    let ran = fleet.json(&["deploy"]).fails(1);
    assert_eq!(fleet.current("web1"), first);
    assert_eq!(ran.messages("info").iter().filter(|text| text.starts_with("paged")).count(), 1);
}

#[test]
fn a_release_folder_that_is_there_already_is_not_written_into() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    fleet.add_to_recipe(
        "\ntask(\"early\", || on(roles(\"app\"), |host| execute(\"mkdir\", \"-p\", releases_path(now()))));\n\
         after(\"deploy:started\", \"early\");\n",
    );
    let ran = fleet.json(&["deploy"]).fails(1);
    assert!(ran.failure().to_string().contains("File exists"), "{}", ran.failure());
    assert!(!fleet.path("web1", "current").is_symlink());
}

/// A deploy that fails before its code is there has no commit yet, and a hook that tells of it must not fail over that.
#[test]
fn a_hook_of_failed_may_ask_for_the_commit() {
    let recipe = r#"
        set("branch", "nosuch");
        task("sad", || info(`failed at ${fetch("current_revision") ?? "no commit"}`));
        after("deploy:failed", "sad");
    "#;
    let Some(fleet) = Fleet::start(1, recipe) else { return };
    let ran = fleet.json(&["deploy"]).fails(1);
    assert!(ran.messages("info").contains(&"failed at no commit".to_owned()), "{:?}", ran.messages("info"));
    assert!(ran.failure().to_string().contains("not a valid object name"), "{}", ran.failure());
}
