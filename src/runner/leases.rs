//! The locks of a run: those it has, and those it had and has let go.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::Error;
use crate::model::server::Server;
use crate::runner::lease::Lease;

/// The locks.
#[derive(Default)]
pub struct Leases(Mutex<State>);

#[derive(Default)]
struct State {
    kept: Vec<Arc<Lease>>,
    /// Hosts whose lock the run had.
    let_go: Vec<Arc<Server>>,
}

impl Leases {
    /// Those the run has.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Lease>> {
        self.locked().kept.clone()
    }

    /// The one of a host.
    #[must_use]
    pub fn of(&self, server: &Server) -> Option<Arc<Lease>> {
        self.locked().kept.iter().find(|lease| lease.spot(server).is_some()).cloned()
    }

    /// Whether the run had the lock of a host, and has it no more.
    #[must_use]
    pub fn has_let_go(&self, server: &Server) -> bool {
        let state = self.locked();
        !state.kept.iter().any(|lease| lease.spot(server).is_some())
            && (state.kept.iter().any(|lease| lease.has_let_go(server))
                || state.let_go.iter().any(|host| host.key() == server.key()))
    }

    /// Adds locks that were taken.
    pub fn add(&self, lease: Lease) {
        self.locked().kept.push(Arc::new(lease));
    }

    /// Takes some of them out, to be let go.
    #[must_use]
    pub fn take(&self, which: impl Fn(&Lease) -> bool) -> Vec<Arc<Lease>> {
        let mut state = self.locked();
        let (taken, kept) = std::mem::take(&mut state.kept).into_iter().partition(|lease| which(lease));
        state.kept = kept;
        let gone =
            |lease: &Arc<Lease>| lease.all_spots().iter().map(|spot| Arc::clone(&spot.server)).collect::<Vec<_>>();
        state.let_go.extend(taken.iter().flat_map(gone));
        taken
    }

    /// Why one was lost, if one was.
    #[must_use]
    pub fn lost(&self) -> Option<Error> {
        self.locked().kept.iter().find_map(|lease| lease.lost())
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
