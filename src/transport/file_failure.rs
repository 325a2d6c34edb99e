//! What the words of a host mean about a file that could not be read or written.

use crate::error::{Error, Kind};
use crate::model::quote::quote_path;

/// The error of a file that could not be moved, from the words of the programs on the host.
pub(crate) fn failure(what: &str, path: &str, status: i32, words: &[u8], host: &str) -> Error {
    let words = String::from_utf8_lossy(words);
    let said = words.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let folder = path.rsplit_once('/').map_or(".", |(folder, _)| if folder.is_empty() { "/" } else { folder });
    let folder = quote_path(folder);
    let (reason, help) = match said {
        _ if said.contains("No space left") => {
            ("the disk is full", Some(format!("free some space: `df -h {folder}` shows it")))
        }
        _ if said.contains("quota exceeded") => ("the quota of the user is used up", None),
        _ if said.contains("sudo: ") => (
            "sudo does not let us",
            Some("`-K` asks for its password; or let the login do it without one, in /etc/sudoers.d".to_owned()),
        ),
        _ if said.starts_with("chown: invalid")
            || said.starts_with("chgrp: invalid")
            || said.contains("unknown user")
            || said.contains("unknown group") =>
        {
            ("there is no such owner or group there", None)
        }
        _ if said.starts_with("chown:") || said.starts_with("chgrp:") => (
            "the login may not give it away",
            Some("only root may change the owner of a file: `sudo: true`, or `as_user(\"root\", || …)`".to_owned()),
        ),
        _ if said.contains("Permission denied") || said.contains("Operation not permitted") => {
            ("permission denied", Some("look at the owner and mode there, or use `as_user`".to_owned()))
        }
        _ if said.contains("Read-only file system") => ("the file system is read-only", None),
        _ if said.contains("Not a regular file") => ("it is a device or the like, which would be replaced", None),
        _ if said.contains("Not a directory") => ("it is no folder, or one of those above it is none", None),
        _ if said.contains("Is a directory") && what == "write" => (
            "it is a directory",
            Some("give the name of the file too, or end it with `/` for a copy under its own name".to_owned()),
        ),
        _ if said.contains("Is a directory") => {
            ("it is a directory", Some("`download(folder, folder_here)` copies one".to_owned()))
        }
        _ if what == "write" && (said.contains("No such file") || said.contains("nonexistent")) => {
            ("its folder does not exist", Some(format!("make it first: `mkdir -p {folder}`")))
        }
        _ if said.contains("No such file") => ("there is no such file", None),
        "" => return Error::new(Kind::Command, format!("could not {what} `{path}`: status {status}")).on(host),
        other => (other, None),
    };
    let error = Error::new(Kind::Command, format!("could not {what} `{path}`: {reason}")).maybe_help(help).on(host);
    if reason == said { error } else { error.note(format!("the host said: {said}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(what: &str, words: &str, message: &str, help: Option<&str>) {
        let error = failure(what, "/srv/my app/x", 1, words.as_bytes(), "deploy@web1");
        assert_eq!((error.to_string().as_str(), error.kind()), (message, Kind::Command));
        assert_eq!(error.parts().host.as_deref(), Some("deploy@web1"));
        assert_eq!(error.parts().help.first().map(String::as_str), help);
    }

    #[test]
    fn the_hosts_words_become_a_reason() {
        check(
            "write",
            "cat: write error: No space left on device\n",
            "could not write `/srv/my app/x`: the disk is full",
            Some("free some space: `df -h '/srv/my app'` shows it"),
        );
        check(
            "write",
            "sh: 9: cannot create /srv/my app/.x.windlass-1: Permission denied\n",
            "could not write `/srv/my app/x`: permission denied",
            Some("look at the owner and mode there, or use `as_user`"),
        );
        check(
            "write",
            "sh: 9: cannot create /srv/my app/.x.windlass-1: Directory nonexistent\n",
            "could not write `/srv/my app/x`: its folder does not exist",
            Some("make it first: `mkdir -p '/srv/my app'`"),
        );
        check(
            "write",
            "Is a directory\n",
            "could not write `/srv/my app/x`: it is a directory",
            Some("give the name of the file too, or end it with `/` for a copy under its own name"),
        );
        check(
            "read",
            "cat: x: No such file or directory\n",
            "could not read `/srv/my app/x`: there is no such file",
            None,
        );
        check("write", "3 of 5 bytes arrived\n", "could not write `/srv/my app/x`: 3 of 5 bytes arrived", None);
        check("write", "", "could not write `/srv/my app/x`: status 1", None);
        for (words, reason) in [
            ("chown: invalid user: 'x'\n", "there is no such owner or group there"),
            ("chown: unknown user x\n", "there is no such owner or group there"),
            ("chgrp: changing group of 'f': Operation not permitted\n", "the login may not give it away"),
            ("sudo: a password is required\n", "sudo does not let us"),
            ("sh: 3: cd: can't cd to /f: Not a directory\n", "it is no folder, or one of those above it is none"),
            ("not all of it arrived\n", "not all of it arrived"),
        ] {
            let error = failure("write", "x", 1, words.as_bytes(), "web1");
            assert_eq!(error.to_string(), format!("could not write `x`: {reason}"));
        }
        let error = failure("read", "x", 1, b"cat: x: Is a directory\n", "web1");
        assert_eq!(error.to_string(), "could not read `x`: it is a directory");
    }
}
