//! The variable of a `for`, which each closure made in a round keeps as it was in that round.
//!
//! Rhai has one variable for all rounds, and closures share it: `for name in ["start", "stop"] { task(name, || info(name)); }`
//! would make two tasks that both say `stop`. In Ruby a block has a variable of its own in each round. Here a closure that
//! is given to a host function gets its own copy of that variable, and of no other.

use std::collections::HashMap;

use rhai::{AST, ASTNode, FnPtr, Stmt};

use crate::recipe::callable::isolate;
use crate::recipe::closures::{closure, parameters};

/// Which of the variables a closure captures belong to a `for` around it, by the name of its function.
pub type Rounds = HashMap<String, Vec<usize>>;

/// Those of one file.
#[must_use]
pub fn of(ast: &AST) -> Rounds {
    let mut rounds = Rounds::new();
    ast.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Expr(expression)) = path.last()
            && let Some((function, captured)) = closure(expression).filter(|(_, captured)| *captured > 0)
        {
            let variables = of_loops(path);
            let names = parameters(ast, &function);
            let shared: Vec<usize> = (0..captured)
                .filter(|at| names.get(*at).is_some_and(|name| variables.contains(&name.as_str())))
                .collect();
            if !shared.is_empty() {
                rounds.insert(function, shared);
            }
        }
        true
    });
    rounds
}

/// The variables of the loops on a path.
fn of_loops<'a>(path: &[ASTNode<'a>]) -> Vec<&'a str> {
    let mut names = Vec::new();
    for node in path {
        if let ASTNode::Stmt(Stmt::For(variables, _)) = node {
            names.push(variables.0.name.as_str());
            names.extend(variables.1.as_ref().map(|counter| counter.name.as_str()));
        }
    }
    names
}

/// Gives a closure its own copy of those variables.
pub fn keep(closure: &mut FnPtr, rounds: &Rounds) {
    let Some(shared) = rounds.get(closure.fn_name()) else { return };
    for (at, captured) in closure.iter_curry_mut().enumerate() {
        if shared.contains(&at) {
            *captured = isolate(captured);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(text: &str) -> Vec<Vec<usize>> {
        of(&rhai::Engine::new().compile(text).unwrap()).into_values().collect()
    }

    #[test]
    fn only_variables_of_loops_are_kept() {
        assert_eq!(rounds("let top = 1; for name in [1, 2] { f(|| top + name); }"), [[1]]);
        assert_eq!(rounds("for (name, at) in [1, 2] { f(|| at); }"), [[0]]);
        assert_eq!(rounds("fn g() { for name in [1] { if true { f(|| name); } } }"), [[0]]);
        assert!(rounds("let name = 1; f(|| name); for other in [1] { let copy = other; f(|| copy); }").is_empty());
    }
}
