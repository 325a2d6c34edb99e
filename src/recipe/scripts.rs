//! The recipe files that were read: their texts, for error messages, and their functions, for closures.

use std::sync::{Arc, PoisonError, RwLock};

use rhai::{AST, FnPtr, Module, Shared};

use crate::recipe::compiled::Compiled;
use crate::recipe::exports::exported;
use crate::recipe::rounds::{self, Rounds};

/// One file.
#[derive(Clone)]
struct Script {
    /// Path as shown to the user.
    name: Arc<str>,
    text: Arc<str>,
    /// Functions it lends to others.
    lends: Arc<[String]>,
    ast: Option<Arc<AST>>,
}

/// The name a line of a console is shown under.
#[must_use]
pub fn line_name(number: usize) -> String {
    format!("(line {number})")
}

fn is_line(name: &str) -> bool {
    name.starts_with("(line ")
}

/// All files of a run.
#[derive(Default)]
pub struct Scripts {
    files: RwLock<Vec<Script>>,
    /// Variables of loops that closures keep, of all files.
    rounds: RwLock<Rounds>,
    /// Where recipes are only judged: what was compiled before, for another stage.
    compiled: Option<Arc<Compiled>>,
}

impl Scripts {
    /// No files yet, but those that were compiled for another stage need not be compiled again.
    #[must_use]
    pub fn with(compiled: Arc<Compiled>) -> Self {
        Self { compiled: Some(compiled), ..Self::default() }
    }

    /// What several stages share, where recipes are only judged.
    #[must_use]
    pub fn compiled(&self) -> Option<&Compiled> {
        self.compiled.as_deref()
    }

    /// Takes in the text of a file, before it is compiled.
    pub fn add_text(&self, name: &str, text: &str) {
        if let Some(compiled) = &self.compiled {
            compiled.add_text(name, text);
        }
        let mut scripts = self.files.write().unwrap_or_else(PoisonError::into_inner);
        let lends = exported(text).map(str::to_owned).collect();
        scripts.push(Script { name: name.into(), text: text.into(), lends, ast: None });
    }

    /// Adds what a file was compiled to.
    pub fn add_ast(&self, name: &str, ast: Arc<AST>) {
        let mut scripts = self.files.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(script) = scripts.iter_mut().rev().find(|script| *script.name == *name) {
            self.rounds.write().unwrap_or_else(PoisonError::into_inner).extend(rounds::of(&ast));
            script.ast = Some(ast);
        }
    }

    /// Gives a closure that was made in a `for` its own copy of the variable of that.
    pub fn keep_round(&self, closure: &mut FnPtr) {
        rounds::keep(closure, &self.rounds.read().unwrap_or_else(PoisonError::into_inner));
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Arc<str>> {
        let scripts = self.files.read().unwrap_or_else(PoisonError::into_inner);
        scripts.iter().rev().find(|script| *script.name == *name).map(|script| script.text.clone())
    }

    /// The texts of all files.
    #[must_use]
    pub fn texts(&self) -> Vec<Arc<str>> {
        let scripts = self.files.read().unwrap_or_else(PoisonError::into_inner);
        scripts.iter().map(|script| script.text.clone()).collect()
    }

    /// Functions that the files lend to others, by file.
    #[must_use]
    pub fn lent(&self) -> Vec<Arc<[String]>> {
        let scripts = self.files.read().unwrap_or_else(PoisonError::into_inner);
        scripts.iter().map(|script| script.lends.clone()).collect()
    }

    /// The names of all files.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let scripts = self.files.read().unwrap_or_else(PoisonError::into_inner);
        scripts.iter().map(|script| script.name.to_string()).collect()
    }

    /// What every file was compiled to, by name.
    #[must_use]
    pub fn asts(&self) -> Vec<(Arc<str>, Arc<AST>)> {
        let scripts = self.files.read().unwrap_or_else(PoisonError::into_inner);
        scripts.iter().filter_map(|script| Some((script.name.clone(), script.ast.clone()?))).collect()
    }

    /// The functions and closures of every file, by name of the file. Lines of a console come before, the last one first:
    /// a function can be written anew there.
    #[must_use]
    pub fn libraries(&self) -> Vec<(Arc<str>, Shared<Module>)> {
        let (mut lines, files): (Vec<_>, Vec<_>) = self.asts().into_iter().partition(|(name, _)| is_line(name));
        lines.reverse();
        lines.into_iter().chain(files).map(|(name, ast)| (name, ast.shared_lib().clone())).collect()
    }
}
