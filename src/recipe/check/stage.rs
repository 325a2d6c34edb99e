//! One stage of a project, read as for a run, but to be judged.
//!
//! Reading goes on after a mistake as long as that makes sense: a file that cannot be compiled or raises an error keeps
//! the files after it from running, because they may build on it, but they are looked through all the same. What a file
//! does at its top, outside tasks, is a dry run.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use rhai::Engine;

use crate::error::{Error, Kind};
use crate::model::event::{Event, Sink};
use crate::model::release;
use crate::model::secret::Vault;
use crate::recipe::check::unanswered::Unanswered;
use crate::recipe::compiled::Compiled;
use crate::recipe::located::located;
use crate::recipe::project::Project;
use crate::recipe::run_options::RunOptions;
use crate::recipe::scripts::Scripts;
use crate::recipe::stdlib::is_stock;
use crate::recipe::world::{Outside, World};
use crate::recipe::{engine, loader, progress, reading};

/// A stage that was read.
pub struct Stage {
    /// Its name; none for a project without stages.
    pub name: Option<String>,
    /// What its recipes declared.
    pub world: Arc<World>,
    /// What is wrong in its files and with its tasks.
    pub mistakes: Vec<Error>,
    /// Whether every file was run to its end, so that what is not declared is nowhere.
    pub is_whole: bool,
    /// Files that are none of the project's recipes: scripts, and what those require.
    pub beside: Vec<String>,
    /// Whether a command, a question or a source of hosts had a part in what was declared: what they give is not known here.
    pub is_guessed: bool,
}

/// What all stages are read with.
pub struct Reading<'a> {
    /// The project; none for scripts alone.
    pub project: Option<&'a Project>,
    /// Files that are asked about, each with the name it is shown under. What the recipes do not read is a script.
    pub asked: &'a [(PathBuf, String)],
    /// What the command line said; its stage is not looked at.
    pub options: &'a RunOptions,
    /// The user's own recipe.
    pub personal: Option<&'a Path>,
    /// Files that were compiled for other stages.
    pub compiled: &'a Arc<Compiled>,
    /// Where secrets are kept.
    pub vault: &'a Arc<Vault>,
}

/// Takes events and does nothing with them.
struct Silence;

impl Sink for Silence {
    fn emit(&self, _event: &Event) {}
}

impl Reading<'_> {
    /// Reads one stage.
    #[must_use]
    pub fn stage(&self, name: Option<&str>) -> Stage {
        let questions = Arc::new(Unanswered::default());
        let outside = Outside {
            scripts: Arc::new(Scripts::with(self.compiled.clone())),
            vault: self.vault.clone(),
            sink: Arc::new(Silence),
            prompter: questions.clone(),
            now: release::name(jiff::Timestamp::now()),
        };
        let options = RunOptions {
            stage: name.map(str::to_owned),
            dry_run: true,
            project: self.project.map_or_else(|| self.options.project.clone(), |project| project.root.clone()),
            stages: self.project.map(Project::stage_files).unwrap_or_default(),
            ..self.options.clone()
        };
        let world = Arc::new(World::new(options, outside));
        let engine = engine::build(&world);
        let mut stage = Stage {
            name: name.map(str::to_owned),
            world,
            mistakes: Vec::new(),
            is_whole: true,
            beside: Vec::new(),
            is_guessed: false,
        };
        let cancel = stage.world.cancel.clone();
        progress::under(&cancel, || stage.read(&engine, self, &questions));
        stage.is_guessed = is_guessed(&stage.world, &questions);
        stage
    }

    /// The recipes of a stage in the order they are read, each with the name it is shown under.
    fn recipes(&self, stage: Option<&str>) -> Vec<(PathBuf, String)> {
        match self.project {
            Some(project) => loader::files(project, stage.map(|name| project.stage_file(name)), self.personal),
            None => loader::personal(self.personal).into_iter().collect(),
        }
    }

    /// The files that are asked about and that no recipe of this stage has read.
    fn scripts(&self, world: &World) -> impl Iterator<Item = &(PathBuf, String)> {
        let of_stages: Vec<PathBuf> = self.project.map(Project::every_stage_file).unwrap_or_default();
        self.asked.iter().filter(move |(path, shown)| world.scripts.text(shown).is_none() && !of_stages.contains(path))
    }
}

/// Whether something is not what it will be in a run.
fn is_guessed(world: &World, questions: &Unanswered) -> bool {
    let has_unasked = !world.sources.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
    has_unasked || world.numbers.load(Ordering::Relaxed) > 0 || questions.was_asked()
}

impl Stage {
    fn read(&mut self, engine: &Engine, reading: &Reading<'_>, questions: &Unanswered) {
        let world = self.world.clone();
        if let Err(error) = loader::begin(engine, &world, self.name.as_deref()) {
            return self.stop(error, questions);
        }
        for (path, shown) in reading.recipes(self.name.as_deref()) {
            let read = if self.is_whole {
                reading::file(engine, &world, &path, &shown)
            } else {
                reading::compile_file(engine, &world, &path, &shown).map(|_| ())
            };
            if let Err(error) = read {
                self.stop(error, questions);
            }
        }
        self.look_ahead(engine);
        if self.is_whole {
            let judged = match reading.project {
                Some(_) => loader::judged(engine, &world),
                None => Ok(loader::declared(&world)),
            };
            match judged {
                Ok((tasks, mistakes)) => {
                    self.mistakes.extend(mistakes);
                    // Nothing else sets them.
                    let _ = world.tasks.set(tasks);
                }
                Err(error) => self.stop(error, questions),
            }
        }
        self.read_scripts(engine, reading);
        let kept = std::mem::take(&mut *world.mistakes.lock().unwrap_or_else(PoisonError::into_inner));
        self.take_in(kept);
    }

    /// Compiles the scripts that are asked about. They are not run: what stands at their top is what they are for.
    fn read_scripts(&mut self, engine: &Engine, reading: &Reading<'_>) {
        let world = self.world.clone();
        let before = world.scripts.names();
        let scripts: Vec<_> = reading.scripts(&world).collect();
        for (path, shown) in &scripts {
            self.mistakes.extend(reading::compile_script(engine, &world, path, shown).err());
        }
        if !scripts.is_empty() {
            self.look_ahead(engine);
        }
        self.beside = world.scripts.names().into_iter().filter(|name| !before.contains(name)).collect();
    }

    /// Looks through the files that tasks import or require when they run.
    fn look_ahead(&mut self, engine: &Engine) {
        let world = self.world.clone();
        let mut waiting: Vec<Arc<str>> = world.scripts.asts().into_iter().map(|(file, _)| file).collect();
        while let Some(file) = waiting.pop() {
            let Some(outline) = world.scripts.compiled().and_then(|compiled| compiled.outline(&file)) else { continue };
            if is_stock(&file) {
                continue;
            }
            let imported = outline.imports.iter().flatten().map(|name| (name.as_str(), name.starts_with('.')));
            let requires = outline.calls().filter(|(_, call)| call.name == "require");
            let required = requires.filter_map(|(_, call)| call.first_text()).filter(|name| name.contains('/'));
            for (name, is_beside) in imported.chain(required.map(|name| (name, true))) {
                let (path, shown) = located(&world, name, Some(&*file).filter(|_| is_beside));
                if world.scripts.text(&shown).is_some() || !path.is_file() {
                    continue;
                }
                match reading::compile_file(engine, &world, &path, &shown) {
                    Ok(_) => waiting.push(shown.into()),
                    Err(error) => self.mistakes.push(error),
                }
            }
        }
    }

    /// Notes that a file did not come to its end.
    fn stop(&mut self, error: Error, questions: &Unanswered) {
        self.is_whole = false;
        let error = if matches!(error.kind(), Kind::Exit(_)) {
            Error::recipe("reading ends here with `exit`, so what comes after it is not judged")
                .rule("not-judged")
                .at(error.parts().place.clone())
        } else if is_guessed(&self.world, questions) && error.parts().rule != Some("syntax") {
            error
                .rule("not-judged")
                .note("`check` runs no command and asks nothing, so this may come of an answer that is not known here")
        } else {
            error
        };
        self.mistakes.push(error);
    }

    /// Adds what was found in the texts. What then also came up when they ran is told once.
    fn take_in(&mut self, found: Vec<Error>) {
        self.mistakes.retain(|raised| {
            let place = &raised.parts().place;
            place.is_none() || found.iter().all(|known| known.parts().place != *place)
        });
        self.mistakes.extend(found);
    }
}
