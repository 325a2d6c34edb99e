//! What recipes put in place of programs, and in front of them.
//!
//! Owns what was said, in order. When it is worked out is `recipe::dsl::command_map`'s, how it changes a command is
//! [`crate::model::command_map`]'s.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use crate::model::command::Word;
use crate::recipe::callable::Callable;

/// Words, or what gives them each time they are needed.
#[derive(Clone)]
pub enum Mapped {
    /// The words.
    Words(Vec<Word>),
    /// A closure that gives them.
    Closure(Callable),
}

/// What was said of one program.
#[derive(Clone, Default)]
pub struct Entry {
    /// What stands in place of it.
    pub command: Option<Mapped>,
    /// What stands before that, in order.
    pub prefixes: Vec<Mapped>,
}

/// What was said of all programs.
#[derive(Default)]
pub struct CommandMap(RwLock<HashMap<String, Entry>>);

impl CommandMap {
    /// What was said of a program.
    #[must_use]
    pub fn entry(&self, program: &str) -> Option<Entry> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(program).cloned()
    }

    /// Says what stands in place of a program; the last one counts, and none is the program itself again.
    pub fn map(&self, program: &str, command: Option<Mapped>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).entry(program.to_owned()).or_default().command = command;
    }

    /// Adds words in front of a program: behind those that are there, or before them.
    pub fn prefix(&self, program: &str, words: Mapped, first: bool) {
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let prefixes = &mut entries.entry(program.to_owned()).or_default().prefixes;
        prefixes.insert(if first { 0 } else { prefixes.len() }, words);
    }
}
