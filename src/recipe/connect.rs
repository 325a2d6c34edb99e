//! From a server to the way there, with the settings that decide how.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::error::Error;
use crate::model::server::Server;
use crate::model::value::Value;
use crate::recipe::world::World;
use crate::transport::api::Transport;
use crate::transport::pool::{Pool, PoolOptions};

/// The transport of a server; connections are made at the first command, and kept.
///
/// `options` are those of ssh for the whole stage, under Capistrano's names.
///
/// # Errors
/// Options that ssh does not have.
pub fn transport(
    world: &World,
    server: &Server,
    options: &IndexMap<String, Value>,
) -> Result<Arc<dyn Transport>, Error> {
    let pool = world.pool.get_or_init(|| {
        Pool::new(PoolOptions {
            dry_run: world.options.dry_run,
            prompter: world.prompter.clone(),
            vault: world.vault.clone(),
            sink: world.sink.clone(),
        })
    });
    pool.transport(server, options)
}
