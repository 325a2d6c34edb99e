//! Where things are on the host: the tree Capistrano made standard.

use rhai::Dynamic;

use crate::error::Error;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::settings::text_of;
use crate::recipe::dsl::table::{Function, RangeInclusiveUsize as Args};

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "deploy_to",
        usage: "deploy_to() or deploy_to(\"file\")",
        about: "The folder everything of this application stands in; setting `deploy_to`.",
        arity: Args(0, 1),
        run: |call| path(call, deploy_to),
    },
    Function {
        name: "release_path",
        usage: "release_path() or release_path(\"file\")",
        about: "The release being deployed; outside a deploy the current one. Setting `release_path`.",
        arity: Args(0, 1),
        run: |call| path(call, |call| Ok(text_of(call, "release_path")?.map_or_else(|| current_path(call), Ok)?)),
    },
    Function {
        name: "current_path",
        usage: "current_path() or current_path(\"file\")",
        about: "The link to the current release; setting `current_directory`.",
        arity: Args(0, 1),
        run: |call| path(call, current_path),
    },
    Function {
        name: "shared_path",
        usage: "shared_path() or shared_path(\"file\")",
        about: "The folder of what all releases share; setting `shared_directory`.",
        arity: Args(0, 1),
        run: |call| path(call, |call| inside(call, "shared_directory", "shared")),
    },
    Function {
        name: "releases_path",
        usage: "releases_path() or releases_path(\"name\")",
        about: "The folder of all releases; setting `releases_directory`.",
        arity: Args(0, 1),
        run: |call| path(call, releases_path),
    },
    Function {
        name: "repo_path",
        usage: "repo_path() or repo_path(\"file\")",
        about: "The mirror of the repository; setting `repo_path`.",
        arity: Args(0, 1),
        run: |call| {
            path(call, |call| match text_of(call, "repo_path")? {
                Some(path) => Ok(path),
                None => Ok(joined(&deploy_to(call)?, "repo")),
            })
        },
    },
    Function {
        name: "now",
        usage: "now()",
        about: "The time the run began, in UTC, as the name of a release: 20261122093936. The same all through the run.",
        arity: Args(0, 0),
        run: |call| Ok(call.world().now.clone().into()),
    },
];

fn path(call: &mut Call<'_>, base: impl FnOnce(&Call<'_>) -> Result<String, Error>) -> Result<Dynamic, Error> {
    let base = base(call)?;
    if call.left() == 0 {
        return Ok(base.into());
    }
    let file = call.text("the path inside")?;
    Ok(joined(&base, &file).into())
}

/// The folder of the application.
///
/// # Errors
/// When neither `deploy_to` nor `application` is set.
pub fn deploy_to(call: &Call<'_>) -> Result<String, Error> {
    if let Some(path) = text_of(call, "deploy_to")? {
        if !path.starts_with(['/', '~']) {
            let place = call.world().settings.get("deploy_to").and_then(|setting| setting.place);
            return Err(Error::recipe(format!("setting `deploy_to` is `{path}`, which is no absolute path"))
                .at(place)
                .help(format!("begin it with `/`, for example `set(\"deploy_to\", \"/srv/{}\")`", path.trim_matches('/'))));
        }
        return Ok(if path == "/" { path } else { path.trim_end_matches('/').to_owned() });
    }
    Err(Error::recipe("setting `deploy_to` is not set, and without `application` it has no default")
        .help("`set(\"application\", \"my_app\")` deploys to /var/www/my_app; `set(\"deploy_to\", \"/srv/my_app\")` elsewhere"))
}

/// The link to the current release.
///
/// # Errors
/// As [`deploy_to`].
pub fn current_path(call: &Call<'_>) -> Result<String, Error> {
    inside(call, "current_directory", "current")
}

/// The folder of all releases.
///
/// # Errors
/// As [`deploy_to`].
pub fn releases_path(call: &Call<'_>) -> Result<String, Error> {
    inside(call, "releases_directory", "releases")
}

fn inside(call: &Call<'_>, setting: &str, default: &str) -> Result<String, Error> {
    let name = text_of(call, setting)?.unwrap_or_else(|| default.to_owned());
    Ok(joined(&deploy_to(call)?, &name))
}

/// A path below another one; an absolute one stays as it is.
#[must_use]
pub fn joined(base: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", base.trim_end_matches('/')) }
}
