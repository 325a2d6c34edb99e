//! Lengths of time as people write them, `90`, `"90s"`, `"5m"`, `"1h30m"`, and as windlass shows them, `1 min 30 s`.

use std::time::Duration;

use crate::model::value::Value;

/// What can be written, for errors.
pub const EXPECTED: &str = "a number of seconds, or a text such as \"90s\", \"5m\" or \"1h30m\"";

/// The units, longest first, and their seconds.
const UNITS: [(&str, u32); 3] = [("h", 3600), ("m", 60), ("s", 1)];

/// The longest length that means anything here, in seconds: a hundred years.
const LONGEST: f64 = 3.2e9;

/// Reads a text. A number alone is seconds.
///
/// # Errors
/// What is wrong with it, as a fragment that names the text.
pub fn parse(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let wrong = |reason: &str| format!("`{text}` is no length of time: {reason}");
    if text.is_empty() {
        return Err(format!("an empty text is no length of time; {EXPECTED} is"));
    }
    if let Ok(seconds) = text.parse::<f64>() {
        return seconds_of(seconds).map_err(wrong);
    }
    let (mut rest, mut seconds, mut units) = (text, 0.0, UNITS.as_slice());
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let Ok(number) = number.parse::<f64>() else { return Err(wrong(&format!("write {EXPECTED}"))) };
        if unit.is_empty() {
            return Err(wrong(&format!("`{number}` has no unit; there are h, m and s")));
        }
        let Some(at) = units.iter().position(|(name, _)| *name == unit) else {
            let known = UNITS.iter().any(|(name, _)| *name == unit);
            return Err(wrong(&if known {
                "the units come once each, in the order h, m, s".to_owned()
            } else {
                format!("there is no unit `{unit}`; there are h, m and s")
            }));
        };
        seconds += number * f64::from(units[at].1);
        (rest, units) = (after, &units[at + 1..]);
    }
    seconds_of(seconds).map_err(wrong)
}

/// Reads a value of a recipe.
///
/// # Errors
/// As [`parse`]; anything that is neither a number nor a text.
pub fn of_value(value: &Value) -> Result<Duration, String> {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "what is beyond is far too long anyway")]
        Value::Int(seconds) => {
            seconds_of(*seconds as f64).map_err(|reason| format!("`{value}` is no length of time: {reason}"))
        }
        Value::Float(seconds) => {
            seconds_of(*seconds).map_err(|reason| format!("`{value}` is no length of time: {reason}"))
        }
        Value::Text(text) => parse(text),
        _ => Err(format!("`{value}` is no length of time; {EXPECTED} is")),
    }
}

fn seconds_of(seconds: f64) -> Result<Duration, &'static str> {
    if seconds.is_nan() || seconds < 0.0 {
        return Err("it is less than nothing");
    }
    if seconds > LONGEST {
        return Err("it is longer than a hundred years");
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// For people: `10 s`, `0.2 s`, `1 min 30 s`, `2 h 5 min`.
#[must_use]
pub fn shown(time: Duration) -> String {
    let whole = time.as_secs();
    if whole < 60 {
        let tenths = (time.as_secs_f64() * 10.0).round() / 10.0;
        return format!("{tenths} s");
    }
    let parts = [(whole / 3600, "h"), (whole / 60 % 60, "min"), (whole % 60, "s")];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit}")).collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str) -> u128 {
        parse(text).unwrap().as_millis()
    }

    #[test]
    fn numbers_are_seconds_and_units_add_up() {
        let read = ["90", " 90s ", "5m", "1h", "1h30m", "1h0m5s", "0.5", "1.5m", "0"].map(millis);
        assert_eq!(read, [90_000, 90_000, 300_000, 3_600_000, 5_400_000, 3_605_000, 500, 90_000, 0]);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let why = |text: &str| parse(text).unwrap_err();
        assert_eq!(why("5 min"), "`5 min` is no length of time: `5` has no unit; there are h, m and s");
        assert_eq!(why("5min"), "`5min` is no length of time: there is no unit `min`; there are h, m and s");
        assert_eq!(why("1m30"), "`1m30` is no length of time: `30` has no unit; there are h, m and s");
        assert_eq!(why("1s1m"), "`1s1m` is no length of time: the units come once each, in the order h, m, s");
        assert_eq!(
            why("soon"),
            "`soon` is no length of time: write a number of seconds, or a text such as \"90s\", \"5m\" or \"1h30m\""
        );
        assert_eq!(why("-1"), "`-1` is no length of time: it is less than nothing");
        assert_eq!(why("1e300"), "`1e300` is no length of time: it is longer than a hundred years");
        assert!(why("").starts_with("an empty text"));
        assert!(parse("inf").is_err() && parse("nan").is_err());
    }

    #[test]
    fn values_are_numbers_or_texts() {
        assert_eq!(of_value(&Value::Int(5)).unwrap(), Duration::from_secs(5));
        assert_eq!(of_value(&Value::Float(0.5)).unwrap(), Duration::from_millis(500));
        assert_eq!(of_value(&"2m".into()).unwrap(), Duration::from_secs(120));
        assert_eq!(of_value(&Value::Int(-5)).unwrap_err(), "`-5` is no length of time: it is less than nothing");
        assert!(of_value(&Value::Bool(true)).unwrap_err().starts_with("`true` is no length of time; a number of"));
    }

    #[test]
    fn lengths_are_shown_in_words() {
        let shown = |millis| shown(Duration::from_millis(millis));
        assert_eq!(shown(200), "0.2 s");
        assert_eq!(shown(10_000), "10 s");
        assert_eq!(shown(59_940), "59.9 s");
        assert_eq!(shown(90_400), "1 min 30 s");
        assert_eq!(shown(300_000), "5 min");
        assert_eq!(shown(7_500_000), "2 h 5 min");
    }
}
