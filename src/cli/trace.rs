//! Tells what the libraries below do, for those who look for a fault in windlass itself.

use std::io::stderr;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The variable that turns it on, for example `WINDLASS_TRACE=debug` or `WINDLASS_TRACE=openssh=trace`.
pub const VARIABLE: &str = "WINDLASS_TRACE";

/// Writes traces to standard error when the variable is set; a value that cannot be read counts as `debug`.
pub fn install() {
    let Ok(wanted) = std::env::var(VARIABLE) else { return };
    let targets = wanted.parse::<Targets>().unwrap_or_else(|_| Targets::new().with_default(tracing::Level::DEBUG));
    let layer = tracing_subscriber::fmt::layer().with_writer(stderr).with_target(true);
    // Fails only when a subscriber is there already, and then that one does the work.
    let _ = tracing_subscriber::registry().with(targets).with(layer).try_init();
}
