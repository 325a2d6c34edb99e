//! Work on many hosts at once.
