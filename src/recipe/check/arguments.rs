//! Arguments that are written out, against what a host function takes: pure rules on the signature of the function.
//!
//! What is only known when the recipe runs is never wrong here.

use crate::model::span;
use crate::model::value::Value;
use crate::recipe::check::known::{Arg, Known};
use crate::recipe::dsl::signature::{Parameter, Times, ValueKind};

/// Which parameter each argument of a call is; none where the number of arguments does not fit. Of several ways the one
/// with the fewest arguments that cannot be what they would be.
#[must_use]
pub fn assigned(parameters: &'static [Parameter], args: &[Arg]) -> Option<Vec<&'static Parameter>> {
    let has_options = parameters.iter().any(Parameter::is_options);
    let mut best: Option<(usize, Vec<&'static Parameter>)> = None;
    ways(parameters, args.len(), &mut Vec::new(), &mut |way| {
        let misfits = way.iter().zip(args).filter(|(parameter, arg)| !fits(parameter, arg, has_options)).count();
        if best.as_ref().is_none_or(|(fewest, _)| misfits < *fewest) {
            best = Some((misfits, way.to_vec()));
        }
    });
    best.map(|(_, way)| way)
}

/// All ways to spread `count` arguments over parameters.
fn ways(
    parameters: &'static [Parameter],
    count: usize,
    taken: &mut Vec<&'static Parameter>,
    found: &mut impl FnMut(&[&'static Parameter]),
) {
    let Some((first, rest)) = parameters.split_first() else {
        if count == 0 {
            found(taken);
        }
        return;
    };
    let (least, most) = match first.times {
        Times::Once => (1, 1),
        Times::Maybe => (0, 1),
        Times::Many => (1, count),
        Times::Any => (0, count),
    };
    // As many as there are first: what could be left out is there.
    for number in (least..=most.min(count)).rev() {
        taken.extend(std::iter::repeat_n(first, number));
        ways(rest, count - number, taken, found);
        taken.truncate(taken.len() - number);
    }
}

/// Whether an argument can be this parameter. A map that could be options is that, as when it runs.
fn fits(parameter: &Parameter, arg: &Arg, has_options: bool) -> bool {
    let is_map = matches!(arg.value, Known::Map(_));
    may_be(arg, parameter.kinds) && !(is_map && has_options && parameter.kinds == [ValueKind::Any])
}

/// Whether an argument may be of one of these kinds.
#[must_use]
pub fn may_be(arg: &Arg, kinds: &[ValueKind]) -> bool {
    kinds.iter().any(|kind| may_be_a(&arg.value, *kind))
}

fn may_be_a(value: &Known, kind: ValueKind) -> bool {
    use ValueKind as Kind;
    match value {
        Known::Unknown | Known::Call(..) | Known::Variable(_) | Known::Made(_) => true,
        Known::Text(text) => match kind {
            Kind::Any | Kind::Text => true,
            Kind::OneOf(words) => words.iter().any(|word| word.eq_ignore_ascii_case(text)),
            Kind::Mode => u32::from_str_radix(text, 8).is_ok_and(|bits| bits <= 0o7777),
            Kind::Time => span::parse(text).is_ok(),
            _ => false,
        },
        Known::Parts { .. } => {
            matches!(kind, Kind::Any | Kind::Text | Kind::OneOf(_) | Kind::Mode | Kind::Time)
        }
        Known::Raw(_) => matches!(kind, Kind::Any | Kind::Raw),
        Known::Number(number) => match kind {
            Kind::Any | Kind::Whole | Kind::Number => true,
            Kind::Time => span::of_value(&Value::Int(*number)).is_ok(),
            _ => false,
        },
        Known::Decimal(number) => match kind {
            Kind::Any | Kind::Number => true,
            Kind::Time => span::of_value(&Value::Float(*number)).is_ok(),
            _ => false,
        },
        Known::Truth(_) => matches!(kind, Kind::Any | Kind::Truth),
        Known::Nothing => matches!(kind, Kind::Any | Kind::Nothing),
        Known::List(_) => matches!(kind, Kind::Any | Kind::List | Kind::Maps(_)),
        Known::Map(_) => matches!(kind, Kind::Any | Kind::Map | Kind::Answers | Kind::Options),
        Known::Closure(..) => matches!(kind, Kind::Any | Kind::Closure),
    }
}

/// What is expected, in the words of a recipe writer.
#[must_use]
pub fn expected(kinds: &[ValueKind]) -> String {
    let mut words: Vec<String> = kinds.iter().map(|kind| wanted(*kind)).collect();
    words.dedup();
    match &words[..] {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn wanted(kind: ValueKind) -> String {
    match kind {
        ValueKind::Any => "anything",
        ValueKind::Text => "a string",
        ValueKind::OneOf(words) => {
            let quoted: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
            return match &quoted[..] {
                [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
                _ => quoted.concat(),
            };
        }
        ValueKind::Mode => "permission bits in octal such as \"0640\"",
        ValueKind::Time => span::EXPECTED,
        ValueKind::Whole => "a whole number",
        ValueKind::Number => "a number",
        ValueKind::Truth => "true or false",
        ValueKind::Nothing => "()",
        ValueKind::List => "a list",
        ValueKind::Maps(_) => "a list of maps",
        ValueKind::Map => "a map",
        ValueKind::Answers => "a map of prompts and what is typed",
        ValueKind::Options => "a map of options",
        ValueKind::Closure => "a closure such as `|| { … }`",
        ValueKind::Host => "a host of `roles(…)`",
        ValueKind::Raw => "`raw(…)`",
    }
    .to_owned()
}

/// What an argument is, in the same words.
#[must_use]
pub fn given(value: &Known) -> String {
    match value {
        Known::Text(text) if text.chars().count() <= 20 => format!("{text:?}"),
        Known::Text(_) | Known::Parts { .. } => "a string".to_owned(),
        Known::Number(number) => number.to_string(),
        Known::Decimal(number) => number.to_string(),
        Known::Truth(truth) => truth.to_string(),
        Known::Nothing => "()".to_owned(),
        Known::List(_) => "a list".to_owned(),
        Known::Map(_) => "a map".to_owned(),
        Known::Closure(..) => "a closure".to_owned(),
        Known::Raw(_) => "`raw(…)`".to_owned(),
        Known::Call(..) | Known::Variable(_) | Known::Made(_) | Known::Unknown => "a value".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use rhai::Position;

    use super::*;
    use crate::recipe::dsl::functions;

    fn arg(value: Known) -> Arg {
        Arg { position: Position::NONE, value }
    }

    fn names(function: &str, args: &[Known]) -> Option<Vec<&'static str>> {
        let function = functions().find(|known| known.name == function).unwrap();
        let args: Vec<Arg> = args.iter().cloned().map(arg).collect();
        assigned(function.takes, &args).map(|way| way.iter().map(|parameter| parameter.name).collect())
    }

    fn text() -> Known {
        Known::Text("x".to_owned())
    }

    #[test]
    fn options_are_found_wherever_they_stand() {
        let (map, block) = (Known::Map(Vec::new()), Known::Closure("anon$1".to_owned(), 0));
        assert_eq!(names("on", &[Known::Unknown, block.clone()]).unwrap(), ["hosts", "block"]);
        assert_eq!(names("on", &[text(), map.clone(), block.clone()]).unwrap(), ["hosts", "options", "block"]);
        assert_eq!(names("task", &[text(), map.clone()]).unwrap(), ["name", "options"]);
        assert_eq!(names("task", &[text(), block]).unwrap(), ["name", "body"]);
        assert_eq!(names("ask", &[text(), map.clone()]).unwrap(), ["name", "options"], "and no default");
        assert_eq!(names("enable_linger", std::slice::from_ref(&map)).unwrap(), ["options"]);
        assert_eq!(names("execute", &[text(), text(), map]).unwrap(), ["program", "argument", "options"]);
        assert_eq!(names("set", &[text()]), None);
    }

    #[test]
    fn what_is_not_known_may_be_anything() {
        for kind in [ValueKind::Text, ValueKind::Closure, ValueKind::Whole, ValueKind::Map] {
            assert!(may_be_a(&Known::Unknown, kind) && may_be_a(&Known::Call("f".to_owned(), None), kind), "{kind:?}");
        }
        assert!(!may_be_a(&Known::Number(1), ValueKind::Text) && !may_be_a(&text(), ValueKind::Whole));
        assert!(may_be_a(&Known::Number(5), ValueKind::Time) && !may_be_a(&Known::Number(-5), ValueKind::Time));
        let mode = |text: &str| may_be_a(&Known::Text(text.to_owned()), ValueKind::Mode);
        assert!(mode("0640") && !mode("0980") && !mode("17777"));
    }

    #[test]
    fn what_is_expected_reads_as_a_sentence() {
        assert_eq!(expected(&[ValueKind::Text]), "a string");
        assert_eq!(expected(&[ValueKind::Text, ValueKind::List]), "a string or a list");
        assert_eq!(expected(&[ValueKind::OneOf(&["a", "b", "c"])]), "\"a\", \"b\" or \"c\"");
    }
}
