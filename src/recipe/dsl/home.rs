//! A `~` at the beginning of `deploy_to`.
//!
//! Arguments are quoted, so the host's shell would not expand it there; it is asked once a host what it stands for. It
//! is the home of the user who logs in, inside `as_user` too: the tree of an application is in one place.

use std::sync::PoisonError;

use crate::error::Error;
use crate::model::command::Command;
use crate::model::event::Level;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::commands::on_host;
use crate::runner::execute::Wish;
use crate::transport::api::Input;

const QUIET: Wish = Wish { level: Level::Debug, must_succeed: true, keep_output: true };

/// The path with its `~` or `~user` replaced. Where no host is at hand, and in a dry run, it stays.
///
/// # Errors
/// As a command; and when the host knows no such user.
pub fn expanded(call: &Call<'_>, path: String) -> Result<String, Error> {
    let world = call.world();
    let (tilde, rest) = path.split_once('/').map_or((path.as_str(), ""), |(tilde, rest)| (tilde, rest));
    if !tilde.starts_with('~') || world.options.dry_run || call.frame().here.is_none() {
        return Ok(path);
    }
    if !tilde[1..].bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)) {
        return Err(Error::recipe(format!("`{tilde}` in setting `deploy_to` is no home folder"))
            .help("write `~/…`, `~user/…`, or the whole path"));
    }
    let key = (call.here()?.transport.label(), tilde.to_owned());
    let known = world.homes.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    let home = match known {
        Some(home) => home,
        None => {
            let ran = on_host(call, &Command::shell(format!("printf %s {tilde}")), Input::None, QUIET, None)?;
            let home = String::from_utf8_lossy(&ran.stdout).into_owned();
            if !home.starts_with('/') {
                return Err(Error::recipe(format!("`{tilde}` in setting `deploy_to` is no home folder on this host"))
                    .note(format!("its shell makes `{home}` of it")));
            }
            world.homes.lock().unwrap_or_else(PoisonError::into_inner).insert(key, home.clone());
            home
        }
    };
    Ok(format!("{}/{rest}", home.trim_end_matches('/')).trim_end_matches('/').to_owned())
}
