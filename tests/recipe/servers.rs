//! `server`, `role`, `roles` and what hosts tell about themselves.

use crate::support::scene::Scene;

/// What a task `t` says where the stage is this.
fn said(stage: &str, body: &str) -> Vec<String> {
    Scene::task(body).stage("production", stage).said(["production", "t"])
}

const STAGE: &str = r#"
server("deploy@web1:2222", #{ roles: ["app", "web"], active: true, zone: "north" });
server("web2", #{ roles: ["web"], primary: true, no_release: true });
role("db", ["db1", "web2"], #{ db: #{ master: true } });
server("spare");
"#;

#[test]
fn roles_are_in_the_order_of_declaration() {
    let body = r#"
        info(roles("web").map(|h| `${h}`));
        info(roles("db", "app").map(|h| `${h}`));
        info(roles(["db", ["app"]]).map(|h| `${h}`));
        info(roles("db,app").map(|h| `${h}`));
        info(roles("all").map(|h| `${h}`));
        info(roles("/^[ad]/").map(|h| `${h}`));
        info(roles("nobody").len);
    "#;
    assert_eq!(
        said(STAGE, body),
        [
            r#"["web1:2222", "web2"]"#,
            r#"["web1:2222", "web2", "db1"]"#,
            r#"["web1:2222", "web2", "db1"]"#,
            r#"["web1:2222", "web2", "db1"]"#,
            r#"["web1:2222", "web2", "db1", "spare"]"#,
            r#"["web1:2222", "web2", "db1"]"#,
            "0",
        ]
    );
}

#[test]
fn roles_can_be_asked_for_properties() {
    let body = r#"
        info(roles("all", #{ filter: "active" }).map(|h| `${h}`));
        info(roles("all", #{ exclude: "active" }).map(|h| `${h}`));
        info(roles("web", #{ zone: "north" }).map(|h| `${h}`));
        info(release_roles("all").map(|h| `${h}`));
        info(release_roles("all", #{ exclude: "active" }).map(|h| `${h}`));
    "#;
    assert_eq!(
        said(STAGE, body),
        [
            r#"["web1:2222"]"#,
            r#"["web2", "db1", "spare"]"#,
            r#"["web1:2222"]"#,
            r#"["web1:2222", "db1", "spare"]"#,
            // The wish of the user stays beside `no_release`.
            r#"["db1", "spare"]"#,
        ]
    );
}

#[test]
fn primary_is_the_one_that_says_so_else_the_first() {
    let body = r#"
        info(primary("web"));
        info(primary("app"));
        info(primary("db"));
        info(type_of(primary("nobody")));
    "#;
    assert_eq!(said(STAGE, body), ["web2", "web1:2222", "web2", "()"]);
}

#[test]
fn a_host_tells_about_itself() {
    let body = r#"
        let h = roles("app")[0];
        info(h.name); info(h.user); info(h.port); info(h.roles); info(h.properties.zone);
        info(h.has_role("web")); info(h.has_role("db"));
        let w = roles("web")[1];
        info(type_of(w.user)); info(w.port);
        info(h == roles("web")[0]); info(h != w);
    "#;
    assert_eq!(
        said(STAGE, body),
        ["web1", "deploy", "2222", r#"["app", "web"]"#, "north", "true", "false", "()", "22", "true", "true"]
    );
}

#[test]
fn one_name_with_two_ports_is_two_servers() {
    let stage = "server(\"h:2201\", #{ roles: [\"a\"] }); server(\"h:2202\", #{ roles: [\"a\"] });";
    assert_eq!(said(stage, "info(roles(\"a\").map(|h| h.port));"), ["[2201, 2202]"]);
}

#[test]
fn a_server_declared_again_is_added_to() {
    let stage = r#"
        server("me@h", #{ roles: ["a"], tags: ["x"], size: 1 });
        server("h", #{ roles: ["b"], size: 2 });
    "#;
    let body =
        "let h = roles(\"a\")[0]; info(h.roles); info(h.user); info(h.properties.size); info(roles(\"all\").len);";
    assert_eq!(said(stage, body), [r#"["a", "b"]"#, "me", "2", "1"]);
}

#[test]
fn role_properties_gives_one_row_per_server_and_role() {
    let body = r#"
        for row in role_properties("db", "app") { info(`${row.hostname} ${row.role} ${row.master ?? "-"}`); }
    "#;
    assert_eq!(said(STAGE, body), ["web1 app -", "web2 db true", "db1 db true"]);
}

#[test]
fn current_host_is_the_one_of_the_block() {
    let scene =
        Scene::task("info(on(roles(\"db\"), |host| current_host() == host && current_host().name == \"db1\"));");
    assert_eq!(scene.said(["production", "t"]), [r#"#{"db1": true}"#]);
    assert_eq!(
        Scene::task("current_host();").run(["production", "t"]).fails(2).error(),
        "`current_host` needs a host, but this is outside `on`"
    );
}

#[test]
fn the_name_all_is_no_role() {
    let ran = Scene::task("").stage("production", "role(\"all\", [\"h\"]);").run(["production", "t"]).fails(2);
    assert!(ran.error().contains("`all`"), "{}", ran.error());
}

#[test]
fn conditions_may_be_closures() {
    let body = r#"
        info(roles("all", #{ filter: |host| host.port == 22 }).map(|h| `${h}`));
        info(roles("all", #{ select: |host| host.fetch("zone") == "north" }).map(|h| `${h}`));
        info(roles("all", #{ exclude: |host| host.has_role("web") }).map(|h| `${h}`));
        info(roles("all", #{ filter: ["active", |host| host.port == 2222] }).map(|h| `${h}`));
        info(roles("all", #{ filter: |host| host.properties.active, exclude: "primary" }).map(|h| `${h}`));
        info(release_roles("web", #{ exclude: |host| host.name == "web1" }).len);
        let zone = "north";
        info(roles("web", #{ filter: |host| host.fetch("zone", "south") != zone }).map(|h| `${h}`));
    "#;
    assert_eq!(
        said(STAGE, body),
        [
            r#"["web2", "db1", "spare"]"#,
            r#"["web1:2222"]"#,
            r#"["db1", "spare"]"#,
            r#"["web1:2222"]"#,
            r#"["web1:2222"]"#,
            "0",
            r#"["web2"]"#,
        ]
    );
}

#[test]
fn a_closure_that_is_no_condition_says_where_it_belongs() {
    let error = |body: &str| Scene::task(body).run(["production", "t"]).fails(2);
    let ran = error("roles(\"app\", #{ zone: |host| true });");
    assert_eq!(ran.error(), "the condition `zone` of `roles` is a closure");
    assert!(ran.err().contains("a closure stands under `filter`"), "{}", ran.err());
    let ran = error("roles(\"app\", |host| true);");
    assert_eq!(ran.error(), "`roles` expects the role as a string, and got a closure");
    assert!(ran.err().contains("`#{ filter: |host| … }`"), "{}", ran.err());
    let ran = error("roles(\"app\", #{ filter: |host, role| true });");
    assert_eq!(
        ran.error(),
        "the closure under `filter` takes more than one parameter, but `roles` gives one, the host"
    );
}

#[test]
fn an_on_that_a_closure_leaves_empty_names_the_closure() {
    let ran = Scene::task("on(roles(\"app\", #{ filter: |host| false }), |host| 1);").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "the closure of the condition leaves no host with role `app`");
}

#[test]
fn role_properties_takes_conditions_and_a_block() {
    let body = r#"
        info(role_properties("db", "app", #{ exclude: "primary" }).map(|row| row.hostname));
        info(role_properties("all", #{ filter: |host| host.has_role("db") }, |host, role, properties| {
            `${host} ${role} ${type_of(properties)}`
        }));
        info(role_properties("db", |host| host.port));
    "#;
    assert_eq!(
        said(STAGE, body),
        [r#"["web1", "db1"]"#, r#"["web2 web ()", "web2 db map", "db1 db map"]"#, "[22, 22]",]
    );
}

#[test]
fn a_range_declares_each_of_its_hosts() {
    let stage = r#"
        server("deploy@web[08:11].example.com:2222", #{ roles: ["web"] });
        role("db", ["db-[a:b]", "web[08:09].example.com:2222"]);
    "#;
    let body = r#"
        info(roles("web").map(|h| h.name));
        info(roles("db").map(|h| h.name));
        info(roles("web").filter(|h| h.user != "deploy" || h.port != 2222).len);
        info(on("web[08:09].example.com:2222", |host| host.user).len());
    "#;
    let names = |numbers: &[&str]| {
        let names: Vec<String> = numbers.iter().map(|number| format!("\"web{number}.example.com\"")).collect();
        names.join(", ")
    };
    let said = Scene::task(body).stage("production", stage).said(["production", "t", "-n"]);
    assert_eq!(said[0], format!("[{}]", names(&["08", "09", "10", "11"])));
    assert_eq!(said[1], format!("[{}, \"db-a\", \"db-b\"]", names(&["08", "09"])));
    assert_eq!(said[2..], ["0", "2"]);
}

#[test]
fn a_host_tells_everything_that_was_said_about_it() {
    let stage = r#"
        server("deploy@web1:2222", #{ roles: ["web"], primary: true, zone: "a", none: (), ssh_options: #{ forward_agent: true } });
        server("local", #{ roles: ["here"] });
        server("box", #{ transport: "local" });
    "#;
    let body = r#"
        let h = roles("web")[0];
        info([h.hostname, h.primary, h.local, h.ssh_options.forward_agent]);
        info([h.fetch("zone"), h.fetch("user"), h.fetch("port"), h.fetch("roles"), h.fetch("primary")]);
        info([h.fetch("no"), h.fetch("no", 1), h.fetch("none", 2), h.fetch("no", || "lazy"), h.fetch("zone", "b")]);
        let l = roles("here")[0];
        info([l.name, l.local, l.primary, l.ssh_options.len(), roles("all")[2].local]);
        info(on("local", |host| capture("echo", "here")));
    "#;
    assert_eq!(
        said(stage, body),
        [
            r#"["web1", true, false, true]"#,
            r#"["a", "deploy", 2222, ["web"], true]"#,
            r#"[(), 1, 2, "lazy", "a"]"#,
            r#"["local", true, false, 0, true]"#,
            r#"#{"local": "here"}"#,
        ]
    );
}

#[test]
fn a_property_a_host_does_not_have_is_told_with_what_was_meant() {
    let error = |body: &str| {
        let stage = "server(\"web1\", #{ roles: [\"web\"], zone: \"a\" });";
        Scene::task(&format!("let h = roles(\"web\")[0]; {body}")).stage("production", stage).run(["production", "t"])
    };
    let ran = error("info(h.zone);").fails(2);
    assert_eq!(ran.error(), "a host has no `zone`");
    assert!(ran.err().contains("`host.properties.zone`"), "{}", ran.err());
    let ran = error("info(h.hostnam);").fails(2);
    assert!(ran.err().contains("did you mean `hostname`?"), "{}", ran.err());
    let ran = error("h.user = \"x\";").fails(2);
    assert_eq!(ran.error(), "`user` of a host cannot be changed while the run lasts");
}

#[test]
fn options_of_ssh_are_judged_where_they_are_written() {
    for (stage, place) in [
        ("\nserver(\"web1\", #{ ssh_options: #{ prot: 22 } });", "config/deploy/production.rhai:2:1"),
        ("\n\nrole(\"web\", [\"web1\"], #{ ssh_options: #{ prot: 22 } });", "config/deploy/production.rhai:3:1"),
        ("set(\"ssh_options\", #{ prot: 22 });", "config/deploy/production.rhai:1:1"),
    ] {
        let ran = Scene::task("").stage("production", stage).run(["production", "t", "--plan"]).fails(2);
        assert_eq!(ran.error(), "`ssh_options` has no `prot`");
        assert!(ran.err().contains("did you mean `port`?") && ran.err().contains(place), "{}", ran.err());
    }
}
