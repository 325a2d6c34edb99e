//! `within`, `with`, `as_user`, `umask` and `default_env`, nested, and what they make of a command line.

use crate::support::scene::Scene;
use crate::support::skip::skip;

/// The command lines of a block on one host.
fn lines(block: &str) -> Vec<String> {
    Scene::task(&format!("on(roles(\"db\"), |host| {{ {block} }});")).lines("db1", ["production", "t"])
}

fn said(block: &str) -> Vec<String> {
    Scene::task(&format!("on(roles(\"db\"), |host| {{ {block} }});")).said(["production", "t"])
}

#[test]
fn within_changes_the_directory() {
    assert_eq!(lines("within(\"/srv/my app\", || execute(\"ls\", \"-l\"));"), ["cd '/srv/my app' && ls -l"]);
    assert_eq!(lines("within(\"~/foo\", || execute(\"cat\", \"f\"));"), ["cd ~/foo && cat f"]);
}

#[test]
fn within_nests_and_an_absolute_directory_replaces() {
    let block = r#"
        within("/a", || { within("b", || execute("x", "1")); within("/c", || execute("x", "2")); execute("x", "3"); });
        execute("x", "4");
    "#;
    assert_eq!(lines(block), ["cd /a/b && x 1", "cd /c && x 2", "cd /a && x 3", "x 4"]);
}

#[test]
fn with_sets_variables_and_the_inner_one_wins() {
    let block = r#"
        with(#{ rails_env: "production", n: 1 }, || {
            with(#{ n: 2, empty: () }, || execute("x", "1"));
            execute("x", "2");
        });
    "#;
    assert_eq!(
        lines(block),
        ["export N=2 RAILS_ENV=production EMPTY='' && x 1", "export N=1 RAILS_ENV=production && x 2"]
    );
}

#[test]
fn values_of_variables_are_quoted_unless_raw() {
    let block = r#"
        with(#{ a: "$HOME `x` \"q\" 'p' %" }, || info(capture("sh", "-c", "echo \"$A\"")));
        with(#{ path: raw("/opt:$PATH") }, || info(capture("sh", "-c", "echo $PATH").starts_with("/opt:/")));
    "#;
    assert_eq!(said(block), ["$HOME `x` \"q\" 'p' %", "true"]);
}

#[test]
fn names_in_lower_case_are_raised_others_stay() {
    let block = "with(#{ foo: 1, FACTER_env: 2, http_proxy: 3 }, || execute(\"x\", \"1\"));";
    assert_eq!(lines(block), ["export FACTER_env=2 FOO=1 http_proxy=3 && x 1"]);
}

#[test]
fn umask_is_set_for_the_commands_of_its_block() {
    assert_eq!(
        said("umask(\"027\", || info(capture(\"umask\"))); info(capture(\"umask\") == \"0027\");"),
        ["0027", "false"]
    );
    assert_eq!(lines("umask(\"007\", || execute(\"touch\", \"f\"));"), ["umask 007 && touch f"]);
}

#[test]
fn everything_at_once_is_in_one_order() {
    let block = r#"
        within("/var", || with(#{ a: "b" }, || umask("007", || as_user("bob", || execute("touch", "some file")))));
    "#;
    assert_eq!(
        lines(block),
        [r"sudo -n -u bob -- sh -c 'cd /var && umask 007 && export A=b && touch '\''some file'\'''"]
    );
}

#[test]
fn a_shell_line_obeys_its_surroundings_as_well() {
    let block = "within(\"/tmp\", || with(#{ a: 1 }, || info(capture(\"pwd; echo $A # a comment\"))));";
    assert_eq!(said(block), ["/tmp\n1"]);
}

#[test]
fn the_inner_user_replaces_the_outer_one_and_comes_back() {
    let block = "as_user(\"a\", || { as_user(\"b\", || execute(\"x\", \"1\")); execute(\"x\", \"2\"); });";
    assert_eq!(lines(block), ["sudo -n -u b -- sh -c 'x 1'", "sudo -n -u a -- sh -c 'x 2'"]);
}

#[test]
fn default_env_is_under_every_command_and_with_wins() {
    let scene = Scene::with(
        "set(\"default_env\", #{ a: \"default\", b: \"default\" });\n\
         task(\"t\", || { on(roles(\"db\"), |host| with(#{ a: \"own\" }, || info(capture(\"echo $A $B\")))); });",
    );
    assert_eq!(scene.said(["production", "t"]), ["own default"]);
}

#[test]
fn surroundings_reach_into_functions_and_closures() {
    let recipe = r#"
        fn where_am_i() { capture("pwd") }
        task("t", || { on(roles("db"), |host| within("/tmp", || { for n in [1] { info(where_am_i()); } })); });
    "#;
    assert_eq!(Scene::with(recipe).said(["production", "t"]), ["/tmp"]);
}

#[test]
fn a_failure_inside_leaves_nothing_behind() {
    let block = "try { within(\"/tmp\", || execute(\"false\")); } catch { } info(capture(\"pwd\") == \"/tmp\");";
    assert_eq!(said(block), ["false"]);
}

#[test]
fn the_block_gives_its_value() {
    let block = "info(within(\"/tmp\", || with(#{ a: 1 }, || umask(\"022\", || 5))));";
    assert_eq!(said(block), ["5"]);
}

#[test]
fn as_user_runs_as_that_user() {
    let can = std::process::Command::new("sudo").args(["-n", "-u", "nobody", "true"]).output();
    if !can.is_ok_and(|output| output.status.success()) {
        skip("as_user_runs_as_that_user", "`sudo -n -u nobody true` does not work for this user");
        return;
    }
    let block = r#"
        as_user("nobody", || {
            info(capture("id", "-un"));
            within("/tmp", || with(#{ a: "x y" }, || umask("027", || info(capture("pwd; umask; echo $A")))));
            info(capture("echo", "it's", "$HOME"));
            info(run("sh -c 'kill -9 $$'").signal);
        });
        info(capture("id", "-un") == "nobody");
    "#;
    assert_eq!(said(block), ["nobody", "/tmp\n0027\nx y", "it's $HOME", "KILL", "false"]);
}

#[test]
fn files_are_written_as_the_user_of_the_block() {
    let can = std::process::Command::new("sudo").args(["-n", "-u", "nobody", "true"]).output();
    if !can.is_ok_and(|output| output.status.success()) {
        skip("files_are_written_as_the_user_of_the_block", "`sudo -n -u nobody true` does not work for this user");
        return;
    }
    let block = r#"
        let dir = capture("mktemp", "-d");
        execute("chmod", "777", dir);
        as_user("nobody", || write_file(`${dir}/f`, "text"));
        info(capture("stat", "-c", "%U", `${dir}/f`));
        execute("rm", "-rf", dir);
    "#;
    assert_eq!(said(block).last().map(String::as_str), Some("nobody"), "behind what has changed");
}

#[test]
fn wrong_surroundings_are_mistakes() {
    let error = |block: &str| {
        Scene::task(&format!("on(roles(\"db\"), |host| {{ {block} }});")).run(["production", "t"]).fails(2).error()
    };
    assert_eq!(error("within(\"\", || 1);"), "the directory of `within` is empty");
    assert_eq!(error("umask(\"9\", || execute(\"ls\"));"), "`9` is not a umask");
    assert_eq!(
        error("with(#{ \"a-b\": 1 }, || execute(\"ls\"));"),
        "`A-B` cannot be the name of an environment variable"
    );
    assert_eq!(error("as_user(\"-x\", || execute(\"ls\"));"), "`-x` cannot be the name of a user");
    assert_eq!(
        error("with([1], || 1);"),
        "`with` expects the variables as a map such as `#{ rails_env: \"production\" }`, and got a list"
    );
}
