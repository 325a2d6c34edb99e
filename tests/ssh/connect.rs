//! Connections: that they stand, why they do not, and that they go.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use windlass::error::{Error, Kind};
use windlass::model::command::Command;
use windlass::model::server::Server;
use windlass::model::value::Value;
use windlass::transport::api::Input;
use windlass::transport::askpass::Nobody;
use windlass::transport::cancel::Cancel;
use windlass::transport::pool::{Pool, PoolOptions};

use crate::ssh::host::{pool, run};
use crate::support::sshd::{Options, Sshd};

fn refused(server: &Server) -> Error {
    let error = pool().transport(server).unwrap().connect(&Cancel::new()).unwrap_err();
    assert_eq!(error.kind(), Kind::Connection);
    assert_eq!(error.parts().host, Some(server.label()));
    error
}

/// Message, help and notes as one text, with what differs between runs masked.
fn shown(error: &Error, sshd: &Sshd) -> String {
    let parts = error.parts();
    let mut text = parts.message.clone();
    for (name, lines) in [("help", &parts.help), ("note", &parts.notes)] {
        for line in lines {
            text.push_str(&format!("\n{name}: {line}"));
        }
    }
    text.replace(&sshd.path("").display().to_string(), "FOLDER/")
        .replace(&sshd.fingerprint(), "FINGERPRINT")
        .replace(sshd.address(), "ADDRESS")
        .replace(&sshd.port().to_string(), "PORT")
}

#[test]
fn an_unknown_key_is_refused_with_its_fingerprint() {
    let Some(sshd) = Sshd::start() else { return };
    sshd.pretend_to_be_unknown();
    assert_eq!(
        shown(&refused(&sshd.server()), &sshd),
        "the host key of `ADDRESS` port PORT is not known: ED25519 FINGERPRINT\n\
         help: `ssh-keyscan -t ed25519 -p PORT ADDRESS >> FOLDER/known_hosts`\n\
         help: or trust every host the first time it is seen: `set(\"ssh_options\", #{ verify_host_key: \"accept_new\" })`\n\
         note: compare the fingerprint first: `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on the host prints it"
    );
}

#[test]
fn the_command_that_adds_a_key_does() {
    let Some(sshd) = Sshd::start() else { return };
    sshd.pretend_to_be_unknown();
    let error = refused(&sshd.server());
    let command = error.parts().help[0].trim_matches('`').to_owned();
    assert!(std::process::Command::new("sh").arg("-c").arg(&command).output().unwrap().status.success());
    pool().transport(&sshd.server()).unwrap().connect(&Cancel::new()).unwrap();
}

#[test]
fn strict_checking_refuses_an_unknown_key_too() {
    let Some(sshd) = Sshd::start() else { return };
    sshd.pretend_to_be_unknown();
    let mut server = sshd.server();
    server.ssh_options.insert("verify_host_key".into(), "always".into());
    assert!(shown(&refused(&server), &sshd).starts_with(
        "the host key of `ADDRESS` port PORT is not known: ED25519\nhelp: `ssh-keyscan -t ed25519 -p PORT ADDRESS >> FOLDER/known_hosts`\n"
    ));
}

#[test]
fn a_new_key_is_accepted_where_the_recipe_says_so() {
    let Some(sshd) = Sshd::start() else { return };
    sshd.pretend_to_be_unknown();
    let mut server = sshd.server();
    server.ssh_options.insert("verify_host_key".into(), "accept_new".into());
    pool().transport(&server).unwrap().connect(&Cancel::new()).unwrap();
    let known = std::fs::read_to_string(sshd.path("known_hosts")).unwrap();
    assert!(known.starts_with(&format!("[{}]:{} ssh-ed25519 ", sshd.address(), sshd.port())), "{known}");
}

#[test]
fn a_changed_key_is_refused_whatever_the_recipe_says() {
    let Some(sshd) = Sshd::start() else { return };
    sshd.pretend_the_key_changed();
    for how in ["always", "accept_new"] {
        let mut server = sshd.server();
        server.ssh_options.insert("verify_host_key".into(), how.into());
        assert_eq!(
            shown(&refused(&server), &sshd),
            "the host key of `ADDRESS` port PORT has changed: it is now ED25519 FINGERPRINT\n\
             help: if the host was installed anew: `ssh-keygen -R '[ADDRESS]:PORT' -f FOLDER/known_hosts`\n\
             help: if nobody changed it, do not connect: somebody may be in between\n\
             note: the key it had is in `FOLDER/known_hosts:1`"
        );
    }
}

#[test]
fn a_refused_key_says_who_and_what_to_look_at() {
    let Some(sshd) = Sshd::start() else { return };
    std::fs::write(sshd.path("authorized_keys"), "").unwrap();
    let server = Server { user: Some("deploy".into()), ..sshd.server() };
    let text = shown(&refused(&server), &sshd);
    assert!(text.starts_with("`deploy@ADDRESS` does not let us in as `deploy`; it would take `publickey`\nhelp: see which keys are offered: `ssh -v -l deploy -p PORT "), "{text}");
    assert!(text.contains("\nhelp: put your key there: `ssh-copy-id -p PORT deploy@ADDRESS`"), "{text}");
}

#[test]
fn a_key_others_may_read_is_named() {
    let Some(sshd) = Sshd::start() else { return };
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(sshd.path("client_key"), mode).unwrap();
    assert_eq!(
        shown(&refused(&sshd.server()), &sshd),
        "ssh does not use the key `FOLDER/client_key`, because others may read it\nhelp: `chmod 600 FOLDER/client_key`"
    );
}

#[test]
fn a_port_nobody_listens_on_is_named() {
    let Some(sshd) = Sshd::start() else { return };
    let server = sshd.server();
    let (address, port) = (sshd.address().to_owned(), sshd.port());
    drop(sshd);
    assert_eq!(refused(&server).to_string(), format!("nothing listens on `{address}` port {port}"));
}

#[test]
fn a_name_nobody_knows_is_named() {
    let mut server = Server::new("no-such-host.invalid");
    server.ssh_options.insert("config".into(), Value::Bool(false));
    assert_eq!(refused(&server).to_string(), "no host is known under the name `no-such-host.invalid`");
}

/// A listener that takes connections and says nothing.
fn mute_host() -> (TcpListener, Server) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut server = Server { port: Some(listener.local_addr().unwrap().port()), ..Server::new("127.0.0.1") };
    server.ssh_options.insert("config".into(), Value::Bool(false));
    (listener, server)
}

#[test]
fn a_host_that_says_nothing_is_given_up() {
    let (_listener, mut server) = mute_host();
    server.ssh_options.insert("timeout".into(), Value::Int(1));
    let begun = Instant::now();
    let error = refused(&server);
    assert_eq!(error.to_string(), format!("`127.0.0.1` port {} did not answer within 1 s", server.port.unwrap()));
    assert_eq!(
        error.parts().help[1],
        "or wait longer: `--connect-timeout 30`, or change `timeout` in `ssh_options` or `ConnectTimeout` in ssh's configuration"
    );
    assert!(begun.elapsed() < Duration::from_secs(9), "took {:?}", begun.elapsed());
}

#[test]
fn connecting_obeys_a_cancel() {
    let (_listener, server) = mute_host();
    let cancel = Cancel::new();
    let raising = {
        let cancel = cancel.clone();
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(300));
            cancel.raise();
        })
    };
    let begun = Instant::now();
    let pool = pool();
    let transport = pool.transport(&server).unwrap();
    let error = run(&*transport, &Command::program(["true"]), Input::None, &cancel).unwrap_err();
    raising.join().unwrap();
    assert_eq!(error.kind(), Kind::Cancelled);
    assert!(begun.elapsed() < Duration::from_secs(8), "took {:?}", begun.elapsed());
}

#[test]
fn the_options_of_the_stage_count_and_the_time_is_told() {
    let Some(sshd) = Sshd::start() else { return };
    let mut server = sshd.server();
    let stage: IndexMap<String, Value> = server.ssh_options.drain(..).collect();
    let told: Arc<Mutex<Vec<(String, Duration)>>> = Arc::default();
    let pool = Pool::new(PoolOptions {
        connect_timeouts: windlass::transport::options::ConnectTimeouts::default(),
        dry_run: false,
        ssh_options: stage,
        prompter: Arc::new(Nobody),
        vault: Arc::default(),
        askpass: env!("CARGO_BIN_EXE_windlass").into(),
        warm: None,
        tells_logins: false,
        on_note: Arc::new(|_, _| ()),
        on_connect: {
            let told = Arc::clone(&told);
            Arc::new(move |label, took, _| told.lock().unwrap().push((label.to_owned(), took)))
        },
    });
    let transport = pool.transport(&server).unwrap();
    assert!(told.lock().unwrap().is_empty(), "it connects on first use");
    transport.connect(&Cancel::new()).unwrap();
    transport.connect(&Cancel::new()).unwrap();
    let told = told.lock().unwrap();
    assert_eq!((told.len(), told[0].0.as_str()), (1, server.label().as_str()));
    assert!(told[0].1 > Duration::from_millis(1) && told[0].1 < Duration::from_secs(10));
}

#[test]
fn variables_and_passed_on_options_reach_the_host() {
    let Some(sshd) = Sshd::with(&Options { config: &["AcceptEnv LC_*"], ..Options::default() }) else { return };
    let mut server = sshd.server();
    let map = IndexMap::from([("LC_A".to_owned(), Value::from("x y")), ("LC_B".to_owned(), Value::Int(2))]);
    server.ssh_options.insert("set_env".into(), Value::Map(map));
    server.ssh_options.insert("options".into(), Value::List(vec!["-o Compression=yes".into()]));
    let pool = pool();
    let transport = pool.transport(&server).unwrap();
    let ran = run(&*transport, &Command::shell("echo \"$LC_A,$LC_B\""), Input::None, &Cancel::new()).unwrap();
    assert_eq!(ran.out(), "x y,2\n");
}

#[test]
fn a_control_path_of_the_user_does_not_interfere() {
    let Some(sshd) = Sshd::start() else { return };
    let socket = sshd.path("users-socket");
    let config = sshd.path("users-config");
    let text = format!(
        "Host *\nControlMaster auto\nControlPath {}\nControlPersist 1\nRemoteCommand echo no\nRequestTTY force\nLogLevel QUIET\nLocalForward {} localhost:1\n",
        socket.display(),
        sshd.port()
    );
    std::fs::write(&config, text).unwrap();
    let mut server = sshd.server();
    server.ssh_options.insert("config".into(), Value::Text(config.display().to_string()));
    let pool = pool();
    let transport = pool.transport(&server).unwrap();
    let ran = run(&*transport, &Command::shell("echo mine; echo too >&2"), Input::None, &Cancel::new()).unwrap();
    assert_eq!((ran.out(), ran.err()), ("mine\n", "too\n"));
    assert!(!socket.exists());
}

#[test]
fn the_agent_is_forwarded_when_asked_for_and_only_then() {
    let Some(sshd) = Sshd::start() else { return };
    let agent = sshd.path("agent");
    let mut process = std::process::Command::new("ssh-agent")
        .args(["-D", "-a"])
        .arg(&agent)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    crate::ssh::host::wait_until("the agent listens", || agent.exists());
    for (forward, expected) in [(Value::Bool(true), "yes\n"), (Value::Bool(false), "no\n"), (Value::Unit, "no\n")] {
        let mut server = sshd.server();
        server.ssh_options.shift_remove("use_agent");
        server.ssh_options.insert("identity_agent".into(), Value::Text(agent.display().to_string()));
        server.ssh_options.insert("forward_agent".into(), forward);
        let pool = pool();
        let transport = pool.transport(&server).unwrap();
        let line = "if [ -S \"$SSH_AUTH_SOCK\" ]; then echo yes; else echo no; fi";
        assert_eq!(run(&*transport, &Command::shell(line), Input::None, &Cancel::new()).unwrap().out(), expected);
    }
    process.kill().unwrap();
    process.wait().unwrap();
}

/// Processes whose command line holds a text.
fn processes_with(text: &str) -> usize {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter(|entry| {
            std::fs::read(entry.path().join("cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(text))
        })
        .count()
}

#[test]
fn a_closed_pool_leaves_no_ssh_and_no_folder() {
    let Some(sshd) = Sshd::start() else { return };
    let mark = sshd.path("client_key").display().to_string();
    let pool = pool();
    let transport = pool.transport(&sshd.server()).unwrap();
    let ran = run(&*transport, &Command::program(["true"]), Input::None, &Cancel::new()).unwrap();
    // An sshd that is not root's has one process a session more.
    assert!(ran.status == 0 && sshd.sessions() > 0, "{mark}");
    pool.close();
    crate::ssh::host::wait_until("ssh has gone", || sshd.sessions() == 0);
    assert_eq!(processes_with(&mark), 0, "although the transport is still held");
    drop(transport);
}
