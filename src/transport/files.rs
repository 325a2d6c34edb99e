//! Files to and from a host, over the same channel as commands.
//!
//! No scp and no sftp: `cat` obeys the user, directory and umask that surround it, which those cannot. A file appears
//! under its name only when all of it is there; until then it stands beside it under another, which the host removes
//! by itself when anything goes wrong, a broken connection included.

use std::io::{Read, Write};

use crate::error::{Error, Kind};
use crate::model::command::{Body, Command};
use crate::model::event::Stream;
use crate::model::quote::quote_path;
use crate::model::secret::Vault;
use crate::transport::api::{Input, Request, Transport};
use crate::transport::cancel::Cancel;
use crate::transport::channel::nonce;

/// Most of a host's words that are kept, in bytes.
const WORDS_KEPT: usize = 4096;

/// A file to be written on a host.
pub struct Upload<'a> {
    /// Where its bytes come from.
    pub source: &'a mut (dyn Read + Send),
    /// How many bytes there are.
    pub length: u64,
    /// Where it goes: absolute, relative to the directory of the surroundings, or with a leading `~`. A symbolic link
    /// is followed.
    pub path: &'a str,
    /// Permission bits. None keeps those of the file that is there, and leaves those of a new one to the umask.
    pub mode: Option<u32>,
}

/// Writes a file on a host. Directory, umask and user of `around` count, its body does not; a variable that holds a
/// secret is left out, because none of the programs involved needs it. `progress` is given the bytes so far.
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
) -> Result<(), Error> {
    let command = within(around, Body::Line(upload_line(file.path, file.length, file.mode, nonce())));
    let mut source = Counted { source: file.source, bytes: 0, progress };
    let mut words = Vec::new();
    let request = Request { command: &command, input: Input::Bytes(&mut source), vault };
    let keep = &mut |stream, bytes: &[u8]| {
        if stream == Stream::Stderr && words.len() < WORDS_KEPT {
            words.extend_from_slice(bytes);
        }
    };
    let exit = transport.run(request, keep, cancel)?;
    if exit.status == 0 { Ok(()) } else { Err(failure("write", file.path, exit.status, &words, &transport.label())) }
}

/// The command that writes a short text into a file of the host: as [`upload`], but without a channel of its own, so
/// that it can go out with others. `text` may hold secrets.
///
/// # Errors
/// A secret that was cut apart.
pub fn text_command(
    around: &Command,
    vault: &Vault,
    path: &str,
    text: &str,
    mode: Option<u32>,
    title: String,
) -> Result<Command, Error> {
    let line = upload_line(path, vault.reveal(text)?.len() as u64, mode, nonce());
    Ok(within(around, Body::Fed { line, text: text.to_owned(), title }))
}

/// What it means that [`text_command`] failed.
#[must_use]
pub fn unwritten(path: &str, status: i32, words: &[u8], host: &str) -> Error {
    failure("write", path, status, words, host)
}

/// Reads a file of a host into `target`; gives its length in bytes. `around` and `progress` as in [`upload`].
///
/// # Errors
/// A host that cannot be reached, a file that cannot be read there or written here, a cancel.
pub fn download(
    transport: &dyn Transport,
    around: &Command,
    vault: &Vault,
    path: &str,
    target: &mut dyn Write,
    progress: &mut dyn FnMut(u64),
    cancel: &Cancel,
) -> Result<u64, Error> {
    let command = within(around, Body::Line(format!("cat {}", guarded(path))));
    let (mut words, mut length, mut unwritable) = (Vec::new(), 0, None);
    let stop = cancel.child();
    let request = Request { command: &command, input: Input::None, vault };
    let mut take = |stream, bytes: &[u8]| match stream {
        Stream::Stdout if unwritable.is_none() => {
            length += bytes.len() as u64;
            progress(length);
            if let Err(cause) = target.write_all(bytes) {
                unwritable = Some(cause);
                stop.raise();
            }
        }
        Stream::Stderr if words.len() < WORDS_KEPT => words.extend_from_slice(bytes),
        _ => {}
    };
    let exit = transport.run(request, &mut take, &stop);
    if let Some(cause) = unwritable {
        let message = format!("could not write here what was read from `{path}`: {cause}");
        return Err(Error::new(Kind::Io, message).on(transport.label()));
    }
    match exit? {
        exit if exit.status == 0 => Ok(length),
        exit => Err(failure("read", path, exit.status, &words, &transport.label())),
    }
}

/// A command in the surroundings of another, without variables that hold secrets.
fn within(around: &Command, body: Body) -> Command {
    let env = around.env.iter().filter(|(_, value)| !Vault::is_sealed(value.as_str())).cloned().collect();
    Command { body, env, ..around.clone() }
}

/// A path as the shell reads it, never taken for an option.
fn guarded(path: &str) -> String {
    if path.starts_with('-') { quote_path(&format!("./{path}")).into_owned() } else { quote_path(path).into_owned() }
}

/// The shell lines that write a file.
///
/// With a mode, the unfinished file is nobody else's to read. `PIPE` is ignored because a shell that dies of it, when
/// the connection has gone, would not remove the file.
fn upload_line(path: &str, length: u64, mode: Option<u32>, nonce: u64) -> String {
    let mode = match mode {
        Some(mode) => format!("mode={mode:o}"),
        None => "mode=$(stat -c %a \"$dest\" 2>/dev/null || stat -f %Lp \"$dest\" 2>/dev/null)".to_owned(),
    };
    format!(
        "trap '' PIPE\n\
         dest={dest}\n\
         if [ -L \"$dest\" ]; then dest=$(readlink -f \"$dest\") || exit 1; fi\n\
         if [ -d \"$dest\" ]; then echo 'Is a directory' >&2; exit 1; fi\n\
         if [ -e \"$dest\" ] && [ ! -f \"$dest\" ]; then echo 'Not a regular file' >&2; exit 1; fi\n\
         case $dest in */*) part=${{dest%/*}}/.${{dest##*/}};; *) part=./.$dest; dest=./$dest;; esac\n\
         part=$part.windlass-{nonce:016x}\n\
         {mode}\n\
         trap 'exit 143' HUP INT TERM\n\
         (if [ -n \"$mode\" ]; then umask 077; fi; set -C; : >\"$part\") || exit 1\n\
         trap 'rm -f \"$part\"' EXIT\n\
         cat >\"$part\" || exit 1\n\
         size=$(wc -c <\"$part\") || exit 1\n\
         if [ \"$size\" -ne {length} ]; then echo \"$((size)) of {length} bytes arrived\" >&2; exit 1; fi\n\
         if [ -n \"$mode\" ]; then chmod \"$mode\" \"$part\" || exit 1; fi\n\
         mv -f \"$part\" \"$dest\" || exit 1\n\
         trap - EXIT",
        dest = guarded(path),
    )
}

/// The error of a file that could not be moved, from the words of the programs on the host.
fn failure(what: &str, path: &str, status: i32, words: &[u8], host: &str) -> Error {
    let words = String::from_utf8_lossy(words);
    let said = words.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let folder = path.rsplit_once('/').map_or(".", |(folder, _)| if folder.is_empty() { "/" } else { folder });
    let folder = quote_path(folder);
    let (reason, help) = match said {
        _ if said.contains("No space left") => {
            ("the disk is full", Some(format!("free some space: `df -h {folder}` shows it")))
        }
        _ if said.contains("quota exceeded") => ("the quota of the user is used up", None),
        _ if said.contains("Permission denied") || said.contains("Operation not permitted") => {
            ("permission denied", Some("look at the owner and mode there, or use `as_user`".to_owned()))
        }
        _ if said.contains("Read-only file system") => ("the file system is read-only", None),
        _ if said.contains("Not a regular file") => ("it is a device or the like, which would be replaced", None),
        _ if said.contains("Is a directory") => ("it is a directory", Some("give the name of the file too".to_owned())),
        _ if what == "write" && (said.contains("No such file") || said.contains("nonexistent")) => {
            ("its folder does not exist", Some(format!("make it first: `mkdir -p {folder}`")))
        }
        _ if said.contains("No such file") => ("there is no such file", None),
        "" => return Error::new(Kind::Command, format!("could not {what} `{path}`: status {status}")).on(host),
        other => (other, None),
    };
    let error = Error::new(Kind::Command, format!("could not {what} `{path}`: {reason}")).maybe_help(help).on(host);
    if reason == said { error } else { error.note(format!("the host said: {said}")) }
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

    fn check(what: &str, words: &str, message: &str, help: Option<&str>) {
        let error = failure(what, "/srv/my app/x", 1, words.as_bytes(), "deploy@web1");
        assert_eq!((error.to_string().as_str(), error.kind()), (message, Kind::Command));
        assert_eq!(error.parts().host.as_deref(), Some("deploy@web1"));
        assert_eq!(error.parts().help.first().map(String::as_str), help);
    }

    #[test]
    fn the_hosts_words_become_a_reason() {
        check(
            "write",
            "cat: write error: No space left on device\n",
            "could not write `/srv/my app/x`: the disk is full",
            Some("free some space: `df -h '/srv/my app'` shows it"),
        );
        check(
            "write",
            "sh: 9: cannot create /srv/my app/.x.windlass-1: Permission denied\n",
            "could not write `/srv/my app/x`: permission denied",
            Some("look at the owner and mode there, or use `as_user`"),
        );
        check(
            "write",
            "sh: 9: cannot create /srv/my app/.x.windlass-1: Directory nonexistent\n",
            "could not write `/srv/my app/x`: its folder does not exist",
            Some("make it first: `mkdir -p '/srv/my app'`"),
        );
        check(
            "write",
            "Is a directory\n",
            "could not write `/srv/my app/x`: it is a directory",
            Some("give the name of the file too"),
        );
        check(
            "read",
            "cat: x: No such file or directory\n",
            "could not read `/srv/my app/x`: there is no such file",
            None,
        );
        check("write", "3 of 5 bytes arrived\n", "could not write `/srv/my app/x`: 3 of 5 bytes arrived", None);
        check("write", "", "could not write `/srv/my app/x`: status 1", None);
    }

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

    #[test]
    fn a_path_is_never_an_option_and_keeps_its_home() {
        assert_eq!(guarded("-rf"), "./-rf");
        assert_eq!(guarded("~/a b"), "~/'a b'");
        assert_eq!(guarded("a;b"), "'a;b'");
    }
}
