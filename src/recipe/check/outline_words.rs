//! Which texts of a file are words that could be names.

use std::collections::BTreeSet;

use rhai::{ASTNode, Array, Dynamic, Expr, ImmutableString, Map, Stmt};

use crate::recipe::check::outline::SETTERS;

/// Whether a text is the first argument of what gives a setting its value.
pub(super) fn is_name_of_a_setting(path: &[ASTNode]) -> bool {
    let [.., parent, ASTNode::Expr(text)] = path else { return false };
    let (ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _))) = parent else { return false };
    SETTERS.contains(&call.name.as_str()) && call.args.first().is_some_and(|first| std::ptr::eq(first, *text))
}

/// Every text and key in a value.
pub(super) fn words_in(value: &Dynamic, words: &mut BTreeSet<String>) {
    if let Some(text) = value.read_lock::<ImmutableString>() {
        words.insert(text.to_string());
    } else if let Some(items) = value.read_lock::<Array>() {
        items.iter().for_each(|item| words_in(item, words));
    } else if let Some(map) = value.read_lock::<Map>() {
        for (key, value) in map.iter() {
            words.insert(key.to_string());
            words_in(value, words);
        }
    }
}
