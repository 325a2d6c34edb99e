//! A setting as it is shown to people and programs: its value and who set it. Everything in it is already redacted.

use serde::Serialize;

use crate::model::value::Value;
use crate::place::Place;

/// A setting.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SettingRow {
    /// Its name.
    pub name: String,
    /// Whether there is a value, and if not, why.
    pub state: State,
    /// The value, where it is known and plain data.
    pub value: Option<Value>,
    /// Why there is no value, where working it out went wrong.
    pub error: Option<String>,
    /// Who set it.
    pub set_by: SetBy,
    /// Where; none for what the command line set.
    pub place: Option<Place>,
    /// Variables of the environment that are set, and that are read where it is set.
    pub variables: Vec<String>,
    /// What servers say in place of it.
    pub servers: Vec<Said>,
    /// What the command line says in place of it.
    pub option: Option<Given>,
}

/// What is known of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It was set.
    Set,
    /// It is a stored function.
    Function,
    /// It is worked out when it is needed.
    Lazy,
    /// It is asked for when it is needed.
    Question,
    /// It is a lazy one that was worked out to be shown.
    WorkedOut,
    /// It is a lazy one that could not be worked out here.
    Failed,
}

/// Who set a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SetBy {
    /// A recipe of the user's.
    Recipe,
    /// A stock recipe.
    Stock,
    /// The command line.
    CommandLine,
}

/// A property of a server that takes the place of a setting.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Said {
    /// The server.
    pub server: String,
    /// Its value.
    pub value: Value,
    /// Where it was said.
    pub place: Option<Place>,
}

/// An option of the command line that takes the place of a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Given {
    /// For example `--warm`.
    pub name: &'static str,
    /// What it was given.
    pub value: String,
}
