//! What hosts do at the same time must not get in each other's way.

use crate::support::scene::Scene;

#[test]
fn nothing_appended_on_several_hosts_is_lost() {
    let body = r#"
        set("seen", []);
        on(roles("all"), |host| {
            for number in 0..20 { append("seen", `${host}-${number}`); }
            for number in 0..10 { remove("seen", `${host}-${number}`); }
        });
        info(fetch("seen").len);
    "#;
    assert_eq!(Scene::task(body).said(["production", "t"]), ["30"]);
}

#[test]
fn set_if_empty_takes_the_first_of_several_hosts() {
    let body = r#"
        let mine = on(roles("all"), |host| { set_if_empty("first", `${host}`); fetch("first") });
        info(mine.values().filter(|name| name != mine.values()[0]).len);
    "#;
    let body = body.replace("mine.values().filter(|name| name != mine.values()[0]).len", "same(mine.values())");
    let recipe = format!(
        "fn same(names) {{ for name in names {{ if name != names[0] {{ return false; }} }} true }}\n\
         task(\"t\", || {{ {body} }});"
    );
    assert_eq!(Scene::with(&recipe).said(["production", "t"]), ["true"]);
}

#[test]
fn a_file_can_be_imported_by_every_host() {
    let recipe =
        r#"task("t", || { info(on(roles("all"), |host| { import "lib" as lib; lib::twice(21) }).values()); });"#;
    let scene = Scene::with(recipe).file("lib.rhai", "fn twice(n) { n * 2 }");
    assert_eq!(scene.said(["production", "t"]), ["[42, 42, 42]"]);
}
