//! Where something was written in a recipe.

use std::fmt::{Display, Formatter, Result};
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// A place in a recipe: file as the user knows it, line and column counted from 1.
///
/// Columns count characters, not bytes. A column of 0 means "the whole line", a line of 0 "the whole file".
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Path as shown to the user, for example `config/deploy.rhai` or `stdlib/git.rhai`.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl Place {
    /// A place from its three parts.
    pub fn new(file: impl Into<Arc<str>>, line: u32, column: u32) -> Self {
        Self { file: file.into(), line, column }
    }
}

impl Display for Place {
    /// `file`, `file:line` or `file:line:column`, as far as known.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if self.column > 0 {
                write!(f, ":{}", self.column)?;
            }
        }
        Ok(())
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_as_much_as_is_known() {
        assert_eq!(Place::new("deploy.rhai", 3, 7).to_string(), "deploy.rhai:3:7");
        assert_eq!(Place::new("deploy.rhai", 3, 0).to_string(), "deploy.rhai:3");
        assert_eq!(Place::new("deploy.rhai", 0, 0).to_string(), "deploy.rhai");
    }
}
