//! The same deploy on the other releases of systemd: 247, the oldest that is still looked after, and 257.

use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use crate::services::project::{Project, main_pid};
use crate::support::host::{Host, WITHOUT_PAM};
use crate::support::lab::{Lab, Suite};

/// A worker of the user who deploys, on a host where nobody has a session: through a logout and a reboot.
fn outlives(lab: &Lab, host: &Host) {
    let user = "deploy";
    let name = format!("on_{}", host.name());
    let unit = format!("{name}_worker_production");
    let recipe = "require(\"service\");\nset(\"deploy_to\", \"/home/deploy/app\");\nset(\"service_unit_user\", \"user\");\n\
                  service(\"worker\", #{ command: \"/usr/local/bin/fake-sidekiq\", type: \"notify\", quiet_signal: \"TSTP\" });\n";
    let project = Project::new(lab, &name, &host.declared(user, WITHOUT_PAM), recipe);
    let said = project.windlass("production deploy").ok();
    assert!(said.contains("lingering is now on for deploy"), "{said}");
    let said = project.windlass("production deploy linger:check").ok();
    assert!(said.contains("nothing keeps the services from staying up"), "{said}");
    let pid = main_pid(host, user, &unit);
    sleep(Duration::from_secs(14));
    assert_eq!(main_pid(host, user, &unit), pid, "{}", host.name());
    host.reboot();
    let end = Instant::now() + Duration::from_secs(60);
    let runs = || {
        let shown = host.as_user(user, &["systemctl", "--user", "is-active", &unit]);
        String::from_utf8_lossy(&shown.stdout).trim() == "active"
    };
    while !runs() {
        assert!(Instant::now() < end, "{} does not start it at boot", host.name());
        sleep(Duration::from_millis(200));
    }
    assert_eq!(
        host.sh(&format!("readlink /proc/{}/cwd", main_pid(host, user, &unit))),
        host.sh("readlink -f /home/deploy/app/current")
    );
}

#[test]
fn a_worker_outlives_the_last_login_and_a_reboot_on_each_of_them() {
    let Some(lab) = Lab::start("services: other releases of systemd", &[Suite::Bullseye, Suite::Trixie]) else {
        return;
    };
    scope(|scope| {
        for host in lab.hosts() {
            scope.spawn(|| outlives(&lab, host));
        }
    });
}
