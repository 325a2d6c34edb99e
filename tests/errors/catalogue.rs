//! How a message gets into the gallery.

use insta::{Settings, assert_snapshot};

use crate::support::scene::Scene;

/// Compares what windlass says with the snapshot of this name. The recipe is kept beside it, so that a reader of the
/// snapshot sees what led to the message.
#[track_caller]
pub fn shows(name: &str, scene: &Scene, args: &[&str]) {
    let ran = scene.run(args.iter().copied());
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(format!("windlass {}", args.join(" ")));
    // Who runs the tests, and when.
    settings.add_filter(r"by \S+@\S+ since [0-9]{4}[0-9: -]+UTC", "by [somebody] since [then]");
    settings.bind(|| assert_snapshot!(name, ran.ending()));
}

/// As [`shows`], for a recipe with the usual stage and `windlass production t`.
#[track_caller]
pub fn recipe_shows(name: &str, recipe: &str) {
    shows(name, &Scene::with(recipe), &["production", "t"]);
}

/// As [`recipe_shows`], for the body of the task `t`.
#[track_caller]
pub fn task_shows(name: &str, body: &str) {
    shows(name, &Scene::task(body), &["production", "t"]);
}
