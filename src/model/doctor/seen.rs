//! Everything the rules look at.

use crate::model::doctor::asked::Asked;
use crate::model::doctor::facts::Facts;
use crate::model::login::Login;

/// A host that was looked at.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// What was asked.
    pub asked: &'a Asked,
    /// What it said.
    pub facts: &'a Facts,
    /// How the login went, where ssh said so.
    pub login: Option<&'a Login>,
    /// Milliseconds since 1970 by the clock of this machine, before the question and after the answer.
    pub span: (i64, i64),
}
