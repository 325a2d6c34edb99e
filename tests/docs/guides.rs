//! The guides of the stock recipes, `stdlib/NAME.md`, say what is true: every recipe in them loads and makes a dry run, the
//! settings and tasks they name are there, and the defaults are those of the code.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use windlass::recipe::stdlib::{MODULES, module};

use crate::docs::readme::{Block, blocks_of, code_spans, rows};
use crate::support::scene::Scene;

/// What a project has whose recipe the guide does not show.
const RECIPE: &str = "require(\"deploy\");\nrequire(\"git\");\nset(\"application\", \"shop\");\n\
                      set(\"repo_url\", \"git@git.example.com:acme/shop.git\");\nset(\"deploy_to\", \"/srv/shop\");\n";

/// What a project has whose servers the guide does not show: one with every role there is.
const SERVER: &str = r#"server("one.example.com", #{ transport: "local", roles: ["app", "web", "db", "worker"] });"#;

/// A guide: the name of its module and its text.
struct Guide {
    name: String,
    text: String,
}

fn guides() -> Vec<Guide> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "md"));
    files.sort();
    let name = |file: &Path| file.file_stem().unwrap().to_str().unwrap().to_owned();
    files.iter().map(|file| Guide { name: name(file), text: fs::read_to_string(file).unwrap() }).collect()
}

/// Lines such as `| setting | default | |`: the rows of the table with this heading.
fn table(text: &str, heading: &str) -> Vec<Vec<String>> {
    let Some((_, rest)) = text.split_once(&format!("| {heading} |")) else { return Vec::new() };
    rows(&format!("| {heading} |{}", rest.split("\n\n").next().unwrap_or_default()))
}

/// A project of one block. One that is called after a file of a project is that file, any other comes behind a recipe.
/// Servers of the block are this machine.
fn project(block: &Block) -> (Scene, &'static str) {
    let head = Regex::new(r#"(server\("[^"]+", #\{)"#).expect("a regex of ours is sound");
    let text = head.replace_all(&block.text, r#"$1 transport: "local","#).into_owned();
    let stage = format!("{SERVER}\n");
    if text.starts_with("// config/deploy.rhai\n") {
        (Scene::new().file("config/deploy.rhai", &text).stage("production", &stage), "config/deploy.rhai")
    } else if text.starts_with("// config/deploy/") {
        (Scene::new().file("config/deploy.rhai", RECIPE).stage("production", &text), "config/deploy/production.rhai")
    } else {
        let scene = Scene::new().file("config/deploy.rhai", RECIPE).stage("production", &stage);
        (scene.file("config/deploy/tasks/guide.rhai", &text), "config/deploy/tasks/guide.rhai")
    }
}

/// Every recipe of every guide, as a project: where it stands, and the project.
pub fn recipes() -> Vec<(String, Scene)> {
    let of = |guide: &Guide| {
        let blocks = blocks_of(&guide.text).into_iter().filter(|block| block.language == "rhai");
        blocks.map(|block| (format!("{}.md, line {}", guide.name, block.line), project(&block).0)).collect::<Vec<_>>()
    };
    guides().iter().flat_map(of).collect()
}

/// Names of tasks in a listing of `windlass -T` or `-W`; of those that stand in one file, where one is given.
pub fn tasks(listing: &str, file: Option<&str>) -> Vec<String> {
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        let is_listed = words.next() == Some("windlass") && file.is_none_or(|file| line.contains(file));
        let name = words.next()?.split('[').next()?.to_owned();
        is_listed.then_some(name)
    };
    listing.lines().filter_map(line).collect()
}

#[test]
fn every_recipe_loads_and_its_tasks_make_a_dry_run() {
    let mut count = 0;
    for guide in guides() {
        for block in blocks_of(&guide.text).iter().filter(|block| block.language == "rhai") {
            let (scene, file) = project(block);
            let own = tasks(&scene.run(["-W"]).ok().out(), Some(file));
            // A deploy, what the block declares, and every task of the recipe that the guide is about.
            let stock = tasks(&scene.run(["-T"]).ok().out(), None);
            let stock = stock.into_iter().filter(|task| task.starts_with(&format!("{}:", guide.name)));
            let tasks: Vec<String> = own.into_iter().chain(stock).collect();
            for tasks in [&["deploy".to_owned()][..], &tasks] {
                let ran = scene.run(["production", "--dry-run"].into_iter().chain(tasks.iter().map(String::as_str)));
                assert_eq!(ran.code, 0, "{}.md, line {}: {tasks:?}\n{}", guide.name, block.line, ran.err());
                count += tasks.len();
            }
        }
    }
    assert!(count >= 20, "only {count} tasks were run");
}

#[test]
fn every_task_it_names_is_there() {
    let name = Regex::new("^[a-z_:]+").unwrap();
    for guide in guides() {
        let head = format!("require({:?});", guide.name);
        let scene = Scene::new().file("config/deploy.rhai", format!("{RECIPE}{head}")).stage("production", SERVER);
        let there: BTreeSet<String> = tasks(&scene.run(["-T"]).ok().out(), None).into_iter().collect();
        for row in table(&guide.text, "task") {
            for span in code_spans(&row[0]) {
                let task = name.find(&span).map(|found| found.as_str().to_owned()).unwrap_or_default();
                assert!(there.contains(&task), "{}.md names the task `{span}`", guide.name);
            }
        }
    }
}

/// Names of settings in a guide, and their defaults where these are written as they are.
fn settings(guide: &Guide) -> Vec<(String, Option<String>)> {
    let literal = |cell: &str| {
        let [code] = code_spans(cell).try_into().ok()?;
        let code: String = code;
        let is_literal =
            code.starts_with(['"', '[', '#']) || code.parse::<u64>().is_ok() || code == "true" || code == "false";
        (is_literal && cell == format!("`{code}`")).then_some(code)
    };
    let all = table(&guide.text, "setting");
    all.iter().flat_map(|row| code_spans(&row[0]).into_iter().map(move |name| (name, literal(&row[1])))).collect()
}

#[test]
fn the_defaults_of_its_settings_are_those_of_the_code() {
    for guide in guides() {
        let settings = settings(&guide);
        let known = settings.iter().filter_map(|(name, default)| Some((name, default.as_ref()?)));
        let check = |(name, default): (&String, &String)| {
            format!("if fetch({name:?}) != {default} {{ throw `{name} is ${{fetch({name:?})}}, not {default}`; }}\n")
        };
        let checks = known.map(check).collect::<Vec<_>>().concat();
        let recipe = format!(
            "{RECIPE}require({:?});\nset_if_empty(\"service_unit_user\", \"user\");\n\
             task(\"look\", || on(roles(\"all\"), |host| {{\n{checks}}}));\n",
            guide.name
        );
        let scene = Scene::new().file("config/deploy.rhai", recipe).stage("production", SERVER);
        let ran = scene.run(["production", "look", "--dry-run"]);
        assert_eq!(ran.code, 0, "{}.md: {}", guide.name, ran.err());
    }
}

#[test]
fn its_settings_are_those_of_the_code() {
    let service = module("service").expect("there is a recipe of services");
    let (_, defaults) = service.split_once("let defaults = #{").expect("it has defaults of options");
    let defaults = defaults.split("\n    };").next().unwrap_or_default();
    let option = Regex::new(r"(?m)^        ([a-z_]+): ").expect("a regex of ours is sound");
    let options: BTreeSet<&str> = option.captures_iter(defaults).map(|found| found.extract::<1>().1[0]).collect();
    assert!(options.contains("stop_timeout") && options.len() > 20, "{options:?}");
    // Some are read by functions themselves.
    let functions = include_str!("../../src/recipe/dsl/managers.rs");
    let read = |name: &str| {
        let read = format!("\"{name}\"");
        functions.contains(&read) || MODULES.iter().any(|(_, text)| text.contains(&read))
    };
    for guide in guides() {
        let listed: BTreeSet<String> = settings(&guide).into_iter().map(|(name, _)| name).collect();
        for name in &listed {
            let known = name.strip_prefix(&format!("{}_", guide.name)).is_some_and(|option| options.contains(option));
            // An option that has no default is read as it is.
            let known = known
                || name.strip_prefix(&guide.name).is_some_and(|rest| {
                    let read = format!("${{name}}{rest}`");
                    MODULES.iter().any(|(module, text)| module.starts_with("service") && text.contains(&read))
                });
            assert!(known || read(name), "{}.md lists `{name}`, which nothing reads", guide.name);
        }
        // And what the recipe reads under its own name stands there.
        let own = Regex::new(&format!(
            "\\b(?:fetch|fetch_one_of|fetch_number|any|set_if_empty)\\(\"({}_[a-z_]+)\"",
            guide.name
        ))
        .unwrap();
        let text = module(&guide.name).unwrap_or_else(|| panic!("{}.md is no guide of a recipe", guide.name));
        for found in own.captures_iter(text) {
            let name = &found[1];
            let is_told = guide.text.contains(&format!("`{name}`")) || is_old(text, name) || is_note(text, name);
            assert!(is_told, "{}.md does not tell of `{name}`", guide.name);
        }
    }
}

/// Whether a setting is one of those that a recipe only knows to say what they are called now.
fn is_old(module: &str, name: &str) -> bool {
    module.contains(&format!("        {name}: \"still counts"))
}

/// Whether tasks of a recipe only tell each other something by it.
fn is_note(module: &str, name: &str) -> bool {
    ["append", "set"].iter().any(|function| module.contains(&format!("{function}(\"{name}\"")))
}
