//! Names and texts with characters that mean something to a shell.
//!
//! Numbers are those of the faults in `reference/capistrano.md`, section 5.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::faults::app::App;
use crate::faults::running::gone;
use crate::support::scene::Scene;

/// 5.A 13: a folder with a blank, a quote and a dollar, through every command of a deploy, a rollback and a cleanup.
#[test]
fn deploy_to_may_have_any_name() {
    let app = App::small("set(\"keep_releases\", 1);\nset(\"linked_dirs\", [\"log\"]);").with_history();
    let odd = "it's $(touch pwned) `x` \"y\" & z";
    let stage =
        format!("{}\nset(\"deploy_to\", {:?});\n", app.scene.read("config/deploy/production.rhai"), app.path(odd, ""));
    fs::rename(app.path("web1", ""), app.path(odd, "")).unwrap();
    let App { scene, repository } = app;
    let app = App { scene: scene.stage("production", &stage), repository };
    app.point(odd, &app.path(odd, "releases/20200103000000"));
    app.run(&["deploy"]).ok();
    assert!(app.path(odd, "current/log").is_symlink());
    assert_eq!(app.names(odd, "releases").len(), 1);
    app.release(odd, "20200103000000");
    app.run(&["deploy:rollback"]).ok();
    assert_eq!(app.current(odd), "20200103000000");
    assert!(!app.scene.everything().iter().any(|line| line.contains("/pwned ")), "nothing was evaluated");
}

/// 5.A 13: Capistrano evaluates the branch and the user on the host.
#[test]
fn branch_and_user_are_never_evaluated() {
    let branch = "x$(touch${IFS}pwned)`id`";
    let app = App::small(&format!("set(\"branch\", `{}`);", branch.replace('`', "``").replace("${", "${\"$\"}{")));
    app.repository.branch(branch);
    let commit = app.repository.commit("on_branch", "");
    let App { scene, repository } = app;
    let app = App { scene: scene.env("USER", "joe `touch pwned` $(touch pwned) %{sha} \"q\""), repository };
    app.run(&["deploy"]).ok();
    let name = app.current("web1");
    assert_eq!(
        fs::read_to_string(app.path("web1", "revisions.log")).unwrap(),
        format!(
            "Branch {branch} (at {commit}) deployed as release {name} by joe `touch pwned` $(touch pwned) %{{sha}} \"q\"\n"
        )
    );
    assert!(!app.scene.everything().iter().any(|line| line.contains("pwned ")), "nothing was evaluated");
}

/// A branch that looks like an option is no option.
#[test]
fn a_branch_is_never_an_option() {
    let app = App::small("set(\"branch\", \"--all\");").with_history();
    let before = app.hosts_tree();
    let ran = app.run(&["deploy"]).fails(1);
    assert_eq!(app.lost(&before), [""; 0]);
    assert_eq!(ran.error(), "the setting `branch` is `--all`, which is no branch, tag or commit");
}

fn on_db(block: &str) -> Scene {
    Scene::task(&format!("on(roles(\"db\"), |host| {{ execute(\"mkdir\", \"-p\", deploy_to()); {block} }});"))
}

/// 5.A 14: in Capistrano a shell line ignores what surrounds it, and drops further arguments.
#[test]
fn a_shell_line_obeys_everything_and_drops_nothing() {
    let scene = on_db(
        "within(deploy_to(), || with(#{ rails_env: \"production\" }, || umask(\"077\", || {\n\
             info(capture(\"echo $RAILS_ENV; basename $PWD; umask\"));\n\
             info(capture(\"printf\", \"%s,%s\", \"a b\", \"c d\"));\n\
         })));",
    );
    assert_eq!(scene.said(["production", "t"]), ["production\ndb1\n0077", "a b,c d"]);
}

/// 5.A 15: in Capistrano here-documents become syntax errors, and a comment swallows the rest.
#[test]
fn here_documents_comments_and_several_lines() {
    let line =
        "cat <<'EOF' > here # a comment\nit's ${HOME}\nEOF\nif true\nthen echo then # comment\nfi\necho last # comment";
    let scene = on_db(&format!("within(deploy_to(), || {{ info(capture({line:?})); info(capture(\"cat here\")); }});"));
    assert_eq!(scene.said(["production", "t"]), ["then\nlast", "it's ${HOME}"]);
}

/// 5.A 16: in Capistrano `/abs` inside another directory is joined to it.
#[test]
fn an_absolute_directory_replaces_and_the_outer_one_comes_back() {
    let scene = on_db(
        "within(\"/usr\", || { within(\"/etc\", || info(capture(\"pwd\"))); info(capture(\"pwd\")); within(\"bin\", || info(capture(\"pwd\"))); });",
    );
    let said = scene.said(["production", "t"]);
    assert_eq!(said[..2], ["/etc", "/usr"]);
    assert!(said[2].ends_with("/bin"), "{said:?}");
}

/// 5.A 17: Capistrano makes a folder called `~`, and gives texts the mode 0640.
#[test]
fn transfers_know_the_home_folder_and_texts_have_the_usual_mode() {
    let scene = on_db(
        "upload(\"config/deploy.rhai\", \"~/up load\"); write_file(\"~/text\", \"x\"); download(\"~/text\", \"got\");",
    );
    scene.run(["production", "t"]).ok();
    let home = scene.top().join("home");
    assert_eq!(fs::read_to_string(home.join("up load")).unwrap(), scene.read("config/deploy.rhai"));
    assert_eq!(home.join("text").metadata().unwrap().permissions().mode() & 0o777, 0o644);
    assert_eq!(scene.read("got"), "x");
    assert!(!scene.path("~").exists());
}

/// A command that leaves a child behind neither waits for it nor kills it: that is how daemons start.
#[test]
fn a_daemon_may_stay() {
    let scene = on_db(
        "with(#{ MARK: \"stays-\" + deploy_to() }, || \
         execute(`while [ ! -e \"${deploy_to()}/end\" ]; do sleep 0.1; done >/dev/null 2>&1 &`));",
    );
    let mark = format!("stays-{}", scene.host("db1", "").display());
    let mark = mark.trim_end_matches('/');
    scene.run(["production", "t"]).ok();
    assert!(!crate::faults::running::marked(mark).is_empty());
    fs::create_dir_all(scene.host("db1", "")).unwrap();
    fs::write(scene.host("db1", "end"), "").unwrap();
    gone(std::time::Duration::from_secs(5), || crate::faults::running::marked(mark));
}
