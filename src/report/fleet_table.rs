//! Where every host stands, as a table.

use std::cmp::max;

use anstyle::Style;

use crate::model::live::Live;
use crate::model::plural::plural_of;
use crate::model::standing::{Standing, State};
use crate::report::clean::{Colours, clean};
use crate::report::style::{BAD, GOOD, Paint, STRONG, WARN};
use crate::report::truncate::visible_width;

const TITLES: [&str; 5] = ["host", "release before", "release now", "state", "reason"];
const GAP: &str = "  ";
const STATE: usize = 3;

/// A title line and one line per host; nothing without hosts. Mixed fleets say so in a sentence first. The reasons have
/// a column only where there is one; nothing is cut, because this is what has to be repaired by hand.
#[must_use]
pub fn fleet_table(hosts: &[Standing], mixed: bool, paint: Paint) -> String {
    if hosts.is_empty() {
        return String::new();
    }
    let mut text = String::new();
    if mixed {
        // Hosts that had it before the run count, too.
        let new = hosts.iter().find(|host| host.switched && host.now != Live::Unknown).map(|host| &host.now);
        let switched = hosts.iter().filter(|host| Some(&host.now) == new).count();
        let unknown = hosts.iter().filter(|host| host.now == Live::Unknown).count();
        let others = hosts.len() - switched - unknown;
        let mut parts = vec![format!("{} the new release", plural_of(switched, "host has", "hosts have"))];
        if others > 0 || unknown == 0 {
            parts.push(plural_of(others, "host has not", "hosts have not"));
        }
        if unknown > 0 {
            parts.push(plural_of(unknown, "host is not known", "hosts are not known"));
        }
        let sentence = format!("the fleet is mixed: {}", parts.join(", "));
        text.push_str(&paint.on(BAD, &sentence));
        text.push('\n');
    }
    let columns = if hosts.iter().any(|host| host.reason.is_some()) { TITLES.len() } else { TITLES.len() - 1 };
    let rows: Vec<[String; 5]> = hosts.iter().map(cells).collect();
    let widths: Vec<usize> =
        (0..columns).map(|n| rows.iter().map(|row| visible_width(&row[n])).fold(TITLES[n].len(), max)).collect();

    let titles = TITLES.map(str::to_owned);
    text.push_str(&paint.on(STRONG, &line(&titles, &widths, |_, cell| cell.to_owned())));
    text.push('\n');
    for (row, host) in rows.iter().zip(hosts) {
        let (_, style) = shown(host.state);
        text.push_str(&line(row, &widths, |n, cell| if n == STATE { paint.on(style, cell) } else { cell.to_owned() }));
        text.push('\n');
    }
    text
}

fn shown(state: State) -> (&'static str, Style) {
    match state {
        State::Switched => ("switched", GOOD),
        State::Unchanged => ("unchanged", WARN),
        State::SetAside => ("set aside", BAD),
        State::Failed => ("failed", BAD),
        State::InDoubt => ("in doubt", BAD),
    }
}

fn cells(host: &Standing) -> [String; 5] {
    let (state, _) = shown(host.state);
    // A reason of several lines would tear the table.
    let reason = host.reason.iter().flat_map(|text| text.lines()).map(|line| clean(line, Colours::Strip));
    [
        host.host.clone(),
        host.before.shown().to_owned(),
        host.now.shown().to_owned(),
        state.to_owned(),
        reason.collect::<Vec<_>>().join(" "),
    ]
}

/// One line of cells padded to their columns, without blanks at its end.
fn line(cells: &[String; 5], widths: &[usize], paint: impl Fn(usize, &str) -> String) -> String {
    let mut line = String::new();
    let mut blanks = 0;
    for (n, width) in widths.iter().enumerate() {
        let cell = &cells[n];
        if !cell.is_empty() {
            line.extend(std::iter::repeat_n(' ', blanks));
            line.push_str(&paint(n, cell));
            blanks = 0;
        }
        blanks += width - visible_width(cell) + GAP.len();
    }
    line
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    const PLAIN: Paint = Paint { color: false };

    fn standing(host: &str, before: Option<&str>, now: Option<&str>, state: State, reason: Option<&str>) -> Standing {
        let live = |name: Option<&str>| match name {
            Some("?") => Live::Unknown,
            name => Live::found(name.map(ToOwned::to_owned)),
        };
        let (switched, reason) = (state == State::Switched, reason.map(ToOwned::to_owned));
        Standing { host: host.into(), before: live(before), now: live(now), switched, state, reason }
    }

    #[test]
    fn a_mixed_fleet_says_which_host_has_what() {
        let hosts = [
            standing("deploy@web1", Some("20261121080000"), Some("20261122093936"), State::Switched, None),
            standing("deploy@日本", Some("20261121080000"), Some("20261121080000"), State::Failed, Some("disk\nfull")),
            standing("db", Some("20261121080000"), Some("?"), State::InDoubt, Some("connection lost")),
            standing("cache", Some("?"), Some("?"), State::SetAside, Some("no route")),
            standing("late", Some("20261122093936"), Some("20261122093936"), State::Unchanged, None),
            standing("new", None, None, State::Unchanged, None),
        ];
        assert_snapshot!(fleet_table(&hosts, true, PLAIN), @r#"
        the fleet is mixed: 2 hosts have the new release, 2 hosts have not, 2 hosts are not known
        host         release before  release now     state      reason
        deploy@web1  20261121080000  20261122093936  switched
        deploy@日本  20261121080000  20261121080000  failed     disk full
        db           20261121080000  ?               in doubt   connection lost
        cache        ?               ?               set aside  no route
        late         20261122093936  20261122093936  unchanged
        new          -               -               unchanged
        "#);
    }

    /// Switched, and cut off on the way back.
    #[test]
    fn what_a_host_in_doubt_has_is_not_the_new_release() {
        let mut back = standing("web1", Some("20261121080000"), Some("?"), State::InDoubt, None);
        back.switched = true;
        let kept = standing("web2", Some("20261121080000"), Some("20261122093936"), State::Switched, None);
        let told = |hosts: &[Standing]| fleet_table(hosts, true, PLAIN).lines().next().unwrap().to_owned();
        let sentence = "the fleet is mixed: 1 host has the new release, 1 host is not known";
        assert_eq!(told(&[back.clone(), kept]), sentence);
        assert_eq!(told(&[back]), "the fleet is mixed: 0 hosts have the new release, 1 host is not known");
    }

    #[test]
    fn without_reasons_there_is_no_such_column() {
        let hosts = [standing("web1", None, Some("20261122093936"), State::Switched, None)];
        assert_snapshot!(fleet_table(&hosts, false, PLAIN), @r#"
        host  release before  release now     state
        web1  -               20261122093936  switched
        "#);
    }

    #[test]
    fn no_hosts_no_table() {
        assert_eq!(fleet_table(&[], true, PLAIN), "");
    }

    #[test]
    fn the_state_has_a_colour() {
        let hosts = [standing("a", None, None, State::Unchanged, None)];
        assert_eq!(
            fleet_table(&hosts, false, Paint { color: true }),
            "\u{1b}[1mhost  release before  release now  state\u{1b}[0m\n\
             a     -               -            \u{1b}[33munchanged\u{1b}[0m\n"
        );
    }
}
