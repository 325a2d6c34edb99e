//! The ways to a host as recipes say them, one run with the real binary each: jump hosts, commands in between, files of
//! configuration, keys, agents, time-outs and host keys, for a stage and for one server.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use crate::ssh::host::wait_until;
use crate::support::ran::Ran;
use crate::support::scene::Scene;
use crate::support::sshd::Sshd;

/// A task that asks every host of the stage for its home, which tells two of them apart, and says so.
const HOMES: &str =
    "let homes = on(roles(\"all\"), |host| capture(\"echo $HOME\")); for home in homes.values() { info(home); }";

/// Options that know the key of this host and use its client's.
fn options(sshd: &Sshd) -> String {
    let path = |name: &str| sshd.path(name).display().to_string();
    format!(
        "use_agent: false, keys: \"{}\", keys_only: true, user_known_hosts_file: \"{}\", global_known_hosts_file: \"/dev/null\"",
        path("client_key"),
        path("known_hosts")
    )
}

/// `server(…)` of a host with these options.
fn server(sshd: &Sshd, options: &str) -> String {
    format!("server(\"{}:{}\", #{{ ssh_options: #{{ {options} }} }});\n", sshd.address(), sshd.port())
}

/// The same in a file of ssh's configuration, with lines of its own.
fn configured(name: &str, sshd: &Sshd, more: &str) -> String {
    let path = |name: &str| sshd.path(name).display().to_string();
    format!(
        "Host {name}\n  HostName {}\n  Port {}\n  IdentityFile {}\n  IdentitiesOnly yes\n  IdentityAgent none\n  UserKnownHostsFile {}\n  GlobalKnownHostsFile /dev/null\n  {more}\n",
        sshd.address(),
        sshd.port(),
        path("client_key"),
        path("known_hosts")
    )
}

fn run(stage: &str) -> Ran {
    Scene::task(HOMES).stage("production", stage).run(["--format", "json", "production", "t"])
}

fn home(sshd: &Sshd) -> String {
    sshd.home().display().to_string()
}

/// How many logins a host has let in.
fn logins(sshd: &Sshd) -> usize {
    sshd.log().matches("Accepted publickey").count()
}

#[test]
fn a_jump_host_of_the_recipe_is_gone_through() {
    let (Some(gate), Some(inner)) = (Sshd::start(), Sshd::start()) else { return };
    let config = gate.path("config-of-client");
    std::fs::write(&config, configured("gate", &gate, "")).unwrap();
    for way in ["proxy: \"gate\"".to_owned(), format!("proxy_command: \"ssh -F {} -W %h:%p gate\"", config.display())] {
        let before = logins(&gate);
        let options = format!("config: \"{}\", {}, {way}", config.display(), options(&inner));
        assert_eq!(run(&server(&inner, &options)).ok().messages("info"), [home(&inner)], "{way}");
        assert_eq!(logins(&gate), before + 1, "{way}");
    }
}

#[test]
fn a_configuration_for_the_stage_names_hosts_and_their_jump_host() {
    let (Some(gate), Some(inner)) = (Sshd::start(), Sshd::start()) else { return };
    let config = gate.path("config-of-client");
    let text = configured("gate", &gate, "") + &configured("inner", &inner, "ProxyJump gate");
    std::fs::write(&config, text).unwrap();
    let stage = format!("set(\"ssh_options\", #{{ config: \"{}\" }});\nserver(\"inner\");\n", config.display());
    assert_eq!(run(&stage).ok().messages("info"), [home(&inner)]);
    assert_eq!((logins(&gate), logins(&inner)), (1, 1));
    // Without the file nobody knows such a host.
    let ran = run("set(\"ssh_options\", #{ config: false });\nserver(\"inner.invalid\");\n").fails(3);
    assert!(ran.stdout.contains("no host is known under the name `inner.invalid`"), "{}", ran.stdout);
}

#[test]
fn a_jump_host_that_is_not_there_is_told_as_such() {
    let (Some(gate), Some(inner)) = (Sshd::start(), Sshd::start()) else { return };
    let config = inner.path("config-of-client");
    std::fs::write(&config, configured("gate", &gate, "")).unwrap();
    let options = format!("config: \"{}\", {}, proxy: \"gate\"", config.display(), options(&inner));
    let (address, port) = (gate.address().to_owned(), gate.port());
    drop(gate);
    let ran = run(&server(&inner, &options)).fails(3);
    assert_eq!(ran.failure()["message"], format!("nothing listens on `{address}` port {port}"));
    assert_eq!(logins(&inner), 0);
}

#[test]
fn a_jump_host_that_refuses_us_is_named_and_not_asked_again_and_again() {
    let (Some(gate), Some(inner)) = (Sshd::start(), Sshd::start()) else { return };
    let config = inner.path("config-of-client");
    std::fs::write(&config, configured("gate", &gate, "")).unwrap();
    std::fs::write(gate.path("authorized_keys"), "").unwrap();
    let options = format!("config: \"{}\", {}, proxy: \"gate\"", config.display(), options(&inner));
    let ran = run(&server(&inner, &options)).fails(3);
    let message = ran.failure()["message"].to_string();
    assert!(message.contains(gate.address()) && message.contains("does not let us in"), "{message}");
    let log = gate.log();
    assert_eq!(log.matches("Failed publickey").count(), 2, "once to connect, once to hear why not: {log}");
}

#[test]
fn each_server_has_keys_of_its_own() {
    let (Some(one), Some(two)) = (Sshd::start(), Sshd::start()) else { return };
    let with = |first: &Sshd, second: &Sshd| {
        let keys = |sshd: &Sshd, of: &Sshd| {
            let known = sshd.path("known_hosts").display().to_string();
            let key = of.path("client_key").display().to_string();
            server(sshd, &format!("keys: [\"{key}\"], user_known_hosts_file: \"{known}\""))
        };
        let stage = "set(\"ssh_options\", #{ config: false, use_agent: false, keys_only: true, global_known_hosts_file: \"/dev/null\" });\n";
        run(&format!("{stage}{}{}", keys(&one, first), keys(&two, second)))
    };
    let mut homes = with(&one, &two).ok().messages("info");
    homes.sort();
    let mut expected = vec![home(&one), home(&two)];
    expected.sort();
    assert_eq!(homes, expected);
    let ran = with(&two, &one).fails(3);
    assert!(ran.stdout.matches("does not let us in").count() > 1, "{}", ran.stdout);
}

/// An agent with the key of a host in it; it ends with the test.
struct Agent {
    socket: String,
    process: Child,
}

impl Agent {
    fn with_key_of(sshd: &Sshd) -> Self {
        let path = sshd.path("agent");
        let process = Command::new("ssh-agent").args(["-D", "-a"]).arg(&path).stdout(Stdio::null()).spawn().unwrap();
        wait_until("the agent listens", || path.exists());
        let socket = path.display().to_string();
        let added = Command::new("ssh-add")
            .arg(sshd.path("client_key"))
            .env("SSH_AUTH_SOCK", &socket)
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(added.success());
        Self { socket, process }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[test]
fn the_agent_goes_to_the_server_it_is_lent_to_and_to_no_other() {
    let (Some(one), Some(two)) = (Sshd::start(), Sshd::start()) else { return };
    let agent = Agent::with_key_of(&one);
    let known = |sshd: &Sshd| format!("user_known_hosts_file: \"{}\"", sshd.path("known_hosts").display());
    std::fs::copy(one.path("authorized_keys"), two.path("authorized_keys")).unwrap();
    let stage = format!(
        "set(\"ssh_options\", #{{ config: false, global_known_hosts_file: \"/dev/null\" }});\n{}{}",
        server(&one, &format!("{}, forward_agent: true", known(&one))),
        server(&two, &known(&two)),
    );
    let body = "let lent = on(roles(\"all\"), |host| run(\"ssh-add\", \"-l\").ok); for host in roles(\"all\") { info(lent[`${host}`]); }";
    let scene = Scene::task(body).stage("production", &stage).env("SSH_AUTH_SOCK", &agent.socket);
    assert_eq!(scene.said(["production", "t"]), ["true", "false"]);
}

#[test]
fn each_server_has_a_time_of_its_own_to_answer() {
    let Some(sshd) = Sshd::start() else { return };
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = mute.local_addr().unwrap().port();
    let stage = format!(
        "set(\"ssh_options\", #{{ config: false }});\nserver(\"127.0.0.1:{port}\", #{{ ssh_options: #{{ timeout: 1 }} }});\n{}",
        server(&sshd, &format!("{}, timeout: 60", options(&sshd)))
    );
    let scene = Scene::task(HOMES).stage("production", &stage);
    let ran = scene.run(["--format", "json", "--max-fail", "1", "production", "t"]);
    assert_eq!(ran.messages("info"), [home(&sshd)], "the other host is not kept from its work: {}", ran.stderr);
    assert!(ran.stdout.contains(&format!("`127.0.0.1` port {port} did not answer within 1 s")), "{}", ran.stdout);
}

#[test]
fn each_server_has_a_policy_of_its_own_for_unknown_keys() {
    let (Some(new), Some(known)) = (Sshd::start(), Sshd::start()) else { return };
    new.pretend_to_be_unknown();
    let stage = |policy: &str| {
        let strict = "set(\"ssh_options\", #{ config: false, verify_host_key: \"always\" });\n";
        format!("{strict}{}{}", server(&new, &format!("{}{policy}", options(&new))), server(&known, &options(&known)))
    };
    let ran = run(&stage("")).fails(3);
    assert!(ran.stdout.contains("is not known"), "the stage's own policy counts: {}", ran.stdout);
    assert_eq!(std::fs::read_to_string(new.path("known_hosts")).unwrap(), "");
    assert_eq!(run(&stage(", verify_host_key: \"accept_new\"")).ok().messages("info").len(), 2);
    assert!(std::fs::read_to_string(new.path("known_hosts")).unwrap().contains("ssh-ed25519"));
    new.pretend_the_key_changed();
    run(&stage(", verify_host_key: \"accept_new\"")).fails(3);
    assert_eq!(run(&stage(", verify_host_key: \"never\"")).ok().messages("info").len(), 2);
}
