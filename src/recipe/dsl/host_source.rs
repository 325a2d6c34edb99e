//! Where `hosts_from` asks: a command of this machine, a file, or an address.

use std::fmt::{Display, Formatter};
use std::fs;

use rhai::{Array, Dynamic, Map};

use crate::error::{Error, Kind};
use crate::model::command::{Body, Command, Word};
use crate::model::event::Level;
use crate::model::secret::Vault;
use crate::recipe::connect::this_machine;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::call_command::word;
use crate::recipe::dsl::captures::output;
use crate::recipe::dsl::limits::{Own, limits};
use crate::recipe::frame::{Block, Here};
use crate::recipe::kept::desk;
use crate::recipe::values::text;
use crate::runner::execute::{Job, Wish, execute};
use crate::transport::api::Input;

/// A place that knows hosts.
pub enum Source {
    /// A command, and how it is called in messages.
    Command(Body, String),
    /// A path, taken from the project.
    File(String),
    /// An address, the headers that go there, and how it is called in messages.
    Url(String, Vec<String>, String),
}

/// What is asked is not worth a line by itself.
const LOOK: Wish = Wish { level: Level::Debug, must_succeed: true, keep_output: true };

impl Source {
    /// Reads the options `command`, `file`, `url` and `headers`.
    ///
    /// # Errors
    /// None of the three, or several, and values that are no texts.
    pub fn of(call: &Call<'_>, options: &Map) -> Result<Self, Error> {
        let given = |name: &str| options.get(name).filter(|value| !value.is_unit());
        let string = |name: &str, value: &Dynamic| {
            text(value).ok_or_else(|| call.wrong(&format!("`{name}`"), "a string", value))
        };
        if given("headers").is_some() && given("url").is_none() {
            return Err(Error::recipe("`headers` of `hosts_from` go with `url`, and there is none"));
        }
        match (given("command"), given("file"), given("url")) {
            (Some(command), None, None) => Self::command(call, command),
            (None, Some(file), None) => Ok(Self::File(string("file", file)?)),
            (None, None, Some(url)) => {
                let url = string("url", url)?;
                let is_web = ["http://", "https://"].iter().any(|scheme| url.starts_with(scheme));
                if !is_web && !Vault::is_sealed(&url) {
                    return Err(Error::recipe(format!("`{url}` is no address that `hosts_from` can ask"))
                        .help("an address begins with `https://` or `http://`; a path goes into `file`"));
                }
                let headers = match given("headers") {
                    None => Vec::new(),
                    Some(value) => headers(call, value)?,
                };
                let shown = call.world().vault.redact(&url).into_owned();
                Ok(Self::Url(url, headers, shown))
            }
            _ => Err(Error::recipe("`hosts_from` takes one of `command`, `file` and `url`")
                .help("for example `hosts_from(#{ command: \"bin/hosts\" })`")),
        }
    }

    fn command(call: &Call<'_>, value: &Dynamic) -> Result<Self, Error> {
        let body = match value.read_lock::<Array>() {
            None => Body::Line(
                text(value)
                    .ok_or_else(|| call.wrong("`command`", "a string, or a list of a program and its words", value))?,
            ),
            Some(list) => {
                let words = list.iter().map(|item| word(call, item, "`command`")).collect::<Result<Vec<_>, _>>()?;
                Body::Program(words)
            }
        };
        let shown = Command::new(body.clone()).display_body(&call.world().vault);
        Ok(Self::Command(body, shown))
    }

    /// Whether it is asked, and not just read.
    #[must_use]
    pub const fn is_asked(&self) -> bool {
        !matches!(self, Self::File(_))
    }

    /// What makes it another source than any other.
    #[must_use]
    pub fn key(&self, call: &Call<'_>) -> String {
        let options = &call.world().options;
        let stage = options.stage.as_deref().unwrap_or_default();
        format!("{}\n{stage}\n{self}", options.project.display())
    }

    /// What it says.
    ///
    /// # Errors
    /// A file that cannot be read, a command that fails, an address that gives nothing.
    pub fn text(&self, call: &Call<'_>, own: Own) -> Result<String, Error> {
        let (body, stdin, title) = match self {
            Self::Command(body, _) => (body.clone(), None, None),
            Self::File(name) => {
                let path = call.world().options.project.join(name);
                return fs::read(&path).map(|bytes| output(&bytes)).map_err(|error| {
                    let mut error = Error::io("could not read", std::path::Path::new(name), &error);
                    error.parts_mut().kind = Kind::Recipe;
                    error.note("paths of `hosts_from` are taken from the folder of the project")
                });
            }
            Self::Url(url, headers, shown) => {
                let words = CURL.iter().map(|word| Word::Text((*word).to_owned())).collect();
                (Body::Program(words), Some(config(&call.world().vault, url, headers)?), Some(format!("curl {shown}")))
            }
        };
        let (server, transport) = this_machine(call.world());
        let here = Here { server, transport, block: Block::Locally };
        let job = Job {
            command: Command { stdin, ..Command::new(body) },
            wish: LOOK,
            limits: limits(call, own)?,
            title,
            task: call.frame().task().map(str::to_owned),
            place: call.place(),
            help: None,
            explain: None,
            answers: false,
        };
        job.command.check()?;
        // What was kept back comes first, as before any command whose answer is needed.
        call.frame().flush()?;
        let ran = execute(&desk(call.world(), &here, &call.frame().cancel), &job, Input::None)?;
        Ok(output(&ran.stdout))
    }
}

impl Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Command(_, shown) | Self::Url(_, _, shown) | Self::File(shown) => write!(f, "`{shown}`"),
        }
    }
}

/// curl, told the rest on standard input, where nobody on this machine can read it.
const CURL: &[&str] = &[
    "curl",
    "--disable",
    "--fail",
    "--silent",
    "--show-error",
    "--location",
    "--proto",
    "=http,https",
    "--config",
    "-",
];

fn headers(call: &Call<'_>, value: &Dynamic) -> Result<Vec<String>, Error> {
    let Some(map) = value.read_lock::<Map>() else {
        return Err(call.wrong("`headers`", "a map of names and texts", value));
    };
    let header = |(name, value): (&rhai::Identifier, &Dynamic)| {
        let text = text(value).ok_or_else(|| call.wrong(&format!("the header `{name}`"), "a string", value))?;
        Ok(format!("{name}: {text}"))
    };
    map.iter().map(header).collect()
}

/// What curl reads. As a whole it is as secret as the most secret part of it.
fn config(vault: &Vault, url: &str, headers: &[String]) -> Result<String, Error> {
    let mut lines = String::new();
    for (name, text) in [("url", url)].into_iter().chain(headers.iter().map(|header| ("header", header.as_str()))) {
        let text = vault.reveal(text)?;
        if text.contains(['\n', '\r', '\0']) {
            return Err(Error::recipe(format!("a {name} of `hosts_from` cannot hold a line end")));
        }
        lines.push_str(&format!("{name} = \"{}\"\n", text.replace('\\', "\\\\").replace('"', "\\\"")));
    }
    // Never from a connection that nobody can listen to into one that anybody can.
    if url.starts_with("https:") {
        lines.push_str("proto-redir = \"=https\"\n");
    }
    // curl would hand headers of any other name than `Authorization` on to wherever it is sent.
    if headers.iter().any(|header| Vault::is_sealed(header)) {
        lines.push_str("max-redirs = 0\n");
    }
    let is_secret = headers.iter().any(|header| Vault::is_sealed(header)) || Vault::is_sealed(url);
    Ok(if is_secret { vault.seal(&lines) } else { lines })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_curl_reads_is_quoted_and_as_secret_as_its_parts() {
        let vault = Vault::default();
        let plain = config(&vault, "https://a/?q=\"\\", &["X-Zone: b".to_owned()]).unwrap();
        assert_eq!(plain, "url = \"https://a/?q=\\\"\\\\\"\nheader = \"X-Zone: b\"\nproto-redir = \"=https\"\n");
        let token = vault.seal("hun\"ter2");
        let sealed = config(&vault, "http://a", &[format!("Authorization: {token}")]).unwrap();
        assert!(Vault::is_sealed(&sealed) && !sealed.contains("ter2"));
        assert_eq!(
            vault.reveal(&sealed).unwrap(),
            "url = \"http://a\"\nheader = \"Authorization: hun\\\"ter2\"\nmax-redirs = 0\n"
        );
        assert!(config(&vault, "https://a\nb", &[]).is_err());
    }
}
