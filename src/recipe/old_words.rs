//! Words of Ruby and of Capistrano 2 and 3 that mean nothing here, and what to write instead.
//!
//! Functions and variables; settings are in [`crate::recipe::check::old_settings`]. Read by the errors of a run and by
//! `check`, so that both say the same.

/// What to write in place of a function.
#[must_use]
pub fn function(name: &str) -> Option<&'static str> {
    find(FUNCTIONS, name)
}

/// What to write in place of a method of a text, a list or a map.
#[must_use]
pub fn method(name: &str) -> Option<&'static str> {
    find(METHODS, name)
}

/// What to write in place of a variable or constant.
#[must_use]
pub fn variable(name: &str) -> Option<&'static str> {
    find(VARIABLES, name)
}

/// What to write in place of an option of a command.
#[must_use]
pub fn option(name: &str) -> Option<&'static str> {
    find(OPTIONS, name)
}

fn find(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(old, _)| *old == name).map(|(_, instead)| *instead)
}

/// Functions of Ruby, Rake, `SSHKit` and Capistrano.
const FUNCTIONS: &[(&str, &str)] = &[
    // Ruby.
    ("puts", "print a line with `info(\"…\")`"),
    ("p", "print a line with `info(\"…\")`"),
    ("pp", "print a line with `info(\"…\")`"),
    ("printf", "print a line with `info(\"…\")`"),
    ("raise", "raise an error with `throw \"…\"`"),
    ("abort", "stop with an error: `fail(\"…\")`"),
    ("lambda", "write a closure: `|| …`"),
    ("proc", "write a closure: `|| …`"),
    ("system", "run it on this machine: `run_locally(|| execute(\"…\"))`"),
    ("exec", "run it on this machine: `run_locally(|| execute(\"…\"))`"),
    ("require_relative", "write `require(\"./file\")`"),
    ("load", "write `require(\"./file\")`"),
    ("rand", "read one: `capture(\"od -An -N4 -tu4 /dev/urandom\")`"),
    // Rake.
    ("multitask", "write `task(…)`: prerequisites run in order, hosts of `on` at once"),
    ("sh", "run it on this machine: `run_locally(|| execute(\"…\"))`"),
    ("install_plugin", "write `require(\"git\")`, or `require(\"./lib/x\")` for a file of yours"),
    // SSHKit.
    ("upload!", "write it without `!`: `upload(local, remote)`"),
    ("download!", "write it without `!`: `download(remote, local)`"),
    ("execute!", "write it without `!`: `execute(…)`"),
    ("sudo", "run it as root: `as_user(\"root\", || execute(…))`, or `execute(\"sudo\", …)`"),
    ("make", "write `execute(\"make\", …)`"),
    ("rake", "write `execute(\"rake\", …)`; `command_prefix(\"rake\", \"bundle exec\")` puts words before it"),
    ("bundle", "write `execute(\"bundle\", …)`"),
    ("git", "write `execute(\"git\", …)`"),
    ("redact", "keep the text from showing anywhere: `secret(text)`"),
    ("background", "start a service instead, or use `execute(\"nohup … >/dev/null 2>&1 &\")`"),
    ("on_roles", "write `on(roles(\"app\"), |host| { … })`"),
    // Capistrano 3.
    ("dry_run", "ask with `is_dry_run()`"),
    ("is_question", "look at `settings()`, which lists questions without asking them"),
    ("repo_url", "write `fetch(\"repo_url\")`"),
    ("application", "read the setting: `fetch(\"application\")`"),
    ("stage", "read the setting: `fetch(\"stage\")`"),
    ("release_timestamp", "write `fetch(\"release_timestamp\")`, or `now()`"),
    ("revision_log", "write `deploy_to(\"revisions.log\")`"),
    ("stage_config_path", "the stages are the files of the folder `deploy` beside the recipe"),
    ("deploy_config_path", "`-f FILE` uses another recipe"),
    ("env_variables", "read one with `env(\"NAME\")`"),
    ("set_default", "write `set_if_empty(name, value)`"),
    ("log", "print a line with `info(\"…\")`; a logarithm is `x.log()`"),
    ("fatal", "say it with `error(\"…\")`, and stop with `throw \"…\"`"),
    ("runner", "write `execute(…)`"),
    ("t", "write the text itself: messages are in English"),
    ("deploy_path", "write `deploy_to()`, or `deploy_to(\"file\")` for what is in it"),
    ("local_user", "write `fetch(\"local_user\")`"),
    ("deploying", "write `fetch(\"deploying\")`"),
    ("asset_timestamp", "write `now()`, or `capture(\"date\", …)` on a host"),
    ("set_release_path", "write `set(\"release_path\", releases_path(name))`"),
    ("stage_set", "leave it out: no task runs without a stage; its name is `fetch(\"stage\")`"),
    ("stages", "leave it out: the stages are the files of the folder that holds them"),
    ("scm", "leave it out: `require(\"git\")` brings the tasks that make a release"),
    ("linked_file_dirs", "write `parents(linked_files(…))`"),
    ("linked_dir_parents", "write `parents(linked_dirs(…))`"),
    ("remote_file", "write a task that calls `upload(local, shared_path(\"…\"))` where `file_exists` says no"),
    ("file", "write `file_task(\"x\", #{ needs: [\"y\"] }, |path| …)`"),
    ("directory", "write `execute(\"mkdir\", \"-p\", …)` where the folder is needed"),
    ("rule", "write a task for each"),
    ("add_filter", "write `filter_hosts(|host| …)`"),
    // Capistrano 2.
    ("_cset", "write `set_if_empty(name, value)`"),
    ("try_sudo", "say who runs it: `as_user(\"root\", || execute(…))`, or leave it out"),
    ("invoke_command", "write `on(roles(\"all\"), |host| execute(…))`"),
    ("run_task", "write `invoke(\"name\")`"),
    ("find_task", "write `invoke(\"name\")`"),
    ("put", "write the file on each host: `on(roles(\"all\"), |host| write_file(path, text))`"),
    ("get", "write `on(primary(\"app\"), |host| download(remote, local))`"),
    ("stream", "write `on(roles(\"all\"), |host| execute(…))`, which shows what is printed as it comes"),
    ("find_servers", "write `roles(\"app\")`, with properties behind it: `roles(\"app\", #{ primary: true })`"),
    ("find_servers_for_task", "write `roles(\"app\")`: a task chooses its hosts with `on`"),
    ("current_task", "give the name of the task as an argument"),
    ("transaction", "leave it out: a failed `deploy` runs the hooks of `deploy:failed`"),
    ("on_rollback", "hook a task: `after(\"deploy:failed\", \"name\")`"),
    ("on_error", "hook a task: `after(\"deploy:failed\", \"name\")`"),
    ("depend", "look for it in a task after `deploy:check`: `require_files([…])`, `test(…)`"),
    ("callback", "write `before(task, hook)` or `after(task, hook)`"),
    ("exists", "ask with `any(\"name\")`"),
    ("has_key", "ask with `any(\"name\")`"),
    ("unset", "write `delete(\"name\")`"),
    ("previous_release", "list the releases of a host with `list_releases()`"),
    ("latest_release", "write `release_path()`"),
    ("release_name", "write `now()`"),
    ("releases", "list the releases of a host with `list_releases()`"),
    ("real_revision", "read the setting: `fetch(\"current_revision\")`"),
    ("logger", "write `info(…)`, `warn(…)`, `error(…)` or `debug(…)`"),
    ("run_with_sudo", "write `as_user(\"root\", || execute(…))`"),
    ("parallel", "hosts work at the same time: `on(roles(\"all\"), |host| …)`"),
    ("with_env", "write `with(#{ NAME: value }, || …)`"),
];

/// Options of commands in `SSHKit`.
const OPTIONS: &[(&str, &str)] = &[
    ("interaction_handler", "write `answer: #{ \"Password:\": \"…\" }`"),
    ("raise_on_non_zero_exit", "write `raise: false`"),
    ("run_in_background", "start a service instead, or use `execute(\"nohup … >/dev/null 2>&1 &\")`"),
];

/// Methods of texts, lists and maps in Ruby and JavaScript.
const METHODS: &[(&str, &str)] = &[
    ("upcase", "write `text.to_upper()`"),
    ("downcase", "write `text.to_lower()`"),
    ("toUpperCase", "write `text.to_upper()`"),
    ("toLowerCase", "write `text.to_lower()`"),
    ("strip", "write `text.trim()`, which changes the variable"),
    ("chomp", "write `text.trim()`, which changes the variable; `capture` has done so already"),
    ("gsub", "write `text.replace(\"old\", \"new\")`, which changes the variable"),
    ("sub", "write `text.replace(\"old\", \"new\")`, which changes the variable"),
    ("start_with", "write `text.starts_with(\"x\")`"),
    ("end_with", "write `text.ends_with(\"x\")`"),
    ("lines", "write `text.split(\"\\n\")`; `capture_lines` gives those of a command"),
    ("to_s", "write `value.to_string()`"),
    ("toString", "write `value.to_string()`"),
    ("to_sym", "leave it out: a string is a string"),
    ("to_i", "write `parse_int(text)`"),
    ("to_f", "write `parse_float(text)`"),
    ("size", "write `.len`"),
    ("length", "write `.len`"),
    ("count", "write `.len`, or `list.filter(|item| …).len`"),
    ("empty", "write `.is_empty()`"),
    ("nil", "write `value == ()`"),
    ("present", "write `value != ()`"),
    ("blank", "write `value == ()`"),
    ("include", "write `item in list`"),
    ("includes", "write `item in list`"),
    ("key", "write `\"name\" in map`"),
    ("each", "write `for item in list { … }`"),
    ("forEach", "write `for item in list { … }`"),
    ("each_with_index", "write `for (item, index) in list { … }`"),
    ("each_pair", "write `for name in map.keys() { … }`"),
    ("select", "write `list.filter(|item| …)`"),
    ("reject", "write `list.filter(|item| !…)`"),
    ("collect", "write `list.map(|item| …)`"),
    ("inject", "write `list.reduce(|sum, item| …, 0)`"),
    ("detect", "write `list.find(|item| …)`"),
    ("first", "write `list[0]`"),
    ("last", "write `list[-1]`"),
    ("merge", "write `one + other`"),
    ("uniq", "write `list.dedup()` behind `list.sort()`"),
    ("flatten", "join them one by one: `all += list`; arguments of commands may be lists in lists"),
    ("compact", "write `list.filter(|item| item != ())`"),
    ("freeze", "declare it with `const`"),
];

/// Words that stand for values in Ruby.
const VARIABLES: &[(&str, &str)] = &[
    ("nil", "write `()`"),
    ("null", "write `()`"),
    ("None", "write `()`"),
    ("True", "write `true`"),
    ("False", "write `false`"),
    ("ENV", "read a variable of this machine with `env(\"NAME\")`"),
    ("ARGV", "give the task arguments: `task(\"name\", #{ args: [\"file\"] }, |args| …)`, called as `name[file]`"),
    ("File", "files of the hosts are read with `read_file`, asked for with `file_exists`"),
    ("Dir", "list a folder with `capture_lines(\"ls\", folder)`, on this machine inside `run_locally`"),
    ("Time", "write `now()`, or `capture(\"date\")`"),
    ("JSON", "write `capture_json(…)`"),
    ("YAML", "there is no YAML here: keep it in a map, `#{ name: value }`"),
    ("SSHKit", "write `command_map(…)`, `command_prefix(…)`; `--format` chooses how output looks"),
    ("Rake", "write `invoke(\"name\")` or `clear_task(\"name\")`"),
    ("StringIO", "write the text itself: `write_file(path, text)`"),
    ("__dir__", "paths on this machine are taken from the project's folder"),
    ("elsif", "write `else if`"),
    ("unless", "write `if !(…) { … }`"),
    ("then", "leave it out: `if … { … }`"),
    ("end", "blocks end with `}`"),
    ("begin", "write `try { … } catch (error) { … }`"),
    ("rescue", "write `try { … } catch (error) { … }`"),
    ("and", "write `&&`"),
    ("or", "write `||`"),
    ("not", "write `!`"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::recipe::diagnose::of_rhai;
    use crate::recipe::dsl::functions;

    #[test]
    fn what_there_is_is_no_old_word() {
        for (old, _) in FUNCTIONS {
            assert!(functions().all(|function| function.name != *old), "{old}");
        }
        for table in [FUNCTIONS, METHODS, VARIABLES] {
            let names: BTreeSet<&str> = table.iter().map(|(old, _)| *old).collect();
            assert_eq!(names.len(), table.len(), "each stands there once");
        }
        for (old, _) in METHODS {
            assert!(!of_rhai::has(old), "{old}");
        }
    }

    #[test]
    fn what_is_written_instead_is_there() {
        let known: BTreeSet<&str> = functions().map(|function| function.name).collect();
        for (old, instead) in FUNCTIONS.iter().chain(METHODS).chain(VARIABLES) {
            for code in instead.split('`').skip(1).step_by(2) {
                for (at, _) in code.match_indices('(') {
                    let name = code[..at].rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
                    // Of the language, or methods of its values.
                    let is_rhai = ["if", "in", "for"].contains(&name) || of_rhai::has(name);
                    assert!(name.is_empty() || is_rhai || known.contains(name), "{old}: {name}");
                }
            }
        }
    }
}
