//! Scripts: what runs beside the tasks, and is not run to be judged.

use crate::error::Error;
use crate::recipe::check::files::Files;
use crate::recipe::lint::{ON_A_HOST, outside_on};

/// Functions that say which tasks there are, and what runs before and after them.
const DECLARING: &[&str] = &["task", "file_task", "before", "after", "unhook", "clear_task"];

/// Calls in scripts that are refused when they run.
#[must_use]
pub fn refused(files: &Files) -> Vec<Error> {
    let mut errors = Vec::new();
    for (file, body, call) in files.own_calls().filter(|(file, ..)| files.is_beside(&file.file)) {
        let name = call.name.as_str();
        let error = if call.is_method {
            continue;
        } else if DECLARING.contains(&name) {
            Error::recipe(format!("`{name}` is for recipes: a script runs when all tasks are declared"))
                .rule("declared-in-script")
                .help("do here what the task would do, or put it into a file of `config/deploy/tasks` and `invoke` it")
        } else if ON_A_HOST.contains(&name) && body.function.is_none() {
            outside_on(name)
        } else {
            continue;
        };
        errors.push(error.at(file.place(call.position)).width(name.chars().count()));
    }
    errors
}
