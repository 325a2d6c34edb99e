//! Looks into compiled scripts: which closures are given to which functions, and what their bodies call.
//!
//! `ast.walk` and the node types are volatile upstream: `tests/recipe/contract.rs`.

use rhai::{AST, ASTNode, Dynamic, Expr, FnCallExpr, FnPtr, Module, Position, Shared, Stmt};

/// A call in a script, with the path of nodes above it.
pub struct Found<'a> {
    /// The call.
    pub call: &'a FnCallExpr,
    /// Where it stands.
    pub position: Position,
    /// Whether it stands in a branch or loop, so that it may not be reached, or more than once.
    pub conditional: bool,
    /// Whether it stands behind a dot.
    pub is_method: bool,
}

/// All calls in the statements of a script, those in bodies of functions and closures included.
pub fn each_call(ast: &AST, found: &mut dyn FnMut(&Found<'_>)) {
    ast.walk(&mut |path: &[ASTNode]| {
        report(path, found);
        true
    });
}

/// All calls directly in the body of one function or closure; what closures inside it call is not among them.
pub fn each_call_in(ast: &AST, function: &str, found: &mut dyn FnMut(&Found<'_>)) {
    each_node_in(ast, function, &mut |path| report(path, found));
}

/// All calls in an expression, those in closures not among them.
pub fn each_call_of(expression: &Expr, found: &mut dyn FnMut(&Found<'_>)) {
    expression.walk(&mut Vec::new(), &mut |path: &[ASTNode]| {
        report(path, found);
        true
    });
}

/// All nodes of the body of one function or closure, each with the nodes above it.
pub fn each_node_in(ast: &AST, function: &str, visit: &mut dyn FnMut(&[ASTNode])) {
    for definition in ast.iter_fn_def().filter(|definition| definition.name == function) {
        // The body of a function cannot be reached by itself, but a script with no more than that can be walked.
        let mut alone = Module::new();
        alone.set_script_fn(definition.clone());
        AST::new([], alone).walk(&mut |path: &[ASTNode]| {
            visit(path);
            true
        });
    }
}

/// Names of the parameters of a function or closure, captured variables first.
#[must_use]
pub fn parameters(ast: &AST, function: &str) -> Vec<String> {
    let lib: &Shared<Module> = ast.shared_lib();
    let definition = (0..=20).find_map(|count| lib.get_script_fn(function, count));
    definition.map(|definition| definition.params.iter().map(ToString::to_string).collect()).unwrap_or_default()
}

/// A closure written as an argument: the function behind it and how many variables it captures.
#[must_use]
pub fn closure(argument: &Expr) -> Option<(String, usize)> {
    match argument {
        Expr::DynamicConstant(value, _) => closure_name(value).map(|name| (name, 0)),
        Expr::FnCall(call, _) => curried(call),
        // Where variables are captured, Rhai writes a block: share them, then curry the closure with them.
        Expr::Stmt(block) => match block.statements() {
            [Stmt::Share(_), Stmt::FnCall(call, _)] => curried(call),
            [Stmt::Share(_), Stmt::Expr(call)] => closure(call),
            _ => None,
        },
        _ => None,
    }
}

fn curried(call: &FnCallExpr) -> Option<(String, usize)> {
    let (name, _) = closure(call.args.first().filter(|_| call.name == "curry")?)?;
    Some((name, call.args.len() - 1))
}

fn closure_name(value: &Dynamic) -> Option<String> {
    value.read_lock::<FnPtr>().map(|closure| closure.fn_name().to_owned())
}

/// Whether the node at the end of a path stands in a branch or loop, so that it may not be reached, or more than once.
#[must_use]
pub fn is_conditional(path: &[ASTNode]) -> bool {
    path.iter().any(|node| {
        matches!(
            node,
            ASTNode::Stmt(
                Stmt::If(..) | Stmt::Switch(..) | Stmt::While(..) | Stmt::Do(..) | Stmt::For(..) | Stmt::TryCatch(..)
            ) | ASTNode::Expr(Expr::And(..) | Expr::Or(..) | Expr::Coalesce(..))
        )
    })
}

fn report(path: &[ASTNode], found: &mut dyn FnMut(&Found<'_>)) {
    if let Some(
        ASTNode::Expr(Expr::FnCall(call, position) | Expr::MethodCall(call, position))
        | ASTNode::Stmt(Stmt::FnCall(call, position)),
    ) = path.last()
    {
        let is_method = matches!(path.last(), Some(ASTNode::Expr(Expr::MethodCall(..))));
        found(&Found { call, position: *position, conditional: is_conditional(path), is_method });
    }
}

/// The text of an argument that is written out as a string.
#[must_use]
pub fn constant_text(argument: &Expr) -> Option<String> {
    match argument {
        Expr::StringConstant(text, _) => Some(text.to_string()),
        _ => None,
    }
}
