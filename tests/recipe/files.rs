//! Files of the host: written, read, copied, asked for.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::scene::Scene;

fn on_db(block: &str) -> Scene {
    Scene::task(&format!("on(roles(\"db\"), |host| {{ execute(\"mkdir\", \"-p\", deploy_to()); {block} }});"))
}

#[test]
fn a_text_is_written_and_read_back_exactly() {
    let scene = on_db(
        r#"
        write_file(deploy_to("a b"), "é $HOME 'x' \n\n", #{ diff: false });
        info(read_file(deploy_to("a b")) == "é $HOME 'x' \n\n");
        write_file(deploy_to("empty"), "");
        info(read_file(deploy_to("empty")).len);
        "#,
    );
    assert_eq!(scene.said(["production", "t"]), ["true", "0"]);
    assert_eq!(fs::read_to_string(scene.host("db1", "a b")).unwrap(), "é $HOME 'x' \n\n");
}

#[test]
fn a_mode_can_be_given() {
    let scene = on_db("write_file(deploy_to(\"f\"), \"x\", #{ mode: \"0750\" });");
    scene.run(["production", "t"]).ok();
    assert_eq!(fs::metadata(scene.host("db1", "f")).unwrap().permissions().mode() & 0o7777, 0o750);
    let ran = on_db("write_file(deploy_to(\"f\"), \"x\", #{ mode: 640 });").run(["production", "t"]).fails(1);
    assert_eq!(ran.error(), "`640` is not a mode");
}

#[test]
fn relative_paths_are_those_of_within() {
    let scene = on_db(
        "within(deploy_to(), || { write_file(\"f\", \"x\", #{ diff: false }); info(read_file(\"f\")); info(file_exists(\"f\")); });",
    );
    assert_eq!(scene.said(["production", "t"]), ["x", "true"]);
    assert!(scene.host("db1", "f").exists());
}

#[test]
fn a_file_is_uploaded_with_its_mode_and_downloaded_again() {
    let scene = on_db("upload(\"data.bin\", deploy_to(\"up\")); download(deploy_to(\"up\"), \"down/again.bin\");");
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let scene = scene.file("data.bin", &bytes);
    fs::set_permissions(scene.path("data.bin"), fs::Permissions::from_mode(0o751)).unwrap();
    scene.run(["production", "t"]).ok();
    assert!(fs::read(scene.host("db1", "up")).unwrap() == bytes);
    assert_eq!(fs::metadata(scene.host("db1", "up")).unwrap().permissions().mode() & 0o777, 0o751);
    assert!(fs::read(scene.path("down/again.bin")).unwrap() == bytes);
}

#[test]
fn what_is_there_can_be_asked() {
    let scene = on_db(
        r#"
        within(deploy_to(), || {
            execute("mkdir", "d"); execute("touch", "f"); execute("ln", "-s", "nowhere", "l"); execute("ln", "-s", "f", "lf");
            for name in ["d", "f", "l", "lf", "nope"] {
                info(`${name} ${file_exists(name)} ${dir_exists(name)} ${link_exists(name)}`);
            }
        });
        "#,
    );
    assert_eq!(
        scene.said(["production", "t"]),
        [
            "d false true false",
            "f true false false",
            "l false false true",
            "lf true false true",
            "nope false false false"
        ]
    );
}

#[test]
fn what_cannot_be_copied_is_told() {
    let ran = on_db("upload(\"nope\", \"/tmp/x\");").run(["production", "t"]).fails(1);
    assert_eq!(ran.error(), "could not read `nope`: no such file or directory");
    let ran = on_db("upload(\"config\", \"/dev/null\");").run(["production", "t"]).fails(1);
    assert_eq!(ran.error(), "could not write `/dev/null`: it is no folder, or one of those above it is none");
    on_db("write_file(\"/no/such/folder/f\", \"x\");").run(["production", "t"]).fails(1);
    on_db("read_file(\"/no/such/file\");").run(["production", "t"]).fails(1);
    let ran = on_db("write_file(\"/tmp/\", \"x\");").run(["production", "t"]).fails(1);
    assert_eq!(ran.error(), "could not write `/tmp/`: it is a directory");
}

#[test]
fn a_failed_write_leaves_the_old_file() {
    let scene =
        on_db("execute(\"sh\", \"-c\", `echo old > ${deploy_to(\"f\")}`); write_file(deploy_to(\"f/g\"), \"new\");");
    scene.run(["production", "t"]).fails(1);
    assert_eq!(fs::read_to_string(scene.host("db1", "f")).unwrap(), "old\n");
    assert_eq!(fs::read_dir(scene.host("db1", "")).unwrap().count(), 1);
}

#[test]
fn a_pipe_or_device_is_never_replaced_by_a_file() {
    let scene =
        Scene::task("on(roles(\"db\"), |host| { execute(\"mkfifo\", \"pipe\"); write_file(\"pipe\", \"x\"); });");
    let ran = scene.run(["production", "t"]).fails(1);
    assert_eq!(ran.error(), "could not write `pipe`: it is a device or the like, which would be replaced");
    assert!(!scene.path("pipe").is_file(), "the pipe is still one");
}
