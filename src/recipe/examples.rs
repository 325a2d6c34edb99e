//! The examples, inside the binary: whole projects, and scripts.

/// A project by its name, with its files in the order one reads them.
pub type Project = (&'static str, &'static [(&'static str, &'static str)]);

/// The projects: name, files with their paths and texts.
pub const PROJECTS: &[Project] = &[
    (
        "rails",
        &[
            ("config/deploy.rhai", include_str!("../../stdlib/examples/rails/config/deploy.rhai")),
            (
                "config/deploy/production.rhai",
                include_str!("../../stdlib/examples/rails/config/deploy/production.rhai"),
            ),
            ("config/deploy/staging.rhai", include_str!("../../stdlib/examples/rails/config/deploy/staging.rhai")),
            (
                "config/deploy/tasks/rails.rhai",
                include_str!("../../stdlib/examples/rails/config/deploy/tasks/rails.rhai"),
            ),
        ],
    ),
    (
        "php",
        &[
            ("config/deploy.rhai", include_str!("../../stdlib/examples/php/config/deploy.rhai")),
            ("config/deploy/production.rhai", include_str!("../../stdlib/examples/php/config/deploy/production.rhai")),
            ("config/deploy/tasks/php.rhai", include_str!("../../stdlib/examples/php/config/deploy/tasks/php.rhai")),
        ],
    ),
    (
        "binary",
        &[
            ("config/deploy.rhai", include_str!("../../stdlib/examples/binary/config/deploy.rhai")),
            (
                "config/deploy/production.rhai",
                include_str!("../../stdlib/examples/binary/config/deploy/production.rhai"),
            ),
        ],
    ),
    (
        "fleet",
        &[
            ("config/deploy.rhai", include_str!("../../stdlib/examples/fleet/config/deploy.rhai")),
            (
                "config/deploy/production.rhai",
                include_str!("../../stdlib/examples/fleet/config/deploy/production.rhai"),
            ),
            (
                "config/deploy/tasks/roll.rhai",
                include_str!("../../stdlib/examples/fleet/config/deploy/tasks/roll.rhai"),
            ),
        ],
    ),
];

/// The scripts: name, text.
pub const SCRIPTS: &[(&str, &str)] = &[
    ("disk.rhai", include_str!("../../stdlib/examples/scripts/disk.rhai")),
    ("find.rhai", include_str!("../../stdlib/examples/scripts/find.rhai")),
    ("key.rhai", include_str!("../../stdlib/examples/scripts/key.rhai")),
    ("reboot.rhai", include_str!("../../stdlib/examples/scripts/reboot.rhai")),
    ("versions.rhai", include_str!("../../stdlib/examples/scripts/versions.rhai")),
];
