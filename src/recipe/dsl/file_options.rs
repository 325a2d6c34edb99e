//! The options of functions that copy and write files, and their paths.

use std::path::PathBuf;

use rhai::Map;

use crate::error::Error;
use crate::model::command::{Body, Command};
use crate::model::event::Level;
use crate::model::file_script::Placed;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::call_command::surrounded;
use crate::recipe::dsl::command_options::level;
use crate::recipe::dsl::managers::option;
use crate::recipe::values::text;
use crate::runner::execute::Wish;

/// How the questions are asked that come with it.
pub const ASKING: Wish = Wish { level: Level::Debug, must_succeed: true, keep_output: true };

/// What a call says about its file.
pub struct FileOptions {
    map: Map,
    /// How loud it is.
    pub wish: Wish,
    /// Permission bits.
    pub mode: Option<u32>,
    /// Who owns it.
    pub owner: Option<String>,
    /// Its group.
    pub group: Option<String>,
    as_root: bool,
}

impl FileOptions {
    /// Takes the options of a call.
    ///
    /// # Errors
    /// An option there is none of, and a value that it cannot have.
    pub fn of(call: &mut Call<'_>) -> Result<Self, Error> {
        let map = call.options()?;
        let level = level(&map)?.unwrap_or(Level::Info);
        let mut options = Self {
            wish: Wish { level, must_succeed: true, keep_output: true },
            mode: mode(&map)?,
            owner: option(call, &map, "owner")?,
            group: option(call, &map, "group")?,
            as_root: false,
            map,
        };
        options.as_root = options.flag(call, "sudo")?.unwrap_or(false);
        options.placed(String::new()).check()?;
        Ok(options)
    }

    /// A truth value, where it was given.
    ///
    /// # Errors
    /// When it is something else.
    pub fn flag(&self, call: &Call<'_>, name: &str) -> Result<Option<bool>, Error> {
        let given = self.map.get(name).filter(|value| !value.is_unit());
        given
            .map(|value| value.as_bool().map_err(|_| call.wrong(&format!("`{name}`"), "true or false", value)))
            .transpose()
    }

    /// What they say of a file at this path.
    #[must_use]
    pub fn placed(&self, path: String) -> Placed {
        let (owner, group) = (self.owner.clone(), self.group.clone());
        Placed { mode: self.mode, owner, group, ..Placed::at(path) }
    }

    /// What surrounds the work on the host: that of the call, and root where `sudo` says so.
    ///
    /// # Errors
    /// As [`surrounded`].
    pub fn around(&self, call: &Call<'_>) -> Result<Command, Error> {
        let around = surrounded(call, Body::Line(":".to_owned()))?;
        let is_root = around.user.is_none() && call.here()?.server.user.as_deref() == Some("root");
        if self.as_root && !is_root {
            return Ok(Command { user: Some("root".to_owned()), ..around });
        }
        Ok(around)
    }
}

/// The next argument as a path on the host.
///
/// # Errors
/// What is none.
pub fn remote_path(call: &mut Call<'_>) -> Result<String, Error> {
    let path = call.text("the path on the host")?;
    if path.is_empty() || path.contains('\0') {
        return Err(Error::recipe(format!("{path:?} is no path")).help("give the path of a file on the host"));
    }
    Ok(path)
}

/// A text as a path on this machine.
#[must_use]
pub fn local_path(text: &str) -> PathBuf {
    match text.strip_prefix("~/") {
        Some(rest) => std::env::home_dir().unwrap_or_default().join(rest),
        None => PathBuf::from(text),
    }
}

/// Permission bits from `mode: "0640"`.
fn mode(options: &Map) -> Result<Option<u32>, Error> {
    let Some(value) = options.get("mode").filter(|value| !value.is_unit()) else { return Ok(None) };
    let bits = text(value).and_then(|text| u32::from_str_radix(&text, 8).ok()).filter(|bits| *bits <= 0o7777);
    bits.map(Some).ok_or_else(|| {
        Error::recipe(format!("`{value}` is not a mode")).help("write it in octal as a string: `mode: \"0640\"`")
    })
}
