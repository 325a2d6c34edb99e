//! The clock of one running command: when it reaches a limit, and when its silence is worth a word.
//!
//! Pure: it is told what time it is. `runner::watch` asks it.

use std::time::{Duration, Instant};

use crate::model::limits::{Bound, Limit, Limits};

/// When silence is told, in multiples of the first time: 10 s, 30 s, 1 min, 2 min, 5 min, and every 5 min from then on.
const STEPS: [u32; 5] = [1, 3, 6, 12, 30];

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Due {
    /// Nothing yet.
    Nothing,
    /// It has been silent for so long.
    Silence(Duration),
    /// It has reached a limit.
    Expired(Limit, Bound),
}

/// The clock.
#[derive(Clone, Debug)]
pub(super) struct Pulse {
    limits: Limits,
    /// The silence that is told first; none when none is.
    patience: Option<Duration>,
    began: Instant,
    heard: Instant,
    told: u32,
    is_over: bool,
}

impl Pulse {
    pub(super) fn new(limits: Limits, patience: Option<Duration>, now: Instant) -> Self {
        let patience = patience.filter(|patience| !patience.is_zero());
        Self { limits, patience, began: now, heard: now, told: 0, is_over: false }
    }

    /// The command has printed something. Says whether the next silence may be due earlier than it was before: one that
    /// had been told of waited for a longer one.
    pub(super) fn heard(&mut self, now: Instant) -> bool {
        let had_told = self.told > 0;
        (self.heard, self.told) = (now, 0);
        had_told
    }

    /// It goes on although it has reached a limit, and reaches none any more.
    pub(super) fn go_on(&mut self) {
        (self.limits, self.is_over) = (Limits::default(), false);
    }

    /// It is over: nothing is due any more.
    pub(super) fn stop(&mut self) {
        self.is_over = true;
    }

    /// When there is to be looked at it again; none for never.
    pub(super) fn next(&self) -> Option<Instant> {
        if self.is_over {
            return None;
        }
        // What lies beyond the range of the clock never comes.
        let at = |from: Instant, bound: Option<Bound>| from.checked_add(bound?.time);
        let silence = self.silence().and_then(|silence| self.heard.checked_add(silence));
        [at(self.began, self.limits.command), at(self.heard, self.limits.idle), silence].into_iter().flatten().min()
    }

    /// What is due now. A limit is told once, and then nothing any more.
    pub(super) fn due(&mut self, now: Instant) -> Due {
        if self.is_over {
            return Due::Nothing;
        }
        let (ran, silent) = (now.saturating_duration_since(self.began), now.saturating_duration_since(self.heard));
        let reached = |time: Duration, bound: Option<Bound>| bound.filter(|bound| time >= bound.time);
        for (limit, bound) in
            [(Limit::Command, reached(ran, self.limits.command)), (Limit::Idle, reached(silent, self.limits.idle))]
        {
            if let Some(bound) = bound {
                self.is_over = true;
                return Due::Expired(limit, bound);
            }
        }
        let told = self.told;
        // Whoever looks late, as after the machine has slept, has one thing to tell and not each step on the way.
        while self.silence().is_some_and(|silence| silent >= silence) {
            self.told += 1;
        }
        if self.told > told { Due::Silence(silent) } else { Due::Nothing }
    }

    /// The silence that is told next.
    fn silence(&self) -> Option<Duration> {
        let last = STEPS[STEPS.len() - 1];
        let index = usize::try_from(self.told).unwrap_or(usize::MAX);
        let beyond = self.told.saturating_sub(u32::try_from(STEPS.len() - 1).unwrap_or(u32::MAX));
        let factor = STEPS.get(index).copied().unwrap_or_else(|| last.saturating_mul(beyond.saturating_add(1)));
        self.patience?.checked_mul(factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::limits::Source;

    const SECOND: Duration = Duration::from_secs(1);

    #[expect(clippy::unnecessary_wraps, reason = "limits are optional")]
    fn bound(seconds: u32) -> Option<Bound> {
        Some(Bound { time: SECOND * seconds, source: Source::Setting })
    }

    #[test]
    fn silence_is_told_ever_more_rarely() {
        let start = Instant::now();
        let mut pulse = Pulse::new(Limits::default(), Some(SECOND * 10), start);
        let mut told = Vec::new();
        for _ in 0..8 {
            let next = pulse.next().unwrap();
            assert_eq!(pulse.due(next.checked_sub(SECOND / 1000).unwrap()), Due::Nothing);
            let Due::Silence(silence) = pulse.due(next) else { panic!("silence is due") };
            assert_eq!(next - start, silence);
            told.push(silence.as_secs());
        }
        assert_eq!(told, [10, 30, 60, 120, 300, 600, 900, 1200]);
    }

    #[test]
    fn output_begins_silence_anew() {
        let start = Instant::now();
        let mut pulse = Pulse::new(Limits::default(), Some(SECOND * 10), start);
        assert_eq!(pulse.due(start + SECOND * 10), Due::Silence(SECOND * 10));
        pulse.heard(start + SECOND * 15);
        assert_eq!(pulse.due(start + SECOND * 24), Due::Nothing);
        assert_eq!(pulse.next(), Some(start + SECOND * 25));
        assert_eq!(pulse.due(start + SECOND * 25), Due::Silence(SECOND * 10));
    }

    #[test]
    fn a_late_look_tells_the_whole_silence_once() {
        let start = Instant::now();
        let mut pulse = Pulse::new(Limits::default(), Some(SECOND * 10), start);
        assert_eq!(pulse.due(start + SECOND * 61), Due::Silence(SECOND * 61));
        assert_eq!((pulse.due(start + SECOND * 62), pulse.next()), (Due::Nothing, Some(start + SECOND * 120)));
    }

    #[test]
    fn output_after_a_silence_that_was_told_makes_the_next_one_due_earlier() {
        let start = Instant::now();
        let mut pulse = Pulse::new(Limits::default(), Some(SECOND * 10), start);
        assert!(!pulse.heard(start + SECOND * 5));
        assert_eq!(pulse.due(start + SECOND * 45), Due::Silence(SECOND * 40));
        let due_before = pulse.next();
        assert!(pulse.heard(start + SECOND * 46) && pulse.next() < due_before);
        assert!(!pulse.heard(start + SECOND * 47));
    }

    #[test]
    fn a_limit_ends_it_and_output_puts_off_only_the_idle_one() {
        let start = Instant::now();
        let limits = Limits { command: bound(20), idle: bound(8) };
        let mut pulse = Pulse::new(limits, None, start);
        assert_eq!(pulse.next(), Some(start + SECOND * 8));
        let mut silent = pulse.clone();
        assert_eq!(silent.due(start + SECOND * 8), Due::Expired(Limit::Idle, bound(8).unwrap()));
        assert_eq!((silent.next(), silent.due(start + SECOND * 100)), (None, Due::Nothing));
        pulse.heard(start + SECOND * 7);
        assert_eq!(pulse.due(start + SECOND * 8), Due::Nothing);
        pulse.heard(start + SECOND * 14);
        assert_eq!(pulse.next(), Some(start + SECOND * 20));
        assert_eq!(pulse.due(start + SECOND * 20), Due::Expired(Limit::Command, bound(20).unwrap()));
    }

    #[test]
    fn who_goes_on_after_a_limit_reaches_none_and_is_still_heard() {
        let start = Instant::now();
        let limits = Limits { command: bound(5), idle: bound(6) };
        let mut pulse = Pulse::new(limits, Some(SECOND * 10), start);
        assert!(matches!(pulse.due(start + SECOND * 5), Due::Expired(Limit::Command, _)));
        pulse.go_on();
        assert_eq!((pulse.due(start + SECOND * 7), pulse.next()), (Due::Nothing, Some(start + SECOND * 10)));
        assert_eq!(pulse.due(start + SECOND * 10), Due::Silence(SECOND * 10));
    }

    #[test]
    fn without_limits_and_patience_nothing_is_ever_due() {
        let start = Instant::now();
        let mut pulse = Pulse::new(Limits::default(), None, start);
        assert_eq!((pulse.next(), pulse.due(start + SECOND * 1_000_000)), (None, Due::Nothing));
        let endless = Limits { command: Some(Bound { time: Duration::MAX, source: Source::Call }), idle: None };
        assert_eq!(Pulse::new(endless, Some(Duration::MAX), start).next(), None);
        let mut impatient = Pulse::new(Limits::default(), Some(Duration::ZERO), start);
        assert_eq!((impatient.next(), impatient.due(start + SECOND)), (None, Due::Nothing));
    }
}
