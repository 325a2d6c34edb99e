//! The stock recipes, inside the binary.

/// Every file of `stdlib/` that recipes can load: name without ending, text.
pub const MODULES: &[(&str, &str)] = &[
    ("defaults", include_str!("../../stdlib/defaults.rhai")),
    ("deploy", include_str!("../../stdlib/deploy.rhai")),
    ("git", include_str!("../../stdlib/git.rhai")),
    ("linked", include_str!("../../stdlib/linked.rhai")),
    ("lock", include_str!("../../stdlib/lock.rhai")),
    ("rollback", include_str!("../../stdlib/rollback.rhai")),
];

/// The text of a module.
#[must_use]
pub fn module(name: &str) -> Option<&'static str> {
    MODULES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
