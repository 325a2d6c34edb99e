//! Files, users and masks over ssh.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use crate::support::fleet::Fleet;
use crate::support::skip::skip;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// A fleet with the task `t`, whose body runs on `web1` with `at` as a folder that exists.
fn with_task(body: &str) -> Option<Fleet> {
    let fleet = Fleet::start(1, "")?;
    fs::create_dir_all(fleet.path("web1", "at")).unwrap();
    fleet.add_to_recipe(&format!(
        "\ntask(\"t\", || {{ let secret = secret(\"s3cr3t value $HOME '\"); on(roles(\"app\"), |host| {{\n\
         let at = deploy_to(\"at\");\n{body}\n}}); }});\n"
    ));
    Some(fleet)
}

#[test]
fn write_file_with_a_secret_is_for_nobody_else() {
    let body = r#"
        write_file(at + "/secret", "token: " + secret + "\n");
        write_file(at + "/plain", "plain é\n");
        write_file(at + "/shown", "token: " + secret + "\n", #{ mode: "0640" });
        umask("002", || write_file(at + "/masked", `${secret}`));
    "#;
    let Some(fleet) = with_task(body) else { return };
    let ran = fleet.run(&["t", "--verbose"]).ok();
    let token = "token: s3cr3t value $HOME '\n";
    assert_eq!(fleet.read("web1", "at/secret"), token);
    assert_eq!(mode(&fleet.path("web1", "at/secret")), 0o600);
    assert_eq!(fleet.read("web1", "at/plain"), "plain é\n");
    assert_eq!(fleet.read("web1", "at/shown"), token);
    assert_eq!(mode(&fleet.path("web1", "at/shown")), 0o640);
    assert_eq!(mode(&fleet.path("web1", "at/masked")), 0o600);
    assert!(!ran.stdout.contains("s3cr3t") && !ran.stderr.contains("s3cr3t"));
    assert!(!fleet.scene.read("log/windlass.log").contains("s3cr3t"));
}

#[test]
fn upload_and_download_keep_every_byte() {
    let body = r#"
        upload("data.bin", at + "/data.bin");
        upload("data.bin", at + "/private", #{ mode: "0600" });
        upload("empty", at + "/empty");
        within(at, || upload("run.sh", "run.sh"));
        download(at + "/data.bin", "got/back.bin");
    "#;
    let Some(fleet) = with_task(body) else { return };
    let bytes: Vec<u8> = (0..1_000_003_u32).map(|n| u8::try_from(n * 7 % 256).unwrap()).collect();
    fs::write(fleet.scene.path("data.bin"), &bytes).unwrap();
    fs::set_permissions(fleet.scene.path("data.bin"), PermissionsExt::from_mode(0o644)).unwrap();
    fs::write(fleet.scene.path("empty"), "").unwrap();
    fs::write(fleet.scene.path("run.sh"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(fleet.scene.path("run.sh"), PermissionsExt::from_mode(0o755)).unwrap();
    fleet.run(&["t"]).ok();
    assert!(fs::read(fleet.path("web1", "at/data.bin")).unwrap() == bytes, "every byte arrives");
    assert!(fs::read(fleet.scene.path("got/back.bin")).unwrap() == bytes, "every byte comes back");
    assert_eq!(mode(&fleet.path("web1", "at/data.bin")), 0o644);
    assert_eq!(mode(&fleet.path("web1", "at/private")), 0o600);
    assert_eq!(mode(&fleet.path("web1", "at/run.sh")), 0o755);
    assert_eq!(fs::read(fleet.path("web1", "at/empty")).unwrap(), b"");
    let mut names: Vec<_> = fs::read_dir(fleet.path("web1", "at")).unwrap().flatten().map(|e| e.file_name()).collect();
    names.sort();
    assert_eq!(names, ["data.bin", "empty", "private", "run.sh"], "no unfinished file is left");
}

#[test]
fn a_download_that_fails_leaves_the_file_that_was_there() {
    let Some(fleet) = with_task(r#"download(at + "/nothing", "kept");"#) else { return };
    fs::write(fleet.scene.path("kept"), "old").unwrap();
    fleet.run(&["t"]).fails(1);
    assert_eq!(fleet.scene.read("kept"), "old");
}

#[test]
fn umask_counts_for_commands_and_new_files() {
    let body = r#"
        umask("027", || {
            execute("touch", at + "/touched");
            execute("mkdir -p " + at + "/folder/deep");
            write_file(at + "/written", "x");
        });
        execute("touch", at + "/outside");
    "#;
    let Some(fleet) = with_task(body) else { return };
    fleet.add_to_recipe("\nset(\"umask\", \"077\");\n");
    fleet.run(&["t"]).ok();
    let at = |name: &str| mode(&fleet.path("web1", "at").join(name));
    assert_eq!(at("touched"), 0o640);
    assert_eq!((at("folder"), at("folder/deep")), (0o750, 0o750));
    assert_eq!(at("written"), 0o640);
    assert_eq!(at("outside"), 0o600, "outside the setting counts");
}

#[test]
fn as_user_runs_commands_and_writes_files_as_that_user() {
    if !rustix::process::geteuid().is_root() || !Path::new("/usr/bin/sudo").exists() {
        return skip("as_user_runs_commands_and_writes_files_as_that_user", "it needs root and sudo");
    }
    let body = r#"
        execute("chmod", "777", at);
        as_user("nobody", || {
            info(`who ${capture("id", "-un")}`);
            info(`line ${capture("id -un; echo \"$A\"")}`);
            with(#{ a: "it's $5" }, || within("/", || umask("077", || {
                execute("sh", "-c", "printf %s \"$A\" > \"$0\"", at + "/theirs");
                info(`at ${capture("pwd")}`);
            })));
            write_file(at + "/written", `${secret}`);
            info(`failed ${test("test", "-r", "/etc/shadow")}`);
        });
        info(`again ${capture("id", "-un")}`);
    "#;
    let Some(fleet) = with_task(body) else { return };
    // The way to the folder is the scene's, which is ours alone.
    fs::set_permissions(fleet.scene.top(), PermissionsExt::from_mode(0o755)).unwrap();
    let said: Vec<String> = fleet.json(&["t"]).ok().messages("info");
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    assert_eq!(said, ["who nobody", "line nobody", "at /", "failed false", "again root"]);
    let nobody = fs::metadata(fleet.path("web1", "at/theirs")).unwrap();
    assert_eq!(fleet.read("web1", "at/theirs"), "it's $5");
    assert_eq!(nobody.permissions().mode() & 0o777, 0o600);
    assert_ne!(nobody.uid(), 0);
    let written = fs::metadata(fleet.path("web1", "at/written")).unwrap();
    assert_eq!(fleet.read("web1", "at/written"), "s3cr3t value $HOME '");
    assert_eq!((written.uid(), written.permissions().mode() & 0o777), (nobody.uid(), 0o600));
}

#[test]
fn a_user_sudo_will_not_become_is_an_error() {
    if !rustix::process::geteuid().is_root() || !Path::new("/usr/bin/sudo").exists() {
        return skip("a_user_sudo_will_not_become_is_an_error", "it needs root and sudo");
    }
    let Some(fleet) = with_task(r#"as_user("no-such-user", || execute("id"));"#) else { return };
    let ran = fleet.json(&["t"]).fails(1);
    assert!(ran.failure().to_string().contains("no-such-user"), "{}", ran.failure());
}
