//! A trip in the parts that can really go out together.

use crate::error::Error;
use crate::model::command::Command;
use crate::model::event::Stream;
use crate::model::trip::{TripScript, parts, render};
use crate::transport::api::{Exit, Measured, Request, Step, Told, Transport, Trip, cancelled};
use crate::transport::cancel::Cancel;
use crate::transport::channel::nonce;
use crate::transport::track::Over;

/// Runs a trip part by part; `run` runs one of them, whose commands are all of one user. It is given the flag that stops
/// the way to the host: of a shielded trip that has begun, a cancel stops neither that nor what comes next.
///
/// A part may end before its last command has begun: behind a command that left something running, which could print
/// into the output of the next one, or with a shell that a command has killed. What has not begun goes out once more, to
/// another shell.
pub(crate) fn in_parts(
    trip: &Trip<'_>,
    tell: &mut dyn FnMut(usize, Told<'_>),
    cancel: &Cancel,
    mut run: impl FnMut(&Trip<'_>, &mut dyn FnMut(usize, Told<'_>), &Cancel) -> Result<Over, Error>,
) -> Result<Measured, Error> {
    let commands: Vec<&Command> = trip.steps.iter().map(|step| step.command).collect();
    let mut measured = Measured::default();
    let (unstoppable, mut way) = (Cancel::new(), cancel);
    for part in parts(&commands, trip.vault)? {
        let mut rest = part;
        while !rest.is_empty() {
            if way.is_raised() {
                return Err(cancelled());
            }
            let steps = &trip.steps[rest.clone()];
            let (mut done, mut failed) = (0, false);
            let over = run(
                &Trip { steps, ..*trip },
                &mut |number, told| {
                    if let Told::Ended(exit) = told {
                        done = number + 1;
                        failed = exit.status != 0 && steps[number].must_succeed;
                    }
                    tell(rest.start + number, told);
                },
                way,
            )?;
            measured.add(over.seconds);
            if done == 0 {
                // The shell has gone before any of them began; it would again.
                tell(rest.start, Told::Begun);
                tell(rest.start, Told::Ended(Exit { status: over.status.max(1) }));
                return Ok(measured);
            }
            if failed {
                return Ok(measured);
            }
            rest.start += done;
            if trip.shielded {
                way = &unstoppable;
            }
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
