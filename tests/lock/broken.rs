//! A lock that is taken away: its deploy stops and does not switch.

use crate::lock::released::{DEPLOY_WAITS, begin, finish, let_on, wait_for};
use crate::support::fleet::Fleet;

#[test]
fn the_check_before_the_switch_finds_it() {
    // A lease so long that no sign of life comes in between.
    let Some(fleet) = Fleet::start(2, &format!("{DEPLOY_WAITS}\nset(\"lock_ttl\", 3600);")) else { return };
    let first = fleet.deploy();
    fleet.next_second();
    let running = begin(&fleet, &["deploy", "SLOW=1"]);
    wait_for(&fleet.path("web1", "waiting"));
    wait_for(&fleet.path("web2", "waiting"));
    let broken = fleet.json(&["lock:break"]).ok().messages("info");
    assert_eq!(broken.iter().filter(|line| line.ends_with(" is broken")).count(), 2, "{broken:?}");
    let_on(&fleet);
    let printed = finish(running, 4);
    assert!(printed.contains("the deploy lock was broken by tester@"), "{printed}");
    for host in ["web1", "web2"] {
        assert_eq!(fleet.current(host), first);
    }
    let broken = fleet.json(&["lock:break"]).ok().messages("info");
    assert!(broken.iter().all(|line| line.ends_with(": nobody held the lock")), "{broken:?}");
    fleet.deploy();
}

#[test]
fn a_sign_of_life_finds_it_and_stops_what_runs() {
    let Some(fleet) = Fleet::start(2, &format!("{DEPLOY_WAITS}\nset(\"lock_ttl\", 5);")) else { return };
    let first = fleet.deploy();
    fleet.next_second();
    let running = begin(&fleet, &["deploy", "SLOW=1"]);
    wait_for(&fleet.path("web1", "waiting"));
    // On one host only: the whole deploy stops.
    fleet.run(&["lock:break", "-z", "web2"]).ok();
    let printed = finish(running, 4);
    assert!(printed.contains("the deploy lock was broken by tester@"), "{printed}");
    assert!(printed.contains("stopped midway: "), "{printed}");
    for host in ["web1", "web2"] {
        assert_eq!(fleet.current(host), first);
    }
    fleet.deploy();
}
