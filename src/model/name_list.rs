//! Names in a sentence.
//!
//! Owns how a list of names is shown in a message or a note, so that a stage with 1,000 servers stays readable.

/// How many names are shown before the rest is counted.
const SHOWN: usize = 20;

/// The names in backticks with commas between them; after 20, how many more there are. Nothing for no names.
#[must_use]
pub fn quoted<I>(names: I) -> String
where
    I: IntoIterator,
    I::Item: AsRef<str>,
{
    plain(names.into_iter().map(|name| format!("`{}`", name.as_ref())))
}

/// As [`quoted`], without the backticks.
#[must_use]
pub fn plain<I>(names: I) -> String
where
    I: IntoIterator,
    I::Item: AsRef<str>,
{
    let mut names = names.into_iter();
    let shown: Vec<String> = names.by_ref().take(SHOWN).map(|name| name.as_ref().to_owned()).collect();
    let more = names.count();
    let list = shown.join(", ");
    if more == 0 { list } else { format!("{list} and {more} more") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_names_are_all_shown() {
        assert_eq!(quoted(["web", "db"]), "`web`, `db`");
        assert_eq!(plain(["web"]), "web");
        assert_eq!(quoted(Vec::<String>::new()), "");
    }

    #[test]
    fn many_names_are_counted() {
        let names: Vec<String> = (1..=22).map(|i| i.to_string()).collect();
        assert_eq!(plain(&names), "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 and 2 more");
        assert!(plain(&names[..20]).ends_with("19, 20"));
    }
}
