//! `pty` and `answer`: commands on a terminal, and commands whose prompts are answered.

use std::fs;

use crate::faults::remote::declared;
use crate::faults::running::{Running, gone, with_argument};
use crate::support::scene::Scene;
use crate::support::sshd::Sshd;

fn on_db(block: &str) -> Scene {
    Scene::task(&format!("on(roles(\"db\"), |host| {{ {block} }});"))
}

fn said(block: &str) -> Vec<String> {
    on_db(block).said(["production", "t"])
}

fn error(block: &str) -> String {
    on_db(block).run(["production", "t"]).fails(2).error()
}

/// A project whose task `t` has this body, on a host over ssh.
fn over_ssh(sshd: &Sshd, body: &str) -> Scene {
    let recipe = format!("task(\"t\", || on(roles(\"app\"), |host| {{ {body} }}));\n");
    Scene::new().file("config/deploy.rhai", recipe).stage("production", &declared(sshd, ""))
}

#[test]
fn every_command_can_have_a_terminal() {
    let block = r#"
        info(test("[ -t 0 ]", #{ pty: true }));
        info(test("[ -t 0 ]", #{ pty: false }));
        info(capture("echo out; echo err >&2", #{ pty: true }));
        info(capture_lines("echo a; echo b", #{ pty: true }));
        info(capture_json("echo '[1]'", #{ pty: true }));
        let ran = run("echo x; exit 3", #{ pty: true });
        info([ran.ok, ran.status, ran.stdout, ran.stderr]);
        info(execute("false", #{ pty: true, raise: false }));
        info(capture("tty", #{ pty: true, shell: "bash" }).starts_with("/dev/"));
        within("/tmp", || with(#{ word: secret("t0p") }, || info(capture("pwd; echo ${WORD%p}", #{ pty: true }))));
    "#;
    let expected =
        ["true", "false", "out\nerr", r#"["a", "b"]"#, "[1]", r#"[false, 3, "x\n", ""]"#, "false", "true", "/tmp\nt0"];
    assert_eq!(said(block), expected);
}

#[test]
fn the_setting_gives_one_to_the_commands_of_users() {
    let block =
        "info(test(\"tty -s\")); info(test(\"tty -s\", #{ pty: false })); info(capture(\"cat\", #{ stdin: \"x\" }));
        shield(|| info(test(\"tty -s\")));";
    let recipe = |top: &str| format!("{top}task(\"t\", || on(roles(\"db\"), |host| {{ {block} }}));\n");
    assert_eq!(Scene::with(&recipe("")).said(["production", "t"]), ["false", "false", "x", "false"]);
    let set = recipe("set(\"pty\", true);\n");
    assert_eq!(Scene::with(&set).said(["production", "t"]), ["true", "false", "x", "false"]);
    let server = "server(\"db1\", #{ transport: \"local\", roles: [\"db\"], pty: true });";
    let own = Scene::with(&recipe("")).stage("production", server);
    assert_eq!(own.said(["production", "t"]), ["true", "false", "x", "false"], "a server has its own");
    let ran = Scene::with("set(\"pty\", \"yes\");").run(["production", "-T"]).fails(2);
    assert_eq!(ran.error(), "`pty` is `yes`, but it has to be true or false");
}

const ASKS: &str = "printf 'Name: '; read -r n; printf 'Password: ' >&2; read -r p; [ ${#p} = 7 ] && echo \"hi $n\"";

#[test]
fn prompts_are_answered_and_the_log_says_so_but_no_secret() {
    for option in ["", "pty: true, "] {
        let block = format!(
            "execute({ASKS:?}, #{{ {option}answer: #{{ \"Name:\": \"bob\", \"/P.*:/\": secret(\"hunter2\") }} }});"
        );
        let local = on_db(&block);
        let ssh = Sshd::start().map(|sshd| (over_ssh(&sshd, &block), sshd));
        for scene in [Some(&local), ssh.as_ref().map(|(scene, _)| scene)].into_iter().flatten() {
            let ran = scene.run(["--format", "json", "production", "t"]).ok();
            assert_eq!(ran.messages("info"), ["answered `Name:` with `bob`", "answered `/P.*:/`"]);
            let output: Vec<String> =
                ran.all("command_output").iter().map(|event| event["line"].as_str().unwrap().to_owned()).collect();
            assert_eq!(output.iter().map(|line| line.trim()).collect::<Vec<_>>(), ["Name:", "Password:", "hi bob"]);
            let log = scene.read("log/windlass.log");
            assert!(
                log.contains("answered `/P.*:/`") && !log.contains("hunter2") && !ran.stdout.contains("hunter2"),
                "{log}"
            );
        }
    }
}

#[test]
fn an_answer_may_be_a_closure_a_number_or_enter_alone() {
    let line = "printf 'Code 4711 for me: '; read -r a; printf 'Count? '; read -r b; printf 'Go: '; read -r c; echo \"<$a|$b|$c>\"";
    for option in ["", "pty: true, "] {
        let block = format!(
            r#"let seen = "";
            let answers = #{{ "/Code.*:/": |line| {{ seen = line; capture("echo", line.len() + 1) }}, "Count?": 3, "Go:": "\n" }};
            info(capture({line:?}, #{{ {option}answer: answers }}).split("<")[1]);
            info(seen);
            info(capture({line:?}, #{{ {option}answer: #{{ "Code": || "x", "Count?": "1", "Go:": "" }} }}).split("<")[1]);"#
        );
        assert_eq!(said(&block), ["18|3|>", "Code 4711 for me:", "x|1|>"], "{option}");
    }
}

#[test]
fn a_closure_that_raises_or_gives_nothing_ends_the_command() {
    let ends = |answer: &str| {
        let line = "printf 'Name: '; read -r n; sleep 600";
        on_db(&format!("execute({line:?}, #{{ answer: #{{ \"Name:\": {answer} }} }});"))
            .run(["production", "t"])
            .error()
    };
    assert_eq!(ends("|line| throw \"I do not know\""), "I do not know");
    assert_eq!(ends("|line| { let x = 1; }"), "the closure for `Name:` gives no string to type");
    assert_eq!(ends("\"a\\x00b\""), "the answer to `Name:` has a NUL character in it, which nobody can type");
}

#[test]
fn a_wrong_password_is_not_given_for_ever() {
    let line = "while :; do printf 'Password: '; read -r p || exit; done";
    for option in ["", "pty: true, "] {
        let block = format!("execute({line:?}, #{{ {option}answer: #{{ \"Password:\": secret(\"hunter2\") }} }});");
        let ran = on_db(&block).run(["production", "t"]).fails(1);
        assert_eq!(ran.error(), "`Password:` was answered 3 times, and is asked again");
        assert!(ran.stderr.contains("see whether the answer is right"), "{}", ran.stderr);
        let block = format!(
            "try {{ execute({line:?}, #{{ {option}answer: #{{ \"Password:\": || \"x\" }} }}); }} catch (e) {{ info([e.kind, e.message]); }}"
        );
        let told = said(&block).pop().unwrap();
        assert_eq!(told, r#"["command", "`Password:` was answered 100 times, and is asked again"]"#);
    }
}

#[test]
fn what_cannot_go_together_is_refused() {
    let refused = |options: &str| error(&format!("execute(\"cat\", #{{ {options} }});"));
    assert_eq!(refused("stdin: \"x\", answer: #{ \"a:\": \"b\" }"), "`execute` has both `stdin` and `answer`");
    assert_eq!(refused("stdin: \"x\", pty: true"), "`execute` has both `stdin` and `pty`");
    assert_eq!(refused("pty: 1"), "`execute` expects `pty` as true or false, and got a number");
    assert_eq!(
        refused("answer: \"x\""),
        "`execute` expects `answer` as a map of prompts and what is typed, and got a string"
    );
    assert_eq!(refused("answer: #{ \"a:\": () }"), "the answer to `a:` is ()");
    assert_eq!(
        refused("answer: #{ \"a:\": [] }"),
        "`execute` expects the answer to `a:` as a string, a secret or a closure, and got a list"
    );
    assert_eq!(refused("answer: #{ \"a:\": |a, b| a }"), "the closure for `a:` takes 2 arguments");
    assert_eq!(refused("answer: #{ \"/(/\": \"b\" }"), "prompt `/(/` is not a regular expression: unclosed group");
    for option in ["pty: true", "answer: #{ \"a:\": \"b\" }"] {
        let name = option.split(':').next().unwrap();
        let said = error(&format!("shield(|| execute(\"cat\", #{{ {option} }}));"));
        assert_eq!(said, format!("`{name}` cannot be used in `shield`"));
    }
}

#[test]
fn check_finds_what_cannot_be_a_prompt_or_an_answer() {
    let block = "execute(\"a\", #{\n    answer: #{ \"/(/\": \"x\" } });\ncapture(\"b\", #{ answer: #{ \"B:\": true }, pty: \"x\" });\n\
        run(\"c\", #{ answer: #{ \"C:\": 1, \"D:\": |line| line, \"E:\": fetch(\"e\", \"\") } });\ntest(\"d\", #{ answers: 1 });";
    let ran = on_db(block).run(["check"]).fails(2);
    for part in [
        "prompt `/(/` is not a regular expression: unclosed group",
        "config/deploy.rhai:2:",
        "the answer to `B:` has to be a string, a number or a closure such as `|| { … }`, and is true",
        "`capture` expects `pty` as true or false, and got \"x\"",
        "`test` has no option `answers`",
        "did you mean `answer`?",
    ] {
        assert!(ran.out().contains(part), "{part}: {}", ran.out());
    }
    assert!(!ran.out().contains("`C:`") && !ran.out().contains("`D:`"), "{}", ran.out());
}

/// What was asked for before goes first, and what it finds is known at once.
#[test]
fn in_a_batch_it_comes_when_it_is_its_turn() {
    let block = "within(fetch(\"deploy_to\"), || info(batch(|| {
            execute(\"echo 1 >>order\");
            let now = capture(\"echo 2 >>order; wc -l <order\", #{ pty: true });
            info(`now ${now}`);
            capture(\"echo 3 >>order; cat order | tr -d '\\\\n'\")
        })));";
    let scene = on_db(block);
    fs::create_dir_all(scene.host("db1", "")).unwrap();
    assert_eq!(scene.said(["production", "t"]), ["now 2", "123"]);
}

#[test]
fn a_dry_run_shows_the_command_and_asks_nothing() {
    let block = "info(capture(\"passwd\", #{ pty: true, answer: #{ \"Password:\": || throw \"asked\" } }));";
    assert_eq!(on_db(block).lines("db1", ["production", "t"]), ["passwd"]);
}

#[test]
fn a_limit_ends_what_waits_for_an_answer_and_says_what_for() {
    for option in ["pty: true", "answer: #{ \"Name:\": \"x\" }"] {
        let block = format!("execute(\"printf 'Password:'; read -r p; sleep 600\", #{{ {option}, idle_timeout: 1 }});");
        let ran = on_db(&block).run(["production", "t"]).fails(1);
        assert!(ran.error().contains("printed nothing for 1 s"), "{}", ran.stderr);
        assert!(ran.stderr.contains("`answer: #{"), "{}", ran.stderr);
    }
}

#[test]
fn what_is_talked_with_ends_when_windlass_is_killed() {
    let mark = |scene: &Scene| format!("sleep 2000 # {}", scene.top().display());
    for option in ["pty: true", "answer: #{ \"Name:\": \"x\" }"] {
        let block = format!("execute(\"trap '' HUP TERM; sleep 2000 # MARK\\nsleep 2000\", #{{ {option} }});");
        let local = on_db(&block);
        let ssh = Sshd::start().map(|sshd| (over_ssh(&sshd, &block), sshd));
        for scene in [Some(&local), ssh.as_ref().map(|(scene, _)| scene)].into_iter().flatten() {
            let recipe = scene.read("config/deploy.rhai").replace("sleep 2000 # MARK", &mark(scene));
            fs::write(scene.path("config/deploy.rhai"), recipe).unwrap();
            let mut run = Running::start(scene, &["production", "t"]);
            run.until("the command runs", || !with_argument(&mark(scene)).is_empty());
            run.kill();
            gone(std::time::Duration::from_secs(20), || with_argument(&mark(scene)));
        }
    }
}
