//! Stops scripts that run no command: `loop {}` ends when the run is cancelled.
//!
//! Rhai asks on every step. It gives no context, so the flag to look at is kept per thread.

use std::cell::RefCell;

use rhai::{Dynamic, Engine};

use crate::transport::cancel::Cancel;

thread_local! {
    static CURRENT: RefCell<Option<Cancel>> = const { RefCell::new(None) };
}

/// Makes the engine look at the thread's flag.
pub fn install(engine: &mut Engine) {
    engine.on_progress(|steps| {
        // Every step would cost; every 64th is soon enough.
        let raised = steps % 64 == 0 && CURRENT.with_borrow(|current| current.as_ref().is_some_and(Cancel::is_raised));
        raised.then_some(Dynamic::UNIT)
    });
}

/// Runs `work` under a flag, and puts back the one before.
pub fn under<T>(cancel: &Cancel, work: impl FnOnce() -> T) -> T {
    let before = CURRENT.replace(Some(cancel.clone()));
    let result = work();
    CURRENT.set(before);
    result
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_endless_loop_ends_when_cancelled() {
        let mut engine = Engine::new();
        install(&mut engine);
        let cancel = Cancel::new();
        std::thread::scope(|scope| {
            let script = scope.spawn(|| under(&cancel, || engine.run("loop {}")));
            std::thread::sleep(Duration::from_millis(50));
            cancel.raise();
            assert!(script.join().unwrap().is_err());
        });
    }
}
