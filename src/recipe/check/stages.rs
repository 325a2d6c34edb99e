//! Stages nobody can use.

use crate::error::Error;
use crate::place::Place;
use crate::recipe::check::stage::Stage;
use crate::recipe::project::{Project, RESERVED};

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

/// A stage without servers: every `on` of it fails.
#[must_use]
pub fn empty(project: &Project, stage: &Stage) -> Option<Error> {
    let name = stage.name.as_deref()?;
    if !stage.is_whole || stage.is_guessed || stage.world.inventory(|inventory| inventory.servers().len()) > 0 {
        return None;
    }
    let file = project.shown(&project.stage_file(name));
    let error = Error::recipe(format!("the stage `{name}` declares no server, so none of its tasks reaches one"))
        .rule("unreachable-stage")
        .help(format!("declare its servers in `{file}`: `server(\"deploy@host\", #{{ roles: [\"app\"] }});`"));
    Some(error.at(Some(Place::new(file, 0, 0))))
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
