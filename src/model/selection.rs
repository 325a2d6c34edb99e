//! What there is to select from, in words.
//!
//! Owns the notes that say which hosts and roles a stage has, and the error for an `on` that is left without hosts. It
//! must not select anything.

use crate::error::Error;
use crate::model::filter::Filter;
use crate::model::inventory::Inventory;
use crate::model::name_list;
use crate::model::pattern::{self, Pattern};
use crate::model::property_filter::PropertyFilter;
use crate::model::server::Server;
use crate::model::suggest::did_you_mean;

impl Inventory {
    /// A note with every host and its roles.
    #[must_use]
    pub fn hosts_shown(&self) -> String {
        if self.servers().len() == 0 {
            return "there are no servers".to_owned();
        }
        format!("hosts: {}", name_list::plain(self.servers().map(|server| host_shown(server))))
    }

    /// A note with every known role.
    #[must_use]
    pub fn roles_shown(&self) -> String {
        if self.known_roles().len() == 0 {
            return "there are no roles".to_owned();
        }
        format!("roles: {}", name_list::quoted(self.known_roles()))
    }

    /// The complaint about the first role asked for by its exact name that nobody declared.
    #[must_use]
    pub fn unknown_role(&self, roles: &[Pattern]) -> Option<Error> {
        let unknown = roles.iter().find_map(|pattern| match pattern {
            Pattern::Exact(name) if !self.knows_role(name) => Some(name),
            _ => None,
        })?;
        Some(
            Error::recipe(format!("no server has the role `{unknown}`"))
                .maybe_help(did_you_mean(unknown, self.known_roles()))
                .note(self.roles_shown()),
        )
    }
}

/// What an `on` was asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The roles; empty where hosts were given in another way.
    pub roles: Vec<Pattern>,
    /// Conditions on properties.
    pub conditions: Vec<PropertyFilter>,
    /// Whether closures had a say as well.
    pub by_closure: bool,
}

/// The error for a selection without hosts: what was asked for, what there is, what may have been meant.
///
/// Whether an empty selection is a mistake is the caller's to know: `-r web` rightly leaves nothing of an
/// `on(roles("db"), …)`, as long as the filters leave something of the stage, which [`Filter::check`] sees to.
#[must_use]
pub fn empty(asked: &Asked, filter: &Filter, inventory: &Inventory) -> Error {
    if inventory.servers().len() == 0 {
        return Error::recipe("the stage has no servers")
            .help("declare one in the stage's file: `server(\"web1.example.com\", #{ roles: [\"app\"] })`");
    }
    if let Some(error) = inventory.unknown_role(&asked.roles) {
        return error.note(inventory.hosts_shown());
    }
    let with =
        if asked.roles.is_empty() { String::new() } else { format!(" with role {}", pattern::shown(&asked.roles)) };
    let roles = if asked.roles.is_empty() { &[Pattern::All][..] } else { &asked.roles };
    let meets_all = !inventory.roles(roles, &asked.conditions).is_empty();
    let error = if asked.by_closure && meets_all {
        Error::recipe(format!("the closure of the condition leaves no host{with}"))
    } else if inventory.roles(roles, &[]).is_empty() || (filter.is_empty() && asked.conditions.is_empty()) {
        Error::recipe(format!("there is no host{with}"))
    } else if !meets_all {
        let conditions: Vec<String> = asked.conditions.iter().map(ToString::to_string).collect();
        Error::recipe(format!("no host{with} meets `#{{ {} }}`", conditions.join(", ")))
    } else {
        Error::usage(format!("{filter} {} no host{with}", filter.leaves()))
    };
    error.note(inventory.hosts_shown()).note(inventory.roles_shown())
}

fn host_shown(server: &Server) -> String {
    let roles: Vec<&str> = server.roles.iter().map(String::as_str).collect();
    let roles = if roles.is_empty() { "no roles".to_owned() } else { roles.join(", ") };
    format!("`{}` ({roles})", server.label())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::model::filter::Source;
    use crate::model::filter_word::Axis;

    fn stage() -> Inventory {
        let mut inventory = Inventory::default();
        for (name, roles) in [("web1", vec!["web", "app"]), ("db1", vec!["db"]), ("spare", vec![])] {
            let roles = roles.into_iter().map(str::to_owned).collect();
            inventory.server(Server { user: Some("me".into()), roles, ..Server::new(name) }).unwrap();
        }
        inventory.role("cron", &[], &indexmap::IndexMap::new(), None).unwrap();
        inventory
    }

    fn roles(text: &str) -> Vec<Pattern> {
        Pattern::list(text, "roles").unwrap()
    }

    const HOSTS: &str = "hosts: `me@web1` (web, app), `me@db1` (db), `me@spare` (no roles)";
    const ROLES: &str = "roles: `web`, `app`, `db`, `cron`";

    #[test]
    fn an_unknown_role_is_the_first_suspicion() {
        let error = empty(&Asked { roles: roles("wbe"), ..Asked::default() }, &Filter::default(), &stage());
        assert_eq!(error.to_string(), "no server has the role `wbe`");
        assert_eq!(error.parts().help, ["did you mean `web`?"]);
        assert_eq!(error.parts().notes, [ROLES, HOSTS]);
        assert!(stage().unknown_role(&roles("web,all,/x/,z*,cron")).is_none());
    }

    #[test]
    fn a_filter_that_leaves_none_is_named() {
        let mut filter = Filter::default();
        filter.add(Axis::Roles, Source::Option, "db").unwrap();
        filter.add(Axis::Hosts, Source::Environment, "spare,db1").unwrap();
        let error = empty(&Asked { roles: roles("web,app"), ..Asked::default() }, &filter, &stage());
        assert_eq!(error.to_string(), "`-r db` and `HOSTS=spare,db1` leave no host with role `web`, `app`");
        assert_eq!(error.parts().notes, [HOSTS, ROLES]);
        assert_eq!(error.kind(), Kind::Usage);
    }

    #[test]
    fn conditions_that_none_meets_are_named() {
        let conditions = [PropertyFilter::With("active".into()), PropertyFilter::Equals("zone".into(), "x".into())];
        let error = empty(
            &Asked { roles: roles("web"), conditions: conditions.to_vec(), ..Asked::default() },
            &Filter::default(),
            &stage(),
        );
        assert_eq!(error.to_string(), r#"no host with role `web` meets `#{ filter: "active", zone: "x" }`"#);
        assert_eq!(error.kind(), Kind::Recipe);
    }

    #[test]
    fn closures_that_are_true_for_none_are_named() {
        let asked = Asked { roles: roles("web"), by_closure: true, ..Asked::default() };
        let error = empty(&asked, &Filter::default(), &stage());
        assert_eq!(error.to_string(), "the closure of the condition leaves no host with role `web`");
        let conditions = vec![PropertyFilter::With("active".into())];
        let error = empty(&Asked { conditions, ..asked }, &Filter::default(), &stage());
        assert_eq!(error.to_string(), r#"no host with role `web` meets `#{ filter: "active" }`"#);
    }

    #[test]
    fn a_role_without_hosts_and_a_stage_without_servers() {
        let error = empty(&Asked { roles: roles("cron"), ..Asked::default() }, &Filter::default(), &stage());
        assert_eq!(error.to_string(), "there is no host with role `cron`");
        let error = empty(&Asked::default(), &Filter::default(), &Inventory::default());
        assert_eq!(error.to_string(), "the stage has no servers");
        assert!(error.parts().help[0].contains("server(\"web1.example.com\""));
        assert_eq!(Inventory::default().hosts_shown(), "there are no servers");
        assert_eq!(Inventory::default().roles_shown(), "there are no roles");
    }
}
