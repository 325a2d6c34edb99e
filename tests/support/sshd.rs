//! A real sshd on a loopback address, as the user who runs the tests.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails its test")]

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use windlass::model::server::Server;
use windlass::model::value::Value;

/// Where sshd is; it must be started by its absolute path.
const SSHD: &str = "/usr/sbin/sshd";

/// How an sshd is to differ from the usual one.
#[derive(Default)]
pub struct Options<'a> {
    /// Lines for its configuration.
    pub config: &'a [&'a str],
    /// Passphrase of the client's key.
    pub passphrase: &'a str,
    /// What the login shell runs first, in `.bashrc`.
    pub login_script: &'a str,
}

/// A running sshd with a home, a host key and a key that may log in.
pub struct Sshd {
    folder: TempDir,
    address: String,
    port: u16,
    process: Child,
}

impl Sshd {
    /// Starts one with nothing special.
    pub fn start() -> Option<Self> {
        Self::with(&Options::default())
    }

    /// Starts one. None only where `WINDLASS_TEST_SKIP_SSHD=1` says that there is no sshd on purpose.
    pub fn with(options: &Options<'_>) -> Option<Self> {
        if !is_there() {
            return None;
        }
        let folder = tempfile::Builder::new().prefix("windlass-sshd-").tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        keygen(&path("host_key"), "");
        keygen(&path("client_key"), options.passphrase);
        fs::copy(path("client_key.pub"), path("authorized_keys")).unwrap();
        let home = folder.path().join("home");
        fs::create_dir(&home).unwrap();
        fs::write(home.join(".bashrc"), options.login_script).unwrap();
        let (address, port) = free_address();
        let config = format!(
            "ListenAddress {address}\nPort {port}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\nUsePAM no\n\
             PermitRootLogin yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitUserEnvironment no\n\
             SetEnv HOME={}\nLogLevel VERBOSE\n{}\n",
            path("host_key"),
            path("authorized_keys"),
            home.display(),
            options.config.join("\n"),
        );
        fs::write(path("config"), config).unwrap();
        let process = Command::new(SSHD)
            .args(["-D", "-f", &path("config"), "-E", &path("log")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut sshd = Self { folder, address, port, process };
        sshd.write_known_hosts("host_key.pub");
        sshd.wait_until_it_listens();
        Some(sshd)
    }

    /// The server as a recipe would have it, with `ssh_options` that know its key and use the client's.
    pub fn server(&self) -> Server {
        Server { port: Some(self.port), ssh_options: self.ssh_options(), ..Server::new(self.address.clone()) }
    }

    fn ssh_options(&self) -> IndexMap<String, Value> {
        let text = |path: PathBuf| Value::Text(path.display().to_string());
        IndexMap::from([
            ("config".to_owned(), Value::Bool(false)),
            ("use_agent".to_owned(), Value::Bool(false)),
            ("keys".to_owned(), text(self.path("client_key"))),
            ("keys_only".to_owned(), Value::Bool(true)),
            ("user_known_hosts_file".to_owned(), text(self.path("known_hosts"))),
            ("global_known_hosts_file".to_owned(), "/dev/null".into()),
        ])
    }

    /// A file of this sshd.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The home folder of whoever logs in.
    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    /// Port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Address it listens on.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Fingerprint of its host key, as `SHA256:…`.
    pub fn fingerprint(&self) -> String {
        let output = Command::new("ssh-keygen").arg("-lf").arg(self.path("host_key.pub")).output().unwrap();
        String::from_utf8(output.stdout).unwrap().split(' ').nth(1).unwrap().to_owned()
    }

    /// Makes the client know another key for this host.
    pub fn pretend_the_key_changed(&self) {
        keygen(&self.path("other_key").display().to_string(), "");
        self.write_known_hosts("other_key.pub");
    }

    /// Makes the client know no key for this host.
    pub fn pretend_to_be_unknown(&self) {
        fs::write(self.path("known_hosts"), "").unwrap();
    }

    fn write_known_hosts(&self, key: &str) {
        let key = fs::read_to_string(self.path(key)).unwrap();
        fs::write(self.path("known_hosts"), format!("[{}]:{} {key}", self.address, self.port)).unwrap();
    }

    /// Ends every session at once, as a crash of the host would, leaving the commands themselves alone.
    pub fn kill_sessions(&self) {
        self.signal_sessions(Signal::KILL);
    }

    /// Sends a signal to every process of sshd that serves a client.
    pub fn signal_sessions(&self, what: Signal) {
        let sessions: Vec<u32> =
            descendants(self.process.id()).into_iter().filter(|pid| name_of(*pid) == "sshd").collect();
        assert!(!sessions.is_empty(), "there is a session to signal");
        for pid in sessions {
            signal(pid, what);
        }
    }

    /// How many clients are connected.
    pub fn sessions(&self) -> usize {
        descendants(self.process.id()).into_iter().filter(|pid| name_of(*pid) == "sshd").count()
    }

    /// What sshd wrote to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    fn wait_until_it_listens(&mut self) {
        let until = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect((self.address.as_str(), self.port)).is_err() {
            if let Some(status) = self.process.try_wait().unwrap() {
                panic!("sshd ended with {status}: {}", self.log());
            }
            assert!(Instant::now() < until, "sshd does not listen: {}", self.log());
            sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let mut pids = descendants(self.process.id());
        pids.retain(|pid| name_of(*pid) == "sshd");
        // The process is ours and not yet waited for, so that its number belongs to it.
        self.process.kill().ok();
        self.process.wait().ok();
        for pid in pids {
            signal(pid, Signal::KILL);
        }
    }
}

/// Whether sshd can be started; a test without it fails, unless it was decided otherwise.
fn is_there() -> bool {
    static PRIVILEGE_SEPARATION: Once = Once::new();
    if !Path::new(SSHD).exists() {
        assert!(
            std::env::var("WINDLASS_TEST_SKIP_SSHD").is_ok_and(|value| value == "1"),
            "{SSHD} is not installed: install openssh-server, or set WINDLASS_TEST_SKIP_SSHD=1 to do without these tests"
        );
        super::skip::skip("a test over ssh", "sshd is not installed, and WINDLASS_TEST_SKIP_SSHD=1 is set");
        return false;
    }
    PRIVILEGE_SEPARATION.call_once(|| {
        if rustix::process::geteuid().is_root() {
            fs::create_dir_all("/run/sshd").unwrap();
        }
    });
    true
}

/// An address of its own for each sshd of this process, and a port that is free there.
fn free_address() -> (String, u16) {
    static NEXT: AtomicU8 = AtomicU8::new(2);
    let last = NEXT.fetch_add(1, Ordering::SeqCst).max(2);
    let address = format!("127.0.{}.{last}", 1 + std::process::id() % 200);
    let port = TcpListener::bind((address.as_str(), 0)).unwrap().local_addr().unwrap().port();
    (address, port)
}

/// Makes a key pair.
pub fn keygen(path: &str, passphrase: &str) {
    let status = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-C", "test", "-N", passphrase, "-f", path])
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
}

/// All processes below one.
pub fn descendants(root: u32) -> Vec<u32> {
    let mut parents = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        if let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok())
            && let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat"))
            && let Some((_, rest)) = stat.rsplit_once(") ")
        {
            parents.push((pid, rest.split(' ').nth(1).unwrap().parse::<u32>().unwrap()));
        }
    }
    let mut found = vec![root];
    let mut at = 0;
    while at < found.len() {
        let above = found[at];
        found.extend(parents.iter().filter(|(_, parent)| *parent == above).map(|(pid, _)| *pid));
        at += 1;
    }
    found.split_off(1)
}

fn name_of(pid: u32) -> String {
    fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim().to_owned()
}

/// Whether a process is there and not merely waiting to be collected.
pub fn is_running(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Sends a signal; a process that has gone needs none.
pub fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        kill_process(pid, signal).ok();
    }
}
