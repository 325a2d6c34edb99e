//! From a server to the way there, with the settings that decide how.

use std::sync::Arc;

use indexmap::IndexMap;
use rhai::Dynamic;

use crate::error::Error;
use crate::model::server::Server;
use crate::model::value::Value;
use crate::recipe::values::to_value;
use crate::recipe::world::World;
use crate::transport::api::Transport;
use crate::transport::pool::{Pool, PoolOptions};

/// The transport of a server; connections are made at the first command, and kept.
///
/// `stage_options` is the value of the setting `ssh_options`.
///
/// # Errors
/// Options that ssh does not have.
pub fn transport(
    world: &Arc<World>,
    server: &Server,
    stage_options: Option<&Dynamic>,
) -> Result<Arc<dyn Transport>, Error> {
    let options = match stage_options.map(to_value).transpose()? {
        None | Some(Value::Unit) => IndexMap::new(),
        Some(Value::Map(map)) => map,
        Some(other) => {
            return Err(Error::recipe(format!("setting `ssh_options` is `{other}`, but has to be a map"))
                .help("for example `set(\"ssh_options\", #{ forward_agent: true })`"));
        }
    };
    let pool = world.pool.get_or_init(|| {
        Pool::new(PoolOptions {
            dry_run: world.options.dry_run,
            prompter: world.prompter.clone(),
            vault: world.vault.clone(),
            sink: world.sink.clone(),
        })
    });
    pool.transport(server, &options)
}
