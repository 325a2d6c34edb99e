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
}
