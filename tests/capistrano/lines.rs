//! Chapter 2.7.1: what a command is for the shell of the host.

use crate::capistrano::rows::{differs, failed, has, lines, on_db, refused};

/// 2.7.1a
#[test]
fn every_argument_is_quoted() {
    differs("`execute :echo, \"a  b\", \"$HOME\"` prints what the shell makes of it");
    assert_eq!(on_db("info(capture(\"echo\", \"a  b\", \"$HOME\", \"it's\"));"), ["a  b $HOME it's"]);
    assert_eq!(lines("execute(\"echo\", raw(\"$HOME\"));"), ["echo $HOME"]);
}

/// 2.7.1b
#[test]
fn a_shell_line_obeys_its_block() {
    differs("`execute \"cd x; y\"` ignores `within`, `with`, `as`");
    let calls =
        "within(\"/usr\", || with(#{ a: \"x\" }, || umask(\"027\", || info(capture(\"echo $(pwd) $(umask) $A\")))));";
    assert_eq!(on_db(calls), ["/usr 0027 x"]);
}

/// 2.7.1b2
#[test]
fn a_line_with_more_arguments_is_a_mistake() {
    differs("`execute \"ls -l\", \"x\"` drops what comes behind the line");
    let error = failed("on(roles(\"db\"), |host| execute(\"ls -l\", \"x\"));");
    has(&error, "`ls -l` is taken for the name of one program, because arguments come behind it");
}

/// 2.7.1c
#[test]
fn nothing_is_no_argument() {
    differs("`nil` as an argument is an empty one");
    has(&refused("on(roles(\"db\"), |host| execute(\"echo\", ()));"), "argument 2 of `execute` is ()");
}

/// 2.7.1d
#[test]
fn lists_flatten() {
    assert_eq!(lines("execute(\"echo\", [1, [2, \"a b\"]], true);"), ["echo 1 2 'a b' true"]);
}

/// 2.7.1e
#[test]
fn lines_of_a_shell_text_stay_lines() {
    differs("a text of several lines becomes `a; b`");
    assert_eq!(on_db("info(capture(\"if true\\nthen echo yes\\n\\nfi\"));"), ["yes"]);
}

/// 2.7.1f
#[test]
fn variables_in_the_environment_are_not_expanded() {
    differs("`with path: \"/opt/bin:$PATH\"`, `default_env` with `$PATH`");
    assert_eq!(on_db("with(#{ a: \"$HOME `id`\" }, || info(capture(\"echo\", raw(\"\\\"$A\\\"\"))));"), ["$HOME `id`"]);
    let paths = on_db("with(#{ path: raw(\"/opt/x:$PATH\") }, || info(capture(\"echo $PATH\")));");
    assert!(paths[0].starts_with("/opt/x:/"), "{paths:?}");
}

/// 2.7.1g
#[test]
fn a_group_is_entered_with_the_user() {
    differs("`as user: \"u\", group: \"g\" do`");
    let line = lines("as_user(\"root\", #{ group: \"adm\" }, || execute(\"id\", \"-gn\"));").concat();
    assert!(line.contains("sudo") && line.contains("sg adm "), "{line}");
}

/// 2.7.1h
#[test]
fn the_folder_is_entered_as_the_user_of_the_block() {
    differs("`within` is entered before `sudo`, as the user of the login");
    let line =
        lines("within(\"/srv\", || as_user(\"root\", || with(#{ a: 1 }, || umask(\"077\", || execute(\"ls\")))));")
            .concat();
    let at = |part: &str| line.find(part).unwrap_or_else(|| panic!("no `{part}` in {line}"));
    assert!(at("sudo") < at("cd /srv") && at("cd /srv") < at("ls"), "{line}");
}

/// 2.7.1i
#[test]
fn a_command_reads_nothing() {
    assert_eq!(on_db("info(capture(\"cat; echo end\"));"), ["end"]);
}

/// 2.7.1j
#[test]
fn commands_run_on_a_terminal_where_the_setting_says_so() {
    differs("`set :pty, true`");
    assert_eq!(on_db("info(test(\"tty -s\"));"), ["false"]);
    assert_eq!(
        on_db("set(\"pty\", true); info(test(\"tty -s\")); info(capture(\"echo a; echo b >&2\"));"),
        ["true", "a\nb"]
    );
}

/// 2.7.1k
#[test]
fn programs_are_called_by_their_names() {
    differs("every command begins with `/usr/bin/env`");
    assert_eq!(lines("execute(\"ls\", \"-l\");"), ["ls -l"]);
    assert_eq!(on_db("info(test(\"type\", \"cd\")); info(test(\"[\", \"-d\", \"/\", \"]\"));"), ["true", "true"]);
}
