//! Where events go that are to be seen: to a reporter another one can take the place of.
//!
//! What the recipe wishes of the output is known when it has been read, and by then something may have been said. And a
//! reporter remembers a run to its end, while in a console every line is a run; that one has gone well is not told there:
//! the prompt says it.

use std::sync::{Arc, Mutex, PoisonError};

use crate::error::EXIT_OK;
use crate::model::event::{Event, Sink};

/// Passes events on to the reporter of the moment.
#[derive(Default)]
pub struct Eyes(Mutex<Option<Open>>);

#[derive(Clone)]
struct Open {
    eyes: Arc<dyn Sink>,
    tells_success: bool,
}

impl Eyes {
    /// This reporter tells what comes from now on. In a console only programs are told the end of a line that went well.
    pub fn open(&self, eyes: Arc<dyn Sink>, tells_success: bool) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Open { eyes, tells_success });
    }

    /// Another reporter takes the place of the one there is; where there is none yet, the next one is to be opened.
    pub fn renew(&self, eyes: Arc<dyn Sink>) {
        if let Some(open) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            open.eyes = eyes;
        }
    }
}

impl Sink for Eyes {
    fn emit(&self, event: &Event) {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(Open { eyes, tells_success }) = open else { return };
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
            let (sink, count) = (Eyes::default(), Arc::new(Count::default()));
            sink.emit(&Event::RunFinished { exit_code: 1, seconds: 0.0 });
            sink.open(count.clone(), tells_success);
            for exit_code in [0, 1] {
                sink.emit(&Event::RunFinished { exit_code, seconds: 0.0 });
            }
            assert_eq!(*count.0.lock().unwrap(), wanted);
        }
    }
    #[test]
    fn another_reporter_takes_over() {
        let (sink, first, second) = (Eyes::default(), Arc::new(Count::default()), Arc::new(Count::default()));
        for eyes in [first.clone(), second.clone(), second.clone()] {
            sink.open(eyes, true);
            sink.emit(&Event::RunFinished { exit_code: 0, seconds: 0.0 });
        }
        assert_eq!((*first.0.lock().unwrap(), *second.0.lock().unwrap()), (1, 2));
    }
}
