//! From the text of a recipe file to what runs: read, compiled, and looked through where it is the user's.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use rhai::{AST, Engine, Scope};

use crate::error::{Error, Kind};
use crate::recipe::diagnose::diagnose;
use crate::recipe::diagnose::parsing::{check_comments, diagnose_parse};
use crate::recipe::exports;
use crate::recipe::lint::lint;
use crate::recipe::located::located;
use crate::recipe::memory::Memory;
use crate::recipe::stdlib;
use crate::recipe::versions;
use crate::recipe::world::World;

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

/// Compiles a script, with the arguments it will have.
///
/// # Errors
/// A file that cannot be read, and mistakes in it.
pub fn compile_script(engine: &Engine, world: &Arc<World>, path: &Path, shown: &str) -> Result<Arc<AST>, Error> {
    compile_text(engine, world, &Memory::with_arguments(&[]).0, shown, &read(path, shown)?)
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
pub(super) enum Trust {
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
        check_comments(shown, &text)?;
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

pub(super) fn script(engine: &Engine, world: &Arc<World>, shown: &str, text: &str, trust: Trust) -> Result<(), Error> {
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

/// Several mistakes as one error; a single one stays itself.
pub fn together(mut errors: Vec<Error>) -> Error {
    if errors.len() == 1 {
        return errors.remove(0);
    }
    let message = format!("{} mistakes in the recipes", errors.len());
    errors.into_iter().fold(Error::recipe(message), Error::because)
}
