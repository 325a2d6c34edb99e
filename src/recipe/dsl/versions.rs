//! `requires` and `lock`: which versions of windlass a recipe works with.

use rhai::{Array, Dynamic};

use crate::error::Error;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::signature::{NOTHING, TEXTS, many};
use crate::recipe::dsl::table::Function;
use crate::recipe::values::text;
use crate::recipe::versions::check;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "requires",
        usage: "requires(\"~> 1.2\", …)",
        about: "Say which versions of windlass the recipe works with; any other one refuses it, before anything else. As in \
                RubyGems: `~>`, `>=`, `<=`, `>`, `<`, `!=`, `=`, and a number alone is this very version.",
        takes: &[many("version", TEXTS)],
        options: &[],
        gives: NOTHING,
        run: requires,
    },
    Function {
        name: "lock",
        usage: "lock(\"~> 1.2\", …)",
        about: "The same, by Capistrano's name. The lock of a deploy is the setting `lock`.",
        takes: &[many("version", TEXTS)],
        options: &[],
        gives: NOTHING,
        run: requires,
    },
];

fn requires(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let mut conditions = Vec::new();
    for value in call.rest() {
        let items = value.read_lock::<Array>().map_or_else(|| vec![value.clone()], |list| list.to_vec());
        for item in items {
            conditions.push(text(&item).ok_or_else(|| call.wrong("a version", "a string such as \"~> 1.2\"", &item))?);
        }
    }
    check(&conditions)?;
    Ok(Dynamic::UNIT)
}
