//! `upload` and `download`: files and folders of this machine, and what is in memory.

use std::fs::{self, File, Metadata, Permissions};
use std::io::{Cursor, ErrorKind, Read, empty};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rhai::{Dynamic, Map};
use tempfile::NamedTempFile;

use crate::error::Error;
use crate::model::file_look::Seen;
use crate::model::file_script::{Placed, target};
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::dispatch::{desk, job};
use crate::recipe::dsl::file_options::{FileOptions, local_path, remote_path};
use crate::recipe::dsl::sending::{Content, Digest, send};
use crate::recipe::dsl::trees;
use crate::recipe::dsl::write_file::{SHORT, is_plain, write_text};
use crate::recipe::values::text;
use crate::runner::digests::digest;
use crate::runner::transfer::{self, Got};
use crate::runner::unpacking::set_modified;

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
                let nothing = Content { length: 0, digest: Digest::Known(String::new()), source: &mut empty() };
                return send(
                    call,
                    &options,
                    &options.placed(there),
                    nothing,
                    &path,
                    title(&local.display().to_string()),
                );
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
        let digest = Digest::Known(digest(&blob));
        let content = Content { length: blob.len() as u64, digest, source: &mut Cursor::new(blob) };
        return send(call, &options, &options.placed(remote.clone()), content, &remote, title("a blob"));
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
    let content = Content { length: metadata.len(), digest, source: &mut file };
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
    let digest = Digest::Known(digest(bytes));
    let content = Content { length: bytes.len() as u64, digest, source: &mut Cursor::new(bytes) };
    send(call, options, placed, content, &local.display().to_string(), title)
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
        let mut bytes = Vec::new();
        return match transfer::download(&desk, &job, &remote, &mut bytes, &remote)? {
            Got::File(_) => Ok(if to.is_empty() { Dynamic::from_blob(bytes) } else { Dynamic::UNIT }),
            Got::Folder(_) => {
                Err(Error::recipe(format!("`{remote}` is a folder, which cannot be downloaded into memory"))
                    .help("say where it is to go: `download(folder, \"here\")`"))
            }
        };
    };
    let mut file = beside(&local)?;
    match transfer::download(&desk, &job, &remote, &mut file, &remote)? {
        Got::File(seen) => {
            only_of_folders(call, &options)?;
            let preserves = options.flag(call, "preserve")?.unwrap_or(false);
            keep(file, &local, preserves.then_some(seen))?;
            Ok(Dynamic::UNIT)
        }
        Got::Folder(list) => {
            drop(file);
            trees::download(call, &options, &remote, &list, &local)
        }
    }
}

/// A file beside the one that is to be: whole or not at all, here as on the hosts.
fn beside(local: &Path) -> Result<NamedTempFile, Error> {
    let unwritable = |error: &std::io::Error| Error::io("could not write", local, error);
    let folder = local.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
    fs::create_dir_all(&folder).map_err(|error| unwritable(&error))?;
    NamedTempFile::new_in(folder).map_err(|error| unwritable(&error))
}

/// Gives a file its name, and its mode and time where these are to be those of the host.
fn keep(file: NamedTempFile, local: &Path, seen: Option<Seen>) -> Result<(), Error> {
    let unwritable = |error: &std::io::Error| Error::io("could not write", local, error);
    if let Some(Seen::File { mode, modified, .. }) = seen {
        set_modified(file.path(), modified).map_err(|error| unwritable(&error))?;
        let mode = Permissions::from_mode(mode & 0o777);
        fs::set_permissions(file.path(), mode).map_err(|error| unwritable(&error))?;
    }
    if local.is_dir() {
        return Err(Error::recipe(format!("`{}` is a folder of this machine", local.display()))
            .help("give the name of the file too, or end it with `/` for a copy under its own name"));
    }
    file.persist(local).map_err(|error| unwritable(&error.error))?;
    Ok(())
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
