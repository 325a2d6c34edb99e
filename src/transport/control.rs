//! The control socket of an ssh, without a connection over it: whether somebody is there, and telling it to go.
//!
//! Speaks the few words of ssh's own protocol that this takes (`PROTOCOL.mux` of OpenSSH), because an `ssh -O` for each
//! host costs as much time as a small command there.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long ssh may take to close.
const CLOSING: Duration = Duration::from_secs(3);

/// Longest message that is read, in bytes; ssh's own are much shorter.
const LONGEST: u32 = 64 * 1024;

/// Messages, and the version of the protocol, which has not changed since OpenSSH 5.1.
const HELLO: u32 = 0x0000_0001;
const VERSION: u32 = 4;
const TERMINATE: u32 = 0x1000_0005;

/// Whether a process listens on a socket, as far as can be told without saying anything to it.
pub(crate) fn has_listener(socket: &Path) -> bool {
    // Only these two say that there is none; a queue that is full, for example, says the opposite.
    !UnixStream::connect(socket)
        .is_err_and(|cause| matches!(cause.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound))
}

/// Tells each ssh to go, with whatever still runs over it, and waits until they have. One that does not answer ends by
/// itself when it has been idle.
pub(crate) fn close<'a>(sockets: impl Iterator<Item = &'a Path>) {
    // All are told before any is waited for.
    let asked: Vec<UnixStream> = sockets.filter_map(|socket| ask_to_go(socket).ok()).collect();
    let until = Instant::now() + CLOSING;
    for mut asked in asked {
        // Its hello, its answer, and then the end of the connection, which comes with that of the process.
        while wait_until(&asked, until).is_ok() && read_message(&mut asked).is_ok() {}
    }
}

fn ask_to_go(socket: &Path) -> std::io::Result<UnixStream> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_write_timeout(Some(CLOSING))?;
    stream.write_all(&[message(HELLO, VERSION), message(TERMINATE, 0)].concat())?;
    Ok(stream)
}

/// A message of ssh's protocol: its length, its type, and one number.
fn message(kind: u32, value: u32) -> Vec<u8> {
    [8, kind, value].iter().flat_map(|number: &u32| number.to_be_bytes()).collect()
}

fn wait_until(stream: &UnixStream, until: Instant) -> std::io::Result<()> {
    let left = until.saturating_duration_since(Instant::now());
    // Zero would mean for ever.
    stream.set_read_timeout(Some(left.max(Duration::from_millis(1))))
}

/// Reads a message and does not look at it.
fn read_message(stream: &mut UnixStream) -> std::io::Result<()> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > LONGEST {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; usize::try_from(length).unwrap_or_default()];
    stream.read_exact(&mut body)
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::thread::spawn;

    use super::*;

    #[test]
    fn ssh_is_told_in_its_own_words_and_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("ssh");
        let listener = UnixListener::bind(&socket).unwrap();
        let ssh = spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = [0; 24];
            stream.read_exact(&mut heard).unwrap();
            stream.write_all(&[message(HELLO, VERSION), message(0x8000_0001, 0)].concat()).unwrap();
            heard
        });
        close([socket.as_path()].into_iter());
        let expected = [0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 8, 0x10, 0, 0, 5, 0, 0, 0, 0];
        assert_eq!(ssh.join().unwrap(), expected);
    }

    #[test]
    fn who_is_not_there_or_talks_nonsense_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let (nobody, nonsense) = (folder.path().join("nobody"), folder.path().join("nonsense"));
        let listener = UnixListener::bind(&nonsense).unwrap();
        let other = spawn(move || listener.accept().unwrap().0.write_all(&[0xff; 100]).unwrap());
        close([nobody.as_path(), nonsense.as_path()].into_iter());
        other.join().unwrap();
        assert!(!has_listener(&nobody));
    }
}
