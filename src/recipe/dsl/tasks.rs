//! `task` and hooks: what a recipe declares. What it runs of that is in [`super::invocations`].

use std::sync::PoisonError;

use rhai::{Dynamic, Map};

use crate::error::Error;
use crate::model::task_graph::Definition;
use crate::place::Place;
use crate::recipe::callable::Callable;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::signature::{ANY, CLOSURE, NOTHING, OPTIONS, TEXT, ValueKind, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::dsl::task_options::{TASK_OPTIONS, TaskOptions};
use crate::recipe::stdlib::is_stock;
use crate::recipe::values::text;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "namespace",
        usage: "namespace(name, || { … })",
        about: "Put the tasks declared inside into a namespace: `deploy:check` is `check` in `deploy`.",
        takes: &[one("name", TEXT), one("block", CLOSURE)],
        options: &[],
        gives: ANY,
        run: namespace,
    },
    Function {
        name: "desc",
        usage: "desc(text)",
        about: "Describe the task declared next; its first sentence stands in `windlass -T`.",
        takes: &[one("text", TEXT)],
        options: &[],
        gives: NOTHING,
        run: desc,
    },
    Function {
        name: "task",
        usage: "task(name, #{ args: [\"file\", \"lines=20\"], needs: [\"other\"] }, |args| { … })",
        about: "Declare a task. Declared again, its steps are added. Tasks in `needs` run before it. `alias` gives it more names, \
                `confirm` a question that is asked before anything connects; `on_failure` and `always` are closures that run \
                at its end.",
        takes: &[one("name", TEXT), OPTIONS, maybe("body", CLOSURE)],
        options: &[TASK_OPTIONS],
        gives: NOTHING,
        run: task,
    },
    Function {
        name: "before",
        usage: "before(task, hook) or before(task, hook, || { … })",
        about: "Run a task before another one; with a closure, declare it as well.",
        takes: &[one("task", TEXT), one("hook", HOOK), maybe("body", CLOSURE)],
        options: &[],
        gives: NOTHING,
        run: before,
    },
    Function {
        name: "after",
        usage: "after(task, hook) or after(task, hook, || { … })",
        about: "Run a task after another one; with a closure, declare it as well.",
        takes: &[one("task", TEXT), one("hook", HOOK), maybe("body", CLOSURE)],
        options: &[],
        gives: NOTHING,
        run: after,
    },
    Function {
        name: "unhook",
        usage: "unhook(task, hook)",
        about: "Take back a `before` or `after`.",
        takes: &[one("task", TEXT), one("hook", TEXT)],
        options: &[],
        gives: NOTHING,
        run: unhook,
    },
    Function {
        name: "clear_task",
        usage: "clear_task(name)",
        about: "Empty a task: its steps, arguments, prerequisites, hooks, question and ends. Its description and its aliases stay.",
        takes: &[one("name", TEXT)],
        options: &[],
        gives: NOTHING,
        run: clear_task,
    },
];

/// What a hook may be: a task by its name, or what it does.
const HOOK: &[ValueKind] = &[ValueKind::Text, ValueKind::Closure];

/// What the name of a task is called in errors.
pub(super) const TASK: &str = "the name of a task";

fn namespace(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let name = call.text("the name of a namespace")?;
    let block = call.closure("what it holds")?;
    if name.is_empty() || name.contains([' ', '[', ']', ',', '\n']) {
        return Err(Error::recipe(format!("`{name}` cannot be the name of a namespace")));
    }
    let qualified = call.frame().qualified(&name);
    call.call(&block, Vec::new(), |frame| frame.namespace = qualified)
}

fn desc(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let text = call.text("the description")?;
    *call.world().description.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
    Ok(Dynamic::UNIT)
}

fn task(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let name = call.text(TASK)?;
    let mut next = call.any();
    let mut options = Map::new();
    if next.is_map() {
        options = next.cast::<Map>();
        next = call.any();
    }
    let blank = blank(call, call.frame().qualified(&name));
    let TaskOptions { args, needs, aliases, confirm, endings } = TaskOptions::read(call, &options, &blank.place)?;
    let body = body(call, &name, &next, "the arguments")?;
    declare(call, Definition { aliases, args, needs, confirm, body, endings, ..blank })?;
    Ok(Dynamic::UNIT)
}

/// The closure of a task; `gets` says what it is called with.
pub(super) fn body(call: &Call<'_>, name: &str, value: &Dynamic, gets: &str) -> Result<Option<Callable>, Error> {
    let body = match call.callable(value) {
        None if value.is_unit() => None,
        None => return Err(call.wrong("what the task does", "a closure such as `|| { … }`", value)),
        some => some,
    };
    match body.as_ref().and_then(Callable::arity) {
        Some(arity) if arity > 1 => {
            Err(Error::recipe(format!("the closure of task `{name}` takes {arity} parameters, but gets one, {gets}"))
                .help("write `|args| { … }` and read them with `args.name`"))
        }
        _ => Ok(body),
    }
}

/// A definition of a task by its full name, with what `desc` has said and where the call stands.
pub(super) fn blank(call: &Call<'_>, full: String) -> Definition<Callable> {
    let desc = call.world().description.lock().unwrap_or_else(PoisonError::into_inner).take();
    let place = place(call);
    Definition { desc, is_stock: is_stock(&place.file), ..Definition::new(full, place) }
}

/// Adds a definition to what recipes have said.
pub(super) fn declare(call: &Call<'_>, definition: Definition<Callable>) -> Result<(), Error> {
    call.world().declare(|graph| graph.define(definition))
}

fn place(call: &Call<'_>) -> Place {
    call.place().unwrap_or_else(|| Place::new("the command line", 0, 0))
}

enum When {
    Before,
    After,
}

fn before(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    hook(call, &When::Before)
}

fn after(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    hook(call, &When::After)
}

fn hook(call: &mut Call<'_>, when: &When) -> Result<Dynamic, Error> {
    let target = call.text(TASK)?;
    let next = call.any();
    let (mut hook, body) = match (text(&next), call.callable(&next)) {
        (Some(hook), _) => {
            let body = call.any();
            let callable = call.callable(&body);
            if callable.is_none() && !body.is_unit() {
                return Err(call.wrong("what the hook does", "a closure such as `|| { … }`", &body));
            }
            (hook, callable)
        }
        (None, Some(callable)) => (hook_name(call, &target, when), Some(callable)),
        (None, None) => return Err(call.wrong("the hook", "the name of a task or a closure", &next)),
    };
    if let Some(body) = body {
        let full = call.frame().qualified(&hook);
        declare(call, Definition { body: Some(body), ..blank(call, full.clone()) })?;
        // The full name from the top, so that it cannot be taken for another task of that name further in.
        hook = format!("rake:{full}");
    }
    let (scope, place) = (call.frame().namespace.clone(), place(call));
    call.world().declare(|graph| match when {
        When::Before => graph.before(&target, &hook, &scope, place),
        When::After => graph.after(&target, &hook, &scope, place),
    })?;
    Ok(Dynamic::UNIT)
}

/// A hook without a name is called after its place, so that two of them do not become one task.
fn hook_name(call: &Call<'_>, target: &str, when: &When) -> String {
    let when = match when {
        When::Before => "before",
        When::After => "after",
    };
    let line = call.place().map_or(0, |place| place.line);
    format!("{when}_{}_line_{line}", target.replace(':', "_"))
}

fn unhook(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let (target, hook) = (call.text(TASK)?, call.text(TASK)?);
    let (scope, place) = (call.frame().namespace.clone(), place(call));
    call.world().declare(|graph| graph.unhook(&target, &hook, &scope, place))?;
    Ok(Dynamic::UNIT)
}

fn clear_task(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let name = call.text(TASK)?;
    let (scope, place) = (call.frame().namespace.clone(), place(call));
    call.world().declare(|graph| graph.clear(&name, &scope, place))?;
    Ok(Dynamic::UNIT)
}
