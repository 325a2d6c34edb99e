//! Hosts to threads.
//!
//! Owns order, limits and cancel of work on many hosts: one thread per host, all of them over before any result is
//! looked at. It knows no Rhai and no ssh, and must not decide what a failure means; `runner::outcome` does.

use std::any::Any;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread::{Builder, Scope, scope};

use crate::error::{Error, Kind};
use crate::runner::outcome::{Ended, HostOutcome, Outcome, within};
use crate::runner::pause::pause;
use crate::runner::policy::Policy;
use crate::transport::cancel::Cancel;

/// Stack of a host's thread, in bytes: that of the main thread, so that a recipe can nest as deep in `on` as outside.
const STACK: usize = 8 * 1024 * 1024;

/// Does `work` for every host, as `policy` says, and tells how each one ended.
///
/// Each host gets a cancel of its own below `cancel`. Once that is raised no further host begins and a pause ends at
/// once. A panic is that host's failure and nobody else's. `label` says how a host is called in output.
pub fn each<H, T>(
    hosts: &[H],
    policy: Policy,
    cancel: &Cancel,
    label: impl Fn(&H) -> String,
    work: impl Fn(&H, &Cancel) -> Result<T, Error> + Sync,
) -> Outcome<H, T>
where
    H: Clone + Sync,
    T: Send,
{
    let labels: Vec<String> = hosts.iter().map(label).collect();
    let group = cancel.child();
    let crew = Crew { hosts, labels: &labels, policy, group: &group, work: &work };
    let mut ended: Vec<Ended<T>> = hosts.iter().map(|_| Ended::Skipped).collect();
    let step = policy.step(hosts.len());
    for start in (0..hosts.len()).step_by(step) {
        if start > 0 && !pause(policy.wait, &group) {
            break;
        }
        let slice = start..hosts.len().min(start + step);
        crew.run(slice.clone(), &mut ended);
        if !within(ended[..slice.end].iter(), policy.max_fail) {
            break;
        }
    }
    let ends = hosts.iter().cloned().zip(labels).zip(ended);
    Outcome { hosts: ends.map(|((host, label), ended)| HostOutcome { host, label, ended }).collect() }
}

/// What the threads share.
struct Crew<'a, H, W> {
    hosts: &'a [H],
    labels: &'a [String],
    policy: Policy,
    group: &'a Cancel,
    work: &'a W,
}

/// The number of a host and what its work gave.
type Report<T> = (usize, Result<T, Error>);

impl<H, W> Crew<'_, H, W> {
    /// Works through one step, beginning in order, and returns when every host that began is over.
    fn run<T>(&self, slice: Range<usize>, ended: &mut [Ended<T>])
    where
        H: Sync,
        T: Send,
        W: Fn(&H, &Cancel) -> Result<T, Error> + Sync,
    {
        let (sender, reports) = mpsc::channel::<Report<T>>();
        let mut take = || {
            let (number, result) = reports.recv().expect("every thread reports once, and we hold a sender ourselves");
            ended[number] = match result {
                Ok(value) => Ended::Done(value),
                Err(error) if error.kind() == Kind::Cancelled => Ended::Cancelled,
                Err(error) => Ended::Failed(error),
            };
        };
        scope(|scope| {
            let mut running = 0;
            for number in slice {
                if running >= self.policy.at_once() {
                    take();
                    running -= 1;
                }
                if self.group.is_raised() {
                    break;
                }
                self.begin(scope, number, &sender);
                running += 1;
            }
            (0..running).for_each(|_| take());
        });
    }

    /// Begins the work on one host; it reports in any case.
    fn begin<'scope, 'env, T>(
        &'env self,
        scope: &'scope Scope<'scope, 'env>,
        number: usize,
        sender: &mpsc::Sender<Report<T>>,
    ) where
        H: Sync,
        T: Send + 'scope,
        W: Fn(&H, &Cancel) -> Result<T, Error> + Sync,
    {
        let reporting = sender.clone();
        let work = move || {
            let cancel = self.group.child();
            let result = catch_unwind(AssertUnwindSafe(|| (self.work)(&self.hosts[number], &cancel)))
                .unwrap_or_else(|panic| Err(panicked(panic.as_ref())));
            // The receiver lives until every thread is joined; without one there would be nobody to tell.
            let _ = reporting.send((number, result));
        };
        // Linux shows 15 bytes of it, debuggers and panics all.
        let name = format!("host {}", self.labels[number].replace('\0', ""));
        if let Err(error) = Builder::new().name(name).stack_size(STACK).spawn_scoped(scope, work) {
            let error = Error::new(Kind::Io, format!("could not start a thread for the host: {error}"))
                .help("work on fewer hosts at a time with `limit`, or raise this machine's limit of processes");
            let _ = sender.send((number, Err(error)));
        }
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::new(Kind::Internal, format!("windlass panicked: {}", text.unwrap_or("no reason given")))
        .help("this is a mistake in windlass, not in your recipe; please report it")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Barrier, Mutex};
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::runner::policy::Mode;

    const HOSTS: [u32; 5] = [1, 2, 3, 4, 5];
    const LONG: Duration = Duration::from_secs(600);

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "`each` hands out hosts by reference")]
    fn label(host: &u32) -> String {
        format!("web{host}")
    }

    fn failure(host: u32) -> Error {
        Error::new(Kind::Command, format!("`false` failed for {host}"))
    }

    /// One letter per host: done, failed, cancelled, skipped.
    fn shown<T>(outcome: &Outcome<u32, T>) -> String {
        let letter = |end: &Ended<T>| match end {
            Ended::Done(_) => 'd',
            Ended::Failed(_) => 'f',
            Ended::Cancelled => 'c',
            Ended::Skipped => 's',
        };
        outcome.hosts.iter().map(|one| letter(&one.ended)).collect()
    }

    fn cancelled() -> Error {
        Error::new(Kind::Cancelled, "cancelled")
    }

    /// Runs with these hosts failing, and tells which hosts worked, in order of their beginning.
    fn run(policy: Policy, failing: &[u32]) -> (String, Vec<u32>) {
        let begun = Mutex::new(Vec::new());
        let outcome = each(&HOSTS, policy, &Cancel::new(), label, |host, _| {
            begun.lock().unwrap().push(*host);
            if failing.contains(host) { Err(failure(*host)) } else { Ok(()) }
        });
        (shown(&outcome), begun.into_inner().unwrap())
    }

    #[test]
    fn all_work_at_once_and_results_stay_in_order() {
        let meeting = Barrier::new(HOSTS.len());
        let outcome = each(&HOSTS, Policy::default(), &Cancel::new(), label, |host, _| {
            meeting.wait();
            thread::sleep(Duration::from_millis(u64::from(6 - host)));
            Ok(host * 10)
        });
        assert_eq!(outcome.into_result().unwrap(), [(1, 10), (2, 20), (3, 30), (4, 40), (5, 50)]);
    }

    #[test]
    fn no_hosts_are_no_work() {
        let outcome = each(&[], Policy::default(), &Cancel::new(), label, |_, _| -> Result<(), Error> { panic!("no") });
        assert_eq!(outcome.into_result().unwrap(), []);
    }

    #[test]
    fn a_limit_is_never_exceeded_and_is_used() {
        for limit in [1, 2, 3] {
            let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let policy = Policy { limit: Some(limit), ..Policy::default() };
            let hosts: Vec<u32> = (0..12).collect();
            let outcome = each(&hosts, policy, &Cancel::new(), label, |_, _| {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(10));
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            });
            assert_eq!(shown(&outcome), "d".repeat(12));
            assert_eq!(most.into_inner(), limit);
        }
    }

    /// Capistrano's fault 10: only the first failing host was reported, others were killed midway.
    #[test]
    fn in_parallel_everyone_finishes_and_every_failure_is_told() {
        let slow_done = AtomicUsize::new(0);
        let outcome = each(&HOSTS, Policy::default(), &Cancel::new(), label, |host, cancel| {
            if *host < 4 {
                return Err(failure(*host));
            }
            if !pause(Duration::from_millis(50), cancel) {
                return Err(cancelled());
            }
            slow_done.fetch_add(1, Ordering::SeqCst);
            Ok(())
        });
        assert_eq!(shown(&outcome), "fffdd");
        assert_eq!(slow_done.into_inner(), 2);
        let error = outcome.into_result().unwrap_err();
        assert_eq!(error.to_string(), "3 of 5 hosts failed");
        assert_eq!(error.parts().causes[2].parts().host.as_deref(), Some("web3"));
    }

    #[test]
    fn a_limit_does_not_change_who_gets_a_turn() {
        let (ends, begun) = run(Policy { limit: Some(1), ..Policy::default() }, &[1, 3]);
        assert_eq!((ends.as_str(), begun), ("fdfdd", vec![1, 2, 3, 4, 5]));
    }

    #[test]
    fn a_sequence_stops_at_the_first_failure() {
        let (ends, begun) = run(Policy { mode: Mode::Sequence, ..Policy::default() }, &[3]);
        assert_eq!((ends.as_str(), begun), ("ddfss", vec![1, 2, 3]));
        assert_eq!(run(Policy { mode: Mode::Sequence, ..Policy::default() }, &[]).1, HOSTS);
    }

    #[test]
    fn groups_stop_after_a_failing_group() {
        let groups = |limit| Policy { mode: Mode::Groups, limit, ..Policy::default() };
        assert_eq!(run(groups(None), &[1]).0, "fdsss");
        assert_eq!(run(groups(None), &[4]).0, "dddfs");
        assert_eq!(run(groups(Some(3)), &[2, 3]).0, "dffss");
        assert_eq!(run(groups(Some(9)), &[]).0, "ddddd");
    }

    #[test]
    fn a_group_begins_when_the_one_before_is_over() {
        let (begun, over) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let policy = Policy { mode: Mode::Groups, ..Policy::default() };
        let outcome = each(&HOSTS, policy, &Cancel::new(), label, |host, _| {
            begun.fetch_add(1, Ordering::SeqCst);
            let before = over.load(Ordering::SeqCst);
            thread::sleep(Duration::from_millis(5));
            over.fetch_add(1, Ordering::SeqCst);
            Ok((*host, before))
        });
        for (host, (_, before)) in outcome.into_result().unwrap() {
            let earlier_groups = (host as usize - 1) / 2 * 2;
            assert!(before >= earlier_groups, "host {host} began when {before} were over");
        }
    }

    /// Capistrano's fault 37: it also waited after the last group.
    #[test]
    fn the_pause_is_between_and_not_after() {
        let wait = Duration::from_millis(150);
        for (mode, limit, pauses) in [(Mode::Sequence, None, 4), (Mode::Groups, Some(2), 2), (Mode::Groups, Some(5), 0)]
        {
            let start = Instant::now();
            let last_end = Mutex::new(start);
            let policy = Policy { mode, limit, wait, ..Policy::default() };
            let outcome = each(&HOSTS, policy, &Cancel::new(), label, |_, _| {
                *last_end.lock().unwrap() = Instant::now();
                Ok(())
            });
            let after_last = last_end.into_inner().unwrap().elapsed();
            assert_eq!(shown(&outcome), "ddddd");
            assert!(start.elapsed() >= wait * pauses, "{mode:?}");
            assert!(after_last < wait, "{mode:?} waited {after_last:?} after the last host");
        }
    }

    #[test]
    fn a_cancel_ends_a_pause_and_skips_the_rest() {
        let cancel = Cancel::new();
        let policy = Policy { mode: Mode::Sequence, wait: LONG, ..Policy::default() };
        let start = Instant::now();
        let outcome = scope(|scope| {
            let running = scope.spawn(|| each(&HOSTS, policy, &cancel, label, |_, _| Ok(())));
            thread::sleep(Duration::from_millis(30));
            cancel.raise();
            running.join().unwrap()
        });
        assert!(start.elapsed() < LONG / 10);
        assert_eq!(shown(&outcome), "dssss");
        let error = outcome.into_result().unwrap_err();
        assert_eq!(error.kind(), Kind::Cancelled);
        assert_eq!(error.parts().notes, ["done: `web1`", "not started: `web2`, `web3`, `web4`, `web5`"]);
    }

    #[test]
    fn a_cancel_reaches_running_hosts_and_waiting_ones_never_begin() {
        let cancel = Cancel::new();
        let policy = Policy { limit: Some(2), ..Policy::default() };
        let outcome = each(&HOSTS, policy, &cancel, label, |host, own| {
            if *host == 2 {
                cancel.raise();
            }
            if pause(LONG, own) { Ok(()) } else { Err(cancelled()) }
        });
        assert_eq!(shown(&outcome), "ccsss");
        let outcome = each(&HOSTS, Policy::default(), &cancel, label, |_, _| Ok(()));
        assert_eq!(shown(&outcome), "sssss");
        assert_eq!(outcome.into_result().unwrap_err().kind(), Kind::Cancelled);
    }

    #[test]
    fn failures_that_are_allowed_do_not_end_it() {
        let policy = |mode, max_fail| Policy { mode, max_fail, ..Policy::default() };
        assert_eq!(run(policy(Mode::Sequence, 1), &[2]).0, "dfddd");
        assert_eq!(run(policy(Mode::Sequence, 1), &[2, 4]).0, "dfdfs");
        assert_eq!(run(policy(Mode::Groups, 1), &[2]).0, "dfddd");
        assert_eq!(run(policy(Mode::Groups, 1), &[1, 2]).0, "ffsss");
        assert_eq!(run(policy(Mode::Parallel, 1), &[1, 2]).0, "ffddd", "the others finish in any case");
    }

    #[test]
    fn raising_ones_own_cancel_is_ones_own_affair() {
        let outcome = each(&HOSTS, Policy::default(), &Cancel::new(), label, |host, own| {
            if *host == 1 {
                own.raise();
            }
            thread::sleep(Duration::from_millis(10));
            if own.is_raised() { Err(cancelled()) } else { Ok(()) }
        });
        assert_eq!(shown(&outcome), "cdddd");
    }

    #[test]
    fn a_panic_is_that_hosts_failure() {
        let outcome = each(&HOSTS, Policy::default(), &Cancel::new(), label, |host, _| {
            assert!(*host != 2, "host {host} is odd");
            assert!(*host != 4, "plain");
            Ok(())
        });
        assert_eq!(shown(&outcome), "dfdfd");
        let causes = outcome.into_result().unwrap_err().parts().causes.clone();
        assert_eq!(causes[0].to_string(), "windlass panicked: host 2 is odd");
        assert_eq!(causes[1].to_string(), "windlass panicked: plain");
        assert_eq!((causes[0].kind(), causes[0].exit_code()), (Kind::Internal, crate::error::EXIT_FAILED));
    }

    #[test]
    fn threads_are_named_and_have_room() {
        /// Calls itself until this much stack is in use, and says how much it was.
        fn dig(top: usize, depth: usize) -> usize {
            let block = std::hint::black_box([0_u8; 4096]);
            let used = top.abs_diff(block.as_ptr().addr());
            if used < depth { dig(top, depth).max(usize::from(block[4095])) } else { used }
        }
        let name = |host: &u32| format!("we\0b{host}");
        // Three times what a thread gets by default.
        let depth = 6 * 1024 * 1024;
        let outcome = each(&[1_u32], Policy::default(), &Cancel::new(), name, |_, _| {
            let top = 0_u8;
            assert!(dig((&raw const top).addr(), depth) >= depth);
            Ok(thread::current().name().map(str::to_owned))
        });
        assert_eq!(outcome.into_result().unwrap(), [(1, Some("host web1".to_owned()))]);
    }
}
