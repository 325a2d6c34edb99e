use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tempfile::TempDir;

use super::*;
use crate::error::Kind;
use crate::model::lock::Record;
use crate::model::server::Server;
use crate::runner::execute::Job;
use crate::runner::lease::Lease;
use crate::runner::spot::{ANSWER, Backstage, Office};
use crate::transport::local::Local;

/// Hosts that are folders of this machine; each contender has shells of its own.
fn spots(top: &Path, numbers: &[usize]) -> Vec<Spot> {
    let spot = |number: &usize| {
        let name = format!("web{number}");
        Spot {
            server: Arc::new(Server::new(name.clone())),
            transport: Arc::new(Local::new(name.clone())),
            deploy_to: top.join(name).display().to_string(),
            umask: None,
        }
    };
    numbers.iter().map(spot).collect()
}

fn record(name: &str) -> Record {
    let token = format!("token-{name}");
    Record { token, ttl: 60, user: name.into(), machine: "test".into(), task: "deploy".into(), ..Record::default() }
}

fn with_office<T>(work: impl FnOnce(&Office<'_>) -> T) -> T {
    work(&Backstage::default().office())
}

fn nothing(_: &Spot) -> Vec<Job> {
    Vec::new()
}

fn take(top: &Path, numbers: &[usize], name: &str, wait: Wait) -> Result<Lease, Error> {
    let record = record(name);
    with_office(|office| {
        let claim =
            Claim { office, record: &record, wait, stage: "production", max_fail: 0, answer: ANSWER, along: &nothing };
        let taken = claim.take(spots(top, numbers), &Cancel::new())?;
        Ok(Lease::keep(taken, record.clone(), Cancel::new()))
    })
}

/// Lets one host go as behind a command that was its last.
fn leave(lease: &Lease, number: usize) {
    with_office(|office| {
        let spot = &lease.all_spots()[number];
        let job = lease.leave(office, &spot.server).unwrap();
        assert!(lease.leave(office, &spot.server).is_none(), "once");
        office.ask(spot, job.command, "release", &Cancel::new()).unwrap();
        lease.has_left(&spot.server);
    });
}

fn let_go(lease: &Lease) {
    with_office(|office| assert!(lease.release(office).is_empty()));
}

#[test]
fn the_second_is_told_who_has_it_and_on_which_host() {
    let top = TempDir::new().unwrap();
    let ann = take(top.path(), &[3, 4], "ann", Wait::No).unwrap();
    let error = take(top.path(), &[5, 4, 1], "bob", Wait::No).err().unwrap();
    assert_eq!(error.kind(), Kind::Locked);
    assert_eq!(error.to_string(), "another deploy holds the lock: ann@test");
    assert_eq!(error.parts().host.as_deref(), Some("web4"));
    // What he had got before is free again.
    let_go(&take(top.path(), &[1, 5], "eve", Wait::No).unwrap());
    let_go(&ann);
    let_go(&take(top.path(), &[5, 4, 1], "bob", Wait::No).unwrap());
}

#[test]
fn a_host_that_was_let_go_is_free_and_can_be_taken_back_unless_somebody_was_faster() {
    let top = TempDir::new().unwrap();
    let ann = take(top.path(), &[1, 2, 3], "ann", Wait::No).unwrap();
    let is_ours = |lease: &Lease| [1, 2, 3].map(|number| lease.spot(&Server::new(format!("web{number}"))).is_some());
    leave(&ann, 0);
    leave(&ann, 1);
    assert_eq!(is_ours(&ann), [false, false, true]);
    assert!(ann.has_let_go(&Server::new("web1".to_owned())) && !ann.has_let_go(&Server::new("web3".to_owned())));
    let bob = take(top.path(), &[2], "bob", Wait::No).unwrap();
    let lost = with_office(|office| ann.take_back(office));
    assert!(lost.len() == 1 && lost[0].0.server.name == "web2" && lost[0].1.contains("bob@test"), "{:?}", lost[0].1);
    assert_eq!(is_ours(&ann), [true, false, true]);
    let names = |spots: Vec<Spot>| spots.iter().map(|spot| spot.server.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(ann.spots()), ["web1", "web3"]);
    assert_eq!(take(top.path(), &[1], "eve", Wait::No).err().unwrap().kind(), Kind::Locked);
    let_go(&ann);
    assert_eq!(take(top.path(), &[2], "eve", Wait::No).err().unwrap().kind(), Kind::Locked, "it is not ours to free");
    let_go(&bob);
    let_go(&take(top.path(), &[1, 2, 3], "eve", Wait::No).unwrap());
}

/// The answer may be lost on its way.
#[test]
fn a_host_that_may_have_let_go_is_taken_back_too() {
    let top = TempDir::new().unwrap();
    let ann = take(top.path(), &[1, 2], "ann", Wait::No).unwrap();
    let host = Server::new("web1".to_owned());
    with_office(|office| {
        let job = ann.leave(office, &host).unwrap();
        office.ask(&ann.all_spots()[0], job.command, "release", &Cancel::new()).unwrap();
        assert!(ann.take_back(office).is_empty());
        ann.stay();
    });
    assert!(ann.spot(&host).is_some());
    assert_eq!(take(top.path(), &[1], "eve", Wait::No).err().unwrap().kind(), Kind::Locked);
}

#[test]
fn a_host_that_hangs_is_told_and_not_asked_again() {
    let top = TempDir::new().unwrap();
    let ann = take(top.path(), &[1], "ann", Wait::No).unwrap();
    let host = Server::new("web1".to_owned());
    let wrong = with_office(|office| {
        assert!(ann.leave(office, &host).is_some());
        ann.hangs(&host);
        ann.release(office)
    });
    assert_eq!(wrong.len(), 1);
    assert_eq!(wrong[0].to_string(), "the host did not release the deploy lock within 10 s");
    assert_eq!(take(top.path(), &[1], "eve", Wait::No).err().unwrap().kind(), Kind::Locked, "it has not let go");
}

#[test]
fn a_host_that_was_to_be_let_go_and_was_not_stays_ours() {
    let top = TempDir::new().unwrap();
    let ann = take(top.path(), &[1], "ann", Wait::No).unwrap();
    let host = Server::new("web1".to_owned());
    with_office(|office| assert!(ann.leave(office, &host).is_some()));
    ann.stay();
    assert!(ann.spot(&host).is_some() && !ann.has_let_go(&host));
    with_office(|office| assert!(ann.leave(office, &host).is_some()));
}

#[test]
fn who_waits_gets_it_when_it_is_free_or_gives_up_in_time() {
    let top = TempDir::new().unwrap();
    let ann = take(top.path(), &[1, 2], "ann", Wait::No).unwrap();
    let error = take(top.path(), &[1, 2], "bob", Wait::For(Duration::from_millis(10))).err().unwrap();
    assert!(error.parts().notes.iter().any(|note| note.starts_with("waited for ")), "{:?}", error.parts().notes);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| take(top.path(), &[1, 2], "bob", Wait::Always).unwrap());
        thread::sleep(Duration::from_millis(300));
        assert!(!waiting.is_finished());
        let_go(&ann);
        let_go(&waiting.join().unwrap());
    });
}

#[test]
fn who_is_waiting_can_be_cancelled() {
    let top = TempDir::new().unwrap();
    let _ann = take(top.path(), &[1], "ann", Wait::No).unwrap();
    let cancel = Cancel::new();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let record = record("bob");
            with_office(|office| {
                let claim = Claim {
                    office,
                    record: &record,
                    wait: Wait::Always,
                    stage: "production",
                    max_fail: 0,
                    answer: ANSWER,
                    along: &nothing,
                };
                claim.take(spots(top.path(), &[1]), &cancel).map(|_| ())
            })
        });
        thread::sleep(Duration::from_millis(200));
        cancel.raise();
        assert_eq!(waiting.join().unwrap().unwrap_err().kind(), Kind::Cancelled);
    });
}

#[test]
fn a_claim_is_confirmed_and_a_broken_one_stops_its_run() {
    let top = TempDir::new().unwrap();
    let spots = spots(top.path(), &[1, 2]);
    let (ann, eve) = (Record { ttl: 5, ..record("ann") }, record("eve"));
    let run = Cancel::new();
    with_office(|office| {
        let claim = Claim {
            office,
            record: &ann,
            wait: Wait::No,
            stage: "production",
            max_fail: 0,
            answer: ANSWER,
            along: &nothing,
        };
        let taken = claim.take(spots.clone(), &Cancel::new()).unwrap();
        let lease = Lease::keep(taken, ann.clone(), run.clone());
        let look = || office.ask(&spots[0], lock_script::status(&spots[0].deploy_to), LOOK, &Cancel::new()).unwrap();
        while look().held().unwrap().state == State::Tentative {
            thread::sleep(Duration::from_millis(20));
        }
        lease.describe(|record| record.commit = Some("abc".into()));
        while look().held().unwrap().commit.is_none() {
            thread::sleep(Duration::from_millis(20));
        }
        assert!(!run.is_raised() && lease.lost().is_none());
        office.ask(&spots[0], lock_script::break_it(&spots[0].deploy_to, &eve), "break", &Cancel::new()).unwrap();
        assert!(!pause(Duration::from_secs(60), &run), "the run is cancelled");
        assert_eq!(lease.lost().unwrap().to_string(), "the deploy lock was broken by eve@test");
        let_go(&lease);
    });
}

#[test]
fn a_host_that_cannot_be_asked_leaves_none_taken() {
    let top = TempDir::new().unwrap();
    std::fs::write(top.path().join("web2"), "no folder").unwrap();
    let error = take(top.path(), &[1, 2, 3], "ann", Wait::No).err().unwrap();
    assert_eq!((error.kind(), error.parts().host.as_deref()), (Kind::Command, Some("web2")));
    let_go(&take(top.path(), &[1, 3], "bob", Wait::No).unwrap());
}

#[test]
fn frozen_hosts_are_not_waited_for() {
    let top = TempDir::new().unwrap();
    let spots = spots(top.path(), &[2]);
    with_office(|office| {
        let why = crate::model::lock::Freeze { reason: "sale day".into(), ..Default::default() };
        let script = lock_script::freeze(&spots[0].deploy_to, "t", &why);
        office.ask(&spots[0], script, "freeze", &Cancel::new()).unwrap();
    });
    let error = take(top.path(), &[1, 2], "ann", Wait::Always).err().unwrap();
    assert_eq!(error.to_string(), "deploys are frozen: sale day");
    let_go(&take(top.path(), &[1], "bob", Wait::No).unwrap());
}

/// Ten at once on the same five hosts, round after round: exactly one gets them.
#[test]
fn of_ten_at_once_exactly_one_wins() {
    let top = TempDir::new().unwrap();
    for round in 0..3 {
        let results: Vec<Result<Lease, Error>> = thread::scope(|scope| {
            let begin = |number: usize| {
                let top = top.path();
                scope.spawn(move || take(top, &[5, 3, 1, 2, 4], &format!("r{round}n{number}"), Wait::No))
            };
            let contenders: Vec<_> = (0..10).map(begin).collect();
            contenders.into_iter().map(|contender| contender.join().unwrap()).collect()
        });
        let wrong: Vec<String> = results
            .iter()
            .filter_map(|result| result.as_ref().err())
            .filter(|error| error.kind() != Kind::Locked)
            .map(ToString::to_string)
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "round {round}");
        results.iter().flatten().for_each(let_go);
    }
}

/// Hosts of which each two contenders share some, all of them willing to wait: nobody waits for ever, and nobody shares.
#[test]
fn sets_that_overlap_in_a_circle_do_not_lock_each_other_out() {
    let top = TempDir::new().unwrap();
    let inside: Vec<AtomicUsize> = (0..6).map(|_| AtomicUsize::new(0)).collect();
    let sets: [&[usize]; 4] = [&[1, 2], &[2, 3], &[3, 4, 5], &[5, 1]];
    thread::scope(|scope| {
        for (number, set) in sets.into_iter().enumerate() {
            let (top, inside) = (top.path(), &inside);
            scope.spawn(move || {
                for time in 0..2 {
                    let lease = take(top, set, &format!("n{number}t{time}"), Wait::Always).unwrap();
                    for host in set {
                        assert_eq!(inside[*host].fetch_add(1, Ordering::SeqCst), 0, "host {host}");
                    }
                    for host in set {
                        inside[*host].fetch_sub(1, Ordering::SeqCst);
                    }
                    let_go(&lease);
                }
            });
        }
    });
}
