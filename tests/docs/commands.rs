//! Every command line in the README runs, in the order it stands there.

use std::path::Path;

use crate::docs::project::{Project, told};
use crate::docs::readme;

/// Lines that are run elsewhere, or are this very run.
const ELSEWHERE: &[&str] = &["cargo run --release -- demo", "cargo install --path .", "scripts/test"];

/// The release the README goes back to by name.
const NAMED: &str = "20260102030405";

#[test]
fn every_command_line_works() {
    let project = Project::new().with_repository();
    let mut ran = Vec::new();
    for block in readme::blocks("sh") {
        for line in block.text.lines().filter(|line| !line.trim().is_empty()) {
            if ELSEWHERE.contains(&line) {
                continue;
            }
            assert!(line.starts_with("windlass "), "line {} or below of the README: what is `{line}`?", block.line);
            prepare(&project, line);
            let folder = if line.starts_with("windlass init") { "new" } else { "project" };
            let output = project.shell(folder, line);
            assert_eq!(output.status.code(), Some(0), "`{line}`\n{}", told(&output));
            ran.push(line.to_owned());
            if line.contains("ROLLBACK_RELEASE=") {
                let current = std::fs::read_link(project.path("servers/web1.example.com/current"));
                let current = current.expect("there is a release");
                assert_eq!(current.file_name().and_then(|name| name.to_str()), Some(NAMED));
            }
        }
    }
    for wanted in ["init", "-T", "--plan", "--dry-run", "production deploy", "ROLLBACK_RELEASE=", "exec", "lock:status"]
    {
        assert!(ran.iter().any(|line| line.contains(wanted)), "the README's first steps lack `{wanted}`");
    }
    assert!(project.path("new/config/deploy/production.rhai").is_file());
}

/// What a line needs that time would have brought.
fn prepare(project: &Project, line: &str) {
    project.write("new/.keep", "");
    if line.contains("deploy:rollback") {
        // An older release, as a deploy on that day would have left it.
        for host in ["web1", "web2", "db1"] {
            project.write(&format!("servers/{host}.example.com/releases/{NAMED}/tmp/.keep"), "");
        }
    }
    if line == "windlass production deploy" || line.contains("BRANCH=") || line.contains("--wait") {
        // Releases are named by the second.
        std::thread::sleep(std::time::Duration::from_millis(1100));
    }
}

#[test]
fn what_is_run_elsewhere_is_there() {
    let blocks = readme::blocks("sh");
    for line in ELSEWHERE {
        assert!(blocks.iter().any(|block| block.text.lines().any(|other| other == *line)), "README: `{line}` is gone");
    }
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/test").is_file());
    let project = Project::new();
    assert!(project.windlass("demo --help").contains("--keep"));
}
