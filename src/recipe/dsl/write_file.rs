//! `write_file`, and `upload` of a text: a short one goes out like a command.

use std::fs;
use std::io::Cursor;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rhai::Dynamic;

use crate::error::Error;
use crate::model::command::Command;
use crate::model::diff::{shortened, unified};
use crate::model::file_script::{Placed, Shows, Written};
use crate::model::secret::Vault;
use crate::model::server::Reach;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::dispatch::{ask_job, job};
use crate::recipe::dsl::file_options::{FileOptions, remote_path};
use crate::recipe::dsl::managers::{changed, teller};
use crate::recipe::dsl::sending::{Content, send};
use crate::runner::execute::{Explain, Job};
use crate::transport::files::{text_command, unwritten};

/// Longest text that goes out like a command, in bytes.
pub const SHORT: usize = 64 * 1024;
/// The bits of a mode that are about everybody but the owner.
const OTHERS: u32 = 0o077;
/// Most lines of a change that are shown.
const LINES: usize = 100;

/// `write_file(remote, text, options)`.
pub fn write_file(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = FileOptions::of(call)?;
    let shows = match options.flag(call, "diff")? {
        None => Shows::Public,
        Some(true) => Shows::Always,
        Some(false) => Shows::Never,
    };
    let remote = remote_path(call)?;
    let text = call.text("what to write")?;
    let title = format!("write {remote}");
    write_text(call, &options, Placed { shows, ..options.placed(remote) }, &text, title)
}

/// Writes a text into a file of the host; with a secret in it the file is its owner's alone unless a mode was given.
///
/// # Errors
/// What cannot be written.
pub fn write_text(
    call: &Call<'_>,
    options: &FileOptions,
    placed: Placed,
    text: &str,
    title: String,
) -> Result<Dynamic, Error> {
    let is_secret = Vault::is_sealed(text);
    let shows = if is_secret { Shows::Never } else { placed.shows };
    let mode = placed.mode.or(is_secret.then_some(0o600));
    let placed = Placed { mode, shows, ..placed };
    let content = call.world().vault.reveal(text)?;
    if content.len() > SHORT || content.contains('\0') {
        let mut bytes = Cursor::new(content.as_bytes());
        return send(call, options, &placed, Content::of(&mut bytes), &placed.path, title);
    }
    let around = options.around(call)?;
    let is_there = call.world().options.dry_run && foretell(call, options, &placed, &around, &content, is_secret)?;
    let command = text_command(&around, &call.world().vault, &placed, text, title.clone())?;
    let (host, tell, level) = (call.here()?.transport.label(), teller(call)?, options.wish.level);
    let path = placed.path.clone();
    let explain = Explain::new(move |ran| Some(unwritten(&path, ran.exit.status, &ran.stderr, &host)));
    let job = Job { explain: Some(explain), answers: true, ..job(call, command, options.wish, Some(title))? };
    ask_job(call, job, move |ran| {
        let written = Written::read(&ran.stdout);
        if !written.diff.is_empty() {
            let what = if written.diff.starts_with("@@ -0,0 ") { "was written" } else { "has changed" };
            tell(level, format!("{} {what}:\n{}", placed.path, shortened(&written.diff, LINES)));
        } else if written.is_unseen {
            let why = "only its owner may read it, so what has changed is not shown; `diff: true` shows it";
            tell(level, format!("{} has changed; {why}", placed.path));
        }
        Ok(changed(written.is_changed && !is_there))
    })
}

/// Says what a real run would write, and what that would change where the host is this machine. Gives whether it would
/// change nothing.
fn foretell(
    call: &Call<'_>,
    options: &FileOptions,
    placed: &Placed,
    around: &Command,
    content: &str,
    is_secret: bool,
) -> Result<bool, Error> {
    let (tell, path) = (teller(call)?, &placed.path);
    let old = old(call, placed, around)?;
    if matches!(&old, Old::Text(old) if old == content) && placed.owner.is_none() && placed.group.is_none() {
        tell(options.wish.level, format!("{path} has this text already"));
        return Ok(true);
    }
    let is_private = old == Old::Private || placed.mode.is_some_and(|mode| mode & OTHERS == 0);
    if is_secret {
        tell(options.wish.level, format!("{path} would be written; it holds a secret, so it is not shown"));
    } else if placed.shows == Shows::Always || (placed.shows == Shows::Public && !is_private) {
        let (old, what) = match &old {
            Old::Text(old) => (old.as_str(), "would change"),
            Old::Private | Old::Unknown => ("", "would be written"),
        };
        tell(options.wish.level, format!("{path} {what}:\n{}", shortened(&unified(old, content), LINES)));
    }
    Ok(false)
}

/// What is in a file before it is written.
#[derive(PartialEq, Eq)]
enum Old {
    /// This.
    Text(String),
    /// Something that only its owner may read.
    Private,
    /// Nothing, or nobody can say.
    Unknown,
}

/// What is in the file now, where anybody may know that in a dry run: on this machine, and as nobody else.
fn old(call: &Call<'_>, placed: &Placed, around: &Command) -> Result<Old, Error> {
    let folder = around.dir.as_deref().map_or_else(|| Path::new(""), Path::new);
    let path = folder.join(&placed.path);
    let is_known = call.here()?.server.reach == Reach::Local && around.user.is_none() && path.is_absolute();
    let metadata = fs::metadata(&path).ok().filter(|metadata| is_known && metadata.is_file());
    let Some(metadata) = metadata else { return Ok(Old::Unknown) };
    if metadata.permissions().mode() & OTHERS == 0 && placed.shows != Shows::Always {
        return Ok(Old::Private);
    }
    Ok(fs::read_to_string(&path).map_or(Old::Unknown, Old::Text))
}

/// Whether a text of a file of this machine can go out like a command.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    text.len() <= SHORT && !text.contains('\0') && !Vault::is_sealed(text)
}
