//! The recipe files that were read: their texts, for error messages, and their functions, for closures.

use std::sync::{Arc, PoisonError, RwLock};

use rhai::{AST, Module, Shared};

/// One file.
#[derive(Clone)]
struct Script {
    /// Path as shown to the user.
    name: Arc<str>,
    text: Arc<str>,
    ast: Option<Arc<AST>>,
}

/// All files of a run.
#[derive(Default)]
pub struct Scripts(RwLock<Vec<Script>>);

impl Scripts {
    /// Takes in the text of a file, before it is compiled.
    pub fn add_text(&self, name: &str, text: &str) {
        let mut scripts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        scripts.push(Script { name: name.into(), text: text.into(), ast: None });
    }

    /// Adds what a file was compiled to.
    pub fn add_ast(&self, name: &str, ast: Arc<AST>) {
        let mut scripts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(script) = scripts.iter_mut().rev().find(|script| *script.name == *name) {
            script.ast = Some(ast);
        }
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Arc<str>> {
        let scripts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        scripts.iter().rev().find(|script| *script.name == *name).map(|script| script.text.clone())
    }

    /// The texts of all files.
    #[must_use]
    pub fn texts(&self) -> Vec<Arc<str>> {
        let scripts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        scripts.iter().map(|script| script.text.clone()).collect()
    }

    /// What every file was compiled to, by name.
    #[must_use]
    pub fn asts(&self) -> Vec<(Arc<str>, Arc<AST>)> {
        let scripts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        scripts.iter().filter_map(|script| Some((script.name.clone(), script.ast.clone()?))).collect()
    }

    /// The functions and closures of every file, by name of the file.
    #[must_use]
    pub fn libraries(&self) -> Vec<(Arc<str>, Shared<Module>)> {
        self.asts().into_iter().map(|(name, ast)| (name, ast.shared_lib().clone())).collect()
    }
}
