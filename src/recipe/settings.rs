//! The settings of a run: what `set` stored and what `fetch` found.
//!
//! Owns storing, who set what where, and the memo of lazy values. It never calls a closure: no lock is held while
//! recipe code runs.
//!
//! The memoising rule: a lazy value is worked out once a run outside hosts, and once a host inside `on`. Setting a name
//! again forgets its memos, and so does the end of loading, so that a stage file can still change what a lazy value of
//! `deploy.rhai` builds on. An answer to `ask` is given once for the whole run.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use indexmap::IndexMap;
use rhai::Dynamic;

use crate::error::Error;
use crate::place::Place;
use crate::recipe::callable::Callable;
use crate::recipe::fetching::Read;
use crate::recipe::known_settings::check;
use crate::recipe::validators::Validator;

/// What a name stands for.
#[derive(Clone)]
pub enum Stored {
    /// A value.
    Value(Dynamic),
    /// A closure that gives the value when it is needed.
    Lazy(Callable),
    /// A question to the user, put when the value is first needed.
    Question(Question),
}

/// A question as `ask` stored it.
#[derive(Clone)]
pub struct Question {
    /// What to print; the name of the setting when none was given.
    pub prompt: Option<String>,
    /// The answer when none is typed, or nobody is there to type.
    pub default: Dynamic,
    /// Whether typing shows; if not, the answer is a secret.
    pub echo: bool,
}

/// A setting and who set it.
#[derive(Clone)]
pub struct Setting {
    /// Its value or how to get it.
    pub stored: Stored,
    /// Where it was last set; none for values from the command line.
    pub place: Option<Place>,
    /// How many of its validators have judged it.
    pub passed: usize,
}

/// Whose memo: nobody's host, or a host by name and port.
pub type Owner = Option<(String, u16)>;

/// A value that was worked out.
#[derive(Clone)]
pub struct Memo {
    /// The value.
    pub value: Dynamic,
    /// The settings that were read for it.
    pub read: Vec<Read>,
}

/// All settings.
#[derive(Default)]
pub struct Settings {
    entries: RwLock<IndexMap<String, Setting>>,
    memos: Mutex<HashMap<(Owner, String), Memo>>,
    validators: RwLock<IndexMap<String, Vec<Validator>>>,
}

impl Settings {
    /// Stores, replacing what was there. All validators there are have judged a value.
    ///
    /// # Errors
    /// For a value that a known setting cannot have.
    pub fn set(&self, name: &str, stored: Stored, place: Option<Place>) -> Result<(), Error> {
        if let Stored::Value(value) = &stored {
            check(name, value).map_err(|error| error.at(place.clone()))?;
        }
        self.memos().retain(|(_, memo), _| memo != name);
        let mut settings = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let passed = self.rules(name);
        settings.insert(name.to_owned(), Setting { stored, place, passed });
        Ok(())
    }

    /// Changes a setting in one step, so that nothing is lost when several hosts change it at the same time.
    ///
    /// `change` is given what is stored and gives what to store, or nothing to leave it. It must not call recipe code.
    ///
    /// # Errors
    /// As [`Settings::set`].
    pub fn update(
        &self,
        name: &str,
        place: Option<Place>,
        change: impl FnOnce(Option<&Stored>) -> Option<Stored>,
    ) -> Result<(), Error> {
        let mut settings = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let Some(stored) = change(settings.get(name).map(|setting| &setting.stored)) else { return Ok(()) };
        if let Stored::Value(value) = &stored {
            check(name, value).map_err(|error| error.at(place.clone()))?;
        }
        let passed = self.rules(name);
        settings.insert(name.to_owned(), Setting { stored, place, passed });
        drop(settings);
        self.memos().retain(|(_, memo), _| memo != name);
        Ok(())
    }

    /// What is stored under a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Setting> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Removes a setting and gives what it was.
    pub fn delete(&self, name: &str) -> Option<Setting> {
        self.memos().retain(|(_, memo), _| memo != name);
        self.entries.write().unwrap_or_else(PoisonError::into_inner).shift_remove(name)
    }

    /// All names, in the order they were first set.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// A value worked out before: for this host, else for the whole run.
    #[must_use]
    pub fn memo(&self, owner: &Owner, name: &str) -> Option<Memo> {
        let memos = self.memos();
        let of = |owner: &Owner| memos.get(&(owner.clone(), name.to_owned())).cloned();
        of(owner).or_else(|| of(&None))
    }

    /// Keeps a value that was worked out from others.
    pub fn remember(&self, owner: Owner, name: &str, value: Dynamic, read: Vec<Read>) {
        self.memos().insert((owner, name.to_owned()), Memo { value, read });
    }

    /// Forgets a value that was worked out.
    pub fn forget_one(&self, owner: Owner, name: &str) {
        self.memos().remove(&(owner, name.to_owned()));
    }

    /// Adds a rule. What was worked out before is worked out anew, so that it is judged.
    pub fn add_validator(&self, name: &str, validator: Validator) {
        let mut validators = self.validators.write().unwrap_or_else(PoisonError::into_inner);
        validators.entry(name.to_owned()).or_default().push(validator);
        drop(validators);
        self.memos().retain(|(_, memo), _| memo != name);
    }

    /// The rules of a setting, in the order they were made.
    #[must_use]
    pub fn validators(&self, name: &str) -> Vec<Validator> {
        let validators = self.validators.read().unwrap_or_else(PoisonError::into_inner);
        validators.get(name).cloned().unwrap_or_default()
    }

    fn rules(&self, name: &str) -> usize {
        self.validators.read().unwrap_or_else(PoisonError::into_inner).get(name).map_or(0, Vec::len)
    }

    /// The settings that have rules.
    #[must_use]
    pub fn judged(&self) -> Vec<String> {
        self.validators.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// Keeps that so many rules have judged a setting.
    pub fn has_passed(&self, name: &str, count: usize) {
        let mut settings = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(setting) = settings.get_mut(name) {
            setting.passed = count;
        }
    }

    /// Forgets every memo, at the end of loading.
    pub fn forget(&self) {
        self.memos().clear();
    }

    fn memos(&self) -> MutexGuard<'_, HashMap<(Owner, String), Memo>> {
        self.memos.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Stored {
        Stored::Value(text.into())
    }

    #[test]
    fn the_last_one_wins_and_the_order_is_of_the_first() {
        let settings = Settings::default();
        for (name, text) in [("a", "1"), ("b", "2"), ("a", "3")] {
            settings.set(name, value(text), None).unwrap();
        }
        assert_eq!(settings.names(), ["a", "b"]);
        assert!(matches!(settings.get("a").unwrap().stored, Stored::Value(v) if v.to_string() == "3"));
    }

    #[test]
    fn a_hosts_memo_is_its_own_and_the_runs_memo_is_everybodys() {
        let settings = Settings::default();
        let web1 = Some(("web1".to_owned(), 22));
        settings.remember(web1.clone(), "x", "one".into(), Vec::new());
        assert!(settings.memo(&None, "x").is_none());
        assert!(settings.memo(&Some(("web2".to_owned(), 22)), "x").is_none());
        assert_eq!(settings.memo(&web1, "x").unwrap().value.to_string(), "one");
        settings.remember(None, "y", "all".into(), Vec::new());
        assert_eq!(settings.memo(&web1, "y").unwrap().value.to_string(), "all");
    }

    #[test]
    fn setting_again_forgets_the_memo() {
        let settings = Settings::default();
        settings.remember(None, "x", "old".into(), Vec::new());
        settings.set("x", value("new"), None).unwrap();
        assert!(settings.memo(&None, "x").is_none());
    }
}
