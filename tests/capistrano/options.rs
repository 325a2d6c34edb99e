//! Chapter 1.2: the options.

use crate::capistrano::rows::{differs, has};
use crate::support::scene::Scene;

/// A recipe to list: `a` with a description, `b` without one.
fn listed() -> Scene {
    Scene::with(
        "desc(\"First one. More of it.\"); task(\"own:a\", #{ args: [\"x\"], needs: [\"own:b\"] }); task(\"own:b\");",
    )
}

/// An option of Capistrano's there is none of.
#[track_caller]
fn no_option(args: &[&str]) {
    let ran = Scene::task("").run([args, &["production", "t"]].concat()).fails(2);
    has(&ran.err(), "there is no option");
}

/// 1.2.V
#[test]
fn a_large_v_is_the_version() {
    assert_eq!(Scene::new().run(["-V"]).ok().stdout, Scene::new().run(["--version"]).ok().stdout);
}

/// 1.2.v
#[test]
fn a_small_v_tells_more() {
    differs("`-v` prints the version");
    let scene = Scene::task("on(roles(\"db\"), |host| test(\"true\"));");
    has(&scene.run(["production", "t", "-v"]).ok().stdout, "$ true");
}

/// 1.2.h
#[test]
fn help_has_three_names() {
    for option in ["-h", "-H", "--help"] {
        has(&Scene::new().run([option]).ok().stdout, "Usage: windlass [OPTIONS] STAGE");
    }
}

/// 1.2.n
#[test]
fn a_dry_run_runs_nothing() {
    let scene = Scene::task("on(roles(\"db\"), |host| execute(\"touch\", deploy_to()));");
    has(&scene.run(["production", "t", "-n"]).ok().stdout, "$ touch");
    assert!(!scene.host("db1", "").exists());
}

/// 1.2.r
#[test]
fn roles_narrow_and_narrow_again() {
    let scene = Scene::task("on(roles(\"all\"), #{ run: \"sequence\" }, |host| info(host.name));");
    assert_eq!(scene.said(["production", "t", "-r", "app,db"]), ["web1", "web2", "db1"]);
    assert_eq!(scene.said(["production", "t", "-r", "/^d/"]), ["db1"]);
    assert_eq!(scene.said(["production", "t", "-r", "app,db", "-r", "db"]), ["db1"]);
}

/// 1.2.z
#[test]
fn hosts_narrow_and_narrow_again() {
    differs("`-z 'web\\d'`: anything but letters, digits, `.` and `-` makes it a regular expression");
    let scene = Scene::task("on(roles(\"all\"), #{ run: \"sequence\" }, |host| info(host.name));");
    assert_eq!(scene.said(["production", "t", "-z", "web1,db1"]), ["web1", "db1"]);
    assert_eq!(scene.said(["production", "t", "-z", "/web\\d/"]), ["web1", "web2"]);
    has(&scene.run(["production", "t", "-z", "web\\d"]).fails(2).err(), "/");
}

/// 1.2.p
#[test]
fn settings_are_listed_with_who_set_each() {
    differs("`-p` prints every setting, passwords too, and works out each lazy one");
    let recipe = "set(\"pw\", secret(\"hunter2\"));\nset(\"late\", || 5);\ntask(\"default\", || info(\"it ran\"));";
    let list = Scene::with(recipe).run(["production", "-p"]).ok().out();
    let mut lines = list.lines();
    assert!(lines.any(|line| line.starts_with("late = (worked out") && line.ends_with("# config/deploy.rhai:2")));
    has(&list, "\"[secret]\"");
    assert!(!list.contains("hunter2") && !list.contains("it ran"), "{list}");
}

/// 1.2.missing
#[test]
fn an_option_without_its_argument_is_an_error() {
    assert_eq!(Scene::task("").run(["production", "t", "-r"]).fails(2).error(), "`--roles` needs a value");
}

/// 1.2.T
#[test]
fn described_tasks_are_listed_with_their_first_sentence() {
    let list = listed().run(["-T", "^own"]).ok().out();
    assert_eq!(list, "windlass own:a[x]  # First one\n");
    assert_eq!(listed().run(["-T", "nothing"]).ok().out(), "");
}

/// 1.2.T2
#[test]
fn several_descriptions_stand_in_one_line() {
    let scene = Scene::with("desc(\"One.\"); task(\"own\"); desc(\"Two.\"); task(\"own\");");
    assert_eq!(scene.run(["-T", "^own"]).ok().out(), "windlass own  # One / Two\n");
}

/// 1.2.T3
#[test]
fn a_list_that_is_no_terminal_is_not_cut() {
    differs("`RAKE_COLUMNS=40` cuts `-T`");
    let scene = Scene::with(&format!("desc(\"{}.\"); task(\"own\");", "word ".repeat(60).trim_end()));
    assert!(scene.env("RAKE_COLUMNS", "40").run(["-T", "^own"]).ok().out().len() > 300);
}

/// 1.2.A
#[test]
fn all_tasks_are_listed_with_a() {
    has(&listed().run(["-AT", "^own"]).ok().out(), "windlass own:b\n");
}

/// 1.2.comments
#[test]
fn only_described_tasks_are_listed_anyway() {
    differs("`--comments`");
    no_option(&["--comments"]);
}

/// 1.2.D
#[test]
fn whole_descriptions_are_shown_with_d() {
    assert_eq!(listed().run(["-D", "^own"]).ok().out(), "windlass own:a[x]\n    First one. More of it.\n\n");
}

/// 1.2.W
#[test]
fn places_are_shown_with_w() {
    let list = listed().run(["-W", "^own:b"]).ok().out();
    assert!(list.starts_with("windlass own:b ") && list.ends_with(" config/deploy.rhai:1\n"), "{list}");
}

/// 1.2.P
#[test]
fn prerequisites_are_shown_with_p() {
    has(&listed().run(["-P"]).ok().out(), "windlass own:a[x]\n    needs  own:b ");
}

/// 1.2.t
#[test]
fn a_trace_tells_every_task() {
    differs("`--trace=stdout`, `--trace=stderr`");
    let scene = Scene::with("task(\"a\"); task(\"t\", #{ needs: [\"a\"] });");
    assert_eq!(scene.said(["production", "t", "-t"]), ["invoke t", "invoke a"]);
}

/// 1.2.backtrace
#[test]
fn errors_have_their_chain_without_an_option() {
    differs("`--backtrace`, `--suppress-backtrace`, `--rules`");
    no_option(&["--backtrace"]);
    let ran = Scene::with("task(\"a\", || throw \"bad\"); task(\"t\", || invoke(\"a\"));").run(["production", "t"]);
    has(&ran.fails(1).err(), "trace: task `t` at config/deploy.rhai:1:");
}

/// 1.2.f
#[test]
fn another_file_is_named_with_f() {
    differs("`-f` with a file that is not there reads nothing");
    let scene = Scene::task("").file("other.rhai", "task(\"t\", || info(\"other\"));").file("other/live.rhai", "");
    assert_eq!(scene.said(["-f", "other.rhai", "live", "t"]), ["other"]);
    assert_eq!(scene.run(["-f", "/nosuch", "live", "t"]).fails(2).error(), "there is no recipe `/nosuch`");
}

/// 1.2.C
#[test]
fn another_folder_is_named_with_c() {
    let scene = Scene::task("info(\"it\");");
    let top = scene.path("").display().to_string();
    assert_eq!(scene.below("else").said(["-C", &top, "production", "t"]), ["it"]);
}

/// 1.2.N
#[test]
fn the_search_is_left_out_by_naming_the_file() {
    differs("`-N`, `--no-search`");
    no_option(&["-N"]);
}

/// 1.2.R
#[test]
fn other_files_are_required_by_the_recipe() {
    differs("`-R`, `--rakelib`, `-I`, `--libdir`, `--require`");
    no_option(&["-R", "lib"]);
    let scene = Scene::with("require(\"../lib/x\");").file("lib/x.rhai", "task(\"t\", || info(\"lib\"));");
    assert_eq!(scene.said(["production", "t"]), ["lib"]);
}

/// 1.2.j
#[test]
fn hosts_are_parallel_and_not_tasks() {
    differs("`-j`, `-m`, `--job-stats`");
    no_option(&["-j"]);
}

/// 1.2.B
#[test]
fn there_is_nothing_to_build_all_of() {
    differs("`-B`, `--build-all`");
    no_option(&["-B"]);
}

/// 1.2.g
#[test]
fn recipes_of_the_user_are_read_anyway() {
    differs("`-g`, `-G`: `~/.rake/*.rake`");
    no_option(&["-g"]);
}

/// 1.2.X
#[test]
fn nothing_is_deprecated_that_could_be_silenced() {
    differs("`-X`, `--no-deprecation-warnings`");
    no_option(&["-X"]);
}

/// 1.2.q
#[test]
fn a_run_can_be_quiet() {
    differs("`-q`, `-s` are refused");
    assert_eq!(Scene::task("info(1);").run(["production", "t", "-q"]).ok().out(), "t finished in 0.0s\n");
}

/// 1.2.e
#[test]
fn code_is_run_with_e() {
    differs("`-E CODE`, `--execute-print CODE`; tasks behind `-e CODE`");
    assert_eq!(Scene::task("").said(["production", "-e", "info(fetch(\"stage\"))"]), ["production"]);
    Scene::task("").run(["production", "-E", "1"]).fails(2);
}
