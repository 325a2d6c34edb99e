//! What ssh's own configuration makes of a plan: the outcome of `ssh -G`.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::error::{Error, Kind};
use crate::transport::options::Plan;

/// How long `ssh -G` may take; a `Match exec` in the configuration can be slow.
const PATIENCE: Duration = Duration::from_secs(20);

/// Default of ours for the time to connect, in seconds.
const CONNECT_TIMEOUT: u64 = 10;

/// Where ssh is going to connect, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// Address or name ssh connects to.
    pub hostname: String,
    /// Port.
    pub port: u16,
    /// Login user.
    pub user: String,
    /// Jump hosts, or the command that makes the connection.
    pub proxy: Option<String>,
    /// Name the host key is filed under, if not the host's own.
    pub alias: Option<String>,
    /// Whether the agent is forwarded.
    pub forward_agent: bool,
    /// Seconds ssh waits for a connection; none where the configuration does not say.
    pub connect_timeout: Option<u64>,
    /// Seconds to wait where it does not, if not our own.
    pub patience: Option<u64>,
    /// Whether the configuration says how to notice a dead connection.
    pub keepalive: bool,
    /// Files of known hosts of the user, in order.
    pub known_hosts: Vec<String>,
    /// All that ssh makes of the configuration, as text: where it differs, the connection is another one.
    pub fingerprint: String,
}

impl Route {
    /// Seconds ssh waits for a connection.
    #[must_use]
    pub fn timeout(&self) -> u64 {
        self.connect_timeout.or(self.patience).unwrap_or(CONNECT_TIMEOUT)
    }

    /// The same for another host, of which ssh says nothing else.
    pub(crate) fn at(&self, host: &str) -> Self {
        let hostname = host.to_lowercase();
        let line = |line: &str| match line.split_once(' ') {
            Some(("host", _)) => format!("host {host}\n"),
            Some(("hostname", _)) => format!("hostname {hostname}\n"),
            _ => format!("{line}\n"),
        };
        Self { fingerprint: self.fingerprint.lines().map(line).collect(), hostname, ..self.clone() }
    }

    /// Reads what `ssh -G` prints: a lower-case name, a blank, the value.
    fn parse(text: &str) -> Self {
        let value = |name: &str| {
            text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).filter(|value| *value != "none")
        };
        let owned = |name: &str| value(name).map(str::to_owned);
        Self {
            hostname: owned("hostname").unwrap_or_default(),
            port: value("port").and_then(|port| port.parse().ok()).unwrap_or(22),
            user: owned("user").unwrap_or_default(),
            proxy: owned("proxyjump").or_else(|| owned("proxycommand")),
            alias: owned("hostkeyalias"),
            forward_agent: value("forwardagent").is_some_and(|value| value != "no"),
            connect_timeout: value("connecttimeout")
                .and_then(|seconds| seconds.parse().ok())
                .filter(|seconds| *seconds > 0),
            patience: None,
            keepalive: value("serveraliveinterval").is_some_and(|seconds| seconds != "0"),
            known_hosts: value("userknownhostsfile")
                .map(|files| files.split(' ').map(str::to_owned).collect())
                .unwrap_or_default(),
            fingerprint: text.to_owned(),
        }
    }
}

/// An answer of ssh.
pub(crate) struct Asked {
    /// Where it would go.
    pub(crate) route: Route,
    /// The files of configuration it has read for that; none where it was told to keep silent.
    pub(crate) files: Option<Vec<String>>,
}

/// Asks ssh where it would go.
///
/// # Errors
/// When there is no ssh, or it does not accept its configuration or the plan's arguments.
pub(crate) async fn route(plan: &Plan) -> Result<Route, Error> {
    ask(plan).await.map(|asked| asked.route)
}

/// The same, with the files ssh has read.
///
/// # Errors
/// As [`route`].
pub(crate) async fn ask(plan: &Plan) -> Result<Asked, Error> {
    const READING: &str = "debug1: Reading configuration data ";
    let asked = Command::new("ssh")
        .args(["-G", "-v"])
        .args(&plan.args)
        .args(["--", &plan.host])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(PATIENCE, asked)
        .await
        .map_err(|_| {
            Error::new(Kind::Connection, "ssh did not finish reading its configuration")
                .help("look at `Match exec` in it")
        })?
        .map_err(|cause| no_ssh(&cause))?;
    let words = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        let route = Route::parse(&String::from_utf8_lossy(&output.stdout));
        let files = words.lines().filter_map(|line| line.strip_prefix(READING)).map(str::to_owned).collect();
        // The first thing it says when it says what it does.
        let files = words.lines().any(|line| line.starts_with("OpenSSH")).then_some(files);
        return Ok(Asked { route: Route { patience: plan.connect_timeout, ..route }, files });
    }
    let is_told = |line: &&str| !line.is_empty() && !line.starts_with("debug1: ") && !line.starts_with("OpenSSH");
    let first = words.lines().map(str::trim).find(is_told).unwrap_or("it did not say why");
    Err(Error::new(Kind::Connection, format!("ssh does not accept the options for `{}`: {first}", plan.label()))
        .help("look at `ssh_options` in the recipe and at ~/.ssh/config"))
}

/// The error of a missing ssh.
pub(crate) fn no_ssh(cause: &std::io::Error) -> Error {
    let error = Error::new(Kind::Connection, format!("could not start `ssh`: {cause}"));
    if cause.kind() == std::io::ErrorKind::NotFound { error.help("install the OpenSSH client") } else { error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_ssh_prints() {
        let text = "host web1\nuser deploy\nhostname 10.0.0.1\nport 2222\nproxyusefdpass no\nforwardagent yes\nconnecttimeout 30\n\
             serveraliveinterval 5\nhostkeyalias web\nuserknownhostsfile /a /b\nproxyjump me@gw\n";
        let route = Route::parse(text);
        let expected = Route {
            hostname: "10.0.0.1".into(),
            port: 2222,
            user: "deploy".into(),
            proxy: Some("me@gw".into()),
            alias: Some("web".into()),
            forward_agent: true,
            connect_timeout: Some(30),
            patience: None,
            keepalive: true,
            known_hosts: vec!["/a".into(), "/b".into()],
            fingerprint: text.into(),
        };
        assert_eq!(route, expected);
        assert_eq!(route.timeout(), 30);
    }

    #[test]
    fn what_is_not_set_is_not_there() {
        let route = Route::parse(
            "hostname web1\nport 22\nconnecttimeout none\nserveraliveinterval 0\nforwardagent no\nproxycommand none\n",
        );
        let expected =
            Route { hostname: "web1".into(), port: 22, fingerprint: route.fingerprint.clone(), ..Route::default() };
        assert_eq!(route, expected);
        assert_eq!(route.timeout(), 10);
        assert_eq!(Route { patience: Some(3), ..route }.timeout(), 3);
        assert_eq!(Route::parse("proxycommand nc %h %p\n").proxy.as_deref(), Some("nc %h %p"));
    }

    #[tokio::test]
    async fn a_bad_option_is_told_in_sshs_words() {
        let plan = Plan {
            host: "web1".into(),
            args: vec!["-F".into(), "none".into(), "-oNonsense=1".into()],
            ..Plan::default()
        };
        let error = route(&plan).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "ssh does not accept the options for `web1`: command-line: line 0: Bad configuration option: nonsense"
        );
    }

    #[tokio::test]
    async fn a_host_that_looks_like_an_option_is_a_host() {
        let plan = Plan {
            host: "web1".into(),
            args: vec!["-F".into(), "none".into(), "-p".into(), "2201".into()],
            ..Plan::default()
        };
        assert_eq!(route(&plan).await.unwrap().port, 2201);
        let plan =
            Plan { host: "-oProxyCommand=false".into(), args: vec!["-F".into(), "none".into()], ..Plan::default() };
        assert!(route(&plan).await.is_err(), "ssh refuses such a name, and takes no option from it");
    }
}
