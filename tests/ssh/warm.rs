//! Connections that stay for the next run.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::PathBuf;
use std::process::{Command as Process, Stdio};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use indexmap::IndexMap;
use rustix::process::Signal;
use tempfile::TempDir;
use windlass::model::command::Command;
use windlass::model::value::Value;
use windlass::transport::api::Input;
use windlass::transport::askpass::Nobody;
use windlass::transport::cancel::Cancel;
use windlass::transport::pool::{Pool, PoolOptions};
use windlass::transport::warm::Warm;

use crate::ssh::host::{run, wait_until};
use crate::support::fleet::Fleet;
use crate::support::sshd::Sshd;

/// A runtime folder; the connections that stay in it go with it.
struct Runtime(TempDir);

impl Runtime {
    fn new() -> Self {
        // Short, as a runtime folder is.
        Self(tempfile::Builder::new().prefix("wl").permissions(fs::Permissions::from_mode(0o700)).tempdir().unwrap())
    }

    /// The sockets of connections that stay.
    fn sockets(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.0.path().join("windlass")) else { return Vec::new() };
        let is_socket = |entry: &fs::DirEntry| entry.file_type().unwrap().is_socket();
        entries.flatten().filter(is_socket).map(|entry| entry.path()).collect()
    }

    fn pool(&self, told: &Arc<Mutex<Vec<bool>>>) -> Pool {
        let told = Arc::clone(told);
        Pool::new(PoolOptions {
            dry_run: false,
            ssh_options: IndexMap::new(),
            connect_timeouts: windlass::transport::options::ConnectTimeouts::default(),
            prompter: Arc::new(Nobody),
            vault: Arc::default(),
            askpass: env!("CARGO_BIN_EXE_windlass").into(),
            warm: Some(Warm::open(Some(self.0.path()), Duration::from_secs(60)).unwrap()),
            tells_logins: false,
            on_note: Arc::new(|_, _| ()),
            on_connect: Arc::new(move |_, _, reused| told.lock().unwrap().push(reused)),
        })
    }

    /// Runs a command in a run of its own. Says for each connection whether it was reused.
    fn visit(&self, sshd: &Sshd) -> Vec<bool> {
        let told = Arc::default();
        let pool = self.pool(&told);
        let transport = pool.transport(&sshd.server()).unwrap();
        let ran = run(&*transport, &Command::shell("echo in"), Input::None, &Cancel::new()).unwrap();
        assert_eq!((ran.status, ran.out()), (0, "in\n"));
        drop((transport, pool));
        told.lock().unwrap().clone()
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        for socket in self.sockets() {
            let mut exit = Process::new("ssh");
            exit.arg("-S").arg(socket).args(["-F", "none", "-O", "exit", "--", "x"]);
            exit.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().ok();
        }
    }
}

fn logins(sshd: &Sshd) -> usize {
    sshd.log().matches("Accepted publickey").count()
}

#[test]
fn the_next_run_uses_the_connection_again() {
    let Some(sshd) = Sshd::start() else { return };
    let runtime = Runtime::new();
    assert_eq!(runtime.visit(&sshd), [false]);
    assert_eq!(runtime.visit(&sshd), [true]);
    assert_eq!(runtime.visit(&sshd), [true]);
    assert_eq!((logins(&sshd), runtime.sockets().len()), (1, 1));
    let left: Vec<_> = fs::read_dir(runtime.0.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["windlass"], "the folders of the runs are gone");
}

#[test]
fn another_user_port_or_option_is_another_connection() {
    let Some(sshd) = Sshd::start() else { return };
    let runtime = Runtime::new();
    runtime.visit(&sshd);
    let mut other = sshd.server();
    other.ssh_options.insert("compression".into(), Value::Bool(true));
    let told = Arc::default();
    runtime.pool(&told).transport(&other).unwrap().connect(&Cancel::new()).unwrap();
    assert_eq!((told.lock().unwrap().clone(), logins(&sshd), runtime.sockets().len()), (vec![false], 2, 2));
}

#[test]
fn a_connection_that_has_broken_is_made_anew() {
    let Some(sshd) = Sshd::start() else { return };
    let runtime = Runtime::new();
    runtime.visit(&sshd);
    sshd.kill_sessions();
    assert!(!*runtime.visit(&sshd).last().unwrap());
    assert_eq!(runtime.visit(&sshd), [true]);
    assert_eq!((logins(&sshd), runtime.sockets().len()), (2, 1));
}

/// The ssh here answers as before: only the host can tell that it is gone.
#[test]
fn a_host_that_has_fallen_silent_is_connected_to_anew() {
    let Some(sshd) = Sshd::start() else { return };
    let runtime = Runtime::new();
    runtime.visit(&sshd);
    sshd.signal_sessions(Signal::STOP);
    assert_eq!(runtime.visit(&sshd), [true, false]);
    assert_eq!(runtime.visit(&sshd), [true]);
    assert_eq!(logins(&sshd), 2);
}

#[test]
fn runs_that_begin_at_once_do_not_disturb_each_other() {
    let Some(sshd) = Sshd::start() else { return };
    let runtime = Runtime::new();
    let (barrier, reused) = (Barrier::new(6), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                barrier.wait();
                for _ in 0..3 {
                    reused.lock().unwrap().extend(runtime.visit(&sshd));
                }
            });
        }
    });
    assert_eq!(reused.lock().unwrap().len(), 18, "nobody had to connect twice in one run");
    assert_eq!(runtime.sockets().len(), 1);
    wait_until("only the one that stays is left", || logins(&sshd) >= 1 && sshd.sessions() <= 2);
    assert_eq!(runtime.visit(&sshd), [true]);
}

/// `reused` of each connection.
fn reused(fleet: &Fleet, args: &[&str]) -> Vec<bool> {
    let ran = fleet.json(args).ok();
    ran.all("connected").iter().map(|event| event["reused"].as_bool().unwrap()).collect()
}

#[test]
fn the_option_and_the_setting_keep_connections() {
    let look = "task(\"t\", || on(roles(\"app\"), |host| execute(\"true\")));";
    let Some(fleet) = Fleet::start(2, look) else { return };
    let runtime = Runtime::new();
    let fleet = fleet.env("XDG_RUNTIME_DIR", &runtime.0.path().display().to_string());
    assert_eq!(reused(&fleet, &["t"]), [false, false]);
    assert!(runtime.sockets().is_empty());
    assert_eq!(reused(&fleet, &["t", "--warm", "60"]), [false, false]);
    assert_eq!(reused(&fleet, &["t", "--warm", "0"]), [false, false]);
    fleet.add_to_recipe("set(\"warm\", 60);\n");
    assert_eq!(reused(&fleet, &["t"]), [true, true]);
    assert_eq!(runtime.sockets().len(), 2);
    let fleet = fleet.env("CI", "true");
    let ran = fleet.json(&["t"]).ok();
    assert!(ran.all("connected").iter().all(|event| event["reused"] == false));
    assert_eq!(ran.messages("debug"), ["connections are closed at the end, because CI is set: `warm` does not count"]);
}

#[test]
fn a_folder_somebody_else_can_enter_is_not_used() {
    let Some(fleet) = Fleet::start(1, "task(\"t\", || on(roles(\"app\"), |host| execute(\"true\")));") else { return };
    let runtime = Runtime::new();
    let folder = runtime.0.path().join("windlass");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    let fleet = fleet.env("XDG_RUNTIME_DIR", &runtime.0.path().display().to_string());
    let ran = fleet.json(&["t", "--warm", "60"]).ok();
    let shown = folder.display();
    assert_eq!(
        ran.messages("warn"),
        [format!(
            "`{shown}` cannot hold connections for the next run: others may enter it (mode 777); they are closed at the end \
             of this run (look who made it, then remove it: `ls -ld {shown}`, `rm -r {shown}`)"
        )]
    );
    assert!(runtime.sockets().is_empty());
}
