//! An argument that a task declares: `file`, `lines=20`, `note=` or `*files`.
//!
//! Owns how it is written, and what stands for it when it is not given. How values find their names is
//! `model::task_args`.

use std::fmt::{Display, Formatter, Result as FmtResult};

/// A declared argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, as the task's closure reads it.
    pub name: String,
    /// What becomes of it when a call leaves it out.
    pub otherwise: Otherwise,
}

/// What an argument is that a call does not give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// A mistake: `file`.
    Missing,
    /// This text: `lines=20`.
    Text(String),
    /// Not set: `note=`.
    Unset,
    /// It takes any number of further values, none as well: `*files`.
    Rest,
}

impl Parameter {
    /// Reads a declaration.
    ///
    /// # Errors
    /// Why it can be none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, default) = text.split_once('=').map_or((text, None), |(name, default)| (name, Some(default)));
        let (name, is_rest) = name.strip_prefix('*').map_or((name, false), |name| (name, true));
        if name.is_empty() || name.contains(|letter: char| letter.is_whitespace() || ",[]*".contains(letter)) {
            return Err(format!("`{text}` cannot be the name of an argument"));
        }
        let otherwise = match default {
            Some(_) if is_rest => return Err(format!("`{text}` takes every further argument, and has no default")),
            None if is_rest => Otherwise::Rest,
            None => Otherwise::Missing,
            Some("") => Otherwise::Unset,
            Some(default) => Otherwise::Text(default.to_owned()),
        };
        Ok(Self { name: name.to_owned(), otherwise })
    }

    /// Reads the declarations of a task.
    ///
    /// # Errors
    /// Why they cannot stand together, or one of them not at all.
    pub fn parse_all(texts: &[String]) -> Result<Vec<Self>, String> {
        let mut parameters: Vec<Self> = Vec::new();
        for (i, text) in texts.iter().enumerate() {
            let parameter = Self::parse(text)?;
            if parameter.is_rest() && i + 1 < texts.len() {
                return Err(format!("`{text}` takes every further argument, so it has to be the last"));
            }
            if parameters.iter().any(|earlier| earlier.name == parameter.name) {
                return Err(format!("the argument `{}` is declared twice", parameter.name));
            }
            parameters.push(parameter);
        }
        Ok(parameters)
    }

    /// Whether it stands for any number of further values.
    #[must_use]
    pub fn is_rest(&self) -> bool {
        self.otherwise == Otherwise::Rest
    }
}

impl Display for Parameter {
    /// As it was declared.
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        match &self.otherwise {
            Otherwise::Missing => write!(f, "{}", self.name),
            Otherwise::Text(default) => write!(f, "{}={default}", self.name),
            Otherwise::Unset => write!(f, "{}=", self.name),
            Otherwise::Rest => write!(f, "*{}", self.name),
        }
    }
}

/// A name with its arguments, as it would be called: `log:tail[file,lines=20]`.
#[must_use]
pub fn signature(task: &str, parameters: &[Parameter]) -> String {
    if parameters.is_empty() {
        return task.to_owned();
    }
    format!("{task}[{}]", parameters.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
pub(super) mod testing {
    use super::Parameter;

    /// Declarations that are right.
    pub fn parameters(texts: &[&str]) -> Vec<Parameter> {
        Parameter::parse_all(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::testing::parameters;
    use super::*;

    #[test]
    fn a_declaration_says_what_is_when_nothing_is_given() {
        for (text, name, otherwise) in [
            ("file", "file", Otherwise::Missing),
            ("lines=20", "lines", Otherwise::Text("20".to_owned())),
            ("url=a=b, c", "url", Otherwise::Text("a=b, c".to_owned())),
            ("note=", "note", Otherwise::Unset),
            ("*files", "files", Otherwise::Rest),
        ] {
            let parameter = Parameter::parse(text).unwrap();
            assert_eq!(parameter, Parameter { name: name.to_owned(), otherwise });
            assert_eq!(parameter.to_string(), text);
        }
    }

    #[test]
    fn a_signature_is_what_was_declared() {
        assert_eq!(signature("t", &[]), "t");
        let declared = parameters(&["file", "lines=20", "note=", "*more"]);
        assert_eq!(signature("t", &declared), "t[file,lines=20,note=,*more]");
    }

    #[test]
    fn declarations_that_make_no_sense_are_named() {
        for (names, why) in [
            (["a", "a"], "the argument `a` is declared twice"),
            (["a", "a=1"], "the argument `a` is declared twice"),
            (["a", "*a"], "the argument `a` is declared twice"),
            (["*a", "b"], "`*a` takes every further argument, so it has to be the last"),
            (["a", "*b=1"], "`*b=1` takes every further argument, and has no default"),
            (["a", ""], "`` cannot be the name of an argument"),
            (["a", "=1"], "`=1` cannot be the name of an argument"),
            (["a", "*"], "`*` cannot be the name of an argument"),
            (["a b", "c"], "`a b` cannot be the name of an argument"),
        ] {
            let texts: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(Parameter::parse_all(&texts).unwrap_err(), why);
        }
    }
}
