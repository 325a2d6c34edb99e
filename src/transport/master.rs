//! The ssh that holds one connection open: its start and its end.
//!
//! Started by us and not by the `openssh` crate, because only so it can ask questions and take any option.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use openssh::Session;
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use crate::error::{Error, Kind};
use crate::model::login::Login;
use crate::transport::api::cancelled;
use crate::transport::askpass::Askpass;
use crate::transport::cancel::Cancel;
use crate::transport::control::{close, has_listener};
use crate::transport::cut::is_worth_a_retry;
use crate::transport::explain::{Facts, explain};
use crate::transport::gateway;
use crate::transport::login;
use crate::transport::options::Plan;
use crate::transport::own_folder::OwnFolder;
use crate::transport::prompts::Known;
use crate::transport::routes::Routes;
use crate::transport::ssh_start::{Files, LOGIN, Try, attempt};
use crate::transport::starts::Starts;
use crate::transport::warm::Warm;

/// Tries of a start that fails before the login.
const TRIES: u32 = 4;

/// How long a connection stays idle when windlass was killed and nobody closes it.
const ORPHANED: Duration = Duration::from_secs(60);

/// How long ssh may take to answer whether it is alive.
pub(crate) const SIGN_OF_LIFE: Duration = Duration::from_secs(2);

/// What all connections of a run share.
pub(crate) struct Ground {
    pub(crate) askpass: Askpass,
    pub(crate) starts: Starts,
    pub(crate) routes: Routes,
    /// Private and short: sockets and logs of ssh go here.
    pub(crate) folder: OwnFolder,
    /// Where connections stay for the next run.
    pub(crate) warm: Option<Warm>,
    /// Whether ssh is to say how it logs in.
    pub(crate) tells_logins: bool,
}

/// A connection that stands.
#[derive(Debug)]
pub(crate) struct Master {
    /// The control socket.
    pub(crate) socket: PathBuf,
    log: PathBuf,
    /// Whether it is for the next run too, so that this one does not close it.
    stays: bool,
    /// Whether an earlier run has made it.
    pub(crate) is_reused: bool,
    /// How the login went, where ssh was told to say it.
    pub(crate) login: Option<Login>,
}

impl Master {
    /// Connects. `number` is unique in the run.
    pub(crate) async fn start(
        ground: &Ground,
        plan: &Plan,
        known: &Known,
        number: u64,
        cancel: &Cancel,
    ) -> Result<Self, Error> {
        tokio::select! {
            () = cancel.raised() => Err(cancelled()),
            master = Self::tries(ground, plan, known, number) => master,
        }
    }

    async fn tries(ground: &Ground, plan: &Plan, known: &Known, number: u64) -> Result<Self, Error> {
        let label = plan.label();
        let route = ground.routes.of(plan).await.map_err(|error| error.on(label.as_str()))?;
        let socket = ground.folder.path().join(number.to_string());
        let log = socket.with_extension("log");
        let warm = ground.warm.as_ref().map(|warm| (warm, warm.socket(plan, &route)));
        if let Some((_, socket)) = &warm
            && answers(socket).await
        {
            return Ok(Self { log, socket: socket.clone(), stays: true, is_reused: true, login: None });
        }
        let mut master = Self { log, socket, stays: false, is_reused: false, login: None };
        let level = if ground.tells_logins { login::LEVEL } else { "INFO" };
        let idle = ground.warm.as_ref().map_or(ORPHANED, |warm| warm.idle);
        for count in 1.. {
            let begun = ground.starts.enter(&route).await;
            let ticket = ground.askpass.ticket(known.clone());
            let tried = attempt(&master.files(), plan, &route, (idle, level), &ticket)
                .await
                .map_err(|error| error.on(label.as_str()))?;
            if matches!(tried, Try::Stands) {
                begun.went_well();
                master.login = ground.tells_logins.then(|| login::login(&master.words(), &route));
                break;
            }
            let mut log = login::usual_words(&master.words());
            let asked = ticket.asked();
            // Before it is tried again: behind a gateway that refuses us, this is all ssh says of it.
            if count == 1 && route.proxy.is_some() && matches!(tried, Try::Failed) && is_worth_a_retry(&log) {
                log = Some(gateway::words(plan, &route).await).filter(|words| !words.is_empty()).unwrap_or(log);
            }
            if matches!(tried, Try::Failed) && asked.is_empty() && count < TRIES && is_worth_a_retry(&log) {
                begun.was_dropped();
                sleep(pause(count, number)).await;
                continue;
            }
            if matches!(tried, Try::TimedOut) {
                return Err(Error::new(
                    Kind::Connection,
                    format!("`{label}` did not finish the login within {} s", LOGIN.as_secs()),
                )
                .help("look at the log of sshd there; a slow name service or PAM module does this")
                .on(label));
            }
            return Err(explain(&Facts {
                label: &label,
                host: &plan.host,
                args: &plan.args,
                route: &route,
                log: &log,
                asked: &asked,
            }));
        }
        if route.forward_agent {
            master.forward_agent(plan).await;
        }
        if let Some((warm, socket)) = warm
            && warm.keep(&master.socket, &socket)
        {
            (master.socket, master.stays) = (socket, true);
        }
        Ok(master)
    }

    /// Switches agent forwarding on for the whole connection: that takes one session of ssh itself, because sessions
    /// over the native protocol never ask for it.
    async fn forward_agent(&self, plan: &Plan) {
        let status = Command::new("ssh")
            .arg("-S")
            .arg(&self.socket)
            .args(["-A", "-oControlMaster=no", "-oRemoteCommand=none", "-oLogLevel=ERROR"])
            .args(&plan.args)
            .args(["--", &plan.host, "exit 0"])
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .status();
        if !matches!(timeout(LOGIN, status).await, Ok(Ok(status)) if status.success()) {
            tracing::warn!("agent forwarding to {} could not be switched on", plan.label());
        }
    }

    /// The last thing ssh said, for the error of a connection that broke.
    pub(crate) fn last_words(&self) -> Option<String> {
        let log = login::usual_words(&self.words());
        log.lines().map(str::trim).rfind(|line| !line.is_empty()).map(str::to_owned)
    }

    fn files(&self) -> Files<'_> {
        Files { socket: &self.socket, log: &self.log }
    }

    /// Everything ssh said.
    fn words(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Master {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Master {
    /// Closes the connection, unless it is for the next run too: then it goes by itself when it has been idle.
    pub(crate) fn leave(&self) {
        if !self.stays {
            self.close();
        }
    }

    /// Tells ssh to go, with whatever still runs over it, and waits until it has.
    pub(crate) fn close(&self) {
        close(std::iter::once(self.socket.as_path()));
    }
}

/// Whether an ssh answers at a socket.
async fn answers(socket: &Path) -> bool {
    let session = Session::resume_mux(socket.into(), None);
    has_listener(socket) && matches!(timeout(SIGN_OF_LIFE, session.check()).await, Ok(Ok(())))
}

/// The wait before the next try, different for each host so that they do not come all at once again.
fn pause(count: u32, number: u64) -> Duration {
    Duration::from_millis(250 * u64::from(3u32.pow(count - 1)) + number % 8 * 40)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_differ_between_hosts() {
        assert_eq!((1..4).map(|count| pause(count, 0).as_millis()).collect::<Vec<_>>(), [250, 750, 2250]);
        assert_eq!(pause(1, 3).as_millis(), 370);
    }
}
