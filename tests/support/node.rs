//! One host in namespaces of its own: how it is declared, what runs on it, and its files.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::held::{end, errors, net_of, path, said, wait_until};
use crate::support::sshd::{is_running, keygen};

/// Who logs in.
pub const USER: &str = "deploy";

/// Whom the user who logs in may become with sudo.
pub const OTHER: &str = "app";

/// What is run in the namespaces of a host. Its first process ends when the test does, and all others with it.
const INIT: &str = r#"
set -e
read -r go
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/sshd
mount -t tmpfs -o mode=755 tmpfs /home
mount -t tmpfs -o mode=1777 tmpfs /srv
for name in passwd shadow group hosts sudoers; do mount --bind "$FOLDER/$name" "/etc/$name"; done
for user in deploy app; do mkdir "/home/$user"; chown "$user:$user" "/home/$user"; done
echo "$NAME" >/proc/sys/kernel/hostname
ip link set lo up
ip addr add "$ADDRESS/24" dev eth0
ip link set eth0 up
ip neigh replace 10.77.0.1 lladdr 02:00:00:00:00:01 dev eth0 nud permanent
/usr/sbin/sshd -D -f "$FOLDER/config" -E "$FOLDER/log" </dev/null >/dev/null 2>&1 &
echo ready
cat >/dev/null
"#;

/// A host in the network.
pub struct Node {
    name: String,
    address: String,
    plug: String,
    folder: TempDir,
    process: Child,
    /// The processes that were there before anybody logged in.
    own: BTreeSet<u32>,
}

impl Node {
    /// Starts it; `connect` is given its process, and puts the network card `eth0` into that one's network.
    pub fn start(name: &str, address: &str, plug: &str, pty: bool, connect: impl FnOnce(u32)) -> Self {
        let folder = tempfile::Builder::new().prefix("windlass-node-").tempdir().unwrap();
        write_files(folder.path(), name, address, pty);
        let mut process = Command::new("unshare")
            .args(["--net", "--mount", "--pid", "--uts", "--fork", "--mount-proc", "sh", "-c", INIT])
            .env_clear()
            .env("PATH", path())
            .envs([("FOLDER", &*folder.path().display().to_string()), ("NAME", name), ("ADDRESS", address)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        wait_until("a network namespace of its own", || net_of(process.id()) != net_of(std::process::id()));
        connect(process.id());
        process.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
        if said(&mut process) != "ready" {
            let why = errors(&mut process);
            end(&mut process);
            panic!("the host {name} does not come up: {why}");
        }
        let [name, address, plug] = [name, address, plug].map(str::to_owned);
        let mut node = Self { name, address, plug, folder, process, own: BTreeSet::new() };
        wait_until("its sshd listens", || node.listens());
        node.own = node.all().into_iter().collect();
        node
    }

    /// The end of its cable at the switch.
    pub fn plug(&self) -> &str {
        &self.plug
    }

    /// The server as a stage file declares it; `options` are added to its `ssh_options`.
    pub fn declared(&self, options: &str) -> String {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        format!(
            "server(\"{}\", #{{ roles: [\"app\"], user: \"{USER}\", ssh_options: #{{ host_name: {:?}, config: false, \
             use_agent: false, keys: [{:?}], keys_only: true, user_known_hosts_file: {:?}, \
             global_known_hosts_file: \"/dev/null\", {options} }} }});\n",
            self.name,
            self.address,
            path("client_key"),
            path("known_hosts"),
        )
    }

    /// What the host is called in a recipe.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A file of the host as this machine sees it.
    pub fn path(&self, file: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root", self.process.id())).join(file.trim_start_matches('/'))
    }

    /// What a program prints that root runs on the host.
    pub fn printed(&self, words: &[&str]) -> String {
        let target = format!("--target={}", self.process.id());
        let output = Command::new("nsenter")
            .args([&*target, "--mount", "--net", "--uts", "--"])
            .args(words)
            .env("PATH", path())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// What runs on the host because somebody logged in, as `name pid arguments`, but for sshd itself.
    pub fn processes(&self) -> Vec<String> {
        self.guests().into_iter().filter(|line| !line.starts_with("sshd")).collect()
    }

    /// Connections that stand, as sshd sees it.
    pub fn sessions(&self) -> Vec<String> {
        self.guests().into_iter().filter(|line| line.starts_with("sshd")).collect()
    }

    /// What sshd wrote to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn guests(&self) -> Vec<String> {
        let described = |pid: u32| {
            let read = |name: &str| fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
            let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).replace('\0', " ").trim().to_owned();
            format!("{} {pid} {}", text(read("comm")), text(read("cmdline")))
        };
        self.all().into_iter().filter(|pid| !self.own.contains(pid)).map(described).collect()
    }

    /// Every process in the host's own namespace of processes.
    fn all(&self) -> Vec<u32> {
        let space = fs::read_link(format!("/proc/{}/ns/pid_for_children", self.process.id())).unwrap();
        let entries = fs::read_dir("/proc").unwrap().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        pids.filter(|pid| fs::read_link(format!("/proc/{pid}/ns/pid")).is_ok_and(|found| found == space))
            .filter(|pid| is_running(*pid))
            .collect()
    }

    fn listens(&self) -> bool {
        let sockets = fs::read_to_string(format!("/proc/{}/net/tcp", self.process.id())).unwrap_or_default();
        // Port 22 in the state LISTEN.
        sockets.lines().any(|line| line.contains(":0016 00000000:0000 0A "))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// Keys, the configuration of sshd, and the files of `/etc` that are the host's own.
fn write_files(folder: &Path, name: &str, address: &str, pty: bool) {
    let path = |file: &str| folder.join(file).display().to_string();
    keygen(&path("host_key"), "");
    keygen(&path("client_key"), "");
    let key = fs::read_to_string(path("host_key.pub")).unwrap();
    fs::write(path("known_hosts"), format!("{address} {key}")).unwrap();
    let pty = if pty { "use_pty" } else { "!use_pty" };
    // `*` and not `!`: sshd takes the latter for a locked account.
    let users =
        |line: fn(&str, u32) -> String| [(USER, 54001), (OTHER, 54002)].map(|(name, id)| line(name, id)).concat();
    let files = [
        ("passwd", users(|name, id| format!("{name}:x:{id}:{id}::/home/{name}:/bin/sh\n"))),
        ("shadow", users(|name, _| format!("{name}:*:19000:0:99999:7:::\n"))),
        ("group", users(|name, id| format!("{name}:x:{id}:\n"))),
    ];
    for (file, own) in files {
        fs::write(path(file), fs::read_to_string(Path::new("/etc").join(file)).unwrap() + &own).unwrap();
    }
    fs::write(path("hosts"), format!("127.0.0.1 localhost\n{address} {name}\n")).unwrap();
    let sudoers = format!("Defaults env_reset, {pty}\nroot ALL=(ALL:ALL) ALL\n{USER} ALL=({OTHER}) NOPASSWD: ALL\n");
    fs::write(path("sudoers"), sudoers).unwrap();
    fs::set_permissions(path("sudoers"), fs::Permissions::from_mode(0o440)).unwrap();
    // The last two make sshd notice a dead line after three seconds.
    let config = format!(
        "ListenAddress {address}\nPort 22\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\n\
         UsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nLogLevel VERBOSE\n\
         ClientAliveInterval 1\nClientAliveCountMax 2\n",
        path("host_key"),
        path("client_key.pub"),
    );
    fs::write(path("config"), config).unwrap();
    // The user who logs in reads the key as himself.
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
}
