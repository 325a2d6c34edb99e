//! Hosts that something is wrong with: disks, clocks, links, the lock.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::doctor::look::{facts, look, only};
use crate::support::fleet::Fleet;
use crate::support::mount::Mount;

#[test]
fn a_full_disk_and_one_that_can_only_be_read() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    let folder = fleet.path("web1", "");
    fs::create_dir_all(&folder).unwrap();
    let Some(mount) = Mount::tmpfs("a full disk", &folder, "size=1m") else { return };
    let finding = only(&look(&fleet), "disk-full");
    assert!(finding.problem.starts_with("only 1.0 MiB of 1.0 MiB are free at "), "{finding:#?}");
    mount.read_only();
    let finding = only(&look(&fleet), "read-only");
    assert!(
        finding.repair.contains(&format!("mount -o remount,rw {}", folder.display().to_string().trim_end_matches('/'))),
        "{finding:#?}"
    );
}

#[test]
fn a_disk_without_inodes() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    let folder = fleet.path("web1", "");
    fs::create_dir_all(&folder).unwrap();
    let Some(_mount) = Mount::tmpfs("a disk without inodes", &folder, "size=200m,nr_inodes=20") else { return };
    assert!(only(&look(&fleet), "no-inodes").problem.contains(" of 20 inodes are free at "));
}

#[test]
fn a_folder_in_the_place_of_the_link() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    fs::create_dir_all(fleet.path("web1", "current")).unwrap();
    let finding = only(&look(&fleet), "current-folder");
    let output = std::process::Command::new("sh").args(["-c", &finding.repair]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(look(&fleet), []);
    fleet.deploy();
}

/// A program of the host's that tells another time.
#[test]
fn a_clock_that_is_wrong() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    let date = fleet.scene.top().join("tools/date");
    fs::create_dir_all(date.parent().unwrap()).unwrap();
    fs::write(&date, "#!/bin/sh\n[ \"$*\" = +%s ] && exec /bin/date -d '+1 hour' +%s\nexec /bin/date \"$@\"\n")
        .unwrap();
    fs::set_permissions(&date, fs::Permissions::from_mode(0o755)).unwrap();
    fleet.add_to_recipe(&format!(
        "set(\"default_env\", #{{ path: raw(\"{}:$PATH\") }});\n",
        date.parent().unwrap().display()
    ));
    let ran = fleet.json(&["doctor"]).ok();
    let skew = facts(&ran, &fleet.label("web1"))["clock_skew"].as_i64().unwrap();
    assert!((3590..=3600).contains(&skew), "{skew}");
    let finding = only(&crate::doctor::look::found(&ran), "clock-skew");
    assert_eq!(finding.problem, format!("the clock is {skew} s ahead of that of this machine"));
}

#[test]
fn deploys_that_are_frozen() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    fleet.run(&["lock:freeze[holidays]"]).ok();
    let finding = only(&look(&fleet), "frozen");
    assert_eq!(finding.severity, "warning");
    assert!(finding.problem.ends_with(": holidays"), "{finding:#?}");
    fleet.run(&["lock:unfreeze"]).ok();
    assert_eq!(look(&fleet), []);
}
