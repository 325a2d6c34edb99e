//! What the ssh of a gateway has to say when the way through it fails.
//!
//! ssh sends its words to `/dev/null` where `ControlPersist` is set, as it is for every connection of ours. So the way is
//! tried once more without it, for the words alone; that it then stands is of no use to anybody.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::transport::option_table::option;
use crate::transport::options::Plan;
use crate::transport::resolve::Route;

/// How the try differs from a connection that is made to be used. It asks nobody anything.
const ALONE: &[(&str, &str)] = &[
    ("ControlMaster", "no"),
    ("ControlPath", "none"),
    ("ControlPersist", "no"),
    ("BatchMode", "yes"),
    ("ClearAllForwardings", "yes"),
    ("RemoteCommand", "none"),
    ("PermitLocalCommand", "no"),
    ("LogLevel", "INFO"),
];

/// The words of one more try; empty where there are none.
pub(crate) async fn words(plan: &Plan, route: &Route) -> String {
    let seconds = route.timeout();
    let tried = Command::new("ssh")
        .arg("-T")
        .args(ALONE.iter().map(|(key, value)| option(key, value)))
        .arg(option("ConnectTimeout", &seconds.to_string()))
        .args(&plan.args)
        .args(["--", &plan.host, "exit 0"])
        // The gateway's own ssh knows nothing of `BatchMode`.
        .envs([("SSH_ASKPASS", "/bin/false"), ("SSH_ASKPASS_REQUIRE", "force")])
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .output();
    match timeout(Duration::from_secs(seconds.saturating_mul(2)), tried).await {
        Ok(Ok(output)) if !output.status.success() => String::from_utf8_lossy(&output.stderr).into_owned(),
        _ => String::new(),
    }
}
