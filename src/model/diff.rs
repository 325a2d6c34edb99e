//! What has changed between two texts, for people.

use similar::TextDiff;

/// Lines around a change that are shown with it.
const AROUND: usize = 3;

/// The changes as `diff -u` prints them, without the names of the files; nothing where the texts are the same.
#[must_use]
pub fn unified(old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let mut diff = diff.unified_diff();
    diff.context_radius(AROUND).to_string().trim_end().to_owned()
}

/// The first lines of a text, and how many more there are.
#[must_use]
pub fn shortened(text: &str, most: usize) -> String {
    let count = text.lines().count();
    if count <= most {
        return text.to_owned();
    }
    let first: Vec<&str> = text.lines().take(most).collect();
    format!("{}\n… and {} more lines", first.join("\n"), count - most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_shown_as_diff_shows_them() {
        assert_eq!(unified("a\nb\nc\n", "a\nB\nc\n"), "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c");
        assert_eq!(unified("", "a\n"), "@@ -0,0 +1 @@\n+a");
        assert_eq!(unified("a\n", "a\n"), "");
        assert!(unified("a", "a\n").contains("\\ No newline at end of file"));
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(shortened("a\nb\nc", 3), "a\nb\nc");
        assert_eq!(shortened("a\nb\nc\nd", 2), "a\nb\n… and 2 more lines");
    }
}
