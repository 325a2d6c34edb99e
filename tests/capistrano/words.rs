//! Chapters 1.3 and 1.7: arguments of tasks, names, and the environment.

use crate::capistrano::rows::{differs, has};
use crate::support::scene::Scene;

/// Says what the arguments `a` and `b` of a task are.
fn arguments(call: &str) -> Vec<String> {
    let scene =
        Scene::with("task(\"t\", #{ args: [\"a\", \"b=\"] }, |args| { info(`<${args.a}>`); info(type_of(args.b)); });");
    scene.said(["production", call])
}

/// 1.3.1
#[test]
fn arguments_are_trimmed_and_a_comma_is_escaped() {
    assert_eq!(arguments("t[ 1\\,2 , x]"), ["<1,2>", "string"]);
}

/// 1.3.2
#[test]
fn empty_arguments_are_not_set() {
    differs("an argument of a task that is left out is nil");
    assert_eq!(arguments("t[1,]"), ["<1>", "()"]);
    let scene = Scene::with("task(\"t\", #{ args: [\"a\", \"b=5\"] }, |args| info(args.b));");
    assert_eq!(scene.said(["production", "t[1]"]), ["5"]);
    has(&scene.run(["production", "t"]).fails(2).err(), "task `t` needs the argument `a`");
}

/// 1.3.3
#[test]
fn surplus_arguments_need_a_name() {
    differs("surplus arguments of a task are kept in `args.extras`");
    let scene = Scene::with(
        "task(\"t\", #{ args: [\"a\"] }); task(\"u\", #{ args: [\"*rest\"] }, |args| info(`${args.extras}`));",
    );
    has(
        &scene.run(["production", "t[1,2]"]).fails(2).err(),
        "too many arguments for task `t`: 2 given, at most 1 expected",
    );
    assert_eq!(scene.said(["production", "u[1,2]"]), [r#"["1", "2"]"#]);
}

/// 1.3.4
#[test]
fn words_with_an_equals_sign_are_the_environment() {
    let scene = Scene::task("on(roles(\"all\"), |host| info(`${host.name} ${env(\"COLOR\")}`));");
    assert_eq!(scene.said(["production", "t", "HOSTS=db1", "COLOR=blue"]), ["db1 blue"]);
}

/// 1.3.5
#[test]
fn an_unknown_task_gets_a_suggestion() {
    let error = Scene::with("task(\"restart\");").run(["production", "retsart"]).fails(2).err();
    has(&error, "no task `retsart`");
    has(&error, "did you mean `restart`?");
}

/// 1.3.6
#[test]
fn a_file_is_no_task() {
    differs("a word that is the name of a file does nothing, and is no error");
    assert_eq!(Scene::task("").file("notes", "").run(["production", "notes"]).fails(2).error(), "no task `notes`");
}

/// 1.7.1
#[test]
fn hosts_roles_and_the_release_to_go_back_to_come_from_the_environment() {
    let scene = Scene::task("on(roles(\"all\"), |host| info(host.name));");
    assert_eq!(scene.said(["production", "t", "ROLES=db"]), ["db1"]);
    assert_eq!(scene.env("HOSTS", "web1").said(["production", "t"]), ["web1"]);
    let error = Scene::with("set(\"deploy_to\", \"/nosuch\"); set(\"lock\", false);")
        .stage("production", "server(\"db1\", #{ transport: \"local\", roles: [\"db\"] });")
        .run(["production", "deploy:rollback_release_path", "ROLLBACK_RELEASE=20010101000000"])
        .fails(1)
        .err();
    has(&error, "there is no release `[release]` to roll back to");
}

/// 1.7.2
#[test]
fn a_variable_forces_colours() {
    let colored = |variables: &[(&str, &str)]| {
        let scene = Scene::task("on(roles(\"db\"), |host| execute(\"true\"));");
        let scene = variables.iter().fold(scene, |scene, (name, value)| scene.env(name, value));
        scene.run(["production", "t", "--format", "pretty"]).ok().stdout.contains('\u{1b}')
    };
    assert!(!colored(&[]) && colored(&[("SSHKIT_COLOR", "1")]));
    differs("`SSHKIT_COLOR=0`, and an empty one, force colour, too");
    assert!(!colored(&[("SSHKIT_COLOR", "0")]) && !colored(&[("SSHKIT_COLOR", "")]));
}

/// 1.7.3
#[test]
fn the_local_user_comes_from_the_environment() {
    assert_eq!(Scene::task("info(fetch(\"local_user\"));").env("USER", "alice").said(["production", "t"]), ["alice"]);
}

/// 1.7.4
#[test]
fn variables_of_rake_do_nothing() {
    differs("`RAKE_SYSTEM`, `RAKE_DEBUG`");
    let scene = Scene::task("info(\"it\");").env("RAKE_SYSTEM", "/nosuch").env("RAKE_DEBUG", "1");
    assert_eq!(scene.said(["production", "t"]), ["it"]);
}

/// 1.7.5
#[test]
fn home_and_the_agent_are_those_of_the_environment() {
    // What ssh does with the agent is shown by the tests of ssh.
    let scene = Scene::task("info(env(\"SSH_AUTH_SOCK\")); run_locally(|| info(capture(\"echo $SSH_AUTH_SOCK\")));");
    assert_eq!(scene.env("SSH_AUTH_SOCK", "/run/agent").said(["production", "t"]), ["/run/agent", "/run/agent"]);
}
