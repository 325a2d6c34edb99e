//! Tasks, hooks and servers that are never declared, because a condition around them cannot come true or the file ends
//! before them.
//!
//! Rhai leaves such code out while it compiles, so a file that may have some is compiled once more, as it stands.

use std::collections::HashMap;

use rhai::{AST, ASTFlags, ASTNode, Engine, Expr, Module, OptimizationLevel, Stmt, StmtBlock};

use crate::error::Error;
use crate::recipe::check::files::Files;
use crate::recipe::closures::constant_text;
use crate::recipe::compiled::Compiled;
use crate::recipe::engine::EXPRESSION_DEPTH;
use crate::recipe::position::place_of;
use crate::recipe::words::free_reserved_words;

/// Functions that declare something.
const DECLARING: &[&str] = &["task", "file_task", "namespace", "before", "after", "server", "role"];

/// Every declaration that is never reached.
#[must_use]
pub fn never_declared(files: &Files, compiled: &Compiled) -> Vec<Error> {
    let mut engine = None;
    let mut errors = Vec::new();
    for file in &files.own {
        let Some(text) = compiled.text(&file.file).filter(|text| may_have_some(text)) else { continue };
        let engine = engine.get_or_insert_with(plain_engine);
        // What cannot be compiled is told already.
        if let Ok(ast) = engine.compile(&*text) {
            errors.extend(in_file(&file.file, &ast));
        }
    }
    errors
}

/// Whether a text has what makes code dead: a condition that is written out, a constant, or an early end.
fn may_have_some(text: &str) -> bool {
    let has_condition = text.contains("if ") && (text.contains("true") || text.contains("false"));
    (has_condition || text.contains("return")) && DECLARING.iter().any(|name| text.contains(name))
}

fn plain_engine() -> Engine {
    let mut engine = Engine::new_raw();
    free_reserved_words(&mut engine);
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_max_expr_depths(EXPRESSION_DEPTH, EXPRESSION_DEPTH);
    engine
}

fn in_file(file: &str, ast: &AST) -> Vec<Error> {
    let mut search = Search { file, constants: HashMap::new(), errors: Vec::new() };
    search.body(&ast.clone_statements_only());
    for definition in ast.iter_fn_def() {
        let mut alone = Module::new();
        alone.set_script_fn(definition.clone());
        search.body(&AST::new([], alone));
    }
    search.errors
}

struct Search<'a> {
    file: &'a str,
    /// Constants that are truth values.
    constants: HashMap<String, bool>,
    errors: Vec<Error>,
}

impl Search<'_> {
    fn body(&mut self, ast: &AST) {
        let mut is_over = false;
        ast.walk(&mut |path: &[ASTNode]| {
            match path {
                [ASTNode::Stmt(Stmt::Return(..))] => is_over = true,
                [.., ASTNode::Stmt(Stmt::Var(variable, flags, _))] if flags.intersects(ASTFlags::CONSTANT) => {
                    if let Expr::BoolConstant(truth, _) = variable.1 {
                        self.constants.insert(variable.0.name.to_string(), truth);
                    }
                }
                [.., ASTNode::Expr(Expr::FnCall(call, position)) | ASTNode::Stmt(Stmt::FnCall(call, position))]
                    if DECLARING.contains(&call.name.as_str()) && call.op_token.is_none() =>
                {
                    let is_return = matches!(path.first(), Some(ASTNode::Stmt(Stmt::Return(..))));
                    let why = if is_over && !is_return {
                        Some("the file ends before it, with `return`".to_owned())
                    } else {
                        path.windows(2).find_map(|pair| self.never(&pair[0], &pair[1]))
                    };
                    if let Some(why) = why {
                        let name = call.args.first().and_then(constant_text);
                        let error = Error::recipe(format!(
                            "{} is never there: {why}",
                            what(&call.name, name.as_deref())
                        ))
                        .rule("dead-declaration")
                        .help("take it away, or ask for something that can change: `if env(\"NAME\") != () { … }`");
                        let place = place_of(Some(self.file), *position);
                        self.errors.push(error.at(place).width(call.name.len()));
                    }
                }
                _ => {}
            }
            true
        });
    }

    /// Why a node right below another one is never reached.
    fn never(&self, around: &ASTNode, node: &ASTNode) -> Option<String> {
        let ASTNode::Stmt(Stmt::If(flow, _) | Stmt::While(flow, _)) = around else { return None };
        let truth = self.truth(&flow.expr)?;
        is_in(if truth { &flow.branch } else { &flow.body }, node)
            .then(|| format!("the condition around it is always {truth}"))
    }

    /// What a condition always is.
    fn truth(&self, condition: &Expr) -> Option<bool> {
        match condition {
            Expr::BoolConstant(truth, _) => Some(*truth),
            Expr::Variable(variable, ..) => self.constants.get(variable.1.as_str()).copied(),
            Expr::FnCall(call, _) if call.name == "!" => self.truth(call.args.first()?).map(|truth| !truth),
            Expr::And(parts, _) => parts.iter().any(|part| self.truth(part) == Some(false)).then_some(false),
            Expr::Or(parts, _) => parts.iter().any(|part| self.truth(part) == Some(true)).then_some(true),
            _ => None,
        }
    }
}

fn is_in(block: &StmtBlock, node: &ASTNode) -> bool {
    let ASTNode::Stmt(statement) = node else { return false };
    block.statements().iter().any(|inside| std::ptr::eq(inside, *statement))
}

fn what(function: &str, name: Option<&str>) -> String {
    match (function, name) {
        ("file_task", Some(name)) => format!("the task `{name}`"),
        ("task" | "namespace" | "server" | "role", Some(name)) => format!("the {function} `{name}`"),
        ("before" | "after", Some(name)) => format!("the hook {function} `{name}`"),
        _ => format!("what `{function}` declares"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        assert!(may_have_some(text), "{text}");
        in_file("a.rhai", &plain_engine().compile(text).unwrap()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_cannot_come_true_is_told() {
        let never = "the task `x` is never there: the condition around it is always false";
        assert_eq!(found("if false { task(\"x\", || 1); }"), [never]);
        assert_eq!(
            found("const LEGACY = false;\nif LEGACY && f() { g(); task(\"x\"); } else { task(\"y\"); }"),
            [never]
        );
        assert_eq!(
            found("if !false { f() } else { server(\"h\") }"),
            ["the server `h` is never there: the condition around it is always true"]
        );
        assert_eq!(
            found("namespace(\"n\", || { if false { after(\"a\", \"b\"); } });"),
            ["the hook after `a` is never there: the condition around it is always false"]
        );
        assert_eq!(
            found("f();\nreturn;\ntask(\"x\");"),
            ["the task `x` is never there: the file ends before it, with `return`"]
        );
    }

    #[test]
    fn what_may_come_true_is_left_alone() {
        for text in [
            "if true { task(\"x\") }",
            "if f() == false { task(\"x\") } else { task(\"y\") }",
            "let is_on = false; is_on = f(); if is_on { task(\"x\") }",
            "if false { g() } task(\"x\");",
            "fn f() { if g() { return true; } task(\"x\"); }",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
