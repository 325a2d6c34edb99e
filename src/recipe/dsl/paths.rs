//! Where things are on the host: the tree Capistrano made standard.

use rhai::{Array, Dynamic};

use crate::error::Error;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::setting_values::{text_of, value_of};
use crate::recipe::dsl::signature::{LIST, TEXT, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::values::text;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "deploy_to",
        usage: "deploy_to() or deploy_to(\"file\")",
        about: "The folder everything of this application stands in; setting `deploy_to`.",
        takes: &[maybe("file", TEXT)],
        options: &[],
        gives: TEXT,
        run: |call| path(call, deploy_to),
    },
    Function {
        name: "release_path",
        usage: "release_path() or release_path(\"file\")",
        about: "The release being deployed; outside a deploy the current one. Setting `release_path`.",
        takes: &[maybe("file", TEXT)],
        options: &[],
        gives: TEXT,
        run: |call| path(call, |call| text_of(call, "release_path")?.map_or_else(|| current_path(call), Ok)),
    },
    Function {
        name: "current_path",
        usage: "current_path() or current_path(\"file\")",
        about: "The link to the current release; setting `current_directory`.",
        takes: &[maybe("file", TEXT)],
        options: &[],
        gives: TEXT,
        run: |call| path(call, current_path),
    },
    Function {
        name: "shared_path",
        usage: "shared_path() or shared_path(\"file\")",
        about: "The folder of what all releases share; setting `shared_directory`.",
        takes: &[maybe("file", TEXT)],
        options: &[],
        gives: TEXT,
        run: |call| path(call, |call| inside(call, "shared_directory", "shared")),
    },
    Function {
        name: "releases_path",
        usage: "releases_path() or releases_path(\"name\")",
        about: "The folder of all releases; setting `releases_directory`.",
        takes: &[maybe("file", TEXT)],
        options: &[],
        gives: TEXT,
        run: |call| path(call, releases_path),
    },
    Function {
        name: "repo_path",
        usage: "repo_path() or repo_path(\"file\")",
        about: "The mirror of the repository; setting `repo_path`.",
        takes: &[maybe("file", TEXT)],
        options: &[],
        gives: TEXT,
        run: |call| {
            path(call, |call| match text_of(call, "repo_path")? {
                Some(path) => Ok(path),
                None => Ok(joined(&deploy_to(call)?, "repo")),
            })
        },
    },
    Function {
        name: "linked_dirs",
        usage: "linked_dirs(parent)",
        about: "The setting `linked_dirs`, each inside `parent`.",
        takes: &[one("parent", TEXT)],
        options: &[],
        gives: LIST,
        run: |call| linked(call, "linked_dirs"),
    },
    Function {
        name: "linked_files",
        usage: "linked_files(parent)",
        about: "The setting `linked_files`, each inside `parent`.",
        takes: &[one("parent", TEXT)],
        options: &[],
        gives: LIST,
        run: |call| linked(call, "linked_files"),
    },
    Function {
        name: "outermost",
        usage: "outermost(paths)",
        about: "These paths without those that are inside another one of them.",
        takes: &[one("paths", LIST)],
        options: &[],
        gives: LIST,
        run: |call| Ok(outermost(&paths(call)?).into_iter().map(Dynamic::from).collect::<Array>().into()),
    },
    Function {
        name: "parents",
        usage: "parents(paths)",
        about: "The folders these paths are in, each once.",
        takes: &[one("paths", LIST)],
        options: &[],
        gives: LIST,
        run: parents,
    },
    Function {
        name: "now",
        usage: "now()",
        about: "The time the run began, in UTC, as the name of a release: 20261122093936; or the time it got the lock, where \
                nothing had asked for it before. The same from the first time on.",
        takes: &[],
        options: &[],
        gives: TEXT,
        run: |call| Ok(call.world().now.read().into()),
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
        if !path.starts_with('/') {
            let place = call.world().settings.get("deploy_to").and_then(|setting| setting.place);
            let example = match path.strip_prefix("~/") {
                Some(rest) => format!("/home/USER/{rest}"),
                None => format!("/srv/{}", path.trim_matches(['/', '~', '.']).trim_start_matches("srv/")),
            };
            return Err(Error::recipe(format!("the setting `deploy_to` is `{path}`, which is no absolute path"))
                .at(place)
                .help(format!("begin it with `/`, for example `set(\"deploy_to\", \"{example}\")`")));
        }
        return Ok(if path == "/" { path } else { path.trim_end_matches('/').to_owned() });
    }
    Err(Error::recipe("the setting `deploy_to` is not set, and without `application` it has no default")
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

/// The paths of a setting, cleaned of slashes at the end and of doubles, inside a folder.
fn linked(call: &mut Call<'_>, setting: &str) -> Result<Dynamic, Error> {
    let parent = call.text("the folder")?;
    let value = value_of(call, setting)?.unwrap_or(Dynamic::UNIT);
    let list =
        value.clone().try_cast::<Array>().unwrap_or_else(|| if value.is_unit() { Array::new() } else { vec![value] });
    let mut paths: Vec<String> = Vec::new();
    for item in &list {
        let path = text(item).ok_or_else(|| call.wrong(&format!("`{setting}`"), "a list of paths", item))?;
        let path = linked_path(setting, &path)?;
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let inside = |path: String| if parent.is_empty() { path } else { joined(&parent, &path) };
    Ok(paths.into_iter().map(|path| Dynamic::from(inside(path))).collect::<Array>().into())
}

/// A path inside a release. Anything that leads out of it would make a deploy remove what is not its own.
fn linked_path(setting: &str, path: &str) -> Result<String, Error> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if path.starts_with(['/', '~']) || parts.is_empty() || parts.contains(&"..") {
        return Err(Error::recipe(format!("`{path}` in `{setting}` is no path inside a release"))
            .help("name it as it is called in the repository, for example `config/database.yml`"));
    }
    Ok(parts.join("/"))
}

/// Without those that are inside another one: their place in the release is inside the link of that one already, and
/// removing what is there would remove shared files.
fn outermost(paths: &[String]) -> Vec<String> {
    let is_inside = |path: &String| paths.iter().any(|other| path.starts_with(&format!("{other}/")));
    paths.iter().filter(|path| !is_inside(path)).cloned().collect()
}

fn parents(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let mut folders: Vec<String> = Vec::new();
    for path in paths(call)? {
        let folder = match path.trim_end_matches('/').rsplit_once('/') {
            Some(("", _)) => "/".to_owned(),
            Some((folder, _)) => folder.to_owned(),
            None => ".".to_owned(),
        };
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    Ok(folders.into_iter().map(Dynamic::from).collect::<Array>().into())
}

/// The next argument as a list of paths.
fn paths(call: &mut Call<'_>) -> Result<Vec<String>, Error> {
    let value = call.any();
    let list = value.clone().try_cast::<Array>().ok_or_else(|| call.wrong("paths", "a list of strings", &value))?;
    list.iter().map(|item| text(item).ok_or_else(|| call.wrong("a path", "a string", item))).collect()
}

/// A path below another one; an absolute one stays as it is.
#[must_use]
pub fn joined(base: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", base.trim_end_matches('/')) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linked_paths_stay_inside_the_release() {
        assert_eq!(linked_path("linked_dirs", "tmp//pids/").unwrap(), "tmp/pids");
        for path in ["/etc", "~/x", "../x", "a/../../b", "", "."] {
            assert!(linked_path("linked_dirs", path).is_err(), "{path}");
        }
    }

    #[test]
    fn a_linked_folder_inside_another_one_is_left_out() {
        let paths = ["tmp/pids", "tmp", "log", "tmpfiles"].map(str::to_owned).to_vec();
        assert_eq!(outermost(&paths), ["tmp", "log", "tmpfiles"]);
    }

    #[test]
    fn an_absolute_path_replaces_the_base() {
        assert_eq!(joined("/srv/", "a"), "/srv/a");
        assert_eq!(joined("/srv", "/a"), "/a");
    }
}
