//! `ask`: with a terminal and without one.

use crate::support::scene::Scene;
use crate::support::terminal;

#[test]
fn without_a_terminal_the_default_is_the_answer() {
    let body = r#"
        ask("branch", "main");
        ask("number", 5);
        ask("never");
        info(fetch("branch")); info(fetch("number") + 1);
    "#;
    assert_eq!(Scene::task(body).said(["production", "t"]), ["main", "6"]);
}

#[test]
fn without_a_terminal_and_a_default_it_is_told_which_question_nobody_answers() {
    for options in ["", ", #{ echo: false }"] {
        let recipe = format!("ask(\"branch\"{options});\ntask(\"t\", || {{ fetch(\"branch\"); info(\"no\"); }});");
        let ran = Scene::with(&recipe).run(["production", "t"]).fails(2);
        assert_eq!(ran.error(), "nobody answers the question for `branch`, and it has no default");
        assert!(ran.err().contains("--> config/deploy.rhai:1:1"), "{}", ran.err());
        assert!(ran.err().contains("help: give a default: `ask(\"branch\", env(\"BRANCH\"))`"), "{}", ran.err());
    }
}

#[test]
fn a_hidden_default_is_a_secret() {
    let body = "ask(\"pw\", \"hunter2\", #{ echo: false }); info(fetch(\"pw\"));";
    assert_eq!(Scene::task(body).said(["production", "t"]), ["[secret]"]);
}

#[test]
fn options_are_checked() {
    let ran = Scene::task("ask(\"pw\", #{ ecko: false });").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "`ask` has no option `ecko`");
}

/// What is on the screen after the task `t` has ended well.
fn on_terminal(scene: &Scene, answers: &[(&str, &str)]) -> String {
    let screen = terminal::on_terminal(scene, &["production", "t", "--format", "plain"], answers);
    assert_eq!(screen.code, 0, "{}", screen.text);
    screen.text
}

#[test]
fn on_a_terminal_the_question_is_put_once_and_only_when_needed() {
    let body = r#"
        ask("branch", "main");
        ask("never", "x");
        ask("size", #{ prompt: "How big?" });
        info(`deploying ${fetch("branch")}`);
        info(`again ${fetch("branch")} ${fetch("size")}`);
    "#;
    let screen = on_terminal(&Scene::task(body), &[("Please enter branch (main): ", "topic"), ("How big?: ", "")]);
    assert!(screen.contains("deploying topic"), "{screen}");
    assert!(screen.contains("again topic"), "{screen}");
    assert_eq!(screen.matches("Please enter branch").count(), 1, "{screen}");
    assert!(!screen.contains("Please enter never"), "{screen}");
}

#[test]
fn on_a_terminal_enter_takes_the_default() {
    let scene = Scene::task("ask(\"branch\", \"main\"); info(`deploying ${fetch(\"branch\")}`);");
    assert!(on_terminal(&scene, &[("(main): ", "")]).contains("deploying main"));
}

#[test]
fn several_hosts_ask_once() {
    let scene = Scene::task("ask(\"branch\"); on(roles(\"all\"), |host| info(`${host} takes ${fetch(\"branch\")}`));");
    let screen = on_terminal(&scene, &[("Please enter branch: ", "topic")]);
    assert_eq!(screen.matches("Please enter branch").count(), 1, "{screen}");
    assert_eq!(screen.matches("takes topic").count(), 3, "{screen}");
}

#[test]
fn a_hidden_answer_does_not_show() {
    let body = "ask(\"pw\", #{ echo: false }); info(`with ${fetch(\"pw\")}`); on(roles(\"db\"), |host| execute(\"sh\", \"-c\", \"test $0 = hunter2 && echo same\", fetch(\"pw\")));";
    let screen = on_terminal(&Scene::task(body), &[("Please enter pw: ", "hunter2")]);
    assert!(screen.contains("with [secret]") && screen.contains("same"), "{screen}");
    assert!(!screen.replace("= hunter2 && echo", "").contains("hunter2"), "{screen}");
}
