//! Many deploys at once on five hosts: exactly one wins each round.
//!
//! A handful of rounds here; `WINDLASS_TEST_LOCK_ROUNDS=50` for as many as one likes.

use std::collections::BTreeSet;
use std::process::Child;

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
            let mut running: Vec<Child> = (0..count).map(|_| begin(&fleet, &["deploy"])).collect();
            // All but one end by themselves.
            let mut losers = Vec::new();
            while running.len() > 1 {
                let ended = running.iter_mut().position(|child| child.try_wait().unwrap().is_some());
                match ended {
                    Some(at) => losers.push(running.remove(at).wait_with_output().unwrap()),
                    None => std::thread::sleep(std::time::Duration::from_millis(20)),
                }
            }
            for loser in losers {
                let printed = String::from_utf8_lossy(&loser.stdout).into_owned();
                assert_eq!(loser.status.code(), Some(4), "round {round} of {count}: {printed}");
                assert!(printed.contains("another deploy holds the lock"), "{printed}");
            }
            for host in HOSTS {
                wait_for(&fleet.path(host, ".windlass"));
                std::fs::write(fleet.path(host, "go"), "").unwrap();
            }
            let winner = running.remove(0).wait_with_output().unwrap();
            let printed = String::from_utf8_lossy(&winner.stdout).into_owned();
            assert_eq!(winner.status.code(), Some(0), "round {round} of {count}: {printed}");
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
