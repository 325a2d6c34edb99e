//! Where a file is that a recipe names.

use std::path::{Component, Path, PathBuf};

use crate::recipe::world::World;

/// The path of a file named in the recipe `from`, and as it is shown; without `from` it is taken from the project.
#[must_use]
pub fn located(world: &World, name: &str, from: Option<&str>) -> (PathBuf, String) {
    let root = &world.options.project;
    let base = from
        .map_or_else(|| root.clone(), |from| root.join(from).parent().map_or_else(|| root.clone(), Path::to_path_buf));
    let mut path = clean(&base.join(name));
    if path.extension().is_none() {
        path.set_extension("rhai");
    }
    let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
    (path, shown)
}

/// A path without `.` and `..`, as text only.
fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                cleaned.pop();
            }
            other => cleaned.push(other),
        }
    }
    cleaned
}
