//! A login that is not root: what it may write, what sudo lets it do, what it finds in its PATH.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::doctor::look::{Found, found};
use crate::support::account::Account;
use crate::support::fleet::ssh_options;
use crate::support::scene::Scene;
use crate::support::sshd::Sshd;

/// A host on which somebody else than root logs in, and a folder to deploy to.
struct Plain {
    account: Account,
    sshd: Sshd,
    scene: Scene,
    folder: tempfile::TempDir,
}

impl Plain {
    fn new(test: &str, recipe: &str) -> Option<Self> {
        let sshd = Sshd::start()?;
        let account = Account::login(test, &sshd, Path::new("/bin/bash"))?;
        // Not below the folder of the scene, which is closed to others.
        let folder = tempfile::Builder::new().prefix("windlass-doctor-").tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let stage = format!(
            "server(\"web1\", #{{ user: \"{}\", port: {}, ssh_options: {}, roles: [\"app\"] }});\n",
            account.name,
            sshd.port(),
            ssh_options(&sshd),
        );
        let text = format!(
            "require(\"deploy\");\nset(\"application\", \"app\");\nset(\"deploy_to\", \"{}/app\");\n{recipe}\n",
            folder.path().display()
        );
        let scene = Scene::new().file("config/deploy.rhai", text).stage("production", &stage);
        Some(Self { account, sshd, scene, folder })
    }

    fn look(&self) -> Vec<Found> {
        found(&self.scene.run(["production", "doctor", "--json"]))
    }

    fn add_to_recipe(&self, text: &str) {
        let recipe = self.scene.read("config/deploy.rhai") + text;
        fs::write(self.scene.path("config/deploy.rhai"), recipe).unwrap();
    }
}

fn ids(found: &[Found]) -> Vec<&str> {
    found.iter().map(|found| found.id.as_str()).collect()
}

#[test]
fn a_folder_of_somebody_else_and_the_line_that_repairs_it() {
    let Some(plain) = Plain::new("a folder of somebody else", "") else { return };
    let found = plain.look();
    assert_eq!(ids(&found), ["not-writable"], "{found:#?}");
    let folder = plain.folder.path().display();
    assert_eq!(
        found[0].problem,
        format!("`{}` may not make {folder}/app: {folder} is drwxr-xr-x root:root", plain.account.name)
    );
    let repair = found[0].repair.strip_prefix("sudo ").unwrap();
    assert!(std::process::Command::new("sh").args(["-c", repair]).status().unwrap().success(), "{repair}");
    assert_eq!(plain.look(), []);
    fs::create_dir(plain.folder.path().join("app/shared")).unwrap();
    let found = plain.look();
    assert_eq!(ids(&found), ["not-writable"], "{found:#?}");
    assert!(found[0].problem.contains("/app/shared (drwx"), "{found:#?}");
}

#[test]
fn sudo_is_missed_only_where_the_recipe_uses_it() {
    let Some(plain) = Plain::new("sudo", "set(\"deploy_to\", \"/tmp/windlass-doctor-sudo\");") else { return };
    assert_eq!(plain.look(), []);
    plain.add_to_recipe("task(\"t\", || on(roles(\"app\"), |host| as_user(\"root\", || execute(\"id\"))));\n");
    let found = plain.look();
    assert!(["no-sudo", "sudo-password"].contains(&ids(&found)[0]), "{found:#?}");
    assert_eq!(found.len(), 1);
    // The line that is told does what it says.
    let (_, line) = found[0].repair.split_once("echo '").unwrap();
    let line = line.split_once('\'').unwrap().0;
    let file = Path::new("/etc/sudoers.d").join(&plain.account.name);
    fs::write(&file, format!("{line}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o440)).unwrap();
    assert_eq!(plain.look(), []);
    plain.scene.run(["production", "t"]).ok();
}

#[test]
fn programs_that_only_a_login_finds_and_the_line_that_repairs_it() {
    let recipe = "set(\"deploy_to\", \"/tmp/windlass-doctor-path\");";
    let Some(plain) = Plain::new("PATH", recipe) else { return };
    assert_eq!(plain.look(), []);
    let tools = plain.sshd.home().join("tools");
    fs::create_dir(&tools).unwrap();
    fs::write(tools.join("composer"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(tools.join("composer"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(plain.sshd.home().join(".profile"), "echo hello; PATH=\"$HOME/tools:$PATH\"; export PATH\n").unwrap();
    let found = plain.look();
    assert_eq!(ids(&found), ["login-path"], "{found:#?}");
    assert_eq!(
        (found[0].severity.as_str(), found[0].problem.starts_with("`composer` is found by a login only")),
        ("warning", true)
    );
    plain.add_to_recipe(&format!("{}\n", found[0].repair));
    assert_eq!(plain.look(), []);
}
