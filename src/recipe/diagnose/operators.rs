//! Operators, and `in`, between values they do not work on.

use crate::error::Error;
use crate::recipe::diagnose::kinds::{OF_NOTHING, a_kind, subject};
use crate::recipe::diagnose::of_rhai;

fn is_operator(name: &str) -> bool {
    name == "contains" || name.chars().all(|c| !c.is_alphanumeric() && c != '_' && c != '$')
}

/// The error for an operator that does not work on these values; none for what is no operator.
pub(super) fn wrong(name: &str, kinds: &[&str]) -> Option<Error> {
    is_operator(name).then(|| operator(name, kinds))
}

fn operator(name: &str, kinds: &[&str]) -> Error {
    let kinds: Vec<String> = kinds.iter().map(|kind| a_kind(kind)).collect();
    let is_of_nothing = kinds.iter().any(|kind| kind.contains("()"));
    let has = |kind: &str| kinds.iter().any(|found| found == kind);
    let error = match (name, &kinds[..]) {
        ("contains", [container, _]) if of_rhai::of(name, container).is_empty() => {
            Error::recipe(format!("{} has nothing in it to look for", subject(container)))
                .note("`in` and `contains` look into a list, a map, a string or a range")
        }
        ("contains", [container, rest @ ..]) => {
            Error::recipe(format!("{container} cannot be searched for {}", quoted_kinds(rest)))
                .note("a string is searched for a string, a map for one of its keys, a list for any value")
        }
        (_, [left, right]) => Error::recipe(format!("`{name}` cannot stand between {} and {right}", subject(left))),
        (_, [one]) => Error::recipe(format!("`{name}` cannot stand before {one}")),
        _ => Error::recipe(format!("`{name}` cannot be used here")),
    };
    let error = error.width(if name == "contains" { 0 } else { name.chars().count() });
    if is_of_nothing {
        return error.help(OF_NOTHING);
    }
    match name {
        "!" => error.help("`!` turns true and false around: compare first, as in `!(x == 5)`"),
        "+" if has("a list") => error.help("add one value to a list with `list.push(value)`"),
        "+" if has("a map") => error.help("join two maps: `one + #{ name: value }`"),
        _ if has("a string") && (has("a number") || kinds.len() == 1) => {
            error.help("a number is read out of a text with `parse_int(text)`")
        }
        _ => error,
    }
}

fn quoted_kinds(kinds: &[String]) -> String {
    if kinds.is_empty() { "nothing at all".to_owned() } else { kinds.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "&str | ImmutableString | String";

    #[test]
    fn operators_name_what_stands_around_them() {
        let told = |name: &str, kinds: &[&str]| {
            let error = wrong(name, kinds).unwrap();
            (error.to_string(), error.parts().help.clone())
        };
        let number = vec!["a number is read out of a text with `parse_int(text)`".to_owned()];
        assert_eq!(told("-", &[TEXT, "i64"]), ("`-` cannot stand between a string and a number".to_owned(), number));
        assert_eq!(told("-", &["map"]), ("`-` cannot stand before a map".to_owned(), Vec::new()));
        assert_eq!(told(">", &["()", "i64"]).0, "`>` cannot stand between nothing, `()`, and a number");
        assert_eq!(told(">", &["()", "i64"]).1, [OF_NOTHING]);
        assert_eq!(told("contains", &["i64", "i64"]).0, "a number has nothing in it to look for");
        assert!(wrong("trim", &["i64"]).is_none());
    }
}
