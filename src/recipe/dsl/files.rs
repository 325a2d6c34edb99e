//! `upload`, `download`, `write_file` and questions about files.
use crate::recipe::dsl::table::Function;
/// x
pub const FUNCTIONS: &[Function] = &[];
