//! A run from outside Rhai: an engine with its world, recipes read, tasks to invoke.
//!
//! What the cli uses, so that it need not know Rhai.

use std::path::Path;
use std::sync::Arc;

use rhai::{Dynamic, Engine};

use crate::error::{Error, Kind};
use crate::model::doctor::checkup::Checkup;
use crate::model::event::Level;
use crate::model::limits::{Bound, Limit, nearest};
use crate::model::plan::{self, Node};
use crate::model::setting_row::SettingRow;
use crate::model::span;
use crate::model::task::Tasks;
use crate::model::task_args::Argument;
use crate::model::task_call::Call;
use crate::recipe::callable::Callable;
use crate::recipe::confirm;
use crate::recipe::frame::Frame;
use crate::recipe::invoke::{Again, Arguments, FAILED, invoke};
use crate::recipe::project::Project;
use crate::recipe::run_options::RunOptions;
use crate::recipe::said::says;
use crate::recipe::setting_rows::{self, rows};
use crate::recipe::settings::Stored;
use crate::recipe::values::to_value;
use crate::recipe::world::{Outside, World};
use crate::recipe::{asking, doctor, engine, loader, progress, selection};
use crate::transport::cancel::Cancel;

/// The task that finds out what became of switches that were cut off.
const SETTLE: &str = "deploy:settle";

/// A project whose recipes were read.
pub struct Session {
    pub(super) engine: Engine,
    pub(super) world: Arc<World>,
}

impl Session {
    /// Reads a project. Without a stage in the options no stage file is read.
    ///
    /// # Errors
    /// Every mistake that can be found before anything runs.
    pub fn open(
        project: &Project,
        options: RunOptions,
        outside: Outside,
        personal: Option<&Path>,
    ) -> Result<Self, Error> {
        let session = Self::new(options, outside);
        let stage = session.world.options.stage.clone();
        progress::under(&session.world.cancel, || {
            loader::load(&session.engine, &session.world, project, stage.as_deref(), personal)
        })?;
        Ok(session)
    }

    pub(super) fn new(options: RunOptions, outside: Outside) -> Self {
        let world = Arc::new(World::new(options, outside));
        Self { engine: engine::build(&world), world }
    }

    /// What the run shares.
    #[must_use]
    pub fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// The tasks.
    ///
    /// # Panics
    /// Never: an open session has read its recipes.
    #[must_use]
    pub fn tasks(&self) -> &Tasks<Callable> {
        self.world.tasks.get().expect("an open session has read its recipes")
    }

    /// Checks calls of the command line before anything runs: the tasks are there, and take these arguments.
    ///
    /// # Errors
    /// The first call that could not be made.
    pub fn check(&self, calls: &[Call]) -> Result<(), Error> {
        calls.iter().try_for_each(|call| self.bound(call).map(|_| ()))
    }

    /// Reads the filters of the run, so that a mistake in them is told before anything runs. Where the setting `filter`
    /// is a lazy one, the first `on` does it.
    ///
    /// # Errors
    /// A filter that cannot be read, names what there is not, or leaves no host.
    pub fn select(&self) -> Result<(), Error> {
        let setting = match self.world.settings.get("filter").map(|setting| setting.stored) {
            None => None,
            Some(Stored::Value(value)) => Some(to_value(&value)?),
            Some(_) => return Ok(()),
        };
        progress::under(&self.world.cancel, || {
            selection::choose(&self.engine, &self.world, setting.as_ref()).map(|_| ())
        })
    }

    fn bound(&self, call: &Call) -> Result<(String, Arguments), Error> {
        let task = self.tasks().resolve(&call.name, "").ok_or_else(|| self.unknown(&call.name))?;
        let values: Vec<Dynamic> = call.args.iter().map(|arg| Dynamic::of_text(arg)).collect();
        Ok((task.name.clone(), task.bind(Kind::Usage, &values)?))
    }

    fn unknown(&self, name: &str) -> Error {
        if self.world.options.stages.iter().any(|stage| stage == name) {
            return Error::usage(format!("`{name}` is a stage, and a run has one, which stands before its tasks"))
                .help(format!("run windlass once more for it: `windlass {name} TASK`"));
        }
        self.tasks().unknown(Kind::Usage, name, "")
    }

    /// The calls of a line, with what hooks on its stage run in front of them.
    #[must_use]
    pub fn with_stage(&self, calls: Vec<Call>) -> Vec<Call> {
        let stage = self.world.options.stage.as_deref().and_then(|stage| self.tasks().get(stage));
        stage.map(|stage| Call::new(stage.name.as_str())).into_iter().chain(calls).collect()
    }

    /// Asks for what the tasks of the line want to be confirmed, before anything runs. What cannot be known by then is
    /// asked when it comes.
    ///
    /// # Errors
    /// Nobody to ask, and an answer that is no yes.
    pub fn confirm(&self, calls: &[Call]) -> Result<(), Error> {
        if !confirm::is_wanted(&self.world) || self.tasks().iter().all(|task| task.confirm.is_none()) {
            return Ok(());
        }
        // A task that bodies name and there is not is told when it is invoked, if it is.
        let Ok(plan) = self.plan(calls) else { return Ok(()) };
        let frame = Frame::top(self.world.clone());
        progress::under(&self.world.cancel, || confirm::ask_for_all(&self.engine, &frame, &plan))
    }

    /// Asks the person at the terminal for something that does not show; none where there is nobody.
    ///
    /// # Errors
    /// A Ctrl-C.
    pub fn ask_secret(&self, prompt: &str) -> Result<Option<String>, Error> {
        asking::ask(&self.world, &self.world.cancel, prompt.to_owned(), false).map_err(|error| match error.kind() {
            Kind::Cancelled => Error::new(Kind::Cancelled, "stopped before anything ran"),
            _ => error,
        })
    }

    /// Runs calls in order, up to the first that fails.
    ///
    /// # Errors
    /// Whatever a task raises.
    pub fn run(&self, calls: &[Call]) -> Result<(), Error> {
        let frame = Frame::top(self.world.clone());
        progress::under(&self.world.cancel, || {
            calls.iter().try_for_each(|call| {
                let (name, arguments) = self.bound(call)?;
                if !invoke(&self.engine, &frame, &name, &arguments, Again::No)? {
                    let text = format!("task `{name}` has run already and is skipped: a task runs once");
                    self.world.say(Level::Warn, &text, &frame, None);
                }
                Ok(())
            })
        })
    }

    /// Runs one command on every host of the stage that the filters leave.
    ///
    /// # Errors
    /// As `on` and `execute`.
    pub fn execute(&self, command: &[String]) -> Result<(), Error> {
        let words: rhai::Array = command.iter().cloned().map(Dynamic::from).collect();
        let mut scope = rhai::Scope::new();
        scope.push("command", words);
        // One word is a shell line, as everywhere; `exec -- 'a | b'` works.
        let script =
            "on(roles(\"all\"), |host| if command.len == 1 { execute(command[0]) } else { execute(command) });";
        progress::under(&self.world.cancel, || {
            self.engine
                .run_with_scope(&mut scope, script)
                .map_err(|error| crate::recipe::diagnose::diagnose(*error, &self.world.scripts, None))
        })
    }

    /// Looks at every host of the stage that the filters leave, changing nothing.
    ///
    /// # Errors
    /// A cancel. What is wrong with a host is a finding.
    pub fn check_up(&self) -> Result<Checkup, Error> {
        doctor::check_up(&self.engine, &self.world)
    }

    /// How long the run may take: as the command line says, else the setting `run_timeout`.
    ///
    /// # Errors
    /// A setting that is no length of time, and whatever a lazy one raises.
    pub fn run_limit(&self) -> Result<Option<Bound>, Error> {
        let line = self.world.options.times.run;
        if line.is_some() || self.world.settings.get(Limit::Run.setting()).is_none() {
            return Ok(nearest(None, line, None));
        }
        let value = setting_rows::fetched(&self.engine, &self.world, Limit::Run.setting())?;
        let time = (!value.is_unit()).then(|| span::of_value(&to_value(&value)?).map_err(Error::recipe)).transpose()?;
        Ok(nearest(None, None, time))
    }

    /// Whether a deploy was going on, so that its failure hooks are due.
    #[must_use]
    pub fn was_deploying(&self) -> bool {
        let deploying = self.world.settings.get("deploying").map(|setting| setting.stored);
        matches!(deploying, Some(Stored::Value(value)) if value.as_bool() == Ok(true))
    }

    /// Why a lock was lost, if one was: that is what cancelled the run, then.
    #[must_use]
    pub fn lost_lock(&self) -> Option<Error> {
        self.world.leases.lost()
    }

    /// Lets go of the locks of the run, if it still has any.
    pub fn release_locks(&self) {
        self.world.release_locks(&self.world.office(None, None), |_| true);
    }

    /// Runs the hooks of a failed deploy, under a cancel flag of their own.
    ///
    /// # Errors
    /// Whatever they raise.
    pub fn run_failure_hooks(&self, cancel: &Cancel) -> Result<(), Error> {
        let has_work =
            self.tasks().get(FAILED).is_some_and(|task| task.links().next().is_some() || !task.actions.is_empty());
        if !has_work {
            return Ok(());
        }
        let frame = Frame { cancel: cancel.clone(), ..Frame::top(self.world.clone()) };
        progress::under(cancel, || invoke(&self.engine, &frame, FAILED, &Arguments::default(), Again::No).map(|_| ()))
    }

    /// Finds out, under a cancel flag of its own, which release hosts have that were stopped in the middle of a switch.
    ///
    /// # Errors
    /// A host that cannot be asked.
    pub fn settle(&self, cancel: &Cancel) -> Result<(), Error> {
        if self.tasks().get(SETTLE).is_none() || !self.world.fleet.has_doubts() {
            return Ok(());
        }
        let frame = Frame { cancel: cancel.clone(), ..Frame::top(self.world.clone()) };
        progress::under(cancel, || invoke(&self.engine, &frame, SETTLE, &Arguments::default(), Again::Yes).map(|_| ()))
    }

    /// The tasks and hooks that calls would run, in order.
    ///
    /// # Errors
    /// Unknown tasks, also those that bodies invoke.
    pub fn plan(&self, calls: &[Call]) -> Result<Vec<Node>, Error> {
        plan::plan(self.tasks(), calls, &|body| says(&self.world, self.tasks(), body))
    }

    /// The settings whose names are wanted, as they are shown. With `work_out` lazy ones are worked out on this machine; a
    /// question is not asked for its own sake.
    #[must_use]
    pub fn settings(&self, wanted: &dyn Fn(&str) -> bool, work_out: bool) -> Vec<SettingRow> {
        let mut rows = rows(&self.world, wanted);
        if work_out {
            setting_rows::work_out(&self.engine, &self.world, &mut rows);
        }
        rows
    }

    /// Closes every connection.
    pub fn close(&self) {
        if let Some(pool) = self.world.pool.get() {
            pool.close();
        }
    }
}
