//! What ssh said, as errors.
