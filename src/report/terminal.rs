//! The default reporter.
