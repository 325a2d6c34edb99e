//! What a host is told to do with the file of a unit, or another file of a service: one text for `sh`, which reads the
//! file on its standard input.
//!
//! The file is written as every file is (`model::file_script`), by whoever owns the manager.

use crate::model::file_script::{Shows, UNCHANGED, settle};
use crate::model::quote::quote;
use crate::systemd::manager::Manager;
use crate::systemd::mode::Mode;
use crate::systemd::unit_name::UnitName;

/// Printed where it was removed.
pub const REMOVED: &str = "windlass: removed";

/// Who owns what is written: the user of the manager, or root.
fn owner(mode: Mode) -> &'static str {
    match mode {
        Mode::User => "as",
        Mode::System => "root",
    }
}

/// The script that writes a unit, from its standard input. `shows` is whether what has changed is printed, as `diff -u`
/// prints it.
#[must_use]
pub fn install(manager: &Manager, unit: &UnitName, mode: u32, shows: bool) -> String {
    let own = owner(manager.mode);
    let unit = quote(unit.as_str());
    let shows = if shows { Shows::Always } else { Shows::Never };
    let settle = settle(&format!("{own} "), "%a", shows);
    manager.script(&format!(
        r#"dest=$units/{unit} part=$units/.{unit}.windlass-$$
{own} mkdir -p "$units" || exit 1
trap '{own} rm -f "$part"' EXIT
trap 'exit 143' HUP INT TERM
{own} sh -c 'umask 077; cat >"$1"' sh "$part" || exit 1
{own} chmod {mode:o} "$part" || exit 1
{settle}"#
    ))
}

/// The script that removes a unit's file, and what else is called after it in the manager's folder: its additions
/// (`NAME.d`) and the links that start it.
#[must_use]
pub fn remove(manager: &Manager, unit: &UnitName) -> String {
    let own = owner(manager.mode);
    let unit = quote(unit.as_str());
    manager.script(&format!(
        r#"dest=$units/{unit}
{own} test -e "$dest" || {own} test -L "$dest" || {{ printf '%s\n' '{UNCHANGED}'; exit 0; }}
{own} sh -c 'rm -rf "$1" "$1.d" && rm -f "$2"/*.wants/"$3" "$2"/*.requires/"$3"' sh "$dest" "$units" {unit} || exit 1
printf '%s\n' '{REMOVED}'"#
    ))
}

/// The script that lists the units in the manager's folder whose names begin like this, one a line.
#[must_use]
pub fn list(manager: &Manager, prefix: &str) -> String {
    let own = owner(manager.mode);
    manager.script(&format!(
        r#"{own} sh -c 'cd "$1" 2>/dev/null || exit 0; for f in "$2"*; do [ ! -f "$f" ] || printf "%s\n" "$f"; done' sh "$units" {}"#,
        quote(prefix)
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::process::{Command, Stdio};

    use tempfile::tempdir;

    use super::*;

    /// Runs a script here, as whoever runs the tests, with this on its standard input.
    fn run(script: &str, input: &str) -> String {
        let mut child = Command::new("sh")
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    }

    fn manager(folder: &Path) -> Manager {
        Manager { folder: Some(folder.join("it's units").display().to_string()), ..Manager::of_user(None).unwrap() }
    }

    fn unit() -> UnitName {
        UnitName::parse("app_worker").unwrap()
    }

    #[test]
    fn it_is_written_once_and_again_only_when_it_differs() {
        let folder = tempdir().unwrap();
        let manager = manager(folder.path());
        let write = |text: &str, mode| run(&install(&manager, &unit(), mode, true), text);
        let path = folder.path().join("it's units/app_worker.service");
        assert_eq!(write("[Unit]\nA=1\n", 0o644), "@@ -0,0 +1,2 @@\n+[Unit]\n+A=1\nwindlass: changed\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "[Unit]\nA=1\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        assert_eq!(write("[Unit]\nA=1\n", 0o644), "windlass: unchanged\n");
        assert_eq!(write("[Unit]\nA=2\n", 0o644), "@@ -1,2 +1,2 @@\n [Unit]\n-A=1\n+A=2\nwindlass: changed\n");
        assert_eq!(write("[Unit]\nA=2\n", 0o600), "windlass: changed\n", "the mode alone");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn what_holds_secrets_is_not_shown() {
        let folder = tempdir().unwrap();
        let manager = manager(folder.path());
        let said = run(&install(&manager, &unit(), 0o600, false), "Environment=\"TOKEN=x\"\n");
        assert_eq!(said, "windlass: changed\n");
    }

    #[test]
    fn removing_takes_its_links_and_additions_and_nothing_that_is_only_called_alike() {
        let folder = tempdir().unwrap();
        let manager = manager(folder.path());
        let units = folder.path().join("it's units");
        fs::create_dir_all(units.join("default.target.wants")).unwrap();
        fs::create_dir_all(units.join("app_worker.service.d")).unwrap();
        for name in ["app_worker.service", "app_worker_2.service", "default.target.wants/app_worker.service"] {
            fs::write(units.join(name), "").unwrap();
        }
        assert_eq!(run(&list(&manager, "app_worker"), ""), "app_worker.service\napp_worker_2.service\n");
        assert_eq!(run(&remove(&manager, &unit()), ""), "windlass: removed\n");
        assert_eq!(run(&list(&manager, "app_worker"), ""), "app_worker_2.service\n");
        assert!(!units.join("app_worker.service.d").exists());
        assert_eq!(fs::read_dir(units.join("default.target.wants")).unwrap().count(), 0);
        assert_eq!(run(&remove(&manager, &unit()), ""), "windlass: unchanged\n");
    }
}
