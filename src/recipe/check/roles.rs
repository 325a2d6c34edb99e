//! Names of roles.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::model::pattern::Pattern;
use crate::model::suggest::did_you_mean;
use crate::recipe::check::files::Files;
use crate::recipe::check::outline::{CallSite, Outline};
use crate::recipe::check::stage::Stage;
use crate::recipe::check::usage::Usage;

/// Functions whose arguments are roles.
const OF_ROLES: &[&str] = &["roles", "release_roles", "primary", "role_properties"];

/// The roles that servers of all stages have together.
struct Declared(BTreeSet<String>);

/// Roles no stage has, as far as all stages say for certain which they have.
#[must_use]
pub fn unknown(files: &Files, stages: &[Stage]) -> Vec<Error> {
    if stages.iter().any(|stage| !stage.is_whole || stage.is_guessed) || files.is_blind {
        return Vec::new();
    }
    if stages.iter().all(|stage| stage.world.inventory(|inventory| inventory.servers().len() == 0)) {
        return Vec::new();
    }
    let roles = |stage: &Stage| -> Vec<String> {
        stage.world.inventory(|inventory| inventory.known_roles().map(str::to_owned).collect())
    };
    let declared = Declared(stages.iter().flat_map(roles).collect());
    let mut errors = Vec::new();
    for (file, _, call) in files.own_calls() {
        // A script may have servers of its own.
        if !files.is_beside(&file.file) || !declares_servers(file) {
            errors.extend(declared.unknown_roles(file, call));
        }
    }
    errors
}

impl Declared {
    fn unknown_roles(&self, file: &Outline, call: &CallSite) -> Vec<Error> {
        let is_of_roles = !call.is_method && OF_ROLES.contains(&call.name.as_str());
        let is_question = call.is_method && call.name == "has_role";
        // Who compares, or counts, asks whether there are any.
        if (!is_of_roles && !is_question) || matches!(call.usage, Usage::Guarded | Usage::Dotted) {
            return Vec::new();
        }
        let mut errors = Vec::new();
        for argument in &call.args {
            for (text, position) in argument.texts().unwrap_or_default() {
                // What cannot be read is told when it is read.
                for pattern in Pattern::list(text, &call.name).unwrap_or_default() {
                    if self.0.iter().any(|role| pattern.matches(role)) || matches!(pattern, Pattern::All) {
                        continue;
                    }
                    let error = self.unknown_role(&pattern).at(file.place(position));
                    errors.push(error.width(text.escape_default().count() + 2));
                }
            }
        }
        errors
    }

    fn unknown_role(&self, pattern: &Pattern) -> Error {
        let roles: Vec<&str> = self.0.iter().map(String::as_str).collect();
        let text = pattern.text();
        let what = match pattern {
            Pattern::Exact(_) => format!("no server of any stage has the role `{text}`"),
            _ => format!("no server of any stage has a role that is like `{text}`"),
        };
        let known = if roles.is_empty() {
            "there are no roles".to_owned()
        } else {
            format!("the roles are {}", roles.join(", "))
        };
        Error::recipe(what).rule("unknown-role").maybe_help(did_you_mean(text, roles)).note(known)
    }
}

fn declares_servers(file: &Outline) -> bool {
    file.calls().any(|(_, call)| !call.is_method && ["server", "role", "hosts_from"].contains(&call.name.as_str()))
}

/// Servers with a property `role` and no roles: Capistrano takes it for a property as well, and nothing finds the server.
#[must_use]
pub fn role_properties(stage: &Stage) -> Vec<Error> {
    let of = |server: &crate::model::server::Server| {
        let role = server.properties.get("role").filter(|_| server.roles.is_empty())?;
        let name = role.as_text()?;
        let error = Error::recipe(format!("`{}` has the property `role`, but no role", server.name))
            .rule("role-property")
            .help(format!("write `roles: [\"{name}\"]`"));
        Some(error.at(server.places.get("role").cloned()))
    };
    stage.world.inventory(|inventory| inventory.servers().filter_map(|server| of(server)).collect())
}
