//! `write_file`: whether it changes anything, and what is shown of that.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use crate::support::scene::Scene;
use crate::support::skip::skip;

fn on_db(block: &str) -> Scene {
    Scene::task(&format!("on(roles(\"db\"), |host| {{ execute(\"mkdir\", \"-p\", deploy_to()); {block} }});"))
}

/// What was said, without the folder of the scene.
fn said(scene: &Scene, more: &[&str]) -> Vec<String> {
    let top = scene.host("db1", "").display().to_string();
    let said = scene.said(["production", "t"].iter().chain(more));
    said.into_iter().map(|text| text.replace(&top, "")).collect()
}

#[test]
fn it_says_whether_it_has_changed_anything_and_what() {
    let scene = on_db(
        r#"
        let file = deploy_to("f");
        info(write_file(file, "a\nb\n"));
        info(write_file(file, "a\nb\n"));
        info(write_file(file, "a\nc\n"));
        info(write_file(file, "a\nc\n", #{ mode: "0755" }));
        info(write_file(file, "d\n", #{ diff: false }));
        "#,
    );
    assert_eq!(
        said(&scene, &[]),
        [
            "f was written:\n@@ -0,0 +1,2 @@\n+a\n+b",
            "changed",
            "unchanged",
            "f has changed:\n@@ -1,2 +1,2 @@\n a\n-b\n+c",
            "changed",
            "changed",
            "changed",
        ]
    );
    assert_eq!(fs::metadata(scene.host("db1", "f")).unwrap().permissions().mode() & 0o777, 0o755);
}

#[test]
fn an_unchanged_file_is_not_touched() {
    let scene = on_db("write_file(deploy_to(\"f\"), \"a\\n\"); write_file(deploy_to(\"f\"), \"a\\n\");");
    scene.run(["production", "t"]).ok();
    let before = fs::metadata(scene.host("db1", "f")).unwrap();
    scene.run(["production", "t"]).ok();
    let after = fs::metadata(scene.host("db1", "f")).unwrap();
    assert_eq!((before.ino(), before.modified().unwrap()), (after.ino(), after.modified().unwrap()));
    assert_eq!(fs::read_dir(scene.host("db1", "")).unwrap().count(), 1);
}

#[test]
fn what_holds_a_secret_or_is_private_is_not_shown() {
    let scene = on_db(
        r#"
        write_file(deploy_to("secret"), `token=${secret("hunter2")}\n`, #{ mode: "0644", diff: true });
        write_file(deploy_to("private"), "password=hunter3\n", #{ mode: "0600" });
        write_file(deploy_to("private"), "public\n", #{ mode: "0644" });
        write_file(deploy_to("private"), "shown=1\n", #{ mode: "0600", diff: true });
        "#,
    );
    let ran = scene.run(["--format", "json", "production", "t"]).ok();
    let said = ran.messages("info");
    assert!(said[0].contains("private has changed; only its owner may read it"), "{said:?}");
    assert!(said[1].contains("only its owner may read it"), "what was there before was private: {said:?}");
    assert!(said[2].ends_with("-public\n+shown=1"), "{said:?}");
    assert_eq!(said.len(), 3);
    let log = scene.read("log/windlass.log");
    for word in ["hunter2", "hunter3"] {
        assert!(!ran.stdout.contains(word) && !log.contains(word), "{word}");
    }
}

#[test]
fn a_long_text_is_asked_for_first_and_sent_once() {
    let scene = on_db(
        r#"
        let text = "";
        for i in 0..10000 { text += "0123456789abcdef"; }
        info(write_file(deploy_to("f"), text));
        info(write_file(deploy_to("f"), text));
        info(write_file(deploy_to("f"), text + "x"));
        "#,
    );
    let ran = scene.run(["--format", "json", "production", "t"]).ok();
    let said = ran.messages("info");
    assert_eq!((said[0].as_str(), said[2].as_str(), said[3].as_str()), ("changed", "unchanged", "changed"));
    assert!(said[1].ends_with("f is there already, nothing was sent"), "{said:?}");
    let titles: Vec<_> = ran.all("command_started").iter().map(|line| line["command"].to_string()).collect();
    assert_eq!(titles.iter().filter(|title| title.contains("write ")).count(), 2, "{titles:?}");
    assert_eq!(fs::metadata(scene.host("db1", "f")).unwrap().len(), 160_001);
}

#[test]
fn a_long_change_is_cut() {
    let lines = (0..300).map(|number| format!("{number}\\n")).collect::<Vec<_>>().concat();
    let said = said(&on_db(&format!("write_file(deploy_to(\"f\"), \"{lines}\");")), &[]);
    assert_eq!(said[0].lines().count(), 102);
    assert!(said[0].ends_with("… and 201 more lines"), "{}", said[0]);
}

#[test]
fn its_value_is_known_when_its_batch_is_over() {
    let block = r#"info(batch(|| [write_file(deploy_to("f"), "a"), write_file(deploy_to("f"), "a")]));"#;
    assert_eq!(said(&on_db(block), &["--quiet"]).last().unwrap(), "[\"changed\", \"unchanged\"]");
}

#[test]
fn a_dry_run_says_what_would_be_written() {
    let scene = on_db(
        r#"
        info(write_file(deploy_to("f"), "a\nB\n"));
        info(write_file(deploy_to("same"), "same\n"));
        write_file(deploy_to("secret"), secret("hunter2"));
        write_file(deploy_to("private"), "hunter3", #{ mode: "0600" });
        write_file("relative", "x\n");
        "#,
    );
    fs::create_dir_all(scene.host("db1", "")).unwrap();
    fs::write(scene.host("db1", "f"), "a\nb\n").unwrap();
    fs::write(scene.host("db1", "same"), "same\n").unwrap();
    let before = scene.everything();
    let said = said(&scene, &["--dry-run"]);
    assert_eq!(
        said,
        [
            "f would change:\n@@ -1,2 +1,2 @@\n a\n-b\n+B",
            "changed",
            "same has this text already",
            "unchanged",
            "secret would be written; it holds a secret, so it is not shown",
            "relative would be written:\n@@ -0,0 +1 @@\n+x",
        ]
    );
    assert_eq!(scene.everything(), before);
}

#[test]
fn owner_and_group_are_given_and_kept() {
    if !rustix::process::geteuid().is_root() {
        return skip("owner_and_group_are_given_and_kept", "it takes root");
    }
    let scene = on_db(
        r#"
        info(write_file(deploy_to("f"), "a", #{ owner: "nobody", group: "daemon", diff: false }));
        info(write_file(deploy_to("f"), "a", #{ owner: "nobody", group: "daemon" }));
        info(write_file(deploy_to("f"), "b", #{ diff: false }));
        info(write_file(deploy_to("g"), "b", #{ sudo: true, mode: "0640", diff: false }));
        "#,
    );
    assert_eq!(said(&scene, &[]), ["changed", "unchanged", "changed", "changed"]);
    let metadata = fs::metadata(scene.host("db1", "f")).unwrap();
    assert_eq!((metadata.uid(), metadata.gid()), (65534, 1));
    let ran = on_db("write_file(\"f\", \"a\", #{ owner: \"no-such-user\" });").run(["production", "t"]).fails(1);
    assert_eq!(ran.error(), "could not write `f`: there is no such owner or group there");
    let ran = on_db("write_file(\"f\", \"a\", #{ owner: \"a:b\" });").run(["production", "t"]).fails(1);
    assert_eq!(ran.error(), "`a:b` cannot be the owner of a file");
}

#[test]
fn who_may_not_give_a_file_away_is_told_what_to_do() {
    if !rustix::process::geteuid().is_root() {
        return skip("who_may_not_give_a_file_away_is_told_what_to_do", "it takes root, to be somebody else");
    }
    let block = r#"as_user("nobody", || within("/tmp", || write_file("f", "a", #{ owner: "root" })));"#;
    let ran = on_db(block).run(["production", "t"]).fails(1);
    assert_eq!(ran.error(), "could not write `f`: the login may not give it away");
    assert!(ran.err().contains("`sudo: true`"), "{}", ran.err());
}
