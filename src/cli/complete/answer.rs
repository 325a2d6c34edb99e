//! How an answer is told to each shell. Its other half are the functions in `cli/completions/`.

use crate::cli::command_args::Shell;
use crate::model::completion::{Answer, Candidate};
use crate::model::shell_line::Typed;

/// In place of words: the shell's own files, or folders.
const FILES: &str = "@files\n";
const FOLDERS: &str = "@folders\n";
/// Zsh: words to which more belongs come behind this line.
const OPEN: &str = "@open\n";

/// The lines a shell's function reads; of each word bash gets what it is to put in place of what was typed.
#[must_use]
pub fn text(shell: Shell, answer: &Answer, typed: &Typed) -> String {
    let words = match answer {
        Answer::Files => return FILES.to_owned(),
        Answer::Folders => return FOLDERS.to_owned(),
        Answer::Words(words) => words,
    };
    match shell {
        // A word is complete with the space behind it; inside quotes that would be part of it.
        Shell::Bash => lines(words, |candidate| {
            let rest = candidate.word.get(typed.kept..).unwrap_or_default();
            if candidate.is_open || typed.is_quoted { rest.to_owned() } else { format!("{rest} ") }
        }),
        Shell::Zsh => {
            let (open, full): (Vec<Candidate>, Vec<Candidate>) = words.iter().cloned().partition(|word| word.is_open);
            let spec = |candidate: &Candidate| {
                let word = candidate.word.replace('\\', "\\\\").replace(':', "\\:");
                if candidate.about.is_empty() { word } else { format!("{word}:{}", candidate.about) }
            };
            let more = if open.is_empty() { String::new() } else { format!("{OPEN}{}", lines(&open, spec)) };
            lines(&full, spec) + &more
        }
        Shell::Fish => lines(words, |candidate| format!("{}\t{}", candidate.word, candidate.about)),
    }
}

/// A line for each word. A word that could not stand in one is no word anybody types.
fn lines(words: &[Candidate], line: impl Fn(&Candidate) -> String) -> String {
    let typable = words.iter().filter(|candidate| !candidate.word.chars().any(char::is_control));
    typable.fold(String::new(), |text, candidate| text + &line(candidate).replace('\n', " ") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Answer {
        let word = |word: &str, about: &str, is_open| Candidate { word: word.into(), about: about.into(), is_open };
        Answer::Words(vec![
            word("deploy:check", "Check it: all.", false),
            word("BRANCH=", "", true),
            word("a\nb", "", false),
        ])
    }

    #[test]
    fn bash_gets_what_it_replaces() {
        let Answer::Words(mut words) = answer() else { panic!() };
        words.remove(1);
        let words = Answer::Words(words);
        let typed = |kept, is_quoted| Typed { kept, is_quoted, ..Typed::default() };
        assert_eq!(text(Shell::Bash, &words, &typed("deploy:".len(), false)), "check \n");
        assert_eq!(text(Shell::Bash, &words, &typed(0, true)), "deploy:check\n");
        assert_eq!(text(Shell::Bash, &answer(), &typed(0, false)), "deploy:check \nBRANCH=\n");
    }

    #[test]
    fn zsh_gets_open_words_apart() {
        assert_eq!(text(Shell::Zsh, &answer(), &Typed::default()), "deploy\\:check:Check it: all.\n@open\nBRANCH=\n");
    }

    #[test]
    fn fish_gets_both() {
        assert_eq!(text(Shell::Fish, &answer(), &Typed::default()), "deploy:check\tCheck it: all.\nBRANCH=\t\n");
        assert_eq!(text(Shell::Fish, &Answer::Files, &Typed::default()), "@files\n");
    }
}
