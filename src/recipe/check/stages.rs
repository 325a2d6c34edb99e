//! Stages nobody can use.

use crate::error::Error;
use crate::model::task::Tasks;
use crate::place::Place;
use crate::recipe::check::reach::Reach;
use crate::recipe::check::stage::Stage;
use crate::recipe::project::{Project, RESERVED};
use crate::recipe::settings::Stored;
use crate::recipe::stdlib::is_stock;

/// What is wrong with the names of the files in the folder of stages, and the stages that can be named.
#[must_use]
pub fn nameable(project: &Project) -> (Vec<String>, Vec<Error>) {
    let (mut stages, mut mistakes) = (Vec::new(), Vec::new());
    for name in project.stage_files() {
        let file = Some(Place::new(project.shown(&project.stage_file(&name)), 0, 0));
        if RESERVED.contains(&name.as_str()) {
            mistakes.push(project.reserved(&name).rule("unreachable-stage").at(file));
        } else if let Some(why) = fault(&name) {
            let error = Error::recipe(format!("`{name}` cannot be named as a stage on the command line: {why}"))
                .rule("unreachable-stage")
                .help("call the file after the stage, in letters, digits, `-` and `_`");
            mistakes.push(error.at(file));
        } else {
            stages.push(name);
        }
    }
    if stages.is_empty() {
        let error = Error::recipe("the project has no stage, so no task can be run")
            .rule("no-stage")
            .note(format!("stages are the `.rhai` files in `{}`", project.shown(&project.folder)))
            .help("`windlass init` writes two, and leaves what is there");
        mistakes.push(error.at(Some(Place::new(project.shown(&project.recipe), 0, 0))));
    }
    (stages, mistakes)
}

/// Why a word cannot be typed as a stage, if so.
fn fault(name: &str) -> Option<&'static str> {
    if name.starts_with('-') {
        Some("it would be read as an option")
    } else if name.contains('=') {
        Some("it would be read as a variable")
    } else if name.chars().any(char::is_control) {
        Some("it has a control character in it")
    } else {
        None
    }
}

/// A stage without servers: every `on` of it fails. Where no task comes to one there is nothing to tell.
#[must_use]
pub fn empty(project: &Project, stage: &Stage, reach: &Reach<'_>) -> Option<Error> {
    let name = stage.name.as_deref()?;
    if !stage.is_whole || stage.is_guessed || stage.world.inventory(|inventory| inventory.servers().len()) > 0 {
        return None;
    }
    let needs = Needs::of(stage, reach);
    let file = project.shown(&project.stage_file(name));
    let help = format!("declare its servers in `{file}`: `server(\"deploy@host\", #{{ roles: [\"app\"] }});`");
    let error = match needs {
        Needs { a_server: false, local: Some(_) } => return None,
        Needs { local: Some(task), .. } => Error::recipe(format!(
            "the stage `{name}` declares no server, so only tasks such as `{task}` can run in it"
        ))
        .rule("no-server")
        .note("other tasks have an `on`, which fails without servers")
        .help(help),
        Needs { local: None, .. } => {
            Error::recipe(format!("the stage `{name}` declares no server, so none of its tasks reaches one"))
                .rule("unreachable-stage")
                .help(help)
        }
    };
    Some(error.at(Some(Place::new(file, 0, 0))))
}

/// What the tasks of a stage need.
struct Needs {
    /// Whether any of the user's needs a server, or the stock ones are meant to deploy. These are there without having been
    /// asked for.
    a_server: bool,
    /// The first of the user's that needs none.
    local: Option<String>,
}

impl Needs {
    fn of(stage: &Stage, reach: &Reach<'_>) -> Self {
        // Whoever names a repository means to deploy it.
        let has_repository = matches!(
            stage.world.settings.get("repo_url").map(|setting| setting.stored),
            Some(Stored::Value(value)) if !value.is_unit()
        );
        let mut needs = Self { a_server: has_repository, local: None };
        for task in stage.world.tasks.get().into_iter().flat_map(Tasks::iter) {
            if task.places.iter().any(|place| is_stock(&place.file)) {
                continue;
            }
            match reach.needs_server(task) {
                Some(true) => needs.a_server = true,
                Some(false) if needs.local.is_none() => needs.local = Some(task.name.clone()),
                _ => {}
            }
        }
        needs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_word_of_its_own_is_no_stage() {
        assert_eq!(fault("production"), None);
        assert_eq!(fault("eu-west_1.blue"), None);
        for name in ["-n", "A=b", "a\nb"] {
            assert!(fault(name).is_some(), "{name:?}");
        }
    }
}
