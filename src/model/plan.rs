//! The order tasks would run in.
//!
//! Owns the walk from the tasks asked for through prerequisites, actions, hooks and `invoke`s. It runs nothing: what a
//! body invokes is told by a function that has read it, and whether a condition holds is not known.

use serde::Serialize;

use crate::error::{Error, Kind};
use crate::model::ran::Ran;
use crate::model::task::{Action, Link, LinkKind, Task, Tasks};
use crate::model::task_call::Call;
use crate::place::Place;

/// An `invoke` in the body of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoke {
    /// Name as written.
    pub name: String,
    /// Namespace it is looked up from; empty for the top level.
    pub scope: String,
    /// Where it was written.
    pub place: Place,
    /// Whether it may be passed over, because it stands in an `if`, a loop and the like.
    pub conditional: bool,
    /// Whether it is `invoke_again`, which runs the task's actions even if it has run.
    pub again: bool,
}

/// What a body says about tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// It runs one.
    Invoke(Invoke),
    /// It begins a row of them: what ran in an earlier row runs again, and so do these.
    StartOver(Vec<String>),
}

/// What makes a task run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It stands on the command line.
    Asked,
    /// Another task needs it.
    Need,
    /// A `before` hook.
    Before,
    /// An `after` hook.
    After,
    /// An `invoke` in another task.
    Invoked,
    /// An `invoke_again` in another task.
    InvokedAgain,
}

/// Whether a task would be skipped because it has run. A task runs once, unless it is invoked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Again {
    /// It runs.
    No,
    /// It is skipped if a condition further up held.
    Perhaps,
    /// It is skipped: it runs further up.
    Yes,
    /// It is skipped: it is running at that moment, and this is inside it.
    Inside,
}

/// A task in the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Full name.
    pub task: String,
    /// What makes it run.
    pub how: How,
    /// The place that makes it run; for a task asked for on the command line the one that defines it.
    pub place: Place,
    /// Whether it depends on a condition in the body that invokes it.
    pub conditional: bool,
    /// Whether it would be skipped.
    pub again: Again,
    /// What it does, in order. Empty if it does nothing, is skipped, or is shown further up.
    pub children: Vec<Step>,
}

/// A step of a task in the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Another task.
    Task(Node),
    /// The task's own work, written at this place. The tasks it invokes follow it.
    Work(Place),
}

/// The tree of everything that would run for the calls `roots`, in order. `says` tells what a body says about tasks, in order.
///
/// A task's steps are shown where it is first met, and once more where it is first met for certain if that was in a
/// condition.
///
/// # Errors
/// A name that stands for no task, on the command line or in an `invoke`; more arguments than a task takes.
pub fn plan<B>(tasks: &Tasks<B>, roots: &[Call], says: &dyn Fn(&B) -> Vec<Says>) -> Result<Vec<Node>, Error> {
    let mut walk = Walk { tasks, says, met: Ran::default(), open: Vec::new() };
    let root = |call: &Call| {
        let task = tasks.resolve(&call.name, "").ok_or_else(|| tasks.unknown(Kind::Usage, &call.name, ""))?;
        task.bind(Kind::Usage, call.args.clone())?;
        let place = task.place().clone();
        walk.node(task, &Reason { how: How::Asked, place, conditional: false }, Certainty::Certain)
    };
    roots.iter().map(root).collect()
}

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

struct Walk<'a, B> {
    tasks: &'a Tasks<B>,
    says: &'a dyn Fn(&B) -> Vec<Says>,
    /// Tasks whose steps have been shown.
    met: Ran<Certainty>,
    /// Tasks around the present step, outermost first.
    open: Vec<&'a str>,
}

impl<'a, B> Walk<'a, B> {
    fn node(&mut self, task: &'a Task<B>, reason: &Reason, certainty: Certainty) -> Result<Node, Error> {
        let name = task.name.as_str();
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
                .steps(task, certainty)
                .map_err(|error| error.through(format!("task `{name}`"), Some(reason.place.clone())))?;
            self.open.pop();
        }
        let Reason { how, place, conditional } = reason;
        Ok(Node { task: name.to_owned(), how: *how, place: place.clone(), conditional: *conditional, again, children })
    }

    fn steps(&mut self, task: &'a Task<B>, certainty: Certainty) -> Result<Vec<Step>, Error> {
        let mut steps = Vec::new();
        for link in &task.prerequisites {
            steps.push(Step::Task(self.linked(link, certainty)?));
        }
        for action in &task.actions {
            match action {
                Action::After(link) => steps.push(Step::Task(self.linked(link, certainty)?)),
                Action::Body { body, place } => {
                    steps.push(Step::Work(place.clone()));
                    for said in (self.says)(body) {
                        match said {
                            Says::Invoke(invoke) => steps.push(Step::Task(self.invoked(invoke, certainty)?)),
                            Says::StartOver(steps) => self.met.start_over(&self.open, &steps),
                        }
                    }
                }
            }
        }
        Ok(steps)
    }

    fn linked(&mut self, link: &Link, certainty: Certainty) -> Result<Node, Error> {
        let task = self.tasks.get(&link.name).expect("a finished graph has a task for every link");
        let how = match link.kind {
            LinkKind::Need => How::Need,
            LinkKind::Before => How::Before,
            LinkKind::After => How::After,
        };
        self.node(task, &Reason { how, place: link.place.clone(), conditional: false }, certainty)
    }

    fn invoked(&mut self, invoke: Invoke, certainty: Certainty) -> Result<Node, Error> {
        let Invoke { name, scope, place, conditional, again } = invoke;
        let Some(task) = self.tasks.resolve(&name, &scope) else {
            return Err(self.tasks.unknown(Kind::Recipe, &name, &scope).at(Some(place)));
        };
        let how = if again { How::InvokedAgain } else { How::Invoked };
        let certainty = if conditional { Certainty::Open } else { certainty };
        self.node(task, &Reason { how, place, conditional }, certainty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::task_graph::{Definition, Graph};

    /// A body is the list of its invokes: `x`, `x?` in a condition, `x!` again; `*` starts over.
    type Body = &'static [&'static str];

    fn place(line: u32) -> Place {
        Place::new("deploy.rhai", line, 1)
    }

    fn says(body: &Body) -> Vec<Says> {
        let invoke = |(line, written): (u32, &&str)| Invoke {
            name: written.trim_end_matches(['?', '!']).to_owned(),
            scope: String::new(),
            place: place(line),
            conditional: written.contains('?'),
            again: written.contains('!'),
        };
        let say =
            |said: (u32, &&str)| if *said.1 == "*" { Says::StartOver(Vec::new()) } else { Says::Invoke(invoke(said)) };
        (100..).zip(*body).map(say).collect()
    }

    /// Tasks on lines 1, 2, … with what they invoke.
    fn graph(tasks: &[(&str, Body)]) -> Graph<Body> {
        let mut graph = Graph::default();
        for (line, (name, body)) in (1..).zip(tasks) {
            graph.define(Definition { body: Some(*body), ..Definition::new(*name, place(line)) });
        }
        graph
    }

    fn planned(graph: Graph<Body>, roots: &[&str]) -> Result<Vec<Node>, Error> {
        let roots: Vec<Call> = roots.iter().map(|root| root.parse().unwrap()).collect();
        plan(&graph.finish().unwrap(), &roots, &says)
    }

    /// `name(steps)`, `.` for own work, `?` if conditional, `~` perhaps skipped, `-` skipped, `@` skipped inside itself.
    fn shape(nodes: &[Node]) -> String {
        nodes.iter().map(node_shape).collect::<Vec<_>>().join(" ")
    }

    fn node_shape(node: &Node) -> String {
        let again = match node.again {
            Again::No => "",
            Again::Perhaps => "~",
            Again::Yes => "-",
            Again::Inside => "@",
        };
        let steps = node.children.iter().map(|step| match step {
            Step::Work(_) => ".".to_owned(),
            Step::Task(node) => node_shape(node),
        });
        let steps = steps.collect::<Vec<_>>().join(" ");
        let steps = if steps.is_empty() { steps } else { format!("({steps})") };
        format!("{}{}{again}{steps}", node.task, if node.conditional { "?" } else { "" })
    }

    fn shape_of(tasks: &[(&str, Body)], roots: &[&str]) -> String {
        shape(&planned(graph(tasks), roots).unwrap())
    }

    #[test]
    fn prerequisites_then_work_then_hooks() {
        let mut graph = graph(&[("x", &["y"]), ("y", &[]), ("a", &[]), ("b", &[]), ("c", &[])]);
        graph.before("x", "b", "", place(10));
        graph.after("x", "c", "", place(11));
        graph.define(Definition { needs: vec!["a".to_owned()], body: Some(&["c"]), ..Definition::new("x", place(12)) });
        let nodes = planned(graph, &["x"]).unwrap();
        assert_eq!(shape(&nodes), "x(b(.) a(.) . y(.) c(.) . c-)");
        let steps: Vec<_> = nodes[0]
            .children
            .iter()
            .map(|step| match step {
                Step::Task(node) => (Some(node.how), node.place.line),
                Step::Work(place) => (None, place.line),
            })
            .collect();
        assert_eq!(
            steps,
            [
                (Some(How::Before), 10),
                (Some(How::Need), 12),
                (None, 1),
                (Some(How::Invoked), 100),
                (Some(How::After), 11),
                (None, 12),
                (Some(How::Invoked), 100),
            ]
        );
    }

    #[test]
    fn a_task_asked_for_shows_where_it_is_defined() {
        let nodes = planned(graph(&[("a", &[]), ("b", &[])]), &["b"]).unwrap();
        assert_eq!((nodes[0].how, &nodes[0].place), (How::Asked, &place(2)));
    }

    #[test]
    fn a_task_runs_once() {
        let tasks: &[(&str, Body)] = &[("x", &["a", "b", "a"]), ("a", &["b"]), ("b", &[])];
        assert_eq!(shape_of(tasks, &["x"]), "x(. a(. b(.)) b- a-)");
        assert_eq!(shape_of(tasks, &["b", "a", "b"]), "b(.) a(. b-) b-");
    }

    #[test]
    fn a_row_that_starts_over_runs_the_steps_of_the_one_before_again() {
        let tasks: &[(&str, Body)] =
            &[("deploy", &["*", "a", "b"]), ("rollback", &["*", "a"]), ("a", &["b"]), ("b", &[]), ("c", &[])];
        assert_eq!(
            shape_of(tasks, &["c", "deploy", "rollback", "c"]),
            "c(.) deploy(. a(. b(.)) b-) rollback(. a(. b(.))) c-"
        );
    }

    #[test]
    fn a_circle_of_invokes_ends_where_it_closes() {
        let tasks: &[(&str, Body)] = &[("a", &["b"]), ("b", &["c?"]), ("c", &["a", "c!"])];
        assert_eq!(shape_of(tasks, &["a"]), "a(. b(. c?(. a@ c@)))");
    }

    /// `invoke!` of Capistrano re-enables the task alone: its prerequisites and hooks stay done.
    #[test]
    fn invoke_again_repeats_the_work_without_hooks() {
        let mut graph = graph(&[("x", &["a", "a!"]), ("a", &[]), ("b", &[]), ("c", &[])]);
        graph.before("a", "b", "", place(10));
        graph.after("a", "c", "", place(11));
        let nodes = planned(graph, &["x"]).unwrap();
        assert_eq!(shape(&nodes), "x(. a(b(.) . c(.)) a(b- . c-))");
        let Step::Task(again) = &nodes[0].children[2] else { panic!("a task") };
        assert_eq!(again.how, How::InvokedAgain);
    }

    #[test]
    fn what_ran_in_a_condition_has_perhaps_not_run() {
        let tasks: &[(&str, Body)] = &[("x", &["a?", "a?", "a", "a"]), ("a", &["b"]), ("b", &[])];
        assert_eq!(shape_of(tasks, &["x"]), "x(. a?(. b(.)) a?~ a~(. b~(.)) a-)");
    }

    #[test]
    fn a_condition_holds_for_everything_below_it() {
        let tasks: &[(&str, Body)] = &[("x", &["a?", "b"]), ("a", &["b"]), ("b", &[])];
        assert_eq!(shape_of(tasks, &["x"]), "x(. a?(. b(.)) b~(.))");
    }

    #[test]
    fn a_task_that_ran_for_certain_stays_so() {
        let tasks: &[(&str, Body)] = &[("x", &["a", "b?", "a"]), ("a", &[]), ("b", &["a!", "a"])];
        assert_eq!(shape_of(tasks, &["x"]), "x(. a(.) b?(. a(.) a-) a-)");
    }

    #[test]
    fn conditions_do_not_multiply() {
        let names: Vec<String> = (0..40).map(|i| format!("t{i}")).collect();
        let mut graph: Graph<Vec<String>> = Graph::default();
        for (i, name) in names.iter().enumerate() {
            let next: Vec<String> = names.get(i + 1).cloned().into_iter().cycle().take(3).collect();
            graph.define(Definition { body: Some(next), ..Definition::new(name.as_str(), place(1)) });
        }
        let invokes = |body: &Vec<String>| {
            let invoke = |name: &String| {
                let (name, scope, place) = (name.clone(), String::new(), place(1));
                Says::Invoke(Invoke { name, scope, place, conditional: true, again: false })
            };
            body.iter().map(invoke).collect()
        };
        let nodes = plan(&graph.finish().unwrap(), &[Call::new("t0")], &invokes).unwrap();
        assert_eq!(shape(&nodes).matches("t39").count(), 3);
    }

    #[test]
    fn a_hook_point_without_work_has_no_steps() {
        let mut graph: Graph<Body> = Graph::default();
        graph.define(Definition::new("deploy:started", place(1)));
        assert_eq!(planned(graph, &["deploy:started"]).unwrap()[0].children, []);
    }

    #[test]
    fn invokes_are_looked_up_from_their_namespace() {
        let graph = graph(&[("deploy:up", &["check"]), ("deploy:check", &[]), ("check", &[])]);
        let inside = |said| match said {
            Says::Invoke(invoke) => Says::Invoke(Invoke { scope: "deploy".into(), ..invoke }),
            Says::StartOver(_) => said,
        };
        let says = |body: &Body| says(body).into_iter().map(inside).collect();
        let nodes = plan(&graph.finish().unwrap(), &[Call::new("deploy:up")], &says).unwrap();
        assert_eq!(shape(&nodes), "deploy:up(. deploy:check(.))");
    }

    #[test]
    fn an_unknown_task_on_the_command_line_is_a_mistake_there() {
        let error = planned(graph(&[("deploy", &[])]), &["deplyo"]).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (Kind::Usage, "no task `deplyo`"));
    }

    #[test]
    fn an_unknown_invoke_shows_the_way_to_it() {
        let error = planned(graph(&[("a", &["b"]), ("b", &["deploi"]), ("deploy", &[])]), &["a"]).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (Kind::Recipe, "no task `deploi`"));
        assert_eq!(error.parts().place, Some(place(100)));
        let steps: Vec<_> = error.parts().trace.iter().map(|step| (step.label.as_str(), step.place.clone())).collect();
        assert_eq!(steps, [("task `a`", Some(place(1))), ("task `b`", Some(place(100)))]);
    }

    #[test]
    fn arguments_are_counted_before_anything_runs() {
        let mut graph: Graph<Body> = Graph::default();
        graph.define(Definition { args: vec!["host".to_owned()], ..Definition::new("db", place(1)) });
        assert!(planned(graph.clone(), &["db[a]"]).is_ok());
        let error = planned(graph, &["db[a,b]"]).unwrap_err();
        assert_eq!(error.to_string(), "too many arguments for task `db`: 2 given, at most 1 expected");
    }
}
