//! What is kept from one text to the next, in a console: the variables.

use rhai::{Array, Dynamic, Scope};

/// Name of the list of arguments a script was given.
const ARGUMENTS: &str = "args";

/// The variables of earlier texts.
#[derive(Default)]
pub struct Memory(pub(super) Scope<'static>);

impl Memory {
    /// With the arguments of a script, as the constant `args`.
    #[must_use]
    pub fn with_arguments(arguments: &[String]) -> Self {
        let mut scope = Scope::new();
        let list: Array = arguments.iter().cloned().map(Dynamic::from).collect();
        scope.push_constant(ARGUMENTS, list);
        Self(scope)
    }

    /// Whether there is a variable of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Names of the variables, each once.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.0.iter_raw().map(|(name, ..)| name.to_owned()).collect();
        names.sort();
        names.dedup();
        names
    }
}
