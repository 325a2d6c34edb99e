//! Files to a host and back.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command as Process;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use windlass::error::{Error, Kind};
use windlass::model::command::{Command, Word};
use windlass::model::file_look::Seen;
use windlass::model::file_part::Resume;
use windlass::model::file_script::Placed;
use windlass::model::manifest::Manifest;
use windlass::model::secret::Vault;
use windlass::transport::cancel::Cancel;
use windlass::transport::files::{Target, Upload, download, upload};

use crate::ssh::host::{Host, wait_until};
use crate::support::skip::skip;
use crate::support::sshd::Options;

fn nothing_around() -> Command {
    Command::program(["true"])
}

fn put(host: &Host, around: &Command, mut bytes: &[u8], path: &str, mode: Option<u32>) -> Result<u64, Error> {
    let (length, mut last) = (bytes.len() as u64, 0);
    let placed = Placed { mode, ..Placed::at(path) };
    let file = Upload { source: &mut bytes, length, placed: &placed, resume: &Resume::No };
    upload(&*host.transport, around, &Vault::default(), file, &mut |bytes| last = bytes, &Cancel::new()).map(|_| last)
}

/// Takes a file into memory.
#[derive(Default)]
struct Memory(Option<Seen>, Vec<u8>);

impl Target for Memory {
    fn begin(&mut self, seen: &Seen) -> std::io::Result<()> {
        assert_eq!(self.0.replace(*seen), None, "it is told once");
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        assert!(self.0.is_some(), "it is told before the first byte");
        self.1.extend_from_slice(bytes);
        Ok(())
    }
}

fn get(host: &Host, around: &Command, path: &str) -> Result<Vec<u8>, Error> {
    let mut memory = Memory::default();
    let length = download(&*host.transport, around, &Vault::default(), (path, None), &mut memory, &Cancel::new())?;
    let Memory(seen, bytes) = memory;
    assert_eq!(length, bytes.len() as u64);
    assert!(matches!(seen, Some(Seen::File { size, .. }) if size == length), "{seen:?}");
    Ok(bytes)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o7777
}

fn open_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    folder
}

fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        skip("a test of files", "it takes root");
    }
    root
}

#[test]
fn five_megabytes_go_there_and_back() {
    let bytes: Vec<u8> = (0..5_000_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for host in Host::each() {
        let folder = open_folder();
        let path = folder.path().join("it's a $file");
        assert_eq!(put(&host, &nothing_around(), &bytes, text(&path), None).unwrap(), 5_000_000);
        assert!(fs::read(&path).unwrap() == bytes);
        assert!(get(&host, &nothing_around(), text(&path)).unwrap() == bytes);
        assert_eq!(names(folder.path()), ["it's a $file"]);
    }
}

#[test]
fn an_empty_file_is_a_file() {
    for host in Host::each() {
        let folder = open_folder();
        let path = folder.path().join("empty");
        put(&host, &nothing_around(), b"", text(&path), Some(0o400)).unwrap();
        assert_eq!((fs::read(&path).unwrap().len(), mode(&path)), (0, 0o400));
        assert_eq!(get(&host, &nothing_around(), text(&path)).unwrap(), b"");
    }
}

#[test]
fn the_mode_is_as_asked_or_as_it_was_or_by_the_umask() {
    for host in Host::each() {
        let folder = open_folder();
        let path = folder.path().join("x");
        let around = Command { umask: Some("027".into()), ..nothing_around() };
        put(&host, &around, b"1", text(&path), None).unwrap();
        assert_eq!(mode(&path), 0o640);
        put(&host, &around, b"2", text(&path), Some(0o755)).unwrap();
        assert_eq!(mode(&path), 0o755);
        put(&host, &around, b"3", text(&path), None).unwrap();
        assert_eq!((mode(&path), fs::read(&path).unwrap()), (0o755, b"3".to_vec()));
    }
}

#[test]
fn surroundings_count() {
    for host in Host::each() {
        let folder = open_folder();
        let vault = Vault::default();
        let env = vec![("TOKEN".to_owned(), Word::Text(vault.seal("hunter2")))];
        let around = Command { dir: Some(text(folder.path()).to_owned()), env, ..nothing_around() };
        let mut bytes = b"1".as_slice();
        let placed = Placed::at("-x y");
        let file = Upload { source: &mut bytes, length: 1, placed: &placed, resume: &Resume::No };
        upload(&*host.transport, &around, &vault, file, &mut |_| (), &Cancel::new()).unwrap();
        assert_eq!(names(folder.path()), ["-x y"]);
        assert_eq!(get(&host, &Command { env: Vec::new(), ..around }, "-x y").unwrap(), b"1");
    }
}

#[test]
fn another_user_owns_what_he_writes() {
    if !is_root() {
        return;
    }
    for host in Host::each() {
        let folder = open_folder();
        let path = folder.path().join("x");
        let around = Command { user: Some("nobody".into()), ..nothing_around() };
        put(&host, &around, b"1", text(&path), Some(0o600)).unwrap();
        assert_eq!((path.metadata().unwrap().uid(), mode(&path)), (65534, 0o600));
        assert_eq!(get(&host, &around, text(&path)).unwrap(), b"1");
        let closed = folder.path().join("closed");
        fs::create_dir(&closed).unwrap();
        let error = put(&host, &around, b"1", text(&closed.join("x")), None).unwrap_err();
        assert_eq!(error.to_string(), format!("could not write `{}`: permission denied", text(&closed.join("x"))));
    }
}

#[test]
fn a_link_is_followed_and_stays() {
    for host in Host::each() {
        let folder = open_folder();
        fs::create_dir(folder.path().join("shared")).unwrap();
        fs::write(folder.path().join("shared/x"), "old").unwrap();
        let link = folder.path().join("link");
        symlink("shared/x", &link).unwrap();
        put(&host, &nothing_around(), b"new", text(&link), None).unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(folder.path().join("shared/x")).unwrap(), "new");
    }
}

#[test]
fn what_cannot_be_written_or_read_says_why() {
    for host in Host::each() {
        let folder = open_folder();
        let at = text(folder.path()).to_owned();
        let failed = |result: Result<u64, Error>| {
            let error = result.unwrap_err();
            assert_eq!((error.kind(), error.parts().host.clone()), (Kind::Command, Some(host.transport.label())));
            error.to_string()
        };
        assert_eq!(
            failed(put(&host, &nothing_around(), b"1", &at, None)),
            format!("could not write `{at}`: it is a directory")
        );
        let missing = format!("{at}/no/x");
        assert_eq!(
            failed(put(&host, &nothing_around(), b"1", &missing, None)),
            format!("could not write `{missing}`: its folder does not exist")
        );
        let read = |path: &str| failed(get(&host, &nothing_around(), path).map(|bytes| bytes.len() as u64));
        assert_eq!(read(&missing), format!("could not read `{missing}`: there is no such file"));
        let list = fs::create_dir(folder.path().join("full")).map(|()| {
            let mut memory = Memory::default();
            download(&*host.transport, &nothing_around(), &Vault::default(), (&at, None), &mut memory, &Cancel::new())
                .unwrap();
            fs::remove_dir(folder.path().join("full")).unwrap();
            assert_eq!(memory.0, Some(Seen::Folder));
            Manifest::read(&memory.1).unwrap()
        });
        assert_eq!(list.unwrap().0.len(), 1, "a folder is listed");
        assert!(names(folder.path()).is_empty());
    }
}

#[test]
fn less_than_was_said_is_not_a_file() {
    for host in Host::each() {
        let folder = open_folder();
        let path = folder.path().join("x");
        fs::write(&path, "old").unwrap();
        let mut bytes = b"123".as_slice();
        let placed = Placed::at(text(&path));
        let file = Upload { source: &mut bytes, length: 5, placed: &placed, resume: &Resume::No };
        let error = upload(&*host.transport, &nothing_around(), &Vault::default(), file, &mut |_| (), &Cancel::new())
            .unwrap_err();
        assert_eq!(error.to_string(), format!("could not write `{}`: 3 of 5 bytes arrived", text(&path)));
        assert_eq!(
            (names(folder.path()), fs::read_to_string(&path).unwrap()),
            (vec!["x".to_owned()], "old".to_owned())
        );
    }
}

/// A small file system of its own, taken away at the end.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn new() -> Self {
        let folder = open_folder();
        let mounted =
            Process::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "windlass-test"]).arg(folder.path()).status();
        assert!(mounted.unwrap().success());
        Self(folder)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Process::new("umount").arg(self.0.path()).status().unwrap();
    }
}

#[test]
fn a_full_disk_keeps_the_old_file_and_nothing_else() {
    if !is_root() {
        return;
    }
    for host in Host::each() {
        let disk = SmallDisk::new();
        let path = disk.0.path().join("x");
        fs::write(&path, "old").unwrap();
        let error = put(&host, &nothing_around(), &vec![b'x'; 3_000_000], text(&path), None).unwrap_err();
        assert_eq!(error.to_string(), format!("could not write `{}`: the disk is full", text(&path)));
        assert!(error.parts().notes[0].contains("No space left on device"), "{:?}", error.parts().notes);
        assert_eq!(
            (names(disk.0.path()), fs::read_to_string(&path).unwrap()),
            (vec!["x".to_owned()], "old".to_owned())
        );
    }
}

/// Gives bytes slowly, and calls something after a while.
struct Slow<F: FnMut()>(u32, F);

impl<F: FnMut()> Read for Slow<F> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0 += 1;
        if self.0 == 300 {
            (self.1)();
        }
        buffer[0] = b'x';
        thread::sleep(Duration::from_millis(1));
        Ok(1)
    }
}

#[test]
fn a_cancelled_upload_leaves_nothing_behind() {
    for host in Host::each() {
        let folder = open_folder();
        let path = folder.path().join("x");
        fs::write(&path, "old").unwrap();
        let cancel = Cancel::new();
        let mut source = Slow(0, || {
            assert_eq!(names(folder.path()).len(), 2, "the unfinished file stands beside the old one");
            cancel.raise();
        });
        let placed = Placed::at(text(&path));
        let file = Upload { source: &mut source, length: 100_000, placed: &placed, resume: &Resume::No };
        let error =
            upload(&*host.transport, &nothing_around(), &Vault::default(), file, &mut |_| (), &cancel).unwrap_err();
        assert_eq!(error.kind(), Kind::Cancelled);
        wait_until("the unfinished file is gone", || names(folder.path()) == ["x"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }
}

#[test]
fn an_upload_whose_connection_breaks_leaves_nothing_behind() {
    let Some(host) = Host::ssh(&Options::default()) else { return };
    let folder = open_folder();
    let path = folder.path().join("x");
    let mut source = Slow(0, || host.sshd.as_ref().unwrap().kill_sessions());
    let placed = Placed::at(text(&path));
    let file = Upload { source: &mut source, length: 100_000, placed: &placed, resume: &Resume::No };
    let error =
        upload(&*host.transport, &nothing_around(), &Vault::default(), file, &mut |_| (), &Cancel::new()).unwrap_err();
    assert_eq!(error.kind(), Kind::Lost);
    wait_until("the unfinished file is gone", || names(folder.path()).is_empty());
}

#[test]
fn a_target_that_takes_nothing_ends_the_download() {
    struct Full;
    impl Target for Full {
        fn begin(&mut self, _: &Seen) -> std::io::Result<()> {
            Ok(())
        }

        fn take(&mut self, _: &[u8]) -> std::io::Result<()> {
            Err(std::io::Error::other("no room here"))
        }
    }
    for host in Host::each() {
        let transport = &*host.transport;
        let error =
            download(transport, &nothing_around(), &Vault::default(), ("/dev/zero", None), &mut Full, &Cancel::new())
                .unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (Kind::Io, "could not write here what was read there: no room here")
        );
    }
}
