//! One host of a lab: how it is declared, who is on it, what runs there, and its files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::lab::{holder, script};

/// The port whose logins are sessions.
pub const WITH_PAM: u16 = 22;

/// The port whose logins are none: no `XDG_RUNTIME_DIR`, no user manager.
pub const WITHOUT_PAM: u16 = 2222;

/// A host that is up.
pub struct Host {
    name: String,
    address: String,
    lab: PathBuf,
    /// Held while the table of users is written.
    users: Mutex<()>,
}

impl Host {
    /// One that `scripts/lab` has booted, of the lab in this folder.
    pub fn new(name: &str, address: &str, lab: &Path) -> Self {
        Self { name: name.to_owned(), address: address.to_owned(), lab: lab.to_owned(), users: Mutex::new(()) }
    }

    /// What it calls itself, and what it is called in a recipe.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server as a stage file declares it, with the role `app`.
    pub fn declared(&self, user: &str, port: u16) -> String {
        self.declared_with(user, port, "roles: [\"app\"]")
    }

    /// The server as a stage file declares it, with these properties.
    pub fn declared_with(&self, user: &str, port: u16, properties: &str) -> String {
        let (name, address, lab) = (&self.name, &self.address, self.lab.display());
        format!(
            "server(\"{name}\", #{{ user: \"{user}\", port: {port}, ssh_options: #{{ host_name: \"{address}\", config: false, \
             use_agent: false, keys: [\"{lab}/client_key\"], keys_only: true, \
             user_known_hosts_file: \"{lab}/known_hosts\", global_known_hosts_file: \"/dev/null\" }}, {properties} }});\n"
        )
    }

    /// Makes a user that may log in, with an empty home folder and no rights.
    pub fn add_user(&self, name: &str) {
        // One test that fails here is no reason for the others to.
        let _alone = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        self.sh(&format!("useradd --create-home --skel /nonexistent --shell /bin/bash --password '*' {name}"));
    }

    /// Runs a program there as root.
    pub fn root(&self, words: &[&str]) -> Output {
        let lab = format!("--target={}", holder(&self.lab));
        let init = fs::read_to_string(self.lab_path("init")).unwrap_or_else(|_| panic!("{} is not up", self.name));
        let init = format!("--target={}", init.trim());
        let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        Command::new("nsenter")
            .args([&*lab, "--net", "--mount", "--pid", "--"])
            .args(["nsenter", &*init, "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--"])
            .args(["env", "-i", path, "HOME=/root", "LANG=C.UTF-8"])
            .args(words)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// What a shell line prints there as root; it must not fail.
    #[track_caller]
    pub fn sh(&self, line: &str) -> String {
        printed(line, &self.root(&["sh", "-c", line]))
    }

    /// Runs a program there as a user, at home and with the way to its user manager, yet without logging in: to look at
    /// things no session must be opened, which would keep them alive.
    pub fn as_user(&self, user: &str, words: &[&str]) -> Output {
        let settle = "cd && export XDG_RUNTIME_DIR=/run/user/$(id -u) && exec \"$@\"";
        let (uid, gid) = (format!("--reuid={user}"), format!("--regid={user}"));
        self.root(&[&["setpriv", &uid, &gid, "--init-groups", "--reset-env", "sh", "-c", settle, "sh"], words].concat())
    }

    /// Waits until a shell line prints this as root, on a machine that may be busy.
    #[track_caller]
    pub fn until(&self, line: &str, expected: &str) {
        let end = Instant::now() + Duration::from_secs(90);
        loop {
            let output = self.root(&["sh", "-c", line]);
            let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            if said == expected {
                return;
            }
            assert!(Instant::now() < end, "{line}: not {expected} but {said}");
            sleep(Duration::from_millis(100));
        }
    }

    /// What a shell line prints there as a user, as [`Host::as_user`]; it must not fail.
    #[track_caller]
    pub fn sh_as(&self, user: &str, line: &str) -> String {
        printed(line, &self.as_user(user, &["sh", "-c", line]))
    }

    /// Logs in over ssh and runs a shell line.
    pub fn ssh(&self, user: &str, port: u16, line: &str) -> Output {
        script(&self.lab, &["ssh", &format!("{}:{port}", self.name), user, "--", line])
    }

    /// A file of the host as this machine sees it, there also while the host is down; what is mounted there, such as
    /// `/run` and `/tmp`, is not in it. Follow no absolute link: it leads to this machine.
    pub fn path(&self, file: &str) -> PathBuf {
        self.lab_path("root").join(file.trim_start_matches('/'))
    }

    /// Shuts it down in order and boots it again.
    #[track_caller]
    pub fn reboot(&self) {
        let output = script(&self.lab, &["reboot", &self.name]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Takes the power away and boots it again.
    #[track_caller]
    pub fn power_cut(&self) {
        let output = script(&self.lab, &["reboot", "--hard", &self.name]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn lab_path(&self, file: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root/run/lab/{}/{file}", holder(&self.lab), self.name))
    }
}

#[track_caller]
fn printed(line: &str, output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    assert!(output.status.success(), "{line}\n{}\n{}\n{}", output.status, text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}
