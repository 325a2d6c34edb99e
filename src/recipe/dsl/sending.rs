//! Bytes to a file of the host, unless the very same are there; behind a part of them, where there is one.

use std::io::{Cursor, Read, Seek, empty};
use std::path::Path;

use rhai::Dynamic;

use crate::error::{Error, Kind};
use crate::model::command::Command;
use crate::model::file_part::{Part, Resume};
use crate::model::file_script::{AS_LONG, CHANGED, Placed, UNCHANGED};
use crate::model::size::size;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::dispatch::{desk, job};
use crate::recipe::dsl::file_options::{ASKING, FileOptions};
use crate::recipe::dsl::managers::{changed, teller};
use crate::runner::digests::{digest, digest_read};
use crate::runner::execute::{Desk, Job, Wish, execute};
use crate::runner::transfer;
use crate::transport::api::Input;
use crate::transport::cancel::Cancel;
use crate::transport::files::{Upload, question, question_of_length};

/// What is sent.
pub struct Content<'a> {
    /// How many bytes there are.
    pub length: u64,
    /// Their SHA-256.
    pub digest: Digest<'a>,
    /// The bytes.
    pub source: &'a mut dyn Source,
    /// Whether a part of them stays on the host where the transfer is cut, for the next one.
    pub resumes: bool,
}

impl<'a> Content<'a> {
    /// What is in memory.
    pub fn of(bytes: &'a mut Cursor<&[u8]>) -> Self {
        let digest = Digest::Known(digest(bytes.get_ref()));
        Self { length: bytes.get_ref().len() as u64, digest, source: bytes, resumes: false }
    }
}

/// Bytes that can be read again.
pub trait Source: Read + Seek + Send {}

impl<T: Read + Seek + Send> Source for T {}

/// The checksum of what is sent.
pub enum Digest<'a> {
    /// It is known.
    Known(String),
    /// It takes a while to work out: the host is asked first whether its file is as long.
    Costly(&'a dyn Fn() -> Result<String, Error>),
}

/// Asks the host whether it has this file, and sends it where it has not; after what was kept back. `name` is what it is
/// called in progress. A dry run shows that it would be sent.
///
/// # Errors
/// What cannot be written there or read here.
pub fn send(
    call: &Call<'_>,
    options: &FileOptions,
    placed: &Placed,
    content: Content<'_>,
    name: &str,
    title: String,
) -> Result<Dynamic, Error> {
    let (here, around) = (call.here()?, options.around(call)?);
    // A transfer has a channel of its own.
    call.frame().flush()?;
    let desk = desk(call, &here);
    let mut part = None;
    if !desk.dry_run {
        let digest = match content.digest {
            Digest::Known(digest) => Some(digest),
            Digest::Costly(work_out) => {
                let of_length = question_of_length(&around, placed, content.length, content.resumes);
                let said = answer(call, &desk, placed, of_length)?;
                part = Part::read(&said);
                if said.lines().next() == Some(AS_LONG) { Some(work_out()?) } else { None }
            }
        };
        let answer = match digest {
            Some(digest) => answer(call, &desk, placed, question(&around, placed, content.length, &digest))?,
            None => String::new(),
        };
        if [CHANGED, UNCHANGED].contains(&answer.as_str()) {
            let is_changed = answer == CHANGED;
            let more = if is_changed { "; its mode, owner or time has changed" } else { "" };
            teller(call)?(options.wish.level, format!("{} is there already, nothing was sent{more}", placed.path));
            return Ok(changed(is_changed));
        }
    }
    let mut nothing = empty();
    let source: &mut dyn Source = if desk.dry_run { &mut nothing } else { content.source };
    let mut resume = match part.filter(|part| part.bytes < content.length) {
        _ if !content.resumes => Resume::No,
        None => Resume::Anew,
        Some(part) => behind(source, part, Path::new(name), desk.cancel)?,
    };
    if let Resume::Behind(part) = &resume {
        let text = format!("{}: {} have arrived before, only the rest is sent", placed.path, size(part.bytes));
        teller(call)?(options.wish.level, text);
    }
    let job = job(call, around, options.wish, Some(title))?;
    loop {
        let file = Upload { source, length: content.length, placed, resume: &resume };
        let sent = transfer::upload(&desk, &job, file, name);
        if let Some(written) = sent.map_err(|error| if content.resumes { run_again(error) } else { error })? {
            return Ok(changed(written.is_changed));
        }
        // Somebody else sends the same file to the same place, and was faster.
        rewind(source, Path::new(name))?;
        resume = Resume::Anew;
    }
}

fn rewind(source: &mut dyn Source, path: &Path) -> Result<(), Error> {
    source.rewind().map_err(|error| Error::io("could not read", path, &error))
}

/// Goes on behind a part, where it is how the source begins.
fn behind(source: &mut dyn Source, part: Part, path: &Path, cancel: &Cancel) -> Result<Resume, Error> {
    if digest_read(&mut source.take(part.bytes), path, cancel)? == part.digest {
        return Ok(Resume::Behind(part));
    }
    rewind(source, path)?;
    Ok(Resume::Anew)
}

/// An error that has cut a transfer.
#[must_use]
pub fn run_again(error: Error) -> Error {
    match error.kind() {
        Kind::Lost | Kind::Timeout => error.help("what has arrived stays; run it again, and only the rest is sent"),
        _ => error,
    }
}

/// What the host says to a question about a file; nothing where it cannot say, for whatever is wrong there is told by who
/// writes.
fn answer(call: &Call<'_>, desk: &Desk<'_>, placed: &Placed, question: Command) -> Result<String, Error> {
    let wish = Wish { must_succeed: false, ..ASKING };
    let asked = job(call, question, wish, Some(format!("look whether {} is there already", placed.path)))?;
    let ran = execute(desk, &Job { answers: true, ..asked }, Input::None)?;
    let said = String::from_utf8_lossy(&ran.stdout).trim().to_owned();
    Ok(if ran.exit.status == 0 { said } else { String::new() })
}
