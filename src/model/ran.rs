//! Which tasks a run has had, and inside which others.
//!
//! A task runs once. A row of tasks, such as a deploy, can be started over: then what ran as part of an earlier row
//! counts as not run. Owns that rule; what is noted of a task is the caller's.

use std::collections::HashSet;

use indexmap::IndexMap;

/// The tasks that have run or are running, in the order they began.
#[derive(Clone, Debug)]
pub struct Ran<T> {
    tasks: IndexMap<String, Entry<T>>,
    /// Tasks that have started a row.
    rows: HashSet<String>,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    /// The tasks it ran inside, outermost first.
    inside: Vec<String>,
    noted: T,
}

impl<T> Default for Ran<T> {
    fn default() -> Self {
        Self { tasks: IndexMap::new(), rows: HashSet::new() }
    }
}

impl<T> Ran<T> {
    /// What is noted of a task; none where it has not run.
    #[must_use]
    pub fn get(&self, task: &str) -> Option<&T> {
        self.tasks.get(task).map(|entry| &entry.noted)
    }

    /// Notes something of a task. Inside which others it began, and when, stays as it was first noted.
    pub fn note<S: AsRef<str>>(&mut self, task: &str, inside: &[S], noted: T) {
        if let Some(entry) = self.tasks.get_mut(task) {
            entry.noted = noted;
        } else {
            let inside = inside.iter().map(|task| task.as_ref().to_owned()).collect();
            self.tasks.insert(task.to_owned(), Entry { inside, noted });
        }
    }

    /// Makes a task one that has not run.
    pub fn forget(&mut self, task: &str) {
        self.tasks.shift_remove(task);
    }

    /// The innermost of these running tasks, the outermost first, starts a row. Whatever began before it and was, or was
    /// inside, a task that had started a row has not run any more; nor have `steps`, wherever they ran, and what was
    /// inside them. What is running stays.
    pub fn start_over<S: AsRef<str>>(&mut self, running: &[S], steps: &[String]) {
        let Some(row) = running.last().map(AsRef::as_ref) else { return };
        let begun = self.tasks.get_index_of(row).unwrap_or(self.tasks.len());
        let rows = &self.rows;
        let is_part = |task: &String| rows.contains(task) || steps.contains(task);
        let mut number = 0;
        self.tasks.retain(|task, entry| {
            number += 1;
            let is_over = is_part(task) || entry.inside.iter().any(is_part);
            number > begun || !is_over || running.iter().any(|outer| outer.as_ref() == task)
        });
        self.rows.insert(row.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tasks with those they ran inside, as `outer/inner`.
    fn ran(tasks: &[&str]) -> Ran<()> {
        let mut ran = Ran::default();
        for path in tasks {
            let parts: Vec<&str> = path.split('/').collect();
            ran.note(parts[parts.len() - 1], &parts[..parts.len() - 1], ());
        }
        ran
    }

    fn names(ran: &Ran<()>) -> Vec<&str> {
        ran.tasks.keys().map(String::as_str).collect()
    }

    #[test]
    fn a_row_forgets_the_steps_of_the_one_before() {
        let mut ran = ran(&["assets", "deploy"]);
        ran.start_over(&["deploy"], &[]);
        for step in ["starting", "published"] {
            ran.note(step, &["deploy"], ());
        }
        ran.note("restart", &["deploy", "published"], ());
        ran.note("rollback", &[""; 0], ());
        ran.start_over(&["rollback"], &[]);
        assert_eq!(names(&ran), ["assets", "rollback"]);
    }

    #[test]
    fn what_runs_stays_and_so_do_the_steps_of_the_row_itself() {
        let mut ran = ran(&["ship", "ship/deploy"]);
        ran.start_over(&["ship", "deploy"], &[]);
        ran.note("starting", &["ship", "deploy"], ());
        // As `invoke_again` does: hooks before the task run before its own work starts over.
        ran.forget("deploy");
        ran.note("deploy", &["ship"], ());
        ran.note("hook", &["ship", "deploy"], ());
        ran.start_over(&["ship", "deploy"], &[]);
        assert_eq!(names(&ran), ["ship", "deploy", "hook"]);
    }

    #[test]
    fn steps_that_ran_on_their_own_run_again_with_what_was_inside() {
        let mut ran = ran(&["assets", "publish", "publish/switch", "check", "deploy"]);
        ran.start_over(&["deploy"], &["publish".to_owned(), "never".to_owned()]);
        assert_eq!(names(&ran), ["assets", "check", "deploy"]);
    }

    #[test]
    fn without_a_row_nothing_is_forgotten() {
        let mut ran = ran(&["a", "a/b", "c"]);
        ran.start_over(&["c"], &[]);
        ran.start_over::<&str>(&[], &["a".to_owned()]);
        assert_eq!(names(&ran), ["a", "b", "c"]);
        assert_eq!((ran.get("a"), ran.get("d")), (Some(&()), None));
    }
}
