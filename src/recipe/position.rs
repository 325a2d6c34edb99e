//! Rhai's positions as ours.

use rhai::Position;

use crate::place::Place;

/// A place from what Rhai knows.
#[must_use]
pub fn place_of(source: Option<&str>, position: Position) -> Option<Place> {
    let number = |value: Option<usize>| value.and_then(|value| u32::try_from(value).ok()).unwrap_or(0);
    source.map(|source| Place::new(source, number(position.line()), number(position.position())))
}
