//! Output bytes to redacted lines.
