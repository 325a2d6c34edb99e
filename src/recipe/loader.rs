//! Reads recipes: the user's own, the project's, the stage's, and stock modules, in that order.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, PoisonError};

use rhai::{AST, Dynamic, Engine, Scope};

use crate::error::{Error, Kind};
use crate::model::suggest::did_you_mean;
use crate::model::task::Tasks;
use crate::model::task_graph::Words;
use crate::recipe::callable::Callable;
use crate::recipe::diagnose::diagnose;
use crate::recipe::diagnose::reading::diagnose_parse;
use crate::recipe::exports;
use crate::recipe::lint::lint;
use crate::recipe::project::{Project, commands};
use crate::recipe::settings::Stored;
use crate::recipe::stdlib;
use crate::recipe::validators;
use crate::recipe::versions;
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
    let personal = personal.filter(|path| path.is_file()).map(|path| (path.to_path_buf(), path.display().to_string()));
    let own = [project.recipe.clone()].into_iter().chain(project.task_files()).chain(stage_file);
    personal.into_iter().chain(own.map(|path| (path.clone(), project.shown(&path)))).collect()
}

/// Ends loading: stock deploy if the recipes brought none, then tasks and hooks resolved.
///
/// # Errors
/// Unknown hooks and prerequisites, circles.
pub fn finish(engine: &Engine, world: &Arc<World>) -> Result<(), Error> {
    let (tasks, mistakes) = judged(engine, world)?;
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
    let graph = std::mem::take(&mut *world.graph.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(graph.judged(&words(world)))
}

/// Names that mean something beside those of tasks.
pub(super) fn words(world: &World) -> Words {
    Words { stages: world.options.stages.clone(), commands: commands().collect() }
}

/// Several mistakes as one error; a single one stays itself.
pub fn together(mut errors: Vec<Error>) -> Error {
    if errors.len() == 1 {
        return errors.remove(0);
    }
    let message = format!("{} mistakes in the recipes", errors.len());
    errors.into_iter().fold(Error::recipe(message), Error::because)
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

/// The path of a file named in the recipe `from`, and as it is shown; without `from` it is taken from the project.
#[must_use]
pub fn located(world: &World, name: &str, from: Option<&str>) -> (PathBuf, String) {
    let root = &world.options.project;
    let base = from
        .map_or_else(|| root.clone(), |from| root.join(from).parent().map_or_else(|| root.clone(), Path::to_path_buf));
    let mut path = clean(&base.join(name));
    if path.extension().is_none() {
        path.set_extension("rhai");
    }
    let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
    (path, shown)
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

/// Reads and runs a file of the user's.
///
/// # Errors
/// A file that cannot be read, mistakes in it, and what it raises.
pub fn file(engine: &Engine, world: &Arc<World>, path: &Path, shown: &str) -> Result<(), Error> {
    script(engine, world, shown, &read(path, shown)?, Trust::Written)
}

/// Compiles a file that is imported, looked through for mistakes as every file of the user's.
///
/// # Errors
/// A file that cannot be read, and mistakes in it.
pub fn compile_file(engine: &Engine, world: &Arc<World>, path: &Path, shown: &str) -> Result<Arc<AST>, Error> {
    compile_text(engine, world, &Scope::new(), shown, &read(path, shown)?)
}

/// Compiles a text that may use the variables of a scope, looked through for mistakes as every file of the user's.
///
/// # Errors
/// Mistakes in it.
pub fn compile_text(
    engine: &Engine,
    world: &Arc<World>,
    scope: &Scope<'_>,
    shown: &str,
    text: &str,
) -> Result<Arc<AST>, Error> {
    compile(engine, world, scope, shown, text, Trust::Written)
}

/// The text of a file.
///
/// # Errors
/// A file that cannot be read, or is not UTF-8.
pub fn read(path: &Path, shown: &str) -> Result<String, Error> {
    let bytes = fs::read(path).map_err(|error| Error::io("could not read", path, &error))?;
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.split(|byte| *byte == b'\n').count();
        Error::recipe(format!("`{shown}` is not UTF-8"))
            .help(format!("look at line {line}, and save the file as UTF-8"))
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// Ours, held clean by a test.
    Stock,
    /// The user's, looked through for mistakes before it runs.
    Written,
}

fn compile(
    engine: &Engine,
    world: &Arc<World>,
    scope: &Scope<'_>,
    shown: &str,
    text: &str,
    trust: Trust,
) -> Result<Arc<AST>, Error> {
    // A `#!` line is a parse error in Rhai; as a comment it keeps its line.
    let text = if text.starts_with("#!") { format!("//{text}") } else { text.to_owned() };
    world.scripts.add_text(shown, &text);
    let ast = if let Some(ast) = world.scripts.compiled().and_then(|compiled| compiled.ast(shown)) {
        ast
    } else {
        let mut ast = engine.compile_with_scope(scope, &text).map_err(|error| diagnose_parse(&error, shown, &text))?;
        ast.set_source(shown);
        let ast = Arc::new(ast);
        if let Some(compiled) = world.scripts.compiled() {
            compiled.keep(shown, &ast);
        }
        ast
    };
    if trust == Trust::Written {
        versions::check_file(&ast, shown)?;
        let lent = lent(world, shown, &text);
        let judge = |lent: &BTreeSet<String>| lint(engine, &ast, shown, lent);
        if let Some(compiled) = world.scripts.compiled() {
            let mistakes = compiled.mistakes(shown, lent, judge);
            world.mistakes.lock().unwrap_or_else(PoisonError::into_inner).extend(mistakes);
        } else {
            let mistakes = judge(&lent);
            if !mistakes.is_empty() {
                return Err(together(mistakes));
            }
        }
    }
    world.scripts.add_ast(shown, ast.clone());
    Ok(ast)
}

/// Functions a file may call of others: of all that were read before it, and of what it requires.
fn lent(world: &World, shown: &str, text: &str) -> BTreeSet<String> {
    let read = |name: &str| match stdlib::module(name) {
        Some(text) => Some(text.to_owned()),
        // What cannot be read is told when it is required.
        None => fs::read_to_string(located(world, name, Some(shown)).0).ok(),
    };
    let mut names = exports::lent(text, &read);
    for lent in world.scripts.lent() {
        names.extend(lent.iter().cloned());
    }
    names
}

fn script(engine: &Engine, world: &Arc<World>, shown: &str, text: &str, trust: Trust) -> Result<(), Error> {
    let ast = compile(engine, world, &Scope::new(), shown, text, trust)?;
    engine.run_ast(&ast).map_err(|error| {
        let mut error = diagnose(*error, &world.scripts, Some(shown.into()));
        // Thrown before anything ran: a mistake in the recipe, not a failed deploy.
        if error.kind() == Kind::Thrown {
            error.parts_mut().kind = Kind::Recipe;
        }
        error
    })
}

/// A path without `.` and `..`, as text only.
fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                cleaned.pop();
            }
            other => cleaned.push(other),
        }
    }
    cleaned
}
