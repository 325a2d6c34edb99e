//! One word of `-r`, `-z` or `--limit`.
//!
//! Owns which servers a word means, and what is wrong with one that means none. It must not know where the word was
//! written, nor what else a run is limited to; that is `model::filter`'s.

use crate::error::Error;
use crate::model::host_range;
use crate::model::host_string::{self, HostString};
use crate::model::inventory::{Inventory, has_role};
use crate::model::name_list::quoted;
use crate::model::pattern::Pattern;
use crate::model::server::Server;
use crate::model::suggest::did_you_mean;
use crate::model::value::Value;

/// What the words of a filter stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Roles of a server.
    Roles,
    /// Its name.
    Hosts,
    /// Its name, `role:NAME`, or `PROPERTY=VALUE`.
    Any,
}

/// A word.
#[derive(Clone, Debug)]
pub enum Word {
    /// A role.
    Role(Pattern),
    /// A name.
    Host(Pattern),
    /// A property and what it is.
    Property(String, Pattern),
}

/// What marks a role among names.
const ROLE: &str = "role:";

/// Reads a comma-separated list of names, `web[01:20]`, `web*`, `/regex/` or `all`. `origin` is how the reader knows the
/// place, for example `-r`.
///
/// # Errors
/// An empty list, which would otherwise select nothing or everything without a word, a regular expression that does not
/// compile, and a range that is none.
pub fn read(axis: Axis, text: &str, origin: &str) -> Result<Vec<Word>, Error> {
    let mut words = Vec::new();
    for element in Pattern::elements(text, origin)? {
        let pattern = |text: &str| Pattern::element(text, origin);
        if axis == Axis::Roles {
            words.push(Word::Role(pattern(element)?));
        } else if let Some(role) = element.strip_prefix(ROLE).filter(|_| axis == Axis::Any) {
            if role.is_empty() {
                return Err(Error::recipe(format!("`{element}` of `{origin}` names no role")));
            }
            words.push(Word::Role(pattern(role)?));
        } else if let Some((name, value)) =
            element.split_once('=').filter(|_| axis == Axis::Any && !element.starts_with('/'))
        {
            if name.is_empty() || value.is_empty() {
                return Err(Error::recipe(format!("`{element}` of `{origin}` is not a property and its value"))
                    .help("for example `zone=a`"));
            }
            words.push(Word::Property(name.to_owned(), pattern(value)?));
        } else {
            words.extend(hosts(pattern(element)?)?.into_iter().map(Word::Host));
        }
    }
    Ok(words)
}

/// A name, or the names of its range.
fn hosts(pattern: Pattern) -> Result<Vec<Pattern>, Error> {
    let Pattern::Exact(name) = &pattern else { return Ok(vec![pattern]) };
    match host_range::expand(name) {
        Ok(names) => Ok(names.into_iter().map(Pattern::Exact).collect()),
        Err(error) if name.contains(':') => Err(error),
        // A regular expression that lacks its slashes, which the stage cannot have as a name.
        Err(_) => Ok(vec![pattern]),
    }
}

impl Word {
    /// Whether a server is meant.
    #[must_use]
    pub fn means(&self, server: &Server) -> bool {
        match self {
            Self::Role(role) => has_role(server, std::slice::from_ref(role)),
            Self::Host(Pattern::Exact(name)) => is_called(server, name),
            Self::Host(pattern) => matches!(pattern, Pattern::All) || pattern.matches(&server.name),
            Self::Property(name, value) => values(server, name).iter().any(|said| value.matches(said)),
        }
    }

    /// What is wrong with a word that is written out and means nothing the stage has; a pattern may match nothing as long
    /// as its neighbours do. `shown` is the whole filter as it was written.
    #[must_use]
    pub fn complaint(&self, axis: Axis, shown: &str, inventory: &Inventory) -> Option<Error> {
        match self {
            Self::Role(Pattern::Exact(name)) if !inventory.knows_role(name) => {
                let error = Error::recipe(format!("{shown} names the role `{name}`, which no server has"));
                let error = error.maybe_help(did_you_mean(name, inventory.known_roles()));
                Some(slashes(error.note(inventory.roles_shown()), name))
            }
            Self::Host(Pattern::Exact(name)) if !inventory.servers().any(|server| is_called(server, name)) => {
                let error = Error::recipe(format!("{shown} names the host `{name}`, which the stage does not have"));
                let error = match meant_role(axis, name, inventory) {
                    Some(meant) => error.help(meant),
                    None => {
                        error.maybe_help(did_you_mean(name, inventory.servers().map(|server| server.name.as_str())))
                    }
                };
                Some(slashes(error.note(inventory.hosts_shown()), name))
            }
            Self::Property(name, value) => unknown_property(name, value, shown, inventory),
            Self::Role(_) | Self::Host(_) => None,
        }
    }
}

/// The role somebody means who has typed its name in place of a host's.
fn meant_role(axis: Axis, name: &str, inventory: &Inventory) -> Option<String> {
    let is_role = |name: &str| inventory.knows_role(name);
    match axis {
        Axis::Hosts if is_role(name) => Some(format!("`{name}` is a role: `-r {name}`")),
        Axis::Any if is_role(name) => Some(format!("`{name}` is a role: `{ROLE}{name}`")),
        Axis::Any => {
            let (_, role) = name.split_once(':').filter(|(mark, _)| mark.starts_with('r'))?;
            is_role(role).then(|| format!("did you mean `{ROLE}{role}`?"))
        }
        Axis::Hosts | Axis::Roles => None,
    }
}

fn unknown_property(name: &str, value: &Pattern, shown: &str, inventory: &Inventory) -> Option<Error> {
    let said: Vec<String> = inventory.servers().flat_map(|server| values(server, name)).collect();
    if said.is_empty() {
        let mut names: Vec<&str> =
            inventory.servers().flat_map(|server| server.properties.keys()).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        let error = Error::recipe(format!("{shown} asks for the property `{name}`, which no server has"))
            .maybe_help(did_you_mean(name, names.iter().copied()));
        return Some(error.note(if names.is_empty() {
            "no server has properties".to_owned()
        } else {
            format!("properties: {}", quoted(names))
        }));
    }
    let Pattern::Exact(exact) = value else { return None };
    if said.contains(exact) {
        return None;
    }
    let mut known: Vec<&str> = said.iter().map(String::as_str).collect();
    known.sort_unstable();
    known.dedup();
    Some(
        Error::recipe(format!("{shown} asks for `{name}={exact}`, which no server has"))
            .maybe_help(did_you_mean(exact, known.iter().copied()))
            .note(format!("`{name}` is one of {}", quoted(known))),
    )
}

/// What a server says under this name, as it would be typed; a list says each of its values.
fn values(server: &Server, name: &str) -> Vec<String> {
    let typed = |value: &Value| match value {
        Value::Text(text) => Some(text.clone()),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => Some(value.to_string()),
        Value::Unit | Value::List(_) | Value::Map(_) => None,
    };
    match (name, server.property(name)) {
        ("user", Value::Unit) => server.user.iter().cloned().collect(),
        ("port", Value::Unit) => vec![server.key().1.to_string()],
        (_, Value::List(values)) => values.iter().filter_map(typed).collect(),
        (_, value) => typed(value).into_iter().collect(),
    }
}

fn slashes(error: Error, name: &str) -> Error {
    let looks_like_regex = name.contains(['^', '$', '\\', '[', '(', '|', '+']);
    error.maybe_help(looks_like_regex.then(|| format!("a regular expression stands between slashes: `/{name}/`")))
}

/// Whether this is the name of the server, alone or with user and port as it is called in output, so that what is
/// copied from there works. The name alone means the server on whatever port and with whatever user.
fn is_called(server: &Server, name: &str) -> bool {
    let fits = |host: HostString| {
        host.name == server.name
            && host.port.is_none_or(|port| port == server.key().1)
            && host.user.is_none_or(|user| server.user.as_ref() == Some(&user))
    };
    server.name == name || (name.contains(['@', ':']) && host_string::parse(name).is_ok_and(fits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::host_string::parse;
    use crate::model::server_spec;

    fn stage() -> Inventory {
        let mut inventory = Inventory::default();
        for (host, role, zone) in [("web01", "web", "a"), ("me@web02:2222", "web", "b"), ("db1", "db", "a")] {
            let properties = [
                ("roles", Value::from(role)),
                ("zone", zone.into()),
                ("weight", Value::Int(3)),
                ("tags", Value::List(vec!["x".into(), role.into()])),
            ];
            let properties = properties.map(|(name, value)| (name.to_owned(), value)).into();
            inventory.server(server_spec::server(parse(host).unwrap(), properties).unwrap()).unwrap();
        }
        inventory
    }

    fn meant(axis: Axis, text: &str) -> Vec<String> {
        let words = read(axis, text, "--limit").unwrap();
        let inventory = stage();
        let meant = inventory.servers().filter(|server| words.iter().any(|word| word.means(server)));
        meant.map(|server| server.name.clone()).collect()
    }

    fn complaint(axis: Axis, text: &str) -> Error {
        let words = read(axis, text, "--limit").unwrap();
        let shown = format!("`--limit {text}`");
        words.iter().find_map(|word| word.complaint(axis, &shown, &stage())).unwrap()
    }

    #[test]
    fn names_roles_and_properties_stand_side_by_side() {
        for (text, names) in [
            ("web01", vec!["web01"]),
            ("role:web", vec!["web01", "web02"]),
            ("role:d*,web01", vec!["web01", "db1"]),
            ("zone=a", vec!["web01", "db1"]),
            ("zone=b,db1", vec!["web02", "db1"]),
            ("zone=/^[b-z]$/", vec!["web02"]),
            ("weight=3", vec!["web01", "web02", "db1"]),
            ("tags=db", vec!["db1"]),
            ("user=me", vec!["web02"]),
            ("port=22", vec!["web01", "db1"]),
            ("web[01:02]", vec!["web01", "web02"]),
            ("me@web02:2222", vec!["web02"]),
            ("web*", vec!["web01", "web02"]),
            ("/1$/", vec!["web01", "db1"]),
            ("/=|b1/", vec!["db1"]),
            ("all", vec!["web01", "web02", "db1"]),
        ] {
            assert_eq!(meant(Axis::Any, text), names, "{text}");
        }
        assert_eq!(meant(Axis::Hosts, "web[01:02],db1"), ["web01", "web02", "db1"]);
        assert_eq!(meant(Axis::Roles, "role:web,zone=a"), Vec::<String>::new(), "with -r a role is a role");
    }

    #[test]
    fn every_word_that_means_nothing_gets_what_was_meant() {
        for (text, message, help) in [
            ("web03", "names the host `web03`, which the stage does not have", "did you mean `web01`?"),
            ("web[01:03]", "names the host `web03`, which the stage does not have", "did you mean `web01`?"),
            ("web", "names the host `web`, which the stage does not have", "`web` is a role: `role:web`"),
            ("roles:web", "names the host `roles:web`, which the stage does not have", "did you mean `role:web`?"),
            ("role:wbe", "names the role `wbe`, which no server has", "did you mean `web`?"),
            ("zoen=a", "asks for the property `zoen`, which no server has", "did you mean `zone`?"),
            ("tags=wbe", "asks for `tags=wbe`, which no server has", "did you mean `web`?"),
        ] {
            let error = complaint(Axis::Any, text);
            assert_eq!(error.to_string(), format!("`--limit {text}` {message}"));
            assert_eq!(error.parts().help, [help], "{text}");
        }
        assert_eq!(complaint(Axis::Hosts, "web").parts().help, ["`web` is a role: `-r web`"]);
        assert_eq!(complaint(Axis::Any, "zone=c").parts().notes, ["`zone` is one of `a`, `b`"]);
    }

    #[test]
    fn what_cannot_be_read_says_so() {
        for (text, message) in [
            (" ", "`--limit` is empty"),
            ("role:", "`role:` of `--limit` names no role"),
            ("zone=", "`zone=` of `--limit` is not a property and its value"),
            ("=a", "`=a` of `--limit` is not a property and its value"),
            ("web[3:1]", "the range `[3:1]` ends before it begins"),
        ] {
            assert_eq!(read(Axis::Any, text, "--limit").unwrap_err().to_string(), message);
        }
    }
}
