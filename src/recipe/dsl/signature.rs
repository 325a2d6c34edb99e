//! What host functions take and give: parameters, options, and the kinds of values these may be.
//!
//! Plain data, said once a function in its row of the table. Registration, `check`, the documentation and the definitions
//! for editors read it.

/// The most arguments a host function takes when it takes any number; longer lists go in as a list.
pub const MANY: usize = 16;

/// A kind of value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueKind {
    /// Any value.
    Any,
    /// A text.
    Text,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// Permission bits, a text in octal.
    Mode,
    /// A number of seconds, or a text such as `"5m"`.
    Time,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// `true` or `false`.
    Truth,
    /// `()`.
    Nothing,
    /// A list.
    List,
    /// A list of maps with these keys.
    Maps(&'static [Parameter]),
    /// A map whose keys are the recipe's own.
    Map,
    /// The options of the function, a map.
    Options,
    /// A closure.
    Closure,
    /// What `roles(…)` gives a list of.
    Host,
    /// What `raw(…)` gives.
    Raw,
}

/// A text.
pub const TEXT: &[ValueKind] = &[ValueKind::Text];
/// Texts: one, or a list of them.
pub const TEXTS: &[ValueKind] = &[ValueKind::Text, ValueKind::List];
/// A text, or `()` for none.
pub const MAYBE_TEXT: &[ValueKind] = &[ValueKind::Text, ValueKind::Nothing];
/// A whole number.
pub const WHOLE: &[ValueKind] = &[ValueKind::Whole];
/// `true` or `false`.
pub const TRUTH: &[ValueKind] = &[ValueKind::Truth];
/// A length of time.
pub const TIME: &[ValueKind] = &[ValueKind::Time];
/// Permission bits.
pub const MODE: &[ValueKind] = &[ValueKind::Mode];
/// A list.
pub const LIST: &[ValueKind] = &[ValueKind::List];
/// A map.
pub const MAP: &[ValueKind] = &[ValueKind::Map];
/// A closure.
pub const CLOSURE: &[ValueKind] = &[ValueKind::Closure];
/// Hosts, as `roles(…)` gives them, or by name.
pub const HOSTS: &[ValueKind] = &[ValueKind::Host, ValueKind::Text, ValueKind::List];
/// What a command begins with.
pub const PROGRAM: &[ValueKind] = &[ValueKind::Text, ValueKind::Raw, ValueKind::List];
/// What a command takes as arguments.
pub const WORDS: &[ValueKind] =
    &[ValueKind::Text, ValueKind::Number, ValueKind::Truth, ValueKind::Raw, ValueKind::List];
/// Nothing, where a value would be a mistake.
pub const NOTHING: &[ValueKind] = &[ValueKind::Nothing];
/// Nothing, because it always raises.
pub const NEVER: &[ValueKind] = &[];
/// Whether something is other than it was.
pub const CHANGED: &[ValueKind] = &[ValueKind::OneOf(&["changed", "unchanged"])];
/// Anything.
pub const ANY: &[ValueKind] = &[ValueKind::Any];

/// An argument that a function takes, an option, or a key of a map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub kinds: &'static [ValueKind],
    /// How often it stands in a call.
    pub times: Times,
}

impl Parameter {
    /// Whether it is the options of the function.
    #[must_use]
    pub fn is_options(&self) -> bool {
        matches!(self.kinds, [ValueKind::Options])
    }
}

/// How often an argument stands in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// Once.
    Once,
    /// Once or not at all.
    Maybe,
    /// Once or more.
    Many,
    /// As often as one likes, or not at all.
    Any,
}

/// An argument that has to be there.
#[must_use]
pub const fn one(name: &'static str, kinds: &'static [ValueKind]) -> Parameter {
    Parameter { name, kinds, times: Times::Once }
}

/// An argument that may be left out; every option is one.
#[must_use]
pub const fn maybe(name: &'static str, kinds: &'static [ValueKind]) -> Parameter {
    Parameter { name, kinds, times: Times::Maybe }
}

/// An argument that stands once or more.
#[must_use]
pub const fn many(name: &'static str, kinds: &'static [ValueKind]) -> Parameter {
    Parameter { name, kinds, times: Times::Many }
}

/// An argument that stands any number of times.
#[must_use]
pub const fn any_number(name: &'static str, kinds: &'static [ValueKind]) -> Parameter {
    Parameter { name, kinds, times: Times::Any }
}

/// The options of a function, where they stand.
pub const OPTIONS: Parameter = maybe("options", &[ValueKind::Options]);

/// How few and how many arguments there may be.
#[must_use]
pub const fn arity(parameters: &[Parameter]) -> (usize, usize) {
    let (mut least, mut most, mut i) = (0, 0, 0);
    while i < parameters.len() {
        match parameters[i].times {
            Times::Once => (least, most) = (least + 1, most + 1),
            Times::Maybe => most += 1,
            Times::Many => (least, most) = (least + 1, MANY),
            Times::Any => most = MANY,
        }
        i += 1;
    }
    (least, if most > MANY { MANY } else { most })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_many_arguments_there_are_follows_from_what_they_are() {
        assert_eq!(arity(&[]), (0, 0));
        assert_eq!(arity(&[one("hosts", HOSTS), OPTIONS, one("block", CLOSURE)]), (2, 3));
        assert_eq!(arity(&[one("program", PROGRAM), any_number("argument", WORDS), OPTIONS]), (1, MANY));
        assert_eq!(arity(&[many("name", TEXTS)]), (1, MANY));
    }
}
