//! What the rows of the table are tried with.

use crate::docs::readme;
use crate::support::scene::Scene;

/// A row of "Different from Capistrano" in the README.
#[derive(Debug)]
pub struct Difference {
    /// What Capistrano has.
    pub there: String,
    /// What is here, or what to write instead.
    pub here: String,
    /// The reason.
    pub why: String,
}

/// All of them, in order.
pub fn differences() -> Vec<Difference> {
    let text = readme::text();
    let (_, rest) = text.split_once("\n## Different from Capistrano\n").expect("the README has the chapter");
    let chapter = rest.split("\n## ").next().unwrap_or_default();
    let tables = chapter.split("\n\n").filter(|part| part.trim_start().starts_with('|'));
    let rows = tables.flat_map(|table| readme::rows(table.trim_start()));
    rows.map(|cells| {
        let [there, here, why]: [String; 3] = cells.try_into().expect("a difference has three cells");
        Difference { there, here, why }
    })
    .collect()
}

/// The README says that this is different, what to write instead, and why; `there` is the first cell of the row.
#[track_caller]
pub fn differs(there: &str) {
    let row = differences().into_iter().find(|row| row.there == there);
    let row = row.unwrap_or_else(|| panic!("\"Different from Capistrano\" has no row `{there}`"));
    assert!(!row.here.is_empty(), "`{there}`: what is to be written instead?");
    assert!(!row.why.is_empty(), "`{there}`: why is it so?");
}

/// What a task says with `info`, run on web1 and web2 (roles app and web) and db1 (role db), which are this machine.
#[track_caller]
pub fn said(body: &str) -> Vec<String> {
    Scene::task(body).said(["production", "t"])
}

/// What the task `t` of a recipe says with `info`.
#[track_caller]
pub fn said_by(recipe: &str) -> Vec<String> {
    Scene::with(recipe).said(["production", "t"])
}

/// What is said where the task is a mistake.
#[track_caller]
pub fn refused(body: &str) -> String {
    Scene::task(body).run(["production", "t"]).fails(2).err()
}

/// What is said where a recipe is a mistake.
#[track_caller]
pub fn recipe_refused(recipe: &str) -> String {
    Scene::with(recipe).run(["production", "t"]).fails(2).err()
}

/// What is said where the task fails.
#[track_caller]
pub fn failed(body: &str) -> String {
    Scene::task(body).run(["production", "t"]).fails(1).err()
}

/// What the calls of a command give on db1, as one text each; `calls` are lines of an `on` block.
#[track_caller]
pub fn on_db(calls: &str) -> Vec<String> {
    said(&format!("on(roles(\"db\"), |host| {{\n{calls}\n}});"))
}

/// The command lines of db1 as its shell would get them.
#[track_caller]
pub fn lines(calls: &str) -> Vec<String> {
    Scene::task(&format!("on(roles(\"db\"), |host| {{\n{calls}\n}});")).lines("db1", ["production", "t"])
}

/// A text has a part.
#[track_caller]
pub fn has(text: &str, part: &str) {
    assert!(text.contains(part), "`{part}` is missing in:\n{text}");
}

/// A function of Capistrano is none here, and whoever calls it is told what to write instead.
#[track_caller]
pub fn no_function(call: &str, instead: &str) {
    let error = refused(&format!("{call};"));
    let name = call.split('(').next().unwrap_or(call);
    has(&error, &format!("there is no function `{name}`"));
    has(&error, &format!("help: {instead}"));
}

/// What `windlass check` says of a recipe.
#[track_caller]
pub fn judged(recipe: &str) -> String {
    let ran = Scene::with(recipe).run(["check"]);
    format!("{}{}", ran.out(), ran.err())
}
