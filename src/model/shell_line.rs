//! A command line that is still being typed, taken apart as a shell does it.
//!
//! Bash tells a completion function the line and where the cursor is; the words it has made of it are no help, because it
//! parts them at every `:` and `=` as well. Nothing is expanded: `$HOME` stays as it is.

/// A line up to the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The words that are complete, without their quotes.
    pub words: Vec<String>,
    /// The word the cursor stands in or behind; empty behind a space.
    pub current: String,
    /// How much of `current` the shell leaves alone, in bytes: it puts what it is given in place of the rest.
    pub kept: usize,
    /// Whether a quote is still open, which the shell then closes itself.
    pub is_quoted: bool,
}

/// Takes a line apart. `breaks` are the characters besides spaces at which the shell begins a new piece.
#[must_use]
pub fn take_apart(line: &str, breaks: &str) -> Typed {
    let mut typed = Typed::default();
    let mut quote: Option<char> = None;
    let mut is_open = false;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some('"') | None, '\\') => typed.current.extend(letters.next()),
            (Some(_), _) => typed.current.push(letter),
            (None, '\'' | '"') => {
                quote = Some(letter);
                // Inside quotes bash parts nothing: it replaces all that stands behind the quote.
                typed.kept = typed.current.len();
            }
            (None, _) if letter.is_whitespace() => {
                if is_open {
                    typed.words.push(std::mem::take(&mut typed.current));
                    typed.kept = 0;
                }
                is_open = false;
                continue;
            }
            (None, _) => {
                typed.current.push(letter);
                if breaks.contains(letter) {
                    typed.kept = typed.current.len();
                }
            }
        }
        is_open = true;
    }
    typed.is_quoted = quote.is_some();
    typed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(line: &str) -> (Vec<String>, String, String) {
        let typed = take_apart(line, " \t\n\"'><=;|&(:");
        let rest = typed.current[typed.kept..].to_owned();
        (typed.words, typed.current, rest)
    }

    #[track_caller]
    fn is(line: &str, words: &[&str], current: &str, rest: &str) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(typed(line), (words, current.to_owned(), rest.to_owned()), "{line}");
    }

    #[test]
    fn a_word_is_what_stands_between_spaces() {
        is("windlass", &[], "windlass", "windlass");
        is("windlass  prod", &["windlass"], "prod", "prod");
        is("windlass production ", &["windlass", "production"], "", "");
        is("windlass production\tdep", &["windlass", "production"], "dep", "dep");
        is("", &[], "", "");
    }

    #[test]
    fn a_colon_parts_no_words_but_bash_replaces_only_what_is_behind_it() {
        is("windlass p deploy:ro", &["windlass", "p"], "deploy:ro", "ro");
        is("windlass p deploy:", &["windlass", "p"], "deploy:", "");
        is("windlass p -z=a --hosts=we", &["windlass", "p", "-z=a"], "--hosts=we", "we");
    }

    #[test]
    fn quotes_are_taken_away() {
        is("windlass p 'deploy:ro", &["windlass", "p"], "deploy:ro", "deploy:ro");
        is("w \"a b\" x\\ y", &["w", "a b"], "x y", "x y");
        is("w 'a' '' b", &["w", "a", ""], "b", "b");
        is("w \"a'b\" c", &["w", "a'b"], "c", "c");
        is("w a\\", &["w"], "a", "a");
        let is_quoted = |line| take_apart(line, "").is_quoted;
        assert!(is_quoted("w 'a") && is_quoted("w \"a b") && !is_quoted("w 'a'") && !is_quoted("w 'a' b"));
    }
}
