//! Secrets on their way to a command line.

use rhai::ImmutableString;

use crate::error::Error;
use crate::model::secret::Vault;
use crate::recipe::check::files::Files;
use crate::recipe::check::known::{Arg, Known};
use crate::recipe::check::outline::CallSite;
use crate::recipe::check::stage::Stage;
use crate::recipe::settings::Stored;

/// Functions that run a shell line when they are given one text.
const COMMANDS: &[&str] = &["execute", "test", "capture", "run"];

/// Shell lines that a secret setting of any stage is put into; such a line is refused when it runs.
#[must_use]
pub fn in_shell_lines(files: &Files, stages: &[Stage]) -> Vec<Error> {
    let mut errors = Vec::new();
    for (file, _, call) in files.own_calls() {
        let Some((line, fetched)) = shell_line(call) else { continue };
        let Some(name) = fetched.iter().find(|name| stages.iter().any(|stage| is_secret(stage, name))) else {
            continue;
        };
        let program = &call.name;
        let error =
            Error::recipe(format!("the secret `{name}` stands inside a shell line, where its quoting cannot be known"))
                .rule("secret-in-line")
                .help(format!("pass it as an argument of its own: `{program}(\"program\", fetch(\"{name}\"))`"))
                .help(format!("or as a variable: `with(#{{ {name}: fetch(\"{name}\") }}, || …)`"));
        errors.push(error.at(file.place(line.position)));
    }
    errors
}

/// The shell line of a command with the settings that are put into it.
fn shell_line(call: &CallSite) -> Option<(&Arg, &[String])> {
    if call.is_method || !COMMANDS.contains(&call.name.as_str()) {
        return None;
    }
    let ([line] | [line, Arg { value: Known::Map(_), .. }]) = &call.args[..] else { return None };
    match &line.value {
        Known::Parts { fetched, .. } => Some((line, fetched)),
        _ => None,
    }
}

/// Whether a setting is a secret in a stage: asked for without echo, or made with `secret`.
fn is_secret(stage: &Stage, name: &str) -> bool {
    match stage.world.settings.get(name).map(|setting| setting.stored) {
        Some(Stored::Question(question)) => !question.echo,
        Some(Stored::Value(value)) => value.read_lock::<ImmutableString>().is_some_and(|text| Vault::is_sealed(&text)),
        Some(Stored::Lazy(_)) | None => false,
    }
}
