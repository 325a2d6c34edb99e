//! Chapter 2.2: `ask`.

use crate::capistrano::rows::{differs, has, refused, said, said_by};
use crate::recipe::prompts::on_terminal;
use crate::support::scene::Scene;

/// 2.2.1
#[test]
fn nothing_is_asked_before_it_is_needed() {
    let scene = Scene::with("ask(\"color\", \"blue\"); task(\"t\", || info(\"no question\"));");
    assert!(!on_terminal(&scene, &[]).contains("color"));
    let scene = Scene::with("ask(\"color\", \"blue\"); task(\"t\", || info(`<${fetch(\"color\")}>`));");
    has(&on_terminal(&scene, &[("Please enter color (blue): ", "red")]), "<red>");
    let scene = Scene::with("ask(\"color\", #{ prompt: \"Which one\" }); task(\"t\", || fetch(\"color\"));");
    on_terminal(&scene, &[("Which one: ", "red")]);
}

/// 2.2.2
#[test]
fn enter_is_the_default_of_whatever_kind() {
    let scene = Scene::with("ask(\"n\", 5); task(\"t\", || info(`<${fetch(\"n\") + 1}>`));");
    has(&on_terminal(&scene, &[("Please enter n (5): ", "")]), "<6>");
}

/// 2.2.3
#[test]
fn a_hidden_answer_does_not_show() {
    let scene = Scene::with("ask(\"pw\", #{ echo: false }); task(\"t\", || info(`<${fetch(\"pw\")}>`));");
    let screen = on_terminal(&scene, &[("Please enter pw: ", "hunter2")]);
    assert!(screen.contains("<[secret]>") && !screen.contains("hunter2"), "{screen}");
}

/// 2.2.4
#[test]
fn without_a_terminal_the_default_is_the_answer() {
    differs("`ask` without a terminal and without a default gives nil");
    assert_eq!(said("ask(\"x\", 5); info(fetch(\"x\"));"), ["5"]);
    has(&refused("ask(\"x\"); fetch(\"x\");"), "nobody answers the question for `x`");
}

/// 2.2.5
#[test]
fn a_hidden_default_is_a_secret() {
    differs("`ask :pw, \"hunter2\", echo: false` shows the default");
    assert_eq!(said("ask(\"pw\", \"hunter2\", #{ echo: false }); info(fetch(\"pw\"));"), ["[secret]"]);
}

/// 2.2.6
#[test]
fn hosts_ask_once() {
    differs("`ask` in parallel blocks asks once a thread");
    let scene = Scene::with("ask(\"x\", \"d\"); task(\"t\", || on(roles(\"all\"), |host| info(`<${fetch(\"x\")}>`)));");
    let screen = on_terminal(&scene, &[("Please enter x (d): ", "e")]);
    assert_eq!((screen.matches("Please enter").count(), screen.matches("<e>").count()), (1, 3), "{screen}");
}

/// 2.2.7
#[test]
fn answers_come_from_the_terminal() {
    differs("`ask :x, nil, stdin: io`");
    has(&refused("ask(\"x\", (), #{ stdin: 1 });"), "`ask` has no option `stdin`");
}

/// 2.2.8
#[test]
fn a_question_replaces_a_value() {
    assert_eq!(said_by("set(\"x\", 1); ask(\"x\", 2); task(\"t\", || info(fetch(\"x\")));"), ["2"]);
}
