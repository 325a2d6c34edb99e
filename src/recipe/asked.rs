//! A call of a stock recipe's function from a user's file, so that what it sets can be told where the user asked for it.

use crate::place::Place;
use crate::recipe::closures::{constant_text, each_call};
use crate::recipe::position::place_of;
use crate::recipe::world::World;

/// The call.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The user's file.
    pub file: String,
    /// The function.
    pub function: String,
    /// The first argument, where it is a text: several calls of one function are told apart by it.
    pub first: Option<String>,
}

impl Asked {
    /// Where it stands. Rhai does not say, so it is looked for; where several could be it, it is somewhere in the file.
    #[must_use]
    pub fn place(&self, world: &World) -> Place {
        let (mut likely, mut possible) = (Vec::new(), Vec::new());
        if let Some((_, ast)) = world.scripts.asts().into_iter().rev().find(|(file, _)| **file == *self.file) {
            each_call(&ast, &mut |found| {
                if *found.call.name != *self.function {
                    return;
                }
                let place = place_of(Some(&self.file), found.position);
                match found.call.args.first().and_then(constant_text) {
                    Some(text) if Some(&text) == self.first.as_ref() => likely.extend(place),
                    Some(_) => {}
                    None => possible.extend(place),
                }
            });
        }
        let found = if likely.is_empty() { possible } else { likely };
        match &found[..] {
            [place] => place.clone(),
            _ => Place::new(self.file.as_str(), 0, 0),
        }
    }
}
