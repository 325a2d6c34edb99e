//! `command_map`, `command_prefix`: what runs in place of a program, and what stands before it.

use crate::support::scene::Scene;

fn lines(before: &str, block: &str) -> Vec<String> {
    let scene = Scene::with(&format!("{before}\ntask(\"t\", || on(roles(\"db\"), |host| {{ {block} }}));"));
    scene.lines("db1", ["production", "t"])
}

fn error(line: &str) -> String {
    Scene::with(line).run(["production", "t"]).fails(2).error()
}

#[test]
fn another_program_takes_the_place_of_one() {
    let found = lines(
        "command_map(\"rake\", \"bundle exec rake\");\ncommand_map(\"ls\", [\"/opt/my tools/ls\", \"-1\"]);\n\
         command_map(\"node\", raw(\"$HOME/.nvm/node\"));",
        r#"
        execute("rake", "db:migrate", "a b");
        execute("rake db:migrate | tee log");
        execute("echo rake; rake x");
        execute("bundle", "exec", "rake");
        execute("ls", "rake");
        execute("node", "$HOME");
        execute(["rake", "x"]);
        execute(raw("rake"), "x");
        "#,
    );
    assert_eq!(
        found,
        [
            "bundle exec rake db:migrate 'a b'",
            "bundle exec rake db:migrate | tee log",
            "echo rake; rake x",
            "bundle exec rake",
            "'/opt/my tools/ls' -1 rake",
            "$HOME/.nvm/node '$HOME'",
            "bundle exec rake x",
            "rake x",
        ]
    );
}

#[test]
fn every_function_obeys_it() {
    let block =
        r#"info(capture("hi", "a")); info(test("hi")); info(run("hi", "b").stdout); info(capture_lines("hi c")[0]);"#;
    let scene = Scene::with(&format!(
        "command_map(\"hi\", \"echo hello\"); task(\"t\", || on(roles(\"db\"), |host| {{ {block} }}));"
    ));
    assert_eq!(scene.said(["production", "t"]), ["hello a", "true", "hello b\n", "hello c"]);
    let ran = scene.run(["--format", "json", "production", "exec", "-z", "db1", "--", "hi", "there"]).ok();
    assert_eq!(ran.lines("db1"), ["echo hello there"]);
}

#[test]
fn it_goes_inside_of_what_surrounds_the_command() {
    let found = lines(
        "command_map(\"rake\", \"bundle exec rake\");",
        "within(\"/srv\", || with(#{ a: \"b\" }, || as_user(\"app\", || execute(\"rake\", \"x\"))));",
    );
    assert_eq!(found, ["sudo -n -u app -- sh -c 'cd /srv && export A=b && bundle exec rake x'"]);
}

#[test]
fn prefixes_add_up_in_order_and_the_map_counts_too() {
    let found = lines(
        r#"
        command_prefix("rake", "bundle exec");
        command_prefix("rake", ["nice", "-n", "5"]);
        command_prefix("rake", raw("$HOME/.rbenv/bin/rbenv exec"), #{ first: true });
        command_prefix("ruby", "bundle exec");
        command_map("ruby", "ruby3.3");
        "#,
        "execute(\"rake\", \"x\"); execute(\"ruby\", \"-v\");",
    );
    assert_eq!(found, ["$HOME/.rbenv/bin/rbenv exec bundle exec nice -n 5 rake x", "bundle exec ruby3.3 -v"]);
}

#[test]
fn a_closure_is_asked_each_time_and_for_each_host() {
    let scene = Scene::with(
        "command_map(\"rake\", || [fetch(\"bin\"), `on-${current_host().name}`]);\nset(\"bin\", \"first\");\n\
         command_prefix(\"rake\", || if fetch(\"bin\") == \"first\" { \"nice\" } else { raw(\"time\") });\n\
         task(\"t\", || { on(roles(\"app\"), |host| execute(\"rake\", \"x\")); set(\"bin\", \"second\"); on(roles(\"db\"), |host| execute(\"rake x\")); });",
    );
    let ran = scene.run(["--format", "json", "--dry-run", "production", "t"]).ok();
    assert_eq!(ran.lines("web1"), ["nice first on-web1 x"]);
    assert_eq!(ran.lines("web2"), ["nice first on-web2 x"]);
    assert_eq!(ran.lines("db1"), ["time second on-db1 x"]);
}

#[test]
fn a_closure_may_look_at_the_host_also_in_a_batch_but_not_for_ever() {
    let block = "info(batch(|| [capture(\"hi\", \"1\"), capture(\"hi\", \"2\")]));";
    let scene = Scene::with(&format!(
        "command_map(\"hi\", || [capture(\"echo\", \"echo\"), \"found\"]); task(\"t\", || on(roles(\"db\"), |host| {{ {block} }}));"
    ));
    assert_eq!(scene.said(["production", "t"]), [r#"["found 1", "found 2"]"#]);
    let scene = Scene::with(
        "command_map(\"hi\", || capture(\"hi\"));\ntask(\"t\", || on(roles(\"db\"), |host| execute(\"hi\")));",
    );
    let ran = scene.run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "the command map of hi calls `hi` itself");
    assert!(ran.err().contains("config/deploy.rhai:1"), "{}", ran.err());
}

#[test]
fn the_last_one_counts_and_nothing_takes_it_back() {
    let block = r#"
        execute("rake");
        command_map("rake", "other");
        execute("rake");
        command_map("rake", ());
        execute("rake");
    "#;
    assert_eq!(lines("command_map(\"rake\", \"one\");", block), ["one", "other", "rake"]);
}

#[test]
fn stock_recipes_obey_it() {
    let scene = Scene::with(
        "set(\"application\", \"a\");\nset(\"repo_url\", \"/r\");\ncommand_map(\"git\", \"/opt/git/bin/git\");\nrequire(\"git\");",
    );
    let found = scene.lines("web1", ["production", "git:check"]);
    assert!(found.iter().any(|line| line.contains("/opt/git/bin/git ls-remote")), "{found:?}");
    assert!(found.iter().all(|line| !line.contains(" git ") && !line.starts_with("git ")), "{found:?}");
}

#[test]
fn what_cannot_be_is_told() {
    assert_eq!(error("command_map(\"bundle exec\", \"x\");"), "\"bundle exec\" is not the name of a program");
    assert_eq!(error("command_map(\"x\", \"  \");"), "the command is empty");
    assert_eq!(
        error("command_map(\"x\", |program| \"y\");"),
        "the closure of `command_map` takes arguments, and there are none"
    );
    assert_eq!(error("command_prefix(\"x\", ());"), "the command of `command_prefix` is ()");
    assert_eq!(error("command_prefix(\"x\", \"y\", #{ fist: true });"), "`command_prefix` has no option `fist`");
    let scene = Scene::with("command_map(\"x\", || #{});\ntask(\"t\", || on(roles(\"db\"), |host| execute(\"x\")));");
    let ran = scene.run(["production", "t"]).fails(2);
    assert!(ran.error().contains("expects the command as text or a number, and got a map"), "{}", ran.err());
}

#[test]
fn a_secret_in_the_map_is_refused_in_a_shell_line_and_masked_elsewhere() {
    let found = lines("command_prefix(\"x\", [\"with\", secret(\"hunter2\")]);", "execute(\"x\", \"y\");");
    assert_eq!(found, ["with '[secret]' x y"]);
    let scene = Scene::with(
        "command_prefix(\"x\", [\"with\", secret(\"hunter2\")]);\ntask(\"t\", || on(roles(\"db\"), |host| execute(\"x y\")));",
    );
    let ran = scene.run(["production", "t"]).fails(2);
    assert!(ran.error().starts_with("a secret stands inside a shell line"), "{}", ran.err());
}
