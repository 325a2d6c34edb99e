//! Tasks, prerequisites and hooks.
