//! One transport a host.
use crate::error::Error;
use crate::model::event::Sink;
use crate::model::secret::Vault;
use crate::model::server::*;
use crate::model::value::Value;
use crate::transport::api::Transport;
use crate::transport::askpass::Prompter;
use indexmap::IndexMap;
use std::sync::Arc;
/// x
pub struct PoolOptions {
    /// x
    pub dry_run: bool,
    /// x
    pub prompter: Arc<dyn Prompter>,
    /// x
    pub vault: Arc<Vault>,
    /// x
    pub sink: Arc<dyn Sink>,
}
/// x
pub struct Pool {
    o: PoolOptions,
}
impl Pool {
    /// x
    pub fn new(o: PoolOptions) -> Self {
        Self { o }
    }
    /// x
    pub fn transport(&self, server: &Server, _: &IndexMap<String, Value>) -> Result<Arc<dyn Transport>, Error> {
        Ok(if self.o.dry_run {
            Arc::new(crate::transport::record::Record::new(server.label()))
        } else {
            Arc::new(crate::transport::local::Local::new(server.label()))
        })
    }
    /// x
    pub fn close(&self) {}
}
