//! Frees the words Rhai reserves but does not use.
//!
//! `with`, `default`, `shared`, `new` and two dozen others may not be called or used as names in plain Rhai. Recipes
//! need them: `with(#{ … }, || …)`. The mapper runs on every token while a recipe is parsed. It leaves real keywords
//! alone, so `as` stays one, and `this`, which has a meaning. `on_parse_token` is marked volatile upstream:
//! `tests/recipe/contract.rs` holds what we lean on.

use rhai::{Engine, Token};

/// Installs the mapper.
pub fn free_reserved_words(engine: &mut Engine) {
    #[expect(deprecated, reason = "Rhai marks the hook as volatile this way; the exact version is pinned")]
    engine.on_parse_token(|token, _, _| match token {
        Token::Reserved(word) if is_word(&word) && *word != "this" => Token::Identifier(word),
        other => other,
    });
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}
