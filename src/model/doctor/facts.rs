//! What a host said of itself.
//!
//! Owns how the answers of the script are read. What they mean is the business of the rules.

use crate::error::{Error, Kind};
use crate::model::doctor::asked::Asked;
use crate::model::lock;
use crate::model::sections::{Answer, Sections};

/// The answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The user who is logged in.
    pub user: String,
    /// Whether that is root.
    pub is_root: bool,
    /// Seconds since 1970 by the host's clock, when the look began and when it ended.
    pub clock: Option<(i64, i64)>,
    /// The login shell.
    pub shell: Option<String>,
    /// The PATH a deploy has.
    pub path: String,
    /// The PATH a login has; none where the login shell did not tell it.
    pub login_path: Option<String>,
    /// What `systemctl` calls its version, where systemd runs the host.
    pub systemd: Option<String>,
    /// Whether commands can be ended with all their children.
    pub has_setsid: bool,
    /// Programs that were looked for, each once.
    pub programs: Vec<Program>,
    /// As many as were asked for, in that order.
    pub folders: Vec<Folder>,
    /// Of the folder of the application and of the one for files that do not stay, in this order.
    pub disks: Vec<Disk>,
    /// What stands in the place of the link to the live release: `link …`, `folder`, `file` or `none`.
    pub current: Option<String>,
    /// What `sudo -n -l` said; none where root asks.
    pub sudo: Option<Answer>,
    /// How many sessions a connection may have, where the configuration of sshd can be read.
    pub max_sessions: Option<u64>,
    /// What git said.
    pub git: Option<Answer>,
    /// What `ssh-add -l` said, where git failed.
    pub agent: Option<Answer>,
    /// Whether the user has keys on the host, where git failed.
    pub has_keys: bool,
    /// The lock of the deploy.
    pub lock: Option<lock::Answer>,
}

/// A program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its name.
    pub name: String,
    /// Where a deploy finds it.
    pub here: Option<String>,
    /// Where a login finds it.
    pub at_login: Option<String>,
}

/// What there is in the place of a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum There {
    /// A folder.
    #[default]
    Folder,
    /// Nothing.
    Nothing,
    /// Something else.
    Other,
    /// A link that leads nowhere.
    Astray,
}

/// A folder the deploy writes into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// Its path.
    pub path: String,
    /// What is there.
    pub there: There,
    /// Itself, or the nearest one above it that is there.
    pub nearest: String,
    /// Whether the user may write into that.
    pub may_write: bool,
    /// How `ls` shows its rights: `drwxr-xr-x root:root`.
    pub mode: String,
}

/// The file system below a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disk {
    /// The path that was asked for.
    pub path: String,
    /// Where it is mounted.
    pub mount: String,
    /// Bytes in all and free, where `df` says so.
    pub bytes: Option<(u64, u64)>,
    /// Inodes in all and free; none where the file system has no fixed number.
    pub inodes: Option<(u64, u64)>,
    /// Whether nothing can be written there by anybody.
    pub is_read_only: bool,
}

impl Facts {
    /// Reads what the script printed.
    ///
    /// # Errors
    /// What was cut off on its way, or is no answer of the script at all.
    pub fn parse(text: &str, asked: &Asked) -> Result<Self, Error> {
        let sections = Sections::parse(text);
        let (Some(user), Some(_)) = (sections.text("me"), sections.get("end")) else {
            return Err(Error::new(Kind::Command, "what the host says of itself is not whole")
                .help("try again; if it stays, `-v` shows what the host printed"));
        };
        let text = |key: &str| sections.text(key).map(str::to_owned);
        let number = |key: &str| sections.text(key).and_then(|text| text.trim().parse::<i64>().ok());
        let good = |key: &str| sections.get(key).filter(|answer| answer.is_ok()).map(|answer| answer.text.as_str());
        let programs = asked.all_programs().into_iter().enumerate().map(|(n, name)| {
            let answer = sections.text(&format!("program.{n}")).unwrap_or_default();
            let (here, at_login) = answer.split_once('\n').unwrap_or((answer, ""));
            let place = |path: &str| Some(path.to_owned()).filter(|path| !path.is_empty());
            Program { name: name.to_owned(), here: place(here), at_login: place(at_login) }
        });
        let disks = asked.deploy_to.iter().chain([&asked.tmp]).enumerate();
        Ok(Self {
            user: user.to_owned(),
            is_root: sections.text("uid") == Some("0"),
            clock: number("now").zip(number("later")),
            shell: text("shell"),
            path: text("path").unwrap_or_default(),
            login_path: text("login_path"),
            systemd: good("systemd").and_then(|text| text.lines().next()).map(|line| {
                let words: Vec<&str> = line.split(' ').take(2).collect();
                words.join(" ")
            }),
            has_setsid: sections.text("setsid").is_some(),
            programs: programs.collect(),
            folders: asked.folders.iter().enumerate().map(|(n, path)| folder(&sections, n, path)).collect(),
            disks: disks.map(|(n, path)| disk(&sections, n, path)).collect(),
            current: text("current"),
            sudo: sections.get("sudo").cloned(),
            max_sessions: number("max_sessions").and_then(|number| u64::try_from(number).ok()),
            git: sections.get("git").cloned(),
            agent: sections.get("agent").cloned(),
            has_keys: sections.text("keys").is_some(),
            lock: good("lock").and_then(lock::Answer::read),
        })
    }
}

fn folder(sections: &Sections, n: usize, path: &str) -> Folder {
    let answer = sections.text(&format!("folder.{n}")).unwrap_or_default();
    let mut lines = answer.lines();
    let mut next = || lines.next().unwrap_or_default().to_owned();
    let there = match next().as_str() {
        "missing" => There::Nothing,
        "other" => There::Other,
        "astray" => There::Astray,
        _ => There::Folder,
    };
    Folder { path: path.to_owned(), there, nearest: next(), may_write: next() == "yes", mode: next() }
}

fn disk(sections: &Sections, n: usize, path: &str) -> Disk {
    let last = |key: &str| {
        let answer = sections.get(&format!("{key}.{n}")).filter(|answer| answer.is_ok())?;
        answer.text.lines().last().map(str::to_owned)
    };
    // `DEVICE TOTAL USED FREE PERCENT MOUNT`: a device or a mount may hold blanks, the percent sign stands alone.
    let amounts = |line: &str| {
        let (before, mount) = line.split_once("% ")?;
        let words: Vec<&str> = before.split_whitespace().rev().collect();
        let number = |at: usize| words.get(at)?.parse::<u64>().ok();
        Some((number(3)?, number(1)?, mount.trim().to_owned()))
    };
    let space = last("disk").as_deref().and_then(amounts);
    let inodes = last("inodes").as_deref().and_then(amounts).map(|(total, free, _)| (total, free));
    Disk {
        path: path.to_owned(),
        mount: space.as_ref().map(|(_, _, mount)| mount.clone()).unwrap_or_default(),
        bytes: space.map(|(total, free, _)| (total.saturating_mul(1024), free.saturating_mul(1024))),
        inodes: inodes.filter(|(total, _)| *total > 0),
        is_read_only: sections
            .text(&format!("mount.{n}"))
            .is_some_and(|options| options.split(',').skip(1).any(|option| option == "ro")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::doctor::testing::{Recorded, asked};

    #[test]
    fn every_answer_is_read() {
        let facts = Recorded::healthy().facts(&asked());
        assert_eq!((facts.user.as_str(), facts.is_root), ("deploy", false));
        assert_eq!(facts.clock, Some((1_795_738_500, 1_795_738_501)));
        assert_eq!((facts.systemd.as_deref(), facts.max_sessions), (Some("systemd 252"), Some(10)));
        assert_eq!(facts.programs[0].here.as_deref(), Some("/usr/bin/git"));
        assert_eq!(
            facts.folders[1],
            Folder {
                path: "/var/www/shop/releases".into(),
                there: There::Folder,
                nearest: "/var/www/shop/releases".into(),
                may_write: true,
                mode: "drwxr-xr-x deploy:deploy".into(),
            }
        );
        assert_eq!(
            facts.disks[0],
            Disk {
                path: "/var/www/shop".into(),
                mount: "/".into(),
                bytes: Some((40 << 30, 20 << 30)),
                inodes: Some((2_621_440, 2_000_000)),
                is_read_only: false,
            }
        );
        assert!(facts.lock.is_some_and(|lock| lock.held().is_none()));
    }

    #[test]
    fn what_is_not_whole_is_no_answer() {
        let cut = Recorded::healthy().without("later").text();
        assert_eq!(Facts::parse(&cut, &asked()).unwrap_err().kind(), Kind::Command);
        assert!(Facts::parse("This account is currently not available.\n", &asked()).is_err());
    }

    #[test]
    fn a_file_system_without_a_number_of_inodes_has_none() {
        let df = "Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/sdb 0 0 0 - /";
        assert_eq!(Recorded::healthy().section("inodes.0", 0, df).facts(&asked()).disks[0].inodes, None);
        let df = "Filesystem 1024-blocks Used Available Capacity Mounted on\nmy share 2048 1024 1024 50% /mnt/my share";
        let disk = Recorded::healthy().section("disk.0", 0, df).facts(&asked()).disks.remove(0);
        assert_eq!((disk.bytes, disk.mount.as_str()), (Some((2 << 20, 1 << 20)), "/mnt/my share"));
        let silent = Recorded::healthy().section("disk.0", 1, "").facts(&asked()).disks.remove(0);
        assert_eq!((silent.bytes, silent.mount.as_str()), (None, ""));
    }
}
