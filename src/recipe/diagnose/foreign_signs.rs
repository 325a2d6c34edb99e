//! Signs of other languages in a recipe that cannot be read: comments, symbols, lists of words, hashes, operators.

use rhai::ParseErrorType;

use crate::error::Error;
use crate::recipe::diagnose::around::{Around, first_word, last_word};

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
        .or_else(|| question(kind, around))
        .or_else(|| operator(around))
        .or_else(|| sigil(around))
        .or_else(|| number(around))
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

/// Questions of Ruby and the `? :` of many languages.
fn question(kind: &ParseErrorType, around: Around<'_>) -> Option<Error> {
    let is_question =
        matches!(kind, ParseErrorType::UnknownOperator(sign) if sign == "?") || around.rest().starts_with('?');
    if !is_question {
        return None;
    }
    let name = last_word(around.before());
    if name.is_empty() || around.rest().contains(" : ") {
        return Some(
            Error::recipe("`?` decides nothing here").width(1).help("write `if condition { one } else { other }`"),
        );
    }
    let error = Error::recipe(format!("`{name}?` cannot be a name: names have no `?`"));
    let error = match crate::recipe::old_words::method(name) {
        Some(instead) => error.help(instead),
        None => error.help(format!("write `{name}(…)`")),
    };
    Some(error)
}

/// Operators of other languages.
const OPERATORS: &[(&str, &str)] = &[
    ("===", "write `==`, which compares the kind as well"),
    ("!==", "write `!=`"),
    ("<=>", "numbers and strings are sorted with `list.sort()`"),
    ("<<~", "a text of several lines stands in back-ticks"),
    ("<<-", "a text of several lines stands in back-ticks"),
    ("<<", "add to a list with `list.push(value)`; a text of several lines stands in back-ticks"),
    ("<>", "write `!=`"),
    ("=~", "ask with `text.contains(\"…\")`, or on a host: `test(\"grep\", …)`"),
    ("->", "write a closure: `|| …`"),
    ("<-", "write `=`"),
    (":=", "write `=`"),
    ("++", "write `value += 1`"),
    ("--", "write `value -= 1`"),
    ("|>", "call one behind the other: `value.first().second()`"),
    ("&.", "write `?.`"),
    ("^^", "write `one != other`"),
    ("\\", "leave it out: a statement goes on until its `;`"),
];

fn operator(around: Around<'_>) -> Option<Error> {
    let before = around.before();
    let is_splat = around.rest().starts_with('*') && before.trim_end().ends_with(['(', ',']);
    if is_splat || around.rest().starts_with("(*") {
        return Some(
            Error::recipe("`*` spreads no list over arguments")
                .width(1)
                .help("give the list as it is: what takes many arguments takes lists among them"),
        );
    }
    // The place may be in the middle of what Rhai has read as two signs.
    (0..=2_usize).rev().find_map(|back| {
        let at = match back {
            0 => before.len(),
            _ => before.char_indices().rev().nth(back - 1)?.0,
        };
        spelled(&format!("{}{}", &before[at..], around.rest()), back)
    })
}

fn spelled(text: &str, back: usize) -> Option<Error> {
    let (sign, instead) = OPERATORS.iter().find(|(sign, _)| text.starts_with(sign) && sign.len() > back)?;
    Some(Error::recipe(format!("`{sign}` is no operator here")).width(sign.len() - back).help(*instead))
}

/// `@name` and `$name`.
fn sigil(around: Around<'_>) -> Option<Error> {
    let mut signs = around.rest().chars();
    let sign = signs.next().filter(|sign| ['@', '$'].contains(sign))?;
    let name = first_word(signs.as_str().trim_start_matches(sign));
    let error = Error::recipe(format!("`{sign}{name}` cannot be a name")).width(name.len() + 1);
    Some(if sign == '$' {
        error
            .help(format!("a variable of the recipe is `{name}`; one of the shell of the host `raw(\"${name}\")`"))
            .help(format!("one of this machine is `env(\"{name}\")`"))
    } else {
        error.help(format!("declare a variable: `let {name} = …;`, or keep a setting: `set(\"{name}\", …)`"))
    })
}

/// `5m`.
fn number(around: Around<'_>) -> Option<Error> {
    let digits = last_word(around.before());
    let unit = around.word();
    let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    if !is_number || unit.is_empty() || around.before().len() != around.before().trim_end().len() {
        return None;
    }
    Some(
        Error::recipe(format!("`{digits}{unit}` is neither a number nor a name"))
            .help(format!("a time is written as a string, `\"{digits}{unit}\"`; names begin with a letter")),
    )
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
