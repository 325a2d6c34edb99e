//! One try to start the ssh that holds a connection open.
//!
//! It lives in a process group of its own, so that a Ctrl-C at the terminal does not reach it before the commands have
//! been ended. Whether a try that fails is worth another one is decided by the master.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};
use tokio::time::sleep;

use crate::error::Error;
use crate::transport::askpass::Ticket;
use crate::transport::option_table::option;
use crate::transport::options::Plan;
use crate::transport::resolve::{Route, no_ssh};

/// How long a start may take beyond ssh's own time-out, for logging in; questions to a person do not count.
pub(super) const LOGIN: Duration = Duration::from_secs(60);

/// How one try to start ended.
pub(super) enum Try {
    Stands,
    Failed,
    Declined,
    TimedOut,
}

/// What that ssh has on this machine.
pub(super) struct Files<'a> {
    /// Its control socket.
    pub(super) socket: &'a Path,
    /// What it says.
    pub(super) log: &'a Path,
}

/// Starts ssh and waits until it has gone into the background, which it does once it is logged in.
pub(super) async fn attempt(
    files: &Files<'_>,
    plan: &Plan,
    route: &Route,
    (idle, level): (Duration, &str),
    ticket: &Ticket,
) -> Result<Try, Error> {
    let log = File::create(files.log).map_err(|cause| Error::io("could not write", files.log, &cause))?;
    let mut child = Command::new("ssh")
        .args(own_arguments(files, route, idle, level))
        .args(&plan.args)
        .args(["--", &plan.host])
        .envs(ticket.environment.iter().map(|(name, value)| (name, value)))
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        // What a gateway's ssh has to say comes this way; `-E` is only for the ssh we start.
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .map_err(|cause| no_ssh(&cause))?;
    let group = Group::of(&child);
    let allowed = LOGIN + Duration::from_secs(route.timeout());
    let tried = tokio::select! {
        status = child.wait() => match status {
            Ok(status) if status.success() => Try::Stands,
            _ => Try::Failed,
        },
        () = ticket.declined() => Try::Declined,
        () = without_questions(ticket, allowed) => Try::TimedOut,
    };
    if matches!(tried, Try::Stands) {
        group.leave();
    }
    Ok(tried)
}

/// What we need ourselves. It comes first, because ssh heeds the first of two options that contradict each other.
fn own_arguments(files: &Files<'_>, route: &Route, idle: Duration, level: &str) -> Vec<String> {
    let mut args: Vec<String> = ["-M", "-N", "-f"].map(str::to_owned).into();
    args.extend(["-S".into(), files.socket.display().to_string(), "-E".into(), files.log.display().to_string()]);
    let idle = idle.as_secs().to_string();
    for (key, value) in [
        ("ControlMaster", "yes"),
        // Should windlass be killed, nothing stays for long.
        ("ControlPersist", idle.as_str()),
        // A forwarded port of an interactive login would already be taken, and its command is not ours.
        ("ClearAllForwardings", "yes"),
        ("RemoteCommand", "none"),
        ("PermitLocalCommand", "no"),
        // Without its words there is nothing to explain.
        ("LogLevel", level),
    ] {
        args.push(option(key, value));
    }
    if route.connect_timeout.is_none() {
        args.push(option("ConnectTimeout", &route.timeout().to_string()));
    }
    if !route.keepalive {
        args.extend([option("ServerAliveInterval", "15"), option("ServerAliveCountMax", "4")]);
    }
    args
}

/// The process group of an ssh that is starting: ends it, its gateway's ssh included, unless it may stay.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }

    fn leave(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may have gone already.
            let _ = kill_process_group(group, Signal::TERM);
        }
    }
}

/// Waits for `allowed`, not counting the time a person is being asked.
async fn without_questions(ticket: &Ticket, allowed: Duration) {
    const STEP: Duration = Duration::from_millis(500);
    let mut left = allowed;
    while !left.is_zero() {
        sleep(STEP).await;
        if !ticket.is_asking() {
            left = left.saturating_sub(STEP);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(route: &Route) -> Vec<String> {
        let files = Files { socket: Path::new("/run/wl/1"), log: Path::new("/run/wl/1.log") };
        own_arguments(&files, route, Duration::from_secs(60), "INFO")
    }

    #[test]
    fn our_needs_come_first_and_the_users_timeouts_stay() {
        let args = own(&Route::default());
        assert!(args.contains(&"-oControlPersist=60".to_owned()));
        assert_eq!(args[..8], ["-M", "-N", "-f", "-S", "/run/wl/1", "-E", "/run/wl/1.log", "-oControlMaster=yes"]);
        assert!(
            args.contains(&"-oConnectTimeout=10".to_owned()) && args.contains(&"-oServerAliveInterval=15".to_owned())
        );
        let args = own(&Route { connect_timeout: Some(3), keepalive: true, ..Route::default() });
        assert!(!args.iter().any(|arg| arg.contains("Timeout") || arg.contains("ServerAlive")), "{args:?}");
    }
}
