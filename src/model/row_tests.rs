//! Tests of what shares a process, and what needs none.

use super::*;

fn member(command: &Command, number: usize, must_succeed: bool) -> Member {
    Member::of(command, &Vault::default(), number, must_succeed).unwrap()
}

#[test]
fn only_programs_that_leave_nothing_behind_are_tame() {
    for tame in [
        &["mkdir", "-p", "a b"][..],
        &["ln", "-s", "$x", "y"],
        &["test", "-d", "x"],
        &["git", "config", "remote.origin.url", "x"],
        &["git", "archive", "--format=tar", "-o", "x", "main"],
        &["git", "log", "--no-show-signature", "main"],
        &["find", "repo", "-name", "*.lock", "-exec", "rm", "-f", "{}", "+"],
    ] {
        assert!(is_tame(&Command::program(tame.iter().copied())), "{tame:?}");
    }
    for wild in [
        &["git", "fetch"][..],
        &["git", "-c", "core.pager=x &", "rev-list", "main"],
        &["git", "log", "--format=%ct", "main"],
        &["git", "archive", "--remote=deploy@git:app.git", "main"],
        &["git"],
        &["find", ".", "-exec", "sh", "-c", "x &", ";"],
        &["find", ".", "-ok", "rm", "{}", ";"],
        &["sh", "-c", "mkdir x"],
    ] {
        assert!(!is_tame(&Command::program(wild.iter().copied())), "{wild:?}");
    }
    assert!(is_tame(&Command::own("a | b")) && !is_tame(&Command::shell("mkdir x")));
}

#[test]
fn what_is_left_to_the_shell_is_tame_where_it_is_understood() {
    let with = |raw: &str| {
        let word = |text: &str| Word::Text(text.into());
        is_tame(&Command::new(Body::Program(vec![word("printf"), word("x"), Word::Raw(raw.into()), word("y")])))
    };
    assert!(with(">>") && with(">") && !with("$(x &)") && !with("&") && !with("||"), "`y` is no tame program");
    let around = |raw: &str| {
        is_tame(&Command { env: vec![("PATH".into(), Word::Raw(raw.into()))], ..Command::program(["rm", "x"]) })
    };
    assert!(around("/opt/ruby/bin:$PATH"));
    for raw in ["$(x &)", "`x`", "${x", "x\\"] {
        assert!(!around(raw), "{raw}");
    }
}

#[test]
fn a_choice_between_tame_programs_is_tame_and_needs_a_shell() {
    let either = |second: &str| {
        let words = ["test", "-e", "x"].map(|word| Word::Text(word.into())).into_iter();
        let second = second.split(' ').map(|word| Word::Text(word.into()));
        Command::new(Body::Program(words.chain([Word::Raw("||".into())]).chain(second).collect()))
    };
    assert!(is_tame(&either("git init x")) && !is_tame(&either("git fetch")) && !is_tame(&either("reboot")));
    let mut row = Row::default();
    row.push(member(&either("touch x"), 3, true)).unwrap();
    assert!(row.take().contains("\"\ntest -e x || touch x\nwindlass_over 3 must\n"));
}

#[test]
fn folders_that_are_there_cost_no_process() {
    let line = |command: &Command| member(command, 0, true).line;
    assert_eq!(
        line(&Command::program(["mkdir", "-p", "/a b", "/c"])),
        "[ -d '/a b' ] && [ -d /c ] || mkdir -p '/a b' /c"
    );
    let within = Command { dir: Some("/x".into()), ..Command::program(["mkdir", "-p", "a"]) };
    let with = Command { env: vec![("A".into(), Word::Text("b".into()))], ..Command::program(["mkdir", "-p", "a"]) };
    let masked = Command { umask: Some("027".into()), ..Command::program(["mkdir", "-p", "a"]) };
    let others = [["mkdir", "a", "b"], ["mkdir", "-p", "-m700"], ["rm", "-f", "a"]].map(Command::program);
    for command in [within, with, masked].iter().chain(&others) {
        assert!(!line(command).contains("[ -d"), "{}", line(command));
    }
}

#[test]
fn one_program_alone_is_no_row() {
    let mut row = Row::default();
    assert_eq!(row.take(), "");
    row.push(member(&Command::program(["rm", "-f", "x"]), 3, false)).unwrap();
    assert_eq!(row.take(), " may-here 'windlass_do rm -f x'");
    row.push(member(&Command::program(["mkdir", "-p", "x"]), 3, true)).unwrap();
    assert_eq!(row.take(), " must-here '[ -d x ] || windlass_do mkdir -p x'");
    row.push(member(&Command::program(["printf", "x"]), 3, true)).unwrap();
    assert_eq!(row.take(), " must-bare 'exec printf x'", "the program, not what the shell has of that name");
    row.push(member(&Command::own("a; b"), 3, true)).unwrap();
    assert!(row.take().starts_with(" row-1 "));
    row.push(member(&Command::program(["tar", "-xzf", "x"]), 3, true)).unwrap();
    assert!(row.take().starts_with(" row-1 "), "it starts gzip");
    row.push(member(&Command::program(["rm", "x"]), 3, true)).unwrap();
    row.push(member(&Command::program(["rm", "y"]), 4, false)).unwrap();
    let call = row.take();
    assert_eq!(
        call,
        " row-2 'windlass_both \"$windlass_due$windlass_m.3$windlass_line\"\nrm x\nwindlass_over 3 must 4\n\
         rm y\nwindlass_over 4 may\nexit 0'"
    );
    assert_eq!(row.take(), "");
}

#[test]
fn only_what_changes_the_shell_gets_one_of_its_own() {
    let in_row = |command: &Command| {
        let mut row = Row::default();
        row.push(member(command, 0, true)).unwrap();
        row.push(member(&Command::program(["rm", "x"]), 1, true)).unwrap();
        row.take()
    };
    let rm = Command::program(["rm", "y"]);
    assert!(in_row(&rm).contains("\nrm y\nwindlass_over 0 must 1\n"));
    let set = Command { env: vec![("A".into(), Word::Text("b".into()))], ..rm.clone() };
    let within = Command { dir: Some("/x".into()), ..rm.clone() };
    let masked = Command { umask: Some("077".into()), ..rm };
    for command in [set, within, masked, Command::own("cd /x; exit 3")] {
        let row = in_row(&command);
        assert!(row.contains("\"\n(") && row.contains("\n)\nwindlass_over 0 must 1\n"), "{row}");
    }
}

#[test]
fn a_row_ends_where_it_would_be_too_long() {
    let mut row = Row::default();
    row.push(member(&Command::program(["rm".to_owned(), "'".repeat(12_000)]), 0, true)).unwrap();
    let back = row.push(member(&Command::program(["rm".to_owned(), "x".repeat(60_000)]), 1, true)).unwrap_err();
    assert_eq!(back.number, 1);
}
