//! A host that failed, and that the run goes on without.
//!
//! Owns how it is told; which hosts these are is `runner::roster`'s.

use crate::error::{Error, Kind};
use crate::model::error_report::ErrorReport;
use crate::model::event::Event;
use crate::model::name_list;
use crate::model::redacted::redacted;
use crate::model::server::Server;
use crate::recipe::world::World;
use crate::runner::max_fail::MaxFail;
use crate::runner::roster::Aside;

/// Sets a host aside, and says so the first time. `task` is where it failed, unless what failed there had been kept back
/// by another one.
pub fn set_aside(world: &World, task: Option<&str>, server: &Server, error: Error) {
    let error = redacted(&world.vault, error);
    let task = error.parts().task.as_deref().or(task);
    if !world.roster.set_aside(server, error.to_string()) {
        return;
    }
    world.sink.emit(&Event::HostSetAside {
        host: server.label(),
        task: task.map(str::to_owned),
        reason: error.to_string(),
        error: ErrorReport(error),
    });
}

/// An error of hosts, with those that failed before and were let go.
#[must_use]
pub fn without(error: Error, aside: &[Aside], max_fail: MaxFail) -> Error {
    if aside.is_empty() || matches!(error.kind(), Kind::Cancelled | Kind::Exit(_)) {
        return error;
    }
    let hosts = name_list::quoted(aside.iter().map(|aside| aside.host.as_str()));
    error.note(format!("set aside before: {hosts}; `max_fail` is {max_fail}"))
}
