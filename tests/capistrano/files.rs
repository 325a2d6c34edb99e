//! Chapter 2.8: files.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::capistrano::rows::{differs, failed, has, lines, on_db, refused};
use crate::support::scene::Scene;

/// Runs this on db1, with the folder of that host for paths, and gives the scene.
fn done(calls: &str) -> Scene {
    let scene =
        Scene::task(&format!("on(roles(\"db\"), |host| {{ execute(\"mkdir\", \"-p\", deploy_to()); {calls} }});"));
    let scene = scene.file("local.txt", "local\n");
    scene.run(["production", "t"]).ok();
    scene
}

/// 2.8.1
#[test]
fn a_file_goes_there_and_comes_back() {
    let scene = done("upload(\"local.txt\", deploy_to(\"there\")); download(deploy_to(\"there\"), \"back.txt\");");
    assert_eq!(scene.read("back.txt"), "local\n");
}

/// 2.8.2
#[test]
fn a_text_is_written_with_write_file() {
    differs("`upload! StringIO.new(text), \"x\"`");
    let scene = done("upload(#{ text: \"no\" }, deploy_to(\"there\")); write_file(deploy_to(\"there\"), \"text\\n\");");
    assert_eq!(fs::read_to_string(scene.host("db1", "there")).unwrap(), "text\n");
}

/// 2.8.3
#[test]
fn a_text_is_read_with_read_file() {
    differs("`download! \"x\"` gives the content");
    assert_eq!(on_db("info(type_of(download(\"/etc/hostname\")));"), ["blob"]);
    assert_eq!(on_db("info(read_file(\"/etc/hostname\") == capture(\"cat /etc/hostname\") + \"\\n\");"), ["true"]);
}

/// 2.8.4
#[test]
fn files_go_through_the_shell_that_is_there() {
    differs("`transfer_method: :scp`, `:sftp`");
    has(&refused("on(roles(\"db\"), |host| upload(\"a\", \"b\", #{ transfer_method: \"scp\" }));"), "has no option");
}

/// 2.8.5
#[test]
fn a_relative_path_is_one_of_within_and_the_home_folder_is_known() {
    differs("`~` in the path of `upload!` and `download!` is a folder called `~`");
    let scene = done("within(deploy_to(), || upload(\"local.txt\", \"in\")); upload(\"local.txt\", \"~/up\");");
    assert!(scene.host("db1", "in").exists() && scene.top().join("home/up").exists());
}

/// 2.8.8
#[test]
fn a_mode_can_be_given() {
    differs("`upload!` of a text makes a file with mode 0640");
    let scene = done(
        "upload(\"local.txt\", deploy_to(\"a\"), #{ mode: \"0604\" }); umask(\"022\", || write_file(deploy_to(\"b\"), \"\"));",
    );
    let mode = |name: &str| fs::metadata(scene.host("db1", name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("a"), mode("b")), (0o604, 0o644));
}

/// 2.8.9
#[test]
fn there_are_no_chunks_to_log() {
    differs("`chunk_size:`, `log_percent:`, `verbose:`, `shell:` of `upload!`");
    has(
        &refused("on(roles(\"db\"), |host| upload(\"a\", \"b\", #{ log_percent: 25 }));"),
        "`upload` has no option `log_percent`",
    );
}

/// 2.8.11
#[test]
fn an_empty_file_is_a_file() {
    let scene = Scene::task(
        "on(roles(\"db\"), |host| { execute(\"mkdir\", \"-p\", deploy_to()); upload(\"none\", deploy_to(\"none\")); });",
    );
    let ran = scene.file("none", "").run(["production", "t"]).ok();
    assert!(!ran.stdout.contains("WARN"), "{}", ran.stdout);
}

/// 2.8.12
#[test]
fn what_cannot_be_copied_is_told() {
    has(&failed("on(roles(\"db\"), |host| upload(\"nosuch\", \"/tmp/x\"));"), "could not read `nosuch`: no such file");
    let there = failed("on(roles(\"db\"), |host| upload(\"config/deploy.rhai\", \"/nosuch/x\"));");
    has(&there, "could not write `/nosuch/x`: its folder does not exist");
}

/// 2.8.13
#[test]
fn on_this_machine_files_are_copied_all_the_same() {
    let scene = Scene::task("run_locally(|| { upload(\"a\", \"b\"); download(\"b\", \"c\"); });").file("a", "it");
    scene.run(["production", "t"]).ok();
    assert_eq!(scene.read("c"), "it");
}

/// 2.8.14
#[test]
fn a_transfer_is_a_row_of_a_dry_run() {
    assert_eq!(lines("upload(\"config/deploy.rhai\", \"/srv/x\");"), ["upload config/deploy.rhai to /srv/x"]);
}

/// 2.8.6
#[test]
fn a_folder_goes_there_and_comes_back() {
    differs("`upload! \"dir\", \"x\", recursive: true`");
    let scene = Scene::task(
        "on(roles(\"db\"), |host| { execute(\"mkdir\", \"-p\", deploy_to()); upload(\"dir\", deploy_to(\"dir\"));
        download(deploy_to(\"dir\"), \"back\"); });",
    );
    let scene = scene.file("dir/a/b.txt", "b\n");
    scene.run(["production", "t"]).ok();
    assert_eq!(scene.read("back/a/b.txt"), "b\n");
}

/// 2.8.7
#[test]
fn times_are_kept_when_asked_for() {
    let scene = Scene::task(
        "run_locally(|| execute(\"touch\", \"-d\", \"2001-02-03\", \"old\"));
        on(roles(\"db\"), |host| { execute(\"mkdir\", \"-p\", deploy_to()); upload(\"old\", deploy_to(\"old\"), #{ preserve: true }); });",
    );
    scene.run(["production", "t"]).ok();
    let time = |path: std::path::PathBuf| fs::metadata(path).unwrap().modified().unwrap();
    assert_eq!(time(scene.host("db1", "old")), time(scene.path("old")));
}

/// 2.8.10
#[test]
fn how_far_a_transfer_is_is_told_to_its_end() {
    differs("`Uploading x 33.33%` in the output, ten times for each file");
    let body =
        "on(roles(\"db\"), |host| { execute(\"mkdir\", \"-p\", deploy_to()); upload(\"big\", deploy_to(\"big\")); });";
    let ran = Scene::task(body).file("big", vec![b'x'; 3_000_000]).run(["--format", "json", "production", "t"]).ok();
    let last = ran.all("transfer").pop().expect("a transfer is told");
    assert_eq!((&last["bytes"], &last["total"]), (&3_000_000.into(), &3_000_000.into()), "{last}");
}
