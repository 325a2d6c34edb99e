//! The walk from the tasks asked for through prerequisites, actions, hooks and `invoke`s, for `model::plan`.

use crate::error::{Error, Kind};
use crate::model::plan::{Again, How, Invoke, Node, Says, Step};
use crate::model::ran::Ran;
use crate::model::task::{Action, Link, LinkKind, Task, Tasks};
use crate::model::task_args::Bound;
use crate::model::task_call::Call;
use crate::model::task_ending::{Ending, When};
use crate::model::task_parameter::Parameter;
use crate::place::Place;

/// Whether a step runs whenever the plan is carried out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Certainty {
    /// It hangs on a condition, its own or one above it.
    Open,
    Certain,
}

/// Why a task stands in the plan.
struct Reason {
    how: How,
    place: Place,
    conditional: bool,
}

/// Arguments of a task in the plan.
enum Given {
    Known(Bound<String>),
    /// They are worked out when it is invoked, except for these, which are written there.
    Open(Vec<String>),
}

impl Given {
    /// The values in the order of the names, without those that are not given at the end.
    fn in_order(&self, parameters: &[Parameter]) -> Vec<String> {
        let mut values = match self {
            Self::Open(written) => written.clone(),
            Self::Known(bound) => {
                let single = parameters.iter().filter(|parameter| !parameter.is_rest());
                let named = single.map(|parameter| bound.named.get(&parameter.name).cloned().unwrap_or_default());
                let extras = parameters.last().is_some_and(Parameter::is_rest).then_some(&bound.extras);
                named.chain(extras.into_iter().flatten().cloned()).collect()
            }
        };
        while values.last().is_some_and(String::is_empty) {
            values.pop();
        }
        values
    }
}

/// The way through the tasks, in the order they would run.
pub(super) struct Walk<'a, B> {
    tasks: &'a Tasks<B>,
    says: &'a dyn Fn(&B) -> Vec<Says>,
    /// Tasks whose steps have been shown.
    met: Ran<Certainty>,
    /// Tasks around the present step, outermost first.
    open: Vec<&'a str>,
}

impl<'a, B> Walk<'a, B> {
    pub(super) fn new(tasks: &'a Tasks<B>, says: &'a dyn Fn(&B) -> Vec<Says>) -> Self {
        Self { tasks, says, met: Ran::default(), open: Vec::new() }
    }

    /// A call of the command line.
    pub(super) fn root(&mut self, call: &Call) -> Result<Node, Error> {
        let tasks = self.tasks;
        let task = tasks.resolve(&call.name, "").ok_or_else(|| tasks.unknown(Kind::Usage, &call.name, ""))?;
        let given = Given::Known(task.bind(Kind::Usage, &call.args)?);
        let place = task.place().clone();
        self.node(task, &Reason { how: How::Asked, place, conditional: false }, Certainty::Certain, &given)
    }

    fn node(&mut self, task: &'a Task<B>, reason: &Reason, certainty: Certainty, given: &Given) -> Result<Node, Error> {
        let name = task.name.as_str();
        if reason.how == How::InvokedAgain {
            // Its hooks run again with it.
            for link in task.links().filter(|link| link.kind != LinkKind::Need) {
                self.met.forget(&link.name);
            }
        }
        let met = self.met.get(name).copied();
        let again = match met {
            _ if self.open.contains(&name) => Again::Inside,
            _ if reason.how == How::InvokedAgain => Again::No,
            Some(Certainty::Certain) => Again::Yes,
            Some(Certainty::Open) => Again::Perhaps,
            None => Again::No,
        };
        let shown = match again {
            Again::No => true,
            Again::Perhaps => certainty == Certainty::Certain,
            Again::Yes | Again::Inside => false,
        };
        let mut children = Vec::new();
        if shown {
            self.met.note(name, &self.open, certainty.max(met.unwrap_or(Certainty::Open)));
            self.open.push(name);
            children = self
                .steps(task, certainty, given)
                .map_err(|error| error.through(format!("task `{name}`"), Some(reason.place.clone())))?;
            self.open.pop();
        }
        let Reason { how, place, conditional } = reason;
        Ok(Node {
            task: name.to_owned(),
            args: given.in_order(&task.args),
            asks: task.confirm.is_some(),
            is_file: task.file.is_some(),
            how: *how,
            place: place.clone(),
            conditional: *conditional,
            again,
            children,
        })
    }

    fn steps(&mut self, task: &'a Task<B>, certainty: Certainty, given: &Given) -> Result<Vec<Step>, Error> {
        let mut steps = Vec::new();
        for link in &task.prerequisites {
            steps.push(Step::Task(self.linked(link, certainty, given)?));
        }
        for action in &task.actions {
            match action {
                Action::After(link) => steps.push(Step::Task(self.linked(link, certainty, given)?)),
                Action::Body { body, place } => {
                    steps.push(Step::Work(place.clone()));
                    self.said(body, false, certainty, &mut steps)?;
                }
            }
        }
        for Ending { when, body, place } in &task.endings {
            steps.push(Step::Ending(*when, place.clone()));
            self.said(body, *when == When::Failure, certainty, &mut steps)?;
        }
        Ok(steps)
    }

    /// What a body says about tasks; `perhaps` where it may not be run at all.
    fn said(&mut self, body: &B, perhaps: bool, certainty: Certainty, steps: &mut Vec<Step>) -> Result<(), Error> {
        for said in (self.says)(body) {
            match said {
                Says::Invoke(mut invoke) => {
                    invoke.conditional |= perhaps;
                    steps.push(Step::Task(self.invoked(invoke, certainty)?));
                }
                Says::StartOver(steps) => self.met.start_over(&self.open, &steps),
            }
        }
        Ok(())
    }

    fn linked(&mut self, link: &Link, certainty: Certainty, outer: &Given) -> Result<Node, Error> {
        let task = self.tasks.get(&link.name).expect("a finished graph has a task for every link");
        let how = match link.kind {
            LinkKind::Need => How::Need,
            LinkKind::Before => How::Before,
            LinkKind::After => How::After,
        };
        let given = match outer {
            Given::Known(outer) => Given::Known(task.bind_for(link, outer)?),
            Given::Open(_) if link.kind == LinkKind::After => Given::Known(task.bind_for(link, &Bound::default())?),
            Given::Open(_) => Given::Open(link.args.clone()),
        };
        self.node(task, &Reason { how, place: link.place.clone(), conditional: false }, certainty, &given)
    }

    fn invoked(&mut self, invoke: Invoke, certainty: Certainty) -> Result<Node, Error> {
        let Invoke { name, scope, place, conditional, again } = invoke;
        let Some(task) = self.tasks.resolve(&name, &scope) else {
            return Err(self.tasks.unknown(Kind::Recipe, &name, &scope).at(Some(place)));
        };
        let how = if again { How::InvokedAgain } else { How::Invoked };
        let certainty = if conditional { Certainty::Open } else { certainty };
        self.node(task, &Reason { how, place, conditional }, certainty, &Given::Open(Vec::new()))
    }
}
