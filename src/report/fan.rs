//! Several reporters as one.
