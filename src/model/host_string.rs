//! Host strings.
//!
//! Owns what `server("…")` and `role("…", […])` accept as a host: `host`, `host:port`, `user@host`, `user@host:port`,
//! ssh aliases, IPv6 addresses bare or in brackets. It must not look a name up.
//!
//! What no host name or user may hold follows ssh's own rule for destinations (`valid_hostname` and `valid_ruser` in
//! OpenSSH's ssh.c), so that nothing passes here that ssh refuses, and nothing reaches ssh that it takes for an option.

use std::fmt::{Display, Formatter};
use std::net::Ipv6Addr;

use crate::error::Error;
use crate::model::brief::brief;
use crate::model::host_range;
use crate::model::server::Server;

/// A host as written, taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostString {
    /// Login user, where one is written.
    pub user: Option<String>,
    /// Host name, address without brackets, or ssh alias.
    pub name: String,
    /// Port, where one is written.
    pub port: Option<u16>,
}

/// What the help of every error here says.
const EXPECTED: &str =
    "expected `host`, `host:port`, `user@host`, `user@host:port` or an IPv6 address such as `[::1]:22`";

/// Characters of the longest host there can be: a name has 253, and a user and a port may stand with it.
const LONGEST: usize = 400;

/// What no host name may hold: what a shell, a pattern of ssh's configuration or windlass's own lists would take for
/// something else.
const NOT_IN_NAMES: &str = "'\"`$\\;&<>|(){}[]/,*?!#@";

/// What no user may hold.
const NOT_IN_USERS: &str = "'\"`$;&<>|(){}[]/,*?!#:";

/// Takes every host apart that a text with ranges such as `web[01:20]` stands for.
///
/// # Errors
/// As [`parse`] and [`host_range::expand`].
pub fn parse_all(text: &str) -> Result<Vec<HostString>, Error> {
    measure(text)?;
    // A range in the user would be one host with several users.
    let in_user = text.rsplit_once('@').is_some_and(|(user, _)| user.contains('['));
    if in_user || !text.contains('[') {
        return Ok(vec![parse(text)?]);
    }
    host_range::expand(text)?.iter().map(|host| parse(host)).collect()
}

/// Refuses what is far too long for a host, such as a page of HTML, before the whole of it is quoted.
fn measure(text: &str) -> Result<(), Error> {
    let length = text.chars().count();
    if length <= LONGEST {
        return Ok(());
    }
    Err(wrong(format!(
        "`{}` has {length} characters, and no host more than {LONGEST}",
        brief(&text.escape_debug().to_string())
    )))
}

/// Takes a host string apart.
///
/// # Errors
/// Anything that is no host, saying what is wrong with it. A password in it is not repeated.
pub fn parse(text: &str) -> Result<HostString, Error> {
    measure(text)?;
    if text.is_empty() {
        return Err(wrong("the host is empty"));
    }
    if let Some((_, rest)) = text.split_once("://") {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let instead = [authority, host].into_iter().find(|host| parse(host).is_ok());
        return Err(wrong(format!("{} is a URL, not a host", shown(text)))
            .maybe_help(instead.map(|host| format!("write `{host}`"))));
    }
    if text.contains(|c: char| c.is_whitespace() || c == ',') {
        let error = Error::recipe(format!("{} is not one host", shown(text)));
        return Err(error.help("write several hosts as a list: `[\"web1\", \"web2\"]`").help(EXPECTED));
    }
    // The last `@` counts, as for ssh: a user may hold one, a host may not.
    let (user, place) = text.rsplit_once('@').map_or((None, text), |(user, place)| (Some(user), place));
    let user = user.map(|user| check_user(user, place)).transpose()?;
    let (name, port) = split_port(text, place)?;
    let port = port.map(|port| parse_port(text, port)).transpose()?;
    Ok(HostString { user, name: name.to_owned(), port })
}

/// The text in backticks, unless it may hold a password.
fn shown(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((user, _)) if user.contains(':') => "the host string".to_owned(),
        _ => format!("`{}`", text.escape_debug()),
    }
}

fn check_user(user: &str, place: &str) -> Result<String, Error> {
    if user.is_empty() {
        return Err(wrong(format!("`@{place}` names no user before the `@`")));
    }
    if user.contains(':') {
        return Err(wrong(format!("the user for `{place}` holds a `:`"))
            .note("a password cannot stand in a host string; log in with a key or an agent"));
    }
    match user.chars().find(|c| c.is_control() || NOT_IN_USERS.contains(*c)) {
        Some(found) => Err(wrong(format!("the user `{}` holds a `{}`", user.escape_debug(), found.escape_debug()))),
        None if user.starts_with('-') => Err(wrong(format!("the user `{user}` begins with `-`"))),
        None if user.ends_with('\\') => Err(wrong(format!("the user `{user}` ends with a backslash"))),
        None => Ok(user.to_owned()),
    }
}

/// Name without brackets, and the text after the colon that begins the port.
fn split_port<'a>(text: &str, place: &'a str) -> Result<(&'a str, Option<&'a str>), Error> {
    if let Some(bracketed) = place.strip_prefix('[') {
        let Some((address, after)) = bracketed.split_once(']') else {
            return Err(wrong(format!("`{text}` lacks the closing `]`")));
        };
        if !is_ipv6(address) {
            return Err(wrong(format!("`{address}` is not an IPv6 address")));
        }
        return match after.strip_prefix(':') {
            None if after.is_empty() => Ok((address, None)),
            None => Err(wrong(format!("`{after}` after the `]` of `{text}` is not `:port`"))),
            port => Ok((address, port)),
        };
    }
    if is_ipv6(place) {
        return Ok((place, None));
    }
    let (name, port) = place.split_once(':').map_or((place, None), |(name, port)| (name, Some(port)));
    if port.is_some_and(|port| port.contains(':')) {
        return Err(wrong(format!("`{text}` holds more than one `:`, but `{place}` is not an IPv6 address")));
    }
    check_name(text, name)?;
    Ok((name, port))
}

fn check_name(text: &str, name: &str) -> Result<(), Error> {
    if name.is_empty() {
        let local = (text == ":local").then(|| "write `local` for this machine".to_owned());
        return Err(wrong(format!("`{text}` names no host")).maybe_help(local));
    }
    if name.starts_with('-') {
        return Err(wrong(format!("the host `{name}` begins with `-`, which ssh would take for an option")));
    }
    match name.chars().find(|c| c.is_control() || NOT_IN_NAMES.contains(*c)) {
        Some(found) => Err(wrong(format!("the host `{}` holds a `{}`", name.escape_debug(), found.escape_debug()))),
        None => Ok(()),
    }
}

fn parse_port(text: &str, port: &str) -> Result<u16, Error> {
    if port.is_empty() {
        return Err(wrong(format!("`{text}` names no port after the `:`")));
    }
    // Digits alone: Rust's own parser would take a `+` too.
    let number = if port.bytes().all(|byte| byte.is_ascii_digit()) { port.parse::<u16>().ok() } else { None };
    number.filter(|number| *number > 0).ok_or_else(|| {
        wrong(format!("`{}` is not a port", port.escape_debug())).note("a port is a number from 1 to 65535")
    })
}

/// An IPv6 address, with a zone (`fe80::1%eth0`) or without.
fn is_ipv6(text: &str) -> bool {
    let (address, zone) = text.split_once('%').map_or((text, None), |(address, zone)| (address, Some(zone)));
    let zone_fits = |zone: &str| {
        !zone.is_empty() && zone.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
    };
    address.parse::<Ipv6Addr>().is_ok() && zone.is_none_or(zone_fits)
}

fn wrong(message: impl Into<String>) -> Error {
    Error::recipe(message).help(EXPECTED)
}

impl From<HostString> for Server {
    /// A server with what the string says and nothing else.
    fn from(host: HostString) -> Self {
        Self { user: host.user, port: host.port, ..Self::new(host.name) }
    }
}

impl Display for HostString {
    /// As it would be written; reading it again gives the same.
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        match self.port {
            Some(port) if self.name.contains(':') => write!(f, "[{}]:{port}", self.name),
            Some(port) => write!(f, "{}:{port}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn host(user: Option<&str>, name: &str, port: Option<u16>) -> HostString {
        HostString { user: user.map(str::to_owned), name: name.to_owned(), port }
    }

    #[test]
    fn every_form_is_taken_apart() {
        for (text, expected) in [
            ("web1", host(None, "web1", None)),
            ("web1.example.com:2222", host(None, "web1.example.com", Some(2222))),
            ("deploy@web1", host(Some("deploy"), "web1", None)),
            ("deploy@web1:65535", host(Some("deploy"), "web1", Some(65535))),
            ("10.0.0.1:22", host(None, "10.0.0.1", Some(22))),
            ("::1", host(None, "::1", None)),
            ("deploy@::1", host(Some("deploy"), "::1", None)),
            ("[::1]", host(None, "::1", None)),
            ("[2001:db8::1]:2222", host(None, "2001:db8::1", Some(2222))),
            ("deploy@[::1]:22", host(Some("deploy"), "::1", Some(22))),
            ("fe80::1%eth0", host(None, "fe80::1%eth0", None)),
            ("[fe80::1%eth0]:22", host(None, "fe80::1%eth0", Some(22))),
            ("web_1", host(None, "web_1", None)),
            ("prod-alias", host(None, "prod-alias", None)),
            ("0", host(None, "0", None)),
            ("me@corp.example@web1", host(Some("me@corp.example"), "web1", None)),
            ("DOMAIN\\me@web1", host(Some("DOMAIN\\me"), "web1", None)),
            ("wéb.example", host(None, "wéb.example", None)),
        ] {
            assert_eq!(parse(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_host_by_far_is_not_quoted_as_a_whole() {
        for text in ["\0".repeat(100_000), "x[".repeat(100_000), "é".repeat(LONGEST + 1)] {
            let error = parse_all(&text).unwrap_err().to_string();
            assert!(error.len() < 300 && error.ends_with("characters, and no host more than 400"), "{error}");
        }
        assert!(parse(&"x".repeat(LONGEST)).is_ok());
    }

    #[test]
    fn everything_else_says_what_is_wrong() {
        for (text, message) in [
            ("", "the host is empty"),
            ("web1:", "`web1:` names no port after the `:`"),
            ("web1:0", "`0` is not a port"),
            ("web1:65536", "`65536` is not a port"),
            ("web1:+22", "`+22` is not a port"),
            ("web1:http", "`http` is not a port"),
            (":22", "`:22` names no host"),
            ("@web1", "`@web1` names no user before the `@`"),
            ("deploy@", "`deploy@` names no host"),
            ("-oProxyCommand=x", "the host `-oProxyCommand=x` begins with `-`, which ssh would take for an option"),
            ("CORP\\@web1", "the user `CORP\\` ends with a backslash"),
            ("-l@web1", "the user `-l` begins with `-`"),
            ("web1 web2", "`web1 web2` is not one host"),
            ("web1,web2", "`web1,web2` is not one host"),
            (" web1", "` web1` is not one host"),
            ("web1\n", "`web1\\n` is not one host"),
            ("http://web1/x", "`http://web1/x` is a URL, not a host"),
            ("a:b:c", "`a:b:c` holds more than one `:`, but `a:b:c` is not an IPv6 address"),
            ("[::1", "`[::1` lacks the closing `]`"),
            ("[web1]:22", "`web1` is not an IPv6 address"),
            ("[::1]22", "`22` after the `]` of `[::1]22` is not `:port`"),
            ("[::1]:", "`[::1]:` names no port after the `:`"),
            ("::1%", "`::1%` holds more than one `:`, but `::1%` is not an IPv6 address"),
            ("web*", "the host `web*` holds a `*`"),
            ("$(id)", "the host `$(id)` holds a `$`"),
            ("a;b@web1", "the user `a;b` holds a `;`"),
            ("web\u{7}", "the host `web\\u{7}` holds a `\\u{7}`"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.to_string(), message, "{text:?}");
            assert!(error.parts().help.iter().any(|help| help == EXPECTED), "{text:?}");
        }
    }

    #[test]
    fn the_symbol_for_this_machine_is_a_word() {
        assert_eq!(parse(":local").unwrap_err().parts().help[1], "write `local` for this machine");
    }

    #[test]
    fn ranges_give_every_host() {
        let hosts = parse_all("me@web[09:10]:2222").unwrap();
        assert_eq!(hosts, [host(Some("me"), "web09", Some(2222)), host(Some("me"), "web10", Some(2222))]);
        assert_eq!(parse_all("[::1]:22").unwrap(), [host(None, "::1", Some(22))]);
        assert_eq!(parse_all("me[1:2]@web").unwrap_err().to_string(), "the user for `web` holds a `:`");
    }

    #[test]
    fn lists_and_urls_get_the_form_that_works() {
        assert_eq!(
            parse("web1, web2").unwrap_err().parts().help[0],
            "write several hosts as a list: `[\"web1\", \"web2\"]`"
        );
        assert_eq!(parse("ssh://web1:2222/srv").unwrap_err().parts().help[1], "write `web1:2222`");
        assert_eq!(parse("ssh://deploy@web1").unwrap_err().parts().help[1], "write `deploy@web1`");
        assert_eq!(parse("ssh://deploy:x@web1").unwrap_err().parts().help[1], "write `web1`");
        assert_eq!(parse("http:///x").unwrap_err().parts().help, [EXPECTED]);
    }

    #[test]
    fn a_password_is_not_repeated() {
        for text in
            ["deploy:hunter2@web1:22", "ssh://deploy:hunter2@web1", "deploy:hunter2 x@web1", "deploy:a@hunter2@web1"]
        {
            let error = parse(text).unwrap_err();
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
        assert_eq!(parse("deploy:hunter2@web1").unwrap_err().to_string(), "the user for `web1` holds a `:`");
    }

    #[test]
    fn a_server_has_what_the_string_says() {
        let server = Server::from(parse("deploy@[::1]:2222").unwrap());
        assert_eq!(server.label(), "deploy@[::1]:2222");
        assert_eq!(server.key(), ("::1", 2222));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(
            user in prop::option::of("[a-z_][a-z0-9_.-]{0,8}"),
            name in prop_oneof!["[a-z0-9][a-z0-9_.-]{0,12}", any::<Ipv6Addr>().prop_map(|address| address.to_string())],
            port in prop::option::of(1..=u16::MAX),
        ) {
            let host = HostString { user, name, port };
            prop_assert_eq!(parse(&host.to_string()).unwrap(), host);
        }

        #[test]
        fn nothing_panics_and_nothing_that_passes_is_an_option(text in "\\PC{0,20}") {
            if let Ok(host) = parse(&text) {
                prop_assert!(!host.name.starts_with('-') && !host.name.is_empty());
                prop_assert_ne!(host.port, Some(0));
            }
        }
    }
}
