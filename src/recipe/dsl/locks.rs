//! The lock of a deploy, as recipes take, check and release it.
//!
//! The rules are in `model::lock*`, the work on hosts in `runner::take` and `runner::lease`; what is done to locks of
//! others is in `lock_care`.

use std::sync::Arc;

use jiff::Timestamp;
use rhai::{Array, Dynamic, Map};

use crate::error::{Error, Kind};
use crate::model::command::Command;
use crate::model::event::Level;
use crate::model::lock::Answer;
use crate::model::server::Server;
use crate::model::{lock_script, lock_words, name_list, release};
use crate::recipe::aside::{set_aside, without};
use crate::recipe::dsl::along::Along;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::dispatch::{job, order};
use crate::recipe::dsl::lock_care::{break_lock, freeze_lock, lock_status, unfreeze_lock};
use crate::recipe::dsl::lock_spots::{record, spots};
use crate::recipe::dsl::on_options::usual_max_fail;
use crate::recipe::dsl::servers::named;
use crate::recipe::dsl::signature::{CLOSURE, LIST, MAP, NOTHING, TEXT, ValueKind, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::frame::Here;
use crate::recipe::kept::Kept;
use crate::recipe::progress::under;
use crate::recipe::values::text;
use crate::runner::claim::Claim;
use crate::runner::execute::{Explain, Job, Wish};
use crate::runner::lease::Lease;
use crate::runner::spot::{ANSWER, Spot};
use crate::transport::cancel::Cancel;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "take_lock",
        usage: "take_lock(folders) or take_lock(folders, |host| { … })",
        about: "Take the lock of several hosts, all of them or none; `folders` is a map from host to the folder of the \
                application, as `on(hosts, |host| deploy_to())` gives it. What the run has already is left as it is. \
                Raises an error of kind `locked` where another run has it, unless `--wait` was given. Gives the list of \
                hosts whose lock it has taken now, for `release_lock`. With a block, a map from these hosts to the value of the \
                block, which is a `batch`: its commands go to a host together with the question for the lock, and run there as \
                soon as that is ours.",
        takes: &[one("folders", MAP), maybe("block", CLOSURE)],
        options: &[],
        gives: &[ValueKind::List, ValueKind::Map],
        run: take_lock,
    },
    Function {
        name: "check_lock",
        usage: "check_lock()",
        about: "Raise an error of kind `locked` unless the lock the run took is still its own on this host. Put it into \
                the `batch` of what must not happen without the lock. Where the run never took one it does nothing.",
        takes: &[],
        options: &[],
        gives: NOTHING,
        run: check_lock,
    },
    Function {
        name: "describe_lock",
        usage: "describe_lock(#{ commit: \"…\", branch: \"…\" })",
        about: "Let others see with the lock what is being deployed.",
        takes: &[one("options", &[ValueKind::Options])],
        options: &[&[maybe("commit", TEXT), maybe("branch", TEXT)]],
        gives: NOTHING,
        run: describe_lock,
    },
    Function {
        name: "release_lock",
        usage: "release_lock() or release_lock(hosts) or release_lock(hosts, || { … })",
        about: "Let go of the locks of this run, or of those alone that one `take_lock` gave, when everything kept back by \
                a `batch` has been sent: as the last command inside that `batch` it is no trip of its own. A host that \
                cannot let go of its lock within 10 s is a warning and no error: the lock runs out. A block is run when \
                all is done that needs the lock. Happens by itself at the end of a run, however it ends.",
        takes: &[maybe("hosts", LIST), maybe("block", CLOSURE)],
        options: &[],
        gives: NOTHING,
        run: release_lock,
    },
    Function {
        name: "lock_status",
        usage: "lock_status(folders)",
        about: "Who holds the lock: a map from host to `#{ held, frozen, user, machine, pid, task, branch, commit, ci, \
                since, left, reason, text }`.",
        takes: &[one("folders", MAP)],
        options: &[],
        gives: MAP,
        run: lock_status,
    },
    Function {
        name: "break_lock",
        usage: "break_lock(folders)",
        about: "Take the lock away from whoever holds it, and give a map from host to who that was, () where nobody did.",
        takes: &[one("folders", MAP)],
        options: &[],
        gives: MAP,
        run: break_lock,
    },
    Function {
        name: "freeze_lock",
        usage: "freeze_lock(folders, reason)",
        about: "Let nobody take the lock from now on.",
        takes: &[one("folders", MAP), one("reason", TEXT)],
        options: &[],
        gives: NOTHING,
        run: freeze_lock,
    },
    Function {
        name: "unfreeze_lock",
        usage: "unfreeze_lock(folders)",
        about: "End that, and give a map from host to the reason there was, () where there was none.",
        takes: &[one("folders", MAP)],
        options: &[],
        gives: MAP,
        run: unfreeze_lock,
    },
];

fn take_lock(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let mut spots = spots(call)?;
    let block = (call.left() > 0).then(|| call.closure("what else to ask")).transpose()?;
    let world = call.world();
    spots.retain(|spot| world.leases.of(&spot.server).is_none());
    if spots.is_empty() || world.options.dry_run {
        return Ok(if block.is_some() { Map::new().into() } else { Array::new().into() });
    }
    let along = block.as_ref().map(|block| Along::ask(call, block, &spots)).transpose()?;
    let record = record(call)?;
    let stage = world.options.stage.clone().unwrap_or_else(|| "STAGE".to_owned());
    let office = world.office(call.frame().task(), call.place());
    let usual = usual_max_fail(call)?;
    let max_fail = world.roster.may_fail(usual, spots.len(), world.hosts_of_run());
    let jobs = along.as_ref().map(Along::jobs);
    let jobs_of = |spot: &Spot| jobs.map_or_else(Vec::new, |jobs| jobs.of(spot));
    let claim = Claim {
        office: &office,
        record: &record,
        wait: world.options.wait,
        stage: &stage,
        max_fail,
        answer: ANSWER,
        along: &jobs_of,
    };
    let mut taken =
        claim.take(spots, &call.frame().cancel).map_err(|error| without(error, &world.roster.aside(), usual))?;
    for (spot, error) in taken.failed.drain(..) {
        set_aside(world, call.frame().task(), &spot.server, error);
    }
    // Another deploy may have come and gone while we had no lock yet, and releases go by their names.
    world.now.renew(release::name(Timestamp::now()));
    let hosts: Array = taken.spots.iter().map(|spot| spot.server.address().into()).collect();
    let found = taken.spots.iter().cloned().zip(taken.found.drain(..)).collect();
    world.leases.add(Lease::keep(taken, record, world.cancel.clone()));
    along.map_or_else(|| Ok(hosts.into()), |along| along.found(found).map(Dynamic::from))
}

fn check_lock(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let here = call.here()?;
    let leases = &call.world().leases;
    if leases.has_let_go(&here.server) {
        return Err(lock_words::let_go(&here.transport.label()));
    }
    let Some(lease) = leases.of(&here.server) else { return Ok(Dynamic::UNIT) };
    let Some(spot) = lease.spot(&here.server) else { return Ok(Dynamic::UNIT) };
    let script = lock_script::check(&spot.deploy_to, &lease.record());
    let command = Command { umask: spot.umask.clone(), ..script };
    let host = here.transport.label();
    let wish = Wish { level: Level::Debug, must_succeed: true, keep_output: true };
    let explain = Explain::new(move |ran| match Answer::read(&String::from_utf8_lossy(&ran.stdout)) {
        Some(answer) if ran.exit.status == lock_script::LOST => {
            let error = lock_words::lost(&host, &answer);
            lease.lose(error.clone());
            Some(error)
        }
        _ => {
            let said = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
            Some(Error::new(Kind::Command, "the deploy lock could not be checked").note(said))
        }
    });
    let job = job(call, command, wish, Some("check the deploy lock".to_owned()))?;
    order(call, Job { explain: Some(explain), ..job })
}

fn describe_lock(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let world = call.world();
    let shown = |name: &str| options.get(name).and_then(text).map(|text| world.vault.redact(&text).into_owned());
    let (commit, branch) = (shown("commit"), shown("branch"));
    for lease in world.leases.all() {
        lease.describe(|record| {
            record.commit = commit.clone().or_else(|| record.commit.take());
            record.branch = branch.clone().or_else(|| record.branch.take());
        });
    }
    Ok(Dynamic::UNIT)
}

fn release_lock(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let only = (call.left() > 0).then(|| hosts(call)).transpose()?;
    let block = (call.left() > 0).then(|| call.closure("what to do before")).transpose()?;
    let among = |spot: &Spot| only.iter().flatten().any(|host| host.key() == spot.server.key());
    let is_meant = |lease: &Lease| only.is_none() || lease.spots().iter().any(among);
    if only.is_some() {
        let in_part = |lease: &Arc<Lease>| is_meant(lease) && !lease.spots().iter().all(among);
        if let Some(lease) = call.world().leases.all().into_iter().find(in_part) {
            let hosts = name_list::quoted(lease.spots().iter().map(|spot| spot.server.address()));
            return Err(Error::recipe(format!("the locks of {hosts} were taken together, and are let go together"))
                .help("give `release_lock` what that `take_lock` gave, or nothing: then all locks are let go"));
        }
    }
    let world = call.world();
    let meant: Vec<_> = world.leases.all().into_iter().filter(|lease| is_meant(lease)).collect();
    send_and_leave(call, &meant)?;
    if let Some(block) = block {
        // Whoever wants to stop the run now comes too late: everything is done.
        under(&Cancel::new(), || call.call_in(&block, Vec::new(), call.frame().clone())).map(drop)?;
    }
    // What was lost has to be told at the end.
    if meant.iter().all(|lease| lease.close()) {
        world.release_locks(&world.office(call.frame().task(), call.place()), is_meant);
    }
    Ok(Dynamic::UNIT)
}

/// Sends what is kept back, which was written while the lock was there for it. A host where that succeeds lets go of its
/// lock in the same trip. Where it fails on any, the locks are taken back: there is something to be mended.
fn send_and_leave(call: &Call<'_>, leases: &[Arc<Lease>]) -> Result<(), Error> {
    let (frame, world) = (call.frame(), call.world());
    let Some(held) = &frame.held else { return frame.flush() };
    if frame.here.is_some() {
        frame.flush()?;
        return held.flush(frame);
    }
    let office = world.office(frame.task(), call.place());
    let leaving = |here: &Here| {
        // Another user may not be allowed to.
        let is_way = |spot: &Spot| Arc::ptr_eq(&spot.transport, &here.transport);
        let lease = leases.iter().find(|lease| lease.spot(&here.server).is_some_and(is_way));
        let Some((lease, job)) = lease.and_then(|lease| Some((Arc::clone(lease), lease.leave(&office, &here.server)?)))
        else {
            return Vec::new();
        };
        let server = Arc::clone(&here.server);
        vec![Kept::forgiven(job, move |ran| {
            match ran {
                Ok(_) => lease.has_left(&server),
                Err(error) if error.kind() == Kind::Timeout => lease.hangs(&server),
                // It is tried once more, and told.
                Err(_) => {}
            }
        })]
    };
    let sent = held.flush_with(frame, leaving);
    for lease in leases {
        if sent.is_err() {
            for (spot, why) in lease.take_back(&office) {
                let host = spot.transport.label();
                office.say(Level::Warn, &format!("the deploy lock of {host} could not be taken back: {why}"));
            }
        }
        lease.stay();
    }
    sent
}

/// Hosts by their names, as `take_lock` gives them.
fn hosts(call: &mut Call<'_>) -> Result<Vec<Arc<Server>>, Error> {
    let value = call.any();
    let expected = "a list of hosts, as `take_lock` gives it";
    let list = value.clone().try_cast::<Array>().ok_or_else(|| call.wrong("the hosts", expected, &value))?;
    let host = |name: &Dynamic| {
        let name = text(name).ok_or_else(|| call.wrong("the hosts", expected, &value))?;
        named(call.world(), &name)
    };
    list.iter().map(host).collect()
}
