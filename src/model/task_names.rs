//! Names of tasks: which ones may be given, and what a name stands for at the place it was written.
//!
//! Owns the rules of name lookup, those of Rake's `TaskManager#lookup`: from a namespace outward to the top, `^x` from
//! one namespace further out, `rake:x` at the top only. It knows names alone, not tasks.

use crate::error::{Error, Kind};
use crate::model::suggest::did_you_mean;

/// The namespace a full name lies in: `a:b` for `a:b:c`, empty for `c`.
#[must_use]
pub fn namespace_of(name: &str) -> &str {
    name.rsplit_once(':').map_or("", |(namespace, _)| namespace)
}

/// The full names that `written` may stand for in namespace `scope`, in the order they are tried.
#[must_use]
pub fn lookups(written: &str, scope: &str) -> Vec<String> {
    if let Some(top) = written.strip_prefix("rake:") {
        return vec![top.to_owned()];
    }
    let name = written.trim_start_matches('^');
    let mut scope = (0..written.len() - name.len()).fold(scope, |scope, _| namespace_of(scope));
    let mut tried = Vec::new();
    while !scope.is_empty() {
        tried.push(format!("{scope}:{name}"));
        scope = namespace_of(scope);
    }
    tried.push(name.to_owned());
    tried
}

/// The full name of the task that `written` stands for in namespace `scope`. `known` gives it for a full name or an alias.
///
/// A task that names itself rarely means itself: `own` is taken only if nothing further out has the name.
pub fn find(written: &str, scope: &str, own: Option<&str>, known: impl Fn(&str) -> Option<String>) -> Option<String> {
    let known: Vec<String> = lookups(written, scope).into_iter().filter_map(|name| known(&name)).collect();
    let other = known.iter().position(|name| Some(name.as_str()) != own);
    known.into_iter().nth(other.unwrap_or(0))
}

/// An error about a name that stands for no task, with what comes close and where it was looked for.
///
/// `purpose` completes the message, for example `` to run before `deploy` ``; it may be empty.
#[must_use]
pub fn unknown(kind: Kind, written: &str, scope: &str, purpose: &str, names: &[&str]) -> Error {
    let space = if purpose.is_empty() || purpose.starts_with(',') { "" } else { " " };
    let error = Error::new(kind, format!("no task `{written}`{space}{purpose}"))
        .rule("unknown-task")
        .maybe_help(suggestion(written, scope, names))
        .help("list the tasks with `windlass -T`, those without a description too with `windlass -AT`");
    let tried = lookups(written, scope);
    if tried.len() == 1 && tried[0] == written {
        return error;
    }
    let tried: Vec<String> = tried.into_iter().map(|name| format!("`{name}`")).collect();
    error.note(format!("looked for {}", tried.join(", then ")))
}

/// What the writer may have meant: the same name in another namespace, else a name that is spelt nearly so.
fn suggestion(written: &str, scope: &str, names: &[&str]) -> Option<String> {
    let name = written.strip_prefix("rake:").unwrap_or(written).trim_start_matches('^');
    let ending = format!(":{name}");
    let elsewhere: Vec<String> =
        names.iter().filter(|known| known.ends_with(&ending)).take(3).map(|known| format!("`{known}`")).collect();
    if !elsewhere.is_empty() {
        return Some(format!("did you mean {}?", elsewhere.join(" or ")));
    }
    let prefixes: Vec<String> = lookups("", scope).into_iter().filter(|prefix| !prefix.is_empty()).collect();
    let relative =
        prefixes.iter().flat_map(|prefix| names.iter().filter_map(|known| known.strip_prefix(prefix.as_str())));
    did_you_mean(name, names.iter().copied().chain(relative))
}

/// Why `name` cannot be the full name of a task, if so: it could not be called, or would be read as something else.
#[must_use]
pub fn fault(name: &str) -> Option<&'static str> {
    let special = |letter: char| letter.is_whitespace() || letter.is_control() || "[]=^".contains(letter);
    if name.is_empty() {
        Some("it is empty")
    } else if name.split(':').any(str::is_empty) {
        Some("a part between the `:` is empty")
    } else if name.contains(special) {
        Some("it has a space or one of `[ ] = ^` in it")
    } else if name.starts_with('-') {
        Some("it would be read as an option")
    } else if name.starts_with("rake:") {
        Some("`rake:` stands for the top level")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[&str] = &["check", "deploy", "deploy:check", "deploy:check:dirs", "deploy:up", "git:update"];

    fn find_in(written: &str, scope: &str, own: Option<&str>) -> Option<String> {
        find(written, scope, own, |name| NAMES.contains(&name).then(|| name.to_owned()))
    }

    #[test]
    fn lookup_goes_outward() {
        assert_eq!(lookups("x", "a:b"), ["a:b:x", "a:x", "x"]);
        assert_eq!(lookups("c:x", "a"), ["a:c:x", "c:x"]);
        assert_eq!(lookups("x", ""), ["x"]);
    }

    #[test]
    fn a_caret_is_one_namespace_up_but_never_beyond_the_top() {
        assert_eq!(lookups("^x", "a:b"), ["a:x", "x"]);
        assert_eq!(lookups("^^x", "a:b"), ["x"]);
        assert_eq!(lookups("^^^^x", "a:b"), ["x"]);
    }

    #[test]
    fn rake_is_the_top_level() {
        assert_eq!(lookups("rake:x", "a:b"), ["x"]);
        assert_eq!(find_in("rake:check", "deploy", None).as_deref(), Some("check"));
    }

    #[test]
    fn the_innermost_name_wins() {
        assert_eq!(find_in("check", "deploy", None).as_deref(), Some("deploy:check"));
        assert_eq!(find_in("check", "git", None).as_deref(), Some("check"));
        assert_eq!(find_in("up", "deploy:check", None).as_deref(), Some("deploy:up"));
        assert_eq!(find_in("up", "git", None), None);
    }

    #[test]
    fn a_task_means_itself_only_if_there_is_no_other() {
        assert_eq!(find_in("check", "deploy", Some("deploy:check")).as_deref(), Some("check"));
        assert_eq!(find_in("up", "deploy", Some("deploy:up")).as_deref(), Some("deploy:up"));
    }

    #[test]
    fn an_unknown_name_says_where_it_was_looked_for() {
        let error = unknown(Kind::Recipe, "chekc", "deploy", "to run before `deploy:up`", NAMES);
        assert_eq!(error.to_string(), "no task `chekc` to run before `deploy:up`");
        assert_eq!(error.parts().help[0], "did you mean `check`?");
        assert_eq!(error.parts().notes, ["looked for `deploy:chekc`, then `chekc`"]);
    }

    #[test]
    fn an_unknown_name_at_the_top_needs_no_note() {
        let error = unknown(Kind::Usage, "deploi", "", "", NAMES);
        assert_eq!(error.to_string(), "no task `deploi`");
        assert_eq!(error.kind(), Kind::Usage);
        assert_eq!(
            error.parts().help,
            [
                "did you mean `deploy`?",
                "list the tasks with `windlass -T`, those without a description too with `windlass -AT`"
            ]
        );
        assert!(error.parts().notes.is_empty());
    }

    #[test]
    fn the_same_name_elsewhere_is_the_best_guess() {
        assert_eq!(suggestion("update", "", NAMES).as_deref(), Some("did you mean `git:update`?"));
        assert_eq!(suggestion("dirs", "git", NAMES).as_deref(), Some("did you mean `deploy:check:dirs`?"));
        let twice = &["a:x", "b:x", "c"];
        assert_eq!(suggestion("rake:x", "", twice).as_deref(), Some("did you mean `a:x` or `b:x`?"));
    }

    #[test]
    fn names_of_the_own_namespace_are_guessed_too() {
        assert_eq!(suggestion("udpate", "git", NAMES).as_deref(), Some("did you mean `update`?"));
        assert_eq!(suggestion("git:udpate", "", NAMES).as_deref(), Some("did you mean `git:update`?"));
        assert_eq!(suggestion("backup", "git", NAMES), None);
    }

    #[test]
    fn names_that_could_not_be_called_are_refused() {
        for (name, why) in [
            ("", "it is empty"),
            ("a::b", "a part between the `:` is empty"),
            (":a", "a part between the `:` is empty"),
            ("a b", "it has a space or one of `[ ] = ^` in it"),
            ("a[b]", "it has a space or one of `[ ] = ^` in it"),
            ("A=b", "it has a space or one of `[ ] = ^` in it"),
            ("^a", "it has a space or one of `[ ] = ^` in it"),
            ("-a", "it would be read as an option"),
            ("rake:a", "`rake:` stands for the top level"),
        ] {
            assert_eq!(fault(name), Some(why), "{name:?}");
        }
        for name in ["a", "rake", "deploy:check-it_2", "a.b:c/d"] {
            assert_eq!(fault(name), None, "{name:?}");
        }
    }
}
