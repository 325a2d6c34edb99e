//! What can be typed for a stage, taken from recipes that were read: for completions.
//!
//! Owns what is taken, and which files it came from. Where it is kept, and when it is out of date, is for others.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use regex::Regex;

use crate::model::known_words::{StageWords, Stamp, Word};
use crate::model::secret::Vault;
use crate::model::task::Tasks;
use crate::recipe::check::stage::Reading;
use crate::recipe::compiled::Compiled;
use crate::recipe::loader;
use crate::recipe::project::Project;
use crate::recipe::run_options::RunOptions;
use crate::recipe::stdlib::is_stock;
use crate::recipe::world::World;

/// What one stage gave, and whether its recipes could be read to their end.
pub struct Found {
    /// The stage; empty for none.
    pub stage: String,
    /// Its words.
    pub words: StageWords,
    /// Whether its recipes could be read to their end.
    pub is_whole: bool,
}

/// Reads the recipes of every stage, as `check` does: no command is run for it, on no machine.
#[must_use]
pub fn read(project: &Project, stages: &[String], personal: Option<&Path>) -> Vec<Found> {
    let (compiled, vault, options) = (Arc::new(Compiled::default()), Arc::new(Vault::default()), RunOptions::default());
    let reading =
        Reading { project: Some(project), asked: &[], options: &options, personal, compiled: &compiled, vault: &vault };
    let names: Vec<Option<&str>> =
        if stages.is_empty() { vec![None] } else { stages.iter().map(|name| Some(name.as_str())).collect() };
    names
        .into_iter()
        .map(|name| {
            let stage = reading.stage(name);
            let (words, is_whole) = (of(&stage.world), stage.is_whole && stage.world.tasks.get().is_some());
            Found { stage: name.unwrap_or_default().to_owned(), words, is_whole }
        })
        .collect()
}

/// What a run's recipes gave. A word that holds a secret is left out.
#[must_use]
pub fn of(world: &World) -> StageWords {
    let is_plain = |text: &str| world.vault.redact(text) == text;
    let plain =
        |words: Vec<Word>| words.into_iter().filter(|word| is_plain(&word.word) && is_plain(&word.about)).collect();
    let tasks = world.tasks.get().into_iter().flat_map(Tasks::iter);
    let tasks = tasks.map(|task| {
        let about = task.descriptions.first().and_then(|about| about.lines().next()).unwrap_or_default();
        Word::new(&task.name, about)
    });
    let (hosts, roles) = world.inventory(|inventory| {
        let roles_of = |roles: &indexmap::IndexSet<String>| roles.iter().cloned().collect::<Vec<_>>().join(", ");
        let hosts: Vec<Word> =
            inventory.servers().map(|server| Word::new(&server.name, roles_of(&server.roles))).collect();
        (hosts, inventory.known_roles().map(str::to_owned).collect())
    });
    StageWords {
        files: stamps(world),
        tasks: plain(tasks.collect()),
        hosts: plain(hosts),
        roles,
        settings: world.settings.names(),
        variables: variables(&world.scripts.texts()),
    }
}

/// The files of the user's that a stage is read from, whole paths.
#[must_use]
pub fn expected(project: &Project, stage: Option<&str>, personal: Option<&Path>) -> Vec<String> {
    let files = loader::files(project, stage.map(|stage| project.stage_file(stage)), personal);
    files.into_iter().map(|(path, _)| path.display().to_string()).collect()
}

/// How a file is now; none where it is not there.
#[must_use]
pub fn stamp(path: &str) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Stamp { path: path.to_owned(), modified: u64::try_from(modified.as_nanos()).ok()?, size: metadata.len() })
}

/// How the files are that were read. Those of the project are known by their path from its top.
fn stamps(world: &World) -> Vec<Stamp> {
    let names: BTreeSet<String> = world.scripts.names().into_iter().filter(|name| !is_stock(name)).collect();
    names.iter().filter_map(|name| stamp(&world.options.project.join(name).display().to_string())).collect()
}

/// Names of variables that the texts read, as far as they are written out.
fn variables(texts: &[Arc<str>]) -> Vec<String> {
    let reads = Regex::new(r#"\benv\("(\w+)""#).expect("a regex of ours is sound");
    let names: BTreeSet<String> =
        texts.iter().flat_map(|text| reads.captures_iter(text).map(|found| found[1].to_owned())).collect();
    names.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_those_that_are_written_out() {
        let texts: [Arc<str>; 2] =
            ["set(\"b\", env(\"BRANCH\", \"main\")); my_env(\"X\")".into(), "env(name) env(\"A_1\")".into()];
        assert_eq!(variables(&texts), ["A_1", "BRANCH"]);
    }

    #[test]
    fn a_stage_gives_what_it_declares() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("deploy.rhai", "require(\"./lib/x\"); run_locally(|| execute(\"touch\", \"ran\"));");
        write("lib/x.rhai", "desc(\"Say it.\\nLoud.\"); task(\"say\", || {});");
        write(
            "deploy/p.rhai",
            "server(\"web1\", #{ roles: [\"app\", \"web\"] }); server(secret(\"s3cret-host\"), #{ roles: [\"app\"] });",
        );
        write("deploy/broken.rhai", "server(\"web9\", #{ roles: [\"app\"] }); oops();");
        let project = Project::find(dir.path()).unwrap();
        let found = read(&project, &project.stages().unwrap(), None);
        let of = |name: &str| found.iter().find(|found| found.stage == name).unwrap();
        let p = of("p");
        assert!(p.is_whole && !of("broken").is_whole);
        assert!(p.words.tasks.contains(&Word::new("say", "Say it.")), "{:?}", p.words.tasks);
        assert!(p.words.tasks.iter().any(|task| task.word == "deploy"));
        assert_eq!(p.words.hosts, [Word::new("web1", "app, web")]);
        assert_eq!(p.words.roles, ["app", "web"]);
        let files: Vec<&str> = p.words.files.iter().filter_map(|file| file.path.rsplit('/').next()).collect();
        assert_eq!(files, ["deploy.rhai", "p.rhai", "x.rhai"]);
        assert!(p.words.is_fresh(&expected(&project, Some("p"), None), &stamp));
        assert!(!dir.path().join("ran").exists(), "nothing is run");
    }
}
