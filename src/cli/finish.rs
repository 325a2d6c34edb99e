//! The end of a run: failure hooks, where every host stands, the exit code.

use std::collections::HashMap;

use crate::error::{EXIT_CANCELLED, EXIT_FAILED, EXIT_MIXED, EXIT_OK, EXIT_USAGE, Error, Kind};
use crate::model::error_report::ErrorReport;
use crate::model::event::{Event, Level};
use crate::model::limits::{Bound, Limit, remedy, run_expired};
use crate::model::redacted::redacted;
use crate::model::server::Server;
use crate::model::span::shown;
use crate::recipe::session::Session;
use crate::runner::run_limit::RunLimit;
use crate::transport::api::CANCELLED;
use crate::transport::cancel::Cancel;

/// Ends a run and gives its exit code. `expired` is the limit of the run, where it was reached.
pub fn finish(session: &Session, outcome: Result<(), Error>, expired: Option<Bound>) -> u8 {
    let world = session.world();
    let lost = session.lost_lock();
    // A run that took too long, or lost its lock, is cancelled by windlass itself: a failure and no wish.
    let cancelled = world.cancel.is_raised() && lost.is_none() && expired.is_none();
    let ended = |error| match expired {
        Some(bound) if lost.is_none() => late(error, bound),
        _ => error,
    };
    let went_well = outcome.as_ref().err().is_none_or(|error| error.kind() == Kind::Exit(0));
    let was_to_end = cancelled || (expired.is_some() && lost.is_none());
    let outcome = if went_well && was_to_end { Err(too_late()) } else { outcome }.map_err(ended);
    let error = match outcome {
        Err(error) if error.kind() == Kind::Exit(0) => None,
        Err(error) => Some(redacted(&world.vault, because_of(lost.clone(), error))),
        Ok(()) => None,
    };
    let Some(mut error) = error else {
        if let Some(lost) = lost {
            say(session, &format!("everything was done, but {lost}"));
        }
        session.release_locks();
        return finish_well(session);
    };
    if session.was_deploying() && !world.options.dry_run {
        say(
            session,
            &if cancelled { "the deploy was cancelled".to_owned() } else { format!("the deploy has failed: {error}") },
        );
        if let Err(second) = in_time(session, "the hooks of deploy:failed", |cancel| session.run_failure_hooks(cancel))
        {
            say(session, &format!("a hook of deploy:failed failed as well: {second}"));
        }
    }
    world.roster.end();
    let (mixed, table) = settled(session, &reasons(&error));
    session.release_locks();
    if let Some(event) = table {
        world.sink.emit(&event);
    }
    let code = exit_code(&error, mixed, world.has_run_commands(), cancelled);
    if error.kind() == Kind::Cancelled && error.to_string() == CANCELLED {
        // `cancelled: cancelled` would say nothing.
        "stopped before the end".clone_into(&mut error.parts_mut().message);
    }
    world.sink.emit(&Event::Failed { error: ErrorReport(error) });
    code
}

/// The error of a run that was cancelled, and had come to its end by then: what it does last may not have been something
/// that can be stopped. Whoever called it off, and whatever comes behind it, must not take it for one that went as asked.
fn too_late() -> Error {
    Error::new(Kind::Cancelled, "everything was done before it could be stopped")
}

/// The error of a run that was ended because of its limit; one that has nothing to do with that stays what it is.
fn late(mut error: Error, bound: Bound) -> Error {
    if error.kind() != Kind::Cancelled {
        return error.note(run_expired(bound));
    }
    let parts = error.parts_mut();
    let said = std::mem::replace(&mut parts.message, run_expired(bound));
    parts.kind = Kind::Timeout;
    if said != CANCELLED {
        parts.notes.push(said);
    }
    error.help(remedy(Limit::Run, bound))
}

/// A run without an error, or one that a recipe ended with `exit(0)`. A recipe that catches the failure of a switch
/// can still leave a mixed fleet behind, and so can hosts that were set aside. Hosts that were not selected are not part
/// of it.
fn finish_well(session: &Session) -> u8 {
    let world = session.world();
    world.roster.end();
    let aside = world.roster.aside().len();
    let (mixed, table) = settled(session, &HashMap::new());
    if let Some(event) = table.filter(|_| mixed || aside > 0 || world.fleet.has_switched()) {
        world.sink.emit(&event);
    }
    match (mixed, aside) {
        (true, _) => EXIT_MIXED,
        (false, 0) => EXIT_OK,
        (false, _) => EXIT_FAILED,
    }
}

/// Whether the fleet is mixed, and the table of all hosts that have to do with it; none when no release was touched.
fn settled(session: &Session, failed: &HashMap<String, String>) -> (bool, Option<Event>) {
    let world = session.world();
    let (fleet, aside) = (&world.fleet, world.roster.aside());
    if !fleet.is_touched() {
        return (false, None);
    }
    // A host that cannot be asked stands in the table as in doubt.
    let _ = in_time(session, "the look what became of the hosts", |cancel| session.settle(cancel));
    // Hosts that were left behind before anybody could look what is current there.
    let servers: Vec<(usize, String)> = world.inventory(|inventory| {
        let all = inventory.servers().enumerate();
        let release = |server: &Server| !server.property("no_release").is_truthy();
        all.filter(|(_, server)| release(server)).map(|(number, server)| (number, server.label())).collect()
    });
    for (number, host) in servers.iter().filter(|(_, host)| aside.iter().any(|aside| aside.host == *host)) {
        fleet.concerns(*number, host);
    }
    let mixed = fleet.is_mixed();
    for (number, host) in servers.iter().filter(|(_, host)| failed.contains_key(host)) {
        fleet.concerns(*number, host);
    }
    (mixed, fleet.report(failed, &aside, mixed))
}

/// Does something after the end of a run, under a limit of its own: the locks are held until it is over.
fn in_time(session: &Session, what: &str, work: impl FnOnce(&Cancel) -> Result<(), Error>) -> Result<(), Error> {
    let (world, cancel) = (session.world(), Cancel::new());
    let time = world.options.times.after_failure();
    let (sink, what) = (world.sink.clone(), what.to_owned());
    let limit = RunLimit::begin(time, &cancel, move || {
        let text =
            format!("{what} took longer than {}: ending what runs on the hosts", shown(time.unwrap_or_default()));
        sink.emit(&Event::Message { level: Level::Error, text, host: None, task: None, place: None });
    })?;
    match (work(&cancel), limit.end()) {
        // It was told.
        (Err(error), true) if error.kind() == Kind::Cancelled => Ok(()),
        (done, _) => done,
    }
}

/// A lock that was lost is what stopped the run; how far the hosts had come stays known.
fn because_of(lost: Option<Error>, error: Error) -> Error {
    match lost {
        Some(mut lost) if error.kind() == Kind::Cancelled => {
            let stopped = error.parts();
            lost.parts_mut().notes.extend(stopped.notes.iter().cloned());
            lost.parts_mut().trace.clone_from(&stopped.trace);
            lost.at(stopped.place.clone())
        }
        _ => error,
    }
}

/// A mixed fleet is what everybody has to know first. A mistake in a recipe found after commands have run is a failed
/// task, not a mistake found in time. What a recipe makes of being cancelled is no failure of its own.
fn exit_code(error: &Error, mixed: bool, commands_ran: bool, cancelled: bool) -> u8 {
    match error.exit_code() {
        _ if mixed => EXIT_MIXED,
        _ if cancelled => EXIT_CANCELLED,
        EXIT_USAGE if commands_ran => EXIT_FAILED,
        code => code,
    }
}

/// Why each host was left behind, by its label.
fn reasons(error: &Error) -> HashMap<String, String> {
    let parts = error.parts();
    let own = parts.host.iter().map(|host| (host.clone(), error.to_string()));
    own.chain(parts.causes.iter().flat_map(reasons)).collect()
}

fn say(session: &Session, text: &str) {
    let text = session.world().vault.redact(text).into_owned();
    session.world().sink.emit(&Event::Message { level: Level::Error, text, host: None, task: None, place: None });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::EXIT_UNREACHABLE;
    use crate::model::limits::Source;

    #[test]
    fn a_mixed_fleet_comes_first() {
        let error = Error::new(Kind::Cancelled, "cancelled");
        assert_eq!(exit_code(&error, false, true, true), EXIT_CANCELLED);
        assert_eq!(exit_code(&error, true, true, true), EXIT_MIXED);
    }

    #[test]
    fn what_a_recipe_throws_when_cancelled_is_no_failure() {
        assert_eq!(exit_code(&Error::new(Kind::Thrown, "no release"), false, true, true), EXIT_CANCELLED);
    }

    #[test]
    fn a_lost_lock_takes_the_place_of_the_cancel_it_raised() {
        let lost = || Some(Error::new(Kind::Locked, "the lock was lost to ann"));
        let error = because_of(lost(), Error::new(Kind::Cancelled, "cancelled").note("done: `web1`"));
        assert_eq!((error.kind(), error.parts().notes.as_slice()), (Kind::Locked, &["done: `web1`".to_owned()][..]));
        assert_eq!(because_of(lost(), Error::new(Kind::Command, "x")).kind(), Kind::Command);
        assert_eq!(because_of(None, Error::new(Kind::Cancelled, "x")).kind(), Kind::Cancelled);
    }

    #[test]
    fn a_run_that_took_too_long_has_failed() {
        let bound = Bound { time: std::time::Duration::from_secs(60), source: Source::Setting };
        let error = late(Error::new(Kind::Cancelled, "cancelled").note("done: `web1`"), bound);
        assert_eq!(error.to_string(), "the run took longer than 1 min, the limit of the setting `run_timeout`");
        assert_eq!((error.kind(), exit_code(&error, false, true, false)), (Kind::Timeout, EXIT_FAILED));
        assert_eq!(error.parts().notes, ["done: `web1`"]);
        let error = late(too_late(), bound);
        assert_eq!((error.kind(), error.parts().notes.len()), (Kind::Timeout, 1));
        let error = late(Error::new(Kind::Command, "`make` ended with status 2"), bound);
        assert_eq!((error.kind(), error.parts().notes.len()), (Kind::Command, 1));
    }

    #[test]
    fn a_recipe_mistake_after_commands_have_run_is_a_failure() {
        let error = Error::recipe("there is no function `x`");
        assert_eq!(exit_code(&error, false, false, false), EXIT_USAGE);
        assert_eq!(exit_code(&error, false, true, false), EXIT_FAILED);
        assert_eq!(exit_code(&Error::new(Kind::Connection, "refused"), false, true, false), EXIT_UNREACHABLE);
    }

    #[test]
    fn every_failed_host_has_its_reason() {
        let cause = |host: &str, text: &str| Error::new(Kind::Command, text).on(host);
        let error = Error::new(Kind::Hosts, "2 of 3 hosts failed")
            .because(cause("a", "disk full"))
            .because(cause("b", "no git"));
        let reasons = reasons(&error);
        assert_eq!(reasons["a"], "disk full");
        assert_eq!(reasons["b"], "no git");
    }
}
