//! Chapters 2.7.2 to 2.7.5: blocks around commands, the command map, failures, and programs that ask.

use crate::capistrano::rows::{differs, failed, has, lines, on_db, recipe_refused, said_by};
use crate::support::scene::Scene;

/// 2.7.2a
#[test]
fn an_absolute_folder_replaces_the_one_around_it() {
    differs("`within \"/a\"` inside `within \"/b\"` is `/b/a`");
    let calls = "within(\"/usr\", || { within(\"bin\", || info(capture(\"pwd -L\"))); within(\"/tmp\", || info(capture(\"pwd\"))); });";
    assert_eq!(on_db(calls), ["/usr/bin", "/tmp"]);
}

/// 2.7.2b
#[test]
fn a_folder_that_is_missing_fails_the_command() {
    has(&failed("on(roles(\"db\"), |host| within(\"/nosuch\", || execute(\"ls\")));"), "/nosuch");
}

/// 2.7.2c
#[test]
fn variables_add_up_and_the_inner_one_wins() {
    let calls = "with(#{ a: 1, b: 1 }, || with(#{ b: 2, c: () }, || info(capture(\"echo $A $B ${C+set}\"))));";
    assert_eq!(on_db(calls), ["1 2 set"]);
}

/// 2.7.2c2
#[test]
fn names_in_lower_case_are_raised() {
    differs("`with(rails_env: …)` raises symbols, keeps strings");
    let calls =
        "with(#{ rails_env: 1, http_proxy: 2, Mixed: 3 }, || info(capture(\"echo $RAILS_ENV $http_proxy $Mixed\")));";
    assert_eq!(on_db(calls), ["1 2 3"]);
}

/// 2.7.2d
#[test]
fn a_user_nobody_may_become_fails_the_command() {
    differs("`as` looks first whether `sudo` lets it, and says to look at the sudoers file");
    let error = failed("on(roles(\"db\"), |host| as_user(\"nosuchuser\", || execute(\"ls\")));");
    has(&error, "there is no user `nosuchuser` on db1");
}

/// 2.7.2e
#[test]
fn the_inner_user_replaces_the_outer_one_and_comes_back() {
    let calls = "as_user(\"nobody\", || { as_user(\"root\", || execute(\"id\")); execute(\"id\"); });";
    let lines = lines(calls);
    assert!(lines[0].contains("root") && !lines[0].contains("nobody") && lines[1].contains("nobody"), "{lines:?}");
}

/// 2.7.2e2
#[test]
fn as_is_a_word_of_the_language() {
    differs("`as \"deploy\" do`");
    has(&recipe_refused("task(\"t\", || as(\"root\", || execute(\"true\")));"), "write `as_user(\"name\", || { … })`");
}

/// 2.7.2f
#[test]
fn files_are_written_as_the_user_of_the_block() {
    differs("`as` does not count for `upload!` and `download!`");
    let body = "on(roles(\"db\"), |host| as_user(\"nobody\", || write_file(\"/tmp/x\", \"text\")));";
    let ran = Scene::task(body).run(["production", "t", "-n", "--json"]).ok();
    assert_eq!(ran.all("command_started")[0]["user"], "nobody");
}

/// 2.7.2g
#[test]
fn umask_is_a_block() {
    assert_eq!(on_db("umask(\"027\", || info(capture(\"umask\")));"), ["0027"]);
}

/// 2.7.2h
#[test]
fn umask_and_environment_of_all_commands_are_settings() {
    differs("`SSHKit.config.umask = \"027\"`, `SSHKit.config.default_env`");
    let recipe = "set(\"umask\", \"027\"); set(\"default_env\", #{ a: 1 });
        task(\"t\", || on(roles(\"db\"), |host| info(capture(\"umask; echo $A\"))));";
    assert_eq!(said_by(recipe), ["0027\n1"]);
}

/// 2.7.3a
#[test]
fn another_program_takes_the_place_of_one() {
    differs("`SSHKit.config.command_map[:rake] = \"bundle exec rake\"`");
    let calls = "command_map(\"hi\", \"echo a\"); info(capture(\"hi\", \"b\")); info(capture(\"hi | cat\"));
        command_map(\"hi\", || \"echo c\"); info(capture(\"hi\")); command_map(\"hi\", ());";
    assert_eq!(on_db(calls), ["a b", "a", "c"]);
}

/// 2.7.3b
#[test]
fn words_stand_in_front_of_a_program() {
    differs("`command_map.prefix[:rake].push \"x\"`, `.unshift \"x\"`");
    let calls = "command_prefix(\"hi\", \"echo b\"); command_map(\"hi\", \"hey\"); command_prefix(\"hi\", \"time\", #{ first: true });
        execute(\"hi\", 1);";
    assert_eq!(lines(calls), ["'time' echo b hey 1"]);
}

/// 2.7.4a
#[test]
fn a_failure_has_status_and_output() {
    let error = failed("on(roles(\"db\"), |host| execute(\"echo out; echo err >&2; exit 3\"));");
    for part in ["exit status 3", "out", "err"] {
        has(&error, part);
    }
}

/// 2.7.4b
#[test]
fn a_status_of_this_machine_is_the_status() {
    differs("`run_locally` tells status 1 as 256");
    has(&failed("run_locally(|| execute(\"sh\", \"-c\", \"exit 3\"));"), "ended with status 3");
}

/// 2.7.4c
#[test]
fn a_signal_is_a_failure() {
    differs("a command killed by a signal counts as success");
    has(&failed("on(roles(\"db\"), |host| execute(\"kill -9 $$\"));"), "ended by signal KILL");
}

/// 2.7.4d
#[test]
fn a_host_that_cannot_be_reached_is_told_with_the_reason() {
    let stage = "server(\"127.0.0.1:9\", #{ roles: [\"x\"] });";
    let scene = Scene::task("on(roles(\"x\"), |host| execute(\"true\"));").stage("production", stage);
    let error = scene.run(["production", "t"]).fails(3).err();
    has(&error, "nothing listens on `127.0.0.1` port 9");
}

/// 2.7.4e
#[test]
fn a_command_may_have_a_limit() {
    differs("no command has a time-out, and a connection that fails before the login is not tried again");
    let error = failed("on(roles(\"db\"), |host| execute(\"sleep\", 60, #{ timeout: 1 }));");
    has(&error, "took longer than 1 s, the limit of its own `timeout`");
}

/// 2.7.5a
#[test]
fn prompts_are_answered_by_text_by_pattern_and_by_closure() {
    differs("`interaction_handler: { \"Password:\" => \"x\" }`");
    for answer in [r#""Go on?": "yes\n""#, r#""/Go .*\\?/": "yes""#, r#""Go on?": |line| line.split(" ")[0]"#] {
        let said = on_db(&format!(
            r#"info(capture("printf 'Go on? '; read answer; printf '<%s' $answer", #{{ answer: #{{ {answer} }} }}).split("<")[1]);"#
        ));
        assert_eq!(said, [if answer.contains("split") { "Go" } else { "yes" }], "{answer}");
    }
}

/// 2.7.5b
#[test]
fn a_program_that_finds_no_answer_does_not_wait_for_one() {
    differs("an interaction handler without an answer logs that it has none, and the program waits");
    failed("on(roles(\"db\"), |host| execute(\"read answer\"));");
    let error = failed(
        "on(roles(\"db\"), |host| execute(\"printf Password:; read a\", #{ answer: #{ \"x:\": \"y\" }, idle_timeout: 1 }));",
    );
    has(&error, "it asks for a password");
}
