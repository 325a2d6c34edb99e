//! `linger:check` where the whole host is at fault, on systemd 247 and 257: LF-4, LF-5, LF-10, LF-16, LF-18,
//! LF-19 and LF-28.

use std::fs;
use std::thread::scope;

use crate::services::findings::{finds, finds_nothing, follow, recipe, unit, wait_for_worker};
use crate::services::project::Project;
use crate::support::host::{Host, WITH_PAM, WITHOUT_PAM};
use crate::support::lab::{Lab, Suite};

const USER: &str = "deploy";
const ON: &str = "loginctl enable-linger deploy";

/// Where no systemd is.
const BARE: u16 = 2300;

/// A host of its own with a worker that is deployed there.
struct Site<'a> {
    host: &'a Host,
    project: Project<'a>,
    unit: String,
    manager: String,
}

impl<'a> Site<'a> {
    fn new(lab: &'a Lab, host: &'a Host) -> Self {
        let name = format!("site_{}", host.name());
        let project = Project::new(lab, &name, &host.declared(USER, WITHOUT_PAM), &recipe(USER, ""));
        project.windlass("production deploy").ok();
        let manager = format!("user@{}.service", host.sh(&format!("id -u {USER}")));
        Self { host, project, unit: unit(&name), manager }
    }

    /// Who comes by which door from now on.
    fn comes_by(&self, port: u16) {
        self.project.write("project/config/deploy/production.rhai", &self.host.declared(USER, port));
    }

    /// Over ssh: logind of systemd 257 hears nobody who is not in a control group of its own.
    fn as_ops(&self, line: &str) {
        follow(self.host, "ops", line);
    }

    fn waits_for_worker(&self) {
        wait_for_worker(self.host, USER, &self.unit);
    }

    /// This is found, and what is said to be typed brings the worker back.
    fn is_repaired(&self, id: &str, repair: &str) -> String {
        let found = finds(&self.project, &[(id, repair)]).remove(0);
        follow(self.host, USER, repair);
        self.waits_for_worker();
        found.sentence
    }
}

/// The manager is masked, was stopped, or died.
fn manager_down(site: &Site<'_>, remembers: bool) {
    let (host, manager) = (site.host, &site.manager);
    let start = format!("sudo systemctl start {manager}");
    host.sh(&format!("systemctl mask {manager} && systemctl stop {manager}"));
    site.is_repaired("LF-5", &format!("sudo systemctl unmask user@.service {manager} && {start}"));
    host.sh(&format!("systemctl stop {manager}"));
    if remembers {
        site.is_repaired("LF-28", &start);
    } else {
        site.is_repaired("LF-18", &format!("sudo {ON} && {start}"));
        host.sh(&format!("systemctl kill --signal=KILL --kill-who=main {manager}"));
        host.until(&format!("systemctl is-active {manager}"), "failed");
        site.is_repaired("LF-28", &start);
    }
    finds_nothing(&site.project);
}

/// Users may not turn lingering on, or it is off and nobody notices.
fn lingering_off(site: &Site<'_>) {
    let host = site.host;
    host.sh("systemctl mask --now polkit");
    finds_nothing(&site.project);
    site.as_ops("sudo loginctl disable-linger deploy");
    let sentence = site.is_repaired("LF-4", &format!("sudo {ON}"));
    assert!(sentence.contains("polkit.service is masked"), "{sentence}");
    host.sh("systemctl unmask polkit");

    host.sh("mkdir -p /etc/systemd/logind.conf.d && printf '[Login]\\nUserStopDelaySec=infinity\\n' >/etc/systemd/logind.conf.d/a.conf && systemctl restart systemd-logind");
    site.comes_by(WITH_PAM);
    finds_nothing(&site.project);
    site.as_ops("sudo loginctl disable-linger deploy");
    let sentence = site.is_repaired("LF-10", ON);
    assert!(sentence.contains("logind stops nothing at logout (UserStopDelaySec=infinity)"), "{sentence}");
    site.comes_by(WITHOUT_PAM);
    host.sh("rm /etc/systemd/logind.conf.d/a.conf && systemctl restart systemd-logind");
}

/// Who lingers is forgotten at each boot.
fn lingering_forgotten(site: &Site<'_>) {
    let folder = "/var/lib/systemd/linger";
    // At no time without the file: logind, which has just been started, may look at that very moment.
    site.host.sh(&format!(
        "mkdir /run/forgets && mount -t tmpfs tmpfs /run/forgets && touch /run/forgets/{USER} && mount --bind /run/forgets {folder}"
    ));
    let image = format!("put an empty file {folder}/{USER} into the image of the host");
    let found = finds(&site.project, &[("LF-16", &image)]);
    assert!(found[0].sentence.contains("which is on tmpfs; at boot nobody lingers any more"), "{found:#?}");
    site.host.sh(&format!("umount {folder} && umount /run/forgets"));
}

/// systemd is too old, has no managers for users, or is not there.
fn no_managers(site: &Site<'_>) {
    let (host, manager) = (site.host, &site.manager);
    let system = "set(\"service_unit_user\", \"system\")";
    let file = host.sh("systemctl show user@1.service -p FragmentPath --value");
    // As on Red Hat's 7.
    host.sh(&format!("systemctl stop {manager} && mv {file} {file}.away && systemctl daemon-reload"));
    let found = finds(&site.project, &[("LF-19", system)]);
    assert!(found[0].sentence.contains("has its managers for users switched off"), "{found:#?}");
    host.sh(&format!("mv {file}.away {file} && systemctl daemon-reload && systemctl start {manager}"));
    site.waits_for_worker();

    // The number is made up: no Debian that still runs is as old.
    let old = "#!/bin/sh\n[ \"$1\" != --version ] || { echo 'systemd 204'; exit; }\nexec systemctl \"$@\"\n";
    fs::write(host.path("/usr/local/bin/systemctl-204"), old).unwrap();
    host.sh("chmod 755 /usr/local/bin/systemctl-204");
    site.project.recipe(&recipe(USER, "set(\"systemctl_bin\", \"/usr/local/bin/systemctl-204\");\n"));
    let found = finds(&site.project, &[("LF-19", system)]);
    assert!(found[0].sentence.contains("systemd 204 has no managers for users"), "{found:#?}");
    site.project.recipe(&recipe(USER, ""));

    // A container: its first process is sshd, and what it sees of systemd are the programs.
    host.sh(&format!(
        "systemd-run --quiet --unit=bare unshare --mount --pid --fork --kill-child --mount-proc sh -c \
         'mount -t tmpfs tmpfs /run/systemd && exec /usr/sbin/sshd -D -f /etc/ssh/sshd_config_nopam -o Port={BARE} -o PidFile=none'"
    ));
    host.until(&format!("ss -Hltn sport = :{BARE} | wc -l | tr -d 0 | cut -c1 | sed 's/./up/'"), "up");
    site.comes_by(BARE);
    let elsewhere = "deploy to a host that systemd runs, or start the service by other means";
    let found = finds(&site.project, &[("LF-19", elsewhere)]);
    assert!(found[0].sentence.contains("systemd does not run the host: its process 1 is `sshd`"), "{found:#?}");
    host.sh("systemctl stop bare");
    site.comes_by(WITHOUT_PAM);
    finds_nothing(&site.project);
}

#[test]
fn what_is_wrong_with_a_host_is_found_on_the_other_releases_too() {
    let suites = [Suite::Bullseye, Suite::Trixie];
    let Some(lab) = Lab::start("checks: whole hosts", &suites) else { return };
    scope(|scope| {
        for (host, suite) in lab.hosts().iter().zip(suites) {
            let lab = &lab;
            scope.spawn(move || {
                let site = Site::new(lab, host);
                finds_nothing(&site.project);
                manager_down(&site, suite == Suite::Trixie);
                lingering_off(&site);
                lingering_forgotten(&site);
                no_managers(&site);
            });
        }
    });
}
