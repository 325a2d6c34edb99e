//! What the text of a unit may say.
//!
//! systemd leaves a line out that it does not understand, says so in a journal nobody reads, and starts the service without
//! it: `Restart=allways` is a service that stays down. So what can be judged without a host is judged before anything is
//! written. It knows few settings, and lets the others pass.

use crate::error::Error;
use crate::model::suggest::did_you_mean;

/// Settings that take one of these words.
const CHOICES: &[(&str, &[&str])] = &[
    ("Type", &["simple", "exec", "forking", "oneshot", "dbus", "notify", "notify-reload", "idle"]),
    ("Restart", &["no", "always", "on-success", "on-failure", "on-abnormal", "on-abort", "on-watchdog"]),
    ("KillMode", &["control-group", "mixed", "process", "none"]),
    ("NotifyAccess", &["none", "main", "exec", "all"]),
];

/// Settings that take a span of time.
const TIMES: &[&str] = &[
    "RestartSec",
    "TimeoutSec",
    "TimeoutStartSec",
    "TimeoutStopSec",
    "WatchdogSec",
    "StartLimitIntervalSec",
    "RuntimeMaxSec",
];

/// Settings that take a signal.
const SIGNALS_OF: &[&str] = &["KillSignal", "RestartKillSignal", "FinalKillSignal", "WatchdogSignal"];

/// Settings that take a path from `/` on; `-` may stand before it.
const PATHS: &[&str] = &["EnvironmentFile", "WorkingDirectory", "RootDirectory"];

/// Signals by name (signal(7)).
const SIGNALS: &[&str] = &[
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
    "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
    "PWR", "SYS",
];

/// Units of time (systemd.time(7)).
const SPANS: &[&str] = &[
    "", "usec", "us", "msec", "ms", "seconds", "second", "sec", "s", "minutes", "minute", "min", "m", "hours", "hour",
    "hr", "h", "days", "day", "d", "weeks", "week", "w",
];

/// Refuses a text with a line that systemd would leave out.
///
/// # Errors
/// The first of them.
pub fn check(text: &str) -> Result<(), Error> {
    let mut has_section = false;
    let mut goes_on = false;
    for line in text.lines() {
        let was_begun = std::mem::replace(&mut goes_on, line.ends_with('\\'));
        let line = line.trim();
        if was_begun || line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with('[') && line.ends_with(']') {
            has_section = true;
            continue;
        }
        let Some((name, value)) = line.split_once('=').filter(|(name, _)| is_name(name.trim_end())) else {
            return Err(left_out(line, "it is no `Name=value`"));
        };
        if !has_section {
            return Err(left_out(line, "it stands before the first `[Section]`"));
        }
        // An empty value takes back what stood before, and one with `%` or of several lines only systemd can read.
        let (name, value) = (name.trim_end(), value.trim());
        if !value.is_empty() && !value.contains('%') && !goes_on {
            setting(line, name, value)?;
        }
    }
    Ok(())
}

fn setting(line: &str, name: &str, value: &str) -> Result<(), Error> {
    if let Some((_, words)) = CHOICES.iter().find(|(known, _)| *known == name) {
        if !words.contains(&value) {
            let error = left_out(line, &format!("`{name}=` is one of {}", words.join(", ")));
            return Err(error.maybe_help(did_you_mean(value, words.iter().copied())));
        }
    } else if TIMES.contains(&name) && !is_span(value) {
        return Err(left_out(line, "it takes a time, such as `30` or `5min`"));
    } else if SIGNALS_OF.contains(&name) && !is_signal(value) {
        return Err(left_out(line, "it takes a signal, such as `SIGTERM`"));
    } else if PATHS.contains(&name) && !value.trim_start_matches('-').starts_with(['/', '~']) {
        return Err(left_out(line, "its path has to begin with `/`"));
    } else if name.starts_with("Exec") {
        let program =
            value.trim_start_matches(['@', '-', ':', '+', '!', '|']).split_whitespace().next().unwrap_or_default();
        if program.contains('/') && !program.trim_start_matches('"').starts_with('/') {
            return Err(left_out(line, "the path of its program has to begin with `/`"));
        }
    }
    Ok(())
}

fn left_out(line: &str, why: &str) -> Error {
    Error::recipe(format!("a unit cannot have the line `{line}`: {why}"))
        .note("systemd leaves such a line out, and starts the service without it")
        .help("it comes from a setting of the service or from its template; the task `render` shows the whole text")
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_signal(value: &str) -> bool {
    let name = value.strip_prefix("SIG").unwrap_or(value);
    SIGNALS.contains(&name) || name.starts_with("RTMIN") || name.starts_with("RTMAX") || name.parse::<u8>().is_ok()
}

/// `30`, `1.5`, `5min`, `1min 30s`, `infinity`.
fn is_span(value: &str) -> bool {
    let mut rest = value;
    let mut has_any = value == "infinity";
    while !has_any || !rest.is_empty() && rest != "infinity" {
        let number = rest.trim_start();
        let unit = number.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let after = unit.trim_start().trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let span = unit.trim_start();
        let span = &span[..span.len() - after.len()];
        if number.len() == unit.len() || !SPANS.contains(&span) {
            return false;
        }
        (rest, has_any) = (after.trim_start(), true);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(line: &str) -> Option<String> {
        check(&format!("[Service]\n{line}\n")).err().map(|error| error.to_string())
    }

    #[test]
    fn lines_systemd_would_leave_out() {
        for (line, why) in [
            ("MemoryMax 2G", "it is no `Name=value`"),
            ("Restart=sometimes", "`Restart=` is one of no, always, "),
            ("Type=notfy", "`Type=` is one of simple, exec, "),
            ("KillSignal=SIGSIGTERM", "it takes a signal"),
            ("TimeoutStopSec=abc", "it takes a time"),
            ("WatchdogSec=-3", "it takes a time"),
            ("RestartSec=5 minuets", "it takes a time"),
            ("EnvironmentFile=.env", "its path has to begin with `/`"),
            ("ExecReload=bin/reload", "the path of its program has to begin with `/`"),
            ("ExecStart=-./run", "the path of its program has to begin with `/`"),
        ] {
            let said = refused(line).unwrap_or_else(|| panic!("{line} passes"));
            assert!(said.starts_with(&format!("a unit cannot have the line `{line}`: {why}")), "{said}");
        }
        assert!(check("Type=simple\n[Service]\n").unwrap_err().to_string().contains("before the first `[Section]`"));
        assert_eq!(check("[Service]\nType=notfy\n").unwrap_err().parts().help[1], "did you mean `notify`?");
    }

    #[test]
    fn lines_systemd_takes() {
        for line in [
            "Restart=on-failure",
            "Restart=",
            "# Restart=sometimes",
            "; so",
            "KillSignal=SIGRTMIN+3",
            "KillSignal=15",
            "KillSignal=INT",
            "TimeoutStopSec=1min 30s",
            "RestartSec=1.5",
            "RestartSec=500ms",
            "TimeoutSec=infinity",
            "WorkingDirectory=-/srv/my app/current",
            "WorkingDirectory=~",
            "EnvironmentFile=-/srv/.env",
            "ExecStart=/bin/sh -c 'a/b'",
            "ExecStart=@/bin/sh sh",
            "ExecReload=kill -HUP $MAINPID",
            "ExecStart=%h/bin/run",
            "ExecStart=/bin/sh \\\n  -c 'no setting at all'",
            "Environment=\"A=b c\"",
            "X-Anything=goes",
            "MemoryMax = 2G",
        ] {
            assert_eq!(refused(line), None, "{line}");
        }
    }
}
