//! Names of roles and servers.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::model::pattern::Pattern;
use crate::model::suggest::did_you_mean;
use crate::recipe::check::files::Files;
use crate::recipe::check::known::Arg;
use crate::recipe::check::outline::{CallSite, Outline};
use crate::recipe::check::stage::Stage;
use crate::recipe::check::tasks::at;
use crate::recipe::check::usage::Usage;

/// Functions whose arguments are roles.
const OF_ROLES: &[&str] = &["roles", "release_roles", "primary", "role_properties"];

/// What all stages declare together.
struct Declared {
    roles: BTreeSet<String>,
    servers: BTreeSet<String>,
}

/// Roles and servers no stage has, as far as all stages say for certain what they have.
#[must_use]
pub fn unknown(files: &Files, stages: &[Stage]) -> Vec<Error> {
    if stages.iter().any(|stage| !stage.is_whole || stage.is_guessed) || files.is_blind {
        return Vec::new();
    }
    let mut declared = Declared { roles: BTreeSet::new(), servers: BTreeSet::new() };
    for stage in stages {
        stage.world.inventory(|inventory| {
            declared.roles.extend(inventory.known_roles().map(str::to_owned));
            declared.servers.extend(inventory.servers().map(|server| server.name.clone()));
        });
    }
    if declared.servers.is_empty() {
        return Vec::new();
    }
    let mut errors = Vec::new();
    for (file, _, call) in files.own_calls() {
        errors.extend(declared.unknown_roles(file, call));
        errors.extend(declared.role_in_place_of_hosts(file, call));
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
                    if self.roles.iter().any(|role| pattern.matches(role)) || matches!(pattern, Pattern::All) {
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
        let roles: Vec<&str> = self.roles.iter().map(String::as_str).collect();
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

    /// `on("web", …)` connects to a host of that name.
    fn role_in_place_of_hosts(&self, file: &Outline, call: &CallSite) -> Vec<Error> {
        let of_argument = |argument: &Arg| {
            let names = argument.texts().unwrap_or_default().into_iter();
            let roles = names
                .filter(|(name, _)| (*name == "all" || self.roles.contains(*name)) && !self.servers.contains(*name));
            let error = |(name, _): (&str, _)| {
                let error = Error::recipe(format!("`{name}` is a role, and `on` takes it for the name of a host"))
                    .rule("role-as-host")
                    .help(format!("write `on(roles(\"{name}\"), …)`"));
                at(error, file, argument, name)
            };
            roles.map(error).collect::<Vec<_>>()
        };
        let hosts = call.args.first().filter(|_| call.name == "on" && !call.is_method);
        hosts.map(of_argument).unwrap_or_default()
    }
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
