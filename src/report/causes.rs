//! The causes of an error, put together where several hosts failed alike.

use crate::error::{Error, Kind, Parts};

/// Causes that read the same: the first stands for all.
pub(super) struct Group<'a> {
    /// In the order they came; never empty.
    pub members: Vec<&'a Error>,
}

impl<'a> Group<'a> {
    /// The one whose fields are shown.
    pub fn first(&self) -> &'a Error {
        self.members[0]
    }

    /// The hosts, each once, in the order they came.
    pub fn hosts(&self) -> Vec<&'a str> {
        let mut hosts = Vec::new();
        for host in self.members.iter().filter_map(|member| member.parts().host.as_deref()) {
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        hosts
    }

    /// `on web1, web2:`; where no host is known `mistake:` for one in a recipe, else `caused by:`.
    pub fn heading(&self) -> String {
        let hosts = self.hosts();
        match self.first().kind() {
            _ if !hosts.is_empty() => format!("on {}:", hosts.join(", ")),
            Kind::Recipe => "mistake:".to_owned(),
            _ => "caused by:".to_owned(),
        }
    }
}

/// Groups causes with the very same message and command. What was merely cancelled comes last: it failed because the
/// others did.
pub(super) fn group(causes: &[Error]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for cause in causes {
        match groups.iter_mut().find(|group| alike(group.first().parts(), cause.parts())) {
            Some(group) => group.members.push(cause),
            None => groups.push(Group { members: vec![cause] }),
        }
    }
    groups.sort_by_key(|group| group.first().kind() == Kind::Cancelled);
    groups
}

/// Whether two errors differ in nothing but the host, which their remedies and facts may name, and what their commands
/// printed.
fn alike(a: &Parts, b: &Parts) -> bool {
    let same = |of_a: &[String], of_b: &[String]| {
        of_a.len() == of_b.len() && of_a.iter().zip(of_b).all(|(of_a, of_b)| nameless(a, of_a) == nameless(b, of_b))
    };
    let command = |parts: &Parts| parts.command.as_ref().map(|c| (c.line.clone(), c.status, c.signal.clone()));
    a.kind == b.kind
        && a.message == b.message
        && a.place == b.place
        && command(a) == command(b)
        && a.trace == b.trace
        && same(&a.notes, &b.notes)
        && same(&a.help, &b.help)
        && a.thrown == b.thrown
        && a.host.is_some() == b.host.is_some()
        && a.causes.is_empty()
        && b.causes.is_empty()
}

/// A text without the name of the host it is about, alone or with its user.
fn nameless(parts: &Parts, text: &str) -> String {
    let Some(label) = parts.host.as_deref().filter(|label| !label.is_empty()) else { return text.to_owned() };
    let name = label.rsplit_once('@').map_or(label, |(_, name)| name);
    without(&without(text, label), name)
}

/// A text without a word, where it stands as a whole.
fn without(text: &str, word: &str) -> String {
    let is_part = |letter: char| letter.is_alphanumeric() || "-_.".contains(letter);
    let mut changed = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word).filter(|_| !word.is_empty()) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let is_whole = !before.ends_with(is_part)
            && !after.starts_with(|letter: char| letter.is_alphanumeric() || "-_".contains(letter));
        changed.push_str(before);
        changed.push_str(if is_whole { "\0" } else { word });
        rest = after;
    }
    changed + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::FailedCommand;

    fn failed(host: &str, line: &str, stderr: &str) -> Error {
        let command = FailedCommand { line: line.into(), status: Some(1), stderr: stderr.into(), ..Default::default() };
        Error::new(Kind::Command, "it failed").on(host).command(command)
    }

    fn headings(causes: &[Error]) -> Vec<String> {
        group(causes).iter().map(Group::heading).collect()
    }

    #[test]
    fn the_same_failure_is_told_once() {
        let causes = [failed("web1", "x", "a"), failed("web2", "y", "a"), failed("web3", "x", "b")];
        assert_eq!(headings(&causes), ["on web1, web3:", "on web2:"]);
    }

    #[test]
    fn cancelled_hosts_come_last() {
        let causes = [Error::new(Kind::Cancelled, "stopped").on("web1"), failed("web2", "x", "")];
        assert_eq!(headings(&causes), ["on web2:", "on web1:"]);
    }

    #[test]
    fn a_remedy_may_name_the_host() {
        let helped = |host: &str, help: &str| failed(host, "x", "a").help(help);
        let causes = [
            helped("deploy@web1", "`ssh deploy@web1 'echo $PATH'` shows it"),
            helped("deploy@web2", "`ssh deploy@web2 'echo $PATH'` shows it"),
            helped("web3", "`ssh web3 'echo $PATH'` shows it"),
            helped("web4", "`ssh web1 'echo $PATH'` shows it"),
            helped("web5", "`ssh web55 'echo $PATH'` shows it"),
        ];
        assert_eq!(headings(&causes), ["on deploy@web1, deploy@web2, web3:", "on web4:", "on web5:"]);
    }

    #[test]
    fn causes_of_their_own_keep_errors_apart() {
        let deep = |host: &str| failed(host, "x", "").because(Error::recipe("deeper"));
        assert_eq!(headings(&[deep("web1"), deep("web2")]), ["on web1:", "on web2:"]);
    }

    #[test]
    fn a_host_that_failed_twice_is_named_once() {
        assert_eq!(headings(&[failed("web1", "x", ""), failed("web1", "x", "")]), ["on web1:"]);
    }

    #[test]
    fn without_a_host_there_is_a_cause() {
        assert_eq!(headings(&[Error::new(Kind::Thrown, "deeper")]), ["caused by:"]);
        assert_eq!(headings(&[Error::recipe("unknown task")]), ["mistake:"]);
    }
}
