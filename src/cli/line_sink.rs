//! Where the events of a console go: to a reporter for each line.
//!
//! A reporter remembers a run to its end, and in a console every line is a run. That one has gone well is not told: the
//! prompt says it.

use std::sync::{Arc, Mutex, PoisonError};

use crate::error::EXIT_OK;
use crate::model::event::{Event, Sink};

/// Passes events on to the reporter of the line.
#[derive(Default)]
pub struct LineSink(Mutex<Option<Line>>);

#[derive(Clone)]
struct Line {
    eyes: Arc<dyn Sink>,
    tells_success: bool,
}

impl LineSink {
    /// A line begins, and is told by this reporter. Programs are told the end of one that went well, too.
    pub fn begin(&self, eyes: Arc<dyn Sink>, tells_success: bool) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Line { eyes, tells_success });
    }
}

impl Sink for LineSink {
    fn emit(&self, event: &Event) {
        let line = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(Line { eyes, tells_success }) = line else { return };
        if tells_success || !matches!(event, Event::RunFinished { exit_code: EXIT_OK, .. }) {
            eyes.emit(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Count(Mutex<usize>);

    impl Sink for Count {
        fn emit(&self, _event: &Event) {
            *self.0.lock().unwrap() += 1;
        }
    }

    #[test]
    fn only_programs_are_told_that_a_line_went_well() {
        for (tells_success, wanted) in [(true, 2), (false, 1)] {
            let (sink, count) = (LineSink::default(), Arc::new(Count::default()));
            sink.emit(&Event::RunFinished { exit_code: 1, seconds: 0.0 });
            sink.begin(count.clone(), tells_success);
            for exit_code in [0, 1] {
                sink.emit(&Event::RunFinished { exit_code, seconds: 0.0 });
            }
            assert_eq!(*count.0.lock().unwrap(), wanted);
        }
    }
}
