//! `try`, `catch`, `throw`, `fail`, `exit`.

use crate::support::scene::Scene;

fn said(body: &str) -> Vec<String> {
    Scene::task(body).said(["production", "t"])
}

#[test]
fn a_failed_command_tells_everything_to_catch() {
    let body = r#"
        try { on(roles("db"), |host| { within("/tmp", || execute("sh", "-c", "echo out; echo err >&2; exit 4")); }); }
        catch (e) {
            info(e.kind); info(e.message); info(e.host); info(e.command); info(e.status);
            info(type_of(e.signal)); info(e.stdout); info(e.stderr); info(e.causes.len); info(`${e}` == e.message);
        }
    "#;
    assert_eq!(
        said(body),
        [
            "command",
            "`sh -c 'echo out; echo err >&2; exit 4'` ended with status 4",
            "db1",
            "cd /tmp && sh -c 'echo out; echo err >&2; exit 4'",
            "4",
            "()",
            "out\n",
            "err\n",
            "0",
            "true",
        ]
    );
}

#[test]
fn a_killed_command_has_a_signal() {
    let body = "on(roles(\"db\"), |host| { try { execute(\"kill -KILL $$\"); } catch (e) { info(e.kind); info(e.signal); } });";
    assert_eq!(said(body), ["signal", "KILL"]);
}

#[test]
fn several_failed_hosts_are_causes() {
    let body = r#"
        try { on(roles("all"), |host| { if host.name != "db1" { execute("false"); } }); }
        catch (e) {
            info(e.kind); info(type_of(e.host));
            for c in e.causes { info(`${c.host}: ${c.kind} ${c.status}`); }
        }
    "#;
    assert_eq!(said(body), ["hosts", "()", "web1: command 1", "web2: command 1"]);
}

#[test]
fn what_is_thrown_is_caught_as_it_was() {
    assert_eq!(said("try { throw #{ code: 4 }; } catch (e) { info(e.code); }"), ["4"]);
    assert_eq!(said("try { throw \"text\"; } catch (e) { info(e); }"), ["text"]);
}

#[test]
fn what_is_thrown_on_a_host_is_caught_with_its_host() {
    let body = "try { on(roles(\"db\"), |host| { throw \"no room\"; }); } catch (e) { info(e.kind); info(e.host); info(e.message); }";
    assert_eq!(said(body), ["thrown", "db1", "no room"]);
}

#[test]
fn a_caught_error_can_be_thrown_on_as_it_was() {
    let body = "on(roles(\"db\"), |host| { try { execute(\"exit 6\"); } catch (e) { info(\"cleaning\"); throw e; } });";
    let ran = Scene::task(body).run(["--format", "json", "production", "t"]).fails(1);
    assert_eq!(ran.messages("info"), ["cleaning"]);
    let failure = ran.failure();
    assert_eq!((failure["kind"].as_str(), failure["command"]["status"].as_i64()), (Some("command"), Some(6)));
}

#[test]
fn mistakes_can_be_caught_too() {
    assert_eq!(said("try { fetch(1); } catch (e) { info(e.kind); }"), ["recipe"]);
    assert_eq!(said("try { invoke(\"nope\"); } catch (e) { info(e.message); }"), ["no task `nope`"]);
}

#[test]
fn fail_says_what_to_do() {
    let body = "fail(\"no disk\", #{ help: \"buy one\", notes: [\"a\", \"b\"] });";
    let failure = Scene::task(body).run(["--format", "json", "production", "t"]).fails(1).failure();
    assert_eq!(failure["message"], "no disk");
    assert_eq!(failure["help"], serde_json::json!(["buy one"]));
    assert_eq!(failure["notes"], serde_json::json!(["a", "b"]));
    assert_eq!(failure["kind"], "thrown");
}

#[test]
fn exit_ends_the_run_with_its_code_wherever_it_stands() {
    let bodies = [
        "exit(7);",
        "on(roles(\"app\"), |host| exit(7));",
        "on(roles(\"app\"), |host| within(\"/tmp\", || exit(7)));",
        "try { exit(7); } catch { info(\"caught\"); }",
        "try { on(roles(\"app\"), |host| exit(7)); } catch { info(\"caught\"); }",
        "set(\"x\", || exit(7)); fetch(\"x\");",
    ];
    for body in bodies {
        let ran =
            Scene::task(&format!("{body} info(\"after\");")).run(["--format", "json", "production", "t"]).fails(7);
        assert_eq!(ran.messages("info"), [""; 0], "{body}");
    }
    Scene::task("exit();").run(["production", "t"]).ok();
    Scene::task("exit(0);").run(["production", "t"]).ok();
}

#[test]
fn exit_at_the_top_of_a_recipe_ends_the_run_too() {
    let ran = Scene::with("exit(3);\ntask(\"t\", || info(\"ran\"));").run(["production", "t"]).fails(3);
    assert_eq!(ran.stdout, "");
}

#[test]
fn exit_takes_a_code_that_exists() {
    assert_eq!(
        Scene::task("exit(256);").run(["production", "t"]).fails(2).error(),
        "`exit` expects the exit code as a whole number from 0 to 255, and got a number"
    );
}

#[test]
fn a_mistake_found_after_commands_have_run_is_a_failure() {
    Scene::task("run_locally(|| execute(\"true\")); fetch(1);").run(["production", "t"]).fails(1);
    Scene::task("fetch(1);").run(["production", "t"]).fails(2);
}

#[test]
fn exit_without_a_code_is_no_failed_deploy() {
    let body = "set(\"deploying\", true); exit();";
    let scene = Scene::with(&format!(
        "require(\"deploy\"); task(\"t\", || {{ {body} }}); after(\"deploy:failed\", \"tell\", || info(\"failed\"));"
    ));
    let ran = scene.run(["--format", "json", "production", "t"]).ok();
    assert!(ran.all("failed").is_empty() && ran.messages("info").is_empty());
}

#[test]
fn a_task_after_a_deploy_is_not_the_deploy() {
    let recipe = "require(\"deploy\"); clear_task(\"deploy\"); \
                  task(\"deploy\", || { set(\"deploying\", true); set(\"deploying\", false); }); \
                  task(\"later\", || { throw \"no\"; }); after(\"deploy:failed\", \"tell\", || info(\"failed\"));";
    let ran = Scene::with(recipe).run(["--format", "json", "production", "deploy", "later"]).fails(1);
    assert!(ran.messages("info").is_empty());
}

#[test]
fn a_function_of_the_recipe_may_be_called_like_a_command() {
    let recipe = "fn test(x) { x + 1 }\ntask(\"t\", || info(test(1)));";
    assert_eq!(Scene::with(recipe).said(["production", "t"]), ["2"]);
}
