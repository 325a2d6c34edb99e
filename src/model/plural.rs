//! Counting words: the one place that decides between singular and plural.

/// `1 host`, `3 hosts`: a count and a word that takes an `s`.
#[must_use]
pub fn plural(n: usize, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}

/// A count with both forms given, for words and phrases that do not just take an `s`: `1 entry`, `2 entries`,
/// `2 hosts have`.
#[must_use]
pub fn plural_of(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_is_singular() {
        assert_eq!(plural(0, "host"), "0 hosts");
        assert_eq!(plural(1, "host"), "1 host");
        assert_eq!(plural(3, "host"), "3 hosts");
    }

    #[test]
    fn irregular_words_bring_both_forms() {
        assert_eq!(plural_of(0, "entry", "entries"), "0 entries");
        assert_eq!(plural_of(1, "entry", "entries"), "1 entry");
        assert_eq!(plural_of(2, "host has", "hosts have"), "2 hosts have");
    }
}
