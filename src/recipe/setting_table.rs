//! The settings windlass and its stock recipes know: the source of the README's table, and of what `check` takes for known.
//!
//! Rules for their values are in `recipe::known_settings`; settings of services are in the guides of their recipes.

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownSetting {
    /// Its name.
    pub name: &'static str,
    /// What it is without being set, as the README shows it; empty where it is nothing.
    pub default: &'static str,
    /// What it is for.
    pub about: &'static str,
}

const fn setting(name: &'static str, default: &'static str, about: &'static str) -> KnownSetting {
    KnownSetting { name, default, about }
}

/// Settings a recipe may give a value.
pub const SETTINGS: &[KnownSetting] = &[
    setting("application", "", "name of the application: letters, digits, `-`, `_`, `.`"),
    setting("repo_url", "", "the repository, as the servers reach it"),
    setting("branch", r#"`"master"`"#, "a branch, a tag or a commit"),
    setting("deploy_to", "`/var/www/APPLICATION`", "folder on the servers; an absolute path"),
    setting("keep_releases", "`5`", "how many releases `deploy:cleanup` leaves"),
    setting(
        "max_fail",
        "`0`",
        r#"how many hosts may fail before the run stops: a number or a part such as `"20%"`; see [When hosts fail](#when-hosts-fail)"#,
    ),
    setting("connect_timeout", "", "longest time to connect to a host; see [Time-outs](#time-outs)"),
    setting("command_timeout", "", "longest time a command may take"),
    setting("idle_timeout", "", "longest time a command may print nothing"),
    setting("run_timeout", "", "longest time the whole run may take"),
    setting("linked_files", "", "files of `shared/` that every release links to"),
    setting("linked_dirs", "", "folders of `shared/` that every release links to"),
    setting("lock", "`true`", "`false` deploys without [the lock](#the-lock)"),
    setting("lock_ttl", "`60`", "seconds without a sign of life after which a lock may be taken over; at least 5"),
    setting("default_env", "`#{}`", "environment of every command"),
    setting("umask", "", "umask of every command, in octal"),
    setting(
        "shell",
        "`sh`",
        r#"what reads the commands of your recipes, such as `"bash"` or `"bash -l"`; stock recipes keep `sh`"#,
    ),
    setting("ssh_options", "", "options of ssh for the stage; the same as a property of `server` for that server"),
    setting(
        "sudo_password",
        "",
        "password of `sudo` on the servers: use `secret` or `ask`; `-K` asks for it before anything connects",
    ),
    setting(
        "warm",
        "",
        "seconds that idle connections stay for the next run, as `--warm`; 0 closes them; in CI they always close",
    ),
    setting("filter", "", "which hosts to use: `#{ roles: […], hosts: […] }`, as `-r` and `-z`"),
    setting(
        "format_options",
        "",
        "output and log: `#{ command_output: false, log_file: \"elsewhere.log\", truncate: 80, color: true }`; see [What a run prints](#what-a-run-prints)",
    ),
    setting("print_config_variables", "", "`true` tells all settings when a deploy starts; see `-p`"),
    setting(
        "doctor",
        "",
        "looks of your own for [the check-up](#check-up-of-the-servers): closures that give a list of findings",
    ),
    setting("tmp_dir", r#"`"/tmp"`"#, "for recipes of yours; the stock ones leave nothing there"),
    setting("local_user", "who runs windlass", "stands in `revisions.log`"),
    setting("current_directory", r#"`"current"`"#, "name of the link to the current release"),
    setting("releases_directory", r#"`"releases"`"#, "name of the folder of releases"),
    setting("shared_directory", r#"`"shared"`"#, "name of the folder of shared files"),
    setting("repo_path", "`DEPLOY_TO/repo`", "the mirror of the repository"),
    setting("repo_tree", "", "deploy only this folder of the repository"),
    setting(
        "revision_log_message",
        r#"`"Branch %{branch} (at %{sha}) deployed as release %{release} by %{user}"`"#,
        "line for `revisions.log`",
    ),
    setting("rollback_log_message", r#"`"%{user} rolled back to release %{release}"`"#, "the same, after a rollback"),
    setting("git_shallow_clone", "", "depth of the mirror's history; whole without it"),
    setting("git_submodules", "", "`true` checks submodules out as well"),
    setting("git_verify_commit", "", "`true` refuses a commit without a good signature"),
    setting("git_http_username", "", "user name for https"),
    setting("git_http_password", "", "password for https: use `secret` or `ask`"),
    setting("git_wrapper_path", "", "a program of yours on the servers that git uses as ssh"),
    setting("git_environmental_variables", "no prompts, no unknown questions", "environment of git on the servers"),
    setting("git_max_concurrent_connections", "`10`", "how many servers talk to the git server at once"),
    setting("git_wait_interval", "`0`", "seconds between such groups"),
];

/// Settings that a run gives a value.
pub const SET_BY_THE_RUN: &[&str] = &[
    "stage",
    "deploying",
    "release_timestamp",
    "release_path",
    "current_revision",
    "current_revision_time",
    "previous_revision",
    "previous_revision_time",
    "rollback_timestamp",
];

/// Settings that host functions read besides, for services and under names of Capistrano.
pub const READ_BY_FUNCTIONS: &[&str] =
    &["connection_timeout", "service_templates_path", "service_unit_path", "service_unit_user", "systemctl_bin"];

/// Every name of these.
pub fn names() -> impl Iterator<Item = &'static str> {
    let settings = SETTINGS.iter().map(|setting| setting.name);
    settings.chain(SET_BY_THE_RUN.iter().copied()).chain(READ_BY_FUNCTIONS.iter().copied())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_setting_stands_there_twice() {
        let all: BTreeSet<&str> = names().collect();
        assert_eq!(all.len(), names().count());
    }
}
