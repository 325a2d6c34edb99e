//! What several stages of a project share when `check` reads them one after the other: files compiled once.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rhai::AST;

use crate::error::Error;
use crate::recipe::check::outline::Outline;

/// Files by the name they are shown under.
#[derive(Default)]
pub struct Compiled(Mutex<HashMap<String, File>>);

/// One file.
struct File {
    text: Arc<str>,
    ast: Option<Arc<AST>>,
    /// What was wrong in it, with the functions it could call of others then.
    judged: Option<(BTreeSet<String>, Vec<Error>)>,
    outline: Option<Arc<Outline>>,
}

impl Compiled {
    /// Takes in the text of a file; what was compiled from another text of that name is forgotten.
    pub fn add_text(&self, name: &str, text: &str) {
        let mut files = self.files();
        if files.get(name).is_none_or(|file| *file.text != *text) {
            files.insert(name.to_owned(), File { text: text.into(), ast: None, judged: None, outline: None });
        }
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Arc<str>> {
        self.files().get(name).map(|file| file.text.clone())
    }

    /// What a file was compiled to.
    #[must_use]
    pub fn ast(&self, name: &str) -> Option<Arc<AST>> {
        self.files().get(name)?.ast.clone()
    }

    /// Keeps what a file was compiled to.
    pub fn keep(&self, name: &str, ast: &Arc<AST>) {
        if let Some(file) = self.files().get_mut(name) {
            file.ast = Some(ast.clone());
        }
    }

    /// What was wrong in a file that may call these functions of others, found by `judge` unless it is known.
    pub fn mistakes(
        &self,
        name: &str,
        lent: BTreeSet<String>,
        judge: impl Fn(&BTreeSet<String>) -> Vec<Error>,
    ) -> Vec<Error> {
        if let Some(File { judged: Some((before, mistakes)), .. }) = self.files().get(name)
            && *before == lent
        {
            return mistakes.clone();
        }
        let mistakes = judge(&lent);
        if let Some(file) = self.files().get_mut(name) {
            file.judged = Some((lent, mistakes.clone()));
        }
        mistakes
    }

    /// A file that was compiled, as the rules look at it.
    #[must_use]
    pub fn outline(&self, name: &str) -> Option<Arc<Outline>> {
        let mut files = self.files();
        let File { ast, outline, .. } = files.get_mut(name)?;
        let ast = ast.as_ref()?;
        Some(outline.get_or_insert_with(|| Arc::new(Outline::of(name, ast))).clone())
    }

    /// Names of all files, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.files().keys().cloned().collect();
        names.sort();
        names
    }

    fn files(&self) -> MutexGuard<'_, HashMap<String, File>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lent(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn another_text_forgets_what_was_compiled() {
        let compiled = Compiled::default();
        compiled.add_text("a", "1");
        compiled.keep("a", &Arc::new(AST::empty()));
        compiled.add_text("a", "1");
        assert!(compiled.ast("a").is_some());
        compiled.add_text("a", "2");
        assert!(compiled.ast("a").is_none());
        assert_eq!(compiled.text("a").as_deref(), Some("2"));
    }

    #[test]
    fn a_file_is_judged_again_only_where_it_may_call_other_functions() {
        let compiled = Compiled::default();
        compiled.add_text("a", "1");
        let judged = std::cell::Cell::new(0);
        let judge = |_: &BTreeSet<String>| {
            judged.set(judged.get() + 1);
            vec![Error::recipe("x")]
        };
        for names in [&["f"][..], &["f"], &["f", "g"]] {
            assert_eq!(compiled.mistakes("a", lent(names), judge).len(), 1);
        }
        assert_eq!(judged.get(), 2);
    }
}
