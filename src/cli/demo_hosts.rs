//! Three throw-away hosts on this machine: real sshd processes where there is one, else this machine without ssh.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::error::{Error, Kind};

/// Addresses of the hosts; every address of 127.0.0.0/8 is this machine.
const ADDRESSES: [&str; 3] = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];
/// How long an sshd may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The hosts, ended when dropped.
pub struct Hosts {
    daemons: Vec<Child>,
    /// How the stage file declares them.
    pub stage: String,
    /// What kind they are, for the user.
    pub kind: &'static str,
}

impl Hosts {
    /// Starts them, with everything they need in `folder`.
    ///
    /// # Errors
    /// When there is an sshd and it does not start.
    pub fn start(folder: &Path) -> Result<Self, Error> {
        let servers = ["web1", "web2", "worker1"];
        let Some(sshd) = sshd() else {
            let lines = servers
                .iter()
                .map(|name| format!("server(\"{name}\", #{{ roles: [\"app\"], transport: \"local\" }});\n"));
            return Ok(Self {
                daemons: Vec::new(),
                stage: lines.collect(),
                kind: "this machine without ssh, because no sshd is installed",
            });
        };
        keys(folder)?;
        let mut hosts =
            Self { daemons: Vec::new(), stage: String::new(), kind: "an sshd each, on addresses of this machine" };
        let mut known = String::new();
        let host_key = read(&folder.join("host_key.pub"))?;
        for address in ADDRESSES {
            let port = free_port(address)?;
            hosts.daemons.push(daemon(&sshd, folder, address, port)?);
            wait_for(address, port, folder)?;
            known.push_str(&format!("[{address}]:{port} {host_key}"));
            hosts.stage.push_str(&format!("server(\"{address}:{port}\", #{{ roles: [\"app\"] }});\n"));
        }
        fs::write(folder.join("known_hosts"), known).map_err(|error| Error::io("could not write", folder, &error))?;
        let option = |file: &str| folder.join(file).display().to_string();
        hosts.stage.push_str(&format!(
            "set(\"ssh_options\", #{{ config: false, keys: [{:?}], keys_only: true, user_known_hosts_file: {:?} }});\n",
            option("client_key"),
            option("known_hosts"),
        ));
        Ok(hosts)
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for daemon in &mut self.daemons {
            // It may have ended by itself; either way nothing is left to do about it.
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

fn sshd() -> Option<PathBuf> {
    ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd"].iter().map(PathBuf::from).find(|path| path.is_file())
}

fn keys(folder: &Path) -> Result<(), Error> {
    for name in ["host_key", "client_key"] {
        let path = folder.join(name);
        let output = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&path).output();
        let output = output.map_err(|error| Error::io("could not run", Path::new("ssh-keygen"), &error))?;
        if !output.status.success() {
            return Err(Error::new(
                Kind::Io,
                format!("ssh-keygen failed: {}", String::from_utf8_lossy(&output.stderr).trim()),
            ));
        }
    }
    fs::copy(folder.join("client_key.pub"), folder.join("authorized_keys"))
        .and_then(|_| fs::set_permissions(folder, Permissions::from_mode(0o700)))
        .map_err(|error| Error::io("could not write", folder, &error))
}

fn daemon(sshd: &Path, folder: &Path, address: &str, port: u16) -> Result<Child, Error> {
    let shown = folder.display();
    // sshd started as root wants this folder; packages make it at boot only.
    let _ = fs::create_dir_all("/run/sshd");
    let config = format!(
        "ListenAddress {address}\nPort {port}\nHostKey {shown}/host_key\nAuthorizedKeysFile {shown}/authorized_keys\n\
         StrictModes no\nUsePAM no\nSetEnv HOME={shown}\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nPidFile none\n"
    );
    let file = folder.join(format!("sshd_config_{address}"));
    fs::write(&file, config).map_err(|error| Error::io("could not write", &file, &error))?;
    Command::new(sshd)
        .args(["-D", "-f"])
        .arg(&file)
        .arg("-E")
        .arg(folder.join(format!("sshd_{address}.log")))
        .stdin(Stdio::null())
        .spawn()
        .map_err(|error| Error::io("could not start", sshd, &error))
}

fn free_port(address: &str) -> Result<u16, Error> {
    let listener = TcpListener::bind((address, 0)).and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(|error| Error::io("could not listen on", Path::new(address), &error))
}

fn wait_for(address: &str, port: u16, folder: &Path) -> Result<(), Error> {
    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        if std::net::TcpStream::connect((address, port)).is_ok() {
            return Ok(());
        }
        sleep(Duration::from_millis(20));
    }
    let log = folder.join(format!("sshd_{address}.log"));
    Err(Error::new(Kind::Io, format!("the sshd for the demo did not answer on {address}:{port}"))
        .note(format!("its log says: {}", fs::read_to_string(log).unwrap_or_default().trim())))
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|error| Error::io("could not read", path, &error))
}
