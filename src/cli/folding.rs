//! What the log of a CI job is folded with, and its recipes are marked with.

use std::env;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;

use crate::model::ci;
use crate::report::folding::Folding;

/// For the service this job runs at; none elsewhere. `root` is the project's folder.
#[must_use]
pub fn folding(root: Option<&Path>) -> Option<Folding> {
    let env = |name: &str| env::var(name).ok();
    let service = ci::service(env)?;
    let top = env("GITHUB_WORKSPACE");
    let folder = top.and_then(|top| Some(root?.strip_prefix(top).ok()?.display().to_string()));
    // Hash maps are seeded with something nobody can guess.
    let token = format!("{:x}", RandomState::new().build_hasher().finish());
    Some(Folding::new(service, &folder.unwrap_or_default(), token))
}
