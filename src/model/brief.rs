//! Texts of any length in a message of one line.

/// Columns of what is quoted.
const WIDTH: usize = 72;

/// The beginning of a text, with `…` where that is not all of it.
#[must_use]
pub fn brief(text: &str) -> String {
    let first = text.trim().lines().next().unwrap_or_default();
    if first.chars().count() <= WIDTH && first.len() == text.trim().len() {
        return first.to_owned();
    }
    format!("{}…", first.chars().take(WIDTH - 1).collect::<String>().trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_and_those_of_several_lines_are_cut() {
        assert_eq!(brief(" git fetch\n"), "git fetch");
        assert_eq!(brief("a\nb"), "a…");
        assert_eq!(brief(&"é".repeat(100)).chars().count(), WIDTH);
    }
}
