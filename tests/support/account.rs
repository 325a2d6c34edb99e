//! Users of this machine: one with a password, for tests of sudo, and one with a login shell.

use std::fs;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::support::skip::skip;
use crate::support::sshd::Sshd;

/// The password of every user who has one.
pub const PASSWORD: &str = "it's $HOME 2 much";

/// A user, and its rules for sudo; both go with it.
pub struct Account {
    pub name: String,
}

impl Account {
    /// Makes one that may do what `rules` say, where `USER` is its name and `LOG` the log of its sudo. None, said loudly,
    /// where nobody can be made.
    pub fn new(test: &str, rules: &str) -> Option<Self> {
        let name = unused_name();
        let is_root = rustix::process::geteuid().is_root();
        if !is_root || !Path::new("/etc/sudoers.d").is_dir() || !quiet("useradd", &["-M", "-s", "/bin/sh", &name]) {
            skip(test, "it needs root, sudo and useradd");
            return None;
        }
        let account = Self { name };
        let mut chpasswd = Command::new("chpasswd").stdin(Stdio::piped()).spawn().expect("chpasswd can be started");
        let mut stdin = chpasswd.stdin.take().expect("stdin is a pipe");
        std::io::Write::write_all(&mut stdin, format!("{}:{PASSWORD}\n", account.name).as_bytes()).expect("it reads");
        drop(stdin);
        assert!(chpasswd.wait().expect("chpasswd ends").success());
        let log = account.log();
        let rules = format!("Defaults:USER logfile=LOG\n{rules}\n")
            .replace("USER", &account.name)
            .replace("LOG", &log.display().to_string());
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o440).open(account.rules());
        std::io::Write::write_all(file.as_mut().expect("a new file can be made"), rules.as_bytes())
            .expect("and written");
        assert!(quiet("visudo", &["-c", "-f", &account.rules().display().to_string()]), "sudo reads these rules");
        Some(account)
    }

    /// Makes one who logs in to this sshd, with this shell and the home folder there. None, said loudly, where nobody can
    /// be made.
    pub fn login(test: &str, sshd: &Sshd, shell: &Path) -> Option<Self> {
        let name = unused_name();
        let (home, shell) = (sshd.home().display().to_string(), shell.display().to_string());
        // sshd takes a `!` in place of a password for a locked account.
        let args = ["-M", "-p", "*", "-d", &home, "-s", &shell, &name];
        if !rustix::process::geteuid().is_root() || !quiet("useradd", &args) {
            skip(test, "it needs root and useradd");
            return None;
        }
        let account = Self { name };
        assert!(quiet("chown", &["-R", &account.name, &home]), "it may write at home");
        may_enter(sshd);
        Some(account)
    }

    /// What sudo wrote to its log.
    pub fn sudo_log(&self) -> String {
        // sudo breaks long lines.
        fs::read_to_string(self.log()).unwrap_or_default().replace("\n    ", " ")
    }

    fn rules(&self) -> PathBuf {
        Path::new("/etc/sudoers.d").join(&self.name)
    }

    fn log(&self) -> PathBuf {
        std::env::temp_dir().join(format!("{}.sudo.log", self.name))
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        for path in [self.rules(), self.log(), Path::new("/run/sudo/ts").join(&self.name)] {
            fs::remove_file(path).ok();
        }
        quiet("userdel", &["-f", &self.name]);
    }
}

fn unused_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("wl{}x{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst))
}

/// Lets any user log in with the client's key.
pub fn may_enter(sshd: &Sshd) {
    // sshd reads the keys as the user who logs in.
    fs::set_permissions(sshd.path(""), fs::Permissions::from_mode(0o711)).expect("the folder is ours");
    fs::set_permissions(sshd.path("authorized_keys"), fs::Permissions::from_mode(0o644)).expect("the file is ours");
}

fn quiet(program: &str, args: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
