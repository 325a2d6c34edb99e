//! Secrets on their way to a command line: out of settings and `secret(…)`, through variables and texts that are put
//! together.

use rhai::ImmutableString;

use crate::error::Error;
use crate::model::secret::Vault;
use crate::recipe::check::files::Files;
use crate::recipe::check::known::{Arg, Known};
use crate::recipe::check::outline::{Body, CallSite, Outline};
use crate::recipe::check::stage::Stage;
use crate::recipe::settings::Stored;

/// Functions that run a shell line when they are given one text, and a program when they are given more.
pub const COMMANDS: &[&str] = &["execute", "test", "capture", "capture_lines", "capture_json", "run"];

/// Secrets that stand where they are refused when the recipe runs, or are seen by others.
#[must_use]
pub fn on_command_lines(files: &Files, stages: &[Stage]) -> Vec<Error> {
    let mut errors = Vec::new();
    for (file, body, call) in files.own_calls().filter(|(_, _, call)| !call.is_method) {
        let search = Search { file, stages };
        if COMMANDS.contains(&call.name.as_str()) {
            errors.extend(search.in_line(body, call).or_else(|| search.in_arguments_here(body, call)));
        }
    }
    errors
}

struct Search<'a> {
    file: &'a Outline,
    stages: &'a [Stage],
}

impl Search<'_> {
    /// A shell line with a secret in it, which is refused when it runs.
    fn in_line(&self, body: &Body, call: &CallSite) -> Option<Error> {
        let ([line] | [line, Arg { value: Known::Map(_), .. }]) = &call.args[..] else { return None };
        if matches!(line.value, Known::List(_) | Known::Raw(_)) {
            return None;
        }
        let secret = self.secret_in(body, &line.value)?;
        let (program, value) = (&call.name, secret.written());
        let error =
            Error::recipe(format!("{} stands inside a shell line, where its quoting cannot be known", secret.called()))
                .rule("secret-in-line")
                .help(format!("pass it as an argument of its own: `{program}(\"program\", {value})`"))
                .help(format!("or as a variable: `with(#{{ {}: {value} }}, || …)`", secret.variable()));
        Some(secret.told(error).at(self.file.place(line.position)))
    }

    /// An argument of a program of this machine, which everybody on it can see while it runs.
    fn in_arguments_here(&self, body: &Body, call: &CallSite) -> Option<Error> {
        if !self.is_on_this_machine(body) {
            return None;
        }
        let mut words = call.args.iter().filter(|arg| !matches!(arg.value, Known::Map(_)));
        let (word, secret) = words.find_map(|arg| Some((arg, self.secret_in(body, &arg.value)?)))?;
        let value = secret.written();
        let error = Error::recipe(format!(
            "{} is an argument of a program of this machine, where `ps` shows it to everybody",
            secret.called()
        ))
        .rule("secret-in-arguments")
        .help(format!("let the program read it: `{}(…, #{{ stdin: {value} }})`", call.name))
        .help(format!("or give it as a variable: `with(#{{ {}: {value} }}, || …)`", secret.variable()));
        Some(secret.told(error).at(self.file.place(word.position)))
    }

    /// Whether the commands of a body run on this machine.
    fn is_on_this_machine(&self, body: &Body) -> bool {
        let mut takers = self.file.around(body).filter_map(|body| self.file.taker(body));
        // The innermost of the two decides.
        takers.find(|taker| ["on", "run_locally"].contains(taker)) == Some("run_locally")
    }

    fn secret_in(&self, body: &Body, value: &Known) -> Option<Secret> {
        self.look(body, value, &mut Vec::new())
    }

    /// The first secret a value is made of; `seen` are the variables it was followed through.
    fn look(&self, body: &Body, value: &Known, seen: &mut Vec<String>) -> Option<Secret> {
        match value {
            Known::Call(name, _) if name == "secret" => Some(Secret { setting: None, through: seen.first().cloned() }),
            Known::Call(name, Some(setting)) if name == "fetch" && self.is_secret(setting) => {
                Some(Secret { setting: Some(setting.clone()), through: seen.first().cloned() })
            }
            Known::Parts { put_in: values, .. } | Known::Made(values) => {
                values.iter().find_map(|value| self.look(body, value, seen))
            }
            Known::List(items) => items.iter().find_map(|item| self.look(body, &item.value, seen)),
            Known::Raw(value) => self.look(body, value, seen),
            Known::Variable(name) if !seen.contains(name) => {
                seen.push(name.clone());
                let home = self.file.around(body).find(|body| body.given.iter().any(|(given, _)| given == name));
                let found = match home {
                    Some(home) => {
                        let mut values = home.given.iter().filter(|(given, _)| given == name);
                        values.find_map(|(_, value)| self.look(home, value, seen))
                    }
                    None => self.handed(body, name, seen),
                };
                if found.is_none() {
                    seen.pop();
                }
                found
            }
            _ => None,
        }
    }

    /// What a parameter of a function of the file is given where that is called.
    fn handed(&self, body: &Body, parameter: &str, seen: &mut Vec<String>) -> Option<Secret> {
        let is_its =
            |body: &&Body| body.parameters.iter().any(|name| name == parameter) && self.file.taker(body).is_none();
        let function = self.file.around(body).find(is_its)?;
        let at = function.parameters.iter().position(|name| name == parameter)?;
        let name = function.function.as_deref().filter(|name| !name.starts_with("anon$"))?;
        let mut calls = self
            .file
            .calls()
            .filter(|(_, call)| call.name == name && !call.is_method && call.args.len() == function.parameters.len());
        calls.find_map(|(caller, call)| self.look(caller, &call.args[at].value, seen))
    }

    fn is_secret(&self, setting: &str) -> bool {
        self.stages.iter().any(|stage| is_secret(stage, setting))
    }
}

/// A secret that was found.
struct Secret {
    /// The setting it is kept in; none where `secret(…)` stands there itself.
    setting: Option<String>,
    /// The variable it was found in.
    through: Option<String>,
}

impl Secret {
    fn called(&self) -> String {
        self.setting.as_ref().map_or_else(|| "a secret".to_owned(), |name| format!("the secret `{name}`"))
    }

    /// How it is written in a recipe.
    fn written(&self) -> String {
        match (&self.setting, &self.through) {
            (Some(name), _) => format!("fetch(\"{name}\")"),
            (None, Some(variable)) => variable.clone(),
            (None, None) => "secret(…)".to_owned(),
        }
    }

    /// An error that says where the secret comes from.
    fn told(&self, error: Error) -> Error {
        match &self.through {
            Some(variable) => error.note(format!("it is in the variable `{variable}`")),
            None => error,
        }
    }

    /// A name for the variable of the environment it could be given in.
    fn variable(&self) -> &str {
        self.setting.as_deref().unwrap_or("token")
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
