//! What a host's own settings are worth beside those of the stage, over a real ssh.
//!
//! Numbers are those of the faults in `reference/capistrano.md`, section 5.

use crate::faults::app::App;
use crate::faults::remote::{Fleet, declared};

const WHO: &str =
    "task(\"who\", || on(roles(\"app\"), |host| info(capture(\"whoami; echo \\\"[$SSH_AUTH_SOCK]\\\"\"))));";

fn me() -> String {
    let output = std::process::Command::new("whoami").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// 5.A 19: in Capistrano the stage's port and keys override the server's, and a server's user is not heeded.
#[test]
fn a_servers_own_options_win() {
    let Some(fleet) = Fleet::start(1) else { return };
    let stage = declared(&fleet.0[0], &format!("user: {:?}", me()));
    let wrong = "set(\"ssh_options\", #{ port: 1, keys: [\"/nonexistent\"], user: \"nobody_at_all\", timeout: 5, \
                 user_known_hosts_file: \"/nonexistent\" });\n";
    let app = App::with_stage(&stage, &format!("{wrong}{WHO}"));
    let ran = app.json(&["who"]).ok();
    // 5.A 19: forwarding the agent is Capistrano's default.
    assert_eq!(ran.messages("info"), [format!("{}\n[]", me())]);
}

/// 5.A 19: the same through the properties of the server.
#[test]
fn a_servers_own_user_and_port_win() {
    let Some(fleet) = Fleet::start(1) else { return };
    let stage = declared(&fleet.0[0], "").replacen("server(\"", &format!("server(\"{}@", me()), 1);
    let app =
        App::with_stage(&stage, &format!("set(\"ssh_options\", #{{ user: \"nobody_at_all\", port: 1 }});\n{WHO}"));
    assert_eq!(app.json(&["who"]).ok().messages("info"), [format!("{}\n[]", me())]);
}

/// 5.A 19: Capistrano accepts unknown host keys without a word.
#[test]
fn an_unknown_host_key_is_refused_with_the_command_that_adds_it() {
    let Some(fleet) = Fleet::start(2) else { return };
    fleet.0[1].pretend_to_be_unknown();
    let app = fleet.app("").with_history();
    let ran = app.run(&["deploy"]).fails(3);
    let stderr = &ran.stderr;
    assert!(stderr.contains(&fleet.0[1].fingerprint()), "{stderr}");
    assert!(stderr.contains("ssh-keyscan") || stderr.contains("known_hosts"), "{stderr}");
    assert!(!ran.stdout.contains("mkdir"), "nothing was made on the host that is known: {}", ran.stdout);
}

/// 5.A 25: what a deploy leaves on a host is the tree, and nothing beside it.
#[test]
fn nothing_is_left_in_the_home_or_in_tmp() {
    let Some(fleet) = Fleet::start(1) else { return };
    let app = fleet.app("");
    let ours = || -> Vec<String> {
        let names = crate::faults::app::names(std::path::Path::new("/tmp"));
        names.into_iter().filter(|name| name.starts_with("git-ssh") || name.starts_with(".windlass")).collect()
    };
    let (home, tmp) = (crate::faults::app::names(&fleet.0[0].home()), ours());
    app.run(&["deploy"]).ok();
    assert_eq!(crate::faults::app::names(&fleet.0[0].home()), home);
    assert_eq!(ours(), tmp);
    assert_eq!(
        app.names(fleet.0[0].address(), ""),
        [".windlass", "current", "releases", "repo", "revisions.log", "shared"]
    );
    let left = std::fs::read_dir(app.path(fleet.0[0].address(), "repo")).unwrap().flatten();
    assert!(left.into_iter().all(|entry| !entry.file_name().to_string_lossy().contains("windlass")));
}
