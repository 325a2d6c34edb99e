//! The three ways to run a service on the other releases of systemd: 247, the oldest that is still looked after, and 257.

use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use crate::services::project::{Project, main_pid};
use crate::support::host::{Host, WITH_PAM, WITHOUT_PAM};
use crate::support::lab::{Lab, Suite};

/// A way to run a service.
struct Way {
    name: &'static str,
    /// Who deploys, and where sshd listens for that.
    login: (&'static str, u16),
    folder: &'static str,
    lines: &'static str,
    /// Whose manager runs it; none is the one of the machine.
    manager: Option<&'static str>,
}

const WAYS: [Way; 3] = [
    // On a host where nobody has a session.
    Way { name: "own", login: ("deploy", WITHOUT_PAM), folder: "/home/deploy/app", lines: "", manager: Some("deploy") },
    Way {
        name: "other",
        login: ("ops", WITH_PAM),
        folder: "/srv/other",
        lines: "set(\"service_user\", \"sidekiq\");",
        manager: Some("sidekiq"),
    },
    Way {
        name: "machine",
        login: ("ops", WITH_PAM),
        folder: "/srv/machine",
        lines: "set(\"service_unit_user\", \"system\");\nset(\"service_user\", \"sidekiq\");",
        manager: None,
    },
];

impl Way {
    fn unit(&self, host: &Host) -> String {
        format!("{}_{}_worker_production", self.name, host.name())
    }

    fn deploy(&self, lab: &Lab, host: &Host) {
        let recipe = format!(
            "require(\"service\");\nset(\"deploy_to\", \"{}\");\nset(\"service_unit_user\", \"user\");\n{}\n\
             service(\"worker\", #{{ command: \"/usr/local/bin/fake-sidekiq\", type: \"notify\", quiet_signal: \"TSTP\" }});\n",
            self.folder, self.lines
        );
        let name = format!("{}_{}", self.name, host.name());
        let project = Project::new(lab, &name, &host.declared(self.login.0, self.login.1), &recipe);
        let said = project.windlass("production deploy").ok();
        match self.manager {
            Some(user) => assert!(said.contains(&format!("lingering is now on for {user}")), "{said}"),
            None => assert!(!said.contains("linger"), "it does not come into it: {said}"),
        }
        let said = project.windlass("production deploy linger:check").ok();
        assert!(said.contains("nothing keeps the services from staying up"), "{said}");
    }

    fn pid(&self, host: &Host) -> String {
        let unit = self.unit(host);
        match self.manager {
            Some(user) => main_pid(host, user, &unit),
            None => host.sh(&format!("systemctl show {unit} -p MainPID --value")),
        }
    }

    /// Whether it runs; asked before its manager is there, too.
    fn runs(&self, host: &Host) -> bool {
        let shown = match self.manager {
            Some(user) => host.as_user(user, &["systemctl", "--user", "is-active", &self.unit(host)]),
            None => host.root(&["systemctl", "is-active", &self.unit(host)]),
        };
        String::from_utf8_lossy(&shown.stdout).trim() == "active"
    }
}

/// All three, through a logout and a reboot.
fn outlive(lab: &Lab, host: &Host) {
    host.sh("for f in other machine; do mkdir -p /srv/$f/shared/log; chown ops: /srv/$f /srv/$f/shared; \
         chown sidekiq: /srv/$f/shared/log; done");
    for way in &WAYS {
        way.deploy(lab, host);
    }
    let pids = || WAYS.each_ref().map(|way| way.pid(host));
    let before = pids();
    sleep(Duration::from_secs(14));
    assert_eq!(pids(), before, "{}: the same processes as 14 seconds ago", host.name());
    host.reboot();
    let end = Instant::now() + Duration::from_secs(60);
    for way in &WAYS {
        while !way.runs(host) {
            assert!(Instant::now() < end, "{} does not start {} at boot", host.name(), way.name);
            sleep(Duration::from_millis(200));
        }
        let pid = way.pid(host);
        let owner = if way.name == "own" { "deploy" } else { "sidekiq" };
        assert_eq!(host.sh(&format!("ps -o user:20= -p {pid}")), owner, "{}: {}", host.name(), way.name);
        assert_eq!(
            host.sh(&format!("readlink /proc/{pid}/cwd")),
            host.sh(&format!("readlink -f {}/current", way.folder))
        );
    }
}

#[test]
fn a_worker_outlives_the_last_login_and_a_reboot_in_each_way_on_each_of_them() {
    let Some(lab) = Lab::start("services: other releases of systemd", &[Suite::Bullseye, Suite::Trixie]) else {
        return;
    };
    scope(|scope| {
        for host in lab.hosts() {
            scope.spawn(|| outlive(&lab, host));
        }
    });
}
