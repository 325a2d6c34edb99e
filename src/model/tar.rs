//! The pieces of an archive as every `tar` reads it: headers of the old kind, with GNU's way to tell a long name, which
//! busybox knows as well.
//!
//! What is archived here are files and links. Folders are made by who unpacks it, and nothing is owned by anybody.

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
#[must_use]
pub fn header(name: &[u8], member: Member<'_>, mode: u32, modified: i64) -> Vec<u8> {
    let (kind, size, target) = match member {
        Member::File(size) => (b'0', size, [].as_slice()),
        Member::Link(target) => (b'2', 0, target),
    };
    let mut blocks = Vec::new();
    for (kind, text) in [(b'K', target), (b'L', name)] {
        if text.len() > 99 {
            blocks.extend(block(b"././@LongLink", kind, text.len() as u64 + 1, 0, 0, b""));
            blocks.extend_from_slice(text);
            blocks.push(0);
            blocks.extend(padding(text.len() as u64 + 1));
        }
    }
    let modified = u64::try_from(modified).unwrap_or(0);
    blocks.extend(block(name, kind, size, mode, modified, target));
    blocks
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

fn block(name: &[u8], kind: u8, size: u64, mode: u32, modified: u64, target: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut put = |at: usize, text: &[u8]| block[at..at + text.len()].copy_from_slice(text);
    let short = |text: &[u8]| text[..text.len().min(99)].to_vec();
    put(0, &short(name));
    put(100, format!("{:07o}", mode & 0o7777).as_bytes());
    put(108, b"0000000");
    put(116, b"0000000");
    // Twelve digits hold 8 GiB; beyond, the number stands there as it is, with the highest bit set.
    if size < 1 << 33 {
        put(124, format!("{size:011o}").as_bytes());
    } else {
        put(124, &[0x80, 0, 0, 0]);
        put(128, &size.to_be_bytes());
    }
    put(136, format!("{modified:011o}").as_bytes());
    put(148, b"        ");
    put(156, &[kind]);
    put(157, &short(target));
    put(257, b"ustar  ");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::process::{Command, Stdio};

    use super::*;

    /// Unpacks an archive with each `tar` there is, and looks at what has come of it.
    fn unpacked(archive: &[u8], look: impl Fn(&std::path::Path)) {
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
        [header(name, Member::File(size), mode, 1_000_000_000), text.to_vec(), padding(size)].concat()
    }

    #[test]
    fn files_and_links_come_out_as_they_went_in() {
        let long = format!("{}/{}", "d".repeat(120), "f".repeat(200));
        let archive = [
            file(b"it's a\nname", b"text", 0o4751),
            file(b"empty", b"", 0o600),
            file(long.as_bytes(), &[b'x'; 512], 0o644),
            file(&[b'n'; 100], b"hundred", 0o644),
            file(&[b'm'; 99], b"one less", 0o644),
            header(b"link", Member::Link(b"to\nnowhere"), 0o777, 0),
            header(b"far", Member::Link(long.as_bytes()), 0o777, 0),
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
            assert_eq!(fs::read_link(at.join("far")).unwrap().to_str().unwrap(), long);
        });
    }

    #[test]
    fn a_huge_size_has_room() {
        let header = header(b"huge", Member::File(10_000_000_000), 0o644, 0);
        let mut tar = Command::new("tar");
        tar.args(["-t", "-v", "-f", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = tar.spawn().unwrap();
        child.stdin.take().unwrap().write_all(&header).unwrap();
        let said = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        assert!(said.contains(" 10000000000 "), "{said}");
    }
}
