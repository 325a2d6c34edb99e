//! The words for a command that is silent.

use std::time::Duration;

use crate::model::span::shown;
use crate::report::clean::{Colours, clean};

/// Says how long a host and its command have been waited for; of a command of many lines, the first.
pub(super) fn waiting(host: &str, command: &str, seconds: f64) -> String {
    let mut time = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    if time.as_secs() > 0 {
        time = Duration::from_secs(time.as_secs());
    }
    let mut lines = command.lines().filter(|line| !line.trim().is_empty());
    let first = clean(lines.next().unwrap_or_default(), Colours::Strip);
    let more = if lines.next().is_some() { " …" } else { "" };
    format!("waiting {} for {host}: `{}{more}`", shown(time), first.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_named_by_its_first_line() {
        assert_eq!(waiting("web1", "bundle install", 10.0), "waiting 10 s for web1: `bundle install`");
        assert_eq!(waiting("web1", "make", 31.96), "waiting 31 s for web1: `make`");
        assert_eq!(waiting("web1", "make", 0.31), "waiting 0.3 s for web1: `make`");
        assert_eq!(waiting("web1", "\n  set -e\n  make\n", 60.0), "waiting 1 min for web1: `set -e …`");
        assert_eq!(waiting("web1", "x", f64::NAN), "waiting 0 s for web1: `x`");
    }
}
