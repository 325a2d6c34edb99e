//! The stock recipes, inside the binary.

/// Every file of `stdlib/` that recipes can load: name without ending, text.
pub const MODULES: &[(&str, &str)] = &[
    ("defaults", include_str!("../../stdlib/defaults.rhai")),
    ("deploy", include_str!("../../stdlib/deploy.rhai")),
    ("doctor", include_str!("../../stdlib/doctor.rhai")),
    ("git", include_str!("../../stdlib/git.rhai")),
    ("lagging", include_str!("../../stdlib/lagging.rhai")),
    ("linger", include_str!("../../stdlib/linger.rhai")),
    ("linked", include_str!("../../stdlib/linked.rhai")),
    ("lock", include_str!("../../stdlib/lock.rhai")),
    ("puma", include_str!("../../stdlib/puma.rhai")),
    ("rollback", include_str!("../../stdlib/rollback.rhai")),
    ("ruby", include_str!("../../stdlib/ruby.rhai")),
    ("service", include_str!("../../stdlib/service.rhai")),
    ("service_checks", include_str!("../../stdlib/service_checks.rhai")),
    ("service_deploy", include_str!("../../stdlib/service_deploy.rhai")),
    ("service_install", include_str!("../../stdlib/service_install.rhai")),
    ("service_quiet", include_str!("../../stdlib/service_quiet.rhai")),
    ("service_tasks", include_str!("../../stdlib/service_tasks.rhai")),
    ("service_text", include_str!("../../stdlib/service_text.rhai")),
    ("service_units", include_str!("../../stdlib/service_units.rhai")),
    ("sidekiq", include_str!("../../stdlib/sidekiq.rhai")),
    ("systemd", include_str!("../../stdlib/systemd.rhai")),
];

/// Every file of `stdlib/templates/`: name, text.
pub const TEMPLATES: &[(&str, &str)] = &[
    ("service.service", include_str!("../../stdlib/templates/service.service")),
    ("service.socket", include_str!("../../stdlib/templates/service.socket")),
];

/// The guides of stock recipes: name of the recipe, text.
pub const GUIDES: &[(&str, &str)] = &[
    ("linger", include_str!("../../stdlib/linger.md")),
    ("puma", include_str!("../../stdlib/puma.md")),
    ("sidekiq", include_str!("../../stdlib/sidekiq.md")),
];

/// Whether a recipe file, as it is shown, is one of these.
#[must_use]
pub fn is_stock(file: &str) -> bool {
    file.strip_prefix("stdlib/").and_then(|file| file.strip_suffix(".rhai")).is_some_and(|name| module(name).is_some())
}

/// The text of a module.
#[must_use]
pub fn module(name: &str) -> Option<&'static str> {
    MODULES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
