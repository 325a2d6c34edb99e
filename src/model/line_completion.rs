//! What can stand where the cursor is, in a line of the console.

use crate::model::console_line::name_at_start;

/// The names there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Host functions, and functions of the recipes.
    pub functions: Vec<String>,
    /// Variables of earlier lines.
    pub variables: Vec<String>,
    /// Settings.
    pub settings: Vec<String>,
    /// Tasks, by their full names.
    pub tasks: Vec<String>,
    /// Servers.
    pub hosts: Vec<String>,
    /// Roles.
    pub roles: Vec<String>,
    /// Stock modules.
    pub modules: Vec<String>,
}

/// What a text in the brackets of these functions names.
const SETTINGS: &[&str] =
    &["fetch", "set", "set_if_empty", "append", "remove", "any", "delete", "ask", "validate", "settings"];
const TASKS: &[&str] = &["invoke", "invoke_again"];
const HOSTS: &[&str] = &["on", "only_hosts"];
const ROLES: &[&str] = &["roles", "release_roles", "primary", "role_properties"];

/// Where the word to complete begins, and what it can become, sorted.
#[must_use]
pub fn complete(line: &str, cursor: usize, names: &Names) -> (usize, Vec<String>) {
    let before = &line[..cursor];
    if let Some(at) = open_string(before) {
        let function = function_around(&before[..at]);
        let of: Vec<&Vec<String>> = match function {
            Some(name) if SETTINGS.contains(&name) => vec![&names.settings],
            Some(name) if TASKS.contains(&name) => vec![&names.tasks],
            Some(name) if HOSTS.contains(&name) => vec![&names.hosts],
            Some(name) if ROLES.contains(&name) => vec![&names.roles],
            Some("require") => vec![&names.modules],
            _ => Vec::new(),
        };
        let start = at + 1;
        // A name that stands by itself is closed; the bracket is left to who types.
        return (start, matching(&of, &before[start..], "\""));
    }
    let start = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len();
    let word = &before[start..];
    // Behind a dot are methods, and behind a name without a bracket stand words of a shell.
    if word.is_empty() || before[..start].ends_with(['.', '/', '-', '$']) || is_in_command(&before[..start]) {
        return (start, Vec::new());
    }
    let mut found = matching(&[&names.functions], word, "(");
    found.extend(matching(&[&names.variables], word, ""));
    found.sort();
    (start, found)
}

fn matching(of: &[&Vec<String>], begun: &str, end: &str) -> Vec<String> {
    let mut found: Vec<String> = of
        .iter()
        .flat_map(|names| names.iter())
        .filter(|name| name.starts_with(begun))
        .map(|name| format!("{name}{end}"))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// Whether the words before are the beginning of a command: a name and a blank, as in `ls `.
fn is_in_command(before: &str) -> bool {
    let before = before.trim_start();
    let name = name_at_start(before);
    !name.is_empty() && !["let", "const", "return", "throw", "if", "while", "for"].contains(&name) && {
        let rest = before[name.len()..].trim_start();
        before[name.len()..].starts_with(' ') && !rest.starts_with(['=', '+', '-', '*', '.', '&', '|'])
    }
}

/// Where the string begins that the cursor is in, if it is in one.
fn open_string(before: &str) -> Option<usize> {
    let (mut open, mut escaped) = (None, false);
    for (at, c) in before.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if open.is_some() => escaped = true,
            '"' => open = if open.is_some() { None } else { Some(at) },
            _ => {}
        }
    }
    open
}

/// The function whose arguments a place is among, as `on` in `on(["a", `.
fn function_around(before: &str) -> Option<&str> {
    let mut depth = 0;
    for (at, c) in before.char_indices().rev() {
        match c {
            ')' => depth += 1,
            '(' if depth == 0 => {
                let name = before[..at].rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next()?;
                return Some(name).filter(|name| !name.is_empty());
            }
            '(' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Names {
            functions: list(&["fetch", "file_exists", "execute", "on", "only_hosts"]),
            variables: list(&["found", "onward"]),
            settings: list(&["branch", "deploy_to"]),
            tasks: list(&["deploy", "deploy:check", "app:restart"]),
            hosts: list(&["web1", "web2", "db1"]),
            roles: list(&["web", "db"]),
            modules: list(&["puma", "sidekiq"]),
        }
    }

    fn at_end(line: &str) -> (usize, Vec<String>) {
        complete(line, line.len(), &names())
    }

    #[test]
    fn a_bare_word_is_a_function_or_a_variable() {
        assert_eq!(at_end("f"), (0, vec!["fetch(".into(), "file_exists(".into(), "found".into()]));
        assert_eq!(at_end("let x = on"), (8, vec!["on(".into(), "only_hosts(".into(), "onward".into()]));
        assert_eq!(at_end("on(roles(\"web\"), || exec"), (20, vec!["execute(".into()]));
        assert_eq!(at_end("info(\"é\"); f").1.len(), 3);
        assert_eq!(at_end("é").1, [""; 0], "no name, and nothing to fall over");
        assert_eq!(at_end("").1, [""; 0]);
    }

    #[test]
    fn a_string_names_what_its_function_takes() {
        assert_eq!(at_end("fetch(\"de"), (7, vec!["deploy_to\"".into()]));
        assert_eq!(at_end("invoke(\"deploy:").1, ["deploy:check\""]);
        assert_eq!(at_end("on([\"web1\", \"w").1, ["web1\"", "web2\""]);
        assert_eq!(at_end("on(roles(\"").1, ["db\"", "web\""]);
        assert_eq!(at_end("require(\"p").1, ["puma\""]);
        assert_eq!(at_end("info(\"de").1, [""; 0]);
        assert_eq!(at_end("f(on(\"a\"), fetch(\"b").1, ["branch\""]);
    }

    #[test]
    fn words_of_a_command_are_left_alone() {
        for line in ["ls f", "cat /f", "git -f", "echo $f", "host.f"] {
            assert_eq!(at_end(line).1, [""; 0], "{line}");
        }
    }

    #[test]
    fn what_stands_behind_the_cursor_does_not_matter() {
        assert_eq!(complete("fetch(\"b\")", 8, &names()), (7, vec!["branch\"".into()]));
    }
}
