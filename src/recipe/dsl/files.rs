//! `upload`, `download`, `write_file`, and questions about files of the host.

use std::fs::{self, File};
use std::io::Cursor;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rhai::{Array, Dynamic, Map};
use tempfile::NamedTempFile;

use crate::error::{Error, Kind};
use crate::model::command::Body;
use crate::model::event::Level;
use crate::model::quote::quote_path;
use crate::model::secret::Vault;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::call_command::surrounded;
use crate::recipe::dsl::captures::output;
use crate::recipe::dsl::command_options::{VERBOSITY, level};
use crate::recipe::dsl::dispatch::{ask, desk, job, order};
use crate::recipe::dsl::signature::{ANY, MODE, OPTIONS, TEXT, TEXTS, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::values::text;
use crate::runner::execute::{Explain, Job, Wish};
use crate::runner::transfer;
use crate::transport::files::{Upload, text_command, unwritten};

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "upload",
        usage: "upload(local, remote, #{ mode: \"0640\" })",
        about: "Copy a file of this machine to the host; a relative local path is taken from the project's folder, a \
                relative remote one from `within`. `verbosity` is as with commands, here and for the next two.",
        takes: &[one("local", TEXT), one("remote", TEXT), OPTIONS],
        options: &[&[maybe("mode", MODE), VERBOSITY]],
        run: upload,
    },
    Function {
        name: "download",
        usage: "download(remote, local, #{ verbosity: \"debug\" })",
        about: "Copy a file of the host to this machine.",
        takes: &[one("remote", TEXT), one("local", TEXT), OPTIONS],
        options: &[&[VERBOSITY]],
        run: download,
    },
    Function {
        name: "write_file",
        usage: "write_file(remote, text, #{ mode: \"0600\" })",
        about: "Write a text into a file of the host. With a secret in it the mode is 0600 unless given. Up to 64 KiB it \
                goes out like a command.",
        takes: &[one("remote", TEXT), one("text", TEXT), OPTIONS],
        options: &[&[maybe("mode", MODE), VERBOSITY]],
        run: write_file,
    },
    Function {
        name: "read_file",
        usage: "read_file(remote, #{ missing: () })",
        about: "The text of a file of the host; `missing` is given where there is none, which is an error otherwise.",
        takes: &[one("remote", TEXT), OPTIONS],
        options: &[&[maybe("missing", ANY)]],
        run: read_file,
    },
    Function {
        name: "require_files",
        usage: "require_files(paths, #{ help: \"what to do\" })",
        about: "Fail unless each of these is a file of the host, or a link to one; the error names all that are not.",
        takes: &[one("paths", TEXTS), OPTIONS],
        options: &[&[maybe("help", TEXT)]],
        run: require_files,
    },
    Function {
        name: "file_exists",
        usage: "file_exists(remote)",
        about: "Whether a file is there, or a link to one. A dry run is told no.",
        takes: &[one("remote", TEXT)],
        options: &[],
        run: |call| exists(call, "-f"),
    },
    Function {
        name: "dir_exists",
        usage: "dir_exists(remote)",
        about: "Whether a folder is there, or a link to one. A dry run is told no.",
        takes: &[one("remote", TEXT)],
        options: &[],
        run: |call| exists(call, "-d"),
    },
    Function {
        name: "link_exists",
        usage: "link_exists(remote)",
        about: "Whether a symbolic link is there, wherever it points. A dry run is told no.",
        takes: &[one("remote", TEXT)],
        options: &[],
        run: |call| exists(call, "-L"),
    },
];

/// Longest text that goes out like a command, in bytes.
const SHORT: usize = 64 * 1024;
const LOUD: Wish = Wish { level: Level::Info, must_succeed: true, keep_output: false };
const QUIET: Wish = Wish { level: Level::Debug, must_succeed: true, keep_output: true };

fn upload(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let wish = wish(&options)?;
    let local = local_path(call)?;
    let remote = remote_path(call)?;
    let unreadable = |error: &std::io::Error| {
        let rule = local.is_relative().then(|| "paths on this machine are taken from the project's folder".to_owned());
        Error::io("could not read", &local, error).maybe_help(rule)
    };
    let mut source = File::open(&local).map_err(|error| unreadable(&error))?;
    let metadata = source.metadata().map_err(|error| unreadable(&error))?;
    if metadata.is_dir() {
        return Err(Error::recipe(format!("`{}` is a folder, and `upload` copies one file", local.display()))
            .help("pack it first: `run_locally(|| execute(\"tar\", \"-czf\", …))`"));
    }
    let name = local.display().to_string();
    let mode = mode(&options)?.or(Some(metadata.permissions().mode() & 0o7777));
    let file = Upload { source: &mut source, length: metadata.len(), path: &remote, mode };
    write(call, file, &name, format!("upload {name} to {remote}"), wish)
}

fn write_file(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let wish = wish(&options)?;
    let remote = remote_path(call)?;
    let text = call.text("what to write")?;
    let content = call.world().vault.reveal(&text)?;
    let mode = mode(&options)?.or(Vault::is_sealed(&text).then_some(0o600));
    let title = format!("write {remote}");
    if content.len() > SHORT || content.contains('\0') {
        let length = content.len() as u64;
        let file = Upload { source: &mut Cursor::new(content), length, path: &remote, mode };
        return write(call, file, &remote, title, wish);
    }
    let around = surrounded(call, Body::Line(":".to_owned()))?;
    let command = text_command(&around, &call.world().vault, &remote, &text, mode, title)?;
    let host = call.here()?.transport.label();
    let explain = Explain::new(move |ran| Some(unwritten(&remote, ran.exit.status, &ran.stderr, &host)));
    order(call, Job { explain: Some(explain), ..job(call, command, wish, None)? })
}

/// How loud a call wants a transfer to be.
fn wish(options: &Map) -> Result<Wish, Error> {
    Ok(Wish { level: level(options)?.unwrap_or(LOUD.level), ..LOUD })
}

fn write(call: &Call<'_>, file: Upload<'_>, name: &str, title: String, wish: Wish) -> Result<Dynamic, Error> {
    let (here, around) = (call.here()?, surrounded(call, Body::Line(":".to_owned()))?);
    // A transfer has a channel of its own.
    call.frame().flush()?;
    transfer::upload(&desk(call, &here), &job(call, around, wish, Some(title))?, file, name)?;
    Ok(Dynamic::UNIT)
}

fn download(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let wish = wish(&call.options()?)?;
    let remote = remote_path(call)?;
    let local = local_path(call)?;
    let (here, around) = (call.here()?, surrounded(call, Body::Line(":".to_owned()))?);
    // A transfer has a channel of its own.
    call.frame().flush()?;
    let desk = desk(call, &here);
    let job = job(call, around, wish, Some(format!("download {remote} to {}", local.display())))?;
    if desk.dry_run {
        transfer::download(&desk, &job, &remote, &mut Vec::new())?;
        return Ok(Dynamic::UNIT);
    }
    let unwritable = |error: &std::io::Error| Error::io("could not write", &local, error);
    let folder = local.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder).map_err(|error| unwritable(&error))?;
    // Whole or not at all, here as on the hosts.
    let mut file = NamedTempFile::new_in(folder).map_err(|error| unwritable(&error))?;
    transfer::download(&desk, &job, &remote, &mut file)?;
    file.persist(&local).map_err(|error| unwritable(&error.error))?;
    Ok(Dynamic::UNIT)
}

fn read_file(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let remote = remote_path(call)?;
    let path = quote_path(&remote);
    let Some(missing) = options.get("missing").cloned() else {
        let command = surrounded(call, Body::Own(format!("exec cat < {path}")))?;
        return ask(call, command, QUIET, None, |ran| Ok(output(&ran.stdout).into()));
    };
    // A line end before it tells an empty file from none.
    let line = format!("if [ -e {path} ] || [ -L {path} ]; then echo; exec cat < {path}; fi");
    ask(call, surrounded(call, Body::Own(line))?, QUIET, Some(format!("cat < {path}")), move |ran| {
        Ok(ran.stdout.strip_prefix(b"\n").map_or(missing, |text| output(text).into()))
    })
}

/// One command for all of them, which names every one that is not there.
fn require_files(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let paths = call.any();
    let list = paths.clone().try_cast::<Array>().unwrap_or_else(|| vec![paths.clone()]);
    let texts = list.iter().map(|path| text(path).ok_or_else(|| call.wrong("the paths", "strings in a list", path)));
    let paths: Vec<String> = texts.collect::<Result<_, _>>()?;
    if paths.is_empty() {
        return Ok(Dynamic::UNIT);
    }
    let quoted: Vec<_> = paths.iter().map(|path| quote_path(path)).collect();
    let line = format!(
        "status=0\n\
         for file in {}; do\n\
         if [ -d \"$file\" ]; then printf '%s is a folder\\n' \"$file\"; status=1\n\
         elif [ ! -f \"$file\" ]; then printf '%s is missing\\n' \"$file\"; status=1; fi\n\
         done >&2\n\
         exit $status",
        quoted.join(" ")
    );
    let help = options.get("help").and_then(text);
    let explain = Explain::new(move |ran| {
        // Which ones stands in its output, which is shown with the error.
        (ran.exit.status == 1).then(|| Error::new(Kind::Command, "files are not in place").maybe_help(help.clone()))
    });
    let title = format!("look for {}", paths.join(", "));
    let job = job(call, surrounded(call, Body::Own(line))?, QUIET, Some(title))?;
    order(call, Job { explain: Some(explain), ..job })
}

fn exists(call: &mut Call<'_>, flag: &str) -> Result<Dynamic, Error> {
    let remote = remote_path(call)?;
    let command = surrounded(call, Body::Own(format!("[ {flag} {} ]", quote_path(&remote))))?;
    let is_real = !call.world().options.dry_run;
    let wish = Wish { must_succeed: false, ..QUIET };
    ask(call, command, wish, None, move |ran| Ok((ran.exit.status == 0 && is_real).into()))
}

fn remote_path(call: &mut Call<'_>) -> Result<String, Error> {
    let path = call.text("the path on the host")?;
    if path.is_empty() || path.contains('\0') {
        return Err(Error::recipe(format!("{path:?} is no path")).help("give the path of a file on the host"));
    }
    Ok(path)
}

fn local_path(call: &mut Call<'_>) -> Result<PathBuf, Error> {
    let text = call.text("the path on this machine")?;
    match text.strip_prefix("~/") {
        Some(rest) => Ok(std::env::home_dir().unwrap_or_default().join(rest)),
        None => Ok(PathBuf::from(text)),
    }
}

/// Permission bits from `mode: "0640"`.
fn mode(options: &Map) -> Result<Option<u32>, Error> {
    let Some(value) = options.get("mode") else { return Ok(None) };
    let bits = text(value).and_then(|text| u32::from_str_radix(&text, 8).ok()).filter(|bits| *bits <= 0o7777);
    bits.map(Some).ok_or_else(|| {
        Error::recipe(format!("`{value}` is not a mode")).help("write it in octal as a string: `mode: \"0640\"`")
    })
}
