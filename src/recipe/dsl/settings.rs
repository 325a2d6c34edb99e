//! `set`, `fetch` and their family.

use rhai::{Array, Dynamic, FnPtr, ImmutableString, Map};

use crate::error::Error;
use crate::place::Place;
use crate::recipe::callable::isolate;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::setting_values::{stored_value_of, unwrapped, value_of};
use crate::recipe::dsl::signature::{ANY, LIST, NOTHING, TEXT, TRUTH, many, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::dsl::validate::judge_new;
use crate::recipe::settings::Stored;
use crate::recipe::stdlib::is_stock;
use crate::recipe::validators::Candidate;
use crate::recipe::values::same;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "set",
        usage: "set(name, value)",
        about: "Store a setting. A closure is worked out when the setting is first fetched.",
        takes: &[one("name", TEXT), one("value", ANY)],
        options: &[],
        gives: NOTHING,
        run: set,
    },
    Function {
        name: "set_if_empty",
        usage: "set_if_empty(name, value)",
        about: "Store a setting unless one of that name is there already.",
        takes: &[one("name", TEXT), one("value", ANY)],
        options: &[],
        gives: NOTHING,
        run: set_if_empty,
    },
    Function {
        name: "fetch",
        usage: "fetch(name, default)",
        about: "Read a setting; the default, or () without one, where it is not set. A closure as the default is called, with \
                the name if it takes one.",
        takes: &[one("name", TEXT), maybe("default", ANY)],
        options: &[],
        gives: ANY,
        run: fetch,
    },
    Function {
        name: "append",
        usage: "append(name, value, …)",
        about: "Add values to a setting that is a list. Lists are flattened, what is there already is not added again.",
        takes: &[one("name", TEXT), many("value", ANY)],
        options: &[],
        gives: NOTHING,
        run: append,
    },
    Function {
        name: "remove",
        usage: "remove(name, value, …)",
        about: "Take values out of a setting that is a list.",
        takes: &[one("name", TEXT), many("value", ANY)],
        options: &[],
        gives: NOTHING,
        run: remove,
    },
    Function {
        name: "any",
        usage: "any(name)",
        about: "Whether a setting is there and is neither (), false, nor an empty text, list or map.",
        takes: &[one("name", TEXT)],
        options: &[],
        gives: TRUTH,
        run: any,
    },
    Function {
        name: "delete",
        usage: "delete(name)",
        about: "Remove a setting and give the value it had.",
        takes: &[one("name", TEXT)],
        options: &[],
        gives: ANY,
        run: delete,
    },
    Function {
        name: "settings",
        usage: "settings()",
        about: "All settings as a list of `#{ name, value, place }`, sorted, without working out lazy ones or asking; `place` \
                is the file and line that set it.",
        takes: &[],
        options: &[],
        gives: LIST,
        run: settings,
    },
];

const NAME: &str = "the name of a setting";

fn set(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let name = call.text(NAME)?;
    let value = call.any();
    store(call, &name, &value)?;
    Ok(Dynamic::UNIT)
}

fn set_if_empty(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let name = call.text(NAME)?;
    let value = call.any();
    let stored = stored(call, &value);
    if call.world().settings.get(&name).is_none() {
        judge_stored(call, &name, &stored)?;
    }
    call.world().settings.update(&name, place(call), |there| there.is_none().then_some(stored))?;
    Ok(Dynamic::UNIT)
}

fn store(call: &Call<'_>, name: &str, value: &Dynamic) -> Result<(), Error> {
    let stored = stored(call, value);
    if name == "filter" && call.world().filter.get().is_some() {
        return Err(Error::recipe("`filter` is set after the hosts were selected, too late to count")
            .help("set it at the top of `deploy.rhai` or of the stage file"));
    }
    if name == "connect_timeout" && call.world().pool.get().is_some() {
        return Err(Error::recipe("`connect_timeout` is set after the first connection was made, too late to count")
            .help("set it at the top of `deploy.rhai` or of the stage file"));
    }
    if name == "ssh_options" && call.world().pool.get().is_some() {
        return Err(Error::recipe("`ssh_options` is set after the first connection was made, too late to count")
            .help("set it at the top of `deploy.rhai` or of the stage file, or for one server: `server(\"…\", #{ ssh_options: #{ … } })`"));
    }
    if name == "warm" && call.world().pool.get().is_some() {
        return Err(Error::recipe("`warm` is set after the first connection was made, too late to count")
            .help("set it at the top of `deploy.rhai` or of the stage file, or call windlass with `--warm SECONDS`"));
    }
    judge_stored(call, name, &stored)?;
    call.world().settings.set(name, stored, place(call))
}

/// Asks the validators of a setting about a new value of it. What is not known yet is judged when it is.
fn judge_stored(call: &Call<'_>, name: &str, stored: &Stored) -> Result<(), Error> {
    match stored {
        Stored::Value(value) => judge_new(call, &Candidate { name, value, place: place(call), server: None }),
        Stored::Lazy(_) | Stored::Question(_) => Ok(()),
    }
}

/// Where a setting is set: for a stock recipe that does so on behalf of a user's file, as `service` does with its options,
/// where that file calls it.
fn place(call: &Call<'_>) -> Option<Place> {
    let place = call.place();
    match &call.frame().asked {
        Some(asked) if place.as_ref().is_some_and(|place| is_stock(&place.file)) => Some(asked.place(call.world())),
        _ => place,
    }
}

fn stored(call: &Call<'_>, value: &Dynamic) -> Stored {
    // A closure with parameters is a stored function, as in Capistrano; one without is a lazy value.
    match call.callable(value) {
        Some(callable) if callable.arity() == Some(0) => Stored::Lazy(callable),
        _ => Stored::Value(isolate(value)),
    }
}

fn fetch(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let name = call.text(NAME)?;
    if let Some(value) = value_of(call, &name)? {
        return Ok(value);
    }
    let default = call.any();
    match call.callable(&default) {
        // As Capistrano's block, it may take the name.
        Some(callable) if matches!(callable.arity(), Some(0 | 1)) => {
            let value = call.call(&callable, vec![name.into()], |_| {})?;
            unwrapped(call, value, call.frame())
        }
        _ => Ok(default),
    }
}

fn append(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    change_list(call, |list, items| {
        for item in items {
            if !list.iter().any(|known| same(known, item)) {
                list.push(item.clone());
            }
        }
    })
}

fn remove(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    change_list(call, |list, items| list.retain(|item| !items.iter().any(|unwanted| same(item, unwanted))))
}

fn change_list(call: &mut Call<'_>, change: impl Fn(&mut Array, &[Dynamic])) -> Result<Dynamic, Error> {
    let name = call.text(NAME)?;
    // A lazy value is worked out before the setting is changed; recipe code must not run in between.
    let worked_out = stored_value_of(call, &name)?.unwrap_or(Dynamic::UNIT);
    let items: Array = call.rest().into_iter().flat_map(as_list).collect();
    let mut judged = as_list(isolate(&worked_out));
    change(&mut judged, &items);
    judge_stored(call, &name, &Stored::Value(judged.into()))?;
    call.world().settings.update(&name, place(call), |there| {
        let mut list = as_list(match there {
            Some(Stored::Value(value)) => isolate(value),
            _ => worked_out,
        });
        change(&mut list, &items);
        Some(Stored::Value(list.into()))
    })?;
    Ok(Dynamic::UNIT)
}

fn any(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let name = call.text(NAME)?;
    Ok(value_of(call, &name)?.is_some_and(|value| is_something(&value)).into())
}

fn delete(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let name = call.text(NAME)?;
    let value = stored_value_of(call, &name)?;
    call.world().settings.delete(&name);
    Ok(value.unwrap_or(Dynamic::UNIT))
}

#[expect(clippy::unnecessary_wraps, reason = "the table wants every function to be able to fail")]
fn settings(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let settings = &call.world().settings;
    let mut names = settings.names();
    names.sort();
    let shown = |name: &String| {
        let setting = settings.get(name)?;
        let value = match setting.stored {
            Stored::Value(value) => value.to_string(),
            Stored::Lazy(_) => "(worked out when it is needed)".to_owned(),
            Stored::Question(_) => "(asked when it is needed)".to_owned(),
        };
        let place = setting
            .place
            .map_or_else(|| "the command line".to_owned(), |place| Place { column: 0, ..place }.to_string());
        let map = [("name".into(), name.into()), ("value".into(), value.into()), ("place".into(), place.into())];
        Some(Dynamic::from(Map::from(map)))
    };
    Ok(names.iter().filter_map(shown).collect::<Array>().into())
}

fn as_list(value: Dynamic) -> Array {
    if value.is_unit() {
        return Array::new();
    }
    match value.try_cast_result::<Array>() {
        Ok(list) => list.into_iter().flat_map(as_list).collect(),
        Err(single) => vec![single],
    }
}

fn is_something(value: &Dynamic) -> bool {
    if value.is_unit() || value.as_bool() == Ok(false) {
        return false;
    }
    if value.clone().try_cast::<FnPtr>().is_some() {
        return true;
    }
    let is_empty = value
        .read_lock::<Array>()
        .map(|list| list.is_empty())
        .or_else(|| value.read_lock::<Map>().map(|map| map.is_empty()))
        .or_else(|| value.read_lock::<ImmutableString>().map(|text| text.is_empty()));
    is_empty != Some(true)
}
