//! The failed command of an error: its line, how it ended, the last it printed.

use indexmap::IndexMap;

use crate::error::FailedCommand;
use crate::report::ended::ended;

/// How many lines of a failed command's output an error shows.
pub const TAIL: usize = 20;

/// Labels and texts for one command that failed alike on several hosts.
///
/// `runs` holds the host's name, as far as known, and its command. What the hosts printed may differ; then each text
/// names its hosts.
pub(super) fn facts(runs: &[(Option<&str>, &FailedCommand)]) -> Vec<(String, String)> {
    let Some((_, first)) = runs.first() else { return Vec::new() };
    let result = ended(first.status, first.signal.as_deref()).unwrap_or_else(|| "exit status 0".to_owned());
    let mut facts = vec![("command".to_owned(), first.line.clone()), ("result".to_owned(), result)];

    let mut printed: IndexMap<Option<(String, String)>, Vec<&str>> = IndexMap::new();
    for (host, command) in runs {
        printed.entry(last_lines(command)).or_default().extend(*host);
    }
    let alike = printed.len() == 1;
    for (text, hosts) in printed {
        let Some((label, text)) = text else { continue };
        let label = if alike || hosts.is_empty() { label } else { format!("{label} on {}", hosts.join(", ")) };
        facts.push((label, text));
    }
    facts
}

/// The last lines of standard error, or of standard output where standard error is empty, with a label.
fn last_lines(command: &FailedCommand) -> Option<(String, String)> {
    let (name, text) = [("stderr", &command.stderr), ("stdout", &command.stdout)]
        .into_iter()
        .find(|(_, text)| !text.trim().is_empty())?;
    let lines: Vec<&str> = text.trim_end().lines().skip_while(|line| line.trim().is_empty()).collect();
    let skipped = lines.len().saturating_sub(TAIL);
    let label = if skipped == 0 { name.to_owned() } else { format!("{name} (last {TAIL} of {} lines)", lines.len()) };
    Some((label, lines[skipped..].join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(stdout: &str, stderr: &str) -> FailedCommand {
        FailedCommand {
            line: "bin/x".into(),
            status: Some(7),
            stdout: stdout.into(),
            stderr: stderr.into(),
            ..FailedCommand::default()
        }
    }

    fn shown(facts: &[(String, String)]) -> Vec<String> {
        facts.iter().map(|(label, text)| format!("{label}: {text}")).collect()
    }

    #[test]
    fn stderr_comes_before_stdout() {
        assert_eq!(
            shown(&facts(&[(None, &failed("out", "\nerr\n\n"))])),
            ["command: bin/x", "result: exit status 7", "stderr: err"]
        );
        assert_eq!(shown(&facts(&[(None, &failed("out\n", " \n"))])).last().unwrap(), "stdout: out");
        assert_eq!(shown(&facts(&[(None, &failed("", ""))])), ["command: bin/x", "result: exit status 7"]);
    }

    #[test]
    fn long_output_keeps_its_last_lines() {
        let text = (1..=25).map(|n| format!("line {n}")).collect::<Vec<_>>().join("\n");
        let facts = facts(&[(None, &failed("", &text))]);
        assert_eq!(facts[2].0, "stderr (last 20 of 25 lines)");
        assert!(facts[2].1.starts_with("line 6\nline 7\n") && facts[2].1.ends_with("\nline 25"));
    }

    #[test]
    fn hosts_that_printed_the_same_share_a_text() {
        let (a, b) = (failed("", "one"), failed("", "two"));
        let together = facts(&[(Some("web1"), &a), (Some("web2"), &a)]);
        assert_eq!(shown(&together[2..]), ["stderr: one"]);
        let apart = facts(&[(Some("web1"), &a), (Some("web2"), &b), (Some("web3"), &a)]);
        assert_eq!(shown(&apart[2..]), ["stderr on web1, web3: one", "stderr on web2: two"]);
    }

    #[test]
    fn a_host_that_printed_nothing_does_not_share() {
        let (a, b) = (failed("", "one"), failed("", ""));
        assert_eq!(shown(&facts(&[(Some("web1"), &a), (Some("web2"), &b)])[2..]), ["stderr on web1: one"]);
    }

    #[test]
    fn a_command_that_did_not_finish() {
        let cut = FailedCommand { line: "sleep 9".into(), ..FailedCommand::default() };
        assert_eq!(shown(&facts(&[(None, &cut)])), ["command: sleep 9", "result: no exit status"]);
    }
}
