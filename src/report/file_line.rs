//! A place as `file:line`: in lists the column is noise.

use crate::place::Place;

/// The place without its column.
pub(super) fn file_line(place: &Place) -> String {
    Place { column: 0, ..place.clone() }.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_column_is_left_out() {
        assert_eq!(file_line(&Place::new("deploy.rhai", 3, 7)), "deploy.rhai:3");
        assert_eq!(file_line(&Place::new("config/deploy/qa.rhai", 0, 0)), "config/deploy/qa.rhai");
    }
}
