//! `kill -9` at every boundary between two commands of a deploy, and what the hosts and the next deploy make of it.
//!
//! In the whole suite some of the boundaries are tried; `WINDLASS_CRASH_STEP=1` tries all, which takes minutes.

use std::fs;
use std::ops::RangeInclusive;
use std::time::Instant;

use crate::cancel::crashes::{Crashes, Kind};
use crate::support::fleet::Fleet;

/// How many boundaries of one run are tried when nobody says otherwise.
const TRIED: usize = 2;

/// Which boundaries to try.
fn step(boundaries: usize) -> usize {
    let asked = std::env::var("WINDLASS_CRASH_STEP").ok().and_then(|step| step.parse::<usize>().ok());
    asked.filter(|step| *step > 0).unwrap_or(boundaries.div_ceil(TRIED))
}

/// Only those between, for who looks for one of them: `WINDLASS_CRASH_POINTS=40-45`.
fn range() -> RangeInclusive<usize> {
    let asked = std::env::var("WINDLASS_CRASH_POINTS").ok();
    let asked = asked.and_then(|text| {
        let (from, to) = text.split_once('-')?;
        Some(from.parse().ok()?..=to.parse().ok()?)
    });
    asked.unwrap_or(1..=usize::MAX)
}

/// What a git leaves that was killed at a bad moment.
#[test]
fn locks_of_a_killed_git_do_not_lock_out_the_next_deploy() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    fleet.deploy();
    let locks = ["config.lock", "packed-refs.lock", "shallow.lock", "refs/heads/main.lock"];
    let place = |name: &str| fleet.path("web1", "repo").join(name);
    let leave = || {
        for name in locks {
            fs::create_dir_all(place(name).parent().unwrap()).unwrap();
            fs::write(place(name), "").unwrap();
        }
    };
    leave();
    fleet.repository.commit("app.sh", "echo version 2\n");
    fleet.deploy();
    assert_eq!(fleet.read("web1", "current/app.sh"), "echo version 2\n");
    assert!(locks.iter().all(|name| !place(name).exists()));
    // Without our own lock it may be that of a git that runs.
    fleet.add_to_recipe("set(\"lock\", false);\n");
    leave();
    let ran = fleet.run(&["deploy"]).fails(1);
    assert!(ran.stderr.contains("config.lock") || ran.stderr.contains("could not lock config file"), "{}", ran.stderr);
    assert!(locks.iter().all(|name| place(name).exists()));
}

fn crash_at_each(kind: Kind) {
    let Some(mut crashes) = Crashes::start(kind) else { return };
    let boundaries = crashes.boundaries();
    let (step, range, since) = (step(boundaries), range(), Instant::now());
    // The middle of each stretch, so that a few of them are neither only beginnings nor only ends.
    let first = if range == (1..=usize::MAX) { step.div_ceil(2) } else { *range.start() };
    let mut tried = 0;
    for point in (first..).step_by(step).take_while(|point| range.contains(point)) {
        if !crashes.crash(point) {
            break;
        }
        tried += 1;
    }
    assert!(tried > 0, "no point was tried");
    println!("{kind:?}: killed at {tried} points of {boundaries}, every {step}., in {:.1?}", since.elapsed());
}

#[test]
fn a_first_deploy_that_is_killed() {
    crash_at_each(Kind::First);
}

#[test]
fn a_later_deploy_that_is_killed() {
    crash_at_each(Kind::Later);
}

#[test]
fn a_rollback_that_is_killed() {
    crash_at_each(Kind::Rollback);
}
