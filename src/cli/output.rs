//! Where events and errors go: which reporter, which stream, which log.

use std::io::{IsTerminal, stderr, stdout};
use std::sync::{Arc, Mutex};

use crate::cli::args::{Format, Options, When};
use crate::error::Error;
