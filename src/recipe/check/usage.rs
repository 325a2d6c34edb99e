//! What becomes of the value of a call.

use rhai::{ASTNode, Expr, Stmt};

/// What becomes of the value of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// It is compared, or replaced by another where it is `()`.
    Guarded,
    /// It is used at once in a way in which `()` is a mistake.
    Needed,
    /// Something of it is used: it stands before a dot.
    Dotted,
    /// Anything else; it may be looked at later.
    Kept,
}

/// Functions that make nothing of `()`, or refuse it.
const IN_NEED: &[&str] = &[
    "execute",
    "test",
    "capture",
    "run",
    "info",
    "warn",
    "error",
    "debug",
    "fail",
    "within",
    "upload",
    "download",
    "write_file",
    "read_file",
    "file_exists",
    "dir_exists",
    "link_exists",
    "roles",
    "release_roles",
    "primary",
    "server",
    "deploy_to",
    "release_path",
    "current_path",
    "shared_path",
];

/// What becomes of the value of the call at the end of a path.
#[must_use]
pub fn usage(path: &[ASTNode]) -> Usage {
    let [.., parent, ASTNode::Expr(call)] = path else { return Usage::Kept };
    match parent {
        ASTNode::Expr(Expr::Coalesce(..)) => Usage::Guarded,
        ASTNode::Expr(Expr::FnCall(outer, _)) if ["==", "!=", "type_of"].contains(&outer.name.as_str()) => {
            Usage::Guarded
        }
        ASTNode::Expr(Expr::FnCall(outer, _)) | ASTNode::Stmt(Stmt::FnCall(outer, _))
            if outer.op_token.is_some() || IN_NEED.contains(&outer.name.as_str()) =>
        {
            Usage::Needed
        }
        ASTNode::Expr(Expr::InterpolatedString(..) | Expr::And(..) | Expr::Or(..))
        | ASTNode::Stmt(Stmt::If(..) | Stmt::While(..) | Stmt::For(..)) => Usage::Needed,
        ASTNode::Expr(Expr::Dot(parts, ..)) if std::ptr::eq(&raw const parts.lhs, *call) => Usage::Dotted,
        _ => Usage::Kept,
    }
}

/// Whether the value of the call at the end of a path goes somewhere: into a variable, an argument, a condition, a text.
/// The last value of a block does not count: a block that gives nothing is as good as any.
#[must_use]
pub fn is_taken(path: &[ASTNode]) -> bool {
    let [.., parent, ASTNode::Expr(call)] = path else { return false };
    match parent {
        ASTNode::Expr(parent) => !matches!(parent, Expr::Stmt(..)),
        // Its arms are values of its own.
        ASTNode::Stmt(Stmt::Switch(parts, ..)) => std::ptr::eq(&raw const parts.0, *call),
        ASTNode::Stmt(parent) => matches!(
            parent,
            Stmt::Var(..) | Stmt::Assignment(..) | Stmt::FnCall(..) | Stmt::If(..) | Stmt::While(..) | Stmt::For(..)
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::check::outline::testing::outline;

    #[test]
    fn what_becomes_of_a_value_is_seen() {
        let of = |text: &str| {
            let outline = outline(text);
            outline.calls().find(|(_, call)| call.name == "fetch").map(|(_, call)| call.usage)
        };
        for (text, usage) in [
            ("let a = fetch(\"x\") ?? 1;", Usage::Guarded),
            ("if fetch(\"x\") == () { g() }", Usage::Guarded),
            ("if fetch(\"x\") { g() }", Usage::Needed),
            ("info(fetch(\"x\"));", Usage::Needed),
            ("g(`a ${fetch(\"x\")}`);", Usage::Needed),
            ("g(1 + fetch(\"x\"));", Usage::Needed),
            ("g(fetch(\"x\").len);", Usage::Dotted),
            ("g(a().b(fetch(\"x\")));", Usage::Kept),
            ("let a = fetch(\"x\"); g(a);", Usage::Kept),
            ("g(fetch(\"x\"));", Usage::Kept),
            ("if g() { fetch(\"x\") } else { 2 }", Usage::Kept),
        ] {
            assert_eq!(of(text), Some(usage), "{text}");
        }
    }

    #[test]
    fn a_value_that_goes_somewhere_is_told_from_one_that_is_dropped() {
        let of = |text: &str| {
            let outline = outline(text);
            outline.calls().find(|(_, call)| call.name == "f").map(|(_, call)| call.is_taken)
        };
        for (text, expected) in [
            ("let a = f();", true),
            ("a = f();", true),
            ("g(f());", true),
            ("g([f()]);", true),
            ("g(`a ${f()}`);", true),
            ("if f() { g() }", true),
            ("while f() { g() }", true),
            ("for x in f() { g() }", true),
            ("switch f() { 1 => g() }", true),
            ("let a = f() == 1;", true),
            ("let a = f() ?? 1;", true),
            ("f();", false),
            ("f()", false),
            ("if g() { f() } else { f() }", false),
            ("g(|| f());", false),
            ("g(|| { f(); f() });", false),
            ("switch g() { 1 => f() }", false),
            ("fn h() { return f(); }", false),
        ] {
            assert_eq!(of(text), Some(expected), "{text}");
        }
    }
}
