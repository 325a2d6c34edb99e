//! Chapter 2.4: servers and roles.

use crate::capistrano::rows::{differs, has, recipe_refused, refused, said, said_by};
use crate::support::scene::Scene;

/// What a stage with these declarations says of its servers.
fn declared(stage: &str, shown: &str) -> Vec<String> {
    let scene = Scene::with(&format!("task(\"t\", || for host in roles(\"all\") {{ info(`{shown}`); }});"));
    scene.stage("production", stage).said(["production", "t"])
}

/// 2.4.1
#[test]
fn a_host_is_written_in_every_form() {
    let forms =
        "server(\"a\"); server(\"b:22\"); server(\"u@c\"); server(\"u@d:2222\"); server(\"::1\"); server(\"[::2]:22\");
        server(\"u@[::3]:2222\");";
    assert_eq!(
        declared(forms, "${host.name} ${host.user} ${host.port}"),
        ["a  22", "b  22", "c u 22", "d u 2222", "::1  22", "::2  22", "::3 u 2222"]
    );
}

/// 2.4.2
#[test]
fn this_machine_is_a_server_called_local() {
    differs("`server :local`");
    has(&recipe_refused("server(\":local\");"), "write `local` for this machine");
    let scene = Scene::task("on(roles(\"here\"), |host| info(capture(\"echo it\")));");
    let scene = scene.stage("production", "server(\"local\", #{ roles: [\"here\"] });");
    assert_eq!(scene.said(["production", "t"]), ["it"]);
}

/// 2.4.3
#[test]
fn a_server_is_a_name_and_a_map() {
    differs("`SSHKit::Host.new(hostname: \"web1\", user: \"u\")`");
    has(&recipe_refused("server(#{ hostname: \"web1\" });"), "`server` expects a host as a string, and got a map");
}

/// 2.4.4
#[test]
fn host_and_host_with_the_usual_port_are_one() {
    differs("`host` and `host:22` are two servers");
    assert_eq!(declared("server(\"a\"); server(\"a:22\"); server(\"a:23\");", "${host.name}"), ["a", "a"]);
}

/// 2.4.5
#[test]
fn a_server_declared_again_is_added_to() {
    differs("a server declared again: lists keep doubles, `ssh_options` are replaced");
    let stage = "server(\"a\", #{ roles: [\"x\"], list: [1, 2], map: #{ a: 1 }, one: 1 });
        server(\"u@a\", #{ roles: [\"y\"], list: [2, 3], map: #{ b: 2 }, one: 2 });";
    assert_eq!(
        declared(stage, "${host.user} ${host.roles} ${host.properties}"),
        [r#"u ["x", "y"] #{"list": [1, 2, 3], "map": #{"a": 1, "b": 2}, "one": 2}"#]
    );
}

/// 2.4.6
#[test]
fn a_text_of_roles_is_one_role() {
    assert_eq!(declared("server(\"a\", #{ roles: \"app\" });", "${host.roles}"), [r#"["app"]"#]);
    has(&recipe_refused("server(\"a\", #{ roles: \"web app\" });"), "`web app` is not the name of one role");
}

/// 2.4.7
#[test]
fn role_in_place_of_roles_is_told_by_check() {
    let scene = Scene::with("").stage("production", "server(\"a\", #{ role: \"app\" });");
    has(&scene.run(["check"]).fails(2).out(), "[role-property]");
}

/// 2.4.8
#[test]
fn all_is_no_name_of_a_role() {
    has(&recipe_refused("role(\"all\", [\"a\"]);"), "`all` is reserved and cannot be the name of a role");
}

/// 2.4.9
#[test]
fn a_property_is_plain_data() {
    has(&recipe_refused("server(\"a\", #{ x: || 1 });"), "a closure is not plain data");
}

/// 2.4.10
#[test]
fn servers_keep_the_order_they_were_declared_in() {
    let stage = "role(\"x\", [\"c\", \"a\"]); server(\"b\", #{ roles: [\"x\"] }); server(\"a\", #{ one: 1 });";
    assert_eq!(declared(stage, "${host.name}"), ["c", "a", "b"]);
}

/// 2.4.11
#[test]
fn a_host_tells_what_is_known_of_it() {
    differs("`host.username`, `host.roles_array`, `host.netssh_options`, `host.properties.keys`");
    let shown = "${host.hostname} ${host.user} ${host.port} ${host.roles} ${host.has_role(\"x\")} ${host.properties.zone} \
        ${host.fetch(\"zone\")} ${host.primary} ${host.local} ${host.ssh_options}";
    let stage = "server(\"u@a:24\", #{ roles: [\"x\"], zone: \"north\" });";
    assert_eq!(declared(stage, shown), [r#"a u 24 ["x"] true north north false false #{}"#]);
}

/// 2.4.12
#[test]
fn a_host_is_not_changed_in_a_block() {
    differs("`host.user = \"root\"` inside `on`");
    let error = refused("on(roles(\"db\"), |host| { host.user = \"root\"; });");
    has(&error, "`user` of a host cannot be changed while the run lasts");
}

/// 2.4.13
#[test]
fn roles_are_found_by_names_lists_and_patterns() {
    let body = "info(roles(\"app\", \"db\").len); info(roles(\"app,db\").len); info(roles([\"app\", [\"db\"]]).len);
        info(roles(\"/^d/\").len); info(roles(\"all\").len); info(roles(\"none\").len);";
    assert_eq!(said(body), ["3", "3", "3", "1", "3", "0"]);
}

/// 2.4.14
#[test]
fn filters_are_for_on_alone() {
    let scene = Scene::task("info(roles(\"all\").len); on(roles(\"all\"), |host| info(host.name));");
    assert_eq!(scene.said(["production", "t", "-r", "db"]), ["3", "db1"]);
}

/// 2.4.15
#[test]
fn properties_choose_by_name() {
    let body = "info(roles(\"all\", #{ filter: \"no_release\" })); info(roles(\"all\", #{ select: \"no_release\" }));
        info(roles(\"all\", #{ exclude: \"no_release\" }));";
    assert_eq!(said(body), ["[db1]", "[db1]", "[web1, web2]"]);
}

/// 2.4.17
#[test]
fn any_other_property_chooses_by_its_value() {
    let recipe = "task(\"t\", || { info(roles(\"all\", #{ zone: \"n\" })); info(roles(\"all\", #{ zone: () })); });";
    let scene = Scene::with(recipe).stage("production", "server(\"a\", #{ zone: \"n\" }); server(\"b\");");
    assert_eq!(scene.said(["production", "t"]), ["[a]", "[b]"]);
}

/// 2.4.18
#[test]
fn release_roles_leave_hosts_without_a_release_out_and_heed_exclude() {
    differs("`release_roles(:all, exclude: :x)` forgets the `exclude`");
    let recipe = "task(\"t\", || info(release_roles(\"all\", #{ exclude: \"spare\" })));";
    let stage = "server(\"a\"); server(\"b\", #{ no_release: true }); server(\"c\", #{ spare: true });";
    assert_eq!(Scene::with(recipe).stage("production", stage).said(["production", "t"]), ["[a]"]);
}

/// 2.4.19
#[test]
fn the_primary_is_the_one_that_says_so_else_the_first() {
    let recipe = "task(\"t\", || { info(primary(\"x\")); info(primary(\"y\")); info(type_of(primary(\"z\"))); });";
    let stage = "role(\"x\", [\"a\", \"b\"]); server(\"c\", #{ roles: [\"x\", \"y\"], primary: true });";
    assert_eq!(Scene::with(recipe).stage("production", stage).said(["production", "t"]), ["c", "c", "()"]);
}

/// 2.4.20
#[test]
fn properties_of_roles_are_a_list_of_maps() {
    let recipe = "task(\"t\", || info(role_properties(\"db\")));";
    let stage = "server(\"a\", #{ roles: [\"db\"], db: #{ port: 1 } });";
    let rows = Scene::with(recipe).stage("production", stage).said(["production", "t"]);
    assert_eq!(rows, [r#"[#{"hostname": "a", "port": 1, "role": "db"}]"#]);
}

/// 2.4.21
#[test]
fn roles_are_called_with_parentheses() {
    assert_eq!(said_by("task(\"t\", || info(roles(\"db\")));"), ["[db1]"]);
}

/// 2.4.16
#[test]
fn closures_choose() {
    let body = "info(roles(\"all\", #{ filter: |host| host.name == \"web2\" }));
        info(roles(\"all\", #{ select: |host| host.has_role(\"db\") }));
        info(roles(\"all\", #{ exclude: |host| host.has_role(\"db\") }));";
    assert_eq!(said(body), ["[web2]", "[db1]", "[web1, web2]"]);
}
