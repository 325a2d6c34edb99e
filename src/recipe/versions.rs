//! Whether this windlass is one that a recipe says it works with.
//!
//! Owns the words for one that is not. What conditions mean is the business of [`crate::model::version_range`].

use rhai::{AST, Expr};

use crate::error::Error;
use crate::model::name_list::quoted;
use crate::model::version::Version;
use crate::model::version_range::{Condition, Miss};
use crate::recipe::closures::{constant_text, each_call};
use crate::recipe::position::place_of;

/// The functions that state conditions; the second one is Capistrano's name.
pub const NAMES: &[&str] = &["requires", "lock"];

/// The last major version of Capistrano: what a recipe brought along says about that is no condition on windlass.
const CAPISTRANO: u64 = 3;

/// Checks this version against conditions.
///
/// # Errors
/// One that is no condition, and one that is not met.
pub fn check(conditions: &[String]) -> Result<(), Error> {
    against(env!("CARGO_PKG_VERSION"), conditions)
}

/// Checks what stands in a file as it is, before anything else about it: a recipe for a newer windlass may well call what
/// this one does not know.
///
/// # Errors
/// As [`check`], at its place.
pub fn check_file(ast: &AST, file: &str) -> Result<(), Error> {
    let mut outcome = Ok(());
    each_call(ast, &mut |found| {
        let is_meant = || ast.iter_functions().all(|function| function.name != found.call.name.as_str());
        // Going through the functions of a file takes its time, and there are many calls.
        if outcome.is_err() || found.conditional || !NAMES.contains(&found.call.name.as_str()) || !is_meant() {
            return;
        }
        if let Some(conditions) = found.call.args.iter().map(constant_texts).collect::<Option<Vec<_>>>() {
            outcome = check(&conditions.concat()).map_err(|error| error.at(place_of(Some(file), found.position)));
        }
    });
    outcome
}

fn constant_texts(argument: &Expr) -> Option<Vec<String>> {
    match argument {
        Expr::Array(items, _) => items.iter().map(constant_text).collect(),
        other => constant_text(other).map(|text| vec![text]),
    }
}

fn against(this: &str, conditions: &[String]) -> Result<(), Error> {
    let version = Version::parse(this).map_err(Error::recipe)?;
    let read: Vec<Condition> = conditions
        .iter()
        .map(|text| {
            Condition::parse(text).map_err(|problem| {
                Error::recipe(format!("the condition `{text}` cannot be read: {problem}"))
                    .help("for example `requires(\"~> 1.2\")`, or `requires(\">= 1.2\", \"< 3\")`")
            })
        })
        .collect::<Result<_, _>>()?;
    let Some((condition, miss)) = read.iter().find_map(|condition| Some((condition, condition.miss(&version)?))) else {
        return Ok(());
    };
    let all = quoted(read.iter().map(ToString::to_string));
    let error = Error::recipe(format!("this is windlass {version}, and the recipe works with {all}"));
    let line = format!("`requires(\"{}\")`", version.compatible());
    if condition.version().major() == CAPISTRANO && version.major() < CAPISTRANO {
        return Err(error
            .note("this looks like a version of Capistrano")
            .help(format!("write the version of windlass instead: {line}")));
    }
    Err(match miss {
        Miss::Old => error
            .help(format!("install a windlass that is `{condition}`"))
            .help(format!("or change the line to {line}, and see with `--plan` and `--dry-run` that the recipe still works")),
        Miss::New => error
            .help(format!(
                "read in the changelog what is different since, and change the line to {line} when the recipe works with it"
            ))
            .help(format!("or install a windlass that is `{condition}`")),
        Miss::Excluded => error.help("install another version of windlass; the recipe leaves out this one"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(this: &str, conditions: &[&str]) -> Error {
        let conditions: Vec<String> = conditions.iter().map(|text| (*text).to_owned()).collect();
        against(this, &conditions).unwrap_err()
    }

    #[test]
    fn an_old_one_says_what_to_install() {
        let error = refused("1.4.0", &[">= 1.2", "~>1.5"]);
        assert_eq!(error.to_string(), "this is windlass 1.4.0, and the recipe works with `>= 1.2`, `~> 1.5`");
        assert_eq!(error.parts().help[0], "install a windlass that is `~> 1.5`");
    }

    #[test]
    fn a_new_one_says_what_to_write() {
        let error = refused("2.1.3", &["~> 1.2"]);
        assert!(
            error.parts().help[0].contains("change the line to `requires(\"~> 2.1\")`"),
            "{:?}",
            error.parts().help
        );
        assert_eq!(error.parts().help[1], "or install a windlass that is `~> 1.2`");
        let error = refused("1.3.0", &["!= 1.3"]);
        assert_eq!(error.parts().help, ["install another version of windlass; the recipe leaves out this one"]);
    }

    #[test]
    fn capistranos_version_is_recognized() {
        let error = refused("0.1.0", &["~> 3.19.2"]);
        assert_eq!(error.parts().notes, ["this looks like a version of Capistrano"]);
        assert_eq!(error.parts().help, ["write the version of windlass instead: `requires(\"~> 0.1\")`"]);
        assert!(refused("3.1.0", &["~> 3.19"]).parts().notes.is_empty(), "windlass may get there too");
    }

    #[test]
    fn what_is_met_is_met() {
        for conditions in [&["~> 1.2"][..], &[">= 1.0", "< 2"], &["1.2.9"], &[]] {
            let conditions: Vec<String> = conditions.iter().map(|text| (*text).to_owned()).collect();
            assert!(against("1.2.9", &conditions).is_ok(), "{conditions:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let error = refused("1.0.0", &["latest"]);
        assert_eq!(error.to_string(), "the condition `latest` cannot be read: `latest` is no version");
    }
}
