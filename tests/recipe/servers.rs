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
