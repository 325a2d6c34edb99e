//! What a host is told to do with a unit: one text for `sh` per operation.
//!
//! Each is one round trip whatever it finds: what is needed to say why something failed, properties of the unit and the
//! end of its log, is printed in the same trip, behind [`REPORT`], for [`super::unit_report`].

use crate::model::quote::quote;
use crate::systemd::manager::Manager;
use crate::systemd::unit_name::UnitName;

/// The line before the properties of the unit.
pub const REPORT: &str = "--windlass-unit";
/// The line before the end of its log.
pub const JOURNAL: &str = "--windlass-journal";

/// Printed where there was nothing to do because the host does not know the unit.
pub const MISSING: &str = "windlass: missing";
/// Printed where everything was as it should be.
pub const UNCHANGED: &str = "windlass: unchanged";

/// Status of [`enable`] where the unit is enabled under nothing that the manager starts.
pub const NEVER_STARTED: i32 = 66;

const FUNCTIONS: &str = r#"report() {
printf '%s\n' --windlass-unit
look show "$unit" -p Id -p LoadState -p LoadError -p ActiveState -p SubState -p Result -p ExecMainStatus -p ExecMainCode -p MainPID -p NRestarts -p WantedBy -p FragmentPath -p UnitFileState -p NeedDaemonReload -p ActiveEnterTimestamp -p Type -p StatusText 2>&1
printf '%s\n' --windlass-journal
journal -u "$unit" -n 20 --no-pager -o cat 2>&1
}
known() {
states=$(look show "$unit" -p LoadState -p ActiveState) || exit 1
case $states in *LoadState=not-found*) case $states in *ActiveState=active*) ;; *) return 1 ;; esac ;; esac
}
failed() {
report
files 10
exit "$1"
}
files() {
look cat "$unit" 2>/dev/null | sed -n 's/^Standard[A-Z][a-z]*=append://p' | sort -u | while read -r f; do
printf '%s\n' "$f:"; as tail -n "$1" "$f" 2>/dev/null || root tail -n "$1" "$f" 2>/dev/null
done
}
"#;

/// What `systemctl` is told of a unit, where it is no more than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Starts it, unless it runs.
    Start,
    /// Stops and starts it.
    Restart,
    /// Tells it to read its configuration again.
    Reload,
    /// Stops it; nothing where the host does not know it.
    Stop,
    /// Takes it from what is started at boot or login; nothing where the host does not know it.
    Disable,
}

impl Verb {
    /// The word of `systemctl`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Restart => "restart",
            Self::Reload => "reload",
            Self::Stop => "stop",
            Self::Disable => "disable",
        }
    }
}

/// A script about a unit, with the functions that all of them have.
pub(super) fn script(manager: &Manager, unit: &UnitName, body: &str) -> String {
    manager.script(&format!("unit={}\n{FUNCTIONS}{body}", quote(unit.as_str())))
}

/// The script that does what a verb says.
///
/// A unit that has given up, because it failed too often, is forgiven before it is started: what made it fail has just
/// been deployed anew. And what is started is what is on disk: whoever wrote the unit may not have come to tell systemd, such
/// as a deploy that was killed in between.
#[must_use]
pub fn verb(manager: &Manager, verb: Verb, unit: &UnitName) -> String {
    let word = verb.word();
    let act = format!("ctl {word} \"$unit\" || failed $?");
    script(
        manager,
        unit,
        &match verb {
            Verb::Start | Verb::Restart => {
                format!(
                    "[ \"$(look is-active \"$unit\" 2>/dev/null)\" != failed ] || ctl reset-failed \"$unit\" 2>/dev/null\n\
                     [ \"$(look show \"$unit\" -p NeedDaemonReload 2>/dev/null)\" != NeedDaemonReload=yes ] || ctl daemon-reload\n{act}"
                )
            }
            Verb::Reload => act,
            Verb::Stop | Verb::Disable => format!("known || {{ printf '%s\\n' '{MISSING}'; exit 0; }}\n{act}"),
        },
    )
}

/// The script that has a unit started at boot, or when the user's manager starts.
///
/// `enable` also succeeds where the unit is wanted by a target the manager does not have, as `multi-user.target` in a
/// user's; only `WantedBy` then tells.
#[must_use]
pub fn enable(manager: &Manager, unit: &UnitName) -> String {
    script(
        manager,
        unit,
        &format!(
            r#"wanted() {{ [ "$(look show "$unit" -p WantedBy)" != WantedBy= ] || [ "$(look show "$unit" -p RequiredBy)" != RequiredBy= ]; }}
if [ "$(look is-enabled "$unit" 2>/dev/null)" = enabled ] && wanted; then printf '%s\n' '{UNCHANGED}'; exit 0; fi
ctl enable "$unit" || failed $?
wanted || failed {NEVER_STARTED}"#
        ),
    )
}

/// The script that reads properties of a unit: these, or those windlass itself looks at.
#[must_use]
pub fn show(manager: &Manager, unit: &UnitName, properties: &[String]) -> String {
    if properties.is_empty() {
        return script(manager, unit, "report");
    }
    let words: Vec<String> = properties.iter().map(|name| format!("-p {}", quote(name))).collect();
    script(manager, unit, &format!("printf '%s\\n' {REPORT}\nlook show \"$unit\" {}", words.join(" ")))
}

/// The script that prints the end of a unit's log: of its files, where it writes into some, and of the journal.
#[must_use]
pub fn logs(manager: &Manager, unit: &UnitName, lines: u64) -> String {
    script(manager, unit, &format!("files {lines}\njournal -u \"$unit\" -n {lines} --no-pager -o short-iso"))
}

/// The script that waits until a unit runs, and goes on running.
///
/// It has to be active within `seconds`, and then for `settle` seconds with the same main process. With `release` that
/// process has to work in the folder this leads to.
#[must_use]
pub fn wait_active(manager: &Manager, unit: &UnitName, seconds: u64, settle: u64, release: Option<&str>) -> String {
    let release = quote(release.unwrap_or_default()).into_owned();
    let tenths = seconds * 10;
    script(
        manager,
        unit,
        &format!(
            r#"release={release}
pid() {{ look show "$unit" -p MainPID | sed 's/^MainPID=//'; }}
n=0
while :; do
state=$(look is-active "$unit" 2>/dev/null)
case $state in active) break ;; failed) failed 1 ;; esac
n=$((n + 1)); [ "$n" -le {tenths} ] || failed 1
sleep 0.1 2>/dev/null || {{ sleep 1; n=$((n + 9)); }}
done
first=$(pid)
sleep {settle}
[ "$(look is-active "$unit" 2>/dev/null)" = active ] && [ "$(pid)" = "$first" ] || failed 1
printf '%s\n' "windlass: pid=$first"
if [ "$first" != 0 ]; then
printf '%s\n' "windlass: cwd=$(as readlink "/proc/$first/cwd" 2>/dev/null || root readlink "/proc/$first/cwd" 2>/dev/null)" "windlass: title=$(ps -o args= -p "$first" 2>/dev/null | head -n 1)"
fi
[ -z "$release" ] || printf '%s\n' "windlass: release=$(readlink -f "$release")"
report"#
        ),
    )
}

/// The script that has the manager read the units again.
#[must_use]
pub fn daemon_reload(manager: &Manager) -> String {
    manager.script("ctl daemon-reload")
}

/// The script that calls `systemctl` with these words.
#[must_use]
pub fn systemctl(manager: &Manager, words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| quote(word).into_owned()).collect();
    manager.script(&format!("ctl {}", words.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit() -> UnitName {
        UnitName::parse("app_worker").unwrap()
    }

    #[test]
    fn a_unit_that_gave_up_is_forgiven_before_it_is_started() {
        let restart = verb(&Manager::of_user(None).unwrap(), Verb::Restart, &unit());
        assert!(restart.contains("ctl reset-failed \"$unit\" 2>/dev/null\n"));
        assert!(restart.contains("\nunit=app_worker.service\n"));
    }

    #[test]
    fn what_is_started_is_what_is_on_disk() {
        let own = Manager::of_user(None).unwrap();
        for (word, verb_) in [("start", Verb::Start), ("restart", Verb::Restart)] {
            let script = verb(&own, verb_, &unit());
            assert!(script.ends_with(&format!("|| ctl daemon-reload\nctl {word} \"$unit\" || failed $?")), "{script}");
        }
        assert!(!verb(&own, Verb::Stop, &unit()).contains("daemon-reload"));
    }

    #[test]
    fn a_log_is_in_files_and_in_the_journal() {
        let script = logs(&Manager::of_system(), &unit(), 7);
        assert!(script.ends_with("\nfiles 7\njournal -u \"$unit\" -n 7 --no-pager -o short-iso"));
    }

    #[test]
    fn words_of_systemctl_are_quoted() {
        let script = systemctl(&Manager::of_system(), &["show".into(), "a b".into()]);
        assert!(script.ends_with("\nctl show 'a b'"));
    }
}
