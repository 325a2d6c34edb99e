//! Whether what a host function gave is what its row of the table says.

use rhai::{Dynamic, ImmutableString, Map};

use crate::recipe::dsl::call_command::Raw;
use crate::recipe::dsl::host_type::Host;
use crate::recipe::dsl::signature::ValueKind;
use crate::recipe::later::is_later;

/// Whether a value is of one of these kinds. What is not known yet may become one.
#[must_use]
pub fn is_a(value: &Dynamic, kinds: &[ValueKind]) -> bool {
    is_later(value) || kinds.iter().any(|kind| is_kind(value, *kind))
}

fn is_kind(value: &Dynamic, kind: ValueKind) -> bool {
    match kind {
        ValueKind::Any => true,
        ValueKind::Text | ValueKind::Mode => value.is_string(),
        ValueKind::OneOf(words) => value.read_lock::<ImmutableString>().is_some_and(|text| words.contains(&&**text)),
        ValueKind::Whole => value.is_int(),
        ValueKind::Number => value.is_int() || value.is_float(),
        ValueKind::Time => value.is_int() || value.is_float() || value.is_string(),
        ValueKind::Truth => value.is_bool(),
        ValueKind::Nothing => value.is_unit(),
        ValueKind::List | ValueKind::Maps(_) => value.is_array(),
        ValueKind::Map | ValueKind::Options => value.is::<Map>(),
        ValueKind::Closure => value.is_fnptr(),
        ValueKind::Host => value.is::<Host>(),
        ValueKind::Raw => value.is::<Raw>(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::dsl::signature::{CHANGED, MAYBE_TEXT, NOTHING, TEXT};
    use crate::recipe::later::Later;

    #[test]
    fn a_value_is_what_the_table_says_or_not_known_yet() {
        for (value, kinds, expected) in [
            (Dynamic::from("changed"), CHANGED, true),
            ("new".into(), CHANGED, false),
            ("new".into(), TEXT, true),
            (Dynamic::UNIT, MAYBE_TEXT, true),
            (Dynamic::UNIT, TEXT, false),
            (Dynamic::TRUE, NOTHING, false),
            (Dynamic::from(Later(0)), TEXT, true),
        ] {
            assert_eq!(is_a(&value, kinds), expected, "{value:?} {kinds:?}");
        }
    }
}
