//! Signs of other languages in a recipe that cannot be read: comments, symbols, lists of words, hashes. Operators stand in
//! `foreign_operators`.

use rhai::ParseErrorType;

use crate::error::Error;
use crate::recipe::diagnose::around::{Around, first_word, last_word};
use crate::recipe::diagnose::foreign_operators;

/// A comment of Ruby and the shell.
pub(super) fn comment(around: Around<'_>) -> Option<Error> {
    let rest = around.rest().strip_prefix('#')?;
    if rest.starts_with(['{', '!']) {
        return None;
    }
    Some(Error::recipe("`#` begins no comment here").width(1).help(format!("write `//{rest}`")))
}

/// What a sign at the place was meant for.
pub(super) fn meant(kind: &ParseErrorType, around: Around<'_>) -> Option<Error> {
    interpolated(around)
        .or_else(|| typographic(around))
        .or_else(|| words(around))
        .or_else(|| named(around))
        .or_else(|| symbol(around))
        .or_else(|| rocket(around))
        .or_else(|| foreign_operators::meant(kind, around))
}

/// `"${f("x")}"`: the string ends in the middle of what was meant to be a value.
fn interpolated(around: Around<'_>) -> Option<Error> {
    let text = around.before().trim_end().strip_suffix('"')?;
    let text = &text[text.rfind('"')? + 1..];
    let at = text.rfind("${").or_else(|| text.rfind("#{"))?;
    if text[at..].contains('}') {
        return None;
    }
    Some(
        Error::recipe(format!("`{}` in double quotes begins no value", &text[at..at + 2]))
            .help("put the text into back-ticks, in which `${…}` stands for a value: `` `${fetch(\"name\")}` ``"),
    )
}

fn typographic(around: Around<'_>) -> Option<Error> {
    let sign = around.rest().chars().next()?;
    let instead = match sign {
        '“' | '”' | '„' | '«' | '»' | '‘' | '’' => "\"",
        '–' | '—' | '−' => "-",
        _ => return None,
    };
    let what = if instead == "-" { "dash" } else { "quote" };
    Some(
        Error::recipe(format!("`{sign}` is a {what} of printed text"))
            .width(1)
            .help(format!("write `{instead}`; an editor or a web page has changed it")),
    )
}

/// `%w{one two}`.
fn words(around: Around<'_>) -> Option<Error> {
    let rest = around.rest().strip_prefix('%')?.strip_prefix(['w', 'W', 'i', 'I', 'q', 'Q'])?;
    let close = match rest.chars().next()? {
        '{' => '}',
        '(' => ')',
        '[' => ']',
        '<' => '>',
        sign @ ('|' | '/' | '!') => sign,
        _ => return None,
    };
    let inner = rest[1..].split(close).next().unwrap_or_default();
    let items: Vec<String> = inner.split_whitespace().map(|word| format!("\"{word}\"")).collect();
    Some(
        Error::recipe("`%w…` makes no list here")
            .width(inner.chars().count() + 4)
            .help(format!("write `[{}]`", items.join(", "))),
    )
}

/// `{ name: value }` without the `#`, and `f(name: value)`.
fn named(around: Around<'_>) -> Option<Error> {
    let (name, before) = if around.word().is_empty() {
        let before = around.before().trim_end();
        let name = last_word(before);
        is_colon(around.rest()).then_some((name, &before[..before.len() - name.len()]))?
    } else {
        let name = around.word();
        is_colon(around.rest()[name.len()..].trim_start()).then_some((name, around.before()))?
    };
    let before = before.trim_end();
    if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') || before.ends_with("#{") {
        return None;
    }
    if before.ends_with('{') {
        return Some(
            Error::recipe("a map begins with `#{`")
                .help(format!("write `#{{ {name}: … }}`; braces alone hold statements")),
        );
    }
    if !before.ends_with(['(', ',']) {
        return None;
    }
    let error = Error::recipe(format!("`{name}:` names an argument, and only a map has names"));
    Some(if name == "in" {
        error.help("what Capistrano calls `in:` is `run:` here: `on(hosts, #{ run: \"sequence\" }, |host| { … })`")
    } else {
        error.help(format!("put what has a name into a map: `#{{ {name}: … }}`"))
    })
}

fn is_colon(text: &str) -> bool {
    text.starts_with(':') && !text.starts_with("::")
}

/// `:name`.
fn symbol(around: Around<'_>) -> Option<Error> {
    let name = first_word(around.rest().strip_prefix(':')?);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some(
        Error::recipe(format!("`:{name}` is a symbol of Ruby"))
            .width(name.len() + 1)
            .help(format!("write a string: `\"{name}\"`")),
    )
}

/// `"name" => value`, and `(host) => …`.
fn rocket(around: Around<'_>) -> Option<Error> {
    around.rest().strip_prefix("=>")?;
    let before = around.before().trim_end();
    let is_key =
        before.ends_with(['"', '\'']) || before.rfind(['{', '(']).is_some_and(|at| before[at..].starts_with('{'));
    let error = Error::recipe("`=>` stands in a `switch` alone").width(2);
    Some(if is_key {
        error.help("a key of a map and its value have `:` between them: `#{ \"name\": value }`")
    } else {
        let parameters = before.trim_end_matches(')').rsplit(['(', ',', ' ']).next().unwrap_or_default();
        error.help(format!("a closure has its parameters between bars: `|{parameters}| …`"))
    })
}

/// Arguments of Ruby as they are written here; none where that is not certain.
pub(super) fn as_rhai(args: &str) -> Option<String> {
    let mut found = String::new();
    let mut signs = args.char_indices().peekable();
    let mut last = ' ';
    while let Some((at, sign)) = signs.next() {
        match sign {
            ':' if " ([,".contains(last) => {
                let name = first_word(&args[at + 1..]);
                if name.is_empty() {
                    return None;
                }
                found.push_str(&format!("\"{name}\""));
                for _ in 0..name.len() {
                    signs.next();
                }
            }
            ':' | '%' | '{' | '=' | '&' => return None,
            '\'' | '"' => {
                let end = args[at + 1..].find(sign)? + at + 1;
                let inner = &args[at + 1..end];
                if inner.contains(['\\', '"', '#', '$']) {
                    return None;
                }
                found.push_str(&format!("\"{inner}\""));
                while signs.peek().is_some_and(|(next, _)| *next <= end) {
                    signs.next();
                }
            }
            _ => found.push(sign),
        }
        last = sign;
    }
    Some(found.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_arguments_of_ruby_are_translated() {
        assert_eq!(as_rhai(":application, 'shop'").as_deref(), Some("\"application\", \"shop\""));
        assert_eq!(as_rhai("roles(:app), [:a, 5]").as_deref(), Some("roles(\"app\"), [\"a\", 5]"));
        for unclear in ["t: :u", ":a => :b", "%w{a}", "\"#{x}\"", "key: 1"] {
            assert_eq!(as_rhai(unclear), None, "{unclear}");
        }
    }
}
