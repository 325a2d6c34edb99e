//! `upload`, `download`, `write_file`, and questions about files of the host.

use rhai::{Array, Dynamic};

use crate::error::{Error, Kind};
use crate::model::command::Body;
use crate::model::event::Level;
use crate::model::quote::quote_path;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::call_command::surrounded;
use crate::recipe::dsl::captures::output;
use crate::recipe::dsl::command_options::VERBOSITY;
use crate::recipe::dsl::dispatch::{ask, ask_job, job, order};
use crate::recipe::dsl::file_options::remote_path;
use crate::recipe::dsl::signature::{
    ANY, CHANGED, MODE, NOTHING, OPTIONS, Parameter, TEXT, TEXTS, TRUTH, ValueKind, maybe, one,
};
use crate::recipe::dsl::table::Function;
use crate::recipe::dsl::transfers::{download, upload};
use crate::recipe::dsl::write_file::write_file;
use crate::recipe::values::text;
use crate::runner::execute::{Explain, Job, Wish};
use crate::transport::files::unread;

/// What can be uploaded: a path, or a text as a map; a blob is none of what can be written down.
const CONTENT: &[ValueKind] = &[ValueKind::Text, ValueKind::Map];
/// What a file is to be like.
const PLACED: &[Parameter] = &[maybe("mode", MODE), maybe("owner", TEXT), maybe("group", TEXT), maybe("sudo", TRUTH)];
/// What a copy is to be like.
const KEPT: &[Parameter] = &[maybe("preserve", TRUTH), maybe("delete", TRUTH), maybe("resume", TRUTH)];

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "upload",
        usage: "upload(local, remote, #{ mode: \"0640\", owner: \"app\", sudo: true })",
        about: "Copy a file or a folder of this machine to the host, or a text, `#{ text: \"…\" }`, or a blob; what is the \
                same there is not sent. A remote path that ends with `/` is the folder it goes into. Gives \"changed\" or \
                \"unchanged\". `owner`, `group`; `sudo: true` as root; `preserve: true` keeps times; `delete: true` removes \
                what only the folder of the host has; `resume: false` sends a large file that was cut from its start. `verbosity` is \
                as with commands, here and for the next two.",
        takes: &[one("local", CONTENT), one("remote", TEXT), OPTIONS],
        options: &[PLACED, KEPT, &[VERBOSITY]],
        gives: CHANGED,
        run: upload,
    },
    Function {
        name: "download",
        usage: "download(remote, local, #{ preserve: true, sudo: true })",
        about: "Copy a file or a folder of the host to this machine; of a folder only what differs, and `delete: true` removes \
                what only the folder here has. A local path that ends with `/` is the folder it goes into. Without one it \
                gives a file as a blob. `preserve: true` keeps mode and times; `resume` is as of `upload`.",
        takes: &[one("remote", TEXT), maybe("local", TEXT), OPTIONS],
        options: &[&[maybe("sudo", TRUTH)], KEPT, &[VERBOSITY]],
        gives: &[ValueKind::Nothing, ValueKind::Any],
        run: download,
    },
    Function {
        name: "write_file",
        usage: "write_file(remote, text, #{ mode: \"0600\", owner: \"app\", group: \"app\", sudo: true })",
        about: "Write a text into a file of the host where it differs, in one step; gives \"changed\" or \"unchanged\". What \
                has changed is shown, unless there is a secret in it, only its owner may read it, or `diff: false`. With a \
                secret the mode is 0600 unless given. Up to 64 KiB it goes out like a command.",
        takes: &[one("remote", TEXT), one("text", TEXT), OPTIONS],
        options: &[PLACED, &[maybe("diff", TRUTH), VERBOSITY]],
        gives: CHANGED,
        run: write_file,
    },
    Function {
        name: "read_file",
        usage: "read_file(remote, #{ missing: () })",
        about: "The text of a file of the host; `missing` is given where there is none, which is an error otherwise.",
        takes: &[one("remote", TEXT), OPTIONS],
        options: &[&[maybe("missing", ANY)]],
        gives: ANY,
        run: read_file,
    },
    Function {
        name: "require_files",
        usage: "require_files(paths, #{ help: \"what to do\" })",
        about: "Fail unless each of these is a file of the host, or a link to one; the error names all that are not.",
        takes: &[one("paths", TEXTS), OPTIONS],
        options: &[&[maybe("help", TEXT)]],
        gives: NOTHING,
        run: require_files,
    },
    Function {
        name: "file_exists",
        usage: "file_exists(remote)",
        about: "Whether a file is there, or a link to one. A dry run is told no.",
        takes: &[one("remote", TEXT)],
        options: &[],
        gives: TRUTH,
        run: |call| exists(call, "-f"),
    },
    Function {
        name: "dir_exists",
        usage: "dir_exists(remote)",
        about: "Whether a folder is there, or a link to one. A dry run is told no.",
        takes: &[one("remote", TEXT)],
        options: &[],
        gives: TRUTH,
        run: |call| exists(call, "-d"),
    },
    Function {
        name: "link_exists",
        usage: "link_exists(remote)",
        about: "Whether a symbolic link is there, wherever it points. A dry run is told no.",
        takes: &[one("remote", TEXT)],
        options: &[],
        gives: TRUTH,
        run: |call| exists(call, "-L"),
    },
];

const QUIET: Wish = Wish { level: Level::Debug, must_succeed: true, keep_output: true };

fn read_file(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let remote = remote_path(call)?;
    let path = quote_path(&remote);
    let Some(missing) = options.get("missing").cloned() else {
        let command = surrounded(call, Body::Own(format!("exec cat < {path}")))?;
        let host = call.here()?.transport.label();
        let explain = Explain::new(move |ran| Some(unread(&remote, ran.exit.status, &ran.stderr, &host)));
        let job = Job { explain: Some(explain), ..job(call, command, QUIET, None)? };
        return ask_job(call, job, |ran| Ok(output(&ran.stdout).into()));
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
