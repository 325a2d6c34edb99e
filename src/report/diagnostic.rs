//! Errors as text.
