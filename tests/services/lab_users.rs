//! The users of a host may do what their names say.

use std::process::Output;

use crate::support::host::{WITH_PAM, WITHOUT_PAM};
use crate::support::lab::Lab;

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn who_may_log_in() {
    let Some(lab) = Lab::shared("lab: logins") else { return };
    let host = lab.host();
    for port in [WITH_PAM, WITHOUT_PAM] {
        for user in ["deploy", "ops", "narrow", "root"] {
            let said = host.ssh(user, port, "id -un && pwd");
            let home = host.sh(&format!("getent passwd {user} | cut -d: -f6"));
            assert_eq!(text(&said), format!("{user}\n{home}\n"), "port {port}");
        }
        let closed = host.ssh("closed", port, "ls -a ~ || pwd");
        assert_eq!(String::from_utf8_lossy(&closed.stdout), "/\n", "it gets in and not home: {}", text(&closed));
        let service = host.ssh("sidekiq", port, "true");
        assert!(!service.status.success() && text(&service).contains("not available"), "{}", text(&service));
        let expired = host.ssh("expired", port, "true");
        assert_eq!(expired.status.code(), Some(255), "{}", text(&expired));
    }
    let said = host.ssh("expired", WITH_PAM, "true");
    assert!(text(&said).contains("Your account has expired"), "the key alone would do: {}", text(&said));
}

#[test]
fn who_may_become_root() {
    let Some(lab) = Lab::shared("lab: sudo") else { return };
    let host = lab.host();
    let may = |user: &str, line: &str| host.ssh(user, WITH_PAM, &format!("sudo -n {line}"));
    assert_eq!(text(&may("ops", "id -un")), "root\n");
    assert_eq!(text(&may("ops", "-u sidekiq id -un")), "sidekiq\n");
    for user in ["deploy", "narrow"] {
        assert!(!may(user, "id -un").status.success(), "{user}");
        assert!(!may(user, "loginctl enable-linger deploy").status.success(), "{user}");
    }
    assert!(!may("deploy", "loginctl enable-linger sidekiq").status.success());
    let narrow = may("narrow", "loginctl enable-linger sidekiq");
    assert!(narrow.status.success(), "{}", text(&narrow));
    assert_eq!(host.sh("ls /var/lib/systemd/linger | grep -x sidekiq"), "sidekiq");
    host.sh("loginctl disable-linger sidekiq");
}

#[test]
fn a_user_of_its_own_for_a_test_has_an_empty_home_and_no_rights() {
    let Some(lab) = Lab::shared("lab: a new user") else { return };
    let host = lab.host();
    std::thread::scope(|scope| {
        for name in ["new1", "new2", "new3"] {
            scope.spawn(move || host.add_user(name));
        }
    });
    for name in ["new1", "new2", "new3"] {
        let said = host.ssh(name, WITH_PAM, "id -un; pwd; ls -A; test -w . && sudo -n true 2>&1");
        assert_eq!(text(&said), format!("{name}\n/home/{name}\nsudo: a password is required\n"));
        assert_eq!(host.sh_as(name, "id -un; pwd; echo $XDG_RUNTIME_DIR").lines().count(), 3);
    }
}
