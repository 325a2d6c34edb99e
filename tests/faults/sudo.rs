//! A sudo that wants a password: the real one, over a real ssh.

use std::time::Duration;

use crate::faults::pty::AtTerminal;
use crate::faults::remote::declared;
use crate::support::account::{Account, PASSWORD, may_enter};
use crate::support::scene::Scene;
use crate::support::sshd::Sshd;

const GIVEN: &str = "set(\"sudo_password\", secret(env(\"PW\")));\n";
const WITH_PASSWORD: &str = "USER ALL=(ALL) ALL";

/// Hosts with one user on all of them, and a project with the task `t`.
struct Lab {
    scene: Scene,
    sshd: Vec<Sshd>,
    account: Account,
}

impl Lab {
    fn new(test: &str, rules: &str, hosts: usize, top: &str, body: &str) -> Option<Self> {
        let sshd: Vec<_> = (0..hosts).map(|_| Sshd::start()).collect::<Option<_>>()?;
        let account = Account::new(test, rules)?;
        sshd.iter().for_each(may_enter);
        let user = format!("user: {:?}", account.name);
        let stage: Vec<String> = sshd.iter().map(|sshd| declared(sshd, &user)).collect();
        let recipe = format!("{top}task(\"t\", || on(roles(\"app\"), |host| {{\n{body}\n}}));\n");
        let scene = Scene::new().file("config/deploy.rhai", recipe).stage("production", &stage.join("\n"));
        Some(Self { scene: scene.env("PW", PASSWORD), sshd, account })
    }

    /// Whether nothing that is kept on this machine holds the password.
    #[track_caller]
    fn keeps_it_to_itself(&self, shown: &str) {
        assert!(!shown.contains(PASSWORD), "{shown}");
        let log = self.scene.read("log/windlass.log");
        assert!(!log.contains(PASSWORD) && !log.contains("2 much"), "{log}");
        assert!(!self.account.sudo_log().contains("2 much"), "{}", self.account.sudo_log());
    }

    fn refusals(&self) -> usize {
        self.account.sudo_log().matches("incorrect password attempt").count()
    }
}

/// Everything a recipe can do through sudo.
const ALL_WAYS: &str = r#"
    info(capture("sudo", "id", "-un"));
    info(capture("echo in | sudo tee /dev/fd/2 2>/dev/null; sudo -u nobody id -un"));
    info(capture("sudo sh -c 'cat; exit 7' || echo $?"));
    as_user("nobody", || { info(capture("id", "-un")); info(capture("cat; echo $0")); });
    as_user("root", || { write_file("/tmp/WHOSE", "x", #{ diff: false }); info(capture("stat -c %U:%s /tmp/WHOSE; rm /tmp/WHOSE")); });
    info(capture("env").contains("much").to_string());
    as_user("nobody", || info(capture("env").contains("much").to_string()));
    info(capture("ps axww -o args").contains("2 much").to_string());
"#;

const SAID: [&str; 9] = [
    "root",
    "in
nobody",
    "7",
    "nobody",
    "sh",
    "root:1",
    "false",
    "false",
    "false",
];

#[test]
fn a_password_opens_every_way() {
    // With a terminal of its own for each command, as newer versions of sudo do, and without; with no need at all.
    let rules = [WITH_PASSWORD, "Defaults:USER use_pty\nUSER ALL=(ALL) ALL", "USER ALL=(ALL) NOPASSWD: ALL"];
    for rules in rules {
        let body = ALL_WAYS.replace("WHOSE", &format!("wl-{}-{}", std::process::id(), rules.len()));
        let test = "a_password_opens_every_way";
        let Some(lab) = Lab::new(test, rules, 1, GIVEN, &body) else { return };
        let ran = lab.scene.run(["--format", "json", "production", "t"]).ok();
        assert_eq!(ran.messages("info"), SAID, "{rules}");
        lab.keeps_it_to_itself(&ran.stdout);
        assert_eq!(lab.refusals(), 0);
    }
}

/// However many hosts there are, and whichever way it is used.
#[test]
fn a_wrong_password_is_tried_once_and_told_once() {
    for body in [
        "as_user(\"nobody\", || execute(\"id\"));",
        "execute(\"sudo\", \"id\");",
        "as_user(\"nobody\", || write_file(\"x\", \"y\"));",
    ] {
        let test = "a_wrong_password_is_tried_once_and_told_once";
        let Some(lab) = Lab::new(test, WITH_PASSWORD, 4, GIVEN, body) else { return };
        let Lab { scene, sshd, account } = lab;
        let lab = Lab { scene: scene.env("PW", "not it at all"), sshd, account };
        let ran = lab.scene.run(["production", "t"]).fails(3);
        assert_eq!(ran.stderr.matches("sudo does not take the password").count(), 1, "{body}: {}", ran.stderr);
        assert_eq!(lab.refusals(), 1, "{body}: {}", lab.account.sudo_log());
        assert!(!ran.stderr.contains("not it at all") && !lab.scene.read("log/windlass.log").contains("not it at all"));
        assert_eq!(lab.sshd.len(), 4);
    }
}

#[test]
fn it_is_asked_for_before_anything_connects() {
    let body = "execute(\"sudo\", \"id\", \"-un\"); as_user(\"nobody\", || execute(\"id\", \"-un\"));";
    let Some(lab) = Lab::new("it_is_asked_for_before_anything_connects", WITH_PASSWORD, 2, "", body) else { return };
    let mut terminal = AtTerminal::start(&lab.scene, &["production", "t", "-K"]);
    terminal.until("Password of sudo: ");
    assert!(!terminal.shows_what_is_typed());
    assert!(lab.sshd.iter().all(|sshd| !sshd.log().contains("Accepted")), "nobody has logged in");
    terminal.types(&format!("{PASSWORD}\n"));
    assert_eq!(terminal.end(Duration::from_secs(60)), 0, "{}", terminal.screen());
    assert_eq!(terminal.screen().matches("Password of sudo").count(), 1, "{}", terminal.screen());
    lab.keeps_it_to_itself(&terminal.screen());
}

#[test]
fn without_a_terminal_and_a_password_it_is_told_at_once() {
    let scene = Scene::task("on(roles(\"app\"), |host| execute(\"sudo\", \"id\"));");
    let ran = scene.run(["production", "t", "--ask-sudo-password"]).fails(2);
    assert!(
        ran.stderr.contains("there is no terminal to ask for the password of sudo, and `-K` was given"),
        "{}",
        ran.stderr
    );
    let scene = Scene::with(
        "ask(\"sudo_password\", (), #{ echo: false });\ntask(\"t\", || on(roles(\"app\"), |host| execute(\"id\")));\n",
    );
    let ran = scene.run(["production", "t"]).fails(2);
    for part in [
        "nobody answers the question for `sudo_password`, and it has no default",
        "config/deploy.rhai:1:1",
        "help: or call windlass with `-K`, in a terminal",
    ] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
}

#[test]
fn a_sudo_that_wants_a_password_nobody_gave_says_how_to_give_it() {
    for body in ["as_user(\"nobody\", || execute(\"id\"));", "execute(\"sudo\", \"-n\", \"id\");"] {
        let test = "a_sudo_that_wants_a_password_nobody_gave_says_how_to_give_it";
        let Some(lab) = Lab::new(test, WITH_PASSWORD, 1, "", body) else { return };
        let ran = lab.scene.run(["production", "t"]).fails(1);
        assert!(ran.stderr.contains("give windlass the password: `-K` asks for it"), "{}", ran.stderr);
    }
}
