//! `within`, `with`, `as_user`, `umask`: what surrounds the commands of a block.

use rhai::{Dynamic, Map};

use crate::error::Error;
use crate::model::command::Word;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::call_command::word;
use crate::recipe::dsl::signature::{ANY, CLOSURE, MAP, MODE, OPTIONS, TEXT, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::values::text;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "within",
        usage: "within(dir, || { … })",
        about: "Run the commands of a block in a directory; a relative one is taken from the directory around it.",
        takes: &[one("dir", TEXT), one("block", CLOSURE)],
        options: &[],
        gives: ANY,
        run: within,
    },
    Function {
        name: "with",
        usage: "with(#{ rails_env: \"production\" }, || { … })",
        about: "Run the commands of a block with these environment variables. Names in lower case are raised: \
                `rails_env` is RAILS_ENV; the proxy variables and names in mixed case stay as they are.",
        takes: &[one("variables", MAP), one("block", CLOSURE)],
        options: &[],
        gives: ANY,
        run: with,
    },
    Function {
        name: "as_user",
        usage: "as_user(name, #{ group: \"www\" }, || { … })",
        about: "Run the commands of a block as another user, through `sudo`; with `group` in that group, through `sg`: the user \
                has to be in it.",
        takes: &[one("name", TEXT), OPTIONS, one("block", CLOSURE)],
        options: &[&[maybe("group", TEXT)]],
        gives: ANY,
        run: as_user,
    },
    Function {
        name: "umask",
        usage: "umask(\"027\", || { … })",
        about: "Run the commands of a block with a umask, in octal.",
        takes: &[one("mask", MODE), one("block", CLOSURE)],
        options: &[],
        gives: ANY,
        run: umask,
    },
];

fn within(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let dir = call.text("the directory")?;
    let block = call.closure("what to do there")?;
    if dir.trim().is_empty() {
        return Err(Error::recipe("the directory of `within` is empty"));
    }
    call.call(&block, Vec::new(), |frame| frame.dir = Some(joined(frame.dir.as_deref(), &dir)))
}

/// A directory inside another one; an absolute one, or one of a home, replaces it.
fn joined(outer: Option<&str>, inner: &str) -> String {
    match outer {
        Some(outer) if !inner.starts_with(['/', '~']) => format!("{}/{inner}", outer.trim_end_matches('/')),
        _ => inner.to_owned(),
    }
}

fn with(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let value = call.any();
    let Some(map) = value.clone().try_cast::<Map>() else {
        return Err(call.wrong("the variables", "a map such as `#{ rails_env: \"production\" }`", &value));
    };
    let block = call.closure("what to do with them")?;
    let variables = environment(call, &map)?;
    call.call(&block, Vec::new(), |frame| frame.env.extend(variables))
}

/// Environment variables from a map of a recipe.
///
/// # Errors
/// A value that is no text, number or truth value.
pub fn environment(call: &Call<'_>, map: &Map) -> Result<Vec<(String, Word)>, Error> {
    map.iter()
        .map(|(name, value)| {
            // `()` empties a variable, as nil does in Capistrano.
            let word = if value.is_unit() {
                Word::Text(String::new())
            } else {
                word(call, value, &format!("variable `{name}`"))?
            };
            Ok((variable_name(name), word))
        })
        .collect()
}

/// Capistrano raises the case of symbols (`rails_env:`), and Rhai's keys look like those. Programs that read their
/// proxy from the environment, curl first, want these names in lower case.
fn variable_name(name: &str) -> String {
    const LOWER: &[&str] = &["http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"];
    if LOWER.contains(&name) || name.chars().any(|c| c.is_ascii_uppercase()) {
        name.to_owned()
    } else {
        name.to_ascii_uppercase()
    }
}

fn as_user(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let user = call.text("the name of a user")?;
    let options = if call.left() > 1 { call.any() } else { Dynamic::from(Map::new()) };
    let block = call.closure("what to do")?;
    let Some(options) = options.clone().try_cast::<Map>() else {
        return Err(call.wrong("the options", "a map such as `#{ group: \"www\" }`", &options));
    };
    call.check_options(&options)?;
    let group = match options.get("group").filter(|group| !group.is_unit()) {
        None => None,
        Some(group) => Some(text(group).ok_or_else(|| call.wrong("`group`", "a string", group))?),
    };
    call.call(&block, Vec::new(), |frame| (frame.user, frame.group) = (Some(user), group))
}

fn umask(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let mask = call.text("the mask")?;
    let block = call.closure("what to do")?;
    call.call(&block, Vec::new(), |frame| frame.umask = Some(mask))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absolute_directory_inside_another_replaces_it() {
        assert_eq!(joined(Some("/a"), "/b"), "/b");
        assert_eq!(joined(Some("/a"), "~/b"), "~/b");
        assert_eq!(joined(Some("/a/"), "b"), "/a/b");
        assert_eq!(joined(None, "b"), "b");
    }

    #[test]
    fn variable_names_follow_capistrano_but_proxies_stay() {
        assert_eq!(variable_name("rails_env"), "RAILS_ENV");
        assert_eq!(variable_name("http_proxy"), "http_proxy");
        assert_eq!(variable_name("FACTER_env"), "FACTER_env");
    }
}
