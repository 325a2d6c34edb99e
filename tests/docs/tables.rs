//! The README's tables are those of the code.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex::Regex;
use windlass::error::{EXIT_CANCELLED, EXIT_FAILED, EXIT_LOCKED, EXIT_MIXED, EXIT_OK, EXIT_UNREACHABLE, EXIT_USAGE};
use windlass::model::doctor::table::TABLE;
use windlass::model::finding_rules::RULES;
use windlass::recipe::dsl::{FAMILIES, METHODS, functions};
use windlass::recipe::setting_table::{SET_BY_THE_RUN, SETTINGS, names};
use windlass::recipe::stdlib::MODULES;

use crate::docs::project::Project;
use crate::docs::readme::{check_section, code_spans, rows, section, text};

/// Where the settings of services stand.
const GUIDES: &[&str] = &[
    include_str!("../../stdlib/linger.md"),
    include_str!("../../stdlib/sidekiq.md"),
    include_str!("../../stdlib/puma.md"),
];

#[test]
fn host_functions() {
    let mut expected = String::new();
    for (title, functions) in FAMILIES {
        expected.push_str(&format!("**{title}**\n\n"));
        for function in *functions {
            let usage = function.usage.replace(" or ", "` or `");
            expected.push_str(&format!("- `{usage}`: {}\n", function.about));
        }
        expected.push('\n');
    }
    for (what, methods) in METHODS {
        expected.push_str(&format!("**Of {what}**\n\n"));
        for method in *methods {
            expected.push_str(&format!("- `{}`: {}\n", method.usage.replace(" or ", "` or `"), method.about));
        }
        expected.push('\n');
    }
    check_section("functions", expected.trim_end());
}

#[test]
fn findings_of_check() {
    let mut expected = String::from("| finding | | |\n|---|---|---|\n");
    for rule in RULES {
        expected.push_str(&format!("| `{}` | {} | {} |\n", rule.id, rule.severity, rule.about));
    }
    check_section("findings", expected.trim_end());
}

#[test]
fn findings_of_doctor() {
    let mut expected = String::from("| finding | | |\n|---|---|---|\n");
    for row in TABLE {
        expected.push_str(&format!("| `{}` | {} | {} |\n", row.id, row.severity.name(), row.about));
    }
    check_section("doctor", expected.trim_end());
}

#[test]
fn every_finding_of_doctor_is_raised_by_some_code_and_some_test() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let code = text_below(&top.join("src"));
    for row in TABLE {
        let name = format!("\"{}\"", row.id);
        // In the table, where it is raised, and where a test sees it.
        assert!(
            code.matches(&name).count() + text_below(&top.join("tests/doctor")).matches(&name).count() >= 3,
            "{name}"
        );
    }
}

#[test]
fn every_rule_is_found_by_some_code_and_some_test() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (code, tests) = (text_below(&top.join("src")), text_below(&top.join("tests/check")));
    for rule in RULES {
        // What is not told apart has no name in the code.
        assert!(rule.id == "load" || code.contains(&format!("rule(\"{}\")", rule.id)), "nothing finds `{}`", rule.id);
        assert!(tests.contains(&format!("[{}]", rule.id)), "no test shows `{}`", rule.id);
    }
    let named = Regex::new(r#"rule\("([a-z-]+)"\)"#).expect("a regex of ours is sound");
    for found in named.captures_iter(&code) {
        assert!(RULES.iter().any(|rule| rule.id == &found[1]), "`{}` is not in the table", &found[1]);
    }
}

/// All Rust below a folder.
fn text_below(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).expect("a folder of ours can be read").flatten() {
        let path = entry.path();
        if path.is_dir() {
            text.push_str(&text_below(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            text.push_str(&fs::read_to_string(path).expect("the sources are text"));
        }
    }
    text
}

#[test]
fn every_function_has_a_usage_of_its_own_name() {
    for function in functions() {
        let name = format!("{}(", function.name);
        assert!(function.usage.split(" or ").all(|usage| usage.starts_with(&name)), "{}", function.usage);
    }
}

#[test]
fn options_are_those_of_the_help() {
    let help = Project::new().windlass("--help");
    let (_, options) = help.split_once("Options:\n").expect("the help lists options");
    let (options, _) = options.split_once("Exit codes:").expect("the help lists exit codes");
    let head = Regex::new(r"^ +(?:(-\w), )?(--[a-z-]+)(?: ?(\S+))?$").expect("a regex of ours is sound");
    let mut expected = String::from("| option | |\n|---|---|\n");
    for option in options.split("\n\n") {
        let mut lines = option.lines().filter(|line| !line.trim().is_empty());
        let Some(found) = lines.next().and_then(|line| head.captures(line)) else { continue };
        let about: Vec<&str> = lines.map(str::trim).collect();
        let short = found.get(1).map(|short| format!("`{}`, ", short.as_str())).unwrap_or_default();
        let value = found.get(3).map(|value| value.as_str().replace(['<', '>'], "")).unwrap_or_default();
        // `--wait[=SECONDS]` stands together.
        let value = if value.is_empty() || value.starts_with("[=") { value } else { format!(" {value}") };
        expected.push_str(&format!("| {short}`{}{value}` | {} |\n", &found[2], about.join(" ")));
    }
    assert!(expected.contains("`--dry-run`") && expected.contains("`-z`, `--hosts HOSTS`"), "{expected}");
    check_section("options", expected.trim_end());
}

#[test]
fn exit_codes_are_those_of_the_code_and_of_the_help() {
    let text = text();
    let (_, table) = text.split_once("| exit code | |\n").expect("the README lists exit codes");
    let table = format!("| exit code | |\n{}", table.split("\n\n").next().unwrap_or_default());
    let codes = [EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_UNREACHABLE, EXIT_LOCKED, EXIT_MIXED, EXIT_CANCELLED];
    let expected: Vec<String> = codes.iter().map(ToString::to_string).collect();
    let rows = rows(&table);
    assert_eq!(rows.iter().map(|row| row[0].clone()).collect::<Vec<_>>(), expected);
    let help = Project::new().windlass("--help");
    for row in rows {
        assert!(help.contains(&format!("  {:<4} {}\n", row[0], row[1])), "the help has no `{} {}`", row[0], row[1]);
    }
}

/// Names of settings in the README, and their defaults where these are written as they are.
fn settings() -> Vec<(String, Option<String>)> {
    let literal = |cell: &str| {
        let code = code_spans(cell).pop()?;
        code.starts_with(|c: char| c == '"' || c == '#' || c.is_ascii_digit()).then_some(code)
    };
    rows(&section("settings")).iter().map(|row| (code_spans(&row[0]).remove(0), literal(&row[1]))).collect()
}

#[test]
fn settings_are_those_of_the_code() {
    let mut expected = String::from("| setting | default | |\n|---|---|---|\n");
    for setting in SETTINGS {
        let default = if setting.default.is_empty() { String::new() } else { format!("{} ", setting.default) };
        expected.push_str(&format!("| `{}` | {default}| {} |\n", setting.name, setting.about));
    }
    check_section("settings", expected.trim_end());
    let run_sets = text();
    let (_, run_sets) = run_sets.split_once("\nThe run sets ").expect("the README says what the run sets");
    let run_sets: BTreeSet<String> =
        code_spans(run_sets.split("\n\n").next().unwrap_or_default()).into_iter().collect();
    assert_eq!(run_sets, SET_BY_THE_RUN.iter().map(|name| (*name).to_owned()).collect());
}

/// What Rust reads by name has to be in the table of settings, or `check` would call it unread.
#[test]
fn every_setting_the_code_reads_is_in_the_table() {
    let code = text_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/recipe"));
    let reads = Regex::new(r#"(?:value_of|text_of)\(call, "([a-z_]+)""#).expect("a regex of ours is sound");
    let read: BTreeSet<&str> =
        reads.captures_iter(&code).map(|found| found.get(1).map_or("", |name| name.as_str())).collect();
    assert!(read.len() > 10, "{read:?}");
    let missing: Vec<&&str> = read.iter().filter(|name| !names().any(|known| known == **name)).collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
}

#[test]
fn settings_have_the_defaults_that_stand_there() {
    let project = Project::new();
    let defaults: Vec<_> = settings().into_iter().filter_map(|(name, default)| Some((name, default?))).collect();
    assert!(defaults.len() >= 10, "{defaults:?}");
    let check = |(name, default): &(String, String)| {
        format!("    if fetch({name:?}) != {default} {{ throw `{name} is ${{fetch({name:?})}}, not {default}`; }}")
    };
    let checks: Vec<String> = defaults.iter().map(check).collect();
    let checks = checks.join("\n");
    project.write("project/config/deploy.rhai", &format!("require(\"git\");\ntask(\"look\", || {{\n{checks}}});\n"));
    project.write("project/config/deploy/production.rhai", "");
    project.windlass("production look");
}

#[test]
fn every_setting_the_stock_recipes_read_is_listed() {
    let reads = Regex::new(
        r#"\b(?:fetch|fetch_one_of|fetch_number|any|linked_files|linked_dirs|set|set_if_empty)\("([a-z_]+)""#,
    )
    .expect("a regex of ours is sound");
    let run_sets = text();
    let (_, run_sets) = run_sets.split_once("\nThe run sets ").expect("the README says what the run sets");
    let run_sets = code_spans(run_sets.split("\n\n").next().unwrap_or_default());
    let guides = GUIDES.iter().flat_map(|guide| code_spans(guide));
    let listed: BTreeSet<String> = settings().into_iter().map(|(name, _)| name).chain(run_sets).chain(guides).collect();
    let mut used: BTreeSet<String> = BTreeSet::new();
    for (_, module) in MODULES {
        used.extend(reads.captures_iter(module).map(|found| found[1].to_owned()));
    }
    // What tasks of the stock recipes tell each other.
    let own = [
        "deploy_log_message",
        "deployed_over",
        "linger_ensured",
        "locks_taken",
        "look_at_host",
        "look_at_repository",
        "release_of_fleet",
        "release_of_run",
        "releases_at_switch",
        "releases_before",
        "releases_to_restore",
        "revision_is_open",
        "revision_of_release",
        "rolled_back_from",
        "scm_writes_revision",
        "seen_with_lock",
        "services",
    ];
    for own in own {
        assert!(used.remove(own), "the stock recipes no longer use `{own}`");
    }
    let missing: Vec<_> = used.difference(&listed).collect();
    assert!(missing.is_empty(), "not in the README: {missing:?}");
}
