//! What became of a unit: read from what a script of [`super::unit_script`] has printed, and why it failed.
//!
//! The statuses are those of systemd.exec(5), "Process Exit Codes".

use crate::systemd::properties::Properties;
use crate::systemd::unit_script::{JOURNAL, REPORT};

/// A unit as its manager sees it, and the end of its log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitReport {
    /// What `systemctl show` said.
    pub properties: Properties,
    /// The last lines of its log.
    pub journal: Vec<String>,
    /// What was printed before: words of `systemctl`, and answers of the script.
    pub before: Vec<String>,
}

impl UnitReport {
    /// Reads what was printed.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let lines = |text: &str| text.lines().map(str::to_owned).collect();
        let Some((before, rest)) = split_at_line(text, REPORT) else {
            return Self { before: lines(text), ..Self::default() };
        };
        let (shown, journal) = split_at_line(rest, JOURNAL).unwrap_or((rest, ""));
        Self { properties: Properties::parse(shown), journal: lines(journal), before: lines(before) }
    }

    /// An answer the script itself has printed, as `windlass: name=value`.
    #[must_use]
    pub fn answer(&self, name: &str) -> Option<&str> {
        let find =
            |line: &'_ String| line.strip_prefix("windlass: ")?.strip_prefix(name)?.strip_prefix('=').map(str::len);
        let line = self.before.iter().rev().find(|line| find(line).is_some())?;
        line.split_once('=').map(|(_, value)| value).filter(|value| !value.is_empty())
    }

    /// Why it does not run, in words; none where nothing tells.
    #[must_use]
    pub fn why(&self) -> Option<String> {
        let found = &self.properties;
        match found.get("LoadState") {
            Some("not-found") => return Some("its manager does not know it: it is not installed".to_owned()),
            Some("bad-setting") => return Some("its file has a line that systemd does not take".to_owned()),
            Some("masked") => return Some("it is masked".to_owned()),
            Some("error") => return Some("its file cannot be read".to_owned()),
            _ => {}
        }
        let restarts = found.number("NRestarts").unwrap_or(0);
        let status = found.number("ExecMainStatus").unwrap_or(0);
        let because = because(found.get("Result").unwrap_or("success"), status)?;
        let gave_up = if restarts > 0 && found.is("ActiveState", "failed") {
            format!(", and systemd gave up after {restarts} restarts")
        } else if restarts > 0 {
            format!(", and it was restarted {restarts} times")
        } else {
            String::new()
        };
        Some(format!("{because}{gave_up}"))
    }
}

/// The text before the first line that is exactly this, and the text behind it.
fn split_at_line<'a>(text: &'a str, line: &str) -> Option<(&'a str, &'a str)> {
    let mut start = 0;
    for whole in text.split_inclusive('\n') {
        if whole.trim_end_matches('\n') == line {
            return Some((&text[..start], &text[start + whole.len()..]));
        }
        start += whole.len();
    }
    None
}

/// What a result and the status of the main process mean.
fn because(result: &str, status: u64) -> Option<String> {
    let step = match status {
        200 => "its working directory is not there (200/CHDIR)",
        203 => "its program is not there or cannot be run (203/EXEC)",
        209 => "its log file cannot be written (209/STDOUT)",
        216 => "its group cannot be set (216/GROUP): a unit of a user must have no `User=`",
        217 => "its user is not there (217/USER)",
        226 => "its sandbox cannot be made (226/NAMESPACE)",
        _ => "",
    };
    if !step.is_empty() && (result == "exit-code" || result == "start-limit-hit") {
        return Some(step.to_owned());
    }
    Some(match result {
        "success" => return None,
        "exit-code" if status == 0 => {
            "a command before or after its start has failed (`ExecStartPre=`, `ExecStartPost=`)".to_owned()
        }
        "exit-code" => format!("its main process ended with status {status}"),
        "signal" | "core-dump" => format!("its main process was ended by signal {status}"),
        "timeout" => "it did not say in time that it is ready, or did not end in time".to_owned(),
        "watchdog" => "it did not give a sign of life in time, and its watchdog ended it".to_owned(),
        "resources" => "systemd could not prepare it: most likely an environment file is not there".to_owned(),
        "start-limit-hit" => "it failed too often, and systemd gave up".to_owned(),
        "protocol" => "it ended without saying that it was ready: is it a program of `Type=notify`?".to_owned(),
        "oom-kill" => "the kernel ended it because memory ran out".to_owned(),
        other => format!("systemd calls it `{other}`"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(properties: &str) -> Option<String> {
        UnitReport::parse(&format!("{REPORT}\n{properties}\n{JOURNAL}\n")).why()
    }

    #[test]
    fn what_was_printed_is_taken_apart() {
        let text = "Job for x failed.\nwindlass: pid=12\nwindlass: cwd=/a=b\n--windlass-unit\nId=x.service\nMainPID=0\n--windlass-journal\nline\n--windlass-unit\n";
        let report = UnitReport::parse(text);
        assert_eq!(report.answer("pid"), Some("12"));
        assert_eq!(report.answer("cwd"), Some("/a=b"));
        assert_eq!(report.answer("title"), None);
        assert_eq!(report.properties.get("Id"), Some("x.service"));
        assert_eq!(report.journal, ["line", REPORT], "what a service logs cannot pass for ours");
        assert_eq!(UnitReport::parse("only words\n").before, ["only words"]);
    }

    #[test]
    fn each_step_that_fails_has_its_words() {
        let exit = |status: u16| why(&format!("Result=exit-code\nExecMainStatus={status}")).unwrap();
        assert_eq!(exit(200), "its working directory is not there (200/CHDIR)");
        assert_eq!(exit(203), "its program is not there or cannot be run (203/EXEC)");
        assert_eq!(exit(209), "its log file cannot be written (209/STDOUT)");
        assert_eq!(exit(216), "its group cannot be set (216/GROUP): a unit of a user must have no `User=`");
        assert_eq!(exit(217), "its user is not there (217/USER)");
        assert_eq!(exit(1), "its main process ended with status 1");
        assert_eq!(exit(0), "a command before or after its start has failed (`ExecStartPre=`, `ExecStartPost=`)");
        assert_eq!(why("Result=success"), None);
        assert!(why("Result=timeout").unwrap().starts_with("it did not say in time"));
        assert!(why("Result=watchdog\nExecMainStatus=6").unwrap().contains("watchdog"));
        assert!(why("Result=resources").unwrap().contains("environment file"));
        assert!(why("LoadState=bad-setting\nResult=success").unwrap().contains("does not take"));
        assert!(why("LoadState=not-found").unwrap().contains("not installed"));
    }

    #[test]
    fn a_service_that_gave_up_says_how_often_it_tried() {
        assert_eq!(
            why("ActiveState=failed\nResult=exit-code\nExecMainStatus=1\nNRestarts=5").unwrap(),
            "its main process ended with status 1, and systemd gave up after 5 restarts"
        );
        assert_eq!(
            why("ActiveState=activating\nResult=exit-code\nExecMainStatus=1\nNRestarts=2").unwrap(),
            "its main process ended with status 1, and it was restarted 2 times"
        );
    }
}
