//! `--dry-run` changes nothing anywhere.
//!
//! 5.A 12 of `reference/capistrano.md`: there it runs `run_locally` and local servers for real.

use crate::faults::app::App;

const LOCAL: &str = "before(\"deploy\", \"local\");\n\
     task(\"local\", || {\n\
         run_locally(|| { execute(\"touch\", \"changed\"); execute(\"touch changed\"); write_file(\"changed\", \"x\"); });\n\
         on(roles(\"app\"), |host| { upload(\"config/deploy.rhai\", deploy_to(\"up\")); download(\"/etc/hostname\", \"changed\"); });\n\
     });\n\
     after(\"deploy:failed\", \"local\");";

#[test]
fn a_dry_run_changes_nothing() {
    for words in [&["deploy", "-n"][..], &["deploy:rollback", "-n"], &["deploy:cleanup", "-n"], &["deploy:check", "-n"]]
    {
        let app = App::new(LOCAL).with_history();
        let before = app.scene.everything();
        app.run(words).ok();
        assert_eq!(app.scene.everything(), before, "{words:?}");
    }
}

/// The lines shown are those that would run.
#[test]
fn a_dry_run_shows_the_real_lines() {
    let app = App::small(LOCAL).with_history();
    let ran = app.json(&["deploy", "-n"]).ok();
    let lines = ran.lines("web1");
    for expected in ["mkdir -p [top]/hosts/web1/shared [top]/hosts/web1/releases", "tar -x -f"] {
        assert!(lines.iter().any(|line| line.contains(expected)), "{expected} in {lines:#?}");
    }
    let links: Vec<&String> = lines.iter().filter(|line| line.contains("ln -s") || line.contains("mv ")).collect();
    assert!(links.iter().any(|line| line.contains("mv -f -T [top]/hosts/web1/current.")), "{links:?}");
    assert!(ran.lines("localhost").iter().any(|line| line.contains("touch changed")));
}

/// `exec` and a failing recipe are no exceptions.
#[test]
fn exec_is_shown_too() {
    let app = App::new("").with_history();
    let before = app.scene.everything();
    let ran = app.run(&["exec", "-n", "--", "rm", "-rf", "/nonexistent/x"]).ok();
    assert!(ran.stdout.contains("rm -rf /nonexistent/x"), "{}", ran.stdout);
    assert_eq!(app.scene.everything(), before);
}
