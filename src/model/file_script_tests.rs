//! Scripts that write files, run by real shells.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};
use tempfile::{TempDir, tempdir};

use super::*;
use crate::model::file_part::Part;

/// Every shell that has to understand the scripts; busybox brings programs of its own.
const SHELLS: [&str; 3] = ["dash", "bash", "busybox"];

struct Place {
    shell: &'static str,
    folder: TempDir,
}

impl Place {
    fn each() -> impl Iterator<Item = Self> {
        SHELLS.into_iter().map(|shell| Self { shell, folder: tempdir().unwrap() })
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn placed(&self, name: &str) -> Placed {
        Placed { mode: Some(0o644), shows: Shows::Public, ..Placed::at(self.path(name).display().to_string()) }
    }

    /// What a script prints, on both streams, with this to read.
    fn run(&self, script: &str, input: &[u8]) -> (String, String) {
        let is_busybox = self.shell == "busybox";
        let mut command = if is_busybox { Command::new(busybox() + "/sh") } else { Command::new(self.shell) };
        command.args(["-c", script]).current_dir(self.folder.path());
        if is_busybox {
            command.env("PATH", busybox());
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A script that fails at once does not read.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    fn write(&self, placed: &Placed, text: &str) -> Written {
        let (out, err) = self.run(&placed.receive(text.len() as u64, 7, &Resume::No), text.as_bytes());
        assert_eq!(err, "", "{:?}", self.shell);
        Written::read(out.as_bytes())
    }

    fn ask(&self, placed: &Placed, text: &str) -> String {
        let (out, err) = self.run(&placed.ask(text.len() as u64, &digest(text)), b"");
        assert_eq!(err, "", "{:?}", self.shell);
        out
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap().flatten();
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
    }
}

/// A folder of nothing but the programs of busybox.
fn busybox() -> String {
    static FOLDER: std::sync::OnceLock<TempDir> = std::sync::OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempdir().unwrap();
        let status = Command::new("busybox").args(["--install", "-s"]).arg(folder.path()).status().unwrap();
        assert!(status.success());
        folder
    });
    folder.path().display().to_string()
}

fn digest(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn changed(diff: &str) -> Written {
    Written { is_changed: true, diff: diff.into(), is_unseen: false }
}

#[test]
fn a_file_is_written_where_it_differs_and_says_how() {
    for place in Place::each() {
        let placed = place.placed("it's a $file");
        assert_eq!(place.write(&placed, "a\nb\n"), changed("@@ -0,0 +1,2 @@\n+a\n+b"));
        assert_eq!(place.write(&placed, "a\nb\n"), Written::default());
        assert_eq!(place.write(&placed, "a\nc\n"), changed("@@ -1,2 +1,2 @@\n a\n-b\n+c"));
        assert_eq!(fs::read_to_string(place.path("it's a $file")).unwrap(), "a\nc\n");
        assert_eq!(place.names(), ["it's a $file"]);
    }
}

#[test]
fn a_mode_alone_is_a_change() {
    for place in Place::each() {
        let placed = place.placed("f");
        place.write(&placed, "a\n");
        let wider = Placed { mode: Some(0o755), ..placed.clone() };
        assert_eq!(place.write(&wider, "a\n"), changed(""));
        assert_eq!(mode(&place.path("f")), 0o755);
        assert_eq!(place.write(&Placed { mode: None, ..placed }, "a\n"), Written::default());
        assert_eq!(mode(&place.path("f")), 0o755, "without one it stays");
    }
}

#[test]
fn what_only_its_owner_may_read_is_not_shown() {
    for place in Place::each() {
        let placed = place.placed("f");
        let private = Placed { mode: Some(0o600), ..placed.clone() };
        let unseen = Written { is_changed: true, diff: String::new(), is_unseen: true };
        assert_eq!(place.write(&private, "a\n"), unseen);
        assert_eq!(place.write(&placed, "b\n"), unseen, "what was there before was private");
        assert_eq!(place.write(&placed, "c\n"), changed("@@ -1 +1 @@\n-b\n+c"));
        assert_eq!(place.write(&Placed { shows: Shows::Always, ..private.clone() }, "d\n").diff.lines().count(), 3);
        assert_eq!(place.write(&Placed { shows: Shows::Never, ..placed.clone() }, "e\n"), changed(""));
    }
}

#[test]
fn bytes_are_written_and_not_shown() {
    for place in Place::each() {
        let placed = place.placed("f");
        place.write(&placed, "\0\u{1}");
        assert_eq!(place.write(&placed, "\0\u{2}"), changed(""));
        assert_eq!(fs::read(place.path("f")).unwrap(), b"\0\x02");
    }
}

#[test]
fn owner_group_and_time_are_set_and_compared() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    for place in Place::each() {
        let placed = Placed {
            owner: Some("nobody".into()),
            group: Some("daemon".into()),
            modified: Some(1_000_000_000),
            ..place.placed("f")
        };
        place.write(&placed, "a\n");
        let metadata = fs::metadata(place.path("f")).unwrap();
        assert_eq!((metadata.uid(), metadata.gid(), metadata.mtime()), (65534, 1, 1_000_000_000));
        assert_eq!(place.write(&placed, "a\n"), Written::default());
        assert_eq!(place.ask(&placed, "a\n"), "windlass: unchanged\n");
        for other in [
            Placed { owner: Some("0".into()), ..placed.clone() },
            Placed { owner: None, group: Some("0".into()), ..placed.clone() },
            Placed { modified: Some(5), ..placed.clone() },
            Placed { mode: Some(0o600), ..placed.clone() },
        ] {
            assert!(place.write(&other, "a\n").is_changed, "{other:?}");
            assert_eq!(place.ask(&other, "a\n"), "windlass: unchanged\n", "{other:?}");
            assert_eq!(place.ask(&placed, "a\n"), "windlass: changed\n", "{other:?}");
            assert_eq!(place.ask(&placed, "a\n"), "windlass: unchanged\n", "{other:?}");
        }
        place.write(&Placed { owner: None, group: None, ..placed }, "b\n");
        let metadata = fs::metadata(place.path("f")).unwrap();
        assert_eq!((metadata.uid(), metadata.gid()), (65534, 1), "root keeps whose it is");
    }
}

#[test]
fn only_the_very_same_file_need_not_be_sent() {
    for place in Place::each() {
        let placed = place.placed("f");
        assert_eq!(place.ask(&placed, "abc"), "", "there is none");
        place.write(&placed, "abc");
        assert_eq!(place.ask(&placed, "abc"), "windlass: unchanged\n");
        assert_eq!(place.ask(&placed, "abd"), "");
        assert_eq!(place.ask(&placed, "abcd"), "");
        let is_as_long = |length| place.run(&placed.ask_length(length, false), b"").0;
        assert_eq!((is_as_long(3), is_as_long(4)), ("windlass: as long\n".to_owned(), String::new()));
        symlink("f", place.path("link")).unwrap();
        assert_eq!(place.ask(&place.placed("link"), "abc"), "windlass: unchanged\n");
        fs::create_dir(place.path("d")).unwrap();
        assert_eq!(place.ask(&place.placed("d"), "abc"), "");
        let relative = Placed { path: "-f".into(), ..placed };
        place.write(&relative, "abc");
        assert_eq!(place.ask(&relative, "abc"), "windlass: unchanged\n", "a name is no option");
    }
}

#[test]
fn what_cannot_be_written_leaves_nothing() {
    for place in Place::each() {
        fs::write(place.path("f"), "old").unwrap();
        let placed = place.placed("f");
        let said = |placed: &Placed, length| place.run(&placed.receive(length, 7, &Resume::No), b"abc").1;
        assert_eq!(said(&placed, 5), "3 of 5 bytes arrived\n");
        assert!(said(&Placed { owner: Some("no-such-user".into()), ..placed.clone() }, 3).contains("no-such-user"));
        assert_eq!(said(&place.placed(""), 3), "Is a directory\n");
        assert_eq!(place.names(), ["f"]);
        assert_eq!(fs::read_to_string(place.path("f")).unwrap(), "old");
    }
}

#[test]
fn names_of_owners_are_names() {
    for name in ["", "-x", "a b", "a:b"] {
        assert!(Placed { owner: Some(name.into()), ..Placed::at("f") }.check().is_err(), "{name}");
        assert!(Placed { group: Some(name.into()), ..Placed::at("f") }.check().is_err(), "{name}");
    }
    assert!(Placed { owner: Some("app".into()), group: Some("33".into()), ..Placed::at("f") }.check().is_ok());
}

#[test]
fn a_path_is_never_an_option_and_keeps_its_home() {
    assert_eq!(guarded("-rf"), "./-rf");
    assert_eq!(guarded("~/a b"), "~/'a b'");
    assert_eq!(guarded("a;b"), "'a;b'");
}

#[test]
fn a_path_that_ends_with_a_slash_is_a_folder() {
    assert_eq!(target("/srv/", "a b"), "/srv/a b");
    assert_eq!(target("/srv", "a"), "/srv");
    assert_eq!(target("~/", "a"), "~/a");
}

/// Sends the beginning of a file to a script that wants more, as when a line is lost.
fn cut(place: &Place, placed: &Placed, resume: &Resume, text: &str, arrived: usize) {
    let (out, err) = place.run(&placed.receive(text.len() as u64, 7, resume), &text.as_bytes()[..arrived]);
    assert_eq!(out, "", "{:?}", place.shell);
    assert!(err.ends_with(&format!("of {} bytes arrived\n", text.len())), "{:?}: {err}", place.shell);
}

fn part(place: &Place, placed: &Placed) -> Option<Part> {
    Part::read(&place.run(&placed.ask_length(1, true), b"").0)
}

#[test]
fn what_has_arrived_stays_and_the_rest_is_put_behind_it() {
    for place in Place::each() {
        for name in ["f", "sp ace $x", "-f"] {
            let placed = place.placed(name);
            cut(&place, &placed, &Resume::Anew, "abcdef", 3);
            let kept = place.path(&format!(".{name}.windlass-part"));
            assert_eq!((place.names(), kept.metadata().unwrap().mode() & 0o777), (vec![kept_name(name)], 0o600));
            let first = part(&place, &placed).unwrap();
            assert_eq!((first.bytes, first.digest.as_str()), (3, digest("abc").as_str()), "{:?}", place.shell);
            // Cut again.
            let (_, err) = place.run(&placed.receive(6, 8, &Resume::Behind(first)), b"de");
            assert_eq!(err, "5 of 6 bytes arrived\n");
            let second = part(&place, &placed).unwrap();
            assert_eq!(second.bytes, 5);
            let (out, err) = place.run(&placed.receive(6, 9, &Resume::Behind(second)), b"f");
            assert_eq!((out.lines().last(), err.as_str()), (Some(CHANGED), ""), "{:?}", place.shell);
            assert_eq!(
                (fs::read_to_string(place.path(name)).unwrap().as_str(), place.names()),
                ("abcdef", vec![name.into()])
            );
            assert_eq!(place.path(name).metadata().unwrap().mode() & 0o777, 0o644);
            fs::remove_file(place.path(name)).unwrap();
        }
    }
}

fn kept_name(name: &str) -> String {
    crate::model::file_part::name(name)
}

#[test]
fn whatever_is_sent_next_removes_the_part() {
    for place in Place::each() {
        let placed = place.placed("f");
        for next in [Resume::No, Resume::Anew] {
            cut(&place, &placed, &Resume::Anew, "abcdef", 3);
            assert!(place.run(&placed.receive(2, 8, &next), b"xy").0.ends_with(&format!("{CHANGED}\n")));
            assert_eq!(place.names(), ["f"], "{:?}", place.shell);
            fs::remove_file(place.path("f")).unwrap();
        }
        // The same is there already, by whatever way it came.
        cut(&place, &placed, &Resume::Anew, "abcdef", 3);
        place.write(&placed, "abcdef");
        fs::write(place.path(&kept_name("f")), "abc").unwrap();
        assert_eq!(place.ask(&placed, "abcdef"), format!("{UNCHANGED}\n"));
        assert_eq!(place.names(), ["f"], "{:?}", place.shell);
    }
}

#[test]
fn nothing_stays_of_what_nobody_wants_or_nobody_can_go_on_with() {
    for place in Place::each() {
        let placed = place.placed("f");
        cut(&place, &placed, &Resume::No, "abcdef", 3);
        cut(&place, &placed, &Resume::Anew, "abcdef", 0);
        assert_eq!(place.names(), [""; 0], "{:?}", place.shell);
        // More than was announced: the file has grown, and is another one.
        place.run(&placed.receive(2, 7, &Resume::Anew), b"abc");
        assert_eq!(place.names(), [""; 0], "{:?}", place.shell);
    }
}

#[test]
fn a_part_that_has_changed_or_gone_is_not_used() {
    for place in Place::each() {
        let placed = place.placed("f");
        let kept = place.path(&kept_name("f"));
        cut(&place, &placed, &Resume::Anew, "abcdef", 3);
        let known = Resume::Behind(part(&place, &placed).unwrap());
        for change in ["other", "none"] {
            match change {
                "other" => fs::write(&kept, "abcd").unwrap(),
                _ => drop(fs::remove_file(&kept)),
            }
            let (out, _) = place.run(&placed.receive(6, 8, &known), b"def");
            assert_eq!((out.as_str(), place.names()), ("windlass: the part is gone\n", vec![]), "{:?}", place.shell);
        }
    }
}

#[test]
fn what_somebody_else_may_write_to_is_no_part() {
    for place in Place::each() {
        let placed = place.placed("f");
        let kept = place.path(&kept_name("f"));
        fs::write(place.path("other"), "abc").unwrap();
        symlink("other", &kept).unwrap();
        assert_eq!(part(&place, &placed), None, "{:?}", place.shell);
        fs::remove_file(&kept).unwrap();
        fs::hard_link(place.path("other"), &kept).unwrap();
        assert_eq!(part(&place, &placed), None, "{:?}", place.shell);
        if rustix::process::geteuid().is_root() {
            fs::remove_file(&kept).unwrap();
            fs::write(&kept, "abc").unwrap();
            assert!(part(&place, &placed).is_some());
            std::os::unix::fs::chown(&kept, Some(12_345), None).unwrap();
            assert_eq!(part(&place, &placed), None, "{:?}", place.shell);
        }
    }
}
