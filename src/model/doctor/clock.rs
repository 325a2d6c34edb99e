//! How far the host's clock is from that of this machine.

use crate::model::doctor::seen::Seen;
use crate::model::doctor::table::finding;
use crate::model::host_finding::Finding;

/// Seconds from which on it is told.
const TOLD: i64 = 10;

/// Seconds by which the host is ahead, or behind where it is less than 0; none where it does not tell the time. The look took
/// a while, and whole seconds are told, so that it is known only as far as this: 0 where there need be no difference, else
/// the least it can be.
#[must_use]
pub fn skew(seen: &Seen<'_>) -> Option<i64> {
    let (now, later) = seen.facts.clock?;
    let (begin, end) = seen.span;
    // When it ended on the host the answer had not come yet, and when it began the question had gone.
    let (least, most) = (later * 1000 - end, (now + 1) * 1000 - begin);
    Some(if least > 0 {
        least / 1000
    } else if most < 0 {
        most / 1000
    } else {
        0
    })
}

pub fn skewed(seen: &Seen<'_>) -> Vec<Finding> {
    let Some(skew) = skew(seen).filter(|skew| skew.abs() >= TOLD) else { return Vec::new() };
    let side = if skew > 0 { "ahead of" } else { "behind" };
    vec![
        finding("clock-skew", format!("the clock is {} s {side} that of this machine", skew.abs()))
            .then("logs of hosts do not fit together, files seem new or old that are not, and certificates may be refused")
            .repair("timedatectl status; sudo timedatectl set-ntp true"),
    ]
}

#[cfg(test)]
mod tests {
    use crate::model::doctor::testing::{NOW, Recorded, asked};
    use crate::model::host_finding::Severity::Warning;

    fn at(now: i64, later: i64) -> Recorded {
        Recorded::healthy().section("now", 0, &now.to_string()).section("later", 0, &later.to_string())
    }

    #[test]
    fn a_clock_that_is_wrong() {
        at(NOW + 95, NOW + 96).raises(
            &asked(),
            "clock-skew",
            Warning,
            "the clock is 94 s ahead of that of this machine: logs of hosts do not fit together, files seem new or old that \
             are not, and certificates may be refused",
            "timedatectl status; sudo timedatectl set-ntp true",
        );
        let found = at(NOW - 3600, NOW - 3599).found(&asked());
        assert_eq!(found[0].problem, "the clock is 3599 s behind that of this machine");
    }

    #[test]
    fn a_look_that_took_long_is_no_wrong_clock() {
        at(NOW, NOW + 30).span((NOW * 1000, (NOW + 30) * 1000 + 500)).raises_nothing(&asked());
        at(NOW + 29, NOW + 30).span((NOW * 1000, (NOW + 30) * 1000 + 500)).raises_nothing(&asked());
        Recorded::healthy().without("now").raises_nothing(&asked());
    }
}
