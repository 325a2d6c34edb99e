//! The real Capistrano, deploying what a [`Fleet`] deploys, to the same hosts.
//!
//! Capistrano knows one `deploy_to` for all hosts, and our hosts are one machine: it deploys to `~/app`, and every sshd
//! has a home of its own.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::support::fleet::Fleet;
use crate::support::skip::skip;

const CAPFILE: &str = r#"
require "capistrano/setup"
require "capistrano/deploy"
require "capistrano/scm/git"
install_plugin Capistrano::SCM::Git
"#;

/// A Capistrano project beside the fleet's own.
pub struct Cap<'a>(&'a Fleet);

impl<'a> Cap<'a> {
    /// Writes the project; `settings` are lines of `deploy.rb`. None, loudly, where there is no `cap`.
    pub fn new(test: &str, fleet: &'a Fleet, hosts: &[&str], settings: &str) -> Option<Self> {
        if !Command::new("cap").arg("--version").output().is_ok_and(|output| output.status.success()) {
            skip(test, "`cap` is not installed: `apt-get install capistrano ruby-ed25519 ruby-bcrypt-pbkdf`");
            return None;
        }
        let cap = Self(fleet);
        let servers: String = hosts.iter().map(|host| server(fleet, host)).collect();
        let recipe = format!(
            "set :application, \"app\"\nset :repo_url, {:?}\nset :branch, \"main\"\nset :deploy_to, \"~/app\"\n\
             set :tmp_dir, {:?}\n{settings}\n",
            fleet.repository.url(),
            // It leaves a file there with every deploy.
            fleet.scene.top().join("cap-tmp").display().to_string(),
        );
        fs::create_dir_all(cap.folder().join("config/deploy")).expect("a folder can be made in a scene");
        for (name, text) in
            [("Capfile", CAPFILE), ("config/deploy.rb", &recipe), ("config/deploy/production.rb", &servers)]
        {
            fs::write(cap.folder().join(name), text).expect("a file can be written in a scene");
        }
        Some(cap)
    }

    fn folder(&self) -> PathBuf {
        self.0.scene.top().join("cap")
    }

    /// Where it deploys to on a host.
    pub fn path(&self, host: &str) -> PathBuf {
        self.0.sshd(host).home().join("app")
    }

    /// Runs `cap production …`, which has to succeed, in the environment windlass gets.
    #[track_caller]
    pub fn run(&self, args: &[&str]) {
        self.0.next_second();
        let mut command = Command::new("cap");
        command.arg("production").args(args).current_dir(self.folder()).stdin(Stdio::null());
        let output = command.env_clear().envs(self.0.scene.environment()).output().expect("cap can be started");
        assert!(
            output.status.success(),
            "cap {args:?}:\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

fn server(fleet: &Fleet, host: &str) -> String {
    let sshd = fleet.sshd(host);
    format!(
        "server \"{host}\", port: {}, roles: %w{{app}}, ssh_options: {{ host_name: {:?}, config: false, use_agent: false, \
         keys_only: true, keys: [{:?}], user_known_hosts_file: {:?}, verify_host_key: :always, forward_agent: false, \
         auth_methods: %w{{publickey}} }}\n",
        sshd.port(),
        sshd.address(),
        sshd.path("client_key").display().to_string(),
        sshd.path("known_hosts").display().to_string(),
    )
}
