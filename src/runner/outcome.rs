//! What became of each host.
//!
//! Owns how the ends of many hosts become one result: all values, or one error that leaves no host out; and which
//! failures a run can do without.

use crate::error::{Error, Kind};

/// How the work on one host ended.
#[derive(Clone, Debug)]
pub enum Ended<T> {
    /// It succeeded with this value.
    Done(T),
    /// It failed.
    Failed(Error),
    /// It was stopped midway; the host may be in any state between before and after.
    Cancelled,
    /// It never began.
    Skipped,
}

/// One host and how it ended.
#[derive(Clone, Debug)]
pub struct HostOutcome<H, T> {
    /// The host.
    pub host: H,
    /// How it is called in output.
    pub label: String,
    /// How its work ended.
    pub ended: Ended<T>,
}

/// All hosts, in the order they were given.
#[derive(Clone, Debug)]
pub struct Outcome<H, T> {
    /// One entry per host.
    pub hosts: Vec<HostOutcome<H, T>>,
}

/// Whether nothing worse has happened than `max_fail` hosts failing, so that the work can go on.
///
/// A cancel is the user's wish and not a host's failure, and so is `exit`.
pub(super) fn within<'a, T: 'a>(mut ended: impl Iterator<Item = &'a Ended<T>>, max_fail: usize) -> bool {
    let mut failed = 0;
    ended.all(|end| match end {
        Ended::Done(_) => true,
        Ended::Failed(error) if matches!(error.kind(), Kind::Exit(_) | Kind::Cancelled) => false,
        Ended::Failed(_) => {
            failed += 1;
            failed <= max_fail
        }
        Ended::Cancelled | Ended::Skipped => false,
    })
}

impl<H, T> Outcome<H, T> {
    /// Takes the failed hosts out, with their errors, if there are at most `max_fail` and at least one host is done;
    /// otherwise none.
    pub fn take_failed(&mut self, max_fail: usize) -> Vec<(H, Error)> {
        let ended = || self.hosts.iter().map(|one| &one.ended);
        if !within(ended(), max_fail) || !ended().any(|end| matches!(end, Ended::Done(_))) {
            return Vec::new();
        }
        let mut failed = Vec::new();
        for one in std::mem::take(&mut self.hosts) {
            match one.ended {
                Ended::Failed(error) => failed.push((one.host, error.on(one.label))),
                _ => self.hosts.push(one),
            }
        }
        failed
    }

    /// All values, in the order the hosts were given, or the one error that stands for everything that went wrong.
    ///
    /// # Errors
    /// One failing host: its error, with the host set. Several: an error of kind `Hosts` with one cause per host. None,
    /// but not all done: an error of kind `Cancelled`. Each names the hosts that were stopped midway or never begun.
    /// When every failing host called `exit`, that is no failure of several hosts but the recipe's wish: the first
    /// `exit` is given back, one with a code other than 0 before one with 0.
    pub fn into_result(self) -> Result<Vec<(H, T)>, Error> {
        let total = self.hosts.len();
        let (mut done, mut failures) = (Vec::new(), Vec::new());
        let (mut finished, mut cancelled, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
        for HostOutcome { host, label, ended } in self.hosts {
            match ended {
                Ended::Done(value) => {
                    done.push((host, value));
                    finished.push(label);
                }
                Ended::Failed(error) => failures.push(error.on(label)),
                Ended::Cancelled => cancelled.push(label),
                Ended::Skipped => skipped.push(label),
            }
        }
        let error = if let Some(error) = exit(&failures).or_else(|| single(&failures)) {
            error
        } else if !failures.is_empty() {
            let message = format!("{} of {total} hosts failed", failures.len());
            failures.into_iter().fold(Error::new(Kind::Hosts, message), Error::because)
        } else if done.len() == total {
            return Ok(done);
        } else {
            noted(Error::new(Kind::Cancelled, "cancelled"), "done", &finished)
        };
        Err(noted(noted(error, "stopped midway", &cancelled), "not started", &skipped))
    }
}

fn single(failures: &[Error]) -> Option<Error> {
    if let [error] = failures { Some(error.clone()) } else { None }
}

/// The `exit` that ends the run, if every failure is one.
fn exit(failures: &[Error]) -> Option<Error> {
    let mut best: Option<&Error> = None;
    for failure in failures {
        let Kind::Exit(code) = failure.kind() else { return None };
        if best.is_none_or(|known| known.kind() == Kind::Exit(0) && code != 0) {
            best = Some(failure);
        }
    }
    best.cloned()
}

/// Adds a note that names the hosts, every one of them: whoever cleans up needs to know.
fn noted(error: Error, what: &str, labels: &[String]) -> Error {
    if labels.is_empty() {
        return error;
    }
    let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
    error.note(format!("{what}: {}", labels.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{EXIT_CANCELLED, EXIT_UNREACHABLE};

    fn outcome(ends: Vec<Ended<u32>>) -> Outcome<usize, u32> {
        let hosts = ends.into_iter().enumerate();
        Outcome { hosts: hosts.map(|(i, ended)| HostOutcome { host: i, label: format!("web{i}"), ended }).collect() }
    }

    fn failed(kind: Kind) -> Ended<u32> {
        Ended::Failed(Error::new(kind, format!("it was {}", kind.name())))
    }

    #[test]
    fn all_done_gives_all_values_in_order() {
        assert_eq!(outcome(vec![Ended::Done(7), Ended::Done(5)]).into_result().unwrap(), [(0, 7), (1, 5)]);
        assert_eq!(outcome(vec![]).into_result().unwrap(), []);
    }

    #[test]
    fn one_failure_is_that_hosts_own_error() {
        let ends = vec![Ended::Done(1), failed(Kind::Command), Ended::Cancelled, Ended::Skipped, Ended::Skipped];
        let error = outcome(ends).into_result().unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (Kind::Command, "it was command"));
        assert_eq!(error.parts().host.as_deref(), Some("web1"));
        assert_eq!(error.parts().notes, ["stopped midway: `web2`", "not started: `web3`, `web4`"]);
    }

    #[test]
    fn a_host_named_further_inside_stays() {
        let inner = Ended::Failed(Error::new(Kind::Command, "x").on("db1"));
        assert_eq!(outcome(vec![inner]).into_result().unwrap_err().parts().host.as_deref(), Some("db1"));
    }

    #[test]
    fn several_failures_are_all_told_in_order() {
        let ends = vec![
            failed(Kind::Connection),
            Ended::Done(1),
            failed(Kind::Connection),
            Ended::Cancelled,
            failed(Kind::Connection),
        ];
        let error = outcome(ends).into_result().unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (Kind::Hosts, "3 of 5 hosts failed"));
        let hosts: Vec<_> = error.parts().causes.iter().map(|cause| cause.parts().host.clone().unwrap()).collect();
        assert_eq!(hosts, ["web0", "web2", "web4"]);
        assert_eq!(error.parts().notes, ["stopped midway: `web3`"]);
        assert_eq!(error.exit_code(), EXIT_UNREACHABLE);
    }

    #[test]
    fn hosts_that_may_fail_are_taken_out() {
        let ends = || vec![Ended::Done(1), failed(Kind::Command), Ended::Done(3), failed(Kind::Connection)];
        let taken = |max_fail: usize, ends: Vec<Ended<u32>>| {
            let mut outcome = outcome(ends);
            let taken: Vec<usize> = outcome.take_failed(max_fail).into_iter().map(|(host, _)| host).collect();
            (taken, outcome.into_result().map(|done| done.len()).ok())
        };
        assert_eq!(taken(2, ends()), (vec![1, 3], Some(2)));
        assert_eq!(taken(1, ends()), (vec![], None), "one more than allowed is an error, with all of them in it");
        assert_eq!(taken(0, vec![Ended::Done(1)]), (vec![], Some(1)));
        assert_eq!(taken(5, vec![failed(Kind::Command)]), (vec![], None), "never all");
        assert_eq!(taken(5, vec![Ended::Done(1), failed(Kind::Command), Ended::Cancelled]), (vec![], None));
        assert_eq!(taken(5, vec![Ended::Done(1), failed(Kind::Command), Ended::Skipped]), (vec![], None));
        assert_eq!(taken(5, vec![Ended::Done(1), failed(Kind::Exit(3))]), (vec![], None));
    }

    #[test]
    fn a_cancel_names_the_state_of_every_host() {
        let error = outcome(vec![Ended::Done(1), Ended::Cancelled, Ended::Skipped]).into_result().unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (Kind::Cancelled, "cancelled"));
        assert_eq!(error.parts().notes, ["done: `web0`", "stopped midway: `web1`", "not started: `web2`"]);
        assert_eq!(error.exit_code(), EXIT_CANCELLED);
        let error = outcome(vec![Ended::Cancelled, Ended::Cancelled]).into_result().unwrap_err();
        assert_eq!(error.parts().notes, ["stopped midway: `web0`, `web1`"]);
    }

    #[test]
    fn exit_is_the_recipes_wish_unless_a_host_truly_failed() {
        let code = |kinds: &[Kind]| {
            outcome(kinds.iter().map(|kind| failed(*kind)).collect()).into_result().unwrap_err().kind()
        };
        assert_eq!(code(&[Kind::Exit(0), Kind::Exit(0)]), Kind::Exit(0));
        assert_eq!(code(&[Kind::Exit(0), Kind::Exit(3), Kind::Exit(4)]), Kind::Exit(3));
        assert_eq!(code(&[Kind::Exit(0), Kind::Command]), Kind::Hosts);
    }
}
