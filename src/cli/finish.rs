//! The end of a run: failure hooks, where every host stands, the exit code.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use crate::error::{EXIT_CANCELLED, EXIT_FAILED, EXIT_MIXED, EXIT_OK, EXIT_USAGE, Error, Kind};
use crate::model::event::{ErrorReport, Event, Level};
use crate::recipe::session::Session;
use crate::transport::cancel::Cancel;

/// Ends a run and gives its exit code.
pub fn finish(session: &Session, outcome: Result<(), Error>) -> u8 {
    let world = session.world();
    let lost = session.lost_lock();
    let cancelled = world.cancel.is_raised() && lost.is_none();
    let error = match outcome {
        Err(error) if error.kind() == Kind::Exit(0) => None,
        Err(error) => Some(redacted(session, because_of(lost.clone(), error))),
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
        if let Err(second) = session.run_failure_hooks(&Cancel::new()) {
            say(session, &format!("a hook of deploy:failed failed as well: {second}"));
        }
    }
    // A host that cannot be asked stands in the table as unknown.
    let _ = session.settle(&Cancel::new());
    session.release_locks();
    let mixed = world.fleet.is_mixed();
    if let Some(event) = world.fleet.report(&reasons(&error)) {
        world.sink.emit(&event);
    }
    let code = exit_code(&error, mixed, world.numbers.load(Ordering::Relaxed) > 0, cancelled);
    if error.kind() == Kind::Cancelled {
        // `cancelled: cancelled` would say nothing.
        "stopped before the end".clone_into(&mut error.parts_mut().message);
    }
    world.sink.emit(&Event::Failed { error: ErrorReport(error) });
    code
}

/// A run without an error, or one that a recipe ended with `exit(0)`. A recipe that catches the failure of a switch
/// can still leave a mixed fleet behind. Hosts that were not selected are not part of it.
fn finish_well(session: &Session) -> u8 {
    let fleet = &session.world().fleet;
    if !fleet.is_mixed() {
        return EXIT_OK;
    }
    if let Some(event) = fleet.report(&HashMap::new()) {
        session.world().sink.emit(&event);
    }
    EXIT_MIXED
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

/// Messages of recipes may hold secrets; every text of an error is looked through once more.
fn redacted(session: &Session, mut error: Error) -> Error {
    let vault = &session.world().vault;
    let redact = |text: &mut String| *text = vault.redact(text).into_owned();
    let parts = error.parts_mut();
    redact(&mut parts.message);
    parts.help.iter_mut().chain(&mut parts.notes).for_each(redact);
    parts.causes = std::mem::take(&mut parts.causes).into_iter().map(|cause| redacted(session, cause)).collect();
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::EXIT_UNREACHABLE;

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
