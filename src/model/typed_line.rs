//! The words of a line before the one that is being typed: what they settle.

use crate::model::grammar::{CommandWord, Grammar, OptionWord, Takes};

/// What stands before the current word.
#[derive(Clone, Debug, Default)]
pub struct TypedLine<'a> {
    /// The stage.
    pub stage: Option<&'a str>,
    /// The command in its place.
    pub command: Option<&'a CommandWord>,
    /// Tasks, and arguments of the command.
    pub words: Vec<&'a str>,
    /// Options that were given, with their values.
    pub options: Vec<(&'a OptionWord, Option<&'a str>)>,
    /// What the current word is, where it is the value of the option before it; and whether it may be something else.
    pub pending: Option<(&'a Takes, bool)>,
    /// Whether a `--` stands there: what comes behind it is not for windlass.
    pub is_over: bool,
}

impl<'a> TypedLine<'a> {
    /// Reads the words behind the program's name.
    #[must_use]
    pub fn read(before: &'a [String], grammar: &'a Grammar) -> Self {
        let mut line = Self::default();
        let mut pending: Option<(&'a OptionWord, bool)> = None;
        for word in before {
            if line.is_over {
                line.words.push(word);
                continue;
            }
            if let Some((option, may_be_left_out)) = pending.take()
                && !(may_be_left_out && word.starts_with('-'))
            {
                line.options.push((option, Some(word)));
                continue;
            }
            if word == "--" {
                line.is_over = true;
            } else if word.len() > 1 && word.starts_with('-') {
                pending = line.option(word, grammar);
            } else if variable(word).is_none() {
                line.positional(word, grammar);
            }
        }
        line.pending = pending.and_then(|(option, optional)| Some((&option.value.as_ref()?.takes, optional)));
        line
    }

    /// The options that may stand there.
    #[must_use]
    pub fn possible(&self, grammar: &'a Grammar) -> &'a [OptionWord] {
        match (self.command, self.stage) {
            (Some(command), _) => &command.options,
            (None, Some(_)) => &grammar.stage_options,
            (None, None) => &grammar.options,
        }
    }

    /// The value an option was given.
    #[must_use]
    pub fn value(&self, id: &str) -> Option<&'a str> {
        self.options.iter().rev().find(|(option, _)| option.id == id).and_then(|(_, value)| *value)
    }

    /// Reads a word of options; gives the one whose value comes next, and whether that may be left out.
    fn option(&mut self, word: &'a str, grammar: &'a Grammar) -> Option<(&'a OptionWord, bool)> {
        let all = self.possible(grammar);
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            let option = all.iter().find(|option| option.long.as_deref() == Some(name))?;
            self.options.push((option, value));
            return option
                .value
                .as_ref()
                .filter(|takes| value.is_none() && !takes.needs_equals)
                .map(|takes| (option, takes.is_optional));
        }
        for (at, letter) in word.char_indices().skip(1) {
            let option = all.iter().find(|option| option.short == Some(letter))?;
            let rest = &word[at + letter.len_utf8()..];
            let Some(takes) = &option.value else {
                self.options.push((option, None));
                continue;
            };
            if takes.needs_equals || !rest.is_empty() {
                self.options.push((option, (!rest.is_empty()).then(|| rest.strip_prefix('=').unwrap_or(rest))));
                return None;
            }
            self.options.push((option, None));
            return Some((option, takes.is_optional));
        }
        None
    }

    fn positional(&mut self, word: &'a str, grammar: &'a Grammar) {
        if self.stage.is_some() || self.command.is_some() {
            self.words.push(word);
        } else if let Some(command) = grammar.command(word) {
            self.command = Some(command);
        } else {
            self.stage = Some(word);
        }
    }
}

/// `KEY=value`, as Rake sees it: letters, digits and `_` before the first `=`.
#[must_use]
pub fn variable(word: &str) -> Option<(&str, &str)> {
    word.split_once('=').filter(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_'))
}
