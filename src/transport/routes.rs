//! Where hosts are reached, asked of ssh no more often than needed.
//!
//! `ssh -G` is a process for each host, and where nothing in the configuration tells hosts apart it says the same of all
//! of them. Owns when that is so. Which files there are, ssh itself says, as it has read them; what else stands in them,
//! and what it means, is ssh's.

use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::error::Error;
use crate::transport::options::Plan;
use crate::transport::resolve::{Asked, Route, ask, route};

/// The routes of a run.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    /// By the arguments for ssh.
    shared: Mutex<HashMap<Vec<String>, Arc<OnceCell<Shared>>>>,
}

/// What ssh has said of the first of several hosts.
#[derive(Debug)]
struct Shared {
    host: String,
    route: Route,
    /// Whether it says the same of every other.
    is_for_all: bool,
}

impl Routes {
    /// Where ssh would go.
    ///
    /// # Errors
    /// As [`route`].
    pub(crate) async fn of(&self, plan: &Plan) -> Result<Route, Error> {
        let cell = {
            let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(shared.entry(plan.args.clone()).or_default())
        };
        let first = cell.get_or_try_init(|| Shared::ask(plan)).await?;
        if first.host == plan.host {
            Ok(Route { patience: plan.connect_timeout, ..first.route.clone() })
        } else if first.is_for_all {
            Ok(Route { patience: plan.connect_timeout, ..first.route.at(&plan.host) })
        } else {
            route(plan).await
        }
    }
}

impl Shared {
    async fn ask(plan: &Plan) -> Result<Self, Error> {
        let Asked { route, files } = ask(plan).await?;
        let is_plain = |file: &String| fs::read_to_string(file).is_ok_and(|text| !tells_hosts_apart(&text));
        let is_for_all = route.hostname == plan.host.to_lowercase()
            && !plan.args.iter().any(|arg| arg.to_lowercase().contains("canonical") || is_filled_in(arg))
            && files.is_some_and(|files| files.iter().all(is_plain));
        Ok(Self { host: plan.host.clone(), route, is_for_all })
    }
}

/// Whether a configuration of ssh has lines that are for some hosts only, or that become another one for each host.
fn tells_hosts_apart(text: &str) -> bool {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).any(|line| {
        let (keyword, rest) = line.split_once(|c: char| c.is_whitespace() || c == '=').unwrap_or((line, ""));
        let mut values = rest.split(|c: char| c.is_whitespace() || "=\"".contains(c)).filter(|value| !value.is_empty());
        let is_for_some = match keyword.to_lowercase().as_str() {
            "host" => !values.all(|pattern| pattern == "*"),
            "match" => !values.all(|criterion| criterion.eq_ignore_ascii_case("all")),
            // In quotes it may be any of these.
            keyword => keyword.starts_with("canonical") || !keyword.starts_with(|c: char| c.is_ascii_alphabetic()),
        };
        is_for_some || is_filled_in(line)
    })
}

/// Whether ssh puts something into a text that may be another thing for each host.
fn is_filled_in(text: &str) -> bool {
    text.contains('%') || text.contains("${")
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn lines_for_some_hosts_tell_them_apart() {
        for plain in [
            "",
            "# Host web1 %h\n",
            "Host *\n  User deploy\n",
            "Match all\nPort 22",
            "host=\"*\"\n",
            "HostKeyAlias x\n",
        ] {
            assert!(!tells_hosts_apart(plain), "{plain}");
        }
        for apart in [
            "Host web*",
            "  host * !web1",
            "HOST=web1",
            "Match host web1",
            "Match exec true",
            "CanonicalizeHostname yes",
            "Host \"web1\"",
            "\"Host\" web1",
            "=Host web1",
            "ControlPath ~/.ssh/cm-%r@%h",
            "Include ~/.ssh/${HOST}",
        ] {
            assert!(tells_hosts_apart(apart), "{apart}");
        }
    }

    /// Asks for two hosts with a configuration and an option, by the real ssh.
    async fn two(config: &str, option: &str) -> [Route; 2] {
        let top = TempDir::new().unwrap();
        let file = top.path().join("config");
        fs::write(top.path().join("more"), "Host *\nPort 2222\n").unwrap();
        fs::write(&file, config.replace("TOP", &top.path().display().to_string())).unwrap();
        let plan = |host: &str| Plan {
            host: host.into(),
            args: vec!["-F".into(), file.display().to_string(), option.into()],
            ..Plan::default()
        };
        let routes = Routes::default();
        let first = routes.of(&plan("Web1")).await.unwrap();
        // Where the second is not asked for, nobody can read it any more.
        fs::remove_file(&file).unwrap();
        [first, routes.of(&plan("Web2")).await.unwrap_or_default()]
    }

    #[tokio::test]
    async fn one_answer_is_for_all_hosts_that_are_not_told_apart() {
        let [first, second] = two("Include TOP/more\nHost *\nUser deploy\n", "-4").await;
        assert_eq!((first.hostname.as_str(), first.port, first.user.as_str()), ("web1", 2222, "deploy"));
        assert_eq!((second.hostname.as_str(), second.port, second.user.as_str()), ("web2", 2222, "deploy"));
        assert_eq!(second.fingerprint, first.fingerprint.replace("Web1", "Web2").replace("web1", "web2"));
    }

    #[tokio::test]
    async fn hosts_that_are_told_apart_are_asked_for_one_by_one() {
        for (config, option) in [
            ("Host web2\nUser root\n", "-4"),
            ("Hostname %h.example.com\n", "-4"),
            ("Include TOP/more\nMatch host web2\nPort 1\n", "-4"),
            // Nobody says which files were read.
            ("User deploy\n", "-q"),
        ] {
            let [first, second] = two(config, option).await;
            assert!(first.hostname.starts_with("web1"), "{config}");
            assert_eq!(second, Route::default(), "{config}");
        }
    }
}
