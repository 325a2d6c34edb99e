//! Release names, retention, rollback.
