//! The user's project on disk: where its recipes are.

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::model::suggest::did_you_mean;

/// Names no stage may have, because they are commands.
pub const RESERVED: &[&str] = &[
    "init",
    "check",
    "port",
    "docs",
    "completions",
    "complete",
    "man",
    "definitions",
    "demo",
    "help",
    "console",
    "script",
];

/// Commands that stand behind a stage, which a task of that name would hide, or they it.
pub const OF_A_STAGE: &[&str] = &["console", "doctor", "exec", "script"];

/// All commands there are or will be.
pub fn commands() -> impl Iterator<Item = &'static str> {
    RESERVED.iter().chain(OF_A_STAGE).copied()
}

/// A project that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its top folder; paths are shown from here, and `log/` is made here.
    pub root: PathBuf,
    /// `deploy.rhai`.
    pub recipe: PathBuf,
    /// The folder `deploy/` beside it, with stages, `tasks/` and `templates/`.
    pub folder: PathBuf,
}

impl Project {
    /// Looks for `config/deploy.rhai` or `deploy.rhai` in `start` and above it.
    #[must_use]
    pub fn find(start: &Path) -> Option<Self> {
        start.ancestors().find_map(|root| {
            [root.join("config"), root.to_path_buf()].into_iter().find_map(|place| {
                let recipe = place.join("deploy.rhai");
                recipe.is_file().then(|| Self { root: root.to_path_buf(), folder: place.join("deploy"), recipe })
            })
        })
    }

    /// The project of a recipe named with `-f`.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn of(recipe: &Path) -> Result<Self, Error> {
        if !recipe.is_file() {
            return Err(Error::usage(format!("there is no recipe `{}`", recipe.display())).help(
                "`-f` wants the file of a recipe; without it `config/deploy.rhai` and `deploy.rhai` are looked for",
            ));
        }
        let place = recipe.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        let place = place.canonicalize().unwrap_or_else(|_| place.to_path_buf());
        let root = if place.file_name().is_some_and(|name| name == "config") {
            place.parent().unwrap_or(&place)
        } else {
            &place
        };
        let name = recipe.file_name().unwrap_or_default();
        Ok(Self {
            root: root.to_path_buf(),
            recipe: place.join(name),
            folder: place.join(Path::new(name).file_stem().unwrap_or_default()),
        })
    }

    /// Names of the stages, sorted.
    ///
    /// # Errors
    /// For a stage that is named like a command.
    pub fn stages(&self) -> Result<Vec<String>, Error> {
        let stages = self.stage_files();
        if let Some(reserved) = stages.iter().find(|stage| RESERVED.contains(&stage.as_str())) {
            return Err(self.reserved(reserved));
        }
        Ok(stages)
    }

    /// Names of the files in the folder of stages, sorted, whether they can be stages or not.
    #[must_use]
    pub fn stage_files(&self) -> Vec<String> {
        names_in(&self.folder)
    }

    /// The recipe of a stage that is there.
    #[must_use]
    pub fn stage_file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.rhai"))
    }

    /// The recipes of all stages.
    #[must_use]
    pub fn every_stage_file(&self) -> Vec<PathBuf> {
        self.stage_files().iter().map(|name| self.stage_file(name)).collect()
    }

    /// The error for a stage that is named like a command.
    #[must_use]
    pub fn reserved(&self, name: &str) -> Error {
        Error::usage(format!("a stage cannot be called `{name}`, because that is a command"))
            .help(format!("rename `{}`", self.shown(&self.stage_file(name))))
    }

    /// The recipe of a stage.
    ///
    /// # Errors
    /// An unknown stage, with a suggestion.
    pub fn stage(&self, name: &str) -> Result<PathBuf, Error> {
        let stages = self.stages()?;
        if stages.iter().any(|stage| stage == name) {
            return Ok(self.stage_file(name));
        }
        let error = Error::usage(format!("there is no stage `{name}`"))
            .maybe_help(did_you_mean(name, stages.iter().map(String::as_str).chain(RESERVED.iter().copied())));
        Err(if stages.is_empty() {
            error.note(format!("`{}` holds no stage", self.shown(&self.folder))).help(format!(
                "write `{}` with the servers of the stage",
                self.shown(&self.folder.join(format!("{name}.rhai")))
            ))
        } else {
            error.note(format!("the stages are {}", stages.join(", ")))
        })
    }

    /// The project's own task files, in name order.
    #[must_use]
    pub fn task_files(&self) -> Vec<PathBuf> {
        let folder = self.folder.join("tasks");
        names_in(&folder).into_iter().map(|name| folder.join(format!("{name}.rhai"))).collect()
    }

    /// A path as the user knows it: from the top of the project.
    #[must_use]
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

/// Names of the `.rhai` files in a folder, without ending, sorted.
fn names_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file() && path.extension().is_some_and(|ending| ending == "rhai"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn project(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        dir
    }

    #[test]
    fn both_layouts_are_found_from_below() {
        for (recipe, folder) in [("config/deploy.rhai", "config/deploy"), ("deploy.rhai", "deploy")] {
            let dir = project(&[recipe, "app/models/x"]);
            let found = Project::find(&dir.path().join("app/models")).unwrap();
            assert_eq!(found.root, dir.path());
            assert_eq!(found.shown(&found.recipe), recipe);
            assert_eq!(found.shown(&found.folder), folder);
        }
    }

    #[test]
    fn an_unknown_stage_lists_what_there_is() {
        let dir = project(&["config/deploy.rhai", "config/deploy/staging.rhai", "config/deploy/production.rhai"]);
        let project = Project::find(dir.path()).unwrap();
        let error = project.stage("prodution").unwrap_err();
        assert_eq!(error.to_string(), "there is no stage `prodution`");
        assert_eq!(error.parts().help, ["did you mean `production`?"]);
        assert_eq!(error.parts().notes, ["the stages are production, staging"]);
    }

    #[test]
    fn a_stage_cannot_have_the_name_of_a_command() {
        let dir = project(&["config/deploy.rhai", "config/deploy/init.rhai"]);
        let error = Project::find(dir.path()).unwrap().stages().unwrap_err();
        assert_eq!(error.parts().help, ["rename `config/deploy/init.rhai`"]);
    }

    #[test]
    fn task_files_come_in_name_order() {
        let dir = project(&["deploy.rhai", "deploy/tasks/b.rhai", "deploy/tasks/a.rhai", "deploy/tasks/notes.txt"]);
        let project = Project::find(dir.path()).unwrap();
        let shown: Vec<String> = project.task_files().iter().map(|path| project.shown(path)).collect();
        assert_eq!(shown, ["deploy/tasks/a.rhai", "deploy/tasks/b.rhai"]);
    }
}
