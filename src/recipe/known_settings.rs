//! The settings windlass itself knows, and what their values may be.

use rhai::Dynamic;

use crate::error::Error;
use crate::model::format_options;
use crate::model::span;
use crate::model::suggest::did_you_mean;
use crate::model::value::Value;
use crate::recipe::values::{kind, to_value};
use crate::runner::max_fail::MaxFail;
use crate::transport::options::check as check_ssh_options;

/// Rules for the values of known settings.
///
/// # Errors
/// A value outside its rule.
pub fn check(name: &str, value: &Dynamic) -> Result<(), Error> {
    match name {
        "application" => {
            let text = value.clone().into_string().unwrap_or_default();
            let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if text.is_empty() || !text.chars().all(allowed) {
                return Err(Error::recipe(format!("`{value}` cannot be the name of an application"))
                    .help("use letters, digits, `-`, `_` and `.`, for example `set(\"application\", \"my_app\")`"));
            }
        }
        "keep_releases" if value.as_int().map_or(true, |keep| keep < 1) => {
            return Err(Error::recipe(format!(
                "`keep_releases` is `{value}`, but it has to be a whole number of at least 1"
            ))
            .help("for example `set(\"keep_releases\", 5)`"));
        }
        "max_fail" if !value.is_unit() => {
            let wrong = |problem: String| Error::recipe(format!("the setting `max_fail` {problem}"));
            to_value(value).and_then(|value| MaxFail::of(&value).map_err(wrong))?;
        }
        "warm" if !value.is_unit() && value.as_int().map_or(true, |seconds| u32::try_from(seconds).is_err()) => {
            return Err(Error::recipe(format!("`warm` is `{value}`, but has to be a whole number of seconds"))
                .help("for example `set(\"warm\", 60)`; 0 closes connections at the end of each run"));
        }
        "filter" if !value.is_unit() => filter(value)?,
        format_options::NAME => {
            to_value(value).and_then(|value| format_options::FormatOptions::of(&value))?;
        }
        "ssh_options" if !value.is_unit() => match to_value(value)? {
            Value::Map(options) => check_ssh_options(&options)?,
            other => {
                return Err(Error::recipe(format!("the setting `ssh_options` cannot be `{other}`"))
                    .help("expected a map: `#{ port: 2222 }`"));
            }
        },
        "pty" if !value.is_bool() && !value.is_unit() => {
            return Err(Error::recipe(format!("`pty` is `{value}`, but it has to be true or false"))
                .help("`set(\"pty\", true)` runs commands on a terminal"));
        }
        "lock" if !value.is_bool() => {
            return Err(Error::recipe(format!("`lock` is `{value}`, but it has to be true or false"))
                .help("`set(\"lock\", false)` deploys without a lock"));
        }
        "lock_ttl" if value.as_int().map_or(true, |ttl| !(5..=86400).contains(&ttl)) => {
            return Err(Error::recipe(format!(
                "`lock_ttl` is `{value}`, but it has to be a whole number of seconds, at least 5 and at most 86400"
            ))
            .help("for example `set(\"lock_ttl\", 60)`"));
        }
        "connect_timeout" | "command_timeout" | "idle_timeout" | "run_timeout" if !value.is_unit() => {
            let time = span::of_value(&to_value(value)?)
                .map_err(|reason| Error::recipe(format!("the setting `{name}` cannot be used: {reason}")))?;
            if name == "connect_timeout" && time.is_zero() {
                return Err(Error::recipe("the setting `connect_timeout` is 0, so no host could ever be reached")
                    .help("leave it out for ssh's own limit"));
            }
        }
        _ => {}
    }
    Ok(())
}

/// The parts of the setting `filter`.
fn filter(value: &Dynamic) -> Result<(), Error> {
    if value.is_fnptr() {
        return Err(Error::recipe("the setting `filter` cannot be a closure with parameters")
            .help("to choose hosts by a closure write `filter_hosts(|host| …)`"));
    }
    let Value::Map(parts) = to_value(value)? else {
        return Err(Error::recipe(format!("the setting `filter` cannot be a {}", kind(value)))
            .help("expected a map: `#{ roles: [\"web\"], hosts: [\"web1\"] }`"));
    };
    for (name, value) in parts {
        if !FILTER_PARTS.contains(&name.as_str()) {
            return Err(Error::recipe(format!("the setting `filter` has no part `{name}`"))
                .maybe_help(did_you_mean(&name, ["roles", "hosts"]))
                .note("its parts are `roles` and `hosts`"));
        }
        let fits = match &value {
            Value::List(names) => names.iter().all(|name| name.as_text().is_some()),
            one => one.as_text().is_some(),
        };
        if !fits {
            return Err(Error::recipe(format!("`{name}` of the setting `filter` cannot be `{value}`"))
                .help(format!("expected a name or a list of names: `{name}: [\"web1\"]`")));
        }
    }
    Ok(())
}

/// Those of Capistrano.
const FILTER_PARTS: &[&str] = &["role", "roles", "host", "hosts"];

#[cfg(test)]
mod tests {
    use super::*;

    fn is_fine(name: &str, value: impl Into<Dynamic>) -> bool {
        check(name, &value.into()).is_ok()
    }

    #[test]
    fn the_filter_is_a_map_of_names() {
        let filter = |text: &str| check("filter", &rhai::Engine::new().eval::<Dynamic>(text).unwrap());
        for right in ["#{ roles: \"web\" }", "#{ host: [\"a\", \"b\"], roles: \"x\" }", "()", "#{}"] {
            assert!(filter(right).is_ok(), "{right}");
        }
        for (wrong, message, help) in [
            (
                "|host| true",
                "the setting `filter` cannot be a closure with parameters",
                "to choose hosts by a closure write `filter_hosts(|host| …)`",
            ),
            (
                "\"web\"",
                "the setting `filter` cannot be a string",
                "expected a map: `#{ roles: [\"web\"], hosts: [\"web1\"] }`",
            ),
            ("#{ rols: \"web\" }", "the setting `filter` has no part `rols`", "did you mean `roles`?"),
            (
                "#{ hosts: 1 }",
                "`hosts` of the setting `filter` cannot be `1`",
                "expected a name or a list of names: `hosts: [\"web1\"]`",
            ),
        ] {
            let error = filter(wrong).unwrap_err();
            assert_eq!((error.to_string().as_str(), error.parts().help[0].as_str()), (message, help));
        }
    }

    #[test]
    fn options_of_ssh_are_known_when_they_are_set() {
        let options = |text: &str| check("ssh_options", &rhai::Engine::new().eval::<Dynamic>(text).unwrap());
        assert!(options("#{ port: 2222, keys: [\"~/.ssh/x\"] }").is_ok() && options("()").is_ok());
        assert_eq!(options("#{ prot: 2222 }").unwrap_err().to_string(), "`ssh_options` has no `prot`");
        assert_eq!(options("[1]").unwrap_err().to_string(), "the setting `ssh_options` cannot be `[1]`");
    }

    #[test]
    fn known_settings_have_rules() {
        assert!(!is_fine("application", "my app") && is_fine("application", "my.app-1_x"));
        assert!(!is_fine("keep_releases", 0_i64) && !is_fine("keep_releases", "5") && is_fine("keep_releases", 5_i64));
        for (wrong, right) in [(Dynamic::from("60"), Dynamic::from(60_i64)), ((-1_i64).into(), Dynamic::UNIT)] {
            assert!(!is_fine("warm", wrong) && is_fine("warm", right));
        }
        assert!(!is_fine("lock", "no") && is_fine("lock", false));
        assert!(!is_fine("lock_ttl", 4_i64) && is_fine("lock_ttl", 300_i64));
        assert!(is_fine("run_timeout", "1h") && !is_fine("connect_timeout", 0_i64));
        assert!(is_fine("a_setting_of_ones_own", 0_i64));
        let error = check("idle_timeout", &"5 minutes".into()).unwrap_err();
        assert!(error.to_string().starts_with("the setting `idle_timeout` cannot be used: `5 minutes` is no length"));
    }
}
