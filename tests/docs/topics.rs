//! `windlass docs`, `man` and `definitions` know every name there is.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;
use windlass::recipe::docs;
use windlass::recipe::dsl::{FAMILIES, METHODS, functions};
use windlass::recipe::setting_table::{SET_BY_THE_RUN, SETTINGS};
use windlass::recipe::stdlib::{GUIDES, MODULES};

use crate::docs::readme::{code_spans, rows, text};
use crate::support::scene::Scene;
use crate::support::skip::skip;

#[test]
fn every_name_of_the_tables_is_in_the_docs() {
    let names: BTreeSet<String> = docs::names().into_iter().collect();
    let tables = functions()
        .map(|function| function.name)
        .chain(SETTINGS.iter().map(|setting| setting.name))
        .chain(SET_BY_THE_RUN.iter().copied())
        .chain(MODULES.iter().chain(GUIDES).map(|(name, _)| *name));
    for name in tables {
        assert!(names.contains(name), "`{name}` has no page");
    }
    for (of, methods) in METHODS {
        for method in *methods {
            assert!(names.contains(&format!("{}.{}", of.trim_start_matches("a "), method.name)), "{}", method.name);
        }
    }
    // Every task of the stock recipes, as `-T -A` lists them.
    let scene =
        Scene::new().file("config/deploy.rhai", "require(\"deploy\"); require(\"puma\"); require(\"sidekiq\");");
    let listing = scene.run(["-T", "-A"]).ok().out();
    let tasks: Vec<&str> =
        listing.lines().filter_map(|line| line.split_whitespace().nth(1)?.split('[').next()).collect();
    assert!(tasks.len() > 40, "{listing}");
    for task in tasks {
        assert!(names.contains(task), "the task `{task}` has no page");
    }
}

#[test]
fn a_page_holds_what_the_table_says() {
    for (family, functions) in FAMILIES {
        for function in *functions {
            let page = docs::page(function.name).unwrap_or_default();
            assert!(page.contains(family), "{}", function.name);
            for usage in function.usage.split(" or ") {
                assert!(page.contains(usage), "{usage}");
            }
            for option in function.options() {
                assert!(page.contains(&format!("\n  {}", option.name)), "{}: {}", function.name, option.name);
            }
        }
    }
}

#[test]
fn definitions_know_every_function_with_its_options() {
    let text = docs::definitions();
    for function in functions() {
        // Two that Rhai's language server can read no declaration of.
        let is_kept = ["with", "exit"].contains(&function.name);
        assert_eq!(text.contains(&format!("\nfn {}(", function.name)), !is_kept, "{}", function.name);
        for option in function.options() {
            assert!(text.contains(&format!("/// - `{}`: ", option.name)), "{}", option.name);
        }
    }
    let scene = Scene::new();
    assert_eq!(scene.run(["definitions"]).ok().stdout, text);
    scene.run(["definitions", "windlass.d.rhai"]).ok();
    assert_eq!(scene.read("windlass.d.rhai"), text);
}

#[test]
fn a_topic_is_a_page_and_nothing_lists_what_there_is() {
    let scene = Scene::new();
    let overview = scene.run(["docs"]).ok().out();
    for list in ["functions", "settings", "tasks", "modules", "guides", "examples", "events"] {
        assert!(overview.contains(&format!("\n  {list} ")), "{overview}");
        let page = scene.run(["docs", list]).ok().out();
        assert!(page.lines().count() > 2, "{page}");
        assert!(page.lines().all(|line| line == line.trim_end()), "{list} has spaces at its ends");
    }
    let page = scene.run(["docs", "keep_releases"]).ok().out();
    assert!(page.starts_with("keep_releases") && page.contains("Without being set it is `5`."), "{page}");
    let page = scene.run(["docs", "execute()"]).ok().out();
    assert!(page.starts_with("execute "), "{page}");
    let page = scene.run(["docs", "service"]).ok().out();
    assert!(page.contains("service(name, options)\n      Declares a service"), "{page}");
    let page = scene.run(["docs", "deploy:rollback"]).ok().out();
    assert!(page.contains("windlass STAGE deploy:rollback"), "{page}");
    let page = scene.run(["docs", "sidekiq"]).ok().out();
    assert!(page.contains("stock recipe\n") && page.contains("guide\n"), "{page}");
}

#[test]
fn a_wrong_topic_is_told_with_the_right_one() {
    let scene = Scene::new();
    for (wrong, right) in [
        ("exceute", "execute"),
        ("keep_release", "keep_releases"),
        ("deploy:rolback", "deploy:rollback"),
        ("evnts", "events"),
    ] {
        let ran = scene.run(["docs", wrong]).fails(2);
        assert_eq!(ran.error(), format!("there is nothing about `{wrong}`"));
        assert!(ran.err().contains(&format!("did you mean `{right}`?")), "{}", ran.err());
    }
    assert_eq!(scene.run(["docs", "execute", "--schema"]).fails(2).error(), "only `events` has a schema");
}

#[test]
fn the_schema_of_events_is_what_a_run_prints() {
    let scene = Scene::task("on(roles(\"web\"), |host| execute(\"echo\", \"hi\"));");
    let schema: Value = serde_json::from_str(&scene.run(["docs", "events", "--schema"]).ok().stdout).unwrap();
    let kinds = schema["oneOf"].as_array().unwrap();
    let events = scene.run(["production", "t", "--format", "json", "-p"]).ok().events();
    assert!(events.len() > 10);
    for event in events {
        let kind = kinds.iter().find(|kind| kind["properties"]["event"]["const"] == event["event"]);
        let required = kind.unwrap_or_else(|| panic!("{event}"))["required"].as_array().unwrap();
        assert!(required.iter().all(|field| event.get(field.as_str().unwrap()).is_some()), "{event}");
    }
}

#[test]
fn the_manual_page_is_whole() {
    let scene = Scene::new();
    let page = scene.run(["man"]).ok().stdout;
    for section in ["NAME", "SYNOPSIS", "OPTIONS", "COMMANDS", "SETTINGS", "FILES", "ENVIRONMENT", "EXAMPLES"] {
        assert!(page.contains(&format!("\n.SH {section}\n")), "no {section}");
    }
    assert!(page.contains("\n.SH \"EXIT STATUS\"\n") && page.contains("\\fB130\\fR"), "{page}");
    assert!(page.contains("run a piece of code"), "{page}");
    for setting in SETTINGS {
        assert!(page.contains(&format!("\\fB{}\\fR", setting.name.replace('-', "\\-"))), "{}", setting.name);
    }
    if Command::new("groff").arg("--version").output().is_err() {
        skip("the_manual_page_is_whole", "there is no groff");
        return;
    }
    let file = scene.top().join("windlass.1");
    std::fs::write(&file, &page).unwrap();
    let output = Command::new("groff").args(["-Kutf8", "-man", "-Tutf8", "-ww", "-z"]).arg(&file).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// Files in the manual are those of the README.
#[test]
fn the_files_of_the_manual_are_in_the_readme() {
    let readme = text();
    let (_, tables) = readme.split_once("| on your machine | |\n").unwrap();
    let table = format!("| on your machine | |\n{}", tables.split("\n\n").next().unwrap());
    let named: BTreeSet<String> = rows(&table).iter().flat_map(|row| code_spans(&row[0])).collect();
    let page = Scene::new().run(["man"]).ok().stdout.replace("\\-", "-");
    for file in named {
        assert!(page.contains(&format!("\\fB{file}\\fR")), "{file}");
    }
}
