//! The scripts in `stdlib/examples/scripts`, run for real: what they find, what they refuse, how they end.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use windlass::recipe::examples::SCRIPTS;

use crate::support::fleet::ssh_options;
use crate::support::ran::Ran;
use crate::support::scene::Scene;
use crate::support::sshd::Sshd;

/// A folder without a project, with all scripts in it.
fn scripts() -> Scene {
    SCRIPTS.iter().fold(Scene::new(), |scene, (name, text)| scene.file(name, text))
}

/// Runs a script on this machine.
fn here(scene: &Scene, words: &[&str]) -> Ran {
    scene.run(["script"].iter().chain(words).chain(["--hosts", "local"].iter()))
}

#[test]
fn check_finds_nothing_in_them() {
    let scene = scripts();
    let names: Vec<&str> = SCRIPTS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["disk.rhai", "find.rhai", "key.rhai", "reboot.rhai", "versions.rhai"]);
    let said = scene.run(["check"].into_iter().chain(names.clone())).ok().stdout;
    assert_eq!(said, "nothing to find fault with in 5 files\n");
    // Beside the recipes of somebody's project as well.
    let scene = SCRIPTS.iter().fold(Scene::with(""), |scene, (name, text)| scene.file(name, text));
    for name in names {
        let said = scene.run(["check", name]).ok().stdout;
        assert!(said.starts_with("nothing to find fault with in 1 file, "), "{name}: {said}");
    }
}

#[test]
fn a_dry_run_of_each_changes_nothing() {
    let scene = scripts().file("new.pub", "ssh-ed25519 AAAAnew me@laptop\n");
    let before = scene.everything();
    for words in [
        &["disk.rhai"][..],
        &["find.rhai", "text", "/etc/*"],
        &["key.rhai", "add", "new.pub"],
        &["key.rhai", "remove", "new.pub"],
        &["reboot.rhai"],
        &["versions.rhai", "ruby"],
    ] {
        here(&scene, &[words, &["--dry-run"]].concat()).ok();
    }
    assert_eq!(scene.everything(), before);
}

#[test]
fn full_disks_are_named_and_decide_how_it_ends() {
    let df = "cat <<'END'\n\
              Filesystem     1024-blocks    Used Available Capacity Mounted on\n\
              /dev/sda1         20000000 9000000  11000000      45% /\n\
              /dev/sdb1         20000000 9000000  11000000      91% /srv/data\n\
              /dev/loop3            1000    1000         0     100% /snap/core\n\
              none                     -       -         -        - /proc/x\n\
              END\nexit 1\n";
    let scene = scripts().program("df", df);
    let ran = here(&scene, &["disk.rhai", "--quiet"]).fails(1);
    assert_eq!(ran.out().matches(" is ").count(), 1, "{}", ran.out());
    assert!(ran.out().contains("local: /srv/data is 91% full"), "{}", ran.out());
    let ran = here(&scene, &["disk.rhai", "40"]).fails(1);
    assert!(ran.out().contains("/ is 45% full") && ran.out().contains("/srv/data is 91% full"), "{}", ran.out());
    here(&scene, &["disk.rhai", "91"]).ok();
    assert!(here(&scene, &["disk.rhai", "lots"]).fails(2).error().contains("`lots`"));
    // A server that cannot be asked is not taken for one that is well.
    scene.run(["script", "disk.rhai", "--hosts", "local,nobody@127.0.0.1:1"]).fails(3);
}

#[test]
fn a_text_is_found_where_it_is() {
    let logs = scripts().file("log/a.log", "all is well\n").file("log/b.log", "it's $HOME that timed out\n");
    let files = logs.path("log/*.log").display().to_string();
    let ran = here(&logs, &["find.rhai", "it's $HOME", &files]).ok();
    assert!(
        ran.out().contains("log/b.log:it's $HOME that timed out") && !ran.out().contains("a.log:"),
        "{}",
        ran.out()
    );
    here(&logs, &["find.rhai", "nowhere", &files]).fails(1);
    here(&logs, &["find.rhai", "-v", &files]).fails(1);
    assert_eq!(here(&logs, &["find.rhai", "text"]).fails(1).error(), "a text and files are needed");
}

#[test]
fn a_key_is_added_once_and_never_the_last_one_removed() {
    let Some(sshd) = Sshd::start() else { return };
    let options = format!("set(\"ssh_options\", {});\n", ssh_options(&sshd));
    let scene = scripts().home_file(".config/windlass/windlass.rhai", &options);
    let scene = scene.file("new.pub", "ssh-ed25519 AAAAnew me@laptop\n").file("old.pub", "ssh-rsa AAAAold me@desk\n");
    let scene =
        scene.file("private", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n-----END OPENSSH PRIVATE KEY-----\n");
    let host = format!("web1:{}", sshd.port());
    let key =
        |words: &[&str]| scene.run(["script", "key.rhai", "--hosts", host.as_str(), "--json"].iter().chain(words));
    let file = sshd.home().join(".ssh/authorized_keys");
    let keys = || fs::read_to_string(&file).unwrap();

    // The folder is not there yet.
    key(&["add", "old.pub"]).ok();
    assert_eq!(keys(), "ssh-rsa AAAAold me@desk\n");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(&sshd.home().join(".ssh"))), (0o600, 0o700));
    // Somebody else's line is left as it is, and the end of the file may lack its newline.
    fs::write(&file, "# of the team\nfrom=\"10.0.0.0/8\" ssh-rsa AAAAold renamed").unwrap();
    let lines = key(&["add", "old.pub"]).ok().lines(&host);
    assert!(!lines.iter().any(|line| line.contains("mkdir")), "the key is there, whatever stands around it: {lines:?}");
    key(&["add", "new.pub"]).ok();
    let both = "# of the team\nfrom=\"10.0.0.0/8\" ssh-rsa AAAAold renamed\nssh-ed25519 AAAAnew me@laptop\n";
    assert_eq!(keys(), both);
    key(&["add", "new.pub"]).ok();
    assert_eq!(keys(), both);
    key(&["remove", "old.pub"]).ok();
    assert_eq!(keys(), "# of the team\nssh-ed25519 AAAAnew me@laptop\n");
    key(&["remove", "old.pub"]).ok();
    fs::write(&file, "ssh-ed25519 AAAAnew me@laptop\n").unwrap();
    let ran = key(&["remove", "new.pub"]).fails(1);
    assert_eq!(ran.failure()["message"], "nobody could log in any more without this key");
    assert_eq!(key(&["add", "private"]).fails(1).failure()["message"], "private holds no public key");
    assert_eq!(key(&["addd", "new.pub"]).fails(1).failure()["message"], "what to do and a file are needed");
    key(&["add", "missing.pub"]).fails(1);
    assert_eq!(keys(), "ssh-ed25519 AAAAnew me@laptop\n");
}

#[test]
fn who_waits_for_a_restart_is_told() {
    let scene = scripts().program("needs-restarting", "echo 'Core libraries or services have been updated'; exit 1");
    let said = here(&scene, &["reboot.rhai"]).ok().out();
    assert!(said.contains("WARN local: waits for a restart") && said.contains("Core libraries"), "{said}");
    let scene = scripts().program("needs-restarting", "exit 0");
    let said = here(&scene, &["reboot.rhai"]).ok().out();
    assert!(!said.contains("WARN"), "{said}");
}

#[test]
fn versions_stand_in_columns() {
    let scene = scripts().program("shopd", "echo 'shopd 1.2.3'; echo more").program("silent", "exit 1");
    let said = here(&scene, &["versions.rhai", "silent", "shopd"]).ok().stdout;
    let lines: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("00:00 ")).collect();
    let [heading, row] = lines[..] else { panic!("{said}") };
    assert!(row.trim_end().ends_with("shopd 1.2.3") && row.starts_with("local"), "{said}");
    assert_eq!(heading.find("shopd"), row.find("shopd 1.2.3"), "{said}");
    assert_eq!(heading.find("silent"), row.find("-  "), "{said}");
}

#[test]
fn docs_print_them_as_they_are() {
    let scene = Scene::new();
    let list = scene.run(["docs", "examples"]).ok().stdout;
    for (name, text) in SCRIPTS {
        assert!(list.contains(&format!("\n  {name} ")), "{list}");
        assert_eq!(scene.run(["docs", name]).ok().stdout, *text);
    }
    let page = scene.run(["docs", "fleet"]).ok().stdout;
    assert!(page.contains("\nconfig/deploy/tasks/roll.rhai\n\n"), "{page}");
    let ran = scene.run(["docs", "disc.rhai"]).fails(2);
    assert!(ran.err().contains("did you mean `disk.rhai`?"), "{}", ran.err());
}
