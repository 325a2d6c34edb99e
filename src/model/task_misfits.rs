//! Tasks that run because of another one, and cannot be given the arguments they need.
//!
//! Owns the search for them, so that it is told before anything runs. Circles are `model::task_cycle`'s.

use crate::error::Error;
use crate::model::task::{Link, LinkKind, Task, Tasks};
use crate::model::task_args::missing;
use crate::model::task_parameter::{Parameter, signature};

/// One error for each link that gives too much or too little.
pub(super) fn misfits<B>(tasks: &Tasks<B>) -> Vec<Error> {
    let links = tasks.iter().flat_map(|task| task.links().map(move |link| (task, link)));
    let pairs = links.filter_map(|(task, link)| Some((task, link, tasks.get(&link.name)?)));
    pairs.filter_map(|(task, link, other)| misfit(task, link, other)).collect()
}

fn misfit<B>(task: &Task<B>, link: &Link, other: &Task<B>) -> Option<Error> {
    let single: Vec<&Parameter> = other.args.iter().filter(|parameter| !parameter.is_rest()).collect();
    let too_many = single.len() == other.args.len()
        && link.args[single.len().min(link.args.len())..].iter().any(|arg| !arg.is_empty());
    let error = if too_many {
        let (given, name) = (link.args.len(), &other.name);
        Error::recipe(format!("too many arguments for task `{name}`: {given} given, at most {} expected", single.len()))
            .help(format!("call it as `{}`", signature(name, &other.args)))
    } else {
        let written = |name: &str| {
            let at = single.iter().position(|parameter| parameter.name == name);
            at.and_then(|at| link.args.get(at)).is_some_and(|arg| !arg.is_empty())
        };
        let handed = |name: &str| link.kind != LinkKind::After && task.args.iter().any(|own| own.name == name);
        let missing = missing(&other.args, |name| written(name) || handed(name));
        lacking(task, link, other, missing.first()?)
    };
    Some(error.rule("task-arguments").at(Some(link.place.clone())))
}

fn lacking<B>(task: &Task<B>, link: &Link, other: &Task<B>, argument: &str) -> Error {
    let (task, name) = (&task.name, &other.name);
    let how = match link.kind {
        LinkKind::Need => format!("`{task}` needs `{name}`"),
        LinkKind::Before => format!("`{name}` is hooked before `{task}`"),
        LinkKind::After => format!("`{name}` is hooked after `{task}`"),
    };
    let places = if other.args.len() == 1 { "…".to_owned() } else { vec!["…"; other.args.len()].join(",") };
    let error = Error::recipe(format!("{how}, and nothing gives it its argument `{argument}`"))
        .help(format!("write the value behind the name: `{name}[{places}]`"));
    let error = if link.kind == LinkKind::After {
        error
    } else {
        error.help(format!("or give `{task}` an argument `{argument}`, which is handed on"))
    };
    error.help(format!("or let it be left out: `args: [\"{argument}=\"]`, with what stands for it behind the `=`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::task_graph::{Definition, Graph};
    use crate::place::Place;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    /// A task `b` with these arguments on line 1, and a task `a` with these needs and arguments on line 2.
    fn graph(args: &[&str], needs: &[&str], own: &[&str]) -> Graph<()> {
        let place = |line| Place::new("deploy.rhai", line, 1);
        let mut graph = Graph::default();
        graph.define(Definition { args: texts(args), ..Definition::new("b", place(1)) });
        graph.define(Definition { needs: texts(needs), args: texts(own), ..Definition::new("a", place(2)) });
        graph
    }

    fn error(graph: Graph<()>) -> Error {
        graph.finish().unwrap_err().remove(0)
    }

    #[test]
    fn arguments_that_are_there_fit() {
        for (args, needs, own) in [
            (&["n"][..], "b[7]", &[][..]),
            (&["n"], "b", &["n"]),
            (&["n=1"], "b", &[]),
            (&["n="], "b", &[]),
            (&["*n"], "b", &[]),
            (&["n", "*more"], "b[1,2,3]", &[]),
            (&["n", "m"], "b[,2]", &["n"]),
            (&["n"], "b[7,]", &[]),
            (&[], "b[]", &[]),
        ] {
            assert!(graph(args, &[needs], own).finish().is_ok(), "{args:?} {needs}");
        }
    }

    #[test]
    fn what_nothing_gives_is_told_with_the_ways_to_give_it() {
        let found = error(graph(&["n"], &["b"], &["m"]));
        assert_eq!(found.to_string(), "`a` needs `b`, and nothing gives it its argument `n`");
        assert_eq!(found.parts().place.as_ref().unwrap().line, 2);
        assert_eq!(
            found.parts().help,
            [
                "write the value behind the name: `b[…]`",
                "or give `a` an argument `n`, which is handed on",
                "or let it be left out: `args: [\"n=\"]`, with what stands for it behind the `=`",
            ]
        );
        assert!(error(graph(&["n", "m"], &["b[1]"], &[])).to_string().ends_with("its argument `m`"));
    }

    #[test]
    fn nothing_is_handed_on_to_what_comes_after() {
        let mut hooked = graph(&["n"], &[], &["n"]);
        hooked.after("a", "b", "", Place::new("deploy.rhai", 3, 1));
        let found = error(hooked);
        assert_eq!(found.to_string(), "`b` is hooked after `a`, and nothing gives it its argument `n`");
        assert_eq!(found.parts().help.len(), 2);
        let mut hooked = graph(&["n"], &[], &["n"]);
        hooked.before("a", "b", "", Place::new("deploy.rhai", 3, 1));
        hooked.after("a", "b[3]", "", Place::new("deploy.rhai", 4, 1));
        assert!(hooked.finish().is_ok());
    }

    #[test]
    fn too_many_arguments_are_told_where_they_stand() {
        let found = error(graph(&["n"], &["b[1,2]"], &[]));
        assert_eq!(found.to_string(), "too many arguments for task `b`: 2 given, at most 1 expected");
        assert_eq!(found.parts().place.as_ref().unwrap().line, 2);
    }
}
