//! Words of Capistrano's that are no functions here, and what to write instead.

/// What to write in place of a function of Capistrano, Rake or Ruby; none where it is not one of these.
#[must_use]
pub fn instead(name: &str) -> Option<&'static str> {
    WORDS.iter().find(|(word, _)| *word == name).map(|(_, instead)| *instead)
}

/// The words and their answers.
const WORDS: &[(&str, &str)] = &[
    ("puts", "print a line with `info(\"…\")`"),
    ("log", "print a line with `info(\"…\")`; a logarithm is `x.log()`"),
    ("fatal", "say it with `error(\"…\")`, and stop with `throw \"…\"`"),
    ("raise", "raise an error with `throw \"…\"`"),
    ("upload!", "write it without `!`: `upload(local, remote)`"),
    ("sudo", "run it as root: `as_user(\"root\", || execute(…))`, or `execute(\"sudo\", …)`"),
    ("make", "write `execute(\"make\", …)`"),
    ("rake", "write `execute(\"rake\", …)`; `command_prefix(\"rake\", \"bundle exec\")` puts words before it"),
    ("runner", "write `execute(…)`"),
    ("sh", "run it on this machine: `run_locally(|| execute(\"…\"))`"),
    ("lambda", "write a closure: `|| …`"),
    ("proc", "write a closure: `|| …`"),
    ("t", "write the text itself: messages are in English"),
    ("dry_run", "ask with `is_dry_run()`"),
    ("is_question", "look at `settings()`, which lists questions without asking them"),
    ("redact", "keep the text from showing anywhere: `secret(text)`"),
    ("on_roles", "write `on(roles(\"app\"), |host| { … })`"),
    ("background", "start a service instead, or use `execute(\"nohup … >/dev/null 2>&1 &\")`"),
    ("deploy_path", "write `deploy_to()`, or `deploy_to(\"file\")` for what is in it"),
    ("revision_log", "write `deploy_to(\"revisions.log\")`"),
    ("repo_url", "write `fetch(\"repo_url\")`"),
    ("local_user", "write `fetch(\"local_user\")`"),
    ("deploying", "write `fetch(\"deploying\")`"),
    ("release_timestamp", "write `fetch(\"release_timestamp\")`, or `now()`"),
    ("asset_timestamp", "write `now()`, or `capture(\"date\", …)` on a host"),
    ("set_release_path", "write `set(\"release_path\", releases_path(name))`"),
    ("stage_set", "leave it out: no task runs without a stage; its name is `fetch(\"stage\")`"),
    ("stages", "leave it out: the stages are the files of the folder that holds them"),
    ("scm", "leave it out: `require(\"git\")` brings the tasks that make a release"),
    ("linked_file_dirs", "write `parents(linked_files(…))`"),
    ("linked_dir_parents", "write `parents(linked_dirs(…))`"),
    ("install_plugin", "write `require(\"git\")`, or `require(\"./lib/x\")` for a file of yours"),
    ("remote_file", "write a task that calls `upload(local, shared_path(\"…\"))` where `file_exists` says no"),
    ("multitask", "write `task(…)`: prerequisites run in order, hosts of `on` at once"),
    ("file", "write `file_task(\"x\", #{ needs: [\"y\"] }, |path| …)`"),
    ("directory", "write `execute(\"mkdir\", \"-p\", …)` where the folder is needed"),
    ("rule", "write a task for each"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::dsl::functions;

    #[test]
    fn no_function_there_is_has_something_in_its_place() {
        let there: Vec<_> =
            WORDS.iter().filter(|(word, _)| functions().any(|function| function.name == *word)).collect();
        assert!(there.is_empty(), "{there:?}");
    }

    #[test]
    fn what_is_written_instead_are_functions_there_are() {
        let words_of_the_language = ["if", "throw"];
        for (word, instead) in WORDS {
            for code in instead.split('`').skip(1).step_by(2) {
                let Some((name, _)) = code.split_once('(') else { continue };
                let known = functions().any(|function| function.name == name);
                assert!(known || name == "x.log" || words_of_the_language.contains(&name), "{word}: {name}");
            }
        }
    }
}
