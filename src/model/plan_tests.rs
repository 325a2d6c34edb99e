use super::*;
use crate::error::Kind;
use crate::model::task_ending::Ending;
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
        Step::Ending(when, _) => format!("!{}", when.option()),
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
            Step::Work(place) | Step::Ending(_, place) => (None, place.line),
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

/// Unlike `invoke!` of Capistrano, whose hooks stay done.
#[test]
fn invoke_again_repeats_the_work_and_the_hooks() {
    let mut graph = graph(&[("x", &["a", "a!"]), ("a", &[]), ("b", &[]), ("c", &[]), ("d", &[])]);
    graph.before("a", "b", "", place(10));
    graph.after("a", "c", "", place(11));
    graph.define(Definition { needs: vec!["d".to_owned()], ..Definition::new("a", place(12)) });
    let nodes = planned(graph, &["x"]).unwrap();
    assert_eq!(shape(&nodes), "x(. a(b(.) d(.) . c(.)) a(b(.) d- . c(.)))");
    let Step::Task(again) = &nodes[0].children[2] else { panic!("a task") };
    assert_eq!(again.how, How::InvokedAgain);
}

#[test]
fn arguments_are_shown_as_far_as_they_are_known() {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let mut graph: Graph<Body> = graph(&[("y", &["x"]), ("z", &[])]);
    for (name, args, needs) in [
        ("x", &["file", "lines=20", "note="][..], &["b", "c[7]"][..]),
        ("b", &["file="], &[]),
        ("c", &["n", "*m"], &[]),
    ] {
        graph.define(Definition { args: texts(args), needs: texts(needs), ..Definition::new(name, place(5)) });
    }
    graph.after("x", "z", "", place(6));
    let args = |nodes: &[Node]| -> Vec<String> {
        let mut calls = Vec::new();
        for node in nodes {
            called(node, &mut calls);
        }
        calls
    };
    assert_eq!(args(&planned(graph.clone(), &["x[a]"]).unwrap()), ["x[a,20]", "b[a]", "c[7]", "z"]);
    assert_eq!(args(&planned(graph, &["y"]).unwrap()), ["y", "x", "b", "c[7]", "z"], "what is invoked is not known");
}

/// The calls of a plan, in the order they are run.
fn called(node: &Node, calls: &mut Vec<String>) {
    calls.push(Call { name: node.task.clone(), args: node.args.clone() }.to_string());
    for step in &node.children {
        if let Step::Task(node) = step {
            called(node, calls);
        }
    }
}

#[test]
fn what_is_done_at_the_end_stands_at_the_end() {
    let mut graph = graph(&[("x", &["a"]), ("a", &[]), ("b", &[]), ("c", &[])]);
    graph.after("x", "c", "", place(9));
    let ending = |when, body: Body, line| Ending { when, body, place: place(line) };
    let endings = vec![ending(When::Failure, &["b"], 5), ending(When::Always, &["b"], 6)];
    graph.define(Definition { endings, ..Definition::new("x", place(10)) });
    assert_eq!(shape(&planned(graph, &["x"]).unwrap()), "x(. a(.) c(.) !on_failure b?(.) !always b~(.))");
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
