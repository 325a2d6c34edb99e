//! Settings that are set and that nothing reads, and settings that are read and that nothing sets.
//!
//! A setting counts as read where its name is written out anywhere but to set it, so that `for name in ["a", "b"] {
//! fetch(name) }` is no riddle; and where it is made of a text that is put together, as `fetch(`${app}_user`)` does.

use std::collections::BTreeSet;

use rhai::Array;

use crate::error::Error;
use crate::model::suggest::{did_you_mean, is_slip};
use crate::recipe::check::files::Files;
use crate::recipe::check::known::Known;
use crate::recipe::check::old_settings::instead;
use crate::recipe::check::outline::{CallSite, Outline, SETTERS};
use crate::recipe::check::stage::Stage;
use crate::recipe::check::tasks::at;
use crate::recipe::check::usage::Usage;
use crate::recipe::setting_table;
use crate::recipe::settings::Stored;
use crate::recipe::stdlib::{MODULES, is_stock};
use crate::recipe::values::text;

/// Functions whose first argument names a setting that they read.
const READERS: &[&str] = &["fetch", "any", "fetch_one_of", "fetch_number", "fail_setting", "delete"];

/// What is known of settings in all files and stages together.
struct Settings<'a> {
    files: &'a Files,
    /// Every name that has a value somewhere.
    set: BTreeSet<String>,
    /// Names that are read by windlass, and those its recipes write out.
    known: BTreeSet<String>,
    /// What texts consist of that are names of settings when something is put in.
    parts: Vec<Vec<String>>,
    /// Names of services: `NAME_user` and the like are settings of theirs.
    services: BTreeSet<String>,
}

/// Mistakes in names of settings, as far as all stages could be read.
#[must_use]
pub fn misnamed(files: &Files, stages: &[Stage]) -> Vec<Error> {
    if files.is_blind || stages.iter().any(|stage| !stage.is_whole) {
        return Vec::new();
    }
    let settings = Settings::of(files, stages);
    let mut errors = settings.unread();
    errors.extend(settings.unset());
    errors
}

impl<'a> Settings<'a> {
    fn of(files: &'a Files, stages: &[Stage]) -> Self {
        let mut set: BTreeSet<String> = setting_table::names().map(str::to_owned).collect();
        let mut services = BTreeSet::new();
        for stage in stages {
            set.extend(stage.world.settings.names());
            stage.world.inventory(|inventory| {
                set.extend(inventory.servers().flat_map(|server| server.properties.keys().cloned()));
            });
            if let Some(Stored::Value(value)) = stage.world.settings.get("services").map(|setting| setting.stored) {
                services.extend(
                    value
                        .read_lock::<Array>()
                        .into_iter()
                        .flat_map(|list| list.iter().filter_map(text).collect::<Vec<_>>()),
                );
            }
        }
        let mut known: BTreeSet<String> = setting_table::names().map(str::to_owned).collect();
        let mut parts = Vec::new();
        for file in files.all() {
            for (_, call) in file.calls().filter(|(_, call)| !call.is_method) {
                let name = call.args.first().map(|name| &name.value);
                match name {
                    Some(Known::Text(name)) if SETTERS.contains(&call.name.as_str()) => {
                        set.insert(name.clone());
                    }
                    Some(Known::Parts { written, .. }) if READERS.contains(&call.name.as_str()) => {
                        parts.push(written.clone());
                    }
                    _ => {}
                }
            }
        }
        // What stock recipes write out is the name of a setting, a task or a program: too much does no harm here.
        known.extend(files.others.iter().flat_map(|file| file.words.iter().cloned()));
        Self { files, set, known, parts, services }
    }

    fn is_read(&self, name: &str) -> bool {
        self.known.contains(name) || self.files.say(name) || self.is_put_together(name) || self.is_of_a_service(name)
    }

    /// Whether a text that something is put into can be this name. What consists of nothing else can be any name; but
    /// then the name, or a part of it, is written out elsewhere.
    fn is_put_together(&self, name: &str) -> bool {
        let own = self.files.own.iter().flat_map(|file| &file.words);
        let is_part =
            |word: &String| word.len() > 1 && (name.starts_with(word.as_str()) || name.ends_with(word.as_str()));
        self.own_reads().any(|call| match call.args.first().map(|name| &name.value) {
            Some(Known::Text(_)) | None => false,
            Some(Known::Parts { written, .. }) if !written.is_empty() => {
                written.iter().all(|part| name.contains(part.as_str()))
            }
            _ => own.clone().any(is_part),
        })
    }

    fn own_reads(&self) -> impl Iterator<Item = &CallSite> {
        let calls = self.files.own_calls().map(|(_, _, call)| call);
        calls.filter(|call| !call.is_method && READERS.contains(&call.name.as_str()))
    }

    fn is_of_a_service(&self, name: &str) -> bool {
        self.services.iter().any(|service| {
            name.strip_prefix(service.as_str())
                .is_some_and(|rest| self.parts.iter().any(|parts| matches!(&parts[..], [ending] if ending == rest)))
        })
    }

    /// Settings nothing reads, each where it is first set. A default of `set_if_empty` may be there for others.
    fn unread(&self) -> Vec<Error> {
        let mut seen = BTreeSet::new();
        let mut errors = Vec::new();
        for (file, _, call) in self.files.own_calls() {
            let is_set = !call.is_method && ["set", "append", "ask"].contains(&call.name.as_str());
            let Some(name) = call.first_text().filter(|_| is_set) else { continue };
            if self.is_read(name) || !seen.insert(name.to_owned()) {
                continue;
            }
            errors.push(at(self.unread_setting(name), file, &call.args[0], name));
        }
        errors
    }

    fn unread_setting(&self, name: &str) -> Error {
        if let Some(instead) = instead(name) {
            return Error::recipe(format!("`{name}` is a setting of Capistrano that does nothing here"))
                .rule("dead-setting")
                .help(instead);
        }
        let error = Error::recipe(format!("`{name}` is set, but nothing reads it")).rule("unread-setting");
        if let Some(module) = self.module_that_reads(name) {
            return error
                .note(format!("the stock recipe `{module}` does, but it is not required"))
                .help(format!("`require(\"{module}\");` at the top of the recipe"));
        }
        let names = self.known.iter().filter(|known| self.is_name(known)).map(String::as_str);
        let read = self.own_reads().filter_map(CallSite::first_text);
        error.maybe_help(did_you_mean(name, names.chain(read))).help("take it away, or read it with `fetch`")
    }

    /// Whether a word of a stock recipe is surely a setting.
    fn is_name(&self, word: &str) -> bool {
        setting_table::names().any(|name| name == word) || self.set.contains(word)
    }

    /// The stock recipe that is not required and reads a setting.
    fn module_that_reads(&self, name: &str) -> Option<&'static str> {
        let is_required = |module: &str| {
            self.files.others.iter().any(|file| is_stock(&file.file) && *file.file == *format!("stdlib/{module}.rhai"))
        };
        let reads = |module: &str, text: &str| {
            text.contains(&format!("\"{name}\"")) || name.strip_prefix(module).is_some_and(|rest| rest.starts_with('_'))
        };
        MODULES.iter().find(|(module, text)| !is_required(module) && reads(module, text)).map(|(module, _)| *module)
    }

    /// Settings that are read as they are, without anything in place of a value, and that nothing sets.
    fn unset(&self) -> Vec<Error> {
        // A name that is worked out could be any.
        let is_dynamic =
            |call: &CallSite| !call.is_method && SETTERS.contains(&call.name.as_str()) && call.first_text().is_none();
        if self.files.own_calls().any(|(_, _, call)| is_dynamic(call)) {
            return Vec::new();
        }
        let read = |(file, _, call): (&'a Outline, _, &'a CallSite)| {
            let is_read = !call.is_method && call.name == "fetch" && call.args.len() == 1;
            let name = call.first_text().filter(|_| is_read)?;
            if self.set.contains(name) || self.known.contains(name) || self.is_of_a_service(name) {
                return None;
            }
            let set = self.set.iter().map(String::as_str);
            // What is kept may well be compared with `()` later, unless the name is a slip for certain.
            let is_mistake = match call.usage {
                Usage::Guarded => false,
                Usage::Needed | Usage::Dotted => true,
                Usage::Kept => set.clone().any(|known| is_slip(name, known)),
            };
            if !is_mistake {
                return None;
            }
            let error = Error::recipe(format!("`{name}` is read, but nothing sets it, so it is `()`"))
                .rule("unset-setting")
                .maybe_help(did_you_mean(name, set))
                .help(format!("set it, or say what it is without that: `fetch(\"{name}\", …)`"));
            Some(at(error, file, &call.args[0], name))
        };
        self.files.own_calls().filter_map(read).collect()
    }
}
