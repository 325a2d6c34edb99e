//! Workers on a host: the fault that lingering is there for, a worker that misbehaves when told to, and the real Sidekiq.

use std::fs;

use crate::support::host::{Host, WITH_PAM};
use crate::support::lab::{Lab, Suite};

/// Installs a user unit that runs the stand-in, with these lines in its section.
fn install(host: &Host, user: &str, lines: &str) {
    let unit = format!(
        "[Service]\nType=notify\nExecStart=/usr/local/bin/fake-sidekiq -e production\n{lines}\n\
         [Install]\nWantedBy=default.target\n"
    );
    host.sh_as(user, "mkdir -p .config/systemd/user");
    fs::write(host.path(&format!("/home/{user}/.config/systemd/user/worker.service")), unit).unwrap();
}

/// What the stand-in of a user wrote to its log, without times and numbers.
fn log(host: &Host, user: &str) -> Vec<String> {
    let text = fs::read_to_string(host.path(&format!("/home/{user}/fake-sidekiq.log"))).unwrap_or_default();
    text.lines().map(|line| line.splitn(3, ' ').nth(2).unwrap_or_default().to_owned()).collect()
}

fn systemctl(host: &Host, user: &str, words: &str) -> String {
    host.sh_as(user, &format!("systemctl --user {words}"))
}

#[test]
fn a_user_service_dies_after_the_last_logout_unless_its_user_lingers() {
    let Some(lab) = Lab::shared("lab: lingering") else { return };
    let host = lab.host();
    let start = "systemctl --user daemon-reload && systemctl --user start worker && systemctl --user is-active worker";
    for user in ["brief", "lasting"] {
        host.add_user(user);
        install(host, user, "");
    }
    host.sh("loginctl enable-linger lasting");
    for user in ["lasting", "brief"] {
        let said = host.ssh(user, WITH_PAM, start);
        assert_eq!(String::from_utf8_lossy(&said.stdout), "active\n", "{}", String::from_utf8_lossy(&said.stderr));
    }
    let pid = systemctl(host, "lasting", "show worker -p MainPID --value");
    // No session is left, and only the one that lingers keeps its manager.
    host.until("systemctl is-active user@$(id -u brief)", "inactive");
    assert_eq!(log(host, "brief").last().unwrap(), "ended", "it was told to end");
    assert!(!host.sh("ps -eo user:20,args").contains("brief"), "nothing of it runs");
    assert_eq!(systemctl(host, "lasting", "show worker -p MainPID --value"), pid);
    assert_eq!(log(host, "lasting"), ["start /home/lasting -e production", "ready"]);
}

#[test]
fn an_enabled_service_of_a_lingering_user_is_back_after_a_boot() {
    let Some(lab) = Lab::start("lab: services at boot", &[Suite::Bookworm]) else { return };
    let host = lab.host();
    for user in ["lingers", "waits"] {
        host.add_user(user);
        install(host, user, "");
        host.sh(&format!("loginctl enable-linger {user}"));
        host.until(&format!("systemctl is-active user@$(id -u {user})"), "active");
        systemctl(host, user, "enable --now worker");
    }
    host.sh("loginctl disable-linger waits");
    for boot in [Host::reboot, Host::power_cut] {
        boot(host);
        host.until("systemctl is-active user@$(id -u lingers)", "active");
        assert_eq!(systemctl(host, "lingers", "is-active worker"), "active");
        assert_eq!(host.sh("loginctl list-sessions --no-legend"), "", "nobody has logged in");
        assert_eq!(host.sh("systemctl is-active user@$(id -u waits) || true"), "inactive");
    }
    let ended = log(host, "lingers").iter().filter(|line| *line == "ended").count();
    assert_eq!(ended, 1, "told to end by the shutdown, and not by the power cut: {:?}", log(host, "lingers"));
}

#[test]
fn the_stand_in_behaves_as_a_sidekiq_that_was_told_to() {
    let Some(lab) = Lab::shared("lab: a worker") else { return };
    let (host, user) = (lab.host(), "acts");
    host.add_user(user);
    install(host, user, "TimeoutStartSec=2\nWorkingDirectory=%h/current\n");
    host.sh_as(user, "mkdir -p releases/20260101000000 && ln -s releases/20260101000000 current");
    host.sh(&format!("loginctl enable-linger {user}"));
    host.until(&format!("systemctl is-active user@$(id -u {user})"), "active");
    let told = |lines: &str| fs::write(host.path(&format!("/home/{user}/fake-sidekiq.conf")), lines).unwrap();
    let show = |what: &str| systemctl(host, user, &format!("show worker -p {what} --value"));
    let title = || host.sh(&format!("tr '\\0' ' ' </proc/{}/cmdline", show("MainPID")));

    told("FAKE_SIDEKIQ_BUSY=1\n");
    systemctl(host, user, "start worker");
    host.until(&format!("cat /proc/{}/cmdline | tr -d '\\0'", show("MainPID")), "sidekiq 6.4.1 acts [2 of 5 busy]");
    systemctl(host, user, "kill -s TSTP --kill-who=main worker");
    host.until(&format!("tail -n 1 /home/{user}/fake-sidekiq.log | cut -d' ' -f3"), "quiet");
    assert!(title().ends_with(" stopping"), "{}", title());
    assert_eq!(show("ActiveState"), "active");
    systemctl(host, user, "stop worker");
    let place = "start /home/acts/releases/20260101000000 -e production";
    assert_eq!(log(host, user), [place, "ready", "quiet", "term", "ended"]);

    let fails = |lines: &str| {
        told(lines);
        let started = host.as_user(user, &["systemctl", "--user", "start", "worker"]);
        assert!(!started.status.success(), "{lines}");
        format!("{} {}", show("Result"), show("ExecMainStatus"))
    };
    assert_eq!(fails("FAKE_SIDEKIQ_EXIT=78\n"), "exit-code 78");
    assert_eq!(fails("FAKE_SIDEKIQ_READY=never\n"), "timeout 0");

    told("FAKE_SIDEKIQ_BUSY=1000\nFAKE_SIDEKIQ_IGNORE=TERM\n");
    systemctl(host, user, "reset-failed worker");
    systemctl(host, user, "start worker");
    systemctl(host, user, "kill -s TERM worker");
    host.until(&format!("tail -n 1 /home/{user}/fake-sidekiq.log | cut -d' ' -f3-"), "ignored TERM");
    assert_eq!(show("ActiveState"), "active");
    systemctl(host, user, "kill -s KILL worker");
}

#[test]
fn the_real_sidekiq_takes_a_job_from_the_real_redis() {
    let Some(lab) = Lab::shared("lab: Sidekiq") else { return };
    let (host, user) = (lab.host(), "works");
    host.add_user(user);
    assert_eq!(host.sh("systemctl is-enabled redis-server || true"), "disabled");
    host.sh("systemctl start redis-server");
    let job = "require 'sidekiq'\nclass Note\n  include Sidekiq::Worker\n  \
               def perform(text) = File.write(File.expand_path('~/note'), text)\nend\n";
    host.sh_as(user, "mkdir -p .config/systemd/user");
    fs::write(host.path(&format!("/home/{user}/jobs.rb")), job).unwrap();
    let unit =
        "[Service]\nType=notify\nWorkingDirectory=%h\nExecStart=/usr/bin/sidekiq -e production -r ./jobs.rb -q works\n";
    fs::write(host.path(&format!("/home/{user}/.config/systemd/user/real.service")), unit).unwrap();
    host.sh(&format!("loginctl enable-linger {user}"));
    host.until(&format!("systemctl is-active user@$(id -u {user})"), "active");
    systemctl(host, user, "start real");
    let pid = systemctl(host, user, "show real -p MainPID --value");
    host.until(&format!("tr '\\0' '\\n' </proc/{pid}/cmdline | head -n 1"), "sidekiq 6.4.1  [0 of 10 busy]");
    host.sh_as(user, "ruby -r ./jobs.rb -e 'Note.set(queue: :works).perform_async(\"done\")'");
    host.until(&format!("cat /home/{user}/note"), "done");
    systemctl(host, user, "kill -s TSTP --kill-who=main real");
    let stopping = "sidekiq 6.4.1  [0 of 10 busy] stopping";
    host.until(&format!("tr '\\0' '\\n' </proc/{pid}/cmdline | head -n 1"), stopping);
    systemctl(host, user, "stop real");
    assert_eq!(systemctl(host, user, "show real -p Result --value"), "success");
}
