//! `upload` and `download`: files and folders of this machine, and what is in memory.

use std::fs::{self, File, Metadata};
use std::io::{Cursor, ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rhai::{Dynamic, Map};

use crate::error::Error;
use crate::model::file_look::Seen;
use crate::model::file_part::LEAST;
use crate::model::file_script::{Placed, target};
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::dispatch::{desk, job};
use crate::recipe::dsl::file_options::{FileOptions, local_path, remote_path};
use crate::recipe::dsl::sending::{Content, Digest, run_again, send};
use crate::recipe::dsl::trees;
use crate::recipe::dsl::write_file::{SHORT, is_plain, write_text};
use crate::recipe::values::text;
use crate::runner::transfer::{self, Got};
use crate::runner::unfinished::Unfinished;
use crate::transport::files::Target;

/// The checksum of so many bytes takes less time than a round trip.
const CHEAP: u64 = 1024 * 1024;

/// `upload(what, remote, options)`: a path, a blob, or `#{ text: … }`.
pub fn upload(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = FileOptions::of(call)?;
    let what = call.any();
    let remote = remote_path(call)?;
    let title = |name: &str| format!("upload {name} to {remote}");
    if let Some(path) = text(&what) {
        let local = local_path(&path);
        let name = local.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let there = target(&remote, &name);
        let metadata = match fs::metadata(&local) {
            // What makes it does not run in a dry run either.
            Err(error) if error.kind() == ErrorKind::NotFound && call.world().options.dry_run => {
                let (title, mut nothing) = (title(&local.display().to_string()), Cursor::new(&[][..]));
                return send(call, &options, &options.placed(there), Content::of(&mut nothing), &path, title);
            }
            found => found.map_err(|error| unreadable(&local, &error))?,
        };
        if metadata.is_dir() {
            return trees::upload(call, &options, &local, &there);
        }
        only_of_folders(call, &options)?;
        return upload_file(call, &options, &local, &metadata, there, title(&local.display().to_string()));
    }
    only_of_folders(call, &options)?;
    if let Some(given) = what.read_lock::<Map>() {
        let known = given.len() == 1;
        if let Some(given) = given.get("text").and_then(text).filter(|_| known) {
            return write_text(call, &options, options.placed(remote.clone()), &given, title("a text"));
        }
    }
    if let Ok(blob) = what.clone().into_blob() {
        let mut bytes = Cursor::new(&blob[..]);
        let placed = options.placed(remote.clone());
        return send(call, &options, &placed, Content::of(&mut bytes), &remote, title("a blob"));
    }
    Err(call.wrong("what to upload", "a path, a blob, or `#{ text: … }`", &what))
}

fn upload_file(
    call: &Call<'_>,
    options: &FileOptions,
    local: &Path,
    metadata: &Metadata,
    remote: String,
    title: String,
) -> Result<Dynamic, Error> {
    let unreadable = |error: std::io::Error| unreadable(local, &error);
    let mut file = File::open(local).map_err(unreadable)?;
    let preserves = options.flag(call, "preserve")?.unwrap_or(false);
    let mode = options.mode.or(Some(metadata.permissions().mode() & 0o7777));
    let modified = preserves.then(|| metadata.mtime());
    let placed = Placed { mode, modified, ..options.placed(remote) };
    if metadata.len() <= SHORT as u64 {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(unreadable)?;
        return match String::from_utf8(bytes) {
            Ok(text) if is_plain(&text) => write_text(call, options, placed, &text, title),
            Ok(text) => send_bytes(call, options, &placed, text.as_bytes(), local, title),
            Err(error) => send_bytes(call, options, &placed, error.as_bytes(), local, title),
        };
    }
    let (world, frame) = (call.world(), call.frame());
    let work_out = || world.digests.of(local, metadata, &frame.cancel);
    let is_cheap = metadata.len() <= CHEAP && !world.options.dry_run;
    let digest = if is_cheap { Digest::Known(work_out()?) } else { Digest::Costly(&work_out) };
    let resumes = metadata.len() >= LEAST && options.flag(call, "resume")?.unwrap_or(true);
    let content = Content { length: metadata.len(), digest, source: &mut file, resumes };
    send(call, options, &placed, content, &local.display().to_string(), title)
}

fn send_bytes(
    call: &Call<'_>,
    options: &FileOptions,
    placed: &Placed,
    bytes: &[u8],
    local: &Path,
    title: String,
) -> Result<Dynamic, Error> {
    let mut bytes = Cursor::new(bytes);
    send(call, options, placed, Content::of(&mut bytes), &local.display().to_string(), title)
}

/// `download(remote, local, options)`, or `download(remote)` for a blob.
pub fn download(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = FileOptions::of(call)?;
    let remote = remote_path(call)?;
    let local = if call.left() == 0 { None } else { Some(call.text("the path on this machine")?) };
    let name = remote.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let local = local.map(|local| local_path(&target(&local, name)));
    let (here, around) = (call.here()?, options.around(call)?);
    // A transfer has a channel of its own.
    call.frame().flush()?;
    let desk = desk(call, &here);
    let to = local.as_ref().map(|local| format!(" to {}", local.display())).unwrap_or_default();
    let job = job(call, around, options.wish, Some(format!("download {remote}{to}")))?;
    let Some(local) = local.filter(|_| !desk.dry_run) else {
        let mut memory = Memory::default();
        return match transfer::download(&desk, &job, (&remote, None), &mut memory)? {
            Got::File => Ok(if to.is_empty() { Dynamic::from_blob(memory.0) } else { Dynamic::UNIT }),
            Got::Folder(_) => {
                Err(Error::recipe(format!("`{remote}` is a folder, which cannot be downloaded into memory"))
                    .help("say where it is to go: `download(folder, \"here\")`"))
            }
        };
    };
    let resumes = options.flag(call, "resume")?.unwrap_or(true);
    let mut file = Unfinished::begin(&local, resumes, desk.cancel)?;
    let had = file.had().cloned();
    match transfer::download(&desk, &job, (&remote, had.as_ref()), &mut file) {
        Ok(Got::File) => {
            only_of_folders(call, &options)?;
            file.finish(options.flag(call, "preserve")?.unwrap_or(false))?;
            Ok(Dynamic::UNIT)
        }
        Ok(Got::Folder(list)) => {
            drop(file);
            trees::download(call, &options, &remote, &list, &local)
        }
        Err(error) => Err(if file.leave(error.kind()) { run_again(error) } else { error }),
    }
}

/// Takes a file into memory.
#[derive(Default)]
struct Memory(Vec<u8>);

impl Target for Memory {
    fn begin(&mut self, _seen: &Seen) -> std::io::Result<()> {
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

fn only_of_folders(call: &Call<'_>, options: &FileOptions) -> Result<(), Error> {
    match options.flag(call, "delete")? {
        Some(true) => Err(Error::recipe("`delete` is for folders, and this is a file")),
        _ => Ok(()),
    }
}

fn unreadable(local: &Path, error: &std::io::Error) -> Error {
    let rule = local.is_relative().then(|| "paths on this machine are taken from the project's folder".to_owned());
    Error::io("could not read", local, error).maybe_help(rule)
}
