//! `file_task`: a task that makes a file of this machine.

use rhai::{Dynamic, Map};

use crate::error::Error;
use crate::model::task_graph::Definition;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::signature::{CLOSURE, NOTHING, OPTIONS, TEXT, TEXTS, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::dsl::task_options::names;
use crate::recipe::dsl::tasks::{blank, body, declare};

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "file_task",
    usage: "file_task(path, #{ needs: [\"config/x.yml.tmpl\"] }, |path| { … })",
    about: "Declare a task that makes a file of this machine, and is called like it. Its steps run only where the file is \
            missing, or older than one of the files in `needs`; tasks in `needs` run before that. Paths are taken from the top \
            of the project.",
    takes: &[one("path", TEXT), OPTIONS, one("body", CLOSURE)],
    options: &[&[maybe("needs", TEXTS)]],
    gives: NOTHING,
    run: file_task,
}];

fn file_task(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let path = call.text("the path of a file")?;
    let mut next = call.any();
    let mut options = Map::new();
    if next.is_map() {
        options = next.cast::<Map>();
        next = call.any();
    }
    call.check_options(&options)?;
    if call.callable(&next).is_none() {
        return Err(call.wrong("what makes the file", "a closure such as `|path| { … }`", &next));
    }
    let body = body(call, &path, &next, "its path")?;
    let needs = names(call, &options, "needs")?.iter().map(|need| plain(need).to_owned()).collect();
    // A file is where it is, whatever namespace it is declared in.
    let (name, file) = (plain(&path).to_owned(), Some(call.frame().namespace.clone()));
    declare(call, Definition { needs, body, file, ..blank(call, name) })?;
    Ok(Dynamic::UNIT)
}

/// A path without a `./` in front, so that there is one name for it.
fn plain(path: &str) -> &str {
    path.strip_prefix("./").filter(|rest| rest.contains(['/', '.'])).unwrap_or(path)
}
