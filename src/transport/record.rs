//! Commands that are only shown.
