//! Settings of Capistrano that do nothing here, and what to write instead.

/// What to write in place of a setting of Capistrano 2 or 3; none where it is not one of these.
#[must_use]
pub fn instead(name: &str) -> Option<&'static str> {
    OLD.iter().find(|(old, _)| *old == name).map(|(_, instead)| *instead)
}

/// The settings and their places. Those of plug-ins that are not here are not among them: nothing takes their place.
pub const OLD: &[(&str, &str)] = &[
    ("log_level", "leave it out; `-v` tells more and `-q` less"),
    ("format", "leave it out; `--format` chooses between `pretty`, `plain`, `json` and `dots`"),
    ("log_file", "`set(\"format_options\", #{ log_file: \"…\" });`"),
    ("command_output", "`set(\"format_options\", #{ command_output: false });`"),
    ("truncate", "`set(\"format_options\", #{ truncate: 80 });`"),
    ("pty", "leave it out: commands run without a terminal, so give programs their option for that"),
    ("sshkit_backend", "leave it out; `--dry-run` shows commands without running them"),
    ("scm", "leave it out: `require(\"git\");` deploys from git"),
    ("git_strategy", "leave it out; declare tasks of your own in place of those of `git`"),
    ("hg_strategy", "leave it out; tasks of your own bring the code where it is not in git"),
    ("svn_strategy", "leave it out; tasks of your own bring the code where it is not in git"),
    ("svn_username", "leave it out; tasks of your own bring the code where it is not in git"),
    ("svn_password", "leave it out; tasks of your own bring the code where it is not in git"),
    ("svn_revision", "leave it out; tasks of your own bring the code where it is not in git"),
    ("git_enable_submodules", "`set(\"git_submodules\", true);`"),
    ("git_shallow_clone_depth", "`set(\"git_shallow_clone\", 1);` with the depth"),
    ("use_sudo", "leave it out, and say where it is needed: `as_user(\"root\", || execute(…))`"),
    ("runner", "say where it is needed: `as_user(\"name\", || execute(…))`"),
    ("admin_runner", "say where it is needed: `as_user(\"root\", || execute(…))`"),
    (
        "deploy_via",
        "leave it out: the servers keep a mirror of the repository; `set(\"git_shallow_clone\", 1);` keeps it small",
    ),
    ("copy_exclude", "leave it out; `export-ignore` in `.gitattributes` leaves files out of a release"),
    ("copy_strategy", "leave it out: releases are unpacked from a mirror on each server"),
    ("repository", "`set(\"repo_url\", \"…\");`"),
    ("repository_cache", "leave it out; the mirror stands in `repo_path`"),
    ("scm_username", "`set(\"git_http_username\", \"…\");`, or the user in `repo_url`"),
    ("scm_password", "`set(\"git_http_password\", secret(env(\"…\")));`"),
    ("scm_passphrase", "leave it out; keys are the business of your ssh agent"),
    ("scm_verbose", "leave it out; `-v` tells more"),
    ("shared_children", "`append(\"linked_dirs\", \"log\", \"tmp/pids\");`"),
    ("public_children", "`append(\"linked_dirs\", \"public/system\");`"),
    ("normalize_asset_timestamps", "leave it out: nothing changes times of files"),
    ("synchronous_connect", "leave it out"),
    ("default_run_options", "leave it out: commands run without a terminal"),
    ("default_environment", "`set(\"default_env\", #{ … });`"),
    ("default_shell", "`set(\"shell\", \"bash\");`, where `sh` is not enough"),
    ("command_map", "`command_map(\"rake\", \"bundle exec rake\");`"),
    ("default_stage", "leave it out: the stage is the first word of the command line"),
    ("stages", "leave it out: the stages are the files of the folder that holds them"),
    ("stage_dir", "leave it out; `-f FILE` uses another recipe, with its stages beside it"),
    ("stage_config_path", "leave it out; `-f FILE` uses another recipe, with its stages beside it"),
    ("deploy_config_path", "leave it out; `-f FILE` uses another recipe"),
    ("current_dir", "`set(\"current_directory\", \"…\");`"),
    ("shared_dir", "`set(\"shared_directory\", \"…\");`"),
    ("version_dir", "`set(\"releases_directory\", \"…\");`"),
    ("gateway", "`set(\"ssh_options\", #{ proxy: \"user@host\" });`, or `ProxyJump` in `~/.ssh/config`"),
    ("locale", "leave it out: messages are in English"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::setting_table;

    #[test]
    fn no_setting_that_does_something_is_called_dead() {
        let alive: Vec<_> = OLD.iter().filter(|(old, _)| setting_table::names().any(|name| name == *old)).collect();
        assert!(alive.is_empty(), "{alive:?}");
    }

    #[test]
    fn what_is_written_instead_is_a_setting_there_is() {
        for (old, instead) in OLD {
            let (_, rest) =
                instead.split_once("`set(\"").or_else(|| instead.split_once("`append(\"")).unwrap_or_default();
            let name = rest.split('"').next().unwrap_or_default();
            assert!(name.is_empty() || setting_table::names().any(|known| known == name), "{old}: {name}");
        }
    }
}
