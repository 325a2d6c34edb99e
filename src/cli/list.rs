//! `-T`, `-D`, `-P`, `-W`: what tasks there are.

use crate::cli::args::Options;
use crate::model::task::Tasks;
use crate::report::listing::{self, Selection};
use crate::report::pattern::Pattern;

/// Whether a list is asked for.
#[must_use]
pub const fn is_asked(options: &Options) -> bool {
    options.list.is_some() || options.describe.is_some() || options.places.is_some() || options.prerequisites
}

/// The list that is asked for.
#[must_use]
pub fn list<B>(tasks: &Tasks<B>, options: &Options, width: Option<usize>) -> String {
    if let Some(pattern) = &options.list {
        return listing::tasks(tasks, &Selection { pattern: Pattern::new(pattern), all: options.all }, width);
    }
    if let Some(pattern) = &options.describe {
        return listing::descriptions(tasks, &Selection { pattern: Pattern::new(pattern), all: options.all });
    }
    if let Some(pattern) = &options.places {
        return listing::places(tasks, &Pattern::new(pattern));
    }
    listing::prerequisites(tasks, &Pattern::All)
}
