//! Chapter 2.7: the functions that run commands, and their options.

use crate::capistrano::rows::{differs, failed, has, no_function, on_db, refused, said};
use crate::support::scene::Scene;

/// 2.7.ex
#[test]
fn execute_raises_and_has_no_value() {
    differs("`execute` gives true");
    assert_eq!(on_db("info(type_of(execute(\"true\")));"), ["()"]);
    has(&failed("on(roles(\"db\"), |host| execute(\"false\"));"), "`false` ended with status 1");
}

/// 2.7.test
#[test]
fn test_says_yes_or_no() {
    assert_eq!(on_db("info(test(\"true\")); info(test(\"[ -f /nosuch ]\"));"), ["true", "false"]);
}

/// 2.7.cap
#[test]
fn capture_gives_what_was_printed_without_white_space_around_it() {
    let calls = "info(capture(\"echo ' a b '; echo no >&2\")); info(capture(\"echo ' a'\", #{ strip: false }).len);";
    assert_eq!(on_db(calls), ["a b", "3"]);
    failed("on(roles(\"db\"), |host| capture(\"false\"));");
}

/// 2.7.bg
#[test]
fn nothing_is_run_in_the_background() {
    differs("`background :sleep, 5`, `run_in_background: true`");
    no_function("background(\"sleep\")", "start a service instead");
}

/// 2.7.mk
#[test]
fn programs_are_called_by_execute() {
    differs("`make`, `rake`, `runner`");
    no_function("make(\"all\")", "write `execute(\"make\", …)`");
    no_function("rake(\"db:migrate\")", "write `execute(\"rake\", …)`");
}

/// 2.7.red
#[test]
fn a_secret_is_redacted_everywhere() {
    differs("`redact(x)` hides one argument");
    no_function("redact(\"x\")", "keep the text from showing anywhere: `secret(text)`");
    let ran =
        Scene::task("on(roles(\"db\"), |host| execute(\"echo\", secret(\"hunter2\")));").run(["production", "t"]).ok();
    assert!(!ran.stdout.contains("hunter2") && ran.stdout.contains("[secret]"), "{}", ran.stdout);
}

/// 2.7.log
#[test]
fn messages_have_four_levels() {
    let ran = Scene::task("debug(1); info(2); warn(3); error(4);").run(["--format", "json", "production", "t"]).ok();
    let levels = ["debug", "info", "warn", "error"].map(|level| ran.messages(level).concat());
    assert_eq!(levels, ["1", "2", "3", "4"]);
}

/// 2.7.log2
#[test]
fn fatal_and_log_are_answered() {
    differs("`fatal`, `log`");
    no_function("fatal(\"x\")", "say it with `error(\"…\")`");
    no_function("log(\"x\")", "print a line with `info(\"…\")`");
}

/// 2.7.o1
#[test]
fn a_command_can_be_moved_to_another_level() {
    let shown = |level: &str| {
        let body = format!("on(roles(\"db\"), |host| execute(\"true\", #{{ verbosity: \"{level}\" }}));");
        Scene::task(&body).run(["production", "t"]).ok().stdout.contains("$ true")
    };
    assert!(shown("info") && !shown("debug"));
}

/// 2.7.o2
#[test]
fn so_can_commands_that_look_and_transfers() {
    differs("`verbosity: 1`, `verbosity: :fatal`");
    let body = "on(roles(\"db\"), |host| { capture(\"mkdir -p \" + deploy_to(), #{ verbosity: \"info\" });
        within(deploy_to(), || upload(\"config/deploy.rhai\", \"there\", #{ verbosity: \"debug\" })); });";
    let out = Scene::task(body).run(["production", "t"]).ok().stdout;
    assert!(out.contains("$ mkdir") && !out.contains("upload"), "{out}");
    has(&refused("on(roles(\"db\"), |host| execute(\"true\", #{ verbosity: 1 }));"), "`1` is not a verbosity");
}

/// 2.7.o3
#[test]
fn a_failure_that_shall_not_raise_is_false() {
    differs("`raise_on_non_zero_exit: false`");
    assert_eq!(on_db("info(execute(\"false\", #{ raise: false })); info(run(\"false\").status);"), ["false", "1"]);
}

/// 2.7.o6
#[test]
fn a_map_at_the_end_is_options_and_a_wrong_one_is_told() {
    has(
        &refused("on(roles(\"db\"), |host| execute(\"ls\", #{ verbosty: \"info\" }));"),
        "`execute` has no option `verbosty`",
    );
}

/// 2.7.o7
#[test]
fn surroundings_are_blocks_and_no_options() {
    differs("`execute :ls, in: \"/x\"`, `env:`, `user:`, `host:` do nothing");
    has(&refused("on(roles(\"db\"), |host| execute(\"ls\", #{ env: #{ a: 1 } }));"), "`execute` has no option `env`");
}

/// 2.7.names
#[test]
fn names_have_no_signs_at_their_end() {
    differs("`upload!`, `invoke!`, `any?`");
    assert_eq!(said("info(any(\"none\"));"), ["false"]);
}

/// 2.7.o4
#[test]
fn answers_stand_in_an_option_of_another_name() {
    differs("`interaction_handler: { \"Password:\" => \"x\" }`");
    has(
        &refused("on(roles(\"db\"), |host| execute(\"ls\", #{ interaction_handler: 1 }));"),
        "`execute` has no option `interaction_handler`",
    );
    has(&refused("on(roles(\"db\"), |host| execute(\"ls\", #{ interaction_handler: 1 }));"), "`answer: #{");
}

/// 2.7.o5
#[test]
fn there_is_no_option_for_the_background() {
    differs("`background :sleep, 5`, `run_in_background: true`");
    has(&refused("on(roles(\"db\"), |host| execute(\"ls\", #{ run_in_background: true }));"), "has no option");
}
