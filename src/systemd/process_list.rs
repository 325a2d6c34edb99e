//! The processes of a unit: what a host is asked, and what its answer means.
//!
//! Their numbers come from the control group of the unit, which everybody may read. The folder of a process only its own
//! user and root may see; where windlass is neither, it stays empty.

use crate::model::quote::quote;
use crate::systemd::manager::Manager;
use crate::systemd::unit_name::UnitName;

/// A process of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Whether it is the main one of the unit.
    pub main: bool,
    /// The folder it works in, without links; empty where it cannot be seen. ` (deleted)` stands behind one that is gone.
    pub folder: String,
    /// Its command line, or what it calls itself.
    pub title: String,
}

/// The script that lists the processes, one a line with tabs in between.
///
/// The three folders are where the groups of systemd are mounted: the only hierarchy, and before that one of several. A
/// process that ends meanwhile has no command line any more, and is left out.
#[must_use]
pub fn script(manager: &Manager, unit: &UnitName) -> String {
    manager.script(&format!(
        r#"unit={}
main=$(look show "$unit" -p MainPID | sed 's/^MainPID=//')
group=$(look show "$unit" -p ControlGroup | sed 's/^ControlGroup=//')
[ -n "$group" ] || exit 0
for top in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
[ -d "$top$group" ] || continue
find "$top$group" -name cgroup.procs -exec cat {{}} + 2>/dev/null | sort -n | while read -r pid; do
title=$(tr '\000\011\012' '   ' 2>/dev/null <"/proc/$pid/cmdline") && [ -n "$title" ] || continue
folder=$(as readlink "/proc/$pid/cwd" 2>/dev/null || root readlink "/proc/$pid/cwd" 2>/dev/null)
printf '%s\t%s\t%s\t%s\n' "$pid" "$main" "$folder" "$title"
done
break
done"#,
        quote(unit.as_str())
    ))
}

/// Reads what the script has printed.
#[must_use]
pub fn parse(text: &str) -> Vec<Process> {
    text.lines().filter_map(process).collect()
}

fn process(line: &str) -> Option<Process> {
    let mut parts = line.splitn(4, '\t');
    let pid: u32 = parts.next()?.parse().ok()?;
    let main = parts.next()?.parse() == Ok(pid);
    let (folder, title) = (parts.next()?.to_owned(), parts.next()?.trim().to_owned());
    Some(Process { pid, main, folder, title })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_host_prints_is_read() {
        let text = "120\t120\t/srv/app/releases/2\tpuma 5.6.5 (unix:///x) [app] \n\
                    121\t120\t\tpuma: cluster worker 0: 120 [app]\n\
                    some other line\n";
        let process = |pid, main, folder: &str, title: &str| Process {
            pid,
            main,
            folder: folder.to_owned(),
            title: title.to_owned(),
        };
        assert_eq!(
            parse(text),
            [
                process(120, true, "/srv/app/releases/2", "puma 5.6.5 (unix:///x) [app]"),
                process(121, false, "", "puma: cluster worker 0: 120 [app]"),
            ]
        );
        assert_eq!(parse(""), []);
    }

    #[test]
    fn the_unit_is_asked_of_its_own_manager() {
        let unit = UnitName::parse("app_web").unwrap();
        let script = script(&Manager::of_system(), &unit);
        assert!(script.contains("\nunit=app_web.service\n") && script.contains("look() { \"$systemctl\" \"$@\"; }"));
    }
}
