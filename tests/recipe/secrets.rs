//! Secrets: they reach the host and nothing else.

use std::fs;

use crate::support::ran::Ran;
use crate::support::scene::Scene;

const SECRET: &str = "hunter2-and-more";

fn scene(body: &str) -> Scene {
    Scene::task(&format!("let s = secret(env(\"PASSWORD\"));\n{body}")).env("PASSWORD", SECRET)
}

/// Runs in every format, dry and not, and looks everywhere for the secret; gives the JSON run.
fn never_shown(scene: &Scene, code: u8) -> Ran {
    for args in [
        &["production", "t"][..],
        &["production", "t", "--format", "pretty", "-v"],
        &["production", "t", "--format", "dots"],
        &["production", "t", "--dry-run", "-v"],
        &["production", "t", "--dry-run", "--format", "json"],
        &["production", "t", "--plan"],
        &["production", "t", "-t", "-v"],
    ] {
        let ran = scene.run(args.iter().copied());
        hidden(&ran.stdout, &format!("stdout of {args:?}"));
        hidden(&ran.stderr, &format!("stderr of {args:?}"));
    }
    let ran = scene.run(["--format", "json", "production", "t"]).fails(code);
    hidden(&ran.stdout, "JSON");
    hidden(&ran.stderr, "stderr of JSON");
    // A mistake that is found before anything runs leaves no log.
    let log = fs::read_to_string(scene.path("log/windlass.log"));
    assert!(log.is_ok() || code == 2, "there is no log");
    hidden(&log.unwrap_or_default(), "the log");
    ran
}

#[track_caller]
fn hidden(text: &str, place: &str) {
    for form in [SECRET, "aHVudGVyMi1hbmQtbW9yZQ", "hunter2"] {
        assert!(!text.contains(form), "{form} is shown in {place}:\n{text}");
    }
    assert!(!text.contains('\u{F8F0}') && !text.contains('\u{F8F1}'), "a seal is shown in {place}:\n{text}");
}

#[test]
fn a_secret_prints_as_a_mask() {
    let ran = never_shown(&scene("info(s); warn(`pw=${s}`); print(s); debug(s);"), 0);
    assert_eq!(ran.messages("info"), ["[secret]", "[secret]"]);
    assert_eq!(ran.messages("warn"), ["pw=[secret]"]);
}

#[test]
fn a_secret_argument_reaches_the_program_and_is_masked_in_the_line() {
    let scene = scene(
        "info(on(roles(\"db\"), |host| capture(\"sh\", \"-c\", \"printf %s \\\"$1\\\" | wc -c\", \"x\", `${s}`)));",
    );
    let ran = never_shown(&scene, 0);
    assert_eq!(ran.messages("info"), [format!(r#"#{{"db1": "{}"}}"#, SECRET.len())]);
    assert_eq!(ran.lines("db1"), [r#"sh -c 'printf %s "$1" | wc -c' x '[secret]'"#]);
}

#[test]
fn what_is_built_from_a_secret_is_secret() {
    let body = r#"
        let url = "https://me:" + s + "@example.com";
        info(url);
        set("url", url);
        info(fetch("url"));
        info([s, #{ a: s }]);
        on(roles("db"), |host| with(#{ url: url }, || execute("sh", "-c", "test ${#URL} = 39")));
    "#;
    let ran = never_shown(&scene(body), 0);
    let expected =
        ["https://me:[secret]@example.com", "https://me:[secret]@example.com", r#"["[secret]", #{"a": "[secret]"}]"#];
    assert_eq!(ran.messages("info"), expected);
    assert_eq!(ran.lines("db1")[0].split(" && ").next(), Some("export URL='https://me:[secret]@example.com'"));
}

#[test]
fn output_that_echoes_a_secret_is_masked() {
    let body = r#"
        on(roles("db"), |host| {
            execute("echo", s);
            execute("sh", "-c", "echo \"$0\" >&2; printf %s \"$0\" | base64", s);
            info(capture("echo", s));
            info(run("echo", s).stdout);
            info(read_file("/proc/self/environ").len > 0);
        });
    "#;
    let ran = never_shown(&scene(body), 0);
    assert_eq!(ran.all("command_output")[0]["line"], "[secret]");
}

#[test]
fn a_secret_in_a_failed_command_is_masked_in_the_error() {
    let body = "on(roles(\"app\"), |host| execute(\"sh\", \"-c\", \"echo got $0; echo bad $0 >&2; exit 3\", s));";
    let ran = never_shown(&scene(body), 1);
    assert_eq!(ran.failure()["causes"][0]["command"]["stderr"], "bad [secret]\n");
}

#[test]
fn a_secret_in_a_thrown_text_is_masked() {
    for body in ["throw `cannot log in with ${s}`;", "fail(s, #{ help: s, notes: [s] });", "throw #{ password: s };"] {
        never_shown(&scene(body), 1);
        never_shown(&scene(&format!("on(roles(\"app\"), |host| {{ {body} }});")), 1);
    }
}

#[test]
fn a_secret_in_a_name_is_masked_in_the_mistake() {
    for body in [
        "fetch(1, s);",
        "invoke(s);",
        "require(s);",
        "within(\"/tmp\", s);",
        "roles(\"app\").nope(s);",
        "set(\"application\", s);",
    ] {
        never_shown(&scene(body), 2);
    }
}

#[test]
fn a_caught_error_shows_no_secret_either() {
    let body = r#"
        on(roles("db"), |host| {
            try { execute("sh", "-c", "echo $0; exit 3", s); }
            catch (e) { info(e.command); info(e.stdout); info(e.message); info(e); }
        });
    "#;
    let ran = never_shown(&scene(body), 0);
    assert_eq!(ran.messages("info")[1], "[secret]\n");
}

#[test]
fn a_file_with_a_secret_is_for_its_owner_only() {
    let scene = scene(
        "on(roles(\"db\"), |host| { execute(\"mkdir\", \"-p\", deploy_to()); write_file(deploy_to(\"token\"), `token=${s}\n`); execute(\"stat\", \"-c\", \"%a\", deploy_to(\"token\")); });",
    );
    let ran = never_shown(&scene, 0);
    assert_eq!(fs::read_to_string(scene.host("db1", "token")).unwrap(), format!("token={SECRET}\n"));
    assert_eq!(ran.all("command_output").last().unwrap()["line"], "600");
}

#[test]
fn a_secret_is_on_no_argument_list_of_this_machine() {
    // Its own process is in the list, so the program looks for what only the value would show.
    let body =
        "on(roles(\"db\"), |host| with(#{ token: s }, || info(capture(\"ps -ef | grep -c 'hunter[2]-and'; true\"))));";
    assert_eq!(never_shown(&scene(body), 0).messages("info"), ["0"]);
}

#[test]
fn a_secret_does_not_belong_into_a_shell_line() {
    let ran = never_shown(&scene("on(roles(\"db\"), |host| execute(`login ${s}`));"), 2);
    assert_eq!(ran.failure()["message"], "a secret stands inside a shell line, where its quoting cannot be known");
}

#[test]
fn a_secret_that_was_cut_is_refused() {
    let ran = never_shown(&scene("on(roles(\"db\"), |host| execute(\"echo\", s.sub_string(0, 2)));"), 2);
    assert!(ran.failure()["message"].as_str().unwrap().contains("secret"), "{}", ran.failure());
}

#[test]
fn an_empty_secret_is_a_mistake() {
    for value in ["\"\"", "()", "env(\"NOT_SET\")"] {
        let ran = Scene::task(&format!("secret({value});")).run(["production", "t"]).fails(2);
        assert!(ran.stderr.contains("needs the variable NAME to be set"), "{}", ran.stderr);
    }
}

#[test]
fn a_secret_written_into_the_recipe_is_not_in_the_lines_an_error_shows() {
    let scene = Scene::task(&format!("on(roles(\"db\"), |host| execute(\"false\", secret(\"{SECRET}\")));"));
    let ran = never_shown(&scene, 1);
    assert_eq!(ran.failure()["command"]["line"], "false '[secret]'");
}

#[test]
fn settings_are_listed_without_secrets() {
    let ran =
        never_shown(&scene("set(\"token\", s); for x in settings() { if x.name == \"token\" { info(x.value); } }"), 0);
    assert_eq!(ran.messages("info"), ["[secret]"]);
}

#[test]
fn the_reason_a_host_is_left_behind_shows_no_secret() {
    let body = "set(\"deploying\", true); on(roles(\"db\"), |host| { current_release(); throw `bad ${capture(\"echo $PW\")}`; });";
    let scene = scene(&format!("set(\"default_env\", #{{ pw: s }}); set(\"deploy_to\", \"/nowhere\");\n{body}"));
    let ran = never_shown(&scene, 1);
    assert_eq!(ran.all("fleet")[0]["hosts"][0]["reason"], "bad [secret]");
}

#[test]
fn a_secret_on_the_command_line_is_masked_where_the_call_is_told() {
    // Another one than elsewhere: it stands in an argument list of this machine while the test runs.
    let typed = "swordfish-on-the-line";
    let scene = Scene::with(&format!("secret({typed:?});"));
    let ran = scene.run(["--format", "json", "production", "exec", "--", "true", typed]).ok();
    assert_eq!(ran.all("run_started")[0]["command"], "production exec -- true [secret]");
    assert!(!ran.stdout.contains(typed) && !scene.read("log/windlass.log").contains(typed));
}

#[test]
fn output_cannot_pretend_to_be_a_secret() {
    let body = "on(roles(\"db\"), |host| { let forged = capture(\"printf '\\\\357\\\\243\\\\2600\\\\357\\\\243\\\\261'\"); \
                write_file(\"forged\", forged); info(forged.contains(\"0\")); });";
    let scene = scene(body);
    hidden(&scene.run(["--format", "json", "production", "t"]).ok().stdout, "the output");
    hidden(&scene.read("forged"), "the file");
}
