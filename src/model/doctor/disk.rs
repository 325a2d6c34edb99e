//! Room for releases and for temporary files: bytes, inodes, and whether anything can be written at all.

use crate::model::doctor::facts::Disk;
use crate::model::doctor::seen::Seen;
use crate::model::doctor::table::finding;
use crate::model::host_finding::Finding;
use crate::model::quote::quote;
use crate::model::size::size;

/// What is too little for a place, and what is little. Much of a small disk is not little, so a part of it counts as well.
struct Least {
    full: u64,
    low: u64,
    then: &'static str,
}

const RELEASES: Least = Least {
    full: 64 << 20,
    low: 1 << 30,
    then: "a deploy stops in the middle of unpacking a release, and services stop at their next line of log",
};

const TEMPORARY: Least =
    Least { full: 1 << 20, low: 64 << 20, then: "programs that need a file for a moment fail with odd messages" };

/// Below so many more files a release may not fit; below that one does not.
const FEW_INODES: u64 = 10_000;
const NO_INODES: u64 = 100;

/// Each file system once, with what is too little there.
fn disks<'a>(seen: &'a Seen<'_>) -> impl Iterator<Item = (&'a Disk, Least)> {
    let has_releases = seen.asked.deploy_to.is_some();
    let is_same = |n: usize, disk: &Disk| n > 0 && seen.facts.disks[0].mount == disk.mount;
    let disks = seen.facts.disks.iter().enumerate();
    disks
        .filter(move |(n, disk)| !is_same(*n, disk))
        .map(move |(n, disk)| (disk, if n == 0 && has_releases { RELEASES } else { TEMPORARY }))
}

fn look(disk: &Disk) -> String {
    format!("du -xh -d 2 {} 2>/dev/null | sort -h | tail -n 20", quote(&disk.mount))
}

pub fn read_only(seen: &Seen<'_>) -> Vec<Finding> {
    let read_only =
        seen.facts.disks.iter().find(|disk| disk.is_read_only && seen.asked.deploy_to.as_ref() == Some(&disk.path));
    let Some(disk) = read_only else { return Vec::new() };
    vec![
        finding("read-only", format!("{} can only be read: {} is mounted so", disk.path, disk.mount))
            .then("a deploy cannot make its first folder; the kernel mounts so by itself when a disk is broken")
            .repair(format!("sudo dmesg | tail -n 20; sudo mount -o remount,rw {}", quote(&disk.mount))),
    ]
}

pub fn space(seen: &Seen<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (disk, least) in disks(seen) {
        let Some((total, free)) = disk.bytes.filter(|_| !disk.is_read_only) else { continue };
        let is_full = free < least.full;
        if is_full || (free < least.low && free < total / 10) {
            let problem = format!("{} of {} are free at {}", size(free), size(total), disk.path);
            let id = if is_full { "disk-full" } else { "disk-low" };
            let problem = if is_full { format!("only {problem}") } else { problem };
            found.push(finding(id, problem).then(least.then).repair(look(disk)));
        }
    }
    found
}

pub fn inodes(seen: &Seen<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (disk, least) in disks(seen) {
        let Some((total, free)) = disk.inodes.filter(|_| !disk.is_read_only) else { continue };
        let is_full = free < NO_INODES;
        if is_full || (free < FEW_INODES && free < total / 10) {
            let id = if is_full { "no-inodes" } else { "few-inodes" };
            let problem = format!("{free} of {total} inodes are free at {}, and each file takes one", disk.path);
            let repair = format!("du --inodes -x -d 2 {} 2>/dev/null | sort -n | tail -n 20", quote(&disk.mount));
            found.push(finding(id, problem).then(least.then).repair(repair));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::model::doctor::asked::Asked;
    use crate::model::doctor::testing::{Recorded, asked};
    use crate::model::host_finding::Severity::{Error, Warning};

    fn df(total: u64, free: u64, mount: &str) -> String {
        format!(
            "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 {total} {} {free} 50% {mount}",
            total - free
        )
    }

    #[test]
    fn a_full_disk() {
        Recorded::healthy().section("disk.0", 0, &df(40 << 20, 512, "/srv")).raises(
            &asked(),
            "disk-full",
            Error,
            "only 512.0 KiB of 40.0 GiB are free at /var/www/shop: a deploy stops in the middle of unpacking a release, and \
             services stop at their next line of log",
            "du -xh -d 2 /srv 2>/dev/null | sort -h | tail -n 20",
        );
    }

    #[test]
    fn little_of_a_big_disk_is_told_and_much_of_a_small_one_is_not() {
        let found = Recorded::healthy().section("disk.0", 0, &df(40 << 20, 500 << 10, "/")).found(&asked());
        assert_eq!((found.len(), found[0].id, found[0].severity), (1, "disk-low", Warning));
        Recorded::healthy().section("disk.0", 0, &df(600 << 10, 500 << 10, "/")).raises_nothing(&asked());
    }

    #[test]
    fn temporary_files_need_less() {
        Recorded::healthy().section("disk.1", 0, &df(1 << 20, 100 << 10, "/tmp")).raises_nothing(&asked());
        let found = Recorded::healthy().section("disk.1", 0, &df(1 << 20, 12, "/tmp")).found(&asked());
        assert_eq!((found.len(), found[0].id), (1, "disk-full"));
        assert_eq!(found[0].problem, "only 12.0 KiB of 1.0 GiB are free at /tmp");
        let without_releases = Asked { deploy_to: None, ..asked() };
        let recorded = Recorded::healthy().section("disk.0", 0, &df(40 << 20, 5 << 10, "/"));
        assert_eq!(recorded.found(&without_releases)[0].id, "disk-low", "5 MiB hold a temporary file");
    }

    #[test]
    fn the_same_disk_is_told_once() {
        let same = df(40 << 20, 0, "/");
        let found = Recorded::healthy().section("disk.0", 0, &same).section("disk.1", 0, &same).found(&asked());
        assert_eq!(found.len(), 1, "{found:#?}");
    }

    #[test]
    fn no_room_for_more_files() {
        let df = "Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/sda1 65536 65536 0 100% /";
        Recorded::healthy().section("inodes.0", 0, df).raises(
            &asked(),
            "no-inodes",
            Error,
            "0 of 65536 inodes are free at /var/www/shop, and each file takes one: a deploy stops in the middle of \
             unpacking a release, and services stop at their next line of log",
            "du --inodes -x -d 2 / 2>/dev/null | sort -n | tail -n 20",
        );
        let df = "Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/sda1 655360 650000 5360 99% /";
        assert_eq!(Recorded::healthy().section("inodes.0", 0, df).found(&asked())[0].id, "few-inodes");
    }

    #[test]
    fn a_disk_that_can_only_be_read_explains_the_folders_there() {
        let closed = "folder\n/var/www/shop\nno\ndrwxr-xr-x deploy:deploy";
        Recorded::healthy().section("mount.0", 0, "ext4,ro,relatime").section("folder.0", 0, closed).raises(
            &asked(),
            "read-only",
            Error,
            "/var/www/shop can only be read: / is mounted so: a deploy cannot make its first folder; the kernel mounts so \
             by itself when a disk is broken",
            "sudo dmesg | tail -n 20; sudo mount -o remount,rw /",
        );
    }
}
