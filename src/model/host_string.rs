//! Host strings.
