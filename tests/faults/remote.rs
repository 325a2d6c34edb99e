//! Several hosts over a real ssh.

use std::fs;

use crate::faults::app::App;
use crate::faults::running::with_argument;
use crate::support::sshd::{Sshd, descendants};

/// Some running sshd processes.
pub struct Fleet(pub Vec<Sshd>);

impl Fleet {
    /// Starts them; none only where sshd is left out on purpose.
    pub fn start(count: usize) -> Option<Self> {
        (0..count).map(|_| Sshd::start()).collect::<Option<Vec<_>>>().map(Self)
    }

    /// How the hosts are called.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|sshd| sshd.address().to_owned()).collect()
    }

    /// A project with the stock deploy to these hosts. Sockets are in the folder `run` of its scene.
    pub fn app(&self, lines: &str) -> App {
        let servers: Vec<String> = self.0.iter().map(|sshd| declared(sshd, "")).collect();
        let App { scene, repository } = App::with_stage(&servers.join("\n"), lines);
        let run = scene.top().join("run");
        fs::create_dir(&run).unwrap();
        App { scene: scene.env("XDG_RUNTIME_DIR", &run.display().to_string()), repository }
    }

    /// Processes below the sshd processes: one or more for each open connection.
    pub fn sessions(&self) -> Vec<String> {
        let configs = self.0.iter().map(|sshd| sshd.path("config").display().to_string());
        let listeners = configs.flat_map(|config| with_argument(&config));
        let pids = listeners.map(|process| process.rsplit_once(' ').unwrap().1.parse().unwrap());
        pids.flat_map(descendants).map(|pid| pid.to_string()).collect()
    }
}

/// A server as a stage file declares it; `options` are added to its `ssh_options`.
pub fn declared(sshd: &Sshd, options: &str) -> String {
    let path = |name: &str| sshd.path(name).display().to_string();
    format!(
        "server(\"{}:{}\", #{{ roles: [\"app\"], ssh_options: #{{ config: false, use_agent: false, keys: [{:?}], \
         keys_only: true, user_known_hosts_file: {:?}, global_known_hosts_file: \"/dev/null\"{}{options} }} }});",
        sshd.address(),
        sshd.port(),
        path("client_key"),
        path("known_hosts"),
        if options.is_empty() { "" } else { ", " },
    )
}
