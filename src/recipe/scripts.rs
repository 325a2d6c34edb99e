//! The recipe files that were read: their texts, for error messages, and their functions, for closures.

use std::sync::{Arc, PoisonError, RwLock};

use rhai::{AST, Module, Shared};

use crate::recipe::compiled::Compiled;

/// One file.
#[derive(Clone)]
struct Script {
    /// Path as shown to the user.
    name: Arc<str>,
    text: Arc<str>,
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
    /// Where recipes are only judged: what was compiled before, for another stage.
    compiled: Option<Arc<Compiled>>,
}

impl Scripts {
    /// No files yet, but those that were compiled for another stage need not be compiled again.
    #[must_use]
    pub fn with(compiled: Arc<Compiled>) -> Self {
        Self { files: RwLock::default(), compiled: Some(compiled) }
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
        scripts.push(Script { name: name.into(), text: text.into(), ast: None });
    }

    /// Adds what a file was compiled to.
    pub fn add_ast(&self, name: &str, ast: Arc<AST>) {
        let mut scripts = self.files.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(script) = scripts.iter_mut().rev().find(|script| *script.name == *name) {
            script.ast = Some(ast);
        }
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
