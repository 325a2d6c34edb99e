//! What `linger:check` finds on a real host, and how a person would do what it says.

use serde_json::Value;

use crate::services::project::Project;
use crate::support::host::{Host, WITH_PAM, WITHOUT_PAM};
use crate::support::lab::Lab;

/// One thing that was found.
#[derive(Debug)]
pub struct Found {
    /// `LF-n`.
    pub id: String,
    /// `error` or `warn`.
    pub level: String,
    /// What is wrong, and what follows.
    pub sentence: String,
    /// What is to be typed.
    pub repair: String,
}

/// A recipe with a worker, the stand-in for Sidekiq, in this folder.
pub fn recipe_in(folder: &str, lines: &str) -> String {
    format!(
        "require(\"service\");\nset(\"deploy_to\", \"{folder}\");\nset(\"service_unit_user\", \"user\");\n\
         service(\"worker\", #{{ command: \"/usr/local/bin/fake-sidekiq\", type: \"notify\", quiet_signal: \"TSTP\", settle: 1 }});\n{lines}"
    )
}

/// The same in the home of a user.
pub fn recipe(user: &str, lines: &str) -> String {
    recipe_in(&format!("/home/{user}/app"), lines)
}

/// What its unit is called.
pub fn unit(name: &str) -> String {
    format!("{name}_worker_production.service")
}

/// A project whose worker is deployed by a new user, for itself.
pub fn deployed<'a>(lab: &'a Lab, host: &Host, user: &str, port: u16) -> Project<'a> {
    host.add_user(user);
    let project = Project::new(lab, user, &host.declared(user, port), &recipe(user, ""));
    project.windlass("production deploy").ok();
    project
}

/// What is found, the worst first. The exit code is for monitoring, and tells errors.
#[track_caller]
pub fn look(project: &Project<'_>) -> Vec<Found> {
    let said = project.windlass("production linger:check --json");
    let lines = said.text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let found: Vec<Found> = lines.filter(|line| line["event"] == "message").filter_map(|line| read(&line)).collect();
    let has_errors = found.iter().any(|found| found.level == "error");
    assert_eq!(said.code, Some(i32::from(has_errors)), "{}", said.text);
    assert!(!found.is_empty() || said.text.contains("nothing keeps the services from staying up"), "{}", said.text);
    found
}

/// `HOST: LF-n: SENTENCE; repair: REPAIR`, where it is that.
fn read(line: &Value) -> Option<Found> {
    let (_, rest) = line["text"].as_str()?.split_once(": ")?;
    let (id, rest) = rest.split_once(": ").filter(|(id, _)| id.starts_with("LF-"))?;
    let (sentence, repair) = rest.rsplit_once("; repair: ")?;
    let level = line["level"].as_str()?.to_owned();
    Some(Found { id: id.to_owned(), level, sentence: sentence.to_owned(), repair: repair.to_owned() })
}

/// These are found, each with its repair, and nothing else is.
#[track_caller]
pub fn finds(project: &Project<'_>, expected: &[(&str, &str)]) -> Vec<Found> {
    let found = look(project);
    let short: Vec<(&str, &str)> = found.iter().map(|found| (&*found.id, &*found.repair)).collect();
    assert_eq!(short, expected, "{found:#?}");
    found
}

/// All is well.
#[track_caller]
pub fn finds_nothing(project: &Project<'_>) {
    finds(project, &[]);
}

/// Types a repair on the host: as the user or, where it takes root, as `ops`.
#[track_caller]
pub fn follow(host: &Host, user: &str, repair: &str) {
    let login = if repair.contains("sudo ") { "ops" } else { user };
    // `systemctl --user` is typed where a login is a session.
    let port = if repair.contains("systemctl --user") { WITH_PAM } else { WITHOUT_PAM };
    let said = host.ssh(login, port, repair);
    let text = [said.stdout, said.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(said.status.success(), "{login}: {repair}\n{text}");
}

/// That very fault is found and nothing else, and what is said to be typed repairs it. Gives the sentence.
#[track_caller]
pub fn is_repaired(project: &Project<'_>, host: &Host, user: &str, id: &str, repair: &str) -> String {
    let found = finds(project, &[(id, repair)]).remove(0);
    follow(host, user, repair);
    finds_nothing(project);
    found.sentence
}

/// Adds lines to sudoers for the life of the host.
pub fn allow(host: &Host, file: &str, lines: &str) {
    host.sh(&format!(
        "printf '%s\\n' '{lines}' >/etc/sudoers.d/{file} && chmod 440 /etc/sudoers.d/{file} && visudo -qc"
    ));
}

/// Waits until the worker of a user runs.
#[track_caller]
pub fn wait_for_worker(host: &Host, user: &str, unit: &str) {
    let way = format!("XDG_RUNTIME_DIR=/run/user/$(id -u {user})");
    let line =
        format!("setpriv --reuid={user} --regid={user} --init-groups env {way} systemctl --user is-active {unit}");
    host.until(&line, "active");
}
