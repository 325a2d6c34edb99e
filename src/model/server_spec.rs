//! A server as a recipe declares it.
//!
//! Owns which properties of `server(…)` and `role(…)` are more than properties: `user`, `port`, `roles`, `ssh_options`
//! and `transport`. Everything else is kept as it is. It must not merge; `model::inventory` does that.

use indexmap::{IndexMap, IndexSet};

use crate::error::Error;
use crate::model::host_string::HostString;
use crate::model::server::{Reach, Server};
use crate::model::suggest::did_you_mean;
use crate::model::value::Value;

/// The host that is this machine, unless the recipe says `transport: "ssh"`.
const LOCAL: &str = "local";

/// Makes a server from a host string and the properties that came with it.
///
/// # Errors
/// A known property with a value it cannot have, a role that is no role (see [`check_role`]), and a user or port that
/// contradicts the host string.
pub fn server(host: HostString, properties: IndexMap<String, Value>) -> Result<Server, Error> {
    let mut server = Server::from(host);
    if server.name == LOCAL && server.user.is_none() && server.port.is_none() {
        server.reach = Reach::Local;
    }
    for (name, value) in properties {
        match name.as_str() {
            "user" => {
                let user = user(&value)?;
                server.user = agreed("user", &server.name, server.user.take(), user)?;
            }
            "port" => {
                let port = port(&value)?;
                server.port = agreed("port", &server.name, server.port, port)?;
            }
            "roles" => server.roles.extend(roles(&value)?),
            "ssh_options" => server.ssh_options.extend(ssh_options(value)?),
            "transport" => server.reach = reach(&value)?,
            _ => {
                server.properties.insert(name, value);
            }
        }
    }
    Ok(server)
}

/// Refuses what cannot be the name of a role.
///
/// # Errors
/// `all`, which every server has by itself; an empty name; one with whitespace or a comma, which Capistrano takes for
/// one role that nothing ever asks for; and one that would read as a pattern.
pub fn check_role(role: &str) -> Result<(), Error> {
    let names: Vec<&str> =
        role.split(|c: char| c.is_whitespace() || c == ',').filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return Err(Error::recipe("the name of a role is empty").help("write it as in `roles: [\"app\", \"web\"]`"));
    }
    if names != [role] {
        let list = names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
        let message = format!("`{}` is not the name of one role", role.escape_debug());
        return Err(Error::recipe(message).help(format!("write several roles as a list: `[{list}]`")));
    }
    if role == "all" {
        return Err(Error::recipe("`all` is reserved and cannot be the name of a role")
            .help("leave it out: `roles(\"all\")` finds every server, whatever its roles"));
    }
    if role.contains(['*', '?', '/']) {
        return Err(Error::recipe(format!("the role `{role}` would read as a pattern"))
            .help("use letters, digits, `_`, `-`, `.` and `:`"));
    }
    Ok(())
}

/// One value where the string and the properties both give one; they must not disagree.
fn agreed<T: PartialEq + std::fmt::Display>(
    what: &str,
    host: &str,
    written: Option<T>,
    given: T,
) -> Result<Option<T>, Error> {
    match written {
        Some(written) if written != given => Err(Error::recipe(format!(
            "the {what} of `{host}` is `{written}` in the host string and `{given}` in its properties"
        ))
        .help("keep one of the two")),
        _ => Ok(Some(given)),
    }
}

fn user(value: &Value) -> Result<String, Error> {
    let text = value.as_text().filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| unfit("user", value, "a name, for example `\"deploy\"`"))
}

fn port(value: &Value) -> Result<u16, Error> {
    let number = match value {
        Value::Int(number) => u16::try_from(*number).ok(),
        // As ENV and YAML give it.
        Value::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    };
    number.filter(|port| *port > 0).ok_or_else(|| unfit("port", value, "a number from 1 to 65535"))
}

/// The roles in a text or a list of texts.
fn roles(value: &Value) -> Result<IndexSet<String>, Error> {
    let values = match value {
        Value::List(values) => values.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut roles = IndexSet::new();
    for one in values {
        let role =
            one.as_text().ok_or_else(|| unfit("roles", value, "a name or a list of names: `[\"app\", \"web\"]`"))?;
        check_role(role)?;
        roles.insert(role.to_owned());
    }
    Ok(roles)
}

fn ssh_options(value: Value) -> Result<IndexMap<String, Value>, Error> {
    match value {
        Value::Map(options) => Ok(options),
        other => Err(unfit("ssh_options", &other, "a map: `#{ port: 2222 }`")),
    }
}

fn reach(value: &Value) -> Result<Reach, Error> {
    match value.as_text() {
        Some("ssh") => Ok(Reach::Ssh),
        Some("local") => Ok(Reach::Local),
        text => Err(unfit("transport", value, "`\"ssh\"` or `\"local\"`")
            .maybe_help(text.and_then(|text| did_you_mean(text, ["ssh", "local"])))),
    }
}

fn unfit(property: &str, value: &Value, expected: &str) -> Error {
    Error::recipe(format!("`{property}` of a server cannot be `{value}`")).help(format!("expected {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::host_string::parse;

    fn properties<const N: usize>(pairs: [(&str, Value); N]) -> IndexMap<String, Value> {
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn list(texts: &[&str]) -> Value {
        Value::List(texts.iter().map(|text| Value::from(*text)).collect())
    }

    fn error<const N: usize>(host: &str, pairs: [(&str, Value); N]) -> Error {
        server(parse(host).unwrap(), properties(pairs)).unwrap_err()
    }

    #[test]
    fn known_properties_become_fields_and_the_rest_stays() {
        let options = Value::Map(properties([("forward_agent", Value::Bool(true))]));
        let server = server(
            parse("web1").unwrap(),
            properties([
                ("user", "deploy".into()),
                ("port", Value::Int(2222)),
                ("roles", list(&["app", "web", "app"])),
                ("ssh_options", options),
                ("transport", "local".into()),
                ("primary", Value::Bool(true)),
            ]),
        )
        .unwrap();
        assert_eq!(server.label(), "deploy@web1:2222");
        assert_eq!(server.roles, IndexSet::from(["app".to_owned(), "web".to_owned()]));
        assert_eq!(server.ssh_options, properties([("forward_agent", Value::Bool(true))]));
        assert_eq!(server.reach, Reach::Local);
        assert_eq!(server.properties, properties([("primary", Value::Bool(true))]));
    }

    #[test]
    fn the_host_local_is_this_machine() {
        let reach = |host: &str, pairs| server(parse(host).unwrap(), properties(pairs)).unwrap().reach;
        assert_eq!(reach("local", [("roles", "app".into())]), Reach::Local);
        assert_eq!(reach("local", [("transport", "ssh".into())]), Reach::Ssh);
        for host in ["me@local", "local:2222", "local.example.com", "localhost"] {
            assert_eq!(reach(host, [("roles", "app".into())]), Reach::Ssh, "{host}");
        }
    }

    #[test]
    fn one_role_and_a_port_may_be_texts() {
        let server =
            server(parse("web1").unwrap(), properties([("roles", "app".into()), ("port", "2222".into())])).unwrap();
        assert_eq!(server.roles, IndexSet::from(["app".to_owned()]));
        assert_eq!(server.port, Some(2222));
    }

    #[test]
    fn string_and_properties_must_agree() {
        let same = server(parse("me@web1:22").unwrap(), properties([("user", "me".into()), ("port", Value::Int(22))]))
            .unwrap();
        assert_eq!((same.user.as_deref(), same.port), (Some("me"), Some(22)));
        assert_eq!(
            error("me@web1", [("user", "you".into())]).to_string(),
            "the user of `web1` is `me` in the host string and `you` in its properties"
        );
        assert_eq!(
            error("web1:22", [("port", Value::Int(23))]).to_string(),
            "the port of `web1` is `22` in the host string and `23` in its properties"
        );
    }

    #[test]
    fn roles_in_one_string_get_the_list_to_write() {
        for text in ["web app", "web, app", "web,app", " web app"] {
            let error = error("web1", [("roles", text.into())]);
            assert_eq!(error.to_string(), format!("`{text}` is not the name of one role"));
            assert_eq!(error.parts().help, [r#"write several roles as a list: `["web", "app"]`"#]);
        }
        assert_eq!(check_role("web\n").unwrap_err().parts().help, [r#"write several roles as a list: `["web"]`"#]);
    }

    #[test]
    fn reserved_empty_and_pattern_like_roles_are_refused() {
        assert_eq!(check_role("all").unwrap_err().to_string(), "`all` is reserved and cannot be the name of a role");
        assert_eq!(check_role("").unwrap_err().to_string(), "the name of a role is empty");
        assert_eq!(check_role("web*").unwrap_err().to_string(), "the role `web*` would read as a pattern");
        assert!(check_role("web_1-x.y:z").is_ok());
    }

    #[test]
    fn values_that_do_not_fit_say_what_does() {
        for (name, value, message, help) in [
            ("user", Value::Int(1), "`user` of a server cannot be `1`", "expected a name, for example `\"deploy\"`"),
            ("user", "".into(), "`user` of a server cannot be `\"\"`", "expected a name, for example `\"deploy\"`"),
            ("port", Value::Int(0), "`port` of a server cannot be `0`", "expected a number from 1 to 65535"),
            ("port", "+22".into(), "`port` of a server cannot be `\"+22\"`", "expected a number from 1 to 65535"),
            (
                "roles",
                Value::Unit,
                "`roles` of a server cannot be `()`",
                "expected a name or a list of names: `[\"app\", \"web\"]`",
            ),
            (
                "ssh_options",
                Value::Int(1),
                "`ssh_options` of a server cannot be `1`",
                "expected a map: `#{ port: 2222 }`",
            ),
            (
                "transport",
                "locale".into(),
                "`transport` of a server cannot be `\"locale\"`",
                "expected `\"ssh\"` or `\"local\"`",
            ),
        ] {
            let error = error("web1", [(name, value)]);
            assert_eq!(error.to_string(), message);
            assert_eq!(error.parts().help[0], help);
        }
        assert_eq!(error("web1", [("transport", "locale".into())]).parts().help[1], "did you mean `local`?");
    }
}
