use super::*;
use crate::model::task_graph::{Definition, Graph};
use crate::model::task_parameter::testing::parameters;

fn place(line: u32) -> Place {
    Place::new("deploy.rhai", line, 1)
}

fn tasks() -> Tasks<&'static str> {
    let mut graph = Graph::default();
    for (line, name) in (1..).zip(["git:check", "deploy:check", "check", "deploy"]) {
        graph.define(Definition { body: Some("work"), ..Definition::new(name, place(line)) });
    }
    graph.before("deploy", "check", "", place(5));
    graph.after("deploy", "git:check", "", place(6));
    graph.finish().unwrap()
}

#[test]
fn names_stand_in_order_of_definition() {
    assert_eq!(tasks().names().collect::<Vec<_>>(), ["git:check", "deploy:check", "check", "deploy"]);
}

#[test]
fn names_are_looked_up_from_the_scope_outward() {
    let tasks = tasks();
    let resolved = |name, scope| tasks.resolve(name, scope).map(|task| task.name.as_str());
    assert_eq!(resolved("check", "deploy"), Some("deploy:check"));
    assert_eq!(resolved("^check", "deploy"), Some("check"));
    assert_eq!(resolved("rake:check", "deploy"), Some("check"));
    assert_eq!(resolved("check", "db"), Some("check"));
    assert_eq!(resolved("dump", "db"), None);
    assert!(tasks.get("^check").is_none());
}

#[test]
fn links_are_prerequisites_then_hooks() {
    let tasks = tasks();
    let links: Vec<_> = tasks.get("deploy").unwrap().links().map(|link| (link.name.as_str(), link.kind)).collect();
    assert_eq!(links, [("check", LinkKind::Before), ("git:check", LinkKind::After)]);
}

#[test]
fn an_unknown_task_is_the_fault_of_the_command_line_or_of_a_recipe() {
    let error = tasks().unknown(Kind::Usage, "deplyo", "");
    assert_eq!((error.kind(), error.to_string().as_str()), (Kind::Usage, "no task `deplyo`"));
    assert_eq!(error.parts().help[0], "did you mean `deploy`?");
    let error = tasks().unknown(Kind::Recipe, "dump", "db");
    assert_eq!(error.kind(), Kind::Recipe);
    assert_eq!(error.parts().notes, ["looked for `db:dump`, then `dump`"]);
}

#[test]
fn calls_are_checked_against_the_arguments() {
    let task: Task<()> = Task { args: parameters(&["a"]), ..Task::new("x") };
    assert_eq!(task.signature(), "x[a]");
    assert_eq!(task.bind(Kind::Usage, &["1".to_owned()]).unwrap().named["a"], "1");
    let error = task.bind(Kind::Recipe, &["1".to_owned(), "2".to_owned()]).unwrap_err();
    assert_eq!(error.to_string(), "too many arguments for task `x`: 2 given, at most 1 expected");
}

#[test]
fn descriptions_are_joined() {
    let descriptions = vec!["One.".to_owned(), "Two".to_owned()];
    assert_eq!(Task::<()> { descriptions, ..Task::new("x") }.description().as_deref(), Some("One. / Two"));
    assert_eq!(Task::<()>::new("x").description(), None);
}
