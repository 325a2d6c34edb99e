//! A host that cannot be looked at.

use crate::error::Error;
use crate::model::doctor::table::finding;
use crate::model::host_finding::Finding;

/// A host that was not reached, did not let us in, or gave no answer.
#[must_use]
pub fn unreachable(error: &Error) -> Finding {
    let parts = error.parts();
    let is_key = error.to_string().starts_with("the host key of ");
    let id = match is_key {
        true if error.to_string().contains(" is not known") => "host-key-unknown",
        true => "host-key-changed",
        false => "unreachable",
    };
    // Its first remedy is the most likely one; where there is a line to copy in it, that is it.
    let remedy = parts.help.first().cloned().unwrap_or_else(|| "ssh -v HOST true".to_owned());
    let pieces: Vec<&str> = remedy.split('`').collect();
    let (repair, words) = match pieces[..] {
        ["", line, ""] => (line, None),
        [_, line, ""] => (line, Some(&remedy)),
        _ => (remedy.as_str(), None),
    };
    let details = words.into_iter().chain(&parts.notes).chain(parts.help.iter().skip(1)).cloned();
    finding(id, error.to_string())
        .then("nothing can be run there, and a deploy stops before it begins")
        .repair(repair)
        .details(details.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_host_that_is_down_says_what_to_do() {
        let error =
            Error::new(Kind::Connection, "nothing listens on `10.0.0.1` port 22").help("check the port").help("x");
        let found = unreachable(&error.note("y"));
        assert_eq!((found.id, found.repair.as_str()), ("unreachable", "check the port"));
        assert_eq!(found.details, ["y", "x"]);
    }

    #[test]
    fn a_line_to_copy_is_taken_out_of_its_sentence() {
        let of = |help: &str| {
            let found = unreachable(&Error::new(Kind::Connection, "x").help(help));
            (found.repair, found.details)
        };
        let sentence = "if the host was installed anew: `ssh-keygen -R web1`";
        assert_eq!(of(sentence), ("ssh-keygen -R web1".to_owned(), vec![sentence.to_owned()]));
        let two = "check the port (`port` of the server or in `ssh_options`)";
        assert_eq!(of(two), (two.to_owned(), Vec::new()));
    }

    #[test]
    fn a_refused_host_key_has_an_id_of_its_own() {
        let of = |message: &str| {
            let found = unreachable(&Error::new(Kind::Connection, message).help("`ssh-keygen -R web1`"));
            (found.id, found.repair)
        };
        let forget = || "ssh-keygen -R web1".to_owned();
        assert_eq!(of("the host key of `web1` has changed: it is now RSA x"), ("host-key-changed", forget()));
        assert_eq!(of("the host key of `web1` is not known: RSA x"), ("host-key-unknown", forget()));
        assert_eq!(of("the host key of `web1` is marked as revoked"), ("host-key-changed", forget()));
    }
}
