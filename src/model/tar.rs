//! The pieces of an archive, each by itself, so that the files between them are read as they go.
//!
//! What is archived here are files and links. Folders are made by who unpacks it, and nothing is owned by anybody. Long
//! names and targets are told in GNU's way, which busybox knows as well.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use tar::{Builder, EntryType, Header};

/// An archive consists of blocks of this many bytes.
pub const BLOCK: usize = 512;

/// What is archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member<'a> {
    /// A file of this many bytes, which follow the header.
    File(u64),
    /// A symbolic link to this.
    Link(&'a [u8]),
}

/// The header of a member, and what has to stand before it where its name is long.
///
/// # Errors
/// A name that no member of an archive can have: one that is empty, begins with `/`, or leads out of where it is unpacked.
pub fn header(name: &[u8], member: Member<'_>, mode: u32, modified: i64) -> io::Result<Vec<u8>> {
    let mut header = Header::new_gnu();
    header.set_mode(mode & 0o7777);
    header.set_mtime(u64::try_from(modified).unwrap_or(0));
    let mut archive = Builder::new(Vec::new());
    match member {
        Member::File(size) => {
            header.set_entry_type(EntryType::Regular);
            header.set_size(size);
            // What is in it follows later.
            archive.append_data(&mut header, path(name), io::empty())?;
        }
        Member::Link(target) => {
            // Byte for byte, as `append_link` does not: it takes out what it deems idle.
            if header.set_link_name_literal(target).is_err() {
                long_target(&mut archive, target)?;
            }
            header.set_entry_type(EntryType::Symlink);
            header.set_size(0);
            archive.append_data(&mut header, path(name), io::empty())?;
        }
    }
    Ok(std::mem::take(archive.get_mut()))
}

/// The target of the link that comes next, where a header has no room for it.
fn long_target(archive: &mut Builder<Vec<u8>>, target: &[u8]) -> io::Result<()> {
    let text = [target, b"\0"].concat();
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::GNULongLink);
    header.set_mode(0o644);
    header.set_size(text.len() as u64);
    archive.append_data(&mut header, "@LongLink", &*text)
}

/// What follows this many bytes of a member, up to the next block.
#[must_use]
pub fn padding(size: u64) -> Vec<u8> {
    let over = usize::try_from(size % BLOCK as u64).unwrap_or(0);
    vec![0; (BLOCK - over) % BLOCK]
}

/// The end of an archive.
#[must_use]
pub fn end() -> Vec<u8> {
    vec![0; 2 * BLOCK]
}

fn path(name: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(name))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::process::{Command, Stdio};

    use super::*;

    /// Unpacks an archive with each `tar` there is, and looks at what has come of it.
    fn unpacked(archive: &[u8], look: impl Fn(&Path)) {
        for words in [&["tar"][..], &["busybox", "tar"]] {
            let folder = tempfile::tempdir().unwrap();
            let mut child = Command::new(words[0])
                .args(&words[1..])
                .args(["-x", "-p", "-o", "-f", "-", "-C"])
                .arg(folder.path())
                .stdin(Stdio::piped())
                .spawn()
                .unwrap();
            child.stdin.take().unwrap().write_all(archive).unwrap();
            assert!(child.wait().unwrap().success(), "{words:?}");
            look(folder.path());
        }
    }

    fn file(name: &[u8], text: &[u8], mode: u32) -> Vec<u8> {
        let size = text.len() as u64;
        [header(name, Member::File(size), mode, 1_000_000_000).unwrap(), text.to_vec(), padding(size)].concat()
    }

    #[test]
    fn files_and_links_come_out_as_they_went_in() {
        let long = format!("{}/{}", "d".repeat(120), "f".repeat(200));
        let wide = format!("{}/x", "/".repeat(120));
        let archive = [
            file(b"it's a\nname", b"text", 0o4751),
            file(b"empty", b"", 0o600),
            file(long.as_bytes(), &[b'x'; 512], 0o644),
            file(&[b'n'; 100], b"hundred", 0o644),
            file(&[b'm'; 99], b"one less", 0o644),
            header(b"link", Member::Link(b"to\nnowhere"), 0o777, 0).unwrap(),
            header(b"far", Member::Link(long.as_bytes()), 0o777, 0).unwrap(),
            header(b"wide", Member::Link(wide.as_bytes()), 0o777, 0).unwrap(),
            header(b"up", Member::Link(b"../../x//y/"), 0o777, 0).unwrap(),
            end(),
        ]
        .concat();
        assert_eq!(archive.len() % BLOCK, 0);
        unpacked(&archive, |at| {
            let metadata = fs::metadata(at.join("it's a\nname")).unwrap();
            assert_eq!((metadata.permissions().mode() & 0o7777, metadata.mtime()), (0o4751, 1_000_000_000));
            assert_eq!(fs::read(at.join("it's a\nname")).unwrap(), b"text");
            assert_eq!(fs::read(at.join("empty")).unwrap(), b"");
            assert_eq!(fs::read(at.join(&long)).unwrap().len(), 512);
            assert_eq!(fs::read(at.join("n".repeat(100))).unwrap(), b"hundred");
            assert_eq!(fs::read(at.join("m".repeat(99))).unwrap(), b"one less");
            assert_eq!(fs::read_link(at.join("link")).unwrap().to_str().unwrap(), "to\nnowhere");
            assert_eq!(fs::read_link(at.join("wide")).unwrap().to_str().unwrap(), wide);
            assert_eq!(fs::read_link(at.join("up")).unwrap().to_str().unwrap(), "../../x//y/");
            assert_eq!(fs::read_link(at.join("far")).unwrap().to_str().unwrap(), long);
        });
    }

    #[test]
    fn a_huge_size_has_room() {
        let header = header(b"huge", Member::File(10_000_000_000), 0o644, 0).unwrap();
        let mut tar = Command::new("tar");
        tar.args(["-t", "-v", "-f", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = tar.spawn().unwrap();
        child.stdin.take().unwrap().write_all(&header).unwrap();
        let said = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        assert!(said.contains(" 10000000000 "), "{said}");
    }
}
