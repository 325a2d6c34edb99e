//! Several reporters as one.
//!
//! Owns nothing but the order: every event goes to every sink, in the order the sinks were given, on the thread that
//! emitted it.

use std::sync::Arc;

use crate::model::event::{Event, Sink};

/// Hands every event to each of its sinks.
#[derive(Clone, Default)]
pub struct Fan(Vec<Arc<dyn Sink>>);

impl Fan {
    /// The log file usually comes first, so that it has what led to a crash of a later sink.
    #[must_use]
    pub fn new(sinks: Vec<Arc<dyn Sink>>) -> Self {
        Self(sinks)
    }
}

impl Sink for Fan {
    fn emit(&self, event: &Event) {
        for sink in &self.0 {
            sink.emit(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    struct Names(&'static str, Arc<Mutex<Vec<String>>>);

    impl Sink for Names {
        fn emit(&self, event: &Event) {
            let Event::TaskFinished { task, .. } = event else { panic!("another event came") };
            self.1.lock().unwrap().push(format!("{} {task}", self.0));
        }
    }

    #[test]
    fn every_sink_gets_every_event_in_order() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let fan = Fan::new(vec![Arc::new(Names("log", seen.clone())), Arc::new(Names("screen", seen.clone()))]);
        for task in ["a", "b"] {
            fan.emit(&Event::TaskFinished { task: task.into(), ok: true, stopped_by: None, seconds: 0.0 });
        }
        assert_eq!(*seen.lock().unwrap(), ["log a", "screen a", "log b", "screen b"]);
    }

    #[test]
    fn no_sink_is_fine() {
        Fan::default().emit(&Event::RunFinished { exit_code: 0, seconds: 0.0 });
    }
}
