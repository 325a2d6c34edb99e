//! Hosts that are more than a process: each with a network, mounts, processes and users of its own, and a cable that
//! can be pulled.
//!
//! Everything is in namespaces without a name, the network windlass itself runs in included: nothing of it can be seen
//! from this machine's network, two test runs never meet, and all of it goes with the processes that hold it. These end
//! when their standard input does, so that also a killed test leaves nothing.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::held::{end, errors, path, said};
use crate::support::node::Node;
use crate::support::skip::skip;

/// The switch.
const SETUP: &str = "
set -e
ip link set lo up
ip link add switch address 02:00:00:00:00:01 type bridge
ip addr add 10.77.0.1/24 dev switch
ip link set switch up
echo ready
cat >/dev/null
";

/// The network windlass runs in: a switch with a plug for each host.
pub struct Network {
    holder: Child,
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
        let mut holder = Command::new("unshare")
            .args(["--net", "sh", "-c", SETUP])
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
        let address = format!("10.77.0.{}", number + 10);
        let plug = format!("plug{number}");
        let card = format!("02:00:00:00:01:{number:02x}");
        let connect = |id: u32| {
            let id = id.to_string();
            self.ip(&["link", "add", &plug, "type", "veth", "peer", "name", "eth0", "address", &card, "netns", &id]);
            self.ip(&["link", "set", &plug, "master", "switch", "up"]);
            // Nobody looks for the other: a cable is cut somewhere on the way, and no end of it says so.
            self.ip(&["neigh", "replace", &address, "lladdr", &card, "dev", "switch", "nud", "permanent"]);
        };
        Node::start(name, &address, &plug, pty, connect)
    }

    /// Pulls the cable of a host: no packet reaches it or comes from it, and nobody is told.
    pub fn cut(&self, node: &Node) {
        self.ip(&["link", "set", node.plug(), "down"]);
    }

    /// Puts it back.
    pub fn mend(&self, node: &Node) {
        self.ip(&["link", "set", node.plug(), "up"]);
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
