//! The one tokio runtime below the blocking calls.

use std::future::Future;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};

/// Runs a future on the calling thread, its input and output on the shared runtime. Must not be called from a task.
///
/// # Panics
/// When the operating system refuses the threads of the runtime: nothing can be run without them.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    runtime().handle().block_on(future)
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("windlass-io")
            .enable_all()
            .build()
            .expect("the operating system grants two threads")
    })
}
