//! Which servers a run is limited to.
//!
//! Owns `-r`, `-z`, `--limit`, `ROLES`, `HOSTS` and the setting `filter`. Each occurrence narrows what the others left;
//! within one, words add up; what one word means is `model::filter_word`'s. It applies to what `on` gets and must not
//! touch what `roles()` and `primary()` answer.

use std::fmt::{Display, Formatter};
use std::sync::Arc;

use crate::error::{Error, Kind};
use crate::model::filter_word::{self, Axis, Word};
use crate::model::inventory::Inventory;
use crate::model::server::Server;

/// Where a filter was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `-r`, `-z` or `--limit`.
    Option,
    /// `ROLES` or `HOSTS`, in the environment or as `KEY=value`.
    Environment,
    /// The setting `filter`.
    Setting,
}

/// All filters of a run.
#[derive(Clone, Debug, Default)]
pub struct Filter(Vec<Clause>);

/// One occurrence.
#[derive(Clone, Debug)]
struct Clause {
    axis: Axis,
    source: Source,
    text: String,
    words: Vec<Word>,
}

impl Filter {
    /// Adds one occurrence: a comma-separated list of words as [`filter_word::read`] takes them. A setting that is a list in
    /// the recipe comes here joined with commas.
    ///
    /// # Errors
    /// As [`filter_word::read`].
    pub fn add(&mut self, axis: Axis, source: Source, text: &str) -> Result<(), Error> {
        let words = filter_word::read(axis, text, origin(axis, source)).map_err(|error| of_kind(source, error))?;
        self.0.push(Clause { axis, source, text: text.trim().to_owned(), words });
        Ok(())
    }

    /// Whether nothing is filtered.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The servers that every occurrence lets through, in the order given.
    #[must_use]
    pub fn select(&self, servers: &[Arc<Server>]) -> Vec<Arc<Server>> {
        servers.iter().filter(|server| self.0.iter().all(|clause| clause.lets_through(server))).cloned().collect()
    }

    /// Finds mistakes before anything runs: an exact name that the stage does not have, an occurrence that no server
    /// matches, occurrences that leave none together. A pattern may match nothing as long as its neighbours do.
    ///
    /// # Errors
    /// The first such mistake, with what there is and what may have been meant.
    pub fn check(&self, inventory: &Inventory) -> Result<(), Error> {
        for clause in &self.0 {
            clause.check(inventory)?;
        }
        let left = inventory.servers().any(|server| self.0.iter().all(|clause| clause.lets_through(server)));
        if left || self.is_empty() {
            return Ok(());
        }
        Err(Error::usage(format!("{self} {} no host", self.leaves()))
            .note(inventory.hosts_shown())
            .note(inventory.roles_shown()))
    }
}

impl Filter {
    /// The verb for this many occurrences.
    pub(crate) const fn leaves(&self) -> &'static str {
        if self.0.len() == 1 { "leaves" } else { "leave" }
    }
}

impl Display for Filter {
    /// Every occurrence as it was given: `` `-r web` and `HOSTS=web1` ``.
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        for (i, clause) in self.0.iter().enumerate() {
            write!(f, "{}{clause}", if i == 0 { "" } else { " and " })?;
        }
        Ok(())
    }
}

impl Clause {
    fn lets_through(&self, server: &Server) -> bool {
        self.words.iter().any(|word| word.means(server))
    }

    fn check(&self, inventory: &Inventory) -> Result<(), Error> {
        let shown = self.to_string();
        if let Some(error) = self.words.iter().find_map(|word| word.complaint(self.axis, &shown, inventory)) {
            return Err(of_kind(self.source, error));
        }
        if inventory.servers().any(|server| self.lets_through(server)) {
            return Ok(());
        }
        let error = Error::recipe(format!("{self} matches no host"));
        Err(of_kind(self.source, error.note(inventory.hosts_shown()).note(inventory.roles_shown())))
    }
}

impl Display for Clause {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let Self { axis, source, text, .. } = self;
        match source {
            Source::Option => write!(f, "`{} {text}`", origin(*axis, *source)),
            Source::Environment => write!(f, "`{}={text}`", origin(*axis, *source)),
            Source::Setting => write!(f, "the setting `{}: {text:?}`", origin(*axis, *source)),
        }
    }
}

/// How the user knows the place.
const fn origin(axis: Axis, source: Source) -> &'static str {
    match (source, axis) {
        (Source::Option, Axis::Roles) => "-r",
        (Source::Option, Axis::Hosts) => "-z",
        // Nobody says it elsewhere.
        (_, Axis::Any) => "--limit",
        (Source::Environment, Axis::Roles) => "ROLES",
        (Source::Environment, Axis::Hosts) => "HOSTS",
        (Source::Setting, Axis::Roles) => "filter.roles",
        (Source::Setting, Axis::Hosts) => "filter.hosts",
    }
}

/// A mistake in a setting is the recipe's, any other the command line's.
fn of_kind(source: Source, mut error: Error) -> Error {
    error.parts_mut().kind = if source == Source::Setting { Kind::Recipe } else { Kind::Usage };
    error
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;
    use proptest::prelude::*;

    use super::Axis::{Any, Hosts, Roles};
    use super::*;
    use crate::model::host_string::parse;
    use crate::model::pattern::Pattern;

    fn stage() -> Inventory {
        let mut inventory = Inventory::default();
        let servers = [
            ("web1", "web"),
            ("me@web_2:2222", "web"),
            ("db1.example.com", "db"),
            ("web1", "app"),
            ("10.0.0.1", "webdb"),
        ];
        for (host, role) in servers {
            inventory.role(role, &[parse(host).unwrap()], &IndexMap::new(), None).unwrap();
        }
        inventory.server(Server::new("spare")).unwrap();
        inventory
    }

    fn filter(clauses: &[(Axis, &str)]) -> Filter {
        let mut filter = Filter::default();
        for (axis, text) in clauses {
            filter.add(*axis, Source::Option, text).unwrap();
        }
        filter
    }

    fn selected(clauses: &[(Axis, &str)]) -> Vec<String> {
        let all = stage().roles(&[Pattern::All], &[]);
        filter(clauses).select(&all).iter().map(|server| server.name.clone()).collect()
    }

    fn complaint(axis: Axis, source: Source, text: &str) -> Error {
        let mut filter = Filter::default();
        filter.add(axis, source, text).unwrap();
        filter.check(&stage()).unwrap_err()
    }

    #[test]
    fn no_filter_lets_all_through() {
        assert_eq!(selected(&[]), ["web1", "web_2", "db1.example.com", "10.0.0.1", "spare"]);
        assert!(Filter::default().is_empty() && Filter::default().check(&Inventory::default()).is_ok());
        assert_eq!(selected(&[(Roles, "all"), (Hosts, "all")]).len(), 5);
    }

    #[test]
    fn elements_add_up_and_occurrences_narrow() {
        assert_eq!(selected(&[(Roles, "web,db")]), ["web1", "web_2", "db1.example.com"]);
        assert_eq!(selected(&[(Roles, "web"), (Roles, "app")]), ["web1"]);
        assert_eq!(selected(&[(Roles, "web"), (Hosts, "web_2,spare")]), ["web_2"]);
        assert_eq!(selected(&[(Roles, "web"), (Roles, "db")]), Vec::<String>::new());
    }

    #[test]
    fn a_limit_narrows_as_the_others_do() {
        assert_eq!(selected(&[(Any, "role:web,spare")]), ["web1", "web_2", "spare"]);
        assert_eq!(selected(&[(Any, "role:web,spare"), (Any, "web1,spare"), (Roles, "web")]), ["web1"]);
        let error = filter(&[(Any, "role:db"), (Roles, "web")]).check(&stage()).unwrap_err();
        assert_eq!(error.to_string(), "`--limit role:db` and `-r web` leave no host");
    }

    #[test]
    fn names_are_exact_and_patterns_are_not() {
        assert_eq!(selected(&[(Roles, "web")]), ["web1", "web_2"]);
        assert_eq!(selected(&[(Roles, "web*")]), ["web1", "web_2", "10.0.0.1"]);
        assert_eq!(selected(&[(Hosts, "db1")]), Vec::<String>::new());
        assert_eq!(selected(&[(Hosts, "/^db/,web?")]), ["web1", "db1.example.com"]);
    }

    /// Capistrano's fault 21 and 3.10.1 (#1954): underscores and zeros made a regular expression of the whole list.
    #[test]
    fn host_lists_with_underscores_and_zeros_are_lists() {
        assert_eq!(selected(&[(Hosts, "web1,web_2,10.0.0.1")]), ["web1", "web_2", "10.0.0.1"]);
    }

    /// Capistrano 3.3.3: hosts with a user or a port of their own did not match.
    #[test]
    fn hosts_match_by_name_or_as_they_are_called_in_output() {
        for name in ["web_2", "web_2:2222", "me@web_2", "me@web_2:2222"] {
            assert_eq!(selected(&[(Hosts, name)]), ["web_2"], "{name}");
        }
        assert_eq!(selected(&[(Hosts, "web1:22")]), ["web1"]);
        for name in ["you@web_2", "web_2:22", "me@web1"] {
            assert_eq!(selected(&[(Hosts, name)]), Vec::<String>::new(), "{name}");
        }
    }

    #[test]
    fn an_empty_list_is_an_error_that_names_the_option() {
        for (axis, source, name) in [
            (Roles, Source::Option, "-r"),
            (Hosts, Source::Option, "-z"),
            (Any, Source::Option, "--limit"),
            (Roles, Source::Environment, "ROLES"),
            (Hosts, Source::Environment, "HOSTS"),
            (Roles, Source::Setting, "filter.roles"),
            (Hosts, Source::Setting, "filter.hosts"),
        ] {
            let error = Filter::default().add(axis, source, " ").unwrap_err();
            assert_eq!(error.to_string(), format!("`{name}` is empty"));
            assert_eq!(error.kind(), if source == Source::Setting { Kind::Recipe } else { Kind::Usage });
        }
        let error = Filter::default().add(Hosts, Source::Environment, "/[/").unwrap_err();
        assert_eq!(error.to_string(), "`/[/` of `HOSTS` is not a regular expression: unclosed character class");
    }

    #[test]
    fn a_mistyped_host_is_an_error_even_beside_a_good_one() {
        let error = complaint(Hosts, Source::Option, "web1,web3");
        assert_eq!(error.to_string(), "`-z web1,web3` names the host `web3`, which the stage does not have");
        assert_eq!(error.parts().help, ["did you mean `web1`?"]);
        assert_eq!(
            error.parts().notes,
            [
                "hosts: `web1` (web, app), `me@web_2:2222` (web), `db1.example.com` (db), `10.0.0.1` (webdb), `spare` (no roles)"
            ]
        );
        assert_eq!(error.kind(), Kind::Usage);
    }

    #[test]
    fn a_mistyped_role_is_an_error_too() {
        let error = complaint(Roles, Source::Setting, "wbe");
        assert_eq!(error.to_string(), "the setting `filter.roles: \"wbe\"` names the role `wbe`, which no server has");
        assert_eq!(error.parts().help, ["did you mean `web`?"]);
        assert_eq!(error.kind(), Kind::Recipe);
    }

    #[test]
    fn an_expression_without_slashes_gets_them_proposed() {
        let error = complaint(Hosts, Source::Environment, r"^web\d");
        assert_eq!(error.to_string(), r"`HOSTS=^web\d` names the host `^web\d`, which the stage does not have");
        assert_eq!(error.parts().help, [r"a regular expression stands between slashes: `/^web\d/`"]);
    }

    #[test]
    fn patterns_may_match_nothing_as_long_as_their_neighbours_do() {
        assert!(filter(&[(Roles, "web,worker*")]).check(&stage()).is_ok());
        assert_eq!(complaint(Roles, Source::Option, "worker*,/^x/").to_string(), "`-r worker*,/^x/` matches no host");
    }

    #[test]
    fn filters_that_leave_nothing_together_are_an_error() {
        let error = filter(&[(Roles, "web"), (Hosts, "spare")]).check(&stage()).unwrap_err();
        assert_eq!(error.to_string(), "`-r web` and `-z spare` leave no host");
        assert_eq!(error.parts().notes[1], "roles: `web`, `db`, `app`, `webdb`");
        assert!(filter(&[(Roles, "web"), (Hosts, "web1")]).check(&stage()).is_ok());
    }

    proptest! {
        #[test]
        fn filters_only_ever_narrow_and_keep_the_order(
            texts in prop::collection::vec((prop::bool::ANY, "(web|db|app|web1|web_2|spare|all|w\\*|/b/)(,(web|db|spare))?"), 0..4),
        ) {
            let clauses: Vec<(Axis, &str)> =
                texts.iter().map(|(roles, text)| (if *roles { Roles } else { Hosts }, text.as_str())).collect();
            let all = stage().roles(&[Pattern::All], &[]);
            let left = filter(&clauses).select(&all);
            // Each occurrence alone, one after the other, is the same as all at once, and selecting again changes nothing.
            let stepwise = clauses.iter().fold(all.clone(), |left, clause| filter(&[*clause]).select(&left));
            prop_assert_eq!(&left, &stepwise);
            prop_assert_eq!(&left, &filter(&clauses).select(&left));
            let kept: Vec<_> = all.iter().filter(|server| left.contains(server)).cloned().collect();
            prop_assert_eq!(left, kept);
        }
    }
}
