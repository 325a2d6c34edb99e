//! `linger:check` where lingering is off, or is somebody else's: LF-2, LF-4, LF-10 and LF-13.

use std::thread::scope;

use crate::services::findings::{deployed, finds, finds_nothing, follow, is_repaired, recipe, unit, wait_for_worker};
use crate::services::project::Project;
use crate::support::host::{Host, WITH_PAM, WITHOUT_PAM};
use crate::support::lab::Lab;

/// Turns lingering off; the manager and the worker end with it unless the user is logged in.
fn put_out(host: &Host, user: &str) {
    host.sh(&format!("loginctl disable-linger {user}"));
}

#[test]
fn lingering_that_is_off_is_found_whoever_hides_it() {
    let Some(lab) = Lab::shared("checks: lingering that is off") else { return };
    let (host, user) = (lab.host(), "eclipsed");
    let project = deployed(lab, host, user, WITHOUT_PAM);
    somebody_else_lingers(&project, host, user);
    it_is_refused(&project, host, user);
    another_login_hides_it(&project, host, user);
}

fn somebody_else_lingers(project: &Project<'_>, host: &Host, user: &str) {
    let other = "eclipser";
    host.add_user(other);
    host.sh(&format!("loginctl enable-linger {other}"));
    let lines = format!("set(\"worker_user\", \"{user}\");\nset(\"lingering_user\", \"{other}\");\n");
    project.recipe(&recipe(user, &lines));
    finds_nothing(project);
    put_out(host, user);
    finds(project, &[("LF-2", "loginctl enable-linger eclipsed")]);
    follow(host, user, "loginctl enable-linger eclipsed");
    wait_for_worker(host, user, &unit(user));
    project.recipe(&recipe(user, ""));
}

fn it_is_refused(project: &Project<'_>, host: &Host, user: &str) {
    let rule = format!(
        "polkit.addRule(function(action, subject) {{ if (action.id == \"org.freedesktop.login1.set-self-linger\" && \
         subject.user == \"{user}\") return polkit.Result.NO; }});"
    );
    host.sh(&format!("echo '{rule}' >/etc/polkit-1/rules.d/10-{user}.rules"));
    // polkit sees a new rule when it gets to it.
    let asks = "pkcheck --action-id org.freedesktop.login1.set-self-linger --process $$ >/dev/null 2>&1; echo $?";
    host.until(&format!("setpriv --reuid={user} --regid={user} --init-groups sh -c '{asks}'"), "1");
    // As long as one lingers, nobody needs to know that one could not turn it on.
    finds_nothing(project);
    put_out(host, user);
    let found = finds(project, &[("LF-4", "sudo loginctl enable-linger eclipsed")]);
    assert!(found[0].sentence.contains("windlass may not switch it on: logind denies it"), "{found:#?}");
    follow(host, user, &found[0].repair);
    wait_for_worker(host, user, &unit(user));
    host.sh(&format!("rm /etc/polkit-1/rules.d/10-{user}.rules"));
    host.until(&format!("setpriv --reuid={user} --regid={user} --init-groups sh -c '{asks}'"), "0");
}

fn another_login_hides_it(project: &Project<'_>, host: &Host, user: &str) {
    scope(|scope| {
        let line = "for i in $(seq 600); do [ ! -e enough ] || exit 0; sleep 0.1; done; exit 1";
        let login = scope.spawn(|| host.ssh(user, WITH_PAM, line));
        host.until(&format!("loginctl show-user {user} -p State --value"), "active");
        finds_nothing(project);

        put_out(host, user);
        let found = finds(project, &[("LF-10", "loginctl enable-linger eclipsed")]);
        assert!(found[0].sentence.contains("hides it for now; after the last logout systemd stops"), "{found:#?}");

        // Nothing runs that could stop, and nothing would start at boot.
        host.sh_as(user, &format!("systemctl --user stop {}", unit(user)));
        finds(project, &[("LF-13", "loginctl enable-linger eclipsed")]);
        follow(host, user, "loginctl enable-linger eclipsed");
        is_repaired(project, host, user, "LF-9", &format!("systemctl --user start {}", unit(user)));
        host.sh_as(user, "touch enough");
        assert!(login.join().unwrap().status.success());
    });
}
