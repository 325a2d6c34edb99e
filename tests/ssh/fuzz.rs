//! Careless commands by the thousand: sequences of them through one staying shell, next to the same commands alone.
//!
//! Whatever a command does, it prints and ends as under an `sh -c` of its own, and the next one is not touched.
//! `WINDLASS_FUZZ_CASES` sets how many sequences each shell is given.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use tempfile::TempDir;

use crate::ssh::host::{Host, Ran, trip};
use crate::support::skip::skip;
use crate::support::sshd::Options;

/// What stands between two pieces of a line.
const JOINTS: &[&str] = &["; ", "\n", "\n", " && ", " || ", "", " "];

/// Pieces that are careless with quotes, streams, the shell's own words and ours.
const PIECES: &[&str] = &[
    "echo one",
    "echo two >&2",
    "printf three",
    "printf four >&2",
    "printf '\\377\\000\\200\\n'",
    "printf '\\303' >&2",
    "echo 'unbalanced",
    "echo \"unbalanced",
    "'",
    "\"",
    "`",
    "\\",
    "$(",
    ")",
    "{",
    "}",
    "(",
    "cat <<EOF\ntext $((1 + 1))\nEOF\n",
    "cat <<'EOF'\n$x `y` \\\nEOF\n",
    "cat <<-EOF\n\ttabbed\n\tEOF\n",
    "cat <<EOF\nnever ended",
    "exit",
    "exit 3",
    "exit 300",
    "return 4",
    "false",
    "nosuchprogram",
    "./nosuchfile",
    "set -e",
    "set -u",
    "set -n",
    "set -f",
    "set -o nosuchoption",
    "echo \"$unset\"",
    "X=1; export X",
    "echo \"x=$X\"",
    "cat",
    "read -r line; echo \"read $?\"",
    "while read -r line; do echo \"$line\"; done",
    "head -c 5",
    "exec 1>&-",
    "exec 2>&-",
    "exec 0<&-",
    "exec >&2",
    "exec 2>&1",
    "exec 3>&1 >/dev/null",
    "exec 3<&- 4>&- 5>&-",
    "echo three >&3",
    "echo four >&4",
    "echo five >&5",
    "exec cat",
    "exec echo replaced",
    "exec nosuchprogram",
    "exec sh",
    "trap 'echo trapped' EXIT",
    "trap 'echo trapped; exit 5' EXIT",
    "trap '' TERM HUP PIPE",
    "trap 'echo term' TERM",
    "printf() { :; }",
    "read() { return 7; }",
    "kill() { :; }",
    "wait() { :; }",
    "exec() { :; }",
    "eval() { :; }",
    "trap() { :; }",
    "exit() { :; }",
    ":() { echo colon; }",
    "windlass() { exit 9; }",
    "windlass_say() { exit 9; }",
    "unset -f windlass windlass_say windlass_start",
    "windlass_m=x windlass_n=9 windlass_s=9 windlass_how=x",
    "windlass x watched may true",
    "windlass_say .0",
    "set | grep -c '^windlass'",
    "env >env; grep -c -i '^windlass' env",
    "echo windlass-",
    "printf 'windlass-0123456789abcdef'",
    "printf '\\nwindlass-0123456789abcdef.0\\nwindlass-0123456789abcdef.0:0\\n'",
    "echo 'windlass-0123456789abcdef:0 0 1.00 2.00'",
    "mkdir -p inner; cd inner",
    "cd nosuchfolder",
    "umask 077; umask",
    "PATH=",
    "IFS=123456",
    "unset PATH HOME IFS",
    "readonly PATH",
    "alias echo='echo aliased'",
    "hash -r",
    "shift 5",
    "set -- a b; echo \"$#\"",
    "echo $0",
    "command -v echo",
    "type windlass",
    "ulimit -c 0",
    "sleep 0.01",
    "sh -c 'exit 6'",
    "sh -c 'kill -TERM $$'",
    "echo é ü 漢",
    "# a comment",
    "if true; then echo yes; fi",
    "if true; then",
    "for i in 1 2; do echo $i; done",
    "case x in x) echo case ;; esac",
    "case x in",
    "f() { return 8; }; f",
    "! true",
    "wait",
    "times >/dev/null",
    "echo x | cat",
    "exit 2 | cat",
    "seq 1 3000",
    "seq 1 2000 >&2",
    "(exit 4)",
    "(set -e; false; echo no)",
    ">",
    "<",
    "<nosuchfile",
    ">file",
    "cat file",
    "~",
];

/// How a line may end itself. Nothing comes after it: whoever is left of a killed shell races with the end of it.
const DEATHS: &[&str] = &["kill -9 \"$$\"", "kill -TERM \"$$\"", "kill -HUP \"$$\"", "kill -PIPE \"$$\"", "kill -9 0"];

/// What a line leaves in the background. It must never show in the output of another one.
const STRAYS: &[&str] = &[
    "(sleep 0.05; echo STRAY; echo STRAY >&2) & :",
    "sleep 0.2 & :",
    "(for i in 1 2 3 4 5 6 7 8; do sleep 0.02; echo STRAY; echo STRAY >&2; done) & sleep 0.01",
    "nohup sh -c 'sleep 0.03; printf STRAY' 2>/dev/null & :",
];

/// A line of a careless person.
fn line() -> impl Strategy<Value = String> {
    // No `&` and no `|`, which would begin a race, and nothing that could name a file outside of this folder.
    let text = "[ '\"`$\\\\(){}<>;#?!\tab1é]{0,6}".boxed();
    let piece = prop_oneof![12 => select(PIECES).prop_map(str::to_owned), 1 => text];
    let wild = prop::collection::vec((piece, select(JOINTS)), 1..6)
        .prop_map(|pieces| pieces.into_iter().flat_map(|(piece, joint)| [piece, joint.to_owned()]).collect::<String>());
    let safe = select(&["echo before", "printf before >&2", "set -e", "trap 'echo trapped' EXIT"][..]);
    prop_oneof![
        20 => wild,
        2 => (safe.clone(), select(DEATHS)).prop_map(|(safe, death)| format!("{safe}\n{death}")),
        1 => (safe, select(STRAYS)).prop_map(|(safe, stray)| format!("{safe}\n{stray}")),
    ]
    .prop_filter("a command", |line| !line.trim().is_empty())
}

/// Trips, each of lines that must succeed or need not.
fn trips() -> impl Strategy<Value = Vec<Vec<(String, bool)>>> {
    prop::collection::vec(prop::collection::vec((line(), prop::bool::weighted(0.2)), 1..5), 1..4)
}

/// A kind of `sh`, as the one that is found on a host.
struct Kind {
    name: &'static str,
    folder: TempDir,
}

impl Kind {
    fn of(name: &'static str) -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap();
        let Some(program) = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|path| path.exists()) else {
            skip("whatever_comes_each_command_is_as_if_it_were_alone", &format!("there is no {name} here"));
            return None;
        };
        let folder = tempfile::Builder::new().prefix("windlass-fuzz-").tempdir().unwrap();
        for inner in ["bin", "host", "alone"] {
            fs::create_dir(folder.path().join(inner)).unwrap();
        }
        symlink(program, folder.path().join("bin/sh")).unwrap();
        Some(Self { name, folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A host whose `sh` is of this kind, and whose commands begin in the folder `host`.
    fn host(&self) -> Option<Host> {
        let config = format!(
            "ForceCommand cd {} && PATH={}:/usr/bin:/bin HOME=/nowhere && export PATH HOME && unset LANG LC_ALL && eval \"$SSH_ORIGINAL_COMMAND\"",
            self.path("host").display(),
            self.path("bin").display()
        );
        Host::ssh(&Options { config: &[&config], ..Options::default() })
    }

    /// What the line does when it is alone.
    fn alone(&self, line: &str) -> Ran {
        let files = [self.path("stdout"), self.path("stderr")];
        let [stdout, stderr] = files.each_ref().map(|file| {
            // A new one: the last line's may still be written to.
            fs::remove_file(file).ok();
            File::create(file).unwrap()
        });
        let status = Process::new(self.path("bin/sh"))
            .arg0("sh")
            .args(["-c", line.trim()])
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", self.path("bin").display()))
            .env("HOME", "/nowhere")
            .current_dir(self.path("alone"))
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .status()
            .unwrap();
        let status = status.code().or_else(|| std::os::unix::process::ExitStatusExt::signal(&status).map(|n| 128 + n));
        let [stdout, stderr] = files.map(|file| fs::read(file).unwrap());
        Ran { status: status.unwrap(), stdout, stderr }
    }

    fn empty_folders(&self) {
        for folder in ["host", "alone"] {
            for entry in fs::read_dir(self.path(folder)).unwrap() {
                let path = entry.unwrap().path();
                fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path)).unwrap();
            }
        }
    }
}

/// Output without what differs between two runs: process numbers, the folder, and who of several was first to complain.
/// The two sides of a pipe may even complain in the middle of each other's lines.
fn settled(bytes: &[u8], folder: &Path, line: &str, is_stderr: bool) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes).replace(&folder.display().to_string(), "FOLDER");
    let text = text.replace("/alone", "/host").replace("STRAY\n", "").replace("STRAY", "");
    let numbers = regex::Regex::new("[0-9]{3,}").unwrap();
    let mut lines: Vec<_> = text.split('\n').map(|line| numbers.replace_all(line, "#").into_owned()).collect();
    // Both ends of a pipe complain at the same time.
    let has_complaints = is_stderr || line.contains("2>&1");
    if has_complaints && line.contains('|') {
        let mut letters: Vec<char> = lines.concat().chars().collect();
        letters.sort_unstable();
        return vec![letters.into_iter().collect()];
    }
    if is_stderr {
        lines.sort();
    }
    lines
}

fn check(kind: &Kind, host: &Host, trips: &[Vec<(String, bool)>]) -> Result<(), TestCaseError> {
    kind.empty_folders();
    for steps in trips {
        let steps: Vec<(&str, bool)> = steps.iter().map(|(line, must)| (line.as_str(), *must)).collect();
        let (ran, _) = trip(&*host.transport, &steps, false);
        let mut expected = 0;
        for (line, must_succeed) in &steps {
            let alone = kind.alone(line);
            let Some(ran) = ran.get(expected) else {
                return Err(TestCaseError::fail(format!("{}: {line:?} did not run", kind.name)));
            };
            expected += 1;
            prop_assert_eq!(ran.status, alone.status, "{}: status of {:?}: {:?} {:?}", kind.name, line, ran, alone);
            for (is_stderr, ran, alone) in [(false, &ran.stdout, &alone.stdout), (true, &ran.stderr, &alone.stderr)] {
                let has_stray = String::from_utf8_lossy(ran).contains("STRAY");
                prop_assert!(
                    !has_stray || line.contains("STRAY"),
                    "{}: a stray in the output of {:?}",
                    kind.name,
                    line
                );
                let (ran, alone) = (
                    settled(ran, kind.folder.path(), line, is_stderr),
                    settled(alone, kind.folder.path(), line, is_stderr),
                );
                prop_assert_eq!(ran, alone, "{}: stderr {} of {:?}", kind.name, is_stderr, line);
            }
            if *must_succeed && alone.status != 0 {
                break;
            }
        }
        prop_assert_eq!(ran.len(), expected, "{}: no more than these ran: {:?}", kind.name, steps);
    }
    Ok(())
}

fn fuzz(name: &'static str) {
    let Some(kind) = Kind::of(name) else { return };
    let Some(host) = kind.host() else { return };
    let program = fs::canonicalize(kind.path("bin/sh")).unwrap();
    assert_eq!(host.shell("readlink /proc/$$/exe; :").out().trim(), program.display().to_string(), "the host's sh");
    let cases = std::env::var("WINDLASS_FUZZ_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(40);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    if let Err(error) = TestRunner::new(config).run(&trips(), |trips| check(&kind, &host, &trips)) {
        panic!("{error}");
    }
}

#[test]
fn whatever_comes_each_command_of_dash_is_as_if_it_were_alone() {
    fuzz("dash");
}

#[test]
fn whatever_comes_each_command_of_bash_is_as_if_it_were_alone() {
    fuzz("bash");
}

#[test]
fn whatever_comes_each_command_of_busybox_is_as_if_it_were_alone() {
    fuzz("busybox");
}
