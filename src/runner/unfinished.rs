//! The file a download goes into, on this machine: beside its place until it is whole.
//!
//! Where a large one is cut, what has come stays as a part, under the name `model::file_part` gives it; the next download
//! to that place takes it, and goes on behind it where the host says that its file begins so.

use std::fs::{self, File, Permissions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::process::geteuid;
use tempfile::NamedTempFile;

use crate::error::{Error, Kind};
use crate::model::file_look::{Had, Seen};
use crate::model::file_part::{LEAST, name};
use crate::runner::digests::digest_read;
use crate::runner::unpacking::set_modified;
use crate::transport::cancel::Cancel;
use crate::transport::files::Target;

/// A file that is being downloaded.
pub struct Unfinished {
    local: PathBuf,
    /// Where a part of it is; none where no part is wanted.
    kept: Option<PathBuf>,
    file: NamedTempFile,
    /// The part that was there.
    had: Option<Had>,
    seen: Option<Seen>,
    /// How many bytes are in it.
    bytes: u64,
}

impl Unfinished {
    /// Begins, behind the part that is there if `resumes` wants it; else that goes.
    ///
    /// # Errors
    /// A folder that cannot be written to, and a cancel while the part is read.
    pub fn begin(local: &Path, resumes: bool, cancel: &Cancel) -> Result<Self, Error> {
        let unwritable = |error: io::Error| Error::io("could not write", local, &error);
        let folder = local.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
        fs::create_dir_all(&folder).map_err(unwritable)?;
        let file_name = local.file_name().unwrap_or_default().to_string_lossy();
        let kept = folder.join(name(&file_name));
        let (mut file, mut had) = (NamedTempFile::new_in(&folder).map_err(unwritable)?, None);
        if let Some(mut part) = part(&kept) {
            let digest = if resumes { Some(digest_read(&mut part, &kept, cancel)?) } else { None };
            let bytes = part.stream_position().map_err(unwritable)?;
            // Under this name nobody else finds it; where somebody else was faster, it is not ours.
            if fs::rename(&kept, file.path()).is_ok() {
                let (_, path) = file.into_parts();
                file = NamedTempFile::from_parts(part, path);
                had = digest.map(|digest| Had { bytes, digest });
            }
        }
        let (local, bytes) = (local.to_owned(), had.as_ref().map_or(0, |had| had.bytes));
        Ok(Self { local, kept: resumes.then_some(kept), file, had, seen: None, bytes })
    }

    /// The part that was there.
    #[must_use]
    pub fn had(&self) -> Option<&Had> {
        self.had.as_ref()
    }

    /// Gives the file its name, and its mode and time where these are to be those of the host.
    ///
    /// # Errors
    /// What cannot be written there.
    pub fn finish(self, preserves: bool) -> Result<(), Error> {
        let local = &self.local;
        let unwritable = |error: &io::Error| Error::io("could not write", local, error);
        if let Some(Seen::File { mode, modified, .. }) = self.seen.filter(|_| preserves) {
            set_modified(self.file.path(), modified).map_err(|error| unwritable(&error))?;
            let mode = Permissions::from_mode(mode & 0o777);
            fs::set_permissions(self.file.path(), mode).map_err(|error| unwritable(&error))?;
        }
        if local.is_dir() {
            return Err(Error::recipe(format!("`{}` is a folder of this machine", local.display()))
                .help("give the name of the file too, or end it with `/` for a copy under its own name"));
        }
        self.file.persist(local).map_err(|error| unwritable(&error.error))?;
        Ok(())
    }

    /// Ends it without the whole file. Of a large one that was cut, what has come stays; says whether it does.
    #[must_use]
    pub fn leave(self, why: Kind) -> bool {
        let is_cut = matches!(why, Kind::Lost | Kind::Timeout | Kind::Cancelled | Kind::Connection);
        let is_large = match self.seen {
            Some(Seen::File { size, .. }) => size >= LEAST && self.bytes < size,
            Some(Seen::Folder) => false,
            // It was never begun, so what was there is as good as before.
            None => self.had.is_some(),
        };
        let kept = self.kept.filter(|_| is_cut && is_large && self.bytes > 0);
        kept.is_some_and(|kept| self.file.persist(kept).is_ok())
    }
}

impl Target for Unfinished {
    fn begin(&mut self, seen: &Seen) -> io::Result<()> {
        self.seen = Some(*seen);
        let from = if let Seen::File { from, .. } = seen { *from } else { 0 };
        self.bytes = from;
        let file = self.file.as_file_mut();
        file.set_len(from)?;
        file.seek(SeekFrom::Start(from)).map(|_| ())
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.as_file_mut().write_all(bytes)?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

/// A part there is: a file of ours, for us alone, and no link to one.
fn part(kept: &Path) -> Option<File> {
    let no_link = i32::try_from(OFlags::NOFOLLOW.bits()).ok()?;
    let file = fs::OpenOptions::new().read(true).write(true).custom_flags(no_link).open(kept).ok()?;
    let metadata = file.metadata().ok()?;
    let is_ours = metadata.is_file() && metadata.uid() == geteuid().as_raw() && metadata.nlink() == 1;
    is_ours.then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::digests::digest;

    const SEEN: Seen = Seen::File { size: LEAST, mode: 0o640, modified: 1_000_000_000, from: 0 };

    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn begin(&self, resumes: bool) -> Unfinished {
            Unfinished::begin(&self.0.path().join("big"), resumes, &Cancel::new()).unwrap()
        }

        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(self.0.path()).unwrap().flatten();
            entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
        }

        fn cut(&self, seen: &Seen, why: Kind) {
            let mut unfinished = self.begin(true);
            unfinished.begin(seen).unwrap();
            unfinished.take(b"abc").unwrap();
            let stays = unfinished.leave(why);
            assert_eq!(stays, !self.names().is_empty());
        }
    }

    #[test]
    fn what_has_come_stays_where_a_large_file_was_cut() {
        for why in [Kind::Lost, Kind::Timeout, Kind::Cancelled] {
            let place = Place::new();
            place.cut(&SEEN, why);
            assert_eq!(place.names(), [".big.windlass-part"], "{why:?}");
            let unfinished = place.begin(true);
            assert_eq!(unfinished.had(), Some(&Had { bytes: 3, digest: digest(b"abc") }));
            // It is nobody else's while it is ours, and there again when nothing came of it.
            assert!(place.begin(true).had().is_none());
            assert!(unfinished.leave(Kind::Connection));
            assert_eq!(place.names(), [".big.windlass-part"], "{why:?}");
        }
    }

    #[test]
    fn nothing_stays_of_a_small_one_nor_of_one_that_failed() {
        let small = Seen::File { size: LEAST - 1, mode: 0, modified: 0, from: 0 };
        for (seen, why) in [(small, Kind::Lost), (SEEN, Kind::Command), (SEEN, Kind::Io)] {
            let place = Place::new();
            place.cut(&seen, why);
            assert_eq!(place.names(), [""; 0], "{why:?}");
        }
    }

    #[test]
    fn it_goes_on_behind_the_part_or_from_the_start_as_the_host_says() {
        for (from, rest, whole) in [(3, "def", "abcdef"), (0, "xy", "xy")] {
            let place = Place::new();
            place.cut(&SEEN, Kind::Lost);
            let mut unfinished = place.begin(true);
            unfinished
                .begin(&Seen::File { size: whole.len() as u64, mode: 0o640, modified: 1_000_000_000, from })
                .unwrap();
            unfinished.take(rest.as_bytes()).unwrap();
            unfinished.finish(true).unwrap();
            let path = place.0.path().join("big");
            assert_eq!((fs::read_to_string(&path).unwrap().as_str(), place.names()), (whole, vec!["big".to_owned()]));
            let metadata = path.metadata().unwrap();
            assert_eq!((metadata.mode() & 0o777, metadata.mtime()), (0o640, 1_000_000_000));
        }
    }

    #[test]
    fn who_wants_none_removes_the_one_there_is() {
        let place = Place::new();
        place.cut(&SEEN, Kind::Lost);
        let unfinished = place.begin(false);
        assert!(unfinished.had().is_none() && !place.names().contains(&".big.windlass-part".to_owned()));
        assert!(!unfinished.leave(Kind::Lost));
        assert_eq!(place.names(), [""; 0]);
    }

    #[test]
    fn what_is_no_part_of_ours_is_left_alone() {
        let place = Place::new();
        let part = place.0.path().join(".big.windlass-part");
        fs::write(place.0.path().join("other"), "abc").unwrap();
        std::os::unix::fs::symlink("other", &part).unwrap();
        assert!(place.begin(true).had().is_none());
        fs::remove_file(&part).unwrap();
        fs::hard_link(place.0.path().join("other"), &part).unwrap();
        assert!(place.begin(true).had().is_none());
        assert_eq!(fs::read_to_string(place.0.path().join("other")).unwrap(), "abc");
    }
}
