//! Files with places to fill in: those of the project, else those inside the binary.
//!
//! Owns where a template is looked for, and the filters it has. The language is that of Jinja (minijinja). What is not
//! given is an error, never an empty text.

use std::fs;
use std::path::{Path, PathBuf};

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error as JinjaError, ErrorKind, UndefinedBehavior, Value};

use crate::error::{Error, Kind};
use crate::model::name_list::quoted;
use crate::model::quote::quote;
use crate::model::suggest::did_you_mean;
use crate::place::Place;
use crate::recipe::stdlib::TEMPLATES;

/// A template, and where it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Path as shown: of the project, or below `stdlib/`.
    pub shown: String,
    /// Its text.
    pub text: String,
}

/// Names a template may have in the project's folder, the closest one first.
#[must_use]
pub fn candidates(name: &str, host: Option<&str>, stage: Option<&str>) -> Vec<String> {
    let (stem, ending) = name.split_once('.').map_or((name, String::new()), |(stem, rest)| (stem, format!(".{rest}")));
    let with = |parts: &[&str]| format!("{stem}-{}{ending}", parts.join("-"));
    let mut names = Vec::new();
    if let (Some(host), Some(stage)) = (host, stage) {
        names.push(with(&[host, stage]));
    }
    names.extend(host.map(|host| with(&[host])));
    names.extend(stage.map(|stage| with(&[stage])));
    names.push(name.to_owned());
    names
}

/// Finds a template in a folder of the project, else inside the binary.
///
/// # Errors
/// One that is nowhere or cannot be read, and a name that leads out of the folder.
pub fn find(folder: &Path, shown: &str, names: &[String]) -> Result<Template, Error> {
    let name = names.last().map_or("", String::as_str);
    if name.is_empty() || name.starts_with('/') || name.split('/').any(|part| part == "..") {
        return Err(Error::recipe(format!("`{name}` cannot be the name of a template"))
            .help(format!("it is a path below {shown}")));
    }
    for candidate in names {
        let path: PathBuf = folder.join(candidate);
        if path.is_file() {
            let text = fs::read_to_string(&path).map_err(|error| Error::io("could not read", &path, &error))?;
            return Ok(Template { shown: format!("{shown}/{candidate}"), text });
        }
    }
    if let Some((_, text)) = TEMPLATES.iter().find(|(known, _)| *known == name) {
        return Ok(Template { shown: format!("stdlib/templates/{name}"), text: (*text).to_owned() });
    }
    Err(Error::recipe(format!("there is no template `{name}`"))
        .maybe_help(did_you_mean(name, TEMPLATES.iter().map(|(name, _)| *name)))
        .help(format!("your own go into {shown}/"))
        .note(format!("the stock templates are {}", quoted(TEMPLATES.iter().map(|(name, _)| *name)))))
}

/// Fills in a template.
///
/// # Errors
/// A mistake in the template, and a name that was not given, with its line.
pub fn render(template: &Template, values: &Value) -> Result<String, Error> {
    let mut jinja = Environment::new();
    jinja.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    jinja.set_syntax(syntax.map_err(|error| told(&error, template, values))?);
    jinja.add_filter("quote", |text: String| quote(&text).into_owned());
    jinja
        .add_template(&template.shown, &template.text)
        .and_then(|()| jinja.get_template(&template.shown)?.render(values))
        .map_err(|error| told(&error, template, values))
}

fn told(error: &JinjaError, template: &Template, values: &Value) -> Error {
    let line = error.line().and_then(|line| u32::try_from(line).ok()).unwrap_or(1);
    let names: Vec<String> =
        values.try_iter().map(|names| names.map(|name| name.to_string()).collect()).unwrap_or_default();
    let message = match error.kind() {
        ErrorKind::UndefinedError => format!("the template {} uses a name that was not given to it", template.shown),
        ErrorKind::SyntaxError => format!("the template {} cannot be read", template.shown),
        _ => format!("the template {} cannot be filled in", template.shown),
    };
    let mut told = Error::new(Kind::Recipe, message).at(Some(Place::new(template.shown.as_str(), line, 1)));
    if let Some(detail) = error.detail() {
        told = told.note(detail.to_owned());
    }
    if error.kind() == ErrorKind::UndefinedError && !names.is_empty() {
        told = told.note(format!("it was given {}", quoted(names.iter().map(String::as_str))));
    }
    told
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use minijinja::value::Serde;
    use tempfile::tempdir;

    use super::*;

    fn rendered(text: &str, values: &[(&str, &str)]) -> Result<String, Error> {
        let values = Value::from(Serde(values.iter().copied().collect::<BTreeMap<_, _>>()));
        render(&Template { shown: "config/deploy/templates/x".into(), text: text.into() }, &values)
    }

    #[test]
    fn the_closest_name_comes_first() {
        assert_eq!(
            candidates("puma.service", Some("web1"), Some("production")),
            ["puma-web1-production.service", "puma-web1.service", "puma-production.service", "puma.service"]
        );
        assert_eq!(candidates("motd", None, Some("staging")), ["motd-staging", "motd"]);
    }

    #[test]
    fn the_project_comes_before_the_binary() {
        let folder = tempdir().unwrap();
        let names = candidates("service.service", Some("web1"), Some("production"));
        let found = |names: &[String]| find(folder.path(), "config/deploy/templates", names);
        assert_eq!(found(&names).unwrap().shown, "stdlib/templates/service.service");
        fs::write(folder.path().join("service-production.service"), "mine").unwrap();
        let mine = Template { shown: "config/deploy/templates/service-production.service".into(), text: "mine".into() };
        assert_eq!(found(&names).unwrap(), mine);
        let missing = found(&["servce.service".to_owned()]).unwrap_err();
        assert_eq!(missing.to_string(), "there is no template `servce.service`");
        assert!(found(&["../secret".to_owned()]).is_err() && found(&["/etc/passwd".to_owned()]).is_err());
    }

    #[test]
    fn what_is_not_given_is_an_error_with_its_line() {
        assert_eq!(rendered("A={{ a }}\n", &[("a", "1")]).unwrap(), "A=1\n");
        let error = rendered("one\n{{ b }}\n", &[("a", "1")]).unwrap_err();
        assert_eq!(error.to_string(), "the template config/deploy/templates/x uses a name that was not given to it");
        assert_eq!(error.parts().place.as_ref().map(|place| place.line), Some(2));
        assert!(error.parts().notes.iter().any(|note| note == "it was given `a`"));
        assert!(rendered("{% if %}", &[]).unwrap_err().to_string().ends_with("cannot be read"));
    }

    #[test]
    fn words_for_a_shell_can_be_quoted() {
        assert_eq!(rendered("{{ a|quote }}", &[("a", "it's")]).unwrap(), r"'it'\''s'");
    }
}
