//! The list of settings of `-p`: a line each, with who set it.
//!
//! Owns its layout. Values come redacted; programs are told the same as events.

use unicode_width::UnicodeWidthStr;

use crate::model::setting_row::{SetBy, SettingRow, State};
use crate::place::Place;
use crate::report::file_line::file_line;

/// The comments stand in one column, as far as this.
const WIDEST: usize = 60;

/// A line for each setting, and one below it for each server and option that says something else.
#[must_use]
pub fn list(rows: &[SettingRow]) -> String {
    let lines: Vec<(String, String)> = rows.iter().flat_map(lines_of).collect();
    let column = lines.iter().map(|(left, _)| left.width()).filter(|width| *width <= WIDEST).max().unwrap_or(0);
    let line = |(left, right): &(String, String)| {
        format!("{left}{}  # {right}\n", " ".repeat(column.saturating_sub(left.width())))
    };
    lines.iter().map(line).collect()
}

fn lines_of(row: &SettingRow) -> Vec<(String, String)> {
    let mut lines = vec![(format!("{} = {}", row.name, worth(row)), set_by(row))];
    for said in &row.servers {
        let place = said.place.as_ref().map(file_line).unwrap_or_default();
        lines.push((format!("  on {}: {}", said.server, said.value), place));
    }
    if let Some(given) = &row.option {
        lines.push((format!("  with {}: {}", given.name, given.value), "the command line".to_owned()));
    }
    lines
}

fn worth(row: &SettingRow) -> String {
    match (&row.value, row.state) {
        (Some(value), _) => value.to_string(),
        (None, State::Lazy) => "(worked out when it is needed)".to_owned(),
        (None, State::Question) => "(asked when it is needed)".to_owned(),
        (None, State::Failed) => {
            format!("(cannot be worked out here: {})", row.error.as_deref().unwrap_or("no reason given"))
        }
        (None, State::Function) => "(a function)".to_owned(),
        (None, State::Set | State::WorkedOut) => "(no plain data)".to_owned(),
    }
}

fn set_by(row: &SettingRow) -> String {
    let place = |place: &Option<Place>| place.as_ref().map(file_line).unwrap_or_default();
    let who = match row.set_by {
        SetBy::Recipe => place(&row.place),
        SetBy::Stock => format!("stock, {}", place(&row.place)),
        SetBy::CommandLine => "the command line".to_owned(),
    };
    if row.variables.is_empty() {
        return who;
    }
    let variables: Vec<String> = row.variables.iter().map(|name| format!("${name}")).collect();
    format!("{who}, with {}", variables.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::setting_row::{Given, Said};
    use crate::model::value::Value;

    fn row(name: &str, value: Option<Value>, state: State) -> SettingRow {
        SettingRow {
            name: name.to_owned(),
            state,
            value,
            error: None,
            set_by: SetBy::Recipe,
            place: Some(Place::new("config/deploy.rhai", 3, 1)),
            variables: Vec::new(),
            servers: Vec::new(),
            option: None,
        }
    }

    #[test]
    fn each_has_a_line_with_who_set_it() {
        let rows = [
            row("application", Some("shop".into()), State::Set),
            SettingRow {
                set_by: SetBy::Stock,
                ..row("l", Some(Value::List(vec!["a".repeat(80).as_str().into()])), State::Set)
            },
            SettingRow {
                set_by: SetBy::CommandLine,
                place: None,
                ..row("stage", Some("production".into()), State::Set)
            },
            SettingRow { variables: vec!["BRANCH".into(), "CI".into()], ..row("branch", None, State::Lazy) },
        ];
        let expected = format!(
            "application = \"shop\"                     # config/deploy.rhai:3\n\
             l = [\"{}\"]  # stock, config/deploy.rhai:3\n\
             stage = \"production\"                     # the command line\n\
             branch = (worked out when it is needed)  # config/deploy.rhai:3, with $BRANCH and $CI\n",
            "a".repeat(80)
        );
        assert_eq!(list(&rows), expected);
    }

    #[test]
    fn what_takes_its_place_stands_below() {
        let said = Said { server: "web1".into(), value: Value::Int(3), place: Some(Place::new("p.rhai", 2, 1)) };
        let rows = [SettingRow {
            servers: vec![said],
            option: Some(Given { name: "--warm", value: "60".into() }),
            ..row("warm", Some(Value::Int(0)), State::Set)
        }];
        assert_eq!(
            list(&rows),
            "warm = 0          # config/deploy.rhai:3\n  on web1: 3      # p.rhai:2\n  with --warm: 60  # the command line\n"
                .replace("0          #", "0           #")
                .replace("3      #", "3       #")
        );
    }

    #[test]
    fn what_has_no_value_says_why() {
        let failed = SettingRow { error: Some("no host".into()), ..row("x", None, State::Failed) };
        assert_eq!(worth(&failed), "(cannot be worked out here: no host)");
        for (state, shown) in [
            (State::Lazy, "(worked out when it is needed)"),
            (State::Question, "(asked when it is needed)"),
            (State::Function, "(a function)"),
        ] {
            assert_eq!(worth(&row("x", None, state)), shown);
        }
    }
}
