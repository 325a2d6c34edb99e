//! The findings as they are shown: one snapshot a rule, in the words of the user's terminal.

use insta::{Settings, assert_snapshot};
use windlass::model::finding_rules::RULES;

use crate::support::scene::{Scene, THREE_HOSTS};

/// What is wrong in a recipe, by the rule it breaks.
const RECIPES: &[(&str, &str)] = &[
    ("syntax", "set(\"application\", \"shop\");\ntask(\"t\" || info(\"t\"));\n"),
    (
        "load",
        "fn port(text) {\n    if text == \"\" { throw \"no port\"; }\n    text\n}\nset(\"deploy_port\", port(\"\"));\n",
    ),
    ("unknown-function", "task(\"t\", || on(roles(\"app\"), |host| exeucte(\"ls\")));\n"),
    ("argument-count", "task(\"t\", || {\n    set(\"branch\");\n});\n"),
    (
        "argument-kind",
        "task(\"t\", || {\n    on(42, |host| {\n        execute(\"make\", #{ timeout: \"soon\", verbosity: \"degub\" });\n    });\n});\n",
    ),
    ("unknown-option", "task(\"t\", || on(roles(\"app\"), #{ limt: 2 }, |host| info(\"x\")));\n"),
    ("gives-nothing", "set(\"region\", ask(\"region\", \"eu\"));\ntask(\"t\", || info(fetch(\"region\")));\n"),
    (
        "on-inside-on",
        "fn everywhere() {\n    on(roles(\"app\"), |host| info(\"x\"));\n}\ntask(\"t\", || on(roles(\"db\"), |host| everywhere()));\n",
    ),
    ("task-inside-on", "task(\"a\", || info(\"a\"));\ntask(\"t\", || on(roles(\"app\"), |host| invoke(\"a\")));\n"),
    (
        "lost-assignment",
        "task(\"t\", || {\n    let found = [];\n    on(roles(\"app\"), |host| found.push(capture(\"hostname\")));\n    info(`${found}`);\n});\n",
    ),
    ("command-outside-on", "task(\"t\", || execute(\"ls\"));\n"),
    (
        "secret-in-line",
        "set(\"token\", secret(\"hunter2hunter2\"));\ntask(\"t\", || on(roles(\"app\"), |host| {\n    let header = \"Authorization: \" + fetch(\"token\");\n    execute(`curl -H '${header}' https://example.com`);\n}));\n",
    ),
    (
        "secret-in-arguments",
        "set(\"token\", secret(\"hunter2hunter2\"));\ntask(\"t\", || run_locally(|| execute(\"curl\", \"-u\", `deploy:${fetch(\"token\")}`)));\n",
    ),
    ("line-as-program", "task(\"t\", || on(roles(\"app\"), |host| execute(\"ls -l\", \"/srv\")));\n"),
    (
        "quoted-variable",
        "set(\"default_env\", #{ path: \"/opt/ruby/bin:$PATH\" });\ntask(\"t\", || on(roles(\"app\"), |host| execute(\"mkdir\", \"-p\", \"$HOME/backup\")));\n",
    ),
    (
        "dead-interpolation",
        "let port = 3000;\nset(\"url\", \"http://localhost:${port}\");\ntask(\"t\", || info(\"in #{release_path()}\" + fetch(\"url\")));\n",
    ),
    (
        "hidden-method",
        "fn restart(name) { name }\ntask(\"t\", || on(roles(\"app\"), |host| unit(\"x\").restart(5)));\n",
    ),
    ("task-name", "task(\"clear cache\", || info(\"x\"));\n"),
    (
        "unknown-task",
        "task(\"clear_cache\", || info(\"x\"));\ntask(\"t\", || info(\"t\"));\nafter(\"t\", \"clear_cahe\");\n",
    ),
    (
        "task-arguments",
        "task(\"a\", #{ args: [\"file\"] }, |args| info(args.file));\ntask(\"t\", #{ needs: [\"a[one,two]\"] }, || info(\"t\"));\n",
    ),
    ("task-circle", "task(\"x\", #{ needs: \"y\" });\ntask(\"y\", #{ needs: \"x\" });\n"),
    ("idle-hook", "task(\"a\");\ntask(\"b\");\nunhook(\"a\", \"b\");\n"),
    ("dead-declaration", "const LEGACY = false;\nif LEGACY {\n    task(\"clear_cache\", || info(\"x\"));\n}\n"),
    ("idle-description", "task(\"t\", || info(\"t\"));\ndesc(\"Say something\");\n"),
    ("unreachable-task", "fn tasks_of_old() {\n    task(\"clear_cache\", || info(\"x\"));\n}\n"),
    ("unknown-role", "task(\"t\", || on(roles(\"wbe\"), |host| info(\"x\")));\n"),
    ("unknown-stage", "task(\"t\", || if fetch(\"stage\") == \"prodution\" { info(\"x\"); });\n"),
    ("unread-setting", "set(\"keep_relases\", 3);\n"),
    ("dead-setting", "set(\"use_sudo\", false);\nset(\"deploy_via\", \"remote_cache\");\n"),
    (
        "unset-setting",
        "set(\"database\", \"shop\");\ntask(\"t\", || info(`${fetch(\"databse\")} ${fetch(\"database\")}`));\n",
    ),
    ("not-judged", "exit(0);\ntask(\"t\", || info(\"x\"));\n"),
];

/// The script that is judged in place of the project, where there is one.
const SCRIPT: &str = "look.rhai";

/// Those that take more than a recipe.
fn scene(rule: &str) -> Option<Scene> {
    let empty = |recipe: &str| Scene::new().file("config/deploy.rhai", recipe).stage("production", "");
    Some(match rule {
        "role-property" => Scene::with("").stage("production", "server(\"web1.example.com\", #{ role: \"web\" });\n"),
        "declared-in-script" => {
            Scene::with("").file(SCRIPT, "task(\"clear_cache\", || info(\"x\"));\ninvoke(\"clear_cache\");\n")
        }
        "no-stage" => Scene::new().file("config/deploy.rhai", ""),
        "no-server" => empty(
            "task(\"build\", || run_locally(|| execute(\"make\")));\n\
             task(\"t\", || on(roles(\"app\"), |host| info(\"x\")));\n",
        ),
        "unreachable-stage" => empty("").stage("docs", THREE_HOSTS),
        _ => Scene::with(RECIPES.iter().find(|(id, _)| *id == rule)?.1),
    })
}

#[test]
fn every_rule_is_shown() {
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description("windlass check");
    for rule in RULES {
        let scene = scene(rule.id).unwrap_or_else(|| panic!("nothing breaks `{}` here", rule.id));
        let ran = if scene.path(SCRIPT).exists() { scene.run(["check", SCRIPT]) } else { scene.run(["check"]) };
        let out = ran.out();
        assert!(out.contains(&format!("{}[{}]", rule.severity, rule.id)), "{}\n{out}", rule.id);
        assert_eq!(ran.stderr, "", "{}", rule.id);
        settings.bind(|| assert_snapshot!(format!("check_{}", rule.id.replace('-', "_")), out));
    }
}
