//! `import "lib/notify" as notify`: a recipe file as a module.
//!
//! Takes the place of Rhai's own resolver, so that an imported file is looked through for mistakes like any other, its
//! lines stand in errors, and its closures are found when they are called elsewhere.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{ThreadId, current, sleep};
use std::time::Duration;

use rhai::{Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared};

use crate::error::Error;
use crate::recipe::diagnose::diagnose;
use crate::recipe::failure::raise;
use crate::recipe::located::located;
use crate::recipe::position::place_of;
use crate::recipe::reading::compile_file;
use crate::recipe::world::World;

/// Finds imported files: from the file that imports where the path begins with `.`, else from the project.
pub struct Imports {
    world: Arc<World>,
    modules: Mutex<HashMap<PathBuf, State>>,
}

/// How far an import has come.
#[derive(Clone)]
enum State {
    /// The file is being evaluated, by this thread.
    Begun(ThreadId),
    /// It can be used.
    Ready(Shared<Module>),
}

impl Imports {
    /// Nothing imported yet.
    #[must_use]
    pub fn new(world: Arc<World>) -> Self {
        Self { world, modules: Mutex::default() }
    }

    /// How far a file has come; where it was not begun, it is now, by this thread.
    fn begin(&self, path: &Path) -> Option<State> {
        let mut modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        let state = modules.get(path).cloned();
        if state.is_none() {
            modules.insert(path.to_path_buf(), State::Begun(current().id()));
        }
        state
    }

    fn forget(&self, path: &Path) {
        self.modules.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
    }

    fn remember(&self, path: &Path, state: State) {
        self.modules.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_path_buf(), state);
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
        let refused = |error: Error| raise(error.at(place_of(source, position)), position);
        // Hosts work at the same time: what another thread has begun is waited for.
        let mut state = self.begin(&path);
        while matches!(state, Some(State::Begun(thread)) if thread != current().id()) {
            sleep(Duration::from_millis(2));
            state = self.begin(&path);
        }
        match state {
            Some(State::Ready(module)) => return Ok(module),
            Some(State::Begun(_)) => {
                let error = Error::recipe(format!("`{shown}` imports itself, maybe through other files"));
                return Err(refused(error.help("move what both files need into a third one")));
            }
            None => {}
        }
        let refused = |error: Error| {
            self.forget(&path);
            refused(error)
        };
        if !path.is_file() {
            let error = Error::recipe(format!("there is no file `{shown}` to import"));
            let rule = "paths are taken from the project's folder; those that begin with `.` from the file itself";
            return Err(refused(error.help(rule)));
        }
        let ast = compile_file(engine, &self.world, &path, &shown).map_err(refused)?;
        let module = Module::eval_ast_as_new(Scope::new(), &ast, engine)
            .map_err(|error| refused(diagnose(*error, &self.world.scripts, Some(shown.as_str().into()))))?;
        let module: Shared<Module> = module.into();
        self.remember(&path, State::Ready(module.clone()));
        Ok(module)
    }
}
