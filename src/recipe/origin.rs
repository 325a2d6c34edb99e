//! Who set a setting: where a value that cannot be used has to be changed, and under which name.
//!
//! A lazy default of a stock recipe only hands on what somebody else said: it is followed to the setting its value comes
//! from. What a user wrote, closures too, is followed no further.

use rhai::Dynamic;

use crate::place::Place;
use crate::recipe::fetching::Read;
use crate::recipe::frame::Frame;
use crate::recipe::settings::Stored;
use crate::recipe::stdlib::is_stock;
use crate::recipe::values::{from_value, same};

/// What a value comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The setting or property that was set.
    pub name: String,
    /// Its value; `()` where it is not known.
    pub value: Dynamic,
    /// Where it was set; none where no recipe of a user did.
    pub place: Option<Place>,
    /// The server whose property it is.
    pub server: Option<String>,
    /// The one other setting a user set that the value was made from.
    pub made_from: Option<String>,
}

/// What the value of a setting comes from, as the frame sees it.
#[must_use]
pub fn origin(frame: &Frame, name: &str) -> Origin {
    follow(frame, name, &mut Vec::new())
}

fn follow(frame: &Frame, name: &str, seen: &mut Vec<String>) -> Origin {
    let own = |value, place: Option<Place>| Origin {
        name: name.to_owned(),
        value,
        place: place.filter(|place| !is_stock(&place.file)),
        server: None,
        made_from: None,
    };
    if let Some((server, value)) = frame.server().and_then(|server| Some((server, server.properties.get(name)?))) {
        let place = server.places.get(name).cloned();
        return Origin { server: Some(server.address()), ..own(from_value(value), place) };
    }
    let Some(setting) = frame.world.settings.get(name) else { return own(Dynamic::UNIT, None) };
    let closure = match setting.stored {
        Stored::Value(value) => return own(value, setting.place),
        Stored::Question(_) => return own(Dynamic::UNIT, setting.place),
        Stored::Lazy(closure) => closure,
    };
    let Some(memo) = frame.world.settings.memo(&frame.owner(), name) else { return own(Dynamic::UNIT, setting.place) };
    let is_written = closure.place().is_some_and(|place| !is_stock(&place.file));
    // What was worked out anew meanwhile may refer back.
    if is_written || seen.iter().any(|known| known == name) {
        return own(memo.value, setting.place);
    }
    seen.push(name.to_owned());
    if let Some(read) = handed_on(&memo.read, &memo.value) {
        return follow(frame, &read.name, seen);
    }
    let mut sources: Vec<Origin> = Vec::new();
    for read in &memo.read {
        let source = follow(frame, &read.name, seen);
        if source.place.is_some() && !sources.iter().any(|known| known.name == source.name) {
            sources.push(source);
        }
    }
    match <[Origin; 1]>::try_from(sources) {
        Ok([source]) => Origin { place: source.place, made_from: Some(source.name), ..own(memo.value, None) },
        Err(_) => own(memo.value, setting.place),
    }
}

/// The last setting that was read with the very value: with `fetch("a") ?? fetch("b")`, the one that was there.
fn handed_on<'a>(read: &'a [Read], value: &Dynamic) -> Option<&'a Read> {
    read.iter().rev().find(|read| !read.value.is_unit() && same(&read.value, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, i64)]) -> Vec<Read> {
        pairs.iter().map(|(name, value)| Read { name: (*name).to_owned(), value: (*value).into() }).collect()
    }

    #[test]
    fn a_value_is_handed_on_by_the_last_that_has_it() {
        let of =
            |pairs: &[(&str, i64)], value: i64| handed_on(&read(pairs), &value.into()).map(|read| read.name.clone());
        assert_eq!(of(&[("a", 1), ("b", 2), ("c", 2), ("d", 3)], 2).as_deref(), Some("c"));
        assert_eq!(of(&[("a", 1)], 2), None, "what is made from others is none of them");
    }

    #[test]
    fn nothing_is_handed_on_by_nobody() {
        let nothing = Read { name: "a".to_owned(), value: Dynamic::UNIT };
        assert!(handed_on(&[nothing], &Dynamic::UNIT).is_none());
    }
}
