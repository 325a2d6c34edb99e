//! Where a recipe function is being called: host, directory, environment, user, task.
//!
//! A frame travels in Rhai's `tag`, so it reaches every call below the one that set it, through closures and script
//! functions, and leaving a block restores nothing because nothing was changed. It must never be kept beyond a call.

use std::sync::Arc;

use rhai::{Dynamic, NativeCallContext};

use crate::error::Error;
use crate::model::command::Word;
use crate::model::server::Server;
use crate::recipe::asked::Asked;
use crate::recipe::batch::Batch;
use crate::recipe::fetching::Fetching;
use crate::recipe::held::Held;
use crate::recipe::kept::{desk, run};
use crate::recipe::open_task::OpenTask;
use crate::recipe::settings::Owner;
use crate::recipe::world::World;
use crate::transport::api::Transport;
use crate::transport::cancel::Cancel;

/// The host commands go to.
#[derive(Clone)]
pub struct Here {
    /// The server, as the recipe declared it.
    pub server: Arc<Server>,
    /// The way there.
    pub transport: Arc<dyn Transport>,
    /// Which block chose it.
    pub block: Block,
}

/// The two blocks that choose a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// `on`.
    On,
    /// `run_locally`.
    Locally,
}

/// The surroundings of a call.
#[derive(Clone)]
pub struct Frame {
    /// Everything the run shares.
    pub world: Arc<World>,
    /// The host; none outside `on` and `run_locally`.
    pub here: Option<Here>,
    /// Working directory set by `within`.
    pub dir: Option<String>,
    /// Environment set by `with`, outermost first.
    pub env: Vec<(String, Word)>,
    /// Umask set by `umask`.
    pub umask: Option<String>,
    /// User set by `as_user`.
    pub user: Option<String>,
    /// Group set by `as_user`.
    pub group: Option<String>,
    /// Full names of the tasks that are running, outermost first.
    pub tasks: Vec<String>,
    /// The settings being worked out, outermost first.
    pub fetching: Vec<Fetching>,
    /// The call of a stock recipe's function by a user's file, inside that function.
    pub asked: Option<Arc<Asked>>,
    /// Namespace being declared, for example `deploy`; empty at the top.
    pub namespace: String,
    /// Where commands are kept back, inside `batch` on a host.
    pub batch: Option<Arc<Batch>>,
    /// Where commands are kept back that nothing is read from, inside `batch` around tasks.
    pub held: Option<Arc<Held>>,
    /// The innermost task, where its commands may wait in the same `batch`.
    pub open: Option<Arc<OpenTask>>,
    /// Whether a cancel waits for what runs, inside `shield`.
    pub shielded: bool,
    /// Raised when the work of this frame is to stop.
    pub cancel: Cancel,
}

impl Frame {
    /// The frame at the top of a recipe.
    #[must_use]
    pub fn top(world: Arc<World>) -> Self {
        let cancel = world.cancel.clone();
        Self {
            world,
            here: None,
            dir: None,
            env: Vec::new(),
            umask: None,
            user: None,
            group: None,
            tasks: Vec::new(),
            fetching: Vec::new(),
            asked: None,
            namespace: String::new(),
            batch: None,
            held: None,
            open: None,
            shielded: false,
            cancel,
        }
    }

    /// The frame of a call, from Rhai's tag.
    ///
    /// # Panics
    /// Never in a recipe: the engine is built with the top frame as its default tag.
    #[must_use]
    pub fn of(ctx: &NativeCallContext) -> Arc<Self> {
        ctx.tag().map(Self::of_tag).expect("a call has a tag")
    }

    /// The frame behind a tag.
    ///
    /// # Panics
    /// As [`Frame::of`].
    #[must_use]
    pub fn of_tag(tag: &Dynamic) -> Arc<Self> {
        tag.clone().try_cast::<Arc<Self>>().expect("the engine's default tag is a frame")
    }

    /// The frame of a task that is run from this one. What surrounds a call of `invoke` is not the task's business.
    #[must_use]
    pub fn of_task(&self, name: &str) -> Self {
        let mut tasks = self.tasks.clone();
        tasks.push(name.to_owned());
        let (held, open, cancel) = (self.held.clone(), self.open.clone(), self.cancel.clone());
        Self { tasks, held, open, cancel, ..Self::top(self.world.clone()) }
    }

    /// Sends what is kept back and has to happen before what comes now: on the host of the frame, or else everywhere.
    ///
    /// # Errors
    /// Those of the commands.
    pub fn flush(&self) -> Result<(), Error> {
        match (&self.here, &self.held) {
            (Some(here), held) => {
                let kept = self.batch.as_ref().map_or(Ok(Vec::new()), |batch| batch.take())?;
                match held {
                    Some(held) => held.flush_host(here, kept, self),
                    None => Ok(run(&desk(&self.world, here, &self.cancel), kept)?),
                }
            }
            (None, Some(held)) => held.flush(self),
            (None, None) => Ok(()),
        }
    }

    /// The frame for code of this file: what users wrote never sees what stock recipes have kept back.
    ///
    /// # Errors
    /// As [`Frame::flush`].
    pub fn for_code_of(mut self, file: Option<&str>) -> Result<Self, Error> {
        if self.held.as_ref().is_some_and(|held| !held.takes_from(file)) {
            self.flush()?;
            self.held = None;
        }
        Ok(self)
    }

    /// As a tag.
    pub fn into_tag(self) -> Dynamic {
        Dynamic::from(Arc::new(self))
    }

    /// The server inside `on`, whose properties come before settings.
    #[must_use]
    pub fn server(&self) -> Option<&Server> {
        self.here.as_ref().filter(|here| here.block == Block::On).map(|here| &*here.server)
    }

    /// Whose lazy settings are worked out here.
    #[must_use]
    pub fn owner(&self) -> Owner {
        self.here.as_ref().map(|here| (here.server.name.clone(), here.server.key().1))
    }

    /// The innermost running task.
    #[must_use]
    pub fn task(&self) -> Option<&str> {
        self.tasks.last().map(String::as_str)
    }

    /// A name in the namespace being declared.
    #[must_use]
    pub fn qualified(&self, name: &str) -> String {
        if self.namespace.is_empty() { name.to_owned() } else { format!("{}:{name}", self.namespace) }
    }
}
