//! Values that were meant to be put into a text and are not: `"${name}"` in double quotes, and `#{name}` of Ruby.

use rhai::Position;

use crate::error::Error;
use crate::recipe::check::files::Files;
use crate::recipe::check::outline::Outline;
use crate::recipe::dsl::functions;

/// All such texts.
#[must_use]
pub fn dead(files: &Files) -> Vec<Error> {
    files
        .own
        .iter()
        .flat_map(|file| file.texts.iter().filter_map(|(position, text)| judge(file, *position, text)))
        .collect()
}

fn judge(file: &Outline, position: Position, text: &str) -> Option<Error> {
    let (sign, inner) = meant(text, |name| file.variables.contains(name))?;
    let written = format!("{sign}{inner}}}");
    let error = if sign == "${" {
        Error::recipe(format!("`{written}` stays as it is: double quotes hold a text without values"))
            .help("put the text into back-ticks in place of the quotes")
    } else {
        Error::recipe(format!("`{written}` stays as it is: that is how Ruby writes it"))
            .help(format!("put the text into back-ticks, and write `${{{inner}}}`"))
    };
    Some(error.rule("dead-interpolation").at(file.place(position)))
}

/// The first value that was meant to be put in: its sign and what stands in its braces. `${NAME}` may be a variable of the
/// shell, so that only a name the recipe has, or what is no name, is told.
fn meant(text: &str, is_variable: impl Fn(&str) -> bool) -> Option<(&'static str, &str)> {
    ["${", "#{"].into_iter().find_map(|sign| {
        text.match_indices(sign).find_map(|(at, _)| {
            let inner = &text[at + sign.len()..];
            let inner = inner[..inner.find('}')?].trim();
            let name = &inner[..inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len())];
            let behind = &inner[name.len()..];
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            let is_call = behind.starts_with('(') && behind.ends_with(')');
            let is_property = behind.starts_with('.') && behind[1..].starts_with(|c: char| c.is_ascii_alphabetic());
            let is_function = || functions().any(|function| function.name == name);
            let is_meant = match sign {
                "${" => (behind.is_empty() && is_variable(name)) || is_call || (is_property && is_variable(name)),
                // A format of tmux or of another program looks like that as well.
                _ => is_variable(name) || is_function(),
            };
            (is_name && is_meant).then_some((sign, inner))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn a_variable_of_the_recipe_is_told_from_one_of_the_shell() {
        let found =
            |text| meant(text, |name| name == "host" || name == "x").map(|(sign, inner)| format!("{sign}{inner}}}"));
        assert_eq!(found("a ${x} b").as_deref(), Some("${x}"));
        assert_eq!(found("on ${host.name}").as_deref(), Some("${host.name}"));
        assert_eq!(found("${release_path()}/x").as_deref(), Some("${release_path()}"));
        assert_eq!(found("#{release_path}/x").as_deref(), Some("#{release_path}"));
        assert_eq!(found("#{x}").as_deref(), Some("#{x}"));
        for text in ["${HOME}", "${x:-1}", "${dir}", "#{session_name}", "${.x}", "${x", "$x", "#{ }", "${1}"] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
