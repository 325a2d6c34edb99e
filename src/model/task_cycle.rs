//! Tasks that form a circle through needs and hooks.
//!
//! Owns the search for circles and the words for them. Circles through `invoke` are not known here; a task that invokes
//! one that is already running skips it.

use std::collections::HashMap;

use crate::error::Error;
use crate::model::task::{Link, LinkKind, Task, Tasks};

/// How far the search has come with a task.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Open,
    Done,
}

/// The way from the task the search began with to the one it is at.
struct Search<'a, B> {
    tasks: &'a Tasks<B>,
    visits: HashMap<&'a str, Visit>,
    /// Each task on the way with the link that leads on from it.
    way: Vec<(&'a Task<B>, &'a Link)>,
    errors: Vec<Error>,
}

/// One error for each circle that the links close, with every link in it.
pub(super) fn cycles<B>(tasks: &Tasks<B>) -> Vec<Error> {
    let mut search = Search { tasks, visits: HashMap::new(), way: Vec::new(), errors: Vec::new() };
    for task in tasks.iter() {
        search.visit(task);
    }
    search.errors
}

impl<'a, B> Search<'a, B> {
    fn visit(&mut self, task: &'a Task<B>) {
        if self.visits.contains_key(task.name.as_str()) {
            return;
        }
        self.visits.insert(&task.name, Visit::Open);
        for link in task.links() {
            let Some(next) = self.tasks.get(&link.name) else { continue };
            self.way.push((task, link));
            if self.visits.get(next.name.as_str()) == Some(&Visit::Open) {
                let start = self.way.iter().position(|(task, _)| task.name == next.name).unwrap_or(0);
                self.errors.push(circle(&self.way[start..]));
            } else {
                self.visit(next);
            }
            self.way.pop();
        }
        self.visits.insert(&task.name, Visit::Done);
    }
}

/// The error for a way that ends where it begins.
fn circle<B>(way: &[(&Task<B>, &Link)]) -> Error {
    let mut names: Vec<&str> = way.iter().map(|(task, _)| task.name.as_str()).collect();
    names.extend(way.last().map(|(_, link)| link.name.as_str()));
    let error = Error::recipe(format!("tasks form a circle: `{}`", names.join(" → ")))
        .at(way.last().map(|(_, link)| link.place.clone()))
        .rule("task-circle")
        .help("take away one of the links in it");
    way.iter().fold(error, |error, (task, link)| {
        let (task, other, place) = (&task.name, &link.name, &link.place);
        error.note(match link.kind {
            LinkKind::Need => format!("`{task}` needs `{other}` ({place})"),
            LinkKind::Before => format!("`{other}` is hooked before `{task}` ({place})"),
            LinkKind::After => format!("`{other}` is hooked after `{task}` ({place})"),
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::model::task_graph::{Definition, Graph};
    use crate::place::Place;

    fn place(line: u32) -> Place {
        Place::new("deploy.rhai", line, 1)
    }

    /// Tasks `a` to `e` on lines 1 to 5, with their needs.
    fn graph(needs: [&[&str]; 5]) -> Graph<()> {
        let mut graph = Graph::default();
        for ((line, name), needs) in (1..).zip(["a", "b", "c", "d", "e"]).zip(needs) {
            let needs = needs.iter().map(|need| (*need).to_owned()).collect();
            graph.define(Definition { needs, ..Definition::new(name, place(line)) });
        }
        graph
    }

    fn messages(graph: Graph<()>) -> Vec<String> {
        graph.finish().err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn tasks_that_share_a_need_form_no_circle() {
        assert_eq!(messages(graph([&["b", "c"], &["d"], &["d"], &["e"], &[]])), Vec::<String>::new());
    }

    #[test]
    fn a_circle_of_all_kinds_shows_every_link_with_its_place() {
        let mut graph = graph([&["b"], &[], &[], &[], &[]]);
        graph.before("b", "c", "", place(8));
        graph.after("c", "a", "", place(9));
        let errors = graph.finish().unwrap_err();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].to_string(), "tasks form a circle: `a → b → c → a`");
        assert_eq!(errors[0].parts().place, Some(place(9)));
        assert_eq!(
            errors[0].parts().notes,
            [
                "`a` needs `b` (deploy.rhai:1:1)",
                "`c` is hooked before `b` (deploy.rhai:8:1)",
                "`a` is hooked after `c` (deploy.rhai:9:1)"
            ]
        );
        assert_eq!(errors[0].parts().help, ["take away one of the links in it"]);
        assert_eq!(errors[0].exit_code(), 2);
    }

    #[test]
    fn the_way_to_a_circle_is_not_part_of_it() {
        assert_eq!(messages(graph([&["b"], &["c"], &["d"], &["c"], &[]])), ["tasks form a circle: `c → d → c`"]);
    }

    #[test]
    fn every_circle_is_reported() {
        assert_eq!(
            messages(graph([&["b"], &["a"], &["d"], &["c"], &["e"]])),
            ["tasks form a circle: `a → b → a`", "tasks form a circle: `c → d → c`", "tasks form a circle: `e → e`"]
        );
    }
}
