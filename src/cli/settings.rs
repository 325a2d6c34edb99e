//! `-p`: what the settings are, and who set them.

use crate::cli::args::Options;
use crate::cli::output::Output;
use crate::cli::results::print;
use crate::error::Error;
use crate::model::event::{Event, Sink};
use crate::recipe::session::Session;
use crate::report::pattern::Pattern;
use crate::report::settings::list;

/// Shows the settings that are asked for: as a list for people, as events for programs and the log. Those asked for by
/// name are worked out.
///
/// # Errors
/// Standard output that cannot be written to.
pub fn show(session: &Session, options: &Options, output: &Output, sink: &dyn Sink) -> Result<(), Error> {
    let Some(pattern) = &options.print_settings else { return Ok(()) };
    let by_name = !pattern.is_empty();
    let pattern = Pattern::new(pattern);
    let rows = session.settings(&|name| pattern.matches(name), by_name);
    if !output.is_json() {
        print(&list(&rows))?;
    }
    for row in rows {
        sink.emit(&Event::Setting(Box::new(row)));
    }
    Ok(())
}
