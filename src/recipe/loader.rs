//! Reads recipes: the user's own, the project's, the stage's, and stock modules, in that order.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use rhai::{Dynamic, Engine};

use crate::error::Error;
use crate::model::suggest::did_you_mean;
use crate::model::task::Tasks;
use crate::model::task_graph::Words;
use crate::recipe::callable::Callable;
use crate::recipe::located::located;
use crate::recipe::project::{Project, commands};
use crate::recipe::reading::{Trust, file, script, together};
use crate::recipe::settings::Stored;
use crate::recipe::stdlib;
use crate::recipe::validators;
use crate::recipe::world::World;

/// Reads everything a run needs and fixes the tasks.
///
/// `personal` is the user's own `windlass.rhai`; without `stage` no stage file is read, as for `-T`.
///
/// # Errors
/// Every mistake that can be found before anything runs.
pub fn load(
    engine: &Engine,
    world: &Arc<World>,
    project: &Project,
    stage: Option<&str>,
    personal: Option<&Path>,
) -> Result<(), Error> {
    let stage_file = stage.map(|stage| project.stage(stage)).transpose()?;
    begin(engine, world, stage)?;
    for (path, shown) in files(project, stage_file, personal) {
        file(engine, world, &path, &shown)?;
    }
    finish(engine, world)
}

/// Sets what is there before any file of the user's is read.
///
/// # Errors
/// None that a recipe could be the reason of.
pub fn begin(engine: &Engine, world: &Arc<World>, stage: Option<&str>) -> Result<(), Error> {
    world.settings.set("stage", Stored::Value(stage.map_or(Dynamic::UNIT, Into::into)), None)?;
    stock(engine, world, "defaults")
}

/// The files of the user's in the order they are read, each with the name it is shown under.
#[must_use]
pub fn files(project: &Project, stage_file: Option<PathBuf>, personal: Option<&Path>) -> Vec<(PathBuf, String)> {
    let own = [project.recipe.clone()].into_iter().chain(project.task_files()).chain(stage_file);
    self::personal(personal).into_iter().chain(own.map(|path| (path.clone(), project.shown(&path)))).collect()
}

/// The user's own recipe, where there is one, with the name it is shown under.
#[must_use]
pub fn personal(path: Option<&Path>) -> Option<(PathBuf, String)> {
    path.filter(|path| path.is_file()).map(|path| (path.to_path_buf(), path.display().to_string()))
}

/// Ends loading: stock deploy if the recipes brought none, then tasks and hooks resolved.
///
/// # Errors
/// Unknown hooks and prerequisites, circles.
pub fn finish(engine: &Engine, world: &Arc<World>) -> Result<(), Error> {
    fix(world, judged(engine, world)?)
}

/// Fixes the tasks of a run.
///
/// # Errors
/// What is wrong with them.
pub(super) fn fix(world: &World, (tasks, mistakes): (Tasks<Callable>, Vec<Error>)) -> Result<(), Error> {
    if !mistakes.is_empty() {
        return Err(together(mistakes));
    }
    world.tasks.set(tasks).map_err(|_| Error::recipe("recipes were read twice in one run"))
}

/// As [`finish`], with the tasks as far as they can be put together, and all that is wrong with them.
///
/// # Errors
/// Stock recipes that cannot be read.
pub fn judged(engine: &Engine, world: &Arc<World>) -> Result<(Tasks<Callable>, Vec<Error>), Error> {
    if !world.declare(|graph| graph.is_defined("deploy"))? {
        require(engine, world, "deploy", None)?;
        require(engine, world, "git", None)?;
    }
    world.settings.forget();
    // Without a stage, what the stage would set is missing.
    if !matches!(world.settings.get("stage").map(|setting| setting.stored), Some(Stored::Value(stage)) if stage.is_unit())
    {
        match validators::judge_all(engine, world) {
            Err(mistakes) if world.scripts.compiled().is_some() => {
                world.mistakes.lock().unwrap_or_else(PoisonError::into_inner).extend(mistakes);
            }
            judged => judged.map_err(together)?,
        }
    }
    Ok(declared(world))
}

/// The tasks that were declared, as far as they can be put together, and all that is wrong with them.
pub fn declared(world: &World) -> (Tasks<Callable>, Vec<Error>) {
    let graph = std::mem::take(&mut *world.graph.lock().unwrap_or_else(PoisonError::into_inner));
    graph.judged(&Words { stages: world.options.stages.clone(), commands: commands().collect() })
}

/// Loads a module once: a stock one by its name, or a file by its path from the file that requires it.
///
/// # Errors
/// An unknown module, and every mistake in it.
pub fn require(engine: &Engine, world: &Arc<World>, name: &str, from: Option<&str>) -> Result<(), Error> {
    if stdlib::module(name).is_some() {
        return stock(engine, world, name);
    }
    let is_path = name.starts_with(['.', '/']) || name.contains('/') || Path::new(name).extension().is_some();
    if !is_path {
        return Err(Error::recipe(format!("there is no stock module `{name}`"))
            .maybe_help(did_you_mean(name, stdlib::MODULES.iter().map(|(name, _)| *name)))
            .note(format!(
                "the stock modules are {}",
                stdlib::MODULES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
            ))
            .help(format!("a file of your own is required by its path: `require(\"./{name}\")`")));
    }
    let (path, shown) = located(world, name, from);
    if !path.is_file() {
        return Err(Error::recipe(format!("there is no file `{shown}`"))
            .help("paths are taken from the file that requires them"));
    }
    if !first_time(world, &shown) {
        return Ok(());
    }
    file(engine, world, &path, &shown)
}

fn stock(engine: &Engine, world: &Arc<World>, name: &str) -> Result<(), Error> {
    let text = stdlib::module(name).ok_or_else(|| Error::recipe(format!("there is no stock module `{name}`")))?;
    let shown = format!("stdlib/{name}.rhai");
    if first_time(world, &shown) { script(engine, world, &shown, text, Trust::Stock) } else { Ok(()) }
}

fn first_time(world: &World, name: &str) -> bool {
    let mut required = world.required.lock().unwrap_or_else(PoisonError::into_inner);
    let first = !required.iter().any(|known| known == name);
    if first {
        required.push(name.to_owned());
    }
    first
}
