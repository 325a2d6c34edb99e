//! `upload`, `download`, `write_file`, and questions about files of the host.

use std::fs::{self, File};
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use rhai::{Dynamic, Map};

use crate::error::Error;
use crate::model::command::Command;
use crate::model::event::Level;
use crate::model::file_script;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::commands::{on_host, surrounded};
use crate::recipe::dsl::table::{Function, RangeInclusiveUsize as Args};
use crate::runner::execute::{Ran, Wish};
use crate::transport::api::Input;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "upload",
        usage: "upload(local, remote, #{ mode: \"0640\" })",
        about: "Copy a file of this machine to the host; a relative local path is taken from the project's folder, a \
                relative remote one from `within`.",
        arity: Args(2, 3),
        run: upload,
    },
    Function {
        name: "download",
        usage: "download(remote, local)",
        about: "Copy a file of the host to this machine.",
        arity: Args(2, 2),
        run: download,
    },
    Function {
        name: "write_file",
        usage: "write_file(remote, text, #{ mode: \"0600\" })",
        about: "Write a text into a file of the host. With a secret in it the mode is 0600 unless given.",
        arity: Args(2, 3),
        run: write_file,
    },
    Function {
        name: "read_file",
        usage: "read_file(remote)",
        about: "The text of a file of the host.",
        arity: Args(1, 1),
        run: read_file,
    },
    Function {
        name: "file_exists",
        usage: "file_exists(remote)",
        about: "Whether a file is there, or a link to one. A dry run is told no.",
        arity: Args(1, 1),
        run: |call| exists(call, "-f"),
    },
    Function {
        name: "dir_exists",
        usage: "dir_exists(remote)",
        about: "Whether a folder is there, or a link to one. A dry run is told no.",
        arity: Args(1, 1),
        run: |call| exists(call, "-d"),
    },
    Function {
        name: "link_exists",
        usage: "link_exists(remote)",
        about: "Whether a symbolic link is there, wherever it points. A dry run is told no.",
        arity: Args(1, 1),
        run: |call| exists(call, "-L"),
    },
];

const REMOTE: &str = "the path on the host";
const LOCAL: &str = "the path on this machine";
const LOUD: Wish = Wish { level: Level::Info, must_succeed: true, keep_output: false };
const QUIET: Wish = Wish { level: Level::Debug, must_succeed: true, keep_output: true };

fn upload(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options(&["mode"])?;
    let local = local_path(call)?;
    let remote = call.text(REMOTE)?;
    let unreadable = |error: &std::io::Error| {
        let rule = local.is_relative().then(|| "paths on this machine are taken from the project's folder".to_owned());
        Error::io("could not read", &local, error).maybe_help(rule)
    };
    let mut file = File::open(&local).map_err(|error| unreadable(&error))?;
    let metadata = file.metadata().map_err(|error| unreadable(&error))?;
    if metadata.is_dir() {
        return Err(Error::recipe(format!("`{}` is a folder, and `upload` copies one file", local.display()))
            .help("pack it first: `run_locally(|| execute(\"tar\", \"-czf\", …))`"));
    }
    let mode = mode(&options)?.or(Some(permissions(&metadata)));
    let title = format!("upload {} to {remote}", local.display());
    write(call, &remote, &mut file, metadata.len(), mode, title)?;
    Ok(Dynamic::UNIT)
}

fn write_file(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options(&["mode"])?;
    let remote = call.text(REMOTE)?;
    let text = call.text("what to write")?;
    let vault = call.world().vault.clone();
    let holds_secret = crate::model::secret::Vault::is_sealed(&text);
    let mode = mode(&options)?.or(holds_secret.then_some(0o600));
    let content = vault.reveal(&text)?.into_bytes();
    let size = content.len() as u64;
    let title = format!("write {remote}");
    write(call, &remote, &mut Cursor::new(content), size, mode, title)?;
    Ok(Dynamic::UNIT)
}

fn write(
    call: &Call<'_>,
    remote: &str,
    content: &mut (dyn Read + Send),
    size: u64,
    mode: Option<u32>,
    title: String,
) -> Result<(), Error> {
    if remote.is_empty() || remote.ends_with('/') {
        return Err(
            Error::recipe(format!("`{remote}` is not the path of a file")).help("give the name of the file as well")
        );
    }
    // Unique in this run, and between runs by the time it began.
    let nonce =
        call.world().now.parse::<u64>().unwrap_or_default() ^ (call.world().numbers.load(Ordering::Relaxed) << 48);
    on_host_titled(call, &file_script::write(remote, size, mode, nonce), Input::Bytes(content), LOUD, Some(title))?;
    Ok(())
}

fn download(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let remote = call.text(REMOTE)?;
    let local = local_path(call)?;
    let ran =
        on_host_titled(call, &file_script::read(&remote), Input::None, QUIET, Some(format!("download {remote}")))?;
    if call.world().options.dry_run {
        return Ok(Dynamic::UNIT);
    }
    let unwritable = |error: &std::io::Error| Error::io("could not write", &local, error);
    let folder = local.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder).map_err(|error| unwritable(&error))?;
    // Whole or not at all, here as on the hosts.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| unwritable(&error))?;
    file.write_all(&ran.stdout).map_err(|error| unwritable(&error))?;
    file.persist(&local).map_err(|error| unwritable(&error.error))?;
    Ok(Dynamic::UNIT)
}

fn read_file(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let remote = call.text(REMOTE)?;
    let ran = on_host_titled(call, &file_script::read(&remote), Input::None, QUIET, None)?;
    Ok(String::from_utf8_lossy(&ran.stdout).into_owned().into())
}

fn exists(call: &mut Call<'_>, flag: &str) -> Result<Dynamic, Error> {
    let remote = call.text(REMOTE)?;
    let wish = Wish { must_succeed: false, ..QUIET };
    let ran = on_host_titled(call, &file_script::holds(flag, &remote), Input::None, wish, None)?;
    Ok((ran.exit.status == 0 && !call.world().options.dry_run).into())
}

fn on_host_titled(
    call: &Call<'_>,
    command: &Command,
    input: Input<'_>,
    wish: Wish,
    title: Option<String>,
) -> Result<Ran, Error> {
    on_host(call, &surrounded(call, command.body.clone())?, input, wish, title)
}

fn local_path(call: &mut Call<'_>) -> Result<PathBuf, Error> {
    let text = call.text(LOCAL)?;
    match text.strip_prefix("~/") {
        Some(rest) => Ok(std::env::home_dir().unwrap_or_default().join(rest)),
        None => Ok(PathBuf::from(text)),
    }
}

fn permissions(metadata: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o7777
}

/// Permission bits from `mode: "0640"`.
fn mode(options: &Map) -> Result<Option<u32>, Error> {
    let Some(value) = options.get("mode") else { return Ok(None) };
    let bits = crate::recipe::values::text(value)
        .and_then(|text| u32::from_str_radix(&text, 8).ok())
        .filter(|bits| *bits <= 0o7777);
    bits.map(Some).ok_or_else(|| {
        Error::recipe(format!("`{value}` is not a mode")).help("write it in octal as a string: `mode: \"0640\"`")
    })
}
