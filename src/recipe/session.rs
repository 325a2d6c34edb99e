//! A run from outside Rhai: an engine with its world, recipes read, tasks to invoke.
//!
//! What the cli uses, so that it need not know Rhai.

use std::path::Path;
use std::sync::Arc;

use rhai::{AST, Dynamic, Engine, Position};

use crate::error::{Error, Kind};
use crate::model::doctor::checkup::Checkup;
use crate::model::event::Level;
use crate::model::limits::{Bound, Limit, nearest};
use crate::model::plan::{self, Invoke, Node, Says};
use crate::model::setting_row::SettingRow;
use crate::model::span;
use crate::model::task::Tasks;
use crate::model::task_call::Call;
use crate::model::task_names::namespace_of;
use crate::recipe::callable::Callable;
use crate::recipe::closures::{closure, constant_text, each_call_in};
use crate::recipe::frame::Frame;
use crate::recipe::invoke::{Again, FAILED, invoke, no_arguments};
use crate::recipe::position::place_of;
use crate::recipe::project::Project;
use crate::recipe::setting_rows::{self, rows};
use crate::recipe::settings::Stored;
use crate::recipe::values::to_value;
use crate::recipe::world::{Outside, RunOptions, World};
use crate::recipe::{doctor, engine, loader, progress, selection};
use crate::transport::cancel::Cancel;

/// The task that finds out what became of switches that were cut off.
const SETTLE: &str = "deploy:settle";

/// A project whose recipes were read.
pub struct Session {
    engine: Engine,
    world: Arc<World>,
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

    fn new(options: RunOptions, outside: Outside) -> Self {
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
        let filter = selection::filter(&self.world, setting.as_ref())?;
        self.world.filter.get_or_init(|| filter);
        Ok(())
    }

    fn bound(&self, call: &Call) -> Result<(String, crate::recipe::invoke::Arguments), Error> {
        let task =
            self.tasks().resolve(&call.name, "").ok_or_else(|| self.tasks().unknown(Kind::Usage, &call.name, ""))?;
        let values =
            call.args.iter().map(|arg| if arg.is_empty() { Dynamic::UNIT } else { arg.clone().into() }).collect();
        Ok((task.name.clone(), task.bind(Kind::Usage, values)?))
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
        progress::under(cancel, || invoke(&self.engine, &frame, FAILED, &no_arguments(), Again::No).map(|_| ()))
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
        progress::under(cancel, || invoke(&self.engine, &frame, SETTLE, &no_arguments(), Again::Yes).map(|_| ()))
    }

    /// The tasks and hooks that calls would run, in order.
    ///
    /// # Errors
    /// Unknown tasks, also those that bodies invoke.
    pub fn plan(&self, calls: &[Call]) -> Result<Vec<Node>, Error> {
        plan::plan(self.tasks(), calls, &|body| self.says(body))
    }

    /// The tasks a closure invokes by a name that stands in it as it is, and where it starts over.
    fn says(&self, body: &Callable) -> Vec<Says> {
        let Some(place) = body.place() else { return Vec::new() };
        let Some((_, ast)) = self.world.scripts.asts().into_iter().find(|(file, _)| *file == place.file) else {
            return Vec::new();
        };
        let scope =
            self.tasks().iter().find(|task| task.places.contains(&place)).map_or("", |task| namespace_of(&task.name));
        let mut says = Vec::new();
        each_said_in(&ast, body.function(), false, &mut |said, conditional, position| {
            let (Some(place), scope) = (place_of(Some(&place.file), position), scope.to_owned()) else { return };
            says.push(match said {
                Said::Invoke { name, again } => Says::Invoke(Invoke { name, scope, place, conditional, again }),
                Said::StartOver(steps) => Says::StartOver(steps),
            });
        });
        says
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

/// What a closure says about tasks, as it stands there.
enum Said {
    Invoke { name: String, again: bool },
    StartOver(Vec<String>),
}

/// What a closure says about tasks, and what those closures say that it gives to `batch`, in order.
fn each_said_in(ast: &AST, function: &str, conditional: bool, told: &mut dyn FnMut(Said, bool, Position)) {
    let mut inner = Vec::new();
    each_call_in(ast, function, &mut |found| {
        let conditional = conditional || found.conditional;
        let argument = found.call.args.first();
        match found.call.name.as_str() {
            name @ ("invoke" | "invoke_again") => {
                if let Some(task) = argument.and_then(constant_text) {
                    told(Said::Invoke { name: task, again: name == "invoke_again" }, conditional, found.position);
                }
            }
            "start_over" => {
                let steps = found.call.args.iter().filter_map(constant_text).collect();
                told(Said::StartOver(steps), conditional, found.position);
            }
            "batch" => inner.extend(argument.and_then(closure).map(|(function, _)| (function, conditional))),
            _ => {}
        }
    });
    for (function, conditional) in inner {
        each_said_in(ast, &function, conditional, told);
    }
}
