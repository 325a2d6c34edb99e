use super::*;
use crate::model::grammar::{CommandWord, OptionValue};

fn option(short: Option<char>, long: &str, value: Option<Takes>) -> OptionWord {
    let value = value.map(|takes| OptionValue { takes, is_optional: false, needs_equals: false });
    OptionWord {
        id: long.to_owned(),
        short,
        long: Some(long.to_owned()),
        about: format!("about {long}"),
        value,
        is_repeatable: long == "hosts",
    }
}

fn grammar() -> Grammar {
    let mut tasks = option(Some('T'), "tasks", Some(Takes::Task));
    tasks.value.as_mut().unwrap().is_optional = true;
    let mut wait = option(None, "wait", Some(Takes::Anything));
    wait.value.as_mut().unwrap().needs_equals = true;
    let formats = Takes::OneOf(vec![Word::new("json", ""), Word::new("plain", "")]);
    let format = option(None, "format", Some(formats));
    let file = option(Some('f'), "file", Some(Takes::File));
    let options = vec![
        option(Some('n'), "dry-run", None),
        option(Some('v'), "verbose", None),
        option(Some('z'), "hosts", Some(Takes::Hosts)),
        option(Some('r'), "roles", Some(Takes::Roles)),
        option(None, "limit", Some(Takes::HostsAndRoles)),
        tasks,
        wait,
        format.clone(),
        file,
        option(Some('C'), "directory", Some(Takes::Folder)),
    ];
    let check = CommandWord { word: Word::new("check", "look"), options: vec![format], takes: Takes::StageOrFile };
    Grammar {
        stage_options: options.clone(),
        options,
        commands: vec![check],
        stage_commands: vec![Word::new("exec", "run a command")],
    }
}

fn known() -> KnownWords {
    let words = |hosts: &[&str], tasks: &[(&str, &str)]| StageWords {
        tasks: tasks.iter().map(|(name, about)| Word::new(*name, *about)).collect(),
        hosts: hosts.iter().map(|host| Word::new(*host, "app, web")).collect(),
        roles: vec!["app".into(), "db".into()],
        variables: vec!["BRANCH".into(), "HOSTS".into(), "ROLLBACK_RELEASE".into()],
        ..StageWords::default()
    };
    let mut known = KnownWords::default();
    let tasks =
        [("deploy", "Deploy."), ("deploy:rollback", "Go back."), ("deploy:updating", ""), ("log:tail", "Tail.")];
    known.learn("production", words(&["web1", "web2", "db1"], &tasks), true);
    known.learn("staging", words(&["stage1"], &tasks[..1]), true);
    known.releases.insert("production".into(), vec!["20260101000000".into(), "20260201000000".into()]);
    known
}

fn answer(line: &str) -> Answer {
    let (grammar, known) = (grammar(), known());
    let mut before: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let current = before.pop().unwrap();
    let stages = ["production".to_owned(), "staging".to_owned()];
    let line = TypedLine::read(&before, &grammar);
    complete(&line, &current, &grammar, Project { stages: &stages, known: &known })
}

#[track_caller]
fn words(line: &str) -> Vec<String> {
    match answer(line) {
        Answer::Words(words) => words.into_iter().map(|candidate| candidate.word).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_word_is_a_stage_or_a_command() {
    assert_eq!(words(""), ["production", "staging", "check"]);
    assert_eq!(words("pro"), ["production"]);
    assert_eq!(words("-n --format json c"), ["check"]);
    assert_eq!(words("BRANCH=main st"), ["staging"]);
    assert!(words("x").is_empty());
}

#[test]
fn behind_a_stage_stand_its_tasks() {
    assert_eq!(words("production "), ["deploy", "deploy:rollback", "log:tail", "exec"]);
    assert_eq!(words("staging "), ["deploy", "exec"]);
    assert_eq!(words("production deploy:"), ["deploy:rollback"]);
    assert_eq!(words("production deploy -n "), ["deploy:rollback", "log:tail"], "a task runs once, a command is first");
}

#[test]
fn tasks_without_a_description_are_offered_to_who_types_them() {
    assert_eq!(words("production deploy:up"), ["deploy:updating"]);
}

#[test]
fn options_are_those_that_may_still_be_given() {
    let dashes = words("production deploy --");
    assert!(dashes.contains(&"--dry-run".to_owned()) && dashes.iter().all(|word| word.starts_with("--")), "{dashes:?}");
    assert!(words("-").contains(&"-n".to_owned()));
    assert!(words("production -n --dr").is_empty(), "given as -n");
    assert_eq!(words("production -z web1 --ho"), ["--hosts"], "may be given again");
    assert_eq!(words("check --"), ["--format"]);
    assert_eq!(words("-n"), ["-n"]);
}

#[test]
fn values_of_options_are_known() {
    assert_eq!(words("production -z "), ["web1", "web2", "db1"]);
    assert_eq!(words("staging --hosts "), ["stage1"]);
    assert_eq!(words("--hosts=st"), ["--hosts=stage1"], "without a stage those of all");
    assert_eq!(words("production -nvz w"), ["web1", "web2"], "several in one word");
    assert_eq!(words("production --format "), ["json", "plain"]);
    assert_eq!(words("production --format=p"), ["--format=plain"]);
    assert_eq!(words("production -r d"), ["db"]);
    assert!(words("production --wait=").is_empty());
    assert_eq!(answer("-f "), Answer::Files);
    assert_eq!(answer("-C x"), Answer::Folders);
}

#[test]
fn lists_go_on_behind_a_comma() {
    assert_eq!(words("production -z web1,"), ["web1,web2", "web1,db1"]);
    assert_eq!(words("production HOSTS=db1,w"), ["HOSTS=db1,web1", "HOSTS=db1,web2"]);
    assert_eq!(words("production --limit db1,r"), ["db1,role:app", "db1,role:db"]);
}

#[test]
fn a_value_that_may_be_left_out_is_no_must() {
    assert_eq!(words("-T log"), ["log:tail"]);
    assert_eq!(words("-T --format "), ["json", "plain"]);
    assert!(words("-T --dr").contains(&"--dry-run".to_owned()));
    assert_eq!(words("production --wait log"), ["log:tail"], "its value stands behind `=`");
}

#[test]
fn variables_come_with_their_first_letter() {
    assert_eq!(words("production R"), ["ROLLBACK_RELEASE=", "ROLES="]);
    let Answer::Words(candidates) = answer("production B") else { panic!() };
    assert!(candidates[0].is_open && candidates[0].word == "BRANCH=");
    assert_eq!(words("production H"), ["HOSTS="], "once");
}

#[test]
fn releases_are_those_of_the_stage() {
    let releases = ["ROLLBACK_RELEASE=20260201000000", "ROLLBACK_RELEASE=20260101000000"];
    assert_eq!(words("production deploy:rollback ROLLBACK_RELEASE="), releases);
    assert_eq!(words("production ROLLBACK_RELEASE=202602"), releases[..1]);
    assert!(words("staging ROLLBACK_RELEASE=").is_empty());
}

#[test]
fn what_is_behind_two_dashes_is_not_for_us() {
    assert_eq!(answer("production exec -- ca"), Answer::Files);
    assert_eq!(words("check pro"), ["production"]);
    assert_eq!(answer("check production "), Answer::Files, "a script");
    assert_eq!(answer("check bin/"), Answer::Files);
}
