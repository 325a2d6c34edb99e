//! The options of commands: `raise`, `verbosity`, `stdin`, `shell`, and what `capture_lines` and `capture_json` give.

use crate::support::scene::Scene;
use crate::support::skip::skip;

fn on_db(block: &str) -> Scene {
    Scene::task(&format!("on(roles(\"db\"), |host| {{ {block} }});"))
}

fn said(block: &str) -> Vec<String> {
    on_db(block).said(["production", "t"])
}

fn lines(block: &str) -> Vec<String> {
    on_db(block).lines("db1", ["production", "t"])
}

fn error(block: &str) -> String {
    on_db(block).run(["production", "t"]).fails(2).error()
}

#[test]
fn without_raise_a_failure_is_a_value() {
    let block = r#"
        info(execute("false", #{ raise: false }));
        info(execute("true", #{ raise: false }));
        info(execute("sh", "-c", "kill -9 $$", #{ raise: false }));
        info(capture("echo out; exit 3", #{ raise: false }));
        info(capture_lines("echo a; echo b; exit 3", #{ raise: false }));
        info(capture_json("echo '[1]'; exit 3", #{ raise: false }));
        info(type_of(capture_json("false", #{ raise: false })));
    "#;
    let ran = on_db(block).run(["--format", "json", "production", "t"]).ok();
    assert_eq!(ran.messages("info"), ["false", "true", "false", "out", r#"["a", "b"]"#, "[1]", "()"]);
    assert!(ran.all("command_finished").iter().all(|line| line["ok"] == true), "none is a failure");
    assert_eq!(
        error("execute(\"true\", #{ raise: \"no\" });"),
        "`execute` expects `raise` as true or false, and got a string"
    );
    assert_eq!(error("run(\"true\", #{ raise: false });"), "`run` has no option `raise`");
}

#[test]
fn without_raise_a_batch_goes_on() {
    let block = "info(batch(|| [execute(\"false\", #{ raise: false }), capture(\"echo\", \"on\")]));";
    assert_eq!(said(block), [r#"[false, "on"]"#]);
}

#[test]
fn every_command_can_be_louder_or_quieter() {
    let block = r#"
        execute("true", #{ verbosity: "warn" });
        test("true", #{ verbosity: "info" });
        capture("true", #{ verbosity: "info" });
        capture_lines("true", #{ verbosity: "error" });
        capture_json("echo 1", #{ verbosity: "info" });
        run("true", #{ verbosity: "debug" });
        capture("true");
    "#;
    let ran = on_db(block).run(["--format", "json", "production", "t"]).ok();
    let levels: Vec<_> = ran.all("command_started").into_iter().map(|line| line["level"].clone()).collect();
    assert_eq!(levels, ["warn", "info", "info", "error", "info", "debug", "debug"]);
    assert_eq!(error("test(\"true\", #{ verbosity: 3 });"), "`3` is not a verbosity");
}

#[test]
fn so_can_every_transfer() {
    let block = r#"
        let dir = capture("mktemp", "-d");
        upload("config/deploy.rhai", `${dir}/a`, #{ verbosity: "debug" });
        download(`${dir}/a`, "log/copy", #{ verbosity: "warn" });
        write_file(`${dir}/b`, "text", #{ mode: "0640", verbosity: "debug" });
        write_file(`${dir}/c`, "text");
        execute("rm", "-r", dir);
    "#;
    let ran = on_db(block).run(["--format", "json", "production", "t"]).ok();
    let levels: Vec<_> = ran.all("command_started").into_iter().map(|line| line["level"].clone()).collect();
    assert_eq!(levels, ["debug", "debug", "warn", "debug", "info", "info"]);
    assert_eq!(error("download(\"/a\", \"b\", #{ verbosity: \"loud\" });"), "`loud` is not a verbosity");
}

#[test]
fn lines_are_a_list_without_their_ends() {
    let block = r#"
        info(capture_lines("printf 'a b\n\n  c\r\nd'"));
        info(capture_lines("true"));
        info(capture_lines("printf", "%s\n", ["x", "y"]).len);
        info(capture_lines("ls", "/", #{ dry_run: ["one"] }).len > 1);
    "#;
    assert_eq!(said(block), [r#"["a b", "", "  c", "d"]"#, "[]", "2", "true"]);
    let dry = on_db("info(capture_lines(\"ls\", #{ dry_run: [\"one\"] })); info(capture_lines(\"ls\"));");
    assert_eq!(dry.said(["production", "t", "--dry-run"]), [r#"["one"]"#, "[]"]);
}

#[test]
fn json_becomes_values() {
    let block = r#"
        let facts = capture_json("echo '{\"name\": \"é\", \"n\": [1, 2.5, null, true], \"deep\": {\"a\": \"\"}}'");
        info(`${facts.name} ${facts.n[0] + 1} ${facts.n[1]} ${type_of(facts.n[2])} ${facts.n[3]} ${facts.deep.a.is_empty()}`);
    "#;
    assert_eq!(said(block), ["é 2 2.5 () true true"]);
    let dry = on_db("info(type_of(capture_json(\"x\"))); info(capture_json(\"x\", #{ dry_run: [1] }));");
    assert_eq!(dry.said(["production", "t", "--dry-run"]), ["()", "[1]"]);
}

#[test]
fn what_is_no_json_is_told_with_the_command() {
    let ran = on_db("capture_json(\"echo\", \"no json\");").run(["production", "t"]).fails(1);
    assert!(ran.err().contains("`echo 'no json'` printed no JSON: expected"), "{}", ran.err());
    assert!(ran.err().contains("config/deploy.rhai:2"), "{}", ran.err());
}

#[test]
fn a_command_reads_the_text_it_is_given() {
    let block = r#"
        info(capture("cat", #{ stdin: "it's $HOME\n\"two\"" }));
        info(capture("tr a b | cat", #{ stdin: "banana" }));
        info(capture("wc", "-c", #{ stdin: "" }));
        info(test("grep", "-q", "needle", #{ stdin: "hay needle hay" }));
        info(run("sh", "-c", "read x; echo got $x; exit 4", #{ stdin: "one\ntwo" }).status);
        info(execute("grep", "-q", "x", #{ stdin: "y", raise: false }));
        info(capture("cat"));
        within("/tmp", || with(#{ a: "b" }, || info(capture("pwd; echo $A; cat", #{ stdin: "c" }))));
    "#;
    assert_eq!(said(block), ["it's $HOME\n\"two\"", "bbnbnb", "0", "true", "4", "false", "", "/tmp\nb\nc"]);
    assert_eq!(error("execute(\"cat\", #{ stdin: 5 });"), "`execute` expects `stdin` as a string, and got a number");
}

#[test]
fn a_long_text_is_read_to_the_last_byte_and_a_command_need_not_read_it() {
    let block = r#"
        let long = "0123456789abcde\n";
        for n in 0..15 { long += long; }
        info(capture("wc", "-c", #{ stdin: long }));
        info(run("exit 3", #{ stdin: long }).status);
        execute("sh", "-c", "test $(wc -c) = 524288", #{ stdin: long });
        info(batch(|| { execute("true"); capture("tail", "-c", "4", #{ stdin: long }) }));
    "#;
    assert_eq!(said(block), ["524288", "3", "cde"]);
    let failed = on_db(
        "let l = \"x\"; for n in 0..17 { l += l; } execute(\"sh\", \"-c\", \"cat >/dev/null; exit 3\", #{ stdin: l });",
    );
    assert!(failed.run(["production", "t"]).fails(1).err().contains("ended with status 3"));
}

#[test]
fn a_secret_may_be_read_and_shows_nowhere() {
    for padding in [0, 70_000] {
        let body = format!(
            "let pad = \"\"; pad.pad({padding}, \"-\"); on(roles(\"db\"), |host| {{
                info(capture(\"sh\", \"-c\", \"cat; ps -eo args | grep -c '[q]uagga-4711'; true\", #{{ stdin: secret(\"quagga-4711\") + pad }}).len);
                execute(\"cat\", #{{ stdin: secret(\"quagga-4711\") + pad }});
            }});"
        );
        let scene = Scene::task(&body);
        let ran = scene.run(["--format", "json", "production", "t", "-v"]).ok();
        // Behind what was read stands how many processes show it.
        assert_eq!(ran.messages("info").len(), 1, "{}", ran.stdout);
        let log = scene.read("log/windlass.log");
        for text in [&ran.stdout, &ran.stderr, &log] {
            assert!(!text.contains("quagga-4711"), "{text}");
        }
        assert!(ran.stdout.contains("[secret]"), "{}", ran.stdout);
        let counts: Vec<String> = ran.all("command_output").iter().map(|line| line["line"].to_string()).collect();
        assert!(counts.iter().any(|line| line.ends_with("0\"")), "no process shows it: {counts:?}");
    }
}

#[test]
fn another_shell_reads_lines_and_programs() {
    if !std::path::Path::new("/bin/bash").exists() {
        return skip("another_shell_reads_lines_and_programs", "there is no bash here");
    }
    let block = r#"
        info(test("[[ abc == a* ]]", #{ shell: "bash" }));
        info(run("set -o pipefail; false | true", #{ shell: "bash" }).status);
        within("/tmp", || with(#{ a: "x y" }, || info(capture("echo \"$PWD $A ${BASH_VERSION:+bash}\"", #{ shell: "bash" }))));
        info(capture("printf", "%s|", "it's", "$HOME", "a b", #{ shell: "bash -e" }));
        info(capture("cat", #{ shell: "bash", stdin: "fed" }));
        info(capture("echo", secret("hunter2"), #{ shell: "bash" }) == "hunter2");
    "#;
    assert_eq!(said(block), ["true", "1", "/tmp x y bash", "it's|$HOME|a b|", "fed", "true"]);
    assert_eq!(lines("execute(\"a | b\", #{ shell: \"bash -l\" });"), ["bash -l -c 'a | b'"]);
    assert_eq!(error("execute(\"true\", #{ shell: \"\" });"), "\"\" cannot be a shell");
}

#[test]
fn the_setting_is_for_all_commands_of_the_users() {
    let scene = Scene::with(
        "set(\"shell\", \"bash\");\nset(\"application\", \"a\");\nset(\"repo_url\", \"/r\");\n\
         task(\"t\", || on(roles(\"db\"), |host| { execute(\"ls\"); execute(\"ls\", #{ shell: \"zsh\" }); }));",
    );
    assert_eq!(scene.lines("db1", ["production", "t"]), ["bash -c ls", "zsh -c ls"]);
    let stock = scene.lines("web1", ["production", "deploy:check"]);
    assert!(!stock.is_empty() && stock.iter().all(|line| !line.contains("bash")), "{stock:?}");
    let of_server = Scene::with("task(\"t\", || on(roles(\"all\"), |host| execute(\"ls\")));").stage(
        "two",
        "server(\"web1\", #{ transport: \"local\", shell: \"zsh\" }); server(\"web2\", #{ transport: \"local\" });",
    );
    assert_eq!(of_server.lines("web1", ["two", "t"]), ["zsh -c ls"]);
    assert_eq!(of_server.lines("web2", ["two", "t"]), ["ls"]);
}

#[test]
fn a_group_goes_with_a_user() {
    assert_eq!(
        lines("as_user(\"app\", #{ group: \"www\" }, || { execute(\"id\"); as_user(\"b\", || execute(\"id\")); });"),
        ["sudo -n -u app -- sh -c 'sg www -c id'", "sudo -n -u b -- sh -c id"]
    );
    assert_eq!(error("as_user(\"a\", #{ grop: \"b\" }, || ());"), "`as_user` has no option `grop`");
    assert_eq!(
        error("as_user(\"a\", \"b\", || ());"),
        "`as_user` expects the options as a map such as `#{ group: \"www\" }`, and got a string"
    );
    assert_eq!(error("as_user(\"a\", #{ group: \"-b\" }, || execute(\"id\"));"), "`-b` cannot be the name of a group");
}

#[test]
fn files_and_commands_of_a_group_belong_to_it() {
    let can = std::process::Command::new("sudo").args(["-n", "-u", "root", "sg", "daemon", "-c", "true"]).output();
    if !can.is_ok_and(|output| output.status.success()) {
        return skip("files_and_commands_of_a_group_belong_to_it", "`sudo -n -u root sg daemon -c true` does not work");
    }
    let block = r#"
        let dir = capture("mktemp", "-d");
        as_user("root", #{ group: "daemon" }, || {
            info(capture("id", "-gn"));
            within("/tmp", || with(#{ a: "x y" }, || info(capture("echo \"$PWD $A $0\" | cut -c1-8; cat", #{ stdin: "fed" }))));
            write_file(`${dir}/f`, "text", #{ diff: false });
            info(run("kill -9 $$").signal);
        });
        info(capture("stat", "-c", "%G", `${dir}/f`));
        execute("rm", "-r", dir);
    "#;
    assert_eq!(said(block), ["daemon", "/tmp x y\nfed", "KILL", "daemon"]);
}
