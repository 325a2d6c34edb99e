//! What a host is told to do with a folder: to list it, to take what differs, to give what is asked for.
//!
//! What is sent comes as one archive into a folder beside the files it will replace, so on their file system. Nothing is
//! touched before all of it has arrived, which its last member proves: the steps that put everything into its place, as
//! a script, because names are too many for a command line.

use crate::model::file_script::guarded;
use crate::model::manifest::{self, Name, OWN};
use crate::model::quote::quote;
use crate::model::tree_plan::{TreePlan, Wanted};

/// The folder of an archive that holds what is sent.
pub const TREE: &str = "tree/";
/// The member of an archive that puts it into place.
pub const THEN: &str = "then";
/// Printed in place of a list where there is no folder.
pub const NONE: &[u8] = b"none\n";

/// Longest text of names in one command of [`then`], in bytes; Linux allows 128 KiB for one, and 2 MiB for all.
const LONGEST: usize = 64 * 1024;

/// The script that lists a folder there may be.
#[must_use]
pub fn list(path: &str) -> String {
    format!(
        "folder={path}\n\
         if [ ! -e \"$folder\" ] && [ ! -L \"$folder\" ]; then echo none; exit; fi\n\
         if [ ! -d \"$folder\" ]; then echo 'Not a directory' >&2; exit 1; fi\n\
         cd \"$folder\" || exit 1\n{list}",
        path = guarded(path),
        list = manifest::list(),
    )
}

/// The script that unpacks an archive and puts what is in it into its place in a folder. One that was left by somebody
/// who was killed goes after a day.
#[must_use]
pub fn put(path: &str, nonce: u64) -> String {
    format!(
        r#"trap '' PIPE
folder={path}
[ -d "$folder" ] || mkdir -p "$folder" || exit 1
cd "$folder" || exit 1
find . -maxdepth 1 -name '{OWN}*' -mtime +0 -exec rm -rf {{}} + 2>/dev/null
stage=./{OWN}{nonce:016x}
trap 'exit 143' HUP INT TERM
(umask 077; mkdir "$stage") || exit 1
trap 'rm -rf "$stage"' EXIT
tar -x -p -o -f - -C "$stage" || exit 1
[ -f "$stage/{THEN}" ] || {{ echo 'not all of it arrived' >&2; exit 1; }}
trap '' HUP INT TERM
stage=$stage sh "$stage/{THEN}" || exit 1"#,
        path = guarded(path),
    )
}

/// The script that prints files of a folder one after the other; it reads their names, each with a NUL behind it.
#[must_use]
pub fn give(path: &str) -> String {
    format!("cd {} || exit 1\nexec xargs -0 cat", guarded(path))
}

/// What is sent to [`give`].
#[must_use]
pub fn names(names: &[Name]) -> Vec<u8> {
    names.iter().flat_map(|name| [b"./".as_slice(), name, b"\0"].concat()).collect()
}

/// The steps that put what was sent into its place. They run in the folder, and `stage` says where the archive was
/// unpacked. They may hold any bytes.
#[must_use]
pub fn then(plan: &TreePlan, wanted: &Wanted) -> Vec<u8> {
    let mut steps = b"set -e\n".to_vec();
    let own = match (&wanted.owner, &wanted.group) {
        (None, None) => None,
        (Some(owner), None) => Some(format!("chown -h {}", quote(owner))),
        (Some(owner), Some(group)) => Some(format!("chown -h {}", quote(&format!("{owner}:{group}")))),
        (None, Some(group)) => Some(format!("chgrp -h {}", quote(group))),
    };
    if let Some(own) = own.as_ref().filter(|_| !plan.send.is_empty()) {
        steps.extend(format!("{own} -R \"$stage/{TREE}\"\n").into_bytes());
    }
    run(&mut steps, "rm -rf", plan.remove.iter());
    run(&mut steps, "mkdir", plan.folders.iter());
    let mut send: Vec<&Name> = plan.send.iter().collect();
    send.sort_by_key(|name| manifest::parent(name));
    for these in send.chunk_by(|a, b| manifest::parent(a) == manifest::parent(b)) {
        let folder = manifest::parent(these[0]);
        let to = folder.map_or_else(|| b"./".to_vec(), |folder| [b"./".as_slice(), folder, b"/"].concat());
        let staged = these.iter().map(|name| [format!("/{TREE}").as_bytes(), name.as_slice()].concat());
        run_on(
            &mut steps,
            b"mv -f",
            staged.map(|name| [b"\"$stage\"".as_slice(), &quoted(&name)].concat()),
            &quoted(&to),
        );
    }
    if let Some(own) = own {
        run(&mut steps, &own, plan.owners.iter());
    }
    // The deepest first: one that nobody may enter keeps what is in it from being changed.
    let mut modes: Vec<_> = plan.modes.iter().rev().collect();
    modes.sort_by_key(|(_, mode)| *mode);
    for alike in modes.chunk_by(|a, b| a.1 == b.1) {
        run(&mut steps, &format!("chmod {:o}", alike[0].1), alike.iter().map(|(name, _)| name));
    }
    for (name, modified) in &plan.times {
        run(&mut steps, &format!("touch -d @{modified}"), [name].into_iter());
    }
    steps
}

/// Adds a program with names of the folder, as often as there are too many for one command.
fn run<'a>(steps: &mut Vec<u8>, program: &str, names: impl Iterator<Item = &'a Name>) {
    let names = names.map(|name| quoted(&[b"./".as_slice(), name].concat()));
    run_on(steps, program.as_bytes(), names, b"");
}

fn run_on(steps: &mut Vec<u8>, program: &[u8], words: impl Iterator<Item = Vec<u8>>, last: &[u8]) {
    let mut line: Vec<u8> = Vec::new();
    let mut flush = |line: &mut Vec<u8>| {
        if !line.is_empty() {
            steps.extend([program, line.as_slice(), b" ", last, b"\n"].concat());
            line.clear();
        }
    };
    for word in words {
        if line.len() + word.len() > LONGEST {
            flush(&mut line);
        }
        line.push(b' ');
        line.extend(word);
    }
    flush(&mut line);
}

/// As [`quote`], of bytes.
fn quoted(word: &[u8]) -> Vec<u8> {
    let mut quoted = vec![b'\''];
    for byte in word {
        if *byte == b'\'' { quoted.extend(br"'\''") } else { quoted.push(*byte) }
    }
    quoted.push(b'\'');
    quoted
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;
    use std::process::{Command, Output, Stdio};

    use tempfile::tempdir;

    use super::*;
    use crate::model::tar::{Member, end, header, padding};

    fn run_with(program: &[&str], script: &str, input: &[u8]) -> Output {
        let mut command = Command::new(program[0]);
        command.args(&program[1..]).args(["-c", script]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    }

    fn name(text: &str) -> Name {
        text.as_bytes().to_vec()
    }

    fn archive(files: &[(&str, &str)], then: Option<&[u8]>) -> Vec<u8> {
        let mut archive = Vec::new();
        let mut add = |name: &str, text: &[u8]| {
            let size = text.len() as u64;
            archive.extend(
                [
                    header(name.as_bytes(), Member::File(size), 0o640, 1_000_000_000).unwrap(),
                    text.to_vec(),
                    padding(size),
                ]
                .concat(),
            );
        };
        for (name, text) in files {
            add(&format!("{TREE}{name}"), text.as_bytes());
        }
        if let Some(then) = then {
            add(THEN, then);
        }
        archive.extend(end());
        archive
    }

    const SHELLS: [&[&str]; 2] = [&["dash"], &["busybox", "sh"]];

    #[test]
    fn everything_comes_into_its_place() {
        for shell in SHELLS {
            let folder = tempdir().unwrap();
            let top = folder.path().join("it's");
            fs::create_dir_all(top.join("gone/deep")).unwrap();
            fs::create_dir(top.join("way")).unwrap();
            fs::create_dir(top.join("elsewhere")).unwrap();
            fs::write(top.join("way/x"), "").unwrap();
            fs::write(top.join("stays"), "").unwrap();
            symlink("elsewhere", top.join("lead")).unwrap();
            let plan = TreePlan {
                remove: vec![name("gone"), name("way")],
                folders: vec![name("new"), name("new/a\nb")],
                send: vec![name("-rf"), name("lead"), name("new/a\nb/it's"), name("way")],
                modes: vec![(name("new"), 0o750), (name("new/a\nb"), 0o700), (name("stays"), 0o600)],
                owners: Vec::new(),
                times: vec![(name("new"), 1_000_000_000)],
            };
            let files = [("-rf", "1"), ("lead", "2"), ("new/a\nb/it's", "3"), ("way", "4")];
            let archive = archive(&files, Some(&then(&plan, &Wanted::default())));
            let output = run_with(shell, &put(top.to_str().unwrap(), 7), &archive);
            assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
            for (name, text) in files {
                assert_eq!(fs::read_to_string(top.join(name)).unwrap(), text, "{name}");
            }
            assert!(top.join("lead").symlink_metadata().unwrap().is_file(), "a link is replaced, not followed");
            assert_eq!(fs::read_dir(top.join("elsewhere")).unwrap().count(), 0);
            let mode = |name: &str| fs::metadata(top.join(name)).unwrap().permissions().mode() & 0o7777;
            assert_eq!((mode("new"), mode("new/a\nb"), mode("stays"), mode("way")), (0o750, 0o700, 0o600, 0o640));
            let mut names: Vec<_> = fs::read_dir(&top).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            assert_eq!(names, ["-rf", "elsewhere", "lead", "new", "stays", "way"]);
        }
    }

    #[test]
    fn what_has_not_arrived_as_a_whole_changes_nothing() {
        for shell in SHELLS {
            let folder = tempdir().unwrap();
            fs::write(folder.path().join("f"), "old").unwrap();
            let then = then(&TreePlan { send: vec![name("f")], ..TreePlan::default() }, &Wanted::default());
            let whole = archive(&[("f", &"x".repeat(5000))], Some(&then));
            let put = put(folder.path().to_str().unwrap(), 7);
            for length in [0, 100, 512, 3000, 512 + 5120, 512 + 5120 + 512] {
                let output = run_with(shell, &put, &whole[..length]);
                assert!(!output.status.success(), "{length}");
                assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
                assert_eq!(fs::read_to_string(folder.path().join("f")).unwrap(), "old");
            }
            assert!(run_with(shell, &put, &whole).status.success());
        }
    }

    #[test]
    fn many_names_are_several_commands() {
        let send: Vec<Name> = (0..5000).map(|number| name(&format!("{number:040}"))).collect();
        let steps = then(&TreePlan { send, ..TreePlan::default() }, &Wanted::default());
        let steps = String::from_utf8(steps).unwrap();
        assert!(steps.lines().all(|line| line.len() <= LONGEST + 100));
        assert_eq!(steps.lines().filter(|line| line.starts_with("mv ")).count(), 5);
    }

    #[test]
    fn files_are_given_in_the_order_they_are_asked_for() {
        let folder = tempdir().unwrap();
        for name in ["a\nb", "-n", "c"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        for shell in SHELLS {
            let wanted = names(&[name("c"), name("a\nb"), name("-n")]);
            let output = run_with(shell, &give(folder.path().to_str().unwrap()), &wanted);
            assert_eq!(String::from_utf8(output.stdout).unwrap(), "ca\nb-n");
            let missing = run_with(shell, &give(folder.path().to_str().unwrap()), &names(&[name("no")]));
            assert!(!missing.status.success());
        }
    }

    #[test]
    fn a_folder_may_be_missing_and_may_be_none() {
        let folder = tempdir().unwrap();
        let said = |path: &Path| run_with(&["sh"], &list(path.to_str().unwrap()), b"");
        assert_eq!(said(&folder.path().join("no")).stdout, NONE);
        fs::write(folder.path().join("f"), "").unwrap();
        assert_eq!(said(&folder.path().join("f")).stderr, b"Not a directory\n");
        let listed = manifest::Manifest::read(&said(folder.path()).stdout).unwrap();
        assert_eq!(listed.0.len(), 1);
    }
}
