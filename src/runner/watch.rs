//! Looks after what runs: ends commands that have reached a limit, and says which ones are silent.
//!
//! One thread for a whole run, begun when something can become due for the first time, which sleeps until something is
//! due and ends with the run. What is due and when is `runner::pulse`'s; what a limit is and the words of its error are
//! `model::limits`'.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, Kind};
use crate::model::event::{Event, Level, Sink, Stream};
use crate::model::limits::{Bound, Limit, Limits, expired, outlasted};
use crate::model::waiting::hint;
use crate::runner::pulse::{Due, Pulse};
use crate::transport::cancel::Cancel;

/// How much of the end of each output stream is kept to be judged, in bytes.
const END: usize = 400;

/// Looks after everything that runs in one run.
pub struct Watch(Arc<Shared>);

/// What the thread and the commands share.
struct Shared {
    sink: Arc<dyn Sink>,
    /// The silence that is told first; none when none is.
    patience: Option<Duration>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    watched: Vec<Arc<Watched>>,
    /// When the thread looks again by itself; none when nothing is ever due.
    wakes: Option<Instant>,
    has_thread: bool,
    is_closed: bool,
}

/// What runs on one host.
struct Watched {
    host: String,
    cancel: Cancel,
    /// A limit is told and ends nothing.
    shielded: bool,
    now: Mutex<Now>,
}

/// The command that runs at the moment.
struct Now {
    title: String,
    id: Option<u64>,
    pulse: Pulse,
    /// The ends of both streams, the one that printed last first.
    ends: [(Stream, Vec<u8>); 2],
    /// The limit it has reached.
    expired: Option<(Limit, Bound)>,
}

/// One command, or several in one trip, that are looked after as long as this is kept.
pub struct Guard<'a> {
    shared: &'a Arc<Shared>,
    watched: Arc<Watched>,
}

impl Watch {
    /// For one run. `patience` is the silence that is told first.
    #[must_use]
    pub fn new(sink: Arc<dyn Sink>, patience: Option<Duration>) -> Self {
        Self(Arc::new(Shared { sink, patience, state: Mutex::default(), changed: Condvar::new() }))
    }

    /// Looks after what begins now on a host, under the name and limits of its first command. [`Guard::cancel`] is
    /// raised with `cancel`, and when a limit is reached, unless it is shielded: then the limit is only told, for what
    /// must not be left half done is waited for.
    ///
    /// # Errors
    /// When this machine has no thread left.
    pub fn begin(
        &self,
        host: String,
        cancel: &Cancel,
        shielded: bool,
        title: String,
        limits: Limits,
    ) -> Result<Guard<'_>, Error> {
        let now = Mutex::new(Now {
            title,
            id: None,
            pulse: Pulse::new(limits, self.0.patience, Instant::now()),
            ends: [(Stream::Stdout, Vec::new()), (Stream::Stderr, Vec::new())],
            expired: None,
        });
        let watched = Arc::new(Watched { host, cancel: cancel.child(), shielded, now });
        let guard = Guard { shared: &self.0, watched: Arc::clone(&watched) };
        locked(&self.0.state).watched.push(watched);
        self.0.wake(&guard.watched).map_err(|cause| {
            Error::new(Kind::Io, format!("could not start a thread to look after the commands: {cause}"))
                .help("raise this machine's limit of processes")
        })?;
        Ok(guard)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        locked(&self.0.state).is_closed = true;
        self.0.changed.notify_all();
    }
}

impl Guard<'_> {
    /// What the work is to run under.
    #[must_use]
    pub fn cancel(&self) -> &Cancel {
        &self.watched.cancel
    }

    /// Another command runs from now on; `id` is its number once it has begun. A limit that was reached stays so.
    pub fn turn_to(&self, title: String, id: Option<u64>, limits: Limits) {
        {
            let mut now = locked(&self.watched.now);
            if now.expired.is_some() {
                return;
            }
            now.pulse = Pulse::new(limits, self.shared.patience, Instant::now());
            (now.title, now.id) = (title, id);
            now.ends.iter_mut().for_each(|(_, end)| end.clear());
        }
        // Without the thread there is no limit, which is worse than a limit and better than half a trip.
        let _ = self.shared.wake(&self.watched);
    }

    /// It has given a sign of life.
    pub fn stirred(&self) {
        let is_due_earlier = locked(&self.watched.now).pulse.heard(Instant::now());
        self.look_earlier(is_due_earlier);
    }

    /// It has printed this.
    pub fn heard(&self, stream: Stream, bytes: &[u8]) {
        let mut now = locked(&self.watched.now);
        let is_due_earlier = now.pulse.heard(Instant::now());
        if now.ends[0].0 != stream {
            now.ends.swap(0, 1);
        }
        let end = &mut now.ends[0].1;
        end.extend_from_slice(&bytes[bytes.len().saturating_sub(END)..]);
        let surplus = end.len().saturating_sub(END);
        end.drain(..surplus);
        drop(now);
        self.look_earlier(is_due_earlier);
    }

    /// Tells the thread, where it sleeps for too long now. Output costs nothing as a rule: it puts off what is due.
    fn look_earlier(&self, is_due_earlier: bool) {
        if is_due_earlier {
            // There is a thread: it has told of the silence before.
            let _ = self.shared.wake(&self.watched);
        }
    }

    /// Nothing runs any more, and nothing more is told of it. Gives the error of the limit that was reached, if one was.
    #[must_use]
    pub fn ended(&self) -> Option<Error> {
        let mut now = locked(&self.watched.now);
        now.pulse.stop();
        let (limit, bound) = now.expired?;
        Some(expired(limit, bound, &now.title, now.hint()))
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        locked(&self.shared.state).watched.retain(|other| !Arc::ptr_eq(other, &self.watched));
    }
}

impl Now {
    fn hint(&self) -> Option<&'static str> {
        let [last, other] = self.ends.each_ref().map(|(_, end)| String::from_utf8_lossy(end));
        hint([&last, &other])
    }
}

impl Shared {
    /// Makes the thread look at what has become due earlier than it knows of. Only then, so that a command that is over
    /// at once costs nothing; and there is no thread as long as nothing can become due.
    fn wake(self: &Arc<Self>, watched: &Watched) -> std::io::Result<()> {
        let Some(next) = locked(&watched.now).pulse.next() else { return Ok(()) };
        let mut state = locked(&self.state);
        if !state.has_thread {
            let shared = Arc::clone(self);
            thread::Builder::new().name("watch".to_owned()).spawn(move || shared.look_after())?;
            state.has_thread = true;
        }
        if state.wakes.is_none_or(|wakes| next < wakes) {
            state.wakes = Some(next);
            self.changed.notify_all();
        }
        Ok(())
    }

    /// The thread.
    fn look_after(&self) {
        let mut state = locked(&self.state);
        while !state.is_closed {
            let all = state.watched.clone();
            state.wakes = all.iter().filter_map(|watched| locked(&watched.now).pulse.next()).min();
            let now = Instant::now();
            match state.wakes {
                Some(wakes) if wakes <= now => {
                    // Nobody who prints or ends may have to wait for whoever reads our output.
                    drop(state);
                    for watched in &all {
                        self.look_at(watched, now);
                    }
                    state = locked(&self.state);
                }
                Some(wakes) => {
                    let waited = self.changed.wait_timeout(state, wakes.saturating_duration_since(now));
                    state = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
                None => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    fn look_at(&self, watched: &Watched, time: Instant) {
        let mut now = locked(&watched.now);
        match now.pulse.due(time) {
            Due::Nothing => {}
            Due::Expired(limit, bound) if watched.shielded => {
                now.pulse.go_on();
                let text = outlasted(limit, bound, &now.title);
                let host = Some(watched.host.clone());
                self.sink.emit(&Event::Message { level: Level::Warn, text, host, task: None, place: None });
            }
            Due::Expired(limit, bound) => {
                now.expired = Some((limit, bound));
                watched.cancel.raise();
            }
            Due::Silence(silence) => {
                let event = Event::Waiting {
                    id: now.id,
                    host: watched.host.clone(),
                    command: now.title.clone(),
                    seconds: silence.as_secs_f64(),
                    hint: now.hint().map(str::to_owned),
                };
                // Under the lock, so that it does not come after the command's end.
                self.sink.emit(&event);
            }
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::limits::Source;
    use crate::runner::pause::pause;
    use crate::runner::spot::Silent;

    fn watch(patience: Option<Duration>) -> Watch {
        Watch::new(Arc::new(Silent), patience)
    }

    fn begin(watch: &Watch, limits: Limits) -> Guard<'_> {
        watch.begin("web1".to_owned(), &Cancel::new(), false, "make".to_owned(), limits).unwrap()
    }

    #[test]
    fn there_is_a_thread_only_when_something_can_become_due() {
        let has_thread = |watch: &Watch| locked(&watch.0.state).has_thread;
        let quiet = watch(None);
        let guard = begin(&quiet, Limits::default());
        assert!(!has_thread(&quiet));
        let bound = Bound { time: Duration::from_millis(10), source: Source::Call };
        guard.turn_to("sleep".to_owned(), None, Limits { command: Some(bound), idle: None });
        assert!(has_thread(&quiet));
        assert!(!pause(Duration::from_secs(600), guard.cancel()), "the limit of a later command counts");
        assert_eq!(guard.ended().unwrap().kind(), Kind::Timeout);
        let told = watch(Some(Duration::from_secs(600)));
        let _guard = begin(&told, Limits::default());
        assert!(has_thread(&told));
    }

    /// Silences that were told, in seconds.
    #[derive(Default)]
    struct Told(Mutex<Vec<f64>>);

    impl Sink for Told {
        fn emit(&self, event: &Event) {
            if let Event::Waiting { seconds, .. } = event {
                locked(&self.0).push(*seconds);
            }
        }
    }

    #[test]
    fn output_wakes_a_thread_that_sleeps_until_a_longer_silence() {
        let (told, patience) = (Arc::new(Told::default()), Duration::from_secs(2));
        let watch = Watch::new(told.clone(), Some(patience));
        let guard = begin(&watch, Limits::default());
        let is_told = |count: usize| {
            let until = Instant::now() + Duration::from_secs(60);
            while locked(&told.0).len() < count && Instant::now() < until {
                thread::sleep(Duration::from_millis(5));
            }
            locked(&told.0).clone()
        };
        assert_eq!(is_told(1).len(), 1);
        // It sleeps until the step after that, 6 s from the beginning.
        let wakes = || locked(&watch.0.state).wakes.unwrap();
        while wakes() < Instant::now() + patience {
            thread::sleep(Duration::from_millis(1));
        }
        let far = wakes();
        guard.heard(Stream::Stdout, b"hello");
        assert!(wakes() < far, "it looks earlier");
        let all = is_told(2);
        assert!(all.len() == 2 && all[1] >= 2.0, "{all:?}");
    }
}
