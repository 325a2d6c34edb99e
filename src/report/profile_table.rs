//! Where the time of a run went, as a table.

use crate::model::spent::Spent;
use crate::report::clock::rough;
use crate::report::style::{Paint, STRONG};
use crate::report::truncate::visible_width;

const TITLES: [&str; 7] =
    ["where the time went", "wall", "connecting", "on the host", "network", "trips", "slowest host"];
/// Columns between two cells.
const GAP: &str = "  ";
/// Stands for a host where there was none.
const NONE: &str = "-";

/// A title line, one line per phase, and one for the whole run. Numbers stand below each other, to the right.
#[must_use]
pub fn profile_table(phases: &[Spent], total: &Spent, paint: Paint) -> String {
    let rows: Vec<[String; 7]> =
        phases.iter().map(|phase| cells(phase, "outside tasks")).chain([cells(total, "the whole run")]).collect();
    let titles = TITLES.map(str::to_owned);
    let width = |n: usize| rows.iter().chain([&titles]).map(|row| visible_width(&row[n])).max().unwrap_or(0);
    let widths: Vec<usize> = (0..TITLES.len()).map(width).collect();
    let mut text = paint.on(STRONG, &line(&titles, &widths));
    text.push('\n');
    for row in &rows {
        text.push_str(&line(row, &widths));
        text.push('\n');
    }
    text
}

fn cells(spent: &Spent, nameless: &str) -> [String; 7] {
    let host = |cell: String| if spent.slowest.is_some() { cell } else { NONE.to_owned() };
    [
        spent.task.clone().unwrap_or_else(|| nameless.to_owned()),
        time(spent.seconds),
        host(time(spent.connecting)),
        host(time(spent.host)),
        host(time(spent.network)),
        host(spent.trips.to_string()),
        spent.slowest.clone().unwrap_or_else(|| NONE.to_owned()),
    ]
}

/// `0.25s`, `2m 05s`: a phase is often over in less than a second.
fn time(seconds: f64) -> String {
    if (0.0..59.995).contains(&seconds) { format!("{seconds:.2}s") } else { rough(seconds) }
}

/// Names to the left, numbers to the right, nothing behind the last cell.
fn line(cells: &[String; 7], widths: &[usize]) -> String {
    let mut line = String::new();
    for (n, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let blanks = " ".repeat(width - visible_width(cell));
        let is_last = n + 1 == TITLES.len();
        match n {
            0 => line.extend([cell.as_str(), &blanks]),
            _ if is_last => line.extend([GAP, cell]),
            _ => line.extend([GAP, &blanks, cell]),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::report::sample_events::spent;

    #[test]
    fn numbers_stand_below_each_other() {
        let phases = [
            spent(Some("deploy:starting"), 1.25, Some("deploy@web1"), 3),
            spent(Some("deploy:updating"), 125.0, Some("deploy@web2"), 12),
            spent(Some("deploy:published"), 0.2, None, 0),
            spent(None, 0.1, Some("deploy@web1"), 1),
        ];
        let total = spent(None, 127.0, Some("deploy@web2"), 16);
        assert_snapshot!(profile_table(&phases, &total, Paint { color: false }), @r#"
        where the time went    wall  connecting  on the host  network  trips  slowest host
        deploy:starting       1.25s       0.25s        0.62s    0.31s      3  deploy@web1
        deploy:updating      2m 05s       0.25s       1m 03s   31.25s     12  deploy@web2
        deploy:published      0.20s           -            -        -      -  -
        outside tasks         0.10s       0.25s        0.05s    0.03s      1  deploy@web1
        the whole run        2m 07s       0.25s       1m 04s   31.75s     16  deploy@web2
        "#);
    }

    #[test]
    fn the_titles_are_bold() {
        let text = profile_table(&[], &spent(None, 1.0, None, 0), Paint { color: true });
        assert!(text.starts_with("\u{1b}[1mwhere the time went"), "{text:?}");
    }
}
