//! One object a line.
