//! Hosts that are more than a process: each with a network, mounts, processes and users of its own, and a cable that
//! can be pulled.
//!
//! Everything is in namespaces without a name, the network windlass itself runs in included: nothing of it can be seen
//! from this machine's network, two test runs never meet, and all of it goes with the processes that hold it. These end
//! when their standard input does, so that also a killed test leaves nothing.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::skip::skip;
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

/// The network windlass runs in: a switch with a plug for each host.
pub struct Network {
    holder: Child,
}

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

impl Network {
    /// Makes one. None only where this machine allows no such thing, which is said loudly.
    pub fn start(test: &str) -> Option<Self> {
        for program in ["/usr/bin/unshare", "/usr/bin/nsenter", "/usr/bin/sudo", "/usr/sbin/sshd"] {
            if !Path::new(program).exists() {
                skip(test, &format!("it takes {program}"));
                return None;
            }
        }
        if !["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip"].iter().any(|ip| Path::new(ip).exists()) {
            skip(test, "it takes iproute2");
            return None;
        }
        if !rustix::process::geteuid().is_root() {
            skip(test, "it takes root, to make hosts in network namespaces");
            return None;
        }
        let setup = "ip link set lo up && ip link add switch address 02:00:00:00:00:01 type bridge && ip addr add 10.77.0.1/24 dev switch && \
                     ip link set switch up && echo ready; cat >/dev/null";
        let mut holder = Command::new("unshare")
            .args(["--net", "sh", "-c", setup])
            .env("PATH", path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        if said(&mut holder) != "ready" {
            let why = errors(&mut holder);
            end(&mut holder);
            skip(test, &format!("no network namespace can be made here: {why}"));
            return None;
        }
        Some(Self { holder })
    }

    /// Words that run a program in this network.
    pub fn through(&self) -> [String; 3] {
        ["nsenter".into(), format!("--net=/proc/{}/ns/net", self.holder.id()), "--".into()]
    }

    /// Starts host number `number`, up to 200; `pty` is whether its sudo gives a command a terminal of its own.
    pub fn node(&self, number: u8, name: &str, pty: bool) -> Node {
        let folder = tempfile::Builder::new().prefix("windlass-node-").tempdir().unwrap();
        let address = format!("10.77.0.{}", number + 10);
        write_files(folder.path(), name, &address, pty);
        let mut process = Command::new("unshare")
            .args(["--net", "--mount", "--pid", "--uts", "--fork", "--mount-proc", "sh", "-c", INIT])
            .env_clear()
            .env("PATH", path())
            .envs([("FOLDER", &*folder.path().display().to_string()), ("NAME", name), ("ADDRESS", &address)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let plug = format!("plug{number}");
        wait_until("a network namespace of its own", || net_of(process.id()) != net_of(std::process::id()));
        let id = process.id().to_string();
        let card = format!("02:00:00:00:01:{number:02x}");
        self.ip(&["link", "add", &plug, "type", "veth", "peer", "name", "eth0", "address", &card, "netns", &id]);
        self.ip(&["link", "set", &plug, "master", "switch", "up"]);
        // Nobody looks for the other: a cable is cut somewhere on the way, and no end of it says so.
        self.ip(&["neigh", "replace", &address, "lladdr", &card, "dev", "switch", "nud", "permanent"]);
        std::io::Write::write_all(process.stdin.as_mut().unwrap(), b"go\n").unwrap();
        if said(&mut process) != "ready" {
            let why = errors(&mut process);
            end(&mut process);
            panic!("the host {name} does not come up: {why}");
        }
        let mut node = Node { name: name.to_owned(), address, plug, folder, process, own: BTreeSet::new() };
        wait_until("its sshd listens", || node.listens());
        node.own = node.all().into_iter().collect();
        node
    }

    /// Pulls the cable of a host: no packet reaches it or comes from it, and nobody is told.
    pub fn cut(&self, node: &Node) {
        self.ip(&["link", "set", &node.plug, "down"]);
    }

    /// Puts it back.
    pub fn mend(&self, node: &Node) {
        self.ip(&["link", "set", &node.plug, "up"]);
    }

    fn ip(&self, args: &[&str]) {
        let [nsenter, net, end] = self.through();
        let output = Command::new(nsenter).args([&*net, &*end, "ip"]).args(args).env("PATH", path()).output().unwrap();
        assert!(output.status.success(), "ip {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        end(&mut self.holder);
    }
}

impl Node {
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

/// The first line a process says.
fn said(process: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    line.trim().to_owned()
}

/// What a process that did not come up says of it.
fn errors(process: &mut Child) -> String {
    drop(process.stdin.take());
    let mut text = String::new();
    std::io::Read::read_to_string(process.stderr.as_mut().unwrap(), &mut text).ok();
    text.trim().to_owned()
}

/// Lets a process go that waits for the end of its input.
fn end(process: &mut Child) {
    drop(process.stdin.take());
    let until = Instant::now() + Duration::from_secs(5);
    while let Ok(None) = process.try_wait() {
        if Instant::now() > until {
            process.kill().ok();
            process.wait().ok();
            return;
        }
        sleep(Duration::from_millis(5));
    }
}

/// Where `ip` and `sshd` are, too.
fn path() -> String {
    format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_else(|_| "/usr/bin:/bin".to_owned()))
}

fn net_of(pid: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/ns/net")).ok()
}

#[track_caller]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(10);
    while !is_so() {
        assert!(Instant::now() < until, "a host has not got {what} within 10 s");
        sleep(Duration::from_millis(5));
    }
}
