//! Time-outs: what takes too long is ended, says which limit it was, and leaves nothing behind.

use std::time::Duration;

use crate::faults::app::App;
use crate::faults::running::{gone, marked};
use crate::support::fleet::Fleet;
use crate::support::ran::Ran;
use crate::support::scene::Scene;

/// A watchdog waits a second between TERM and KILL.
const SOON: Duration = Duration::from_secs(10);

/// Runs a task of this body, inside `on` and with a mark, on a host over ssh and on this machine. Gives how each ended,
/// and asserts that nothing of it is left.
fn everywhere(settings: &str, body: &str, args: &[&str]) -> Vec<Ran> {
    let recipe = |role: &str, mark: &str| {
        format!(
            "{settings}\ntask(\"t\", || on(roles(\"{role}\"), |host| with(#{{ MARK: {mark:?} }}, || {{\n{body}\n}})));\n"
        )
    };
    let scene = Scene::new();
    let mark = scene.top().display().to_string();
    let scene = scene.file("config/deploy.rhai", recipe("db", &mark));
    let scene = scene.stage("production", "server(\"db1\", #{ transport: \"local\", roles: [\"db\"] });");
    let mut ended = vec![scene.run([&["--format", "json", "production", "t"], args].concat())];
    gone(SOON, || marked(&mark));
    if let Some(fleet) = Fleet::start(1, "") {
        let mark = fleet.scene.top().display().to_string();
        fleet.add_to_recipe(&recipe("app", &mark));
        ended.push(fleet.json(&[&["t"], args].concat()));
        gone(SOON, || marked(&mark));
    }
    ended
}

#[test]
fn a_command_that_takes_too_long_is_ended_with_its_children() {
    let body = "execute(\"echo begun; sleep 1000 & sleep 1000\");";
    for ran in everywhere("set(\"command_timeout\", 1);", body, &[]) {
        let error = ran.fails(1).failure();
        assert_eq!(error["kind"], "timeout");
        assert_eq!(
            error["message"],
            "`echo begun; sleep 1000 & sleep 1000` took longer than 1 s, the limit of the setting `command_timeout`"
        );
        assert_eq!(
            error["help"][0],
            "give it more time with `set(\"command_timeout\", 3)` or `--command-timeout 3`, or this command alone, \
             `#{ timeout: 3 }` at its end"
        );
        assert_eq!(error["notes"][0], "its whole process group on the host was told to end");
        assert!(error["host"].is_string() && error["place"].is_string(), "{error}");
        assert_eq!(error["command"]["stdout"], "begun\n");
    }
}

#[test]
fn who_ignores_term_is_killed() {
    let body = "execute(\"trap '' TERM; sleep 1000; sleep 1000\", #{ timeout: \"1s\" });";
    for ran in everywhere("", body, &[]) {
        let error = ran.fails(1).failure();
        assert!(error["message"].as_str().unwrap().ends_with("took longer than 1 s, the limit of its own `timeout`"));
    }
}

#[test]
fn a_command_that_prints_nothing_for_too_long_is_ended() {
    let body = "execute(\"sh\", \"-c\", \"for i in 1 2 3 4 5 6; do echo $i; sleep 0.4; done; sleep 1000\");";
    for ran in everywhere("", body, &["--idle-timeout", "1.5"]) {
        let ran = ran.fails(1);
        let error = ran.failure();
        assert_eq!(error["kind"], "timeout");
        let message = error["message"].as_str().unwrap();
        assert!(message.ends_with("printed nothing for 1.5 s, the limit of `--idle-timeout`"), "{message}");
        assert_eq!(error["command"]["stdout"], "1\n2\n3\n4\n5\n6\n", "output puts the limit off");
    }
}

#[test]
fn a_recipe_can_catch_it_and_go_on_with_the_host() {
    let body = r#"
        try { execute("sleep", "1000", #{ idle_timeout: 1 }); }
        catch (e) { info(`${e.kind}, ${e.command.contains("sleep 1000")}, ${type_of(e.status)}`); }
        for command in [|| test("sleep 1000", #{ timeout: 1 }), || run("sleep 1000", #{ timeout: 1 }),
                        || capture("sleep 1000", #{ timeout: 1 })] {
            try { command.call(); info("went on"); } catch (e) { info(e.kind); }
        }
        info(capture("echo", "alive"));
    "#;
    for ran in everywhere("", body, &[]) {
        assert_eq!(ran.ok().messages("info"), ["timeout, true, ()", "timeout", "timeout", "timeout", "alive"]);
    }
}

#[test]
fn the_nearest_limit_counts_and_0_takes_it_away() {
    let body = "execute(\"sleep 1.2\", #{ timeout: 60 }); execute(\"sleep 1.2\", #{ timeout: 0 });";
    for ran in everywhere("set(\"command_timeout\", 1);", body, &["--command-timeout", "1"]) {
        ran.ok();
    }
    for ran in everywhere("set(\"command_timeout\", 1);", "execute(\"sleep 1.2\");", &["--command-timeout", "0"]) {
        ran.ok();
    }
}

/// Three times 0.6 s are longer than a second, and no command is. The limit that is reached is the fourth one's.
#[test]
fn in_a_batch_each_command_has_the_whole_time() {
    let body = "batch(|| { execute(\"sleep 0.6\"); execute(\"sleep 0.6\"); execute(\"sleep 0.6\");\n\
                execute(\"sleep 1000\");\nexecute(\"touch never\"); });";
    for ran in everywhere("", body, &["--command-timeout", "1"]) {
        let ran = ran.fails(1);
        let error = ran.failure();
        assert_eq!(error["message"], "`sleep 1000` took longer than 1 s, the limit of `--command-timeout`");
        assert!(error["place"].as_str().unwrap().starts_with("config/deploy.rhai:"), "{error}");
        assert_eq!(ran.all("command_started").len(), 4);
        assert_eq!(ran.all("command_finished").len(), 4);
    }
}

/// A shield lets commands come to their end, however long they take: the limit of one does not count for the others, as
/// whatever user they run.
#[test]
fn what_is_shielded_is_waited_for_and_the_limit_is_told() {
    let body = "shield(|| batch(|| {
        execute(\"sleep 1.5; echo first\", #{ timeout: 1 });
        execute(\"sleep 0.1; echo second\");
        as_user(\"nobody\", || execute(\"echo third\"));
    }));";
    for ran in everywhere("", body, &[]) {
        let ran = ran.ok();
        let lines: Vec<_> = ran.all("command_output").iter().map(|event| event["line"].clone()).collect();
        assert_eq!(lines, ["first", "second", "third"]);
        let told = "`sleep 1.5; echo first` took longer than 1 s, the limit of its own `timeout`: it is in `shield`, so it \
                    is waited for";
        assert_eq!(ran.messages("warn"), [told]);
    }
}

/// A run that is ended in the middle of what must not be left half done brings it to its end, as every user.
#[test]
fn a_run_limit_leaves_nothing_half_done_that_is_shielded() {
    let body = "shield(|| batch(|| {
        execute(\"sleep 2; echo first\");
        as_user(\"nobody\", || execute(\"echo second\"));
    }));
    execute(\"echo never\");";
    for ran in everywhere("", body, &["--run-timeout", "1"]) {
        let ran = ran.fails(1);
        let lines: Vec<_> = ran.all("command_output").iter().map(|event| event["line"].clone()).collect();
        assert_eq!(lines, ["first", "second"]);
    }
}

#[test]
fn a_run_that_takes_too_long_ends_as_on_ctrl_c_and_has_failed() {
    let app = App::new(
        "set(\"run_timeout\", || \"2s\");\nafter(\"deploy:started\", \"hang\");\n\
         task(\"hang\", || on(roles(\"app\"), |host| with(#{ MARK: fetch(\"mark\") }, || execute(\"sleep\", \"1000\"))));\n\
         task(\"note\", || on(roles(\"app\"), |host| execute(\"touch\", deploy_to(\"failed\"))));\n\
         after(\"deploy:failed\", \"note\");\nset(\"mark\", env(\"MARK_OF_RUN\"));",
    );
    let mark = app.scene.top().display().to_string();
    let ran = app.run(&["deploy", &format!("MARK_OF_RUN={mark}")]).fails(1);
    gone(SOON, || marked(&mark));
    assert_eq!(ran.error(), "the run took longer than 2 s, the limit of the setting `run_timeout`");
    assert!(ran.stderr.contains("`set(\"run_timeout\", 6)` or `--run-timeout 6`"), "{}", ran.stderr);
    assert!(ran.stdout.contains("ending what runs on the hosts"), "{}", ran.stdout);
    assert!(ran.stdout.contains("the deploy has failed: the run took longer"), "{}", ran.stdout);
    for host in ["web1", "web2", "web3"] {
        assert!(app.path(host, "failed").exists(), "the hooks of deploy:failed ran on {host}");
        assert_eq!(app.names(host, "releases"), [""; 0], "{host}");
    }
}

/// The time of the run is over when it has failed: what is done then has a limit of its own, and no other is told.
#[test]
fn hooks_of_a_failed_deploy_have_a_limit_of_their_own() {
    let scene = || {
        Scene::with(
            "task(\"deploy\", || { set(\"deploying\", true); fail(\"no\"); });
             task(\"deploy:failed\", || on(roles(\"db\"), |host| execute(\"sleep\", env(\"SLEEP\"))));",
        )
    };
    let args = ["--format", "json", "production", "deploy", "--run-timeout", "1"];
    let ran = scene().run(args.iter().chain(&["SLEEP=2"])).fails(1);
    assert_eq!(ran.all("command_finished")[0]["ok"], true);
    assert!(ran.messages("warn").is_empty(), "{}", ran.stdout);
    let scene = scene().env("WINDLASS_AFTER_FAILURE", "1");
    let ran = scene.run(args.iter().chain(&["SLEEP=1000"])).fails(1);
    let told = "the hooks of deploy:failed took longer than 1 s: ending what runs on the hosts";
    assert_eq!(ran.messages("error"), ["the deploy has failed: no", told]);
    assert_eq!(ran.failure()["message"], "no");
}

#[test]
fn a_run_limit_stops_recipe_code_too_and_the_command_line_counts() {
    let scene = Scene::with("set(\"run_timeout\", \"1h\");\ntask(\"t\", || { try { loop {} } catch (e) { } });");
    let ran = scene.run(["production", "t", "--run-timeout", "1"]).fails(1);
    assert_eq!(ran.error(), "the run took longer than 1 s, the limit of `--run-timeout`");
}

/// What comes behind such a run must not begin: it was to be ended, and is not one that went as asked.
#[test]
fn a_run_that_is_done_only_after_its_limit_has_failed() {
    for end in ["", " exit();"] {
        let step = "on(roles(\"db\"), |host| shield(|| execute(\"sleep 2; echo done\")));";
        let ran = Scene::task(&format!("{step}{end}")).run(["production", "t", "--run-timeout", "1"]).fails(1);
        assert_eq!(ran.error(), "the run took longer than 1 s, the limit of `--run-timeout`");
        assert!(ran.stderr.contains("everything was done before it could be stopped"), "{}", ran.stderr);
        assert!(ran.stdout.contains("db1: done"), "{}", ran.stdout);
    }
}

#[test]
fn the_error_as_it_is_shown() {
    let body = "on(roles(\"db\"), |host| {\n    execute(\"printf 'Continue? [y/N] '; sleep 1000\", #{ idle_timeout: 1 });\n});";
    crate::errors::catalogue::task_shows("time_out", body);
}
