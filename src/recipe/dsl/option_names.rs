//! Names of the options of host functions, for who judges a call before it runs.
//!
//! What a function takes is said where it reads them, with [`Call::options`](super::call::Call::options); that holds this
//! table to it.

/// Functions whose options come last, with the names of these.
const LAST: &[(&str, &[&str])] = &[
    ("execute", &["help", "raise", "verbosity", "stdin", "shell", "timeout", "idle_timeout"]),
    ("test", &["dry_run", "verbosity", "stdin", "shell", "timeout", "idle_timeout"]),
    ("capture", &["strip", "raise", "dry_run", "verbosity", "stdin", "shell", "timeout", "idle_timeout"]),
    ("capture_lines", &["raise", "dry_run", "verbosity", "stdin", "shell", "timeout", "idle_timeout"]),
    ("capture_json", &["raise", "dry_run", "verbosity", "stdin", "shell", "timeout", "idle_timeout"]),
    ("run", &["dry_run", "verbosity", "stdin", "shell", "timeout", "idle_timeout"]),
    ("ask", &["prompt", "echo"]),
    ("upload", &["mode", "verbosity"]),
    ("download", &["verbosity"]),
    ("write_file", &["mode", "verbosity"]),
    ("read_file", &["missing"]),
    ("require_files", &["help"]),
    ("fail", super::log::EXPLANATIONS),
    ("fetch_one_of", &["help", "notes"]),
    ("fetch_number", &["min", "max", "default"]),
    ("fail_setting", super::log::EXPLANATIONS),
    ("enable_linger", &["sudo", "timeout"]),
    ("disable_linger", &["sudo", "force", "except"]),
    ("manager_ready", &["timeout"]),
    ("examine_host", &super::doctor::OPTIONS),
    ("describe_lock", &["commit", "branch"]),
];

/// Functions whose options come before their block.
const SECOND: &[(&str, &[&str])] = &[("on", &super::on_options::OPTIONS), ("task", &["args", "needs"])];

/// The options of a function, and whether they come before its block; none where that is not known.
#[must_use]
pub fn options(function: &str) -> Option<(&'static [&'static str], bool)> {
    let of = |table: &[(&str, &'static [&'static str])]| {
        table.iter().find(|(name, _)| *name == function).map(|(_, options)| *options)
    };
    of(LAST).map(|options| (options, false)).or_else(|| of(SECOND).map(|options| (options, true)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::dsl::functions;

    #[test]
    fn they_are_of_functions_there_are() {
        for (name, _) in LAST.iter().chain(SECOND) {
            assert!(functions().any(|function| function.name == *name), "{name}");
        }
    }
}
