//! Why a service did not come up.
//!
//! Owns what the statuses of systemd's own steps before the program mean (systemd.exec(5), "Process Exit Codes"), and its
//! results.

use crate::systemd::properties::Properties;

/// Steps that come before the program: status, its name in systemd, what went wrong.
const STEPS: &[(u64, &str, &str)] = &[
    (200, "CHDIR", "its WorkingDirectory cannot be entered, or is not there yet"),
    (203, "EXEC", "its program is not there, or may not be run"),
    (205, "LIMITS", "a limit could not be set"),
    (206, "OOM_ADJUST", "OOMScoreAdjust may not be set"),
    (208, "STDIN", "its standard input could not be opened"),
    (209, "STDOUT", "its log file could not be opened"),
    (216, "GROUP", "its groups could not be set: `User=` or `Group=` has no place in a unit of a user"),
    (217, "USER", "its user is not known on the host"),
    (218, "CAPABILITIES", "its capabilities could not be set"),
    (219, "CGROUP", "its control group could not be set up"),
    (222, "STDERR", "its file for errors could not be opened"),
    (224, "PAM", "PAM opened no session for it"),
    (226, "NAMESPACE", "its file systems could not be set apart (`ProtectSystem=`, `PrivateTmp=` and the like)"),
    (228, "SECCOMP", "its filter of system calls could not be set"),
    (238, "STATE_DIRECTORY", "its StateDirectory could not be made"),
    (240, "LOGS_DIRECTORY", "its LogsDirectory could not be made"),
];

/// Why, as a fragment.
#[must_use]
pub fn why(show: &Properties) -> String {
    let status = show.number("ExecMainStatus").unwrap_or(0);
    if let Some((_, name, what)) = STEPS.iter().find(|(number, _, _)| *number == status) {
        return format!("{what} ({status}/{name})");
    }
    match show.get("Result").unwrap_or("success") {
        "resources" => "a file of variables (`EnvironmentFile=`) or something else it needs is missing".to_owned(),
        "timeout" => "it did not say in time that it is ready, or did not stop in time".to_owned(),
        "watchdog" => "it gave no sign of life in time (`WatchdogSec=`)".to_owned(),
        "start-limit-hit" | "start-limit" => "it was started too often in too short a time".to_owned(),
        "oom-kill" => "the host ran out of memory".to_owned(),
        "protocol" => "it ended, or forked, without saying that it is ready (`Type=notify`)".to_owned(),
        "signal" | "core-dump" => format!("signal {status} ended it"),
        "exit-code" => format!("it ended with status {status}"),
        // While it is started anew the result has been cleared.
        "success" if status > 0 => format!("it ended with status {status}"),
        "success" => "it ended".to_owned(),
        other => format!("systemd calls it `{other}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_of_systemd_is_named() {
        let why = |text: &str| why(&Properties::parse(text));
        assert_eq!(
            why("Result=exit-code\nExecMainStatus=203"),
            "its program is not there, or may not be run (203/EXEC)"
        );
        assert_eq!(why("Result=exit-code\nExecMainStatus=1"), "it ended with status 1");
        assert_eq!(why("Result=signal\nExecMainStatus=9"), "signal 9 ended it");
        assert_eq!(why("Result=start-limit-hit\nExecMainStatus=0"), "it was started too often in too short a time");
        assert_eq!(why("Result=newly-invented"), "systemd calls it `newly-invented`");
        assert_eq!(why(""), "it ended");
    }
}
