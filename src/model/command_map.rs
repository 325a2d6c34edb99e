//! What stands in place of a program: `rake` becomes `bundle exec rake`.
//!
//! Owns which word of a command is its program, and what a command is with other words there. Which words these are is
//! the recipe's business.

use crate::model::command::{Body, Word};
use crate::model::quote::quote;

/// The program a command calls, where that can be told: the first word of a program with arguments, and of a shell line.
#[must_use]
pub fn program(body: &Body) -> Option<&str> {
    match body {
        Body::Program(words) => match words.first() {
            Some(Word::Text(program)) => Some(program),
            _ => None,
        },
        Body::Line(line) => line.split_whitespace().next(),
        Body::Own(_) | Body::Fed { .. } => None,
    }
}

/// A command with these words in place of its program. In a shell line only its first word is one.
#[must_use]
pub fn replaced(body: Body, words: Vec<Word>) -> Body {
    match body {
        Body::Program(old) => Body::Program(words.into_iter().chain(old.into_iter().skip(1)).collect()),
        Body::Line(line) => {
            let start = line.trim_start();
            let rest = start.find(char::is_whitespace).map_or("", |end| &start[end..]);
            let shown = words.iter().map(|word| match word {
                Word::Text(text) => quote(text).into_owned(),
                Word::Raw(text) => text.clone(),
            });
            Body::Line(format!("{}{rest}", shown.collect::<Vec<_>>().join(" ")))
        }
        other => other,
    }
}

/// A text as words: each is an argument of its own.
#[must_use]
pub fn words(text: &str) -> Vec<Word> {
    text.split_whitespace().map(|word| Word::Text(word.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::command::Command;
    use crate::model::secret::Vault;

    fn line(body: Body) -> String {
        Command::new(body).inner_line(&Vault::default()).unwrap()
    }

    #[test]
    fn the_program_is_the_first_word() {
        assert_eq!(program(&Command::program(["rake", "db:migrate"]).body), Some("rake"));
        assert_eq!(program(&Body::Line("  rake db:migrate | tee x".into())), Some("rake"));
        assert_eq!(program(&Body::Program(vec![Word::Raw("$RAKE".into())])), None);
        assert_eq!(program(&Body::Own("cat x".into())), None);
    }

    #[test]
    fn only_the_program_is_replaced() {
        let by = || words("bundle exec rake");
        assert_eq!(line(replaced(Command::program(["rake", "a b", "rake"]).body, by())), "bundle exec rake 'a b' rake");
        assert_eq!(line(replaced(Body::Line("rake x && rake y".into()), by())), "bundle exec rake x && rake y");
        assert_eq!(line(replaced(Body::Line(" rake".into()), by())), "bundle exec rake");
    }

    #[test]
    fn words_are_quoted_unless_raw() {
        let by = || vec![Word::Raw("$HOME/bin/rbenv".into()), Word::Text("a b".into())];
        assert_eq!(line(replaced(Command::program(["x", "y"]).body, by())), "$HOME/bin/rbenv 'a b' y");
        assert_eq!(line(replaced(Body::Line("x y".into()), by())), "$HOME/bin/rbenv 'a b' y");
    }
}
