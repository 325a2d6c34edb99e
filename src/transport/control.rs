//! The control socket of an ssh, without a connection over it: whether somebody is there, and telling it to go.

use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long ssh may take to close.
const CLOSING: Duration = Duration::from_secs(3);

/// Whether a process listens on a socket, as far as can be told without saying anything to it.
pub(crate) fn has_listener(socket: &Path) -> bool {
    // Only these two say that there is none; a queue that is full, for example, says the opposite.
    !UnixStream::connect(socket)
        .is_err_and(|cause| matches!(cause.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound))
}

/// Tells each ssh to go, with whatever still runs over it, and waits until they have.
pub(crate) fn close<'a>(sockets: impl Iterator<Item = &'a Path>) {
    // All are told before any is waited for.
    let asked: Vec<Child> = sockets.filter_map(ask_to_go).collect();
    let until = Instant::now() + CLOSING;
    for mut asked in asked {
        while let Ok(None) = asked.try_wait() {
            if Instant::now() > until {
                // It ends by itself when it has been idle.
                let _ = asked.kill();
                let _ = asked.wait();
                break;
            }
            sleep(Duration::from_millis(2));
        }
    }
}

fn ask_to_go(socket: &Path) -> Option<Child> {
    Command::new("ssh")
        .arg("-S")
        .arg(socket)
        // ssh wants the name of a host, and does not look at it.
        .args(["-F", "none", "-O", "exit", "--", "any"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()
}
