//! `upload` and `download`: what is sent, where it goes, what is told.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::time::{Duration, SystemTime};

use crate::support::ran::Ran;
use crate::support::scene::Scene;

fn on_db(block: &str) -> Scene {
    Scene::task(&format!("on(roles(\"db\"), |host| {{ execute(\"mkdir\", \"-p\", deploy_to(\"d\")); {block} }});"))
}

fn bytes(count: u32) -> Vec<u8> {
    (0..count).map(|n| u8::try_from(n.wrapping_mul(2_654_435_761) >> 24).unwrap()).collect()
}

fn json(scene: &Scene) -> Ran {
    scene.run(["--format", "json", "production", "t"]).ok()
}

/// The titles of the commands, those that only look included.
fn titles(ran: &Ran) -> Vec<String> {
    let word = |line: &serde_json::Value| {
        line["command"].as_str().unwrap().split([' ', '\n']).next().unwrap_or_default().to_owned()
    };
    ran.all("command_started").iter().map(word).filter(|word| word != "mkdir").collect()
}

#[test]
fn what_is_there_is_not_sent_again() {
    let scene = on_db("info(upload(\"big\", deploy_to(\"f\")));").file("big", bytes(300_000));
    let first = json(&scene);
    assert_eq!(
        (first.messages("info"), titles(&first)),
        (vec!["changed".to_owned()], vec!["look".into(), "upload".into()])
    );
    let again = json(&scene);
    let said = again.messages("info");
    assert!(said[0].ends_with("f is there already, nothing was sent"), "{said:?}");
    assert_eq!((said[1].as_str(), titles(&again)), ("unchanged", vec!["look".to_owned()]));
    // As long, and another.
    let mut other = bytes(300_000);
    other[150_000] ^= 1;
    let scene = scene.file("big", &other);
    assert_eq!(titles(&json(&scene)), ["look", "upload"]);
    assert!(fs::read(scene.host("db1", "f")).unwrap() == other);
    // Another mode is no reason to send it.
    fs::set_permissions(scene.path("big"), fs::Permissions::from_mode(0o711)).unwrap();
    let changed = json(&scene);
    assert_eq!(titles(&changed), ["look"]);
    assert_eq!(changed.messages("info").last().unwrap(), "changed");
    assert_eq!(fs::metadata(scene.host("db1", "f")).unwrap().mode() & 0o777, 0o711);
}

/// The checksum of a large file takes a while, and is worked out only where the host has one as long.
#[test]
fn a_large_file_is_read_twice_only_where_the_host_has_one_as_long() {
    let scene = on_db("info(upload(\"big\", deploy_to(\"f\")));").file("big", bytes(2_000_000));
    assert_eq!(titles(&json(&scene)), ["look", "upload"]);
    let again = json(&scene);
    assert_eq!((again.messages("info")[1].as_str(), titles(&again)), ("unchanged", vec!["look".to_owned(); 2]));
    let scene = scene.file("big", bytes(2_000_001));
    assert_eq!(titles(&json(&scene)), ["look", "upload"]);
}

#[test]
fn a_dry_run_uploads_what_is_not_made_yet() {
    let scene = on_db("upload(\"made/by/nobody\", deploy_to(\"f\"));");
    let lines = scene.lines("db1", ["production", "t"]);
    assert!(lines.iter().any(|line| line.starts_with("upload ") && line.contains("made/by/nobody")), "{lines:?}");
    assert!(json_fails(&scene).contains("could not read `made/by/nobody`"));
}

fn json_fails(scene: &Scene) -> String {
    scene.run(["production", "t"]).fails(1).stderr
}

#[test]
fn a_short_text_goes_along_with_the_question() {
    let scene =
        on_db("info(upload(\"s\", deploy_to(\"f\"))); info(upload(\"s\", deploy_to(\"f\")));").file("s", "short\n");
    let ran = json(&scene);
    assert_eq!(
        (ran.messages("info"), titles(&ran)),
        (vec!["changed".into(), "unchanged".into()], vec!["upload".to_owned(); 2])
    );
}

#[test]
fn texts_and_blobs_are_uploaded_as_files_are() {
    let scene = on_db(
        r#"
        upload(#{ text: "text $HOME\n" }, deploy_to("text"), #{ mode: "0640" });
        upload(#{ text: `token=${secret("hunter2")}` }, deploy_to("secret"));
        let blob = download(deploy_to("text"));
        info(`${type_of(blob)} ${blob.len} ${blob.as_string()}`);
        blob.push(0xff);
        info(upload(blob, deploy_to("blob")));
        info(upload(blob, deploy_to("blob")));
        "#,
    );
    let ran = json(&scene);
    let said = ran.messages("info");
    assert_eq!(
        (said[0].trim_end(), said[1].as_str(), said[3].as_str()),
        ("blob 11 text $HOME", "changed", "unchanged")
    );
    assert_eq!(fs::read(scene.host("db1", "blob")).unwrap(), b"text $HOME\n\xff");
    let mode = |name: &str| fs::metadata(scene.host("db1", name)).unwrap().mode() & 0o777;
    assert_eq!((mode("text"), mode("secret")), (0o640, 0o600));
    assert_eq!(fs::read_to_string(scene.host("db1", "secret")).unwrap(), "token=hunter2");
    assert!(!ran.stdout.contains("hunter2"));
    for what in ["1", "#{ texts: \"a\" }", "#{ text: \"a\", more: 1 }", "[]", "()"] {
        let ran = on_db(&format!("upload({what}, \"/tmp/x\");")).run(["production", "t"]).fails(1);
        assert!(ran.error().contains("`upload` expects what to upload as a path, a blob, or `#{ text: … }`"), "{what}");
    }
}

#[test]
fn a_path_that_ends_with_a_slash_is_a_folder() {
    let scene =
        on_db("upload(\"sub/data.bin\", deploy_to(\"d\") + \"/\"); download(deploy_to(\"d/data.bin\"), \"got/\");")
            .file("sub/data.bin", bytes(100_000));
    json(&scene);
    assert!(fs::read(scene.host("db1", "d/data.bin")).unwrap() == bytes(100_000));
    assert!(fs::read(scene.path("got/data.bin")).unwrap() == bytes(100_000));
    for (block, error) in [
        ("upload(\"f\", deploy_to(\"d\"));", "it is a directory"),
        ("upload(\"f\", deploy_to(\"no/\"));", "its folder does not exist"),
    ] {
        let ran = on_db(block).file("f", "x").run(["production", "t"]).fails(1);
        assert!(ran.error().ends_with(error), "{}", ran.error());
    }
    let ran = on_db("download(\"/etc/hostname\", \"config\");").run(["production", "t"]).fails(1);
    assert_eq!(ran.error(), "`config` is a folder of this machine");
}

#[test]
fn times_are_kept_when_asked_for() {
    let scene = on_db(
        "let keep = #{ preserve: true };\n\
         upload(\"f\", deploy_to(\"kept\"), keep); upload(\"big\", deploy_to(\"big\"), keep); upload(\"f\", deploy_to(\"new\"));\n\
         download(deploy_to(\"kept\"), \"down\", keep); download(deploy_to(\"kept\"), \"fresh\");",
    )
    .file("f", "x")
    .file("big", bytes(100_000));
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for name in ["f", "big"] {
        fs::File::open(scene.path(name)).unwrap().set_modified(time).unwrap();
        fs::set_permissions(scene.path(name), fs::Permissions::from_mode(0o751)).unwrap();
    }
    json(&scene);
    let time = |path: std::path::PathBuf| fs::metadata(path).unwrap().mtime();
    assert_eq!((time(scene.host("db1", "kept")), time(scene.host("db1", "big"))), (1_000_000_000, 1_000_000_000));
    assert_eq!(time(scene.path("down")), 1_000_000_000);
    assert_eq!(fs::metadata(scene.path("down")).unwrap().mode() & 0o777, 0o751);
    assert!(time(scene.host("db1", "new")) > 1_700_000_000 && time(scene.path("fresh")) > 1_700_000_000);
    // A file that is the same gets its time without being sent.
    fs::File::open(scene.path("big")).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    json(&scene);
    assert_eq!(time(scene.host("db1", "big")), 0);
}

#[test]
fn a_transfer_tells_how_far_it_is_and_that_it_is_over() {
    let scene = on_db("upload(\"big\", deploy_to(\"f\")); download(deploy_to(\"f\"), \"back\"); execute(\"true\");")
        .file("big", bytes(3_000_000));
    let ran = json(&scene);
    for upload in [true, false] {
        let told: Vec<_> = ran.all("transfer").into_iter().filter(|line| line["upload"] == upload).collect();
        assert!(told.len() > 2, "{told:?}");
        let last = told.last().unwrap();
        assert_eq!((&last["bytes"], &last["total"]), (&3_000_000.into(), &3_000_000.into()), "{told:?}");
        let ids = ran.all("command_started");
        assert!(ids.iter().any(|line| line["id"] == last["id"]), "{told:?}");
    }
    let plain = scene.run(["production", "t"]).ok();
    assert!(plain.stdout.contains("downloaded"), "{}", plain.stdout);
}

#[test]
fn what_cannot_be_read_there_is_told_in_words() {
    for (block, error) in [
        ("read_file(deploy_to(\"no\"));", "there is no such file"),
        ("read_file(deploy_to(\"d\"));", "it is a directory"),
        ("download(deploy_to(\"no\"), \"x\");", "there is no such file"),
    ] {
        let ran = on_db(block).run(["production", "t"]).fails(1);
        let message = ran.error();
        assert!(message.starts_with("could not read `") && message.ends_with(error), "{message}");
    }
    let ran = on_db("download(deploy_to(\"d\"));").run(["production", "t"]).fails(1);
    assert!(ran.error().ends_with("is a folder, which cannot be downloaded into memory"), "{}", ran.error());
    let ran = on_db("upload(\"f\", \"/tmp/x\", #{ delete: true });").file("f", "").run(["production", "t"]).fails(1);
    assert_eq!(ran.error(), "`delete` is for folders, and this is a file");
    let ran = on_db("upload(\"config\", \"/tmp/x\", #{ mode: \"0644\" });").run(["production", "t"]).fails(1);
    assert_eq!(ran.error(), "`mode` is for files, and this is a folder");
}

#[test]
fn a_dry_run_sends_nothing() {
    let scene = on_db(
        "upload(\"big\", deploy_to(\"f\")); upload(\"sub\", deploy_to(\"sub\")); download(\"/etc/hostname\", \"x\"); download(\"/etc\");",
    )
    .file("big", bytes(300_000))
    .file("sub/a", "x");
    let before = scene.everything();
    let ran = scene.run(["--format", "json", "--dry-run", "production", "t"]).ok();
    assert_eq!(scene.everything(), before);
    assert_eq!(titles(&ran), ["upload", "look", "upload", "download", "download"]);
    assert!(ran.stdout.contains("1 file, 1 byte"), "{}", ran.stdout);
}
