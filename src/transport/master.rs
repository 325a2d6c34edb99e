//! The control master of a host.
