//! The hosts of the lab are what they are taken for: they boot with systemd, keep what they have across a boot, and two
//! kinds of login differ as they do elsewhere.

use std::fs;

use crate::support::host::{WITH_PAM, WITHOUT_PAM};
use crate::support::lab::{Lab, Suite};
use crate::support::scene::Scene;

#[test]
fn hosts_boot_the_systemd_of_their_suite_without_a_failed_unit() {
    let suites = [Suite::Bullseye, Suite::Bookworm, Suite::Trixie];
    let Some(lab) = Lab::start("lab: every suite", &suites) else { return };
    fs::write(lab.shared_folder().join("note"), "seen").unwrap();
    let note = format!("cat {}/note", lab.shared_folder().display());
    for (host, version) in lab.hosts().iter().zip(["247", "252", "257"]) {
        for _ in 0..2 {
            assert_eq!(host.sh("cat /proc/1/comm"), "systemd");
            assert!(host.sh("systemctl --version").starts_with(&format!("systemd {version} ")), "{version}");
            assert_eq!(host.sh("systemctl --failed --plain --no-legend"), "");
            assert_eq!(host.sh("systemctl is-system-running"), "running", "{version}");
            assert_eq!(host.sh("uname -n"), host.name());
            let session = host.ssh("deploy", WITH_PAM, "echo $XDG_RUNTIME_DIR");
            assert_eq!(String::from_utf8_lossy(&session.stdout), format!("/run/user/{}\n", host.sh("id -u deploy")));
            let bare = host.ssh("deploy", WITHOUT_PAM, "echo ${XDG_RUNTIME_DIR-none}");
            assert_eq!(String::from_utf8_lossy(&bare.stdout), "none\n", "{}", String::from_utf8_lossy(&bare.stderr));
            let shared = host.ssh("deploy", WITH_PAM, &note);
            assert_eq!(String::from_utf8_lossy(&shared.stdout), "seen", "{}", String::from_utf8_lossy(&shared.stderr));
            let written = host.root(&["touch", &format!("{}/more", lab.shared_folder().display())]);
            assert!(!written.status.success(), "hosts write to no folder of this machine");
            host.reboot();
        }
    }
}

#[test]
fn windlass_logs_in_with_strict_checking_of_host_keys() {
    let Some(lab) = Lab::shared("lab: windlass") else { return };
    let host = lab.host();
    let stage = host.declared("deploy", WITH_PAM) + &host.declared("ops", WITHOUT_PAM).replace(host.name(), "again");
    let scene = Scene::new()
        .file("config/deploy.rhai", "task(\"who\", || on(roles(\"app\"), |host| info(capture(\"id\", \"-un\"))));\n")
        .stage("production", &stage)
        .through(lab.through());
    let mut who = scene.said(["production", "who"]);
    who.sort();
    assert_eq!(who, ["deploy", "ops"]);
    // The other way round, so that the first half is no matter of a check that is switched off.
    let other = stage.replace("known_hosts\",", "shared/known_hosts\",");
    let scene = scene.stage("production", &other);
    scene.run(["production", "who"]).fails(3);
}

#[test]
fn what_a_host_has_stays_across_a_shutdown_and_a_power_cut() {
    let Some(lab) = Lab::start("lab: boots", &[Suite::Bookworm]) else { return };
    let host = lab.host();
    host.sh_as("deploy", "echo one >kept && ln -s kept link && chmod 600 kept");
    let id = |what: &str| host.sh(&format!("cat /etc/machine-id {what}"));
    let key = id("/etc/ssh/ssh_host_ed25519_key.pub");
    let since = || host.sh("systemctl show -p UserspaceTimestampMonotonic --value");
    let mut last = since();
    for boot in [crate::support::host::Host::reboot, crate::support::host::Host::power_cut] {
        boot(host);
        assert_ne!(since(), last, "it has booted");
        last = since();
        assert_eq!(id("/etc/ssh/ssh_host_ed25519_key.pub"), key);
        assert_eq!(host.sh_as("deploy", "cat link && stat -c %a,%U kept"), "one\n600,deploy");
        assert_eq!(fs::read_to_string(host.path("/home/deploy/kept")).unwrap(), "one\n");
        assert!(host.ssh("deploy", WITH_PAM, "true").status.success(), "its key is still the one that is known");
    }
    // In order means that units are told to stop; a power cut tells nobody.
    let unit = "[Service]\nExecStart=/bin/sleep infinity\nExecStop=/bin/touch /var/lib/told\n\
                [Install]\nWantedBy=multi-user.target\n";
    fs::write(host.path("/etc/systemd/system/told.service"), unit).unwrap();
    host.sh("systemctl daemon-reload && systemctl enable --now told");
    host.power_cut();
    assert_eq!(host.sh("systemctl is-active told; ls /var/lib | grep -cx told || true"), "active\n0");
    host.reboot();
    assert_eq!(host.sh("systemctl is-active told; ls /var/lib | grep -cx told"), "active\n1");
}
