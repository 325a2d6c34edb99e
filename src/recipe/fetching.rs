//! A setting that is being worked out, and the settings that are read for it.

use std::sync::{Arc, Mutex, PoisonError};

use rhai::Dynamic;

use crate::recipe::callable::isolate;

/// A setting whose closure runs. Copies of it are the same one.
#[derive(Clone)]
pub struct Fetching {
    /// Its name.
    pub name: String,
    read: Arc<Mutex<Vec<Read>>>,
}

/// A setting that was read for another one, and the value it had.
#[derive(Clone)]
pub struct Read {
    /// Its name.
    pub name: String,
    /// What it was.
    pub value: Dynamic,
}

impl Fetching {
    /// A setting for which nothing was read yet.
    #[must_use]
    pub fn of(name: &str) -> Self {
        Self { name: name.to_owned(), read: Arc::default() }
    }

    /// Keeps that a setting is read for this one.
    pub fn reads(&self, name: &str, value: &Dynamic) {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.push(Read { name: name.to_owned(), value: isolate(value) });
    }

    /// What was read, in order.
    #[must_use]
    pub fn read(&self) -> Vec<Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_copy_reads_is_read_for_the_setting() {
        let outer = Fetching::of("outer");
        outer.clone().reads("first", &1_i64.into());
        outer.reads("second", &"x".into());
        assert_eq!(outer.read().iter().map(|read| read.name.as_str()).collect::<Vec<_>>(), ["first", "second"]);
    }
}
