//! Ranges in host strings: `web[01:20].example.com`.
//!
//! Owns what stands between the brackets and in which order the hosts come. It must not judge the names that come out;
//! `model::host_string` does that, and owns the brackets around IPv6 addresses.

use std::net::Ipv6Addr;

use crate::error::Error;

/// The most hosts one text may stand for; a digit too many would otherwise declare a million of them.
pub const MOST: usize = 10_000;

/// What the help of every error here says.
const EXPECTED: &str = "expected a range such as `[1:20]`, `[01:20]`, `[a:f]`, or with a step `[1:20:2]`";

/// A piece of a host string.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Range(Range),
}

/// A range, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Range {
    first: u32,
    last: u32,
    step: u32,
    shown: Shown,
}

/// How the members of a range are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// As numbers with at least so many digits.
    Number { width: usize },
    /// As the letters they are the code points of.
    Letter,
}

/// The hosts a text stands for: itself where it has no range in it. Of several ranges the last one counts up first.
///
/// # Errors
/// Brackets without a range in them, a range that is empty or could be meant in two ways, and more than [`MOST`] hosts.
pub fn expand(text: &str) -> Result<Vec<String>, Error> {
    let pieces = pieces(text)?;
    let ranges = pieces.iter().filter_map(|piece| if let Piece::Range(range) = piece { Some(range) } else { None });
    let count = ranges.fold(1_usize, |count, range| count.saturating_mul(range.len()));
    if count > MOST {
        return Err(Error::recipe(format!("`{text}` stands for {count} hosts, more than {MOST}"))
            .help("look for a digit too many, or declare them in parts"));
    }
    let mut hosts = vec![String::new()];
    for piece in &pieces {
        match piece {
            Piece::Text(text) => hosts.iter_mut().for_each(|host| host.push_str(text)),
            Piece::Range(range) => {
                let members: Vec<String> = range.members().collect();
                hosts =
                    hosts.iter().flat_map(|host| members.iter().map(move |member| format!("{host}{member}"))).collect();
            }
        }
    }
    Ok(hosts)
}

/// Whether a text has brackets that are not those of an IPv6 address.
#[must_use]
pub fn has_range(text: &str) -> bool {
    pieces(text).map_or(true, |pieces| pieces.iter().any(|piece| matches!(piece, Piece::Range(_))))
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, Error> {
    let mut pieces = Vec::new();
    let mut rest = text;
    // The brackets of an address stand at the beginning, or behind the user.
    if let Some(open) = rest.find('[').filter(|open| rest[..*open].is_empty() || rest[..*open].ends_with('@'))
        && let Some(length) = rest[open..].find(']')
        && !looks_like_a_range(&rest[open + 1..open + length])
    {
        pieces.push(Piece::Text(&rest[..=open + length]));
        rest = &rest[open + length + 1..];
    }
    while let Some(open) = rest.find('[') {
        let Some(length) = rest[open..].find(']') else {
            // `host_string` says what is missing in an address.
            if rest[..open].is_empty() || rest[..open].ends_with('@') {
                break;
            }
            return Err(Error::recipe(format!("`{text}` lacks the closing `]`")).help(EXPECTED));
        };
        let inside = &rest[open + 1..open + length];
        pieces.push(Piece::Text(&rest[..open]));
        pieces.push(Piece::Range(range(inside)?));
        rest = &rest[open + length + 1..];
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

/// Whether what stands between the first brackets of a host is meant as a range and not as an address.
fn looks_like_a_range(inside: &str) -> bool {
    let is_address = inside.split('%').next().is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
    let mut parts = inside.split(':');
    let is_end = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()) || part.len() == 1;
    !is_address && (2..=3).contains(&inside.split(':').count()) && parts.all(|part| !part.is_empty() && is_end(part))
}

fn range(inside: &str) -> Result<Range, Error> {
    let wrong = |problem: String| Error::recipe(problem).help(EXPECTED);
    let parts: Vec<&str> = inside.split(':').collect();
    let (first, last, step) = match parts[..] {
        [first, last] => (first, last, "1"),
        [first, last, step] => (first, last, step),
        _ => {
            let instead = instead(inside).map(|range| format!("write `[{range}]`"));
            return Err(wrong(format!("`[{}]` is no range", inside.escape_debug())).maybe_help(instead));
        }
    };
    let Some(step) = number(step).filter(|step| *step > 0) else {
        return Err(wrong(format!("the step `{}` of `[{inside}]` is no number above 0", step.escape_debug())));
    };
    let (first_at, last_at, shown) = if let (Some(from), Some(to)) = (number(first), number(last)) {
        let is_padded = |text: &str| text.len() > 1 && text.starts_with('0');
        if (is_padded(first) || is_padded(last)) && first.len() != last.len() {
            let width = first.len().max(last.len());
            return Err(Error::recipe(format!("`[{inside}]` has ends with different numbers of digits"))
                .help(format!("write `[{from:0width$}:{to:0width$}]`, or `[{from}:{to}]` for names without zeros")));
        }
        (from, to, Shown::Number { width: if is_padded(first) { first.len() } else { 1 } })
    } else if let (Some(from), Some(to)) = (letter(first), letter(last))
        && from.is_ascii_lowercase() == to.is_ascii_lowercase()
    {
        (u32::from(from), u32::from(to), Shown::Letter)
    } else {
        return Err(wrong(format!("`[{}]` is no range", inside.escape_debug())));
    };
    if last_at < first_at {
        return Err(Error::recipe(format!("the range `[{inside}]` ends before it begins"))
            .help(format!("write `[{last}:{first}]`")));
    }
    Ok(Range { first: first_at, last: last_at, step, shown })
}

/// The range that other tools write in another way: `1-20` and `1..20`.
fn instead(inside: &str) -> Option<String> {
    let (first, last) = inside.split_once("..").or_else(|| inside.split_once('-'))?;
    let range = format!("{first}:{last}");
    self::range(&range).is_ok().then_some(range)
}

/// Up to nine digits: more is no number of a host.
fn number(text: &str) -> Option<u32> {
    let is_number = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

fn letter(text: &str) -> Option<char> {
    text.chars().next().filter(|letter| letter.is_ascii_alphabetic() && text.len() == 1)
}

impl Range {
    fn len(&self) -> usize {
        ((self.last - self.first) / self.step) as usize + 1
    }

    fn members(&self) -> impl Iterator<Item = String> {
        let shown = self.shown;
        (self.first..=self.last).step_by(self.step as usize).map(move |member| match shown {
            Shown::Number { width } => format!("{member:0width$}"),
            Shown::Letter => char::from_u32(member).map(String::from).unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::model::host_string;

    #[test]
    fn ranges_count_up_and_keep_their_zeros() {
        for (text, hosts) in [
            ("web1", vec!["web1"]),
            ("web[1:3]", vec!["web1", "web2", "web3"]),
            (
                "web[08:11].example.com",
                vec!["web08.example.com", "web09.example.com", "web10.example.com", "web11.example.com"],
            ),
            ("web[9:11]", vec!["web9", "web10", "web11"]),
            ("web[007:009]", vec!["web007", "web008", "web009"]),
            ("me@db-[a:c]:2222", vec!["me@db-a:2222", "me@db-b:2222", "me@db-c:2222"]),
            ("x[A:B]", vec!["xA", "xB"]),
            ("web[1:9:4]", vec!["web1", "web5", "web9"]),
            ("web[1:8:4]", vec!["web1", "web5"]),
            ("web[0:0]", vec!["web0"]),
            ("[a:b].example.com", vec!["a.example.com", "b.example.com"]),
            ("me@[01:02].example.com", vec!["me@01.example.com", "me@02.example.com"]),
            ("10.0.[0:1].[1:2]", vec!["10.0.0.1", "10.0.0.2", "10.0.1.1", "10.0.1.2"]),
            ("localhost:[2201:2202]", vec!["localhost:2201", "localhost:2202"]),
        ] {
            assert_eq!(expand(text).unwrap(), hosts, "{text}");
        }
    }

    #[test]
    fn brackets_of_addresses_are_left_alone() {
        for text in
            ["[::1]", "[::1]:22", "me@[2001:db8::1]:2222", "[fe80::1%eth0]", "[1:2:3:4:5:6:7:8]", "[web1]:22", "[::1"]
        {
            assert_eq!(expand(text).unwrap(), [text], "{text}");
            assert!(!has_range(text), "{text}");
        }
        assert_eq!(expand("[::1]:[22:23]").unwrap(), ["[::1]:22", "[::1]:23"]);
        assert!(has_range("web[1:2]") && has_range("web[1]") && !has_range("web1"));
    }

    #[test]
    fn brackets_the_wrong_way_round_are_no_range() {
        assert_eq!(expand("]@[").unwrap(), ["]@["]);
    }

    #[test]
    fn what_is_no_range_says_why() {
        for (text, message, help) in [
            ("web[]", "`[]` is no range", EXPECTED),
            ("web[1]", "`[1]` is no range", EXPECTED),
            ("web[1:2:3:4]", "`[1:2:3:4]` is no range", EXPECTED),
            ("web[a:3]", "`[a:3]` is no range", EXPECTED),
            ("web[a:F]", "`[a:F]` is no range", EXPECTED),
            ("web[1:x2]", "`[1:x2]` is no range", EXPECTED),
            ("web[1:]", "`[1:]` is no range", EXPECTED),
            ("web[-1:3]", "`[-1:3]` is no range", EXPECTED),
            ("web[1:20", "`web[1:20` lacks the closing `]`", EXPECTED),
            ("web[1:9:0]", "the step `0` of `[1:9:0]` is no number above 0", EXPECTED),
            ("web[20:1]", "the range `[20:1]` ends before it begins", "write `[1:20]`"),
            (
                "web[01:100]",
                "`[01:100]` has ends with different numbers of digits",
                "write `[001:100]`, or `[1:100]` for names without zeros",
            ),
        ] {
            let error = expand(text).unwrap_err();
            assert_eq!(error.to_string(), message, "{text}");
            assert_eq!(error.parts().help[0], help, "{text}");
        }
        for text in ["web[1-20]", "web[1..20]"] {
            assert_eq!(expand(text).unwrap_err().parts().help[1], "write `[1:20]`", "{text}");
        }
    }

    #[test]
    fn a_digit_too_many_declares_no_million() {
        let error = expand("web[1:1000000]").unwrap_err();
        assert_eq!(error.to_string(), "`web[1:1000000]` stands for 1000000 hosts, more than 10000");
        assert!(expand("a[0:999999999]b[0:999999999]c[0:999999999]").is_err(), "and nothing overflows");
        assert_eq!(expand("web[1:10000]").unwrap().len(), MOST);
    }

    proptest! {
        #[test]
        fn a_range_has_each_of_its_hosts_once_and_in_order(first in 0_u32..500, more in 0_u32..500, step in 1_u32..9, pad in any::<bool>()) {
            let last = first + more;
            let width = if pad { last.to_string().len() + 1 } else { 1 };
            let hosts = expand(&format!("web[{first:0width$}:{last:0width$}:{step}].example.com")).unwrap();
            prop_assert_eq!(hosts.len(), (more / step + 1) as usize);
            let numbers: Vec<u32> = hosts
                .iter()
                .map(|host| host.strip_prefix("web").unwrap().strip_suffix(".example.com").unwrap().parse().unwrap())
                .collect();
            prop_assert!(numbers.is_sorted() && numbers.iter().all(|number| (number - first) % step == 0));
            prop_assert_eq!(hosts.iter().collect::<BTreeSet<_>>().len(), hosts.len());
            prop_assert!(!pad || hosts.iter().all(|host| host.len() == hosts[0].len()));
        }

        #[test]
        fn several_ranges_multiply(a in 1_u32..9, b in 1_u32..9, c in 1_u32..9) {
            let hosts = expand(&format!("r[1:{a}]x[1:{b}]y[1:{c}]")).unwrap();
            prop_assert_eq!(hosts.len(), (a * b * c) as usize);
            prop_assert_eq!(hosts.iter().collect::<BTreeSet<_>>().len(), hosts.len());
        }

        #[test]
        fn every_host_without_brackets_stands_for_itself(text in "[^\\[\\]]{0,20}") {
            prop_assert_eq!(expand(&text).unwrap(), vec![text]);
        }

        #[test]
        fn nothing_panics_and_no_host_that_is_read_has_a_range_left(text in "[a-c@:.%0-9\\[\\]-]{0,16}") {
            for host in expand(&text).unwrap_or_default() {
                if host_string::parse(&host).is_ok() {
                    prop_assert!(!has_range(&host), "{host}");
                }
            }
        }
    }
}
