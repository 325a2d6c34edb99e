//! `invoke`, `invoke_again`, `start_over`: tasks that run from inside a recipe.

use std::sync::PoisonError;

use rhai::{Dynamic, FnPtr};

use crate::error::{Error, Kind};
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::signature::{ANY, NOTHING, TEXT, TRUTH, any_number, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::dsl::tasks::TASK;
use crate::recipe::frame::Block;
use crate::recipe::invoke::{self, Again};

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "invoke",
        usage: "invoke(task, argument, …)",
        about: "Run a task, with its prerequisites and hooks, unless it has run already. Gives whether it has run now.",
        takes: &[one("task", TEXT), any_number("argument", ANY)],
        options: &[],
        gives: TRUTH,
        run: invoke,
    },
    Function {
        name: "invoke_again",
        usage: "invoke_again(task, argument, …)",
        about: "Run a task and its hooks even if it has run already.",
        takes: &[one("task", TEXT), any_number("argument", ANY)],
        options: &[],
        gives: TRUTH,
        run: invoke_again,
    },
    Function {
        name: "start_over",
        usage: "start_over(task, …)",
        about: "Begin a row of tasks, from inside the task whose steps they are: what ran as part of an earlier row of \
                this run counts as not run, and runs again where it is invoked; so do the tasks given here by their full \
                names, even if they ran on their own. The stock `deploy` and `deploy:rollback` begin so, which is why one \
                can come after the other.",
        takes: &[any_number("task", TEXT)],
        options: &[],
        gives: NOTHING,
        run: start_over,
    },
];

fn invoke(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    run(call, Again::No)
}

fn invoke_again(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    run(call, Again::Yes)
}

fn start_over(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    if call.frame().here.is_some() || call.frame().tasks.is_empty() {
        return Err(Error::recipe("`start_over` begins the steps of a task, and is called at its top")
            .help("`task(\"ship\", || { start_over(); invoke(\"build\"); });`"));
    }
    let mut steps = Vec::new();
    while call.left() > 0 {
        let name = call.text(TASK)?;
        let tasks = call.world().tasks.get().expect("tasks are fixed before the first one is invoked");
        let task = tasks.resolve(&name, "").ok_or_else(|| tasks.unknown(Kind::Recipe, &name, ""))?;
        steps.push(task.name.clone());
    }
    let mut progress = call.world().progress.lock().unwrap_or_else(PoisonError::into_inner);
    progress.start_over(&call.frame().tasks, &steps);
    Ok(Dynamic::UNIT)
}

fn run(call: &mut Call<'_>, again: Again) -> Result<Dynamic, Error> {
    let name = call.text(TASK)?;
    if let Some(here) = &call.frame().here {
        let around = if here.block == Block::Locally { "run_locally" } else { "on" };
        return Err(Error::recipe(format!(
            "`{}` runs a task once for the whole run, but this is inside `{around}`",
            call.name()
        ))
        .help("invoke the task before or after the block; the task chooses its hosts itself"));
    }
    let mut args = Vec::new();
    for arg in call.rest() {
        if arg.clone().try_cast::<FnPtr>().is_some() {
            return Err(call.wrong("a task argument", "text or a number", &arg));
        }
        args.push(arg);
    }
    invoke::from_recipe(call, &name, &args, again)
}
