//! One transport a host.
