//! How pages are laid out: plain text in lines of a width.

use unicode_width::UnicodeWidthStr;

/// Columns of a page.
pub const WIDTH: usize = 100;

/// A text in lines, each behind `indent`.
#[must_use]
pub fn wrapped(text: &str, indent: &str) -> String {
    let mut lines = String::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && indent.width() + line.width() + 1 + word.width() > WIDTH {
            lines.push_str(&format!("{indent}{line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push_str(&format!("{indent}{line}\n"));
    }
    lines
}

/// Rows of two columns, the second one wrapped.
#[must_use]
pub fn rows<L: AsRef<str>, R: AsRef<str>>(rows: &[(L, R)]) -> String {
    let column = rows.iter().map(|(left, _)| left.as_ref().width()).max().unwrap_or(0).min(32);
    let row = |(left, right): &(L, R)| {
        let (left, right) = (left.as_ref(), right.as_ref());
        let text = wrapped(right, &" ".repeat(column + 4));
        let padding = " ".repeat(column.saturating_sub(left.width()));
        if text.is_empty() || left.width() > column {
            return format!("  {left}\n{text}");
        }
        format!("  {left}{padding}  {}\n", text.trim())
    };
    rows.iter().map(row).collect()
}

/// A heading with what the page is about.
#[must_use]
pub fn heading(name: &str, kind: &str) -> String {
    let gap = WIDTH.saturating_sub(name.width() + kind.width()).max(2);
    format!("{name}{}{kind}\n\n", " ".repeat(gap))
}

/// Markdown of a line without its links: `[text](#anchor)` is `text`.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        plain.push_str(before);
        let Some((shown, behind)) = link.split_once("](") else {
            plain.push('[');
            rest = link;
            continue;
        };
        let (is_link, end) = (!shown.contains([']', '[']), behind.split_once(')'));
        if let Some((_, behind)) = end.filter(|_| is_link) {
            plain.push_str(shown);
            rest = behind;
        } else {
            plain.push('[');
            rest = link;
        }
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_wrapped() {
        let text = "word ".repeat(50);
        assert!(wrapped(&text, "    ").lines().all(|line| line.len() <= WIDTH && line.starts_with("    word")));
        assert_eq!(wrapped("", "  "), "");
        assert_eq!(wrapped("a\n  b", ""), "a b\n");
    }

    #[test]
    fn rows_stand_in_columns() {
        assert_eq!(rows(&[("a", "one"), ("bcd", "")]), "  a    one\n  bcd\n");
        let long = rows(&[("x".repeat(40), "behind".to_owned())]);
        assert!(long.ends_with("\n                                    behind\n"), "{long}");
    }

    #[test]
    fn links_are_their_texts() {
        assert_eq!(
            plain("see [When hosts fail](#when-hosts-fail); `#{ roles: […] }` [x]"),
            "see When hosts fail; `#{ roles: […] }` [x]"
        );
        assert_eq!(plain("`a[1]` and [b](c.md)."), "`a[1]` and b.");
    }
}
