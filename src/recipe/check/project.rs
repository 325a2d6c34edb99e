//! A whole project: every stage read and judged, and what all of them say together.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, Builder};

use crate::error::{Error, Kind};
use crate::model::finding::{Finding, merged};
use crate::model::secret::Vault;
use crate::model::task::Tasks;
use crate::recipe::check::files::Files;
use crate::recipe::check::reach::Reach;
use crate::recipe::check::stage::{Reading, Stage};
use crate::recipe::check::{
    calls, dead_code, descriptions, interpolation, nesting, nothing_given, roles, scripts, secrets, settings, stages,
    tasks, words,
};
use crate::recipe::compiled::Compiled;
use crate::recipe::engine::STACK;
use crate::recipe::project::Project;
use crate::recipe::run_options::RunOptions;
use crate::recipe::stdlib::is_stock;

/// What came out.
pub struct Checked {
    /// What was found, by file and line.
    pub findings: Vec<Finding>,
    /// The stages that were judged.
    pub stages: Vec<String>,
    /// How many files of the user's were read.
    pub files: usize,
    /// How many tasks they declare together.
    pub tasks: usize,
    /// The texts of the files.
    pub compiled: Arc<Compiled>,
}

/// What is to be judged.
#[derive(Clone, Copy, Default)]
pub struct Question<'a> {
    /// The project; none for scripts alone.
    pub project: Option<&'a Project>,
    /// One of its stages alone. The others are read even then: what is set or declared there is not missing.
    pub stage: Option<&'a str>,
    /// Files that are asked about, each with the name it is shown under: what is wrong elsewhere is not told. None means
    /// all recipes of the project.
    pub files: &'a [(PathBuf, String)],
}

/// Judges a project, one of its stages, or files.
///
/// # Errors
/// An unknown stage; a machine that has no thread left.
pub fn check(
    question: Question<'_>,
    options: &RunOptions,
    personal: Option<&Path>,
    vault: &Arc<Vault>,
) -> Result<Checked, Error> {
    let Question { project, stage: only, files: asked } = question;
    let (names, of_project) = project.map(stages::nameable).unwrap_or_default();
    if let Some((project, only)) = project.zip(only).filter(|(_, only)| !names.iter().any(|name| name == only)) {
        project.stage(only)?;
    }
    let compiled = Arc::new(Compiled::default());
    let reading = Reading { project, asked, options, personal, compiled: &compiled, vault };
    let stages = read(&reading, &names)?;
    let files = Files::of(&compiled, &stages);
    let reach = Reach::of(&files);
    let mut found: Vec<(Option<&str>, Vec<Error>)> = Vec::new();
    for stage in &stages {
        let mut mistakes = stage.mistakes.clone();
        mistakes.extend(project.and_then(|project| stages::empty(project, stage, &reach)));
        mistakes.extend(roles::role_properties(stage));
        found.push((stage.name.as_deref(), mistakes));
    }
    let mut together = together(&files, &compiled, &stages, &names);
    match project.zip(only) {
        None => together.extend(of_project),
        // What stands in the file of another stage does not concern this one.
        Some((project, only)) => {
            let of_others =
                |file: &str| names.iter().any(|name| name != only && project.shown(&project.stage_file(name)) == file);
            together.retain(|error| error.parts().place.as_ref().is_none_or(|place| !of_others(&place.file)));
        }
    }
    found.push((None, together));
    found.retain(|(stage, _)| stage.is_none() || only.is_none() || *stage == only);
    let is_asked = |file: &str| asked.is_empty() || asked.iter().any(|(_, name)| name == file) || files.is_beside(file);
    // Without a project all that was read is part of the run of a script.
    if project.is_some() {
        for (_, mistakes) in &mut found {
            mistakes.retain(|error| error.parts().place.as_ref().is_none_or(|place| is_asked(&place.file)));
        }
    }
    let judged = only.map_or(names, |only| vec![only.to_owned()]);
    let is_whole = |name: &String| stages.iter().any(|stage| stage.is_whole && stage.name.as_ref() == Some(name));
    let whole: Vec<String> = judged.iter().filter(|name| is_whole(name)).cloned().collect();
    Ok(Checked {
        findings: merged(&found, &whole),
        files: compiled.names().iter().filter(|name| !is_stock(name) && is_asked(name)).count(),
        tasks: count_tasks(&stages),
        stages: judged,
        compiled,
    })
}

/// Reads all stages: the first one by itself, so that the others find its files compiled, and these on all processors.
///
/// # Errors
/// A machine that has no thread left.
fn read(reading: &Reading<'_>, names: &[String]) -> Result<Vec<Stage>, Error> {
    let Some((first, others)) = names.split_first() else { return Ok(vec![reading.stage(None)]) };
    let mut stages = vec![reading.stage(Some(first))];
    let lanes = thread::available_parallelism().map_or(1, NonZero::get);
    let read = |names: &[String]| -> Vec<Stage> { names.iter().map(|name| reading.stage(Some(name))).collect() };
    if lanes == 1 || others.len() < 2 {
        stages.extend(read(others));
        return Ok(stages);
    }
    thread::scope(|scope| {
        let share = others.len().div_ceil(lanes);
        let lane = |names| Builder::new().stack_size(STACK).spawn_scoped(scope, move || read(names));
        let lanes = others.chunks(share).map(lane).collect::<Result<Vec<_>, _>>();
        let lanes = lanes.map_err(|error| Error::new(Kind::Io, format!("could not start a thread: {error}")))?;
        for lane in lanes {
            stages.extend(lane.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        Ok(stages)
    })
}

/// What is wrong with names, in the light of all files and stages.
fn together(files: &Files, compiled: &Compiled, stages: &[Stage], names: &[String]) -> Vec<Error> {
    let mut mistakes = calls::wrong(files);
    mistakes.extend(nothing_given::taken(files));
    mistakes.extend(nesting::inside_on(files));
    mistakes.extend(secrets::on_command_lines(files, stages));
    mistakes.extend(words::mistaken(files));
    mistakes.extend(interpolation::dead(files));
    mistakes.extend(descriptions::of_nothing(files));
    mistakes.extend(dead_code::never_declared(files, compiled));
    mistakes.extend(scripts::refused(files));
    mistakes.extend(tasks::unknown(files, stages));
    mistakes.extend(tasks::unreachable(files));
    mistakes.extend(roles::unknown(files, stages));
    mistakes.extend(settings::misnamed(files, stages));
    if !names.is_empty() {
        mistakes.extend(tasks::unknown_stages(files, names));
    }
    mistakes
}

/// How many tasks there are in all stages together.
fn count_tasks(stages: &[Stage]) -> usize {
    let mut names: Vec<&str> =
        stages.iter().filter_map(|stage| stage.world.tasks.get()).flat_map(Tasks::names).collect();
    names.sort_unstable();
    names.dedup();
    names.len()
}
