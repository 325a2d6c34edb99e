//! Which hosts are meant: never silently none, never others.
//!
//! Numbers are those of the faults in `reference/capistrano.md`, section 5.

use crate::faults::app::{App, HOSTS};
use crate::support::scene::Scene;

/// 5.A 4: in Capistrano a whole deploy does nothing and ends with 0.
#[test]
fn a_selection_without_hosts_is_an_error() {
    let app = App::new("").with_history();
    let before = app.hosts_tree();
    for words in [
        &["deploy", "-r", "wbe"][..],
        &["deploy", "-z", "web9"],
        &["deploy", "-r", "app", "-z", "nobody"],
        &["deploy", "ROLES="],
        &["deploy", "HOSTS="],
        &["deploy", "ROLES=db"],
        &["deploy", "HOSTS=web1,web9"],
        &["deploy", "-r", ""],
    ] {
        let ran = app.run(words).fails(2);
        assert!(
            ["web1", "`app`", "is empty"].iter().any(|text| ran.stderr.contains(text)),
            "{words:?}: {}",
            ran.stderr
        );
        assert_eq!(app.hosts_tree(), before, "{words:?}");
    }
}

/// 5.A 4.
#[test]
fn no_servers_at_all_is_an_error() {
    let app = App::with_stage("// none yet\n", "");
    let ran = app.run(&["deploy"]);
    assert!(ran.code == 1 || ran.code == 2, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("server(") || ran.stderr.contains("no server"), "{}", ran.stderr);
}

/// 5.A 5: Capistrano forgets the caller's `exclude`.
#[test]
fn release_roles_keeps_the_callers_exclude() {
    let stage = "server(\"a\", #{ transport: \"local\", roles: [\"app\"] });\n\
                 server(\"b\", #{ transport: \"local\", roles: [\"app\"], canary: true });\n\
                 server(\"c\", #{ transport: \"local\", roles: [\"app\"], no_release: true });\n";
    let body = "info(`${release_roles(\"all\", #{ exclude: \"canary\" })}`);";
    let scene = Scene::task(body).stage("production", stage);
    assert_eq!(scene.said(["production", "t"]), ["[a]"]);
}

/// 5.A 21: in Capistrano they are two servers, and a deploy goes to the same host twice.
#[test]
fn a_host_and_the_same_host_with_its_port_are_one() {
    let stage = "server(\"web1\", #{ transport: \"local\", roles: [\"app\"] });\n\
                 server(\"web1:22\", #{ roles: [\"db\"] });\nrole(\"cron\", [\"web1\"]);\n\
                 server(\"me@[::1]:2222\", #{ roles: [\"v6\"] });\n";
    let body = "let all = roles(\"all\"); info(`${all.len}`); info(`${all[0].roles}`);\n\
                let v6 = roles(\"v6\")[0]; info(`${v6.name} ${v6.user} ${v6.port}`);";
    let scene = Scene::task(body).stage("production", stage);
    assert_eq!(scene.said(["production", "t"]), ["2", "[\"app\", \"db\", \"cron\"]", "::1 me 2222"]);
}

/// 5.A 21: in Capistrano a list with an underscore becomes one regular expression. 5.B 22, 32: `web` is not `webdb`.
#[test]
fn names_in_filters_are_whole_names() {
    let servers = ["my_host1", "my_host2", "web", "webdb", "10.0.0.1"];
    let stage: String =
        servers.map(|name| format!("server(\"{name}\", #{{ transport: \"local\", roles: [\"app\"] }});\n")).concat();
    let scene = Scene::task("on(roles(\"app\"), |host| info(host.name));").stage("production", &stage);
    for (filter, expected) in [
        ("my_host1,my_host2", &["my_host1", "my_host2"][..]),
        ("web", &["web"]),
        ("10.0.0.1", &["10.0.0.1"]),
        ("/^web/", &["web", "webdb"]),
    ] {
        let mut said = scene.said(["production", "t", "-z", filter]);
        said.sort();
        assert_eq!(said, expected, "{filter}");
    }
}

/// A limited deploy touches the others in no way, and is no mixed fleet.
#[test]
fn a_deploy_to_one_host_leaves_the_others_alone() {
    let app = App::new("").with_history();
    let others = |line: &String| !line.starts_with("hosts/web2");
    let before: Vec<String> = app.hosts_tree().into_iter().filter(others).collect();
    app.run(&["deploy", "-z", "web2"]).ok();
    assert_eq!(app.hosts_tree().into_iter().filter(others).collect::<Vec<_>>(), before);
    assert_ne!(app.current(HOSTS[1]), app.current(HOSTS[0]));
}

/// 5.B 27: from any folder of the project.
#[test]
fn it_runs_from_a_folder_below() {
    let app = App::small("task(\"where\", || run_locally(|| info(capture(\"pwd\"))));");
    let App { scene, repository } = app;
    let app = App { scene: scene.below("app/models"), repository };
    app.run(&["deploy"]).ok();
    assert_eq!(
        app.json(&["where"]).ok().messages("info"),
        [app.scene.path("").display().to_string().trim_end_matches('/')]
    );
}
