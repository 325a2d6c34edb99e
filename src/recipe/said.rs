//! What the closures of tasks say about other tasks, as it stands in them: for plans, which run nothing.

use rhai::{AST, Position};

use crate::model::plan::{Invoke, Says};
use crate::model::task::Tasks;
use crate::model::task_names::namespace_of;
use crate::recipe::callable::Callable;
use crate::recipe::closures::{closure, constant_text, each_call_in};
use crate::recipe::position::place_of;
use crate::recipe::world::World;

/// The tasks a closure invokes by a name that stands in it as it is, and where it starts over.
#[must_use]
pub fn says(world: &World, tasks: &Tasks<Callable>, body: &Callable) -> Vec<Says> {
    let Some(place) = body.place() else { return Vec::new() };
    let Some((_, ast)) = world.scripts.asts().into_iter().find(|(file, _)| *file == place.file) else {
        return Vec::new();
    };
    let scope = tasks.iter().find(|task| task.places.contains(&place)).map_or("", |task| namespace_of(&task.name));
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
