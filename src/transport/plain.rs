//! A host whose login gives us no `sh` that stays: a forced command, or a restricted shell.
//!
//! Each command gets a session of its own, as it stands, read by whatever the host puts there. There is no watchdog and
//! no frame: the streams are the command's, the status is ssh's, and on a cancel the session is closed.

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::error::{Error, Kind};
use crate::model::event::Stream;
use crate::model::secret::Vault;
use crate::transport::api::{Step, Told, cancelled};
use crate::transport::cancel::Cancel;
use crate::transport::link::Channel;

/// The line the host is given for a command.
///
/// # Errors
/// What cannot be sent this way: another user, or a secret, which would stand on the host's command line.
pub(crate) fn line_of(step: &Step<'_>, vault: &Vault) -> Result<String, Error> {
    let refused = |what: &str| {
        Error::new(Kind::Connection, format!("the login of this host runs no `sh` of ours, so {what}"))
            .help("give the user a plain shell, and no `ForceCommand` or `command=` in authorized_keys")
    };
    if step.command.user.is_some() {
        return Err(refused("nothing can be run there as another user"));
    }
    if !step.command.secrets(vault)?.is_empty() {
        return Err(refused("no secret can be brought there safely"));
    }
    step.command.inner_line(vault)
}

/// Gives on the streams of a session until both have ended.
pub(crate) async fn follow(
    child: &mut Channel,
    number: usize,
    tell: &mut dyn FnMut(usize, Told<'_>),
    cancel: &Cancel,
) -> Result<(), Error> {
    drop(child.stdin().take());
    let mut stdout = child.stdout().take().expect("stdout is a pipe");
    let mut stderr = child.stderr().take().expect("stderr is a pipe");
    let (mut out_open, mut err_open) = (true, true);
    let mut buffers = (vec![0; 8192], vec![0; 8192]);
    while out_open || err_open {
        tokio::select! {
            count = read(&mut stdout, &mut buffers.0), if out_open => match count {
                0 => out_open = false,
                count => tell(number, Told::Output(Stream::Stdout, &buffers.0[..count])),
            },
            count = read(&mut stderr, &mut buffers.1), if err_open => match count {
                0 => err_open = false,
                count => tell(number, Told::Output(Stream::Stderr, &buffers.1[..count])),
            },
            () = cancel.raised() => return Err(cancelled()),
        }
    }
    Ok(())
}

/// How much was read; a stream that cannot be read has ended.
async fn read(stream: &mut (impl AsyncRead + Unpin), buffer: &mut [u8]) -> usize {
    stream.read(buffer).await.unwrap_or(0)
}
