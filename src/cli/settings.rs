//! `-p`: what the settings are, and who set them.

use crate::cli::args::Options;
use crate::model::setting_row::SettingRow;
use crate::recipe::session::Session;
use crate::report::pattern::Pattern;

/// The settings that are asked for. Those asked for by name are worked out.
#[must_use]
pub fn asked(session: &Session, options: &Options) -> Vec<SettingRow> {
    let Some(pattern) = &options.print_settings else { return Vec::new() };
    let by_name = !pattern.is_empty();
    let pattern = Pattern::new(pattern);
    session.settings(&|name| pattern.matches(name), by_name)
}
