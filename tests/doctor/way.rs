//! The way to a host: its key, and what its sshd allows.

use crate::doctor::look::{Found, facts, found};
use crate::support::fleet::ssh_options;
use crate::support::scene::Scene;
use crate::support::sshd::{Options, Sshd};

/// A project whose one host is this sshd, with more options of ssh.
fn scene(sshd: &Sshd, more: &str) -> Scene {
    let options = ssh_options(sshd).replace("#{ ", &format!("#{{ {more}"));
    let folder = sshd.path("app");
    Scene::new()
        .file(
            "config/deploy.rhai",
            format!(
                "require(\"deploy\");\nset(\"application\", \"app\");\nset(\"deploy_to\", {:?});\n",
                folder.display().to_string()
            ),
        )
        .stage(
            "production",
            &format!("server(\"web1\", #{{ port: {}, ssh_options: {options}, roles: [\"app\"] }});\n", sshd.port()),
        )
}

fn look(scene: &Scene) -> Vec<Found> {
    found(&scene.run(["production", "doctor", "--json"]).ok())
}

#[test]
fn a_host_key_that_was_taken_as_it_came() {
    let Some(sshd) = Sshd::start() else { return };
    sshd.pretend_to_be_unknown();
    let scene = scene(&sshd, "verify_host_key: \"accept_new\", ");
    let found = look(&scene);
    assert_eq!((found.len(), found[0].id.as_str()), (1, "host-key-new"), "{found:#?}");
    assert!(found[0].problem.contains(&sshd.fingerprint()), "{found:#?}");
    assert_eq!(look(&scene), [], "from now on it is known");
    sshd.pretend_to_be_unknown();
    let scene = self::scene(&sshd, "verify_host_key: \"never\", ");
    let found = look(&scene);
    assert!(["host-key-new", "host-key-unchecked"].contains(&found[0].id.as_str()), "{found:#?}");
}

#[test]
fn a_connection_with_one_session() {
    let Some(sshd) = Sshd::with(&Options { config: &["MaxSessions 1"], ..Options::default() }) else { return };
    let found = look(&scene(&sshd, ""));
    assert_eq!(
        (found.len(), found[0].id.as_str(), found[0].severity.as_str()),
        (1, "few-sessions", "note"),
        "{found:#?}"
    );
}

/// A connection of an earlier run would say nothing of its login.
#[test]
fn it_logs_in_anew_where_connections_stay() {
    let Some(sshd) = Sshd::start() else { return };
    let scene = scene(&sshd, "");
    scene.run(["production", "exec", "--warm", "60", "--", "true"]).ok();
    let ran = scene.run(["production", "doctor", "--json", "--warm", "60"]).ok();
    assert!(facts(&ran, &format!("web1:{}", sshd.port()))["key"].is_string(), "{}", ran.stdout);
}
