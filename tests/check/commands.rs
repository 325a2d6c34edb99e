//! Findings about commands: their words, and secrets on the way to them.

use crate::check::frame::found;
use crate::support::scene::Scene;

#[track_caller]
fn finds(body: &str, expected: &[&str]) {
    let recipe = format!("set(\"token\", secret(\"hunter2hunter2\"));\ntask(\"t\", || {{\n{body}\n}});\n");
    assert_eq!(found(&Scene::with(&recipe)), expected, "{body}");
}

#[track_caller]
fn on_a_host_finds(body: &str, expected: &[&str]) {
    finds(&format!("on(roles(\"app\"), |host| {{\n{body}\n}}); info(fetch(\"token\"));"), expected);
}

const IN_A_LINE: &str =
    "error[secret-in-line]: the secret `token` stands inside a shell line, where its quoting cannot be known";
const HERE: &str = "warning[secret-in-arguments]: the secret `token` is an argument of a program of this machine, where \
                    `ps` shows it to everybody";

#[test]
fn secrets_are_followed_to_shell_lines() {
    for body in [
        "let token = fetch(\"token\"); execute(`curl ${token}`);",
        "let line = \"curl \" + fetch(\"token\"); execute(line, #{ timeout: 5 });",
        "let line = \"curl \"; line = line + fetch(\"token\"); info(capture_lines(line)[0]);",
        "let header = `a: ${fetch(\"token\")}`; within(\"/\", || execute(\"curl -H '\" + header + \"'\"));",
        "execute(fetch(\"token\") ?? \"x\");",
    ] {
        on_a_host_finds(body, &[IN_A_LINE]);
    }
    let made_here = "on(roles(\"app\"), |host| { let token = secret(\"abcabcabc\"); execute(\"curl \" + token); });";
    finds(
        &format!("{made_here} info(fetch(\"token\"));"),
        &["error[secret-in-line]: a secret stands inside a shell line, where its quoting cannot be known"],
    );
}

#[test]
fn secrets_that_arrive_safely_are_left_alone() {
    for body in [
        "let token = fetch(\"token\"); execute(\"curl\", \"-u\", token);",
        "execute([\"curl\", fetch(\"token\")]);",
        "with(#{ token: fetch(\"token\") }, || execute(\"curl -u $TOKEN\"));",
        "execute(\"curl -u @-\", #{ stdin: fetch(\"token\") });",
        "let token = \"public\"; execute(`curl ${token}`);",
        "let header = 1; header = header + header; execute(`curl ${header}`);",
    ] {
        on_a_host_finds(body, &[]);
    }
}

#[test]
fn secrets_in_arguments_of_programs_of_this_machine() {
    finds("run_locally(|| execute(\"curl\", \"-u\", fetch(\"token\")));", &[HERE]);
    finds("run_locally(|| { let a = `-u${fetch(\"token\")}`; within(\"/\", || execute([\"curl\", a])); });", &[HERE]);
    finds("run_locally(|| execute(\"curl\", \"@-\", #{ stdin: fetch(\"token\") }));", &[]);
    finds("run_locally(|| with(#{ token: fetch(\"token\") }, || execute(\"sh\", \"-c\", \"curl $TOKEN\")));", &[]);
}

#[test]
fn variables_of_the_shell_in_quoted_words() {
    on_a_host_finds(
        "execute(\"ls\", \"$HOME/x\"); test([\"test\", \"-d\", \"${HOME}\"]);",
        &[
            "warning[quoted-variable]: `$HOME` stays as it is: each argument is quoted",
            "warning[quoted-variable]: `${HOME}` stays as it is: each argument is quoted",
        ],
    );
    on_a_host_finds(
        "with(#{ path: `/opt/${host}:$PATH` }, || execute(\"env\"));",
        &["warning[quoted-variable]: `$PATH` stays as it is in the variable `path` of `with`"],
    );
    finds(
        "set(\"default_env\", #{ path: \"/opt/bin:$PATH\" }); info(fetch(\"token\"));",
        &["warning[quoted-variable]: `$PATH` stays as it is in the variable `path` of `default_env`"],
    );
    for body in [
        "execute(\"ls $HOME\");",
        "execute(\"ls\", raw(\"$HOME/x\"));",
        "with(#{ path: raw(\"/opt/bin:$PATH\") }, || execute(\"env\"));",
        "execute(\"sh\", \"-c\", \"ls $HOME\"); execute(\"/usr/bin/awk\", \"{ print $NF }\");",
        "execute(\"sudo\", \"bash\", \"-lc\", \"echo $HOME\"); execute(\"grep\", \"x$\", \"$1\", \"a$b\");",
    ] {
        on_a_host_finds(body, &[]);
    }
}

#[test]
fn values_of_functions_that_give_none() {
    finds(
        "set(\"token\", ask(\"token\")); let b = append(\"linked_dirs\", \"log\"); info(fetch(\"token\"));",
        &["warning[gives-nothing]: `ask` gives nothing", "warning[gives-nothing]: `append` gives nothing"],
    );
    on_a_host_finds(
        "if execute(\"true\") { info(\"a\"); } let x = execute(\"date\", #{ timeout: 5 });",
        &["warning[gives-nothing]: `execute` gives nothing", "warning[gives-nothing]: `execute` gives nothing"],
    );
    for body in [
        "if execute(\"true\", #{ raise: false }) { info(\"a\"); }",
        "let how = #{ raise: false }; if execute(\"true\", how) { info(\"a\"); }",
        "let x = capture(\"date\"); if test(\"-e\", x) { execute(\"true\") } else { info(x) }",
    ] {
        on_a_host_finds(body, &[]);
    }
    let own = "fn sleep(name) { name }\ntask(\"t\", || info(sleep(\"a\")));\n";
    assert_eq!(found(&Scene::with(own)), [] as [&str; 0]);
}

#[test]
fn programs_with_blanks() {
    on_a_host_finds(
        "execute(\"ls -l\", \"/srv\"); test([\"systemctl is-active\", \"x\"]);",
        &[
            "warning[line-as-program]: `ls -l` is taken for the name of one program, blanks and all",
            "warning[line-as-program]: `systemctl is-active` is taken for the name of one program, blanks and all",
        ],
    );
    on_a_host_finds("execute(\"ls -l /srv\"); execute(\"ls -l\", #{ timeout: 5 }); execute(\"ls\", \"a b\");", &[]);
    let out = Scene::task("on(roles(\"app\"), |host| execute(\"ls -l\", \"/srv\"));").run(["check"]).fails(2).out();
    assert!(out.contains("give each word by itself: `execute(\"ls\", \"-l\", …)`"), "{out}");
}

#[test]
fn secrets_are_followed_into_functions() {
    let recipe = |call: &str| {
        format!(
            "set(\"token\", secret(\"hunter2hunter2\"));\nfn ask_for(what, with) {{\n    on(roles(\"app\"), |host| \
             execute(`curl -u ${{with}} ${{what}}`));\n}}\ntask(\"t\", || {call});\n"
        )
    };
    let bad = Scene::with(&recipe("ask_for(\"http://x\", fetch(\"token\"))"));
    assert_eq!(found(&bad), [IN_A_LINE]);
    let good = Scene::with(&recipe("{ ask_for(fetch(\"stage\"), \"x\"); info(fetch(\"token\")); }"));
    assert_eq!(found(&good), Vec::<String>::new());
}

#[test]
fn values_that_stay_in_quotes_are_told_and_those_of_the_shell_are_not() {
    let with = |line: &str| {
        let recipe = format!(
            "task(\"t\", || {{\n    let dir = \"x\";\n    on(roles(\"app\"), |host| {{ {line}; info(dir); }});\n}});\n"
        );
        found(&Scene::with(&recipe))
    };
    let dollar = "`${dir}` stays as it is: double quotes hold a text without values";
    assert_eq!(with("execute(\"ls ${dir}\")"), [format!("warning[dead-interpolation]: {dollar}")]);
    let ruby = "`#{host}` stays as it is: that is how Ruby writes it";
    assert_eq!(with("info(\"on #{host}\")"), [format!("warning[dead-interpolation]: {ruby}")]);
    assert_eq!(with("info(`on #{host} of ${dir}`)"), [format!("warning[dead-interpolation]: {ruby}")]);
    for line in [
        "execute(\"ls ${HOME} ${folder:-x}\")",
        "execute(\"for f in *; do echo ${f%.gz}; done\")",
        "execute(`ls ${dir}`)",
        "execute(\"tmux\", \"-F\", \"#{session_name}\")",
    ] {
        assert_eq!(with(line), Vec::<String>::new(), "{line}");
    }
}
