//! A command that is talked with: how it begins, and over a connection.
//!
//! What is sent is `model::dialogue_script`'s. Once the launcher reads, the streams are as any other command's.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::error::{Error, Kind};
use crate::model::dialogue_script::{DialogueScript, Ground};
use crate::model::event::Stream;
use crate::transport::api::{Exit, Input, Request, cancelled};
use crate::transport::cancel::Cancel;
use crate::transport::channel::{Outcome, Pipes, drive};
use crate::transport::gate::{Entered, enter};
use crate::transport::link::{fate, start_line};
use crate::transport::sessions::{Session, Sessions};

/// What is printed before the launcher reads is kept up to here, in bytes.
const NOISE_KEPT: usize = 16 * 1024;

/// How a talk has ended.
pub(crate) enum Talked {
    /// The command has begun.
    Begun(Outcome),
    /// The launcher has not; what was said instead has been told.
    Mute,
}

/// Talks with a command from its launcher to its end; `end_group` as with [`drive`].
///
/// # Errors
/// A password sudo does not take, a host that gives no terminal, a cancel on the way, and those of [`drive`].
pub(crate) async fn talk<I, O, E>(
    mut pipes: Pipes<I, O, E>,
    script: &DialogueScript,
    request: &mut Request<'_>,
    end_group: impl AsyncFnOnce(u32),
    output: &mut dyn FnMut(Stream, &[u8]),
    cancel: &Cancel,
) -> Result<Talked, Error>
where
    I: AsyncWrite + Unpin,
    O: AsyncRead + Unpin,
    E: AsyncRead + Unpin,
{
    let on_terminal = is_on_terminal(request);
    if let Some(gate) = &script.gate {
        let Pipes { stdin, stdout, stderr } = &mut pipes;
        let entered = if on_terminal {
            enter(stdin, stdout, gate, request.vault, cancel).await?
        } else {
            enter(stdin, stderr, gate, request.vault, cancel).await?
        };
        if let Entered::Refused(said) = entered {
            output(Stream::Stderr, &said);
            return Ok(Talked::Mute);
        }
    }
    let way = async {
        let met = meet(&mut pipes, &script.ready).await;
        if matches!(met, Ok(Ground::Pipe | Ground::Terminal)) {
            // Where it is gone, its last words are still to be read.
            let _ = pipes.stdin.write_all(script.text.as_bytes()).await;
        }
        met
    };
    let met = tokio::select! {
        met = way => met,
        () = cancel.raised() => return Err(cancelled()),
    };
    match met {
        Err(said) => {
            output(Stream::Stderr, &said);
            return Ok(Talked::Mute);
        }
        Ok(Ground::Pipe) if on_terminal => return Err(no_terminal()),
        Ok(Ground::Bare) if on_terminal => {
            return Err(Error::new(
                Kind::Connection,
                "the host has no `stty`, and its terminal cannot be used without",
            )
            .help("install it there (package `coreutils`), or leave `pty` out"));
        }
        Ok(_) => {}
    }
    drive(pipes, &script.marker, request.input.reborrow(), end_group, output, cancel).await.map(Talked::Begun)
}

/// Whether a command is to have a terminal.
pub(crate) const fn is_on_terminal(request: &Request<'_>) -> bool {
    matches!(request.input, Input::Dialogue { on_terminal: true, .. })
}

/// Waits until the launcher reads, and says what it found itself on. Reads not a byte more than that; an error is what
/// was said instead.
async fn meet<I>(
    pipes: &mut Pipes<I, impl AsyncRead + Unpin, impl AsyncRead + Unpin>,
    ready: &str,
) -> Result<Ground, Vec<u8>> {
    let (mut heard, mut byte) = (Vec::new(), [0]);
    loop {
        if !matches!(pipes.stdout.read(&mut byte).await, Ok(1)) {
            let _ = pipes.stderr.read_to_end(&mut heard).await;
            return Err(heard);
        }
        heard.push(byte[0]);
        if byte == *b"\n"
            && let Some(at) = memchr::memmem::rfind(&heard, ready.as_bytes())
            && let Some(ground) = Ground::of(String::from_utf8_lossy(&heard[at + ready.len()..]).trim())
        {
            return Ok(ground);
        }
        if heard.len() > NOISE_KEPT {
            heard.drain(..NOISE_KEPT / 2);
        }
    }
}

fn no_terminal() -> Error {
    Error::new(Kind::Connection, "the host gives this login no terminal")
        .help("allow it there: `PermitTTY yes` in sshd_config, and neither `restrict` nor `no-pty` before the key in authorized_keys")
        .help("or leave `pty` out: `answer` works without a terminal where the program reads its standard input")
}

/// Runs a command that is talked with, over the connection of a host.
///
/// # Errors
/// As [`talk`], a host that gives us no `sh`, and a broken connection.
pub(crate) async fn over(
    sessions: &Sessions,
    script: &DialogueScript,
    mut request: Request<'_>,
    output: &mut dyn FnMut(Stream, &[u8]),
    cancel: &Cancel,
) -> Result<Exit, Error> {
    let (line, command, vault) = (start_line(&script.launcher), request.command, request.vault);
    let (talked, exit, link) = if is_on_terminal(&request) {
        let Session { channel: mut terminal, link, _place } = sessions.terminal(&line, cancel).await?;
        let end_group = async |group: u32| link.end_group(command, vault, group).await;
        let talked = talk(terminal.pipes(), script, &mut request, end_group, output, cancel).await;
        (talked, link.exit_of_terminal(terminal).await, link)
    } else {
        let Session { mut channel, link, _place } = sessions.session(&line, None, cancel).await?;
        let pipes = Pipes {
            stdin: channel.stdin().take().expect("stdin is a pipe"),
            stdout: channel.stdout().take().expect("stdout is a pipe"),
            stderr: channel.stderr().take().expect("stderr is a pipe"),
        };
        // Its watchdog sees the end of the input.
        let talked = talk(pipes, script, &mut request, async |_| (), output, cancel).await;
        (talked, link.exit_of(*channel).await, link)
    };
    let label = &sessions.label;
    match (talked.map_err(|error| error.on(label))?, exit) {
        (Talked::Begun(Outcome::Ended(status)), _) => Ok(Exit { status }),
        (Talked::Begun(Outcome::Cancelled), _) => Err(cancelled().on(label)),
        (_, None) => {
            sessions.forget(&link).await;
            Err(link.broken(label, fate::WATCHED))
        }
        (Talked::Begun(Outcome::Unknown), Some(exit)) => Ok(exit),
        // sudo has said why.
        (Talked::Mute, Some(exit)) if command.user.is_some() => Ok(Exit { status: exit.status.max(1) }),
        (Talked::Mute, Some(_)) => Err(Error::new(
            Kind::Connection,
            "the login of this host runs no `sh` of ours, so no command can be talked with there",
        )
        .help("give the user a plain shell, and no `ForceCommand` or `command=` in authorized_keys")
        .on(label)),
    }
}
