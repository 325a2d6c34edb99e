//! Files to and from a host, over the same channel as commands.
//!
//! No scp and no sftp: `cat` obeys the user, directory and umask that surround it, which those cannot. A file appears
//! under its name only when all of it is there; until then it stands beside it under another, which the host removes
//! by itself when anything goes wrong, a broken connection included.

use std::io::Read;

use crate::error::{Error, Kind};
use crate::model::command::{Body, Command};
use crate::model::event::Stream;
use crate::model::file_look::{Had, Seen, look};
use crate::model::file_part::{GONE, Resume};
use crate::model::file_script::{Placed, Written};
use crate::model::secret::Vault;
use crate::transport::api::{Input, Request, Transport};
use crate::transport::cancel::Cancel;
use crate::transport::channel::nonce;
use crate::transport::file_failure::failure;

/// Most of a host's words that are kept, in bytes.
const WORDS_KEPT: usize = 4096;

/// Most of what a host answers to a file that is kept, in bytes: what has changed may be as long as two short texts.
const ANSWER_KEPT: usize = 256 * 1024;

/// A file to be written on a host.
pub struct Upload<'a> {
    /// Where its bytes come from.
    pub source: &'a mut (dyn Read + Send),
    /// How many bytes there are.
    pub length: u64,
    /// Where it goes, and what it is to be like.
    pub placed: &'a Placed,
    /// What is done about parts of it. Behind one the source begins where that ends.
    pub resume: &'a Resume,
}

/// What came of a script that dealt with files.
#[derive(Debug, Default)]
pub struct Said {
    /// Its status.
    pub status: i32,
    /// The beginning of what it said on its standard output, where nobody else took that.
    pub answer: Vec<u8>,
    /// The beginning of what it said on its standard error.
    pub words: Vec<u8>,
}

/// Runs a script that deals with files. Directory, umask and user of `around` count, its body does not; a variable that
/// holds a secret is left out, because none of the programs involved needs it. What cannot be taken ends it.
///
/// # Errors
/// A host that cannot be reached, what cannot be read or taken here, a cancel.
pub fn exchange(
    transport: &dyn Transport,
    around: &Command,
    vault: &Vault,
    line: String,
    mut input: Input<'_>,
    take: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    cancel: &Cancel,
) -> Result<Said, Error> {
    let command = within(around, Body::Line(line));
    let (mut said, mut untaken) = (Said::default(), None);
    let stop = cancel.child();
    let mut give = |stream, bytes: &[u8]| match stream {
        Stream::Stdout if untaken.is_none() => {
            if let Err(cause) = take(bytes) {
                untaken = Some(cause);
                stop.raise();
            }
        }
        Stream::Stderr if said.words.len() < WORDS_KEPT => said.words.extend_from_slice(bytes),
        _ => {}
    };
    let exit = transport.run(Request { command: &command, input: input.reborrow(), vault }, &mut give, &stop);
    if let Some(cause) = untaken {
        let message = format!("could not write here what was read there: {cause}");
        return Err(Error::new(Kind::Io, message).on(transport.label()));
    }
    said.status = exit?.status;
    Ok(said)
}

/// Runs a script that reads bytes, as [`exchange`]; `progress` is given how many so far.
///
/// # Errors
/// As [`exchange`].
pub fn send(
    transport: &dyn Transport,
    around: &Command,
    vault: &Vault,
    line: String,
    source: &mut (dyn Read + Send),
    progress: &mut (dyn FnMut(u64) + Send),
    cancel: &Cancel,
) -> Result<Said, Error> {
    let mut source = Counted { source, bytes: 0, progress };
    let mut answer = Vec::new();
    let mut keep = |bytes: &[u8]| {
        if answer.len() < ANSWER_KEPT {
            answer.extend_from_slice(bytes);
        }
        Ok(())
    };
    let said = exchange(transport, around, vault, line, Input::Bytes(&mut source), &mut keep, cancel)?;
    Ok(Said { answer, ..said })
}

/// Writes a file on a host, and gives what the host has said of it; nothing where it was to go on behind a part, and that
/// has gone meanwhile. `progress` is given the bytes so far.
///
/// # Errors
/// A host that cannot be reached, a file that cannot be written there or read here, a cancel.
#[expect(clippy::needless_pass_by_value, reason = "the source inside is used up")]
pub fn upload(
    transport: &dyn Transport,
    around: &Command,
    vault: &Vault,
    file: Upload<'_>,
    progress: &mut (dyn FnMut(u64) + Send),
    cancel: &Cancel,
) -> Result<Option<Written>, Error> {
    let line = file.placed.receive(file.length, nonce(), file.resume);
    let said = send(transport, around, vault, line, file.source, progress, cancel)?;
    match said.status {
        0 => Ok(Some(Written::read(&said.answer))),
        _ if said.answer.starts_with(GONE.as_bytes()) => Ok(None),
        status => Err(unwritten(&file.placed.path, status, &said.words, &transport.label())),
    }
}

/// The command that writes a short text into a file of the host: as [`upload`], but without a channel of its own, so
/// that it can go out with others. `text` may hold secrets.
///
/// # Errors
/// A secret that was cut apart.
pub fn text_command(
    around: &Command,
    vault: &Vault,
    placed: &Placed,
    text: &str,
    title: String,
) -> Result<Command, Error> {
    let line = placed.receive(vault.reveal(text)?.len() as u64, nonce(), &Resume::No);
    Ok(within(around, Body::Fed { line, text: text.to_owned(), title }))
}

/// The command that asks whether the very same file is there: see [`Placed::ask`].
#[must_use]
pub fn question(around: &Command, placed: &Placed, length: u64, digest: &str) -> Command {
    own(around, placed.ask(length, digest))
}

/// The command that asks whether there is a file of this many bytes, or a part of one: see [`Placed::ask_length`].
#[must_use]
pub fn question_of_length(around: &Command, placed: &Placed, length: u64, parts: bool) -> Command {
    own(around, placed.ask_length(length, parts))
}

/// A command of windlass's own in the surroundings of another, without variables that hold secrets.
#[must_use]
pub fn own(around: &Command, line: String) -> Command {
    within(around, Body::Own(line))
}

/// A number nobody can guess, for the name of something unfinished.
#[must_use]
pub fn unique() -> u64 {
    nonce()
}

/// What it means that a file could not be written.
#[must_use]
pub fn unwritten(path: &str, status: i32, words: &[u8], host: &str) -> Error {
    failure("write", path, status, words, host)
}

/// What it means that a file could not be read.
#[must_use]
pub fn unread(path: &str, status: i32, words: &[u8], host: &str) -> Error {
    failure("read", path, status, words, host)
}

/// Takes what is read of a host, the first line apart.
pub trait Target {
    /// What it is, before the first byte of it.
    ///
    /// # Errors
    /// What cannot be taken.
    fn begin(&mut self, seen: &Seen) -> std::io::Result<()>;

    /// More of it.
    ///
    /// # Errors
    /// What cannot be taken.
    fn take(&mut self, bytes: &[u8]) -> std::io::Result<()>;
}

/// Reads a file of a host into `target`, or lists a folder into it; gives how many bytes came. Those of a file that begins
/// with what is here already are the rest of it.
///
/// # Errors
/// A host that cannot be reached, a file that cannot be read there or written here, a cancel.
pub fn download(
    transport: &dyn Transport,
    around: &Command,
    vault: &Vault,
    (path, had): (&str, Option<&Had>),
    target: &mut dyn Target,
    cancel: &Cancel,
) -> Result<u64, Error> {
    let (mut head, mut is_begun, mut length) = (Vec::new(), false, 0);
    let mut take = |bytes: &[u8]| {
        if is_begun {
            length += bytes.len() as u64;
            return target.take(bytes);
        }
        head.extend_from_slice(bytes);
        let Some(end) = head.iter().position(|byte| *byte == b'\n') else { return Ok(()) };
        is_begun = true;
        target.begin(&Seen::read(&head[..end]))?;
        let rest = head.split_off(end + 1);
        length += rest.len() as u64;
        if rest.is_empty() { Ok(()) } else { target.take(&rest) }
    };
    let said = exchange(transport, around, vault, look(path, had), Input::None, &mut take, cancel)?;
    match said.status {
        0 => Ok(length),
        status => Err(unread(path, status, &said.words, &transport.label())),
    }
}

/// A command in the surroundings of another, without variables that hold secrets.
fn within(around: &Command, body: Body) -> Command {
    let env = around.env.iter().filter(|(_, value)| !Vault::is_sealed(value.as_str())).cloned().collect();
    Command { body, env, ..around.clone() }
}

/// A source that tells how much was read of it.
struct Counted<'a> {
    source: &'a mut (dyn Read + Send),
    bytes: u64,
    progress: &'a mut (dyn FnMut(u64) + Send),
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.source.read(buffer)?;
        if count > 0 {
            self.bytes += count as u64;
            (self.progress)(self.bytes);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::command::Word;

    #[test]
    fn surroundings_count_but_for_secrets() {
        let vault = Vault::default();
        let env = vec![("A".to_owned(), Word::Text("1".into())), ("B".to_owned(), Word::Text(vault.seal("x")))];
        let around = Command {
            dir: Some("/srv".into()),
            umask: Some("027".into()),
            user: Some("app".into()),
            env,
            ..Command::shell("x")
        };
        let command = within(&around, Body::Line("cat a".into()));
        assert_eq!(command.inner_line(&vault).unwrap(), "cd /srv && umask 027 && export A=1 && cat a");
        assert_eq!(command.user.as_deref(), Some("app"));
    }
}
