//! A trip in the parts that can really go out together.

use crate::error::Error;
use crate::model::command::Command;
use crate::model::event::Stream;
use crate::model::trip::{TripScript, parts, render};
use crate::transport::api::{Exit, Measured, Request, Step, Told, Transport, Trip, cancelled};
use crate::transport::cancel::Cancel;
use crate::transport::channel::nonce;
use crate::transport::track::Over;

/// Runs a trip part by part; `run` runs one of them, whose commands are all of one user.
pub(crate) fn in_parts(
    trip: &Trip<'_>,
    tell: &mut dyn FnMut(usize, Told<'_>),
    cancel: &Cancel,
    mut run: impl FnMut(&Trip<'_>, &mut dyn FnMut(usize, Told<'_>)) -> Result<Over, Error>,
) -> Result<Measured, Error> {
    let commands: Vec<&Command> = trip.steps.iter().map(|step| step.command).collect();
    let mut measured = Measured::default();
    for part in parts(&commands, trip.vault)? {
        if cancel.is_raised() {
            return Err(cancelled());
        }
        let steps = &trip.steps[part.clone()];
        let (mut done, mut failed) = (0, false);
        let over = run(&Trip { steps, ..*trip }, &mut |number, told| {
            if let Told::Ended(exit) = told {
                done = number + 1;
                failed = exit.status != 0 && steps[number].must_succeed;
            }
            tell(part.start + number, told);
        })?;
        measured.add(over.seconds);
        if failed {
            break;
        }
        if done < steps.len() {
            // The shell around the commands was killed between two of them.
            tell(part.start + done, Told::Begun);
            tell(part.start + done, Told::Ended(Exit { status: over.status.max(1) }));
            break;
        }
    }
    Ok(measured)
}

/// Renders a part with a fresh marker.
pub(crate) fn script_of(part: &Trip<'_>) -> Result<TripScript, Error> {
    render(part.steps.iter().map(|step| (step.command, step.must_succeed)), part.vault, nonce(), part.shielded)
}

/// Runs one command that reads nothing, as a trip of its own.
pub(crate) fn run_alone(
    transport: &dyn Transport,
    request: &Request<'_>,
    output: &mut dyn FnMut(Stream, &[u8]),
    cancel: &Cancel,
) -> Result<Exit, Error> {
    let steps = [Step { command: request.command, must_succeed: false }];
    let trip = Trip { steps: &steps, vault: request.vault, shielded: false };
    let mut exit = Exit { status: Exit::UNKNOWN_SIGNAL };
    let mut tell = |_, told: Told<'_>| match told {
        Told::Begun | Told::Awaited(_) | Told::Left(_) => {}
        Told::Output(stream, bytes) => output(stream, bytes),
        Told::Ended(ended) => exit = ended,
    };
    transport.trip(&trip, &mut tell, cancel)?;
    Ok(exit)
}
