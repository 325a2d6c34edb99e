//! Many deploys at once on five hosts: exactly one wins each round.
//!
//! A handful of rounds here; `WINDLASS_TEST_LOCK_ROUNDS=50` for as many as one likes.

use std::collections::BTreeSet;
use std::io::Read;
use std::process::Child;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::lock::released::{begin, wait_for};
use crate::support::fleet::Fleet;

const HOSTS: &[&str] = &["web1", "web2", "web3", "web4", "web5"];

/// The winner waits until all others have ended, so that none of them finds the lock free again.
const RECIPE: &str = r#"
    task("hold", || on(roles("app"), |host| {
        execute(`while [ ! -e ${deploy_to("go")} ]; do sleep 0.05; done`);
    }));
    after("deploy:started", "hold");
"#;

/// A deploy of the crowd. What it prints is read as it comes: nobody is to wait because a pipe is full.
struct Deploy {
    child: Child,
    printed: JoinHandle<String>,
}

impl Deploy {
    fn begin(fleet: &Fleet) -> Self {
        let mut child = begin(fleet, &["deploy"]).into_child();
        let mut stdout = child.stdout.take().unwrap();
        let printed = thread::spawn(move || {
            let mut text = Vec::new();
            stdout.read_to_end(&mut text).unwrap();
            String::from_utf8_lossy(&text).into_owned()
        });
        Self { child, printed }
    }

    /// Its exit code, and what it has printed.
    fn end(mut self) -> (Option<i32>, String) {
        (self.child.wait().unwrap().code(), self.printed.join().unwrap())
    }
}

fn rounds() -> usize {
    std::env::var("WINDLASS_TEST_LOCK_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(2)
}

#[test]
fn of_two_and_of_ten_exactly_one_wins() {
    let hosts: Vec<_> = HOSTS.iter().map(|host| (*host, r#"roles: ["app"]"#)).collect();
    let Some(fleet) = Fleet::with(&hosts, RECIPE) else { return };
    let mut before: Option<String> = None;
    for round in 0..rounds() {
        for count in [2, 10] {
            fleet.next_second();
            let mut running: Vec<Deploy> = (0..count).map(|_| Deploy::begin(&fleet)).collect();
            // All but one end by themselves.
            let mut losers = Vec::new();
            while running.len() > 1 {
                let ended = running.iter_mut().position(|deploy| deploy.child.try_wait().unwrap().is_some());
                match ended {
                    Some(at) => losers.push(running.remove(at).end()),
                    None => thread::sleep(Duration::from_millis(20)),
                }
            }
            for (code, printed) in losers {
                assert_eq!(code, Some(4), "round {round} of {count}: {printed}");
                assert!(printed.contains("another deploy holds the lock"), "{printed}");
            }
            for host in HOSTS {
                wait_for(&fleet.path(host, ".windlass"));
                std::fs::write(fleet.path(host, "go"), "").unwrap();
            }
            let (code, printed) = running.remove(0).end();
            assert_eq!(code, Some(0), "round {round} of {count}: {printed}");
            let current: BTreeSet<String> = HOSTS.iter().map(|host| fleet.current(host)).collect();
            assert_eq!(current.len(), 1, "a mixed fleet in round {round} of {count}: {current:?}");
            let now = current.into_iter().next();
            assert!(now > before, "{now:?} after {before:?}");
            before = now;
            for host in HOSTS {
                std::fs::remove_file(fleet.path(host, "go")).unwrap();
            }
        }
    }
}
