//! What `filter_hosts` says: closures that decide for the whole run which hosts `on` gets.
//!
//! Owns asking them, each once for a host. They come after the filters of the command line and of the setting, which are
//! `model::filter`'s.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rhai::{Dynamic, Engine};

use crate::error::Error;
use crate::model::server::Server;
use crate::place::Place;
use crate::recipe::callable::Callable;
use crate::recipe::diagnose::diagnose;
use crate::recipe::dsl::host_type::Host;
use crate::recipe::frame::Frame;
use crate::recipe::values::is_truthy;
use crate::recipe::world::World;

/// One closure.
#[derive(Clone)]
struct HostFilter {
    closure: Callable,
    place: Option<Place>,
}

/// All of them, and what they have said.
#[derive(Default)]
pub struct HostFilters {
    filters: Mutex<Vec<HostFilter>>,
    /// By name and port.
    said: Mutex<HashMap<(String, u16), bool>>,
}

impl HostFilters {
    /// Adds a closure; a host has to be let through by all.
    pub fn add(&self, closure: Callable, place: Option<Place>) {
        self.filters.lock().unwrap_or_else(PoisonError::into_inner).push(HostFilter { closure, place });
    }

    /// Where the last one was written, if there is any.
    #[must_use]
    pub fn last(&self) -> Option<Option<Place>> {
        let filters = self.filters.lock().unwrap_or_else(PoisonError::into_inner);
        filters.last().map(|filter| filter.place.clone())
    }

    /// The servers all closures let through.
    ///
    /// # Errors
    /// What a closure raises.
    pub fn select(
        &self,
        engine: &Engine,
        world: &Arc<World>,
        servers: &[Arc<Server>],
    ) -> Result<Vec<Arc<Server>>, Error> {
        let filters = self.filters.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut left = Vec::new();
        for server in servers {
            let key = key(server);
            let known = self.said().get(&key).copied();
            let passes = if let Some(passes) = known {
                passes
            } else {
                let passes = passes(engine, world, &filters, server)?;
                self.said().insert(key, passes);
                passes
            };
            if passes {
                left.push(server.clone());
            }
        }
        Ok(left)
    }

    /// The servers without those that were not let through before.
    #[must_use]
    pub fn not_refused(&self, servers: &[Arc<Server>]) -> Vec<Arc<Server>> {
        let said = self.said();
        servers.iter().filter(|server| said.get(&key(server)) != Some(&false)).cloned().collect()
    }

    /// Another run asks again: what a closure goes by may have changed.
    pub fn forget(&self) {
        self.said().clear();
    }

    fn said(&self) -> MutexGuard<'_, HashMap<(String, u16), bool>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn passes(engine: &Engine, world: &Arc<World>, filters: &[HostFilter], server: &Arc<Server>) -> Result<bool, Error> {
    for filter in filters {
        let file = filter.closure.place().map(|place| place.file);
        let host = Dynamic::from(Host::new(server.clone()));
        let verdict = filter
            .closure
            .isolated()
            .call(engine, Frame::top(world.clone()), vec![host])
            .map_err(|error| diagnose(*error, &world.scripts, file))
            .map_err(|error| error.through("the closure of `filter_hosts`", filter.place.clone()))?;
        if !is_truthy(&verdict) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn key(server: &Server) -> (String, u16) {
    let (name, port) = server.key();
    (name.to_owned(), port)
}
