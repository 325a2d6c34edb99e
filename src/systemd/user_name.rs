//! Names of users of a host.
//!
//! Owns which names may stand in a script: those systemd itself takes in a `User=` line ("User/Group Name Syntax" of
//! the systemd documentation, the relaxed form without what a shell or a file name could take for something else).

use crate::error::Error;

/// Most letters of a name: what `utmp` and `useradd` allow on Linux is 31, and systemd takes no longer ones.
const LONGEST: usize = 31;

/// Refuses what cannot be the name of a user; `what` says where it comes from, for example ``setting `lingering_user` ``.
///
/// # Errors
/// An empty or too long name, one that begins with `-`, `.` or a digit, and letters that no name has.
pub fn check_user_name(name: &str, what: &str) -> Result<(), Error> {
    let wrong = |problem: &str| Err(Error::recipe(format!("{what} is `{name}`, which {problem}")));
    if name.is_empty() {
        return Err(Error::recipe(format!("{what} is an empty name"))
            .help("leave it out, and it is the user windlass logs in as"));
    }
    if name.len() > LONGEST {
        return wrong("is too long for the name of a user");
    }
    let first = name.as_bytes()[0];
    if !first.is_ascii_alphabetic() && first != b'_' {
        return wrong("cannot be the name of a user: it has to begin with a letter or `_`");
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if name.bytes().all(allowed) { Ok(()) } else { wrong("cannot be the name of a user") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_distributions_make_them() {
        for name in ["deploy", "_apt", "www-data", "app.staging", "u1", "Deploy", "systemd-network"] {
            check_user_name(name, "x").unwrap();
        }
    }

    #[test]
    fn what_a_shell_could_take_for_something_else() {
        for name in ["", "-u", "1000", ".x", "a b", "a/b", "a;b", "a$b", "ü", "a\nb", "~root", &"x".repeat(32)] {
            assert!(check_user_name(name, "x").is_err(), "{name}");
        }
        let error = check_user_name("my user", "setting `lingering_user`").unwrap_err();
        assert_eq!(error.to_string(), "setting `lingering_user` is `my user`, which cannot be the name of a user");
    }
}
