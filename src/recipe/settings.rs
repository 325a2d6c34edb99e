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
use crate::model::span;
use crate::place::Place;
use crate::recipe::callable::Callable;
use crate::recipe::fetching::Read;
use crate::recipe::values::to_value;
use crate::runner::max_fail::MaxFail;

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
    settings: RwLock<IndexMap<String, Setting>>,
    memos: Mutex<HashMap<(Owner, String), Memo>>,
}

impl Settings {
    /// Stores, replacing what was there.
    ///
    /// # Errors
    /// For a value that a known setting cannot have.
    pub fn set(&self, name: &str, stored: Stored, place: Option<Place>) -> Result<(), Error> {
        if let Stored::Value(value) = &stored {
            check(name, value).map_err(|error| error.at(place.clone()))?;
        }
        self.memos().retain(|(_, memo), _| memo != name);
        let mut settings = self.settings.write().unwrap_or_else(PoisonError::into_inner);
        settings.insert(name.to_owned(), Setting { stored, place });
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
        let mut settings = self.settings.write().unwrap_or_else(PoisonError::into_inner);
        let Some(stored) = change(settings.get(name).map(|setting| &setting.stored)) else { return Ok(()) };
        if let Stored::Value(value) = &stored {
            check(name, value).map_err(|error| error.at(place.clone()))?;
        }
        settings.insert(name.to_owned(), Setting { stored, place });
        drop(settings);
        self.memos().retain(|(_, memo), _| memo != name);
        Ok(())
    }

    /// What is stored under a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Setting> {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Removes a setting and gives what it was.
    pub fn delete(&self, name: &str) -> Option<Setting> {
        self.memos().retain(|(_, memo), _| memo != name);
        self.settings.write().unwrap_or_else(PoisonError::into_inner).shift_remove(name)
    }

    /// All names, in the order they were first set.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
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

    /// Forgets every memo, at the end of loading.
    pub fn forget(&self) {
        self.memos().clear();
    }

    fn memos(&self) -> MutexGuard<'_, HashMap<(Owner, String), Memo>> {
        self.memos.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Rules for the values of known settings.
///
/// # Errors
/// A value outside its rule.
pub fn check(name: &str, value: &Dynamic) -> Result<(), Error> {
    match name {
        "application" => {
            let text = value.clone().into_string().unwrap_or_default();
            let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if text.is_empty() || !text.chars().all(allowed) {
                return Err(Error::recipe(format!("`{value}` cannot be the name of an application"))
                    .help("use letters, digits, `-`, `_` and `.`, for example `set(\"application\", \"my_app\")`"));
            }
        }
        "keep_releases" if value.as_int().map_or(true, |keep| keep < 1) => {
            return Err(Error::recipe(format!(
                "`keep_releases` is `{value}`, but it has to be a whole number of at least 1"
            ))
            .help("for example `set(\"keep_releases\", 5)`"));
        }
        "max_fail" if !value.is_unit() => {
            let wrong = |problem: String| Error::recipe(format!("setting `max_fail` {problem}"));
            to_value(value).and_then(|value| MaxFail::of(&value).map_err(wrong))?;
        }
        "warm" if !value.is_unit() && value.as_int().map_or(true, |seconds| u32::try_from(seconds).is_err()) => {
            return Err(Error::recipe(format!("`warm` is `{value}`, but has to be a whole number of seconds"))
                .help("for example `set(\"warm\", 60)`; 0 closes connections at the end of each run"));
        }
        "lock" if !value.is_bool() => {
            return Err(Error::recipe(format!("`lock` is `{value}`, but it has to be true or false"))
                .help("`set(\"lock\", false)` deploys without a lock"));
        }
        "lock_ttl" if value.as_int().map_or(true, |ttl| !(5..=86400).contains(&ttl)) => {
            return Err(Error::recipe(format!(
                "`lock_ttl` is `{value}`, but it has to be a whole number of seconds, at least 5 and at most 86400"
            ))
            .help("for example `set(\"lock_ttl\", 60)`"));
        }
        "connect_timeout" | "command_timeout" | "idle_timeout" | "run_timeout" if !value.is_unit() => {
            let time = span::of_value(&to_value(value)?)
                .map_err(|reason| Error::recipe(format!("the setting `{name}` cannot be used: {reason}")))?;
            if name == "connect_timeout" && time.is_zero() {
                return Err(Error::recipe("the setting `connect_timeout` is 0, so no host could ever be reached")
                    .help("leave it out for ssh's own limit"));
            }
        }
        _ => {}
    }
    Ok(())
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

    #[test]
    fn known_settings_have_rules() {
        let settings = Settings::default();
        assert!(settings.set("application", value("my app"), None).is_err());
        assert!(settings.set("application", value("my.app-1_x"), None).is_ok());
        assert!(settings.set("keep_releases", Stored::Value(0_i64.into()), None).is_err());
        for (wrong, right) in
            [(value("60"), Stored::Value(60_i64.into())), (Stored::Value((-1_i64).into()), Stored::Value(().into()))]
        {
            assert!(settings.set("warm", wrong, None).is_err());
            assert!(settings.set("warm", right, None).is_ok());
        }
        assert!(settings.set("keep_releases", value("5"), None).is_err());
        assert!(settings.set("keep_releases", Stored::Value(5_i64.into()), None).is_ok());
        assert!(settings.set("lock", value("no"), None).is_err());
        assert!(settings.set("lock", Stored::Value(false.into()), None).is_ok());
        assert!(settings.set("lock_ttl", Stored::Value(4_i64.into()), None).is_err());
        assert!(settings.set("lock_ttl", Stored::Value(300_i64.into()), None).is_ok());
        let error = settings.set("idle_timeout", value("5 minutes"), None).unwrap_err();
        assert!(error.to_string().starts_with("the setting `idle_timeout` cannot be used: `5 minutes` is no length"));
        assert!(settings.set("run_timeout", value("1h"), None).is_ok());
        assert!(settings.set("connect_timeout", Stored::Value(0_i64.into()), None).is_err());
    }
}
