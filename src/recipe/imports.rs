//! `import "lib/notify" as notify`: a recipe file as a module.
//!
//! Takes the place of Rhai's own resolver, so that an imported file is looked through for mistakes like any other, its
//! lines stand in errors, and its closures are found when they are called elsewhere.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rhai::{Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared};

use crate::error::Error;
use crate::recipe::failure::raise;
use crate::recipe::loader::{compile_file, located};
use crate::recipe::world::World;

/// Finds imported files: from the file that imports where the path begins with `.`, else from the project.
pub struct Imports {
    world: Arc<World>,
    /// What was imported; none while the file is being evaluated.
    modules: Mutex<HashMap<PathBuf, Option<Shared<Module>>>>,
}

impl Imports {
    /// Nothing imported yet.
    #[must_use]
    pub fn new(world: Arc<World>) -> Self {
        Self { world, modules: Mutex::default() }
    }

    fn known(&self, path: &PathBuf) -> Option<Option<Shared<Module>>> {
        self.modules.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    fn remember(&self, path: &PathBuf, module: Option<Shared<Module>>) {
        self.modules.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), module);
    }
}

impl ModuleResolver for Imports {
    fn resolve(
        &self,
        engine: &Engine,
        source: Option<&str>,
        name: &str,
        position: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let (path, shown) = located(&self.world, name, source.filter(|_| name.starts_with('.')));
        match self.known(&path) {
            Some(Some(module)) => return Ok(module),
            Some(None) => {
                let error = Error::recipe(format!("`{shown}` imports itself, maybe through other files"))
                    .help("move what both files need into a third one");
                return Err(raise(error, position));
            }
            None => {}
        }
        if !path.is_file() {
            let error = Error::recipe(format!("there is no file `{shown}` to import"))
                .help("paths are taken from the project's folder; those that begin with `./` from the file itself");
            return Err(raise(error, position));
        }
        let ast = compile_file(engine, &self.world, &path, &shown).map_err(|error| raise(error, position))?;
        self.remember(&path, None);
        let module: Shared<Module> = Module::eval_ast_as_new(Scope::new(), &ast, engine)?.into();
        self.remember(&path, Some(module.clone()));
        Ok(module)
    }
}
