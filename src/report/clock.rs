//! Time: where reporters take it from, and how it is written.
//!
//! Everything that prints a time asks a [`Clock`], so that tests can hold it still.

use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Where a reporter takes the time from.
pub trait Clock: Send + Sync {
    /// The time of day. It may jump when somebody sets the machine's clock.
    fn wall(&self) -> Timestamp;

    /// Time since the run began. It never jumps.
    fn elapsed(&self) -> Duration;
}

/// The machine's clocks; the run begins when this is made.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock(Instant);

impl SystemClock {
    /// Starts at zero.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// `03:07`, and `1:03:07` from an hour on: the clock in front of a task.
#[must_use]
pub fn heading_clock(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes:02}:{seconds:02}") }
}

/// RFC 3339 in UTC with milliseconds: `2026-11-22T09:39:18.123Z`.
#[must_use]
pub fn stamp(time: Timestamp) -> String {
    format!("{time:.3}")
}

/// How long a command took: `0.332s`.
#[must_use]
pub fn precise(seconds: f64) -> String {
    format!("{:.3}s", sane(seconds))
}

/// How long a run took: `12.3s`, `2m 05s`, `1h 02m 05s`.
#[must_use]
pub fn rough(seconds: f64) -> String {
    let seconds = sane(seconds);
    // 59.96 would be written as 60.0.
    if seconds < 59.95 {
        return format!("{seconds:.1}s");
    }
    let whole = Duration::from_secs_f64(seconds.round()).as_secs();
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}h {minutes:02}m {rest:02}s") } else { format!("{minutes}m {rest:02}s") }
}

/// A duration that can be written: what is not a number, below zero or beyond ten thousand years counts as zero.
fn sane(seconds: f64) -> f64 {
    const TEN_THOUSAND_YEARS: f64 = 3.2e11;
    if (0.0..TEN_THOUSAND_YEARS).contains(&seconds) { seconds } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heading_clock_shows_hours_only_when_there_are_some() {
        assert_eq!(heading_clock(Duration::ZERO), "00:00");
        assert_eq!(heading_clock(Duration::from_millis(187_999)), "03:07");
        assert_eq!(heading_clock(Duration::from_secs(3599)), "59:59");
        assert_eq!(heading_clock(Duration::from_secs(3787)), "1:03:07");
    }

    #[test]
    fn stamps_have_three_digits_of_a_second() {
        assert_eq!(stamp("2026-11-22T09:39:18Z".parse().unwrap()), "2026-11-22T09:39:18.000Z");
        assert_eq!(stamp("2026-11-22T09:39:18.1239Z".parse().unwrap()), "2026-11-22T09:39:18.123Z");
    }

    #[test]
    fn durations() {
        assert_eq!(precise(0.3324), "0.332s");
        assert_eq!(rough(12.34), "12.3s");
        assert_eq!(rough(59.94), "59.9s");
        assert_eq!(rough(59.96), "1m 00s");
        assert_eq!(rough(125.4), "2m 05s");
        assert_eq!(rough(3725.0), "1h 02m 05s");
    }

    #[test]
    fn impossible_durations_count_as_zero() {
        for seconds in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 1e300] {
            assert_eq!(precise(seconds), "0.000s");
            assert_eq!(rough(seconds), "0.0s");
        }
    }

    #[test]
    fn the_system_clock_begins_at_zero() {
        let clock = SystemClock::start();
        assert!(clock.elapsed() < Duration::from_secs(60));
        assert!(clock.wall() > "2024-01-01T00:00:00Z".parse().unwrap());
    }
}
