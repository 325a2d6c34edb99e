//! Rules that recipes make for settings with `validate`, and who is told of a value that breaks one.
//!
//! Owns calling the rules and the words for a refusal. When a value is judged is decided where it is set and fetched; what
//! every value of a setting of windlass's own has to be is the business of [`crate::recipe::known_settings`].

use rhai::{Dynamic, Engine};

use crate::error::{Error, Kind};
use crate::place::Place;
use crate::recipe::callable::{Callable, isolate};
use crate::recipe::diagnose::diagnose;
use crate::recipe::fetching::Fetching;
use crate::recipe::frame::Frame;
use crate::recipe::settings::Stored;
use crate::recipe::values::from_value;
use crate::recipe::world::World;

/// One rule.
#[derive(Clone)]
pub struct Validator {
    /// Called with the name and the value; throws, or gives `false`, for a value it refuses.
    pub rule: Callable,
    /// Where `validate` was called.
    pub place: Option<Place>,
}

/// A value to be judged.
pub struct Candidate<'a> {
    /// The setting it is for.
    pub name: &'a str,
    /// The value.
    pub value: &'a Dynamic,
    /// Where it was set.
    pub place: Option<Place>,
    /// The server whose property it is.
    pub server: Option<String>,
}

impl Candidate<'_> {
    fn subject(&self) -> String {
        match &self.server {
            Some(server) => format!("the property `{}` of the server `{server}`", self.name),
            None => format!("the setting `{}`", self.name),
        }
    }

    /// The error for a value that a rule refuses; `reason` is what the rule threw.
    fn refused(&self, reason: Option<Error>, rule: &Validator) -> Error {
        let said = reason.as_ref().map_or_else(|| "its validator says no".to_owned(), ToString::to_string);
        let mut error = Error::recipe(format!("{} cannot be `{}`: {said}", self.subject(), self.value));
        if let Some(reason) = reason {
            error.parts_mut().help.clone_from(&reason.parts().help);
            error.parts_mut().notes.clone_from(&reason.parts().notes);
        }
        let by = rule
            .place
            .as_ref()
            .map(|place| format!("judged by `validate` in {}", Place { column: 0, ..place.clone() }));
        by.into_iter().fold(error.at(self.place.clone()), Error::note)
    }
}

/// Asks these rules, in order.
///
/// # Errors
/// The first refusal, where the value was set; and what goes wrong in a rule itself.
pub fn judge(engine: &Engine, frame: &Frame, rules: &[Validator], candidate: &Candidate<'_>) -> Result<(), Error> {
    for validator in rules {
        ask(engine, frame, validator, candidate)?;
    }
    Ok(())
}

fn ask(engine: &Engine, frame: &Frame, validator: &Validator, candidate: &Candidate<'_>) -> Result<(), Error> {
    let name = candidate.name;
    if frame.fetching.iter().filter(|outer| outer.name == name).count() > 1 {
        return Err(Error::recipe(format!("the validator of `{name}` sets `{name}` again, without end"))
            .at(validator.place.clone())
            .help("a validator only looks at the value it is given"));
    }
    let file = validator.rule.place().map(|place| place.file);
    let mut frame = frame.clone().for_code_of(file.as_deref())?;
    // A value has to be judged now, so what the rule runs waits in no `batch`.
    frame.batch = None;
    frame.fetching.push(Fetching::of(name));
    let scripts = frame.world.scripts.clone();
    let arguments = vec![name.into(), isolate(candidate.value)];
    match validator.rule.isolated().call(engine, frame, arguments).map_err(|error| diagnose(*error, &scripts, file)) {
        Ok(verdict) if verdict.as_bool() == Ok(false) => Err(candidate.refused(None, validator)),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == Kind::Thrown => Err(candidate.refused(Some(error), validator)),
        Err(error) => Err(error.through(format!("validator of the setting `{name}`"), validator.place.clone())),
    }
}

/// Judges what stands when recipes are read: values that were set before their rule was there, and what servers say in
/// place of a setting.
///
/// # Errors
/// Every refusal.
pub fn judge_all(engine: &Engine, world: &std::sync::Arc<World>) -> Result<(), Vec<Error>> {
    let errors: Vec<Error> = world
        .settings
        .judged()
        .iter()
        .flat_map(|name| judge_what_stands(engine, &Frame::top(world.clone()), name))
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// As [`judge_all`], of one setting.
#[must_use]
pub fn judge_what_stands(engine: &Engine, frame: &Frame, name: &str) -> Vec<Error> {
    let settings = &frame.world.settings;
    let rules = settings.validators(name);
    let mut errors = Vec::new();
    if let Some(setting) = settings.get(name)
        && let Stored::Value(value) = &setting.stored
    {
        let candidate = Candidate { name, value, place: setting.place.clone(), server: None };
        errors.extend(judge(engine, frame, rules.get(setting.passed..).unwrap_or_default(), &candidate).err());
        settings.has_passed(name, rules.len());
    }
    let said: Vec<(String, Dynamic, Option<Place>)> = frame.world.inventory(|inventory| {
        let of = |server: &std::sync::Arc<crate::model::server::Server>| {
            let value = server.properties.get(name).map(from_value)?;
            Some((server.address(), value, server.places.get(name).cloned()))
        };
        inventory.servers().filter_map(of).collect()
    });
    for (server, value, place) in said {
        let candidate = Candidate { name, value: &value, place, server: Some(server) };
        errors.extend(judge(engine, frame, &rules, &candidate).err());
    }
    errors
}
