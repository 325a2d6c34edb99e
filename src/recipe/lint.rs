//! Mistakes that can be seen in a recipe before anything runs.
//!
//! Four of them, because everybody makes them: a function there is not, a variable assigned inside `on` and lost, a
//! command outside `on`, a function that hides a method. Each is an error with its place and the fix.

use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;

use rhai::{AST, ASTNode, Engine, Expr, Position, Stmt};

use crate::error::Error;
use crate::recipe::closures::{closure, each_call, each_call_in, each_node_in, parameters};
use crate::recipe::diagnose::calls::{unknown_function, wrong_count};
use crate::recipe::diagnose::running::declared_in;
use crate::recipe::dsl::METHODS;
use crate::recipe::position::place_of;

/// Functions whose closure runs once a host, on copies of the variables around it.
const PER_HOST: &[&str] = &["on"];
/// Functions that only work on a host.
pub(super) const ON_A_HOST: &[&str] = &["execute", "test", "capture", "capture_lines", "capture_json", "run"];
/// Functions whose closure runs at task level, with no host.
const AT_TASK_LEVEL: &[&str] = &["task", "before", "after"];
/// Methods that change what stands before the dot.
const CHANGING: &[&str] = &[
    "push", "append", "insert", "pop", "shift", "remove", "clear", "truncate", "retain", "drain", "sort", "reverse",
    "set",
];

/// Everything wrong with one compiled file; `lent` are the functions it may call of others.
#[must_use]
pub fn lint(engine: &Engine, ast: &AST, file: &str, lent: &BTreeSet<String>) -> Vec<Error> {
    let mut errors = unknown_functions(engine, ast, file, lent);
    let mut seen = HashSet::new();
    each_call(ast, &mut |found| {
        let name = found.call.name.as_str();
        let Some((function, captured)) = found.call.args.last().and_then(closure) else { return };
        if !seen.insert((function.clone(), found.position)) {
            return;
        }
        if PER_HOST.contains(&name) {
            errors.extend(lost_assignments(ast, &function, captured, file));
        }
        if AT_TASK_LEVEL.contains(&name) {
            errors.extend(commands_without_host(ast, &function, file));
        }
    });
    errors.extend(hidden_methods(ast, file));
    errors.sort_by_key(|error| error.parts().place.clone());
    errors
}

/// Calls of a method of windlass's own, such as `unit.restart()`, whose place a function of this file takes: Rhai calls the
/// function, with what stands before the dot as `this`.
fn hidden_methods(ast: &AST, file: &str) -> Vec<Error> {
    let mut errors = Vec::new();
    ast.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Expr(Expr::MethodCall(call, position))) = path.last()
            && METHODS.iter().flat_map(|(_, methods)| *methods).any(|method| method.name == call.name.as_str())
            && ast.shared_lib().get_script_fn(&call.name, call.args.len()).is_some()
        {
            let name = call.name.as_str();
            errors.push(
                Error::recipe(format!("`.{name}(…)` calls the function `{name}` of this file, and not the method"))
                    .at(place_of(Some(file), *position))
                    .width(name.chars().count())
                    .rule("hidden-method")
                    .help(format!("give the function another name, for example `{name}_all`")),
            );
        }
        true
    });
    errors
}

fn unknown_functions(engine: &Engine, ast: &AST, file: &str, lent: &BTreeSet<String>) -> Vec<Error> {
    let of_engine = of_engine(engine);
    let own = declared_in(ast);
    let names: HashSet<&str> = own.iter().map(|function| function.name.as_str()).collect();
    let mut errors = Vec::new();
    each_call(ast, &mut |found| {
        let name = found.call.name.as_str();
        let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !is_word || found.call.op_token.is_some() || !found.call.namespace.is_empty() || of_engine.contains(name) {
            return;
        }
        let place = place_of(Some(file), found.position);
        if !names.contains(name) && !lent.contains(name) {
            errors.push(unknown_function(name, &own).at(place).rule("unknown-function"));
            return;
        }
        // Of another file there may be one of the same name with as many parameters.
        let given = found.call.args.len();
        let fits = own.iter().any(|function| function.name == name && function.parameters.len() == given);
        if !fits && !lent.contains(name) && !found.is_method {
            errors.extend(wrong_count(name, given, &own).map(|error| error.at(place).rule("argument-count")));
        }
    });
    errors
}

/// Names of the functions of windlass and of the language. All engines have the same ones, and to list them takes longer
/// than to judge a file.
fn of_engine(engine: &Engine) -> &'static HashSet<String> {
    static NAMES: OnceLock<HashSet<String>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let registered = engine.collect_fn_metadata(None, |info| Some(info.metadata.name.to_string()), true);
        let keywords =
            ["print", "debug", "type_of", "eval", "Fn", "call", "curry", "is_def_var", "is_def_fn", "is_shared"];
        registered.into_iter().chain(keywords.map(str::to_owned)).collect()
    })
}

fn lost_assignments(ast: &AST, function: &str, captured: usize, file: &str) -> Vec<Error> {
    let mut names = parameters(ast, function);
    names.truncate(captured);
    let mut errors = Vec::new();
    lost_in(ast, function, &names, file, &mut errors);
    errors
}

/// What is lost in one closure and in those inside it, as in `on(hosts, |host| within(dir, || list.push(1)))`.
fn lost_in(ast: &AST, function: &str, names: &[String], file: &str, errors: &mut Vec<Error>) {
    // A variable of the closure's own, of the same name, may well be changed.
    let mut own = Vec::new();
    each_node_in(ast, function, &mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Var(variable, ..))) = path.last() {
            own.push(variable.0.name.to_string());
        }
    });
    let names: Vec<String> = names.iter().filter(|name| !own.contains(name)).cloned().collect();
    if names.is_empty() {
        return;
    }
    let mut inner = Vec::new();
    each_node_in(ast, function, &mut |path| {
        let changed = match path.last() {
            Some(ASTNode::Stmt(Stmt::Assignment(assignment))) => root(&assignment.1.lhs),
            Some(ASTNode::Expr(Expr::Dot(parts, ..))) if changes(&parts.rhs) => root(&parts.lhs),
            Some(ASTNode::Expr(expression)) => {
                inner.extend(closure(expression).filter(|found| found.1 > 0 && !inner.contains(found)));
                None
            }
            _ => None,
        };
        if let Some((name, position)) = changed
            && names.iter().any(|captured| captured == name)
        {
            errors.push(lost(name).at(place_of(Some(file), position)));
        }
    });
    for (closure, captured) in inner {
        let taken = parameters(ast, &closure).into_iter().take(captured);
        lost_in(ast, &closure, &taken.filter(|name| names.contains(name)).collect::<Vec<_>>(), file, errors);
    }
}

fn lost(name: &str) -> Error {
    Error::recipe(format!("`{name}` is changed inside `on`, and the change would be lost"))
        .width(name.chars().count())
        .rule("lost-assignment")
        .note("the block runs once a host, at the same time, each with its own copy of the variables around it")
        .help(format!("give the value back instead: `let {name} = on(hosts, |host| …);` is a map from host to value"))
        .help("or keep it as a setting: `set(\"name\", value)` works inside `on`")
}

/// The variable at the root of `a`, `a.b` or `a[0]`.
fn root(target: &Expr) -> Option<(&str, Position)> {
    match target {
        Expr::Variable(variable, _, position) => Some((variable.1.as_str(), *position)),
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => root(&parts.lhs),
        _ => None,
    }
}

fn changes(method: &Expr) -> bool {
    matches!(method, Expr::MethodCall(call, _) if CHANGING.contains(&call.name.as_str()))
}

fn commands_without_host(ast: &AST, function: &str, file: &str) -> Vec<Error> {
    let mut errors = Vec::new();
    each_call_in(ast, function, &mut |found| {
        let name = found.call.name.as_str();
        let is_own = || ast.iter_functions().any(|function| function.name == name);
        if ON_A_HOST.contains(&name) && found.call.namespace.is_empty() && !is_own() {
            errors.push(outside_on(name).at(place_of(Some(file), found.position)).width(name.chars().count()));
        }
    });
    errors
}

/// The error for a command where there is no host.
#[must_use]
pub fn outside_on(name: &str) -> Error {
    Error::recipe(format!("`{name}` needs a host, but this is outside `on`"))
        .rule("command-outside-on")
        .help(format!("put it inside a block: `on(roles(\"app\"), |host| {{ {name}(…); }});`"))
        .help(format!("or run it on this machine: `run_locally(|| {{ {name}(…); }});`"))
}
