//! From a server to the way there.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use crate::error::Error;
use crate::model::event::{Event, Level};
use crate::model::server::{Reach, Server, THIS_MACHINE};
use crate::model::value::Value;
use crate::recipe::world::World;
use crate::transport::api::Transport;
use crate::transport::local::Local;
use crate::transport::options::ConnectTimeouts;
use crate::transport::pool::{Pool, PoolOptions};
use crate::transport::record::Record;
use crate::transport::warm::Warm;

/// What settings say about connections; it counts from the first connection on.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Options of ssh for the whole stage, under Capistrano's names.
    pub ssh_options: IndexMap<String, Value>,
    /// Seconds that connections stay for the next run; 0 closes them.
    pub warm: u32,
    /// Longest time to connect to a host, where the recipe says so.
    pub connect_timeout: Option<Duration>,
}

/// The transport of a server; connections are made at the first command, and kept.
///
/// # Errors
/// Options that ssh does not have.
pub fn transport(world: &World, server: &Server, wishes: &Wishes) -> Result<Arc<dyn Transport>, Error> {
    let pool = world.pool.get_or_init(|| {
        let (sink, profile) = (world.sink.clone(), Arc::clone(&world.profile));
        let on_connect = move |host: &str, time: Duration, reused: bool| {
            profile.connected(host, time);
            sink.emit(&Event::Connected { host: host.to_owned(), seconds: time.as_secs_f64(), reused });
        };
        let sink = world.sink.clone();
        let on_note = move |host: &str, text: &str| {
            let (host, text) = (Some(host.to_owned()), text.to_owned());
            sink.emit(&Event::Message { level: Level::Warn, text, host, task: None, place: None });
        };
        Pool::new(PoolOptions {
            dry_run: world.options.dry_run,
            ssh_options: wishes.ssh_options.clone(),
            connect_timeouts: ConnectTimeouts { line: world.options.times.connect, setting: wishes.connect_timeout },
            prompter: world.prompter.clone(),
            vault: world.vault.clone(),
            askpass: std::env::current_exe().unwrap_or_else(|_| PathBuf::from("windlass")),
            warm: warm(world, wishes),
            tells_logins: world.options.tells_logins,
            on_connect: Arc::new(on_connect),
            on_note: Arc::new(on_note),
        })
    });
    pool.transport(server)
}

/// Where connections stay for the next run, if they do. Without such a folder they are closed, and the run goes on.
fn warm(world: &World, wishes: &Wishes) -> Option<Warm> {
    let say = |level, text: String| {
        world.sink.emit(&Event::Message { level, text, host: None, task: None, place: None });
    };
    // One of an earlier run would say nothing of its login.
    if wishes.warm == 0 || world.options.dry_run || world.options.tells_logins {
        return None;
    }
    if world.options.in_ci {
        say(Level::Debug, "connections are closed at the end, because CI is set: `warm` does not count".to_owned());
        return None;
    }
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    Warm::open(runtime.as_deref(), Duration::from_secs(wishes.warm.into()))
        .inspect_err(|error| {
            let help = error.parts().help.join("; ");
            say(Level::Warn, format!("{error}; they are closed at the end of this run ({help})"));
        })
        .ok()
}

/// This machine, for `run_locally`.
#[must_use]
pub fn this_machine(world: &World) -> (Arc<Server>, Arc<dyn Transport>) {
    let server = Server { reach: Reach::Local, ..Server::new(THIS_MACHINE) };
    let transport: Arc<dyn Transport> = if world.options.dry_run {
        Arc::new(Record::new(server.label()))
    } else {
        Arc::new(Local::new(server.label()))
    };
    (Arc::new(server), transport)
}
