//! The setting `format_options`, read once the recipes have been.

use crate::error::Error;
use crate::model::format_options::{FormatOptions, NAME};
use crate::recipe::session::Session;
use crate::recipe::setting_rows;
use crate::recipe::values::to_value;

impl Session {
    /// What the recipes wish of the output.
    ///
    /// # Errors
    /// Whatever a lazy setting raises, and a value it cannot have.
    pub fn format_options(&self) -> Result<FormatOptions, Error> {
        let Some(setting) = self.world.settings.get(NAME) else { return Ok(FormatOptions::default()) };
        let value = setting_rows::fetched(&self.engine, &self.world, NAME)?;
        to_value(&value).and_then(|value| FormatOptions::of(&value)).map_err(|error| error.at(setting.place))
    }
}
