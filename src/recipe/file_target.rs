//! The file that a file task makes: whether it has to be made.
//!
//! Owns the look at the files of this machine; the rule is `model::file_age`.

use std::path::PathBuf;
use std::time::SystemTime;

use crate::error::Error;
use crate::model::file_age::{self, Reason, Source};
use crate::model::task::{LinkKind, Task};
use crate::recipe::callable::Callable;
use crate::recipe::world::World;

/// Why the file of a task has to be made; none where it is up to date.
///
/// # Errors
/// A file it is made of that is not there.
pub fn reason(world: &World, task: &Task<Callable>) -> Result<Option<Reason>, Error> {
    let mut sources = Vec::new();
    for origin in task.file.iter().flatten() {
        let changed = changed(world, &origin.path).ok_or_else(|| {
            Error::recipe(format!("there is no file `{}`, which `{}` is made of", origin.path, task.name))
                .at(Some(origin.place.clone()))
                .note("there is no task of that name either, which would make it")
        })?;
        sources.push(Source { path: origin.path.clone(), changed });
    }
    let is_file =
        |name: &str| world.tasks.get().and_then(|tasks| tasks.get(name)).is_some_and(|task| task.file.is_some());
    for link in task.prerequisites.iter().filter(|link| link.kind == LinkKind::Need && is_file(&link.name)) {
        // A dry run has not made it; a real one will have.
        let changed = changed(world, &link.name).unwrap_or_else(SystemTime::now);
        sources.push(Source { path: link.name.clone(), changed });
    }
    Ok(file_age::reason(changed(world, &task.name), &sources))
}

/// Refuses steps that have not made the file they are for.
///
/// # Errors
/// That it is not there.
pub fn made(world: &World, task: &Task<Callable>) -> Result<(), Error> {
    if world.options.dry_run || changed(world, &task.name).is_some() {
        return Ok(());
    }
    let name = &task.name;
    Err(Error::recipe(format!("the steps of `{name}` have not made the file `{name}`"))
        .at(Some(task.place().clone()))
        .note(format!("it was looked for at {}", path(world, name).display()))
        .help("make that file on this machine, inside `run_locally`; or use `task` for steps that make none"))
}

fn changed(world: &World, name: &str) -> Option<SystemTime> {
    path(world, name).metadata().and_then(|metadata| metadata.modified()).ok()
}

fn path(world: &World, name: &str) -> PathBuf {
    world.options.project.join(name)
}
