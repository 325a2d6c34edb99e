//! From a server to the way there.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use crate::error::Error;
use crate::model::event::{Event, Level};
use crate::model::server::{Reach, Server};
use crate::model::value::Value;
use crate::recipe::world::World;
use crate::transport::api::Transport;
use crate::transport::local::Local;
use crate::transport::options::ConnectTimeouts;
use crate::transport::pool::{Pool, PoolOptions};
use crate::transport::record::Record;

/// The transport of a server; connections are made at the first command, and kept.
///
/// `options` are those of ssh for the whole stage, under Capistrano's names, and `patience` is the setting
/// `connect_timeout`; they count from the first call on.
///
/// # Errors
/// Options that ssh does not have.
pub fn transport(
    world: &World,
    server: &Server,
    options: &IndexMap<String, Value>,
    patience: Option<Duration>,
) -> Result<Arc<dyn Transport>, Error> {
    let pool = world.pool.get_or_init(|| {
        let (sink, profile) = (world.sink.clone(), Arc::clone(&world.profile));
        let on_connect = move |host: &str, time: Duration| {
            profile.connected(host, time);
            sink.emit(&Event::Connected { host: host.to_owned(), seconds: time.as_secs_f64() });
        };
        let sink = world.sink.clone();
        let on_note = move |host: &str, text: &str| {
            let (host, text) = (Some(host.to_owned()), text.to_owned());
            sink.emit(&Event::Message { level: Level::Warn, text, host, task: None, place: None });
        };
        Pool::new(PoolOptions {
            dry_run: world.options.dry_run,
            ssh_options: options.clone(),
            connect_timeouts: ConnectTimeouts { line: world.options.times.connect, setting: patience },
            prompter: world.prompter.clone(),
            vault: world.vault.clone(),
            askpass: std::env::current_exe().unwrap_or_else(|_| PathBuf::from("windlass")),
            on_connect: Arc::new(on_connect),
            on_note: Arc::new(on_note),
        })
    });
    pool.transport(server)
}

/// This machine, for `run_locally`.
#[must_use]
pub fn this_machine(world: &World) -> (Arc<Server>, Arc<dyn Transport>) {
    let server = Server { reach: Reach::Local, ..Server::new("localhost") };
    let transport: Arc<dyn Transport> = if world.options.dry_run {
        Arc::new(Record::new(server.label()))
    } else {
        Arc::new(Local::new(server.label()))
    };
    (Arc::new(server), transport)
}
