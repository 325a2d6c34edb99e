//! How a unit is sent a signal, and what looks after one that has become quiet by it.
//!
//! A quiet process takes no more work, and nothing but a restart makes it take any. Whoever was to do that may be lost, so
//! the host itself does it then.

use crate::model::quote::quote;
use crate::systemd::manager::Manager;
use crate::systemd::mode::Mode;
use crate::systemd::unit_name::UnitName;
use crate::systemd::unit_script::{MISSING, script};

/// What stays behind where a process was made quiet for the time of a deploy: a unit that looks every 5 seconds whether the
/// lock of the deploy is still kept alive, and starts the service anew when it is not. It ends when somebody else has done
/// that, which gives the service another main process.
const GUARD: &str = r#"guard=${unit%.service}-guard
watch='while sleep 5; do
[ "$("$1" $2 show "$3" -p MainPID)" = "$4" ] || exit 0
now=$(date +%s) last=0
for f in "$5"/.windlass/lock.*; do t=$(stat -c %Y "$f" 2>/dev/null) && [ "$t" -gt "$last" ] && last=$t; done
[ $((now - last)) -gt "$6" ] && exec "$1" $2 restart "$3"
done'
ctl stop "$guard" 2>/dev/null
hire "$guard" --description="starts $unit anew should its deploy be lost" sh -c "$watch" sh "$(command -v "$systemctl")" "$user_flag" "$unit" "$pid" "$folder" "$ttl" >/dev/null ||
printf '%s\n' 'windlass: unguarded=yes'"#;

/// How long a quiet process waits for its deploy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leave {
    /// The folder of the deploy, which holds its lock.
    pub folder: String,
    /// Seconds after which a lock without a sign of life is nobody's.
    pub ttl: u64,
}

/// The script that sends a signal to the main process: not to all of the unit, because a child in a process group of its
/// own is frozen by TSTP. Nothing where none runs. With `leave` the host itself starts it anew should the deploy end
/// without having done so.
#[must_use]
pub fn kill(manager: &Manager, signal: &str, all: bool, leave: Option<&Leave>, unit: &UnitName) -> String {
    // `--kill-whom` came with 252, and the older word still holds.
    let whom = if all { "all" } else { "main" };
    // Before the signal: from then on there is always somebody who remembers.
    let guard = leave.map_or_else(String::new, |leave| {
        let hire = match manager.mode {
            Mode::User => {
                "user_flag=--user\nhire() { n=$1; shift; as env XDG_RUNTIME_DIR=\"/run/user/$uid\" systemd-run --user --collect --quiet --unit=\"$n\" \"$@\"; }"
            }
            Mode::System => {
                "user_flag=\nhire() { n=$1; shift; root systemd-run --collect --quiet --unit=\"$n\" \"$@\"; }"
            }
        };
        format!("folder={} ttl={}\n{hire}\n{GUARD}", quote(&leave.folder), leave.ttl)
    });
    script(
        manager,
        unit,
        &format!(
            "known || {{ printf '%s\\n' '{MISSING}'; exit 0; }}\n\
             pid=$(look show \"$unit\" -p MainPID)\n\
             [ \"$pid\" != MainPID=0 ] || {{ printf '%s\\n' '{MISSING}'; exit 0; }}\n\
             {guard}\n\
             ctl kill -s {} --kill-who={whom} \"$unit\" || failed $?",
            quote(signal)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit() -> UnitName {
        UnitName::parse("app_worker").unwrap()
    }

    #[test]
    fn only_the_main_process_is_signalled_unless_all_is_asked_for() {
        let own = Manager::of_user(None).unwrap();
        assert!(kill(&own, "TSTP", false, None, &unit()).contains("ctl kill -s TSTP --kill-who=main \"$unit\""));
        assert!(kill(&own, "HUP", true, None, &unit()).contains("ctl kill -s HUP --kill-who=all \"$unit\""));
    }

    #[test]
    fn somebody_looks_after_it_before_it_is_quiet() {
        let leave = Leave { folder: "/srv/a b".to_owned(), ttl: 60 };
        let script = kill(&Manager::of_system(), "TSTP", false, Some(&leave), &unit());
        let (guard, signal) = (script.find("hire \"$guard\"").unwrap(), script.find("ctl kill").unwrap());
        assert!(guard < signal && script.contains("\nfolder='/srv/a b' ttl=60\n"), "{script}");
    }
}
