//! What a host is told to do to write a file: texts for `sh`, and how its answer is read.
//!
//! A file appears under its name only when all of it is there, in one step: it is made beside its place under another
//! name, gets owner, mode and time, and is renamed. Where the file there is the same already, nothing is renamed. A label
//! of `SELinux` is thus that of the folder, which is not so for a file that is moved from `/tmp`.
//!
//! Files of services go the same way through other hands ([`settle`]); how bytes get to the host is `transport::files`'.

use crate::error::Error;
use crate::model::file_part::{NAME_IT, REMOVE, Resume, fill, tell};
use crate::model::quote::{quote, quote_path};

/// Printed where the file was as it should be.
pub const UNCHANGED: &str = "windlass: unchanged";
/// Printed where a file is as long as one that may be sent.
pub const AS_LONG: &str = "windlass: as long";
/// Printed where it was written.
pub const CHANGED: &str = "windlass: changed";
/// Printed where it was written, and what has changed is not for everybody's eyes.
pub const CHANGED_UNSEEN: &str = "windlass: changed, not shown";

/// Where a file goes, and what it is to be like there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// Its path: absolute, relative to the directory of the command, or with a leading `~`. A symbolic link is followed.
    pub path: String,
    /// Permission bits. None keeps those of the file that is there, and leaves those of a new one to the umask.
    pub mode: Option<u32>,
    /// Its owner, a name or a number. None keeps that of the file that is there, where it is root who writes.
    pub owner: Option<String>,
    /// Its group, likewise.
    pub group: Option<String>,
    /// When it was changed last, in seconds since 1970; none for now.
    pub modified: Option<i64>,
    /// Whether the host shows what has changed.
    pub shows: Shows,
}

/// Whether a host shows what has changed, as `diff -u` prints it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shows {
    /// It does not.
    #[default]
    Never,
    /// It does, unless nobody but its owner may read the file, before or after.
    Public,
    /// It does.
    Always,
}

impl Placed {
    /// A path with nothing special about it.
    #[must_use]
    pub fn at(path: impl Into<String>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    /// Refuses what cannot be the name of an owner or a group.
    ///
    /// # Errors
    /// The first of them.
    pub fn check(&self) -> Result<(), Error> {
        for (what, name) in [("owner", &self.owner), ("group", &self.group)] {
            if let Some(name) = name
                && (name.is_empty() || name.starts_with('-') || name.contains(|c: char| c.is_whitespace() || c == ':'))
            {
                return Err(Error::recipe(format!("`{name}` cannot be the {what} of a file"))
                    .help("owner and group are two options: `owner: \"app\", group: \"www-data\"`"));
            }
        }
        Ok(())
    }

    /// The script that writes the file from its standard input, which has this many bytes.
    ///
    /// With a mode, the unfinished file is nobody else's to read. `PIPE` is ignored because a shell that dies of it, when
    /// the connection has gone, would not remove the file. `nonce` makes its name one nobody else has. Of a file that is
    /// there in part, only the rest is read.
    #[must_use]
    pub fn receive(&self, length: u64, nonce: u64, resume: &Resume) -> String {
        let mode = match self.mode {
            Some(mode) => format!("mode={mode:o}"),
            None => r#"mode=$(stat -c %a "$dest" 2>/dev/null || stat -f %Lp "$dest" 2>/dev/null)"#.to_owned(),
        };
        format!(
            r#"trap '' PIPE
{resolve}
if [ -d "$dest" ]; then echo 'Is a directory' >&2; exit 1; fi
if [ -e "$dest" ] && [ ! -f "$dest" ]; then echo 'Not a regular file' >&2; exit 1; fi
{NAME_IT}
case $dest in */*) ;; *) dest=./$dest;; esac
part=${{kept%-part}}-{nonce:016x}
{mode}
trap 'exit 143' HUP INT TERM
(if [ -n "$mode" ]; then umask 077; fi; set -C; : >"$part") || exit 1
{fill}
{REMOVE}
{keep}{own}if [ -n "$mode" ]; then chmod "$mode" "$part" || exit 1; fi
{touch}{settle}"#,
            resolve = self.resolve(),
            fill = fill(resume, length),
            keep = self.keep(),
            own = self.own("$part").map(|line| format!("{line} || exit 1\n")).unwrap_or_default(),
            touch = self.touch("$part").map(|line| format!("{line} || exit 1\n")).unwrap_or_default(),
            settle = settle("", self.asked().as_str(), self.shows),
        )
    }

    /// The script that asks whether there is a file of this many bytes: for one whose checksum takes a while. With `parts`
    /// it also tells of a part of one.
    #[must_use]
    pub fn ask_length(&self, length: u64, parts: bool) -> String {
        format!(
            r#"{resolve}
if [ -f "$dest" ] && [ -r "$dest" ] && [ "$(wc -c <"$dest")" -eq {length} ]; then echo '{AS_LONG}'; fi
{tell}"#,
            resolve = self.resolve(),
            tell = if parts { tell() } else { String::new() },
        )
    }

    /// The script that asks whether the file there has this many bytes with this SHA-256. If so it gets owner, mode and
    /// time, and the answer is as of one that was written; else nothing is printed, and it has to be sent.
    #[must_use]
    pub fn ask(&self, length: u64, digest: &str) -> String {
        let mode = self.mode.map(|mode| format!("chmod {mode:o} \"$dest\""));
        let changes: Vec<String> = [self.own("$dest"), mode, self.touch("$dest")].into_iter().flatten().collect();
        let asked = quote(&self.asked()).into_owned();
        let changes: Vec<String> = changes.iter().map(|line| format!("{line} 2>/dev/null || exit 0\n")).collect();
        let changes = changes.concat();
        format!(
            r#"{resolve}
[ -f "$dest" ] && [ -r "$dest" ] || exit 0
[ "$(wc -c <"$dest")" -eq {length} ] || exit 0
sum=$(sha256sum <"$dest" 2>/dev/null) && [ "${{sum%% *}}" = {digest} ] || exit 0
case $dest in -*) dest=./$dest;; esac
{NAME_IT}
{REMOVE}
before=$(stat -c {asked} "$dest")
{changes}if [ "$(stat -c {asked} "$dest")" = "$before" ]; then printf '%s\n' '{UNCHANGED}'
else printf '%s\n' '{CHANGED}'; fi"#,
            resolve = self.resolve(),
        )
    }

    fn resolve(&self) -> String {
        format!("dest={}\nif [ -L \"$dest\" ]; then dest=$(readlink -f \"$dest\") || exit 1; fi", guarded(&self.path))
    }

    /// Root can keep whose a file is, as an editor would.
    fn keep(&self) -> &'static str {
        match (&self.owner, &self.group) {
            (Some(_), Some(_)) => "",
            _ => {
                "if [ -f \"$dest\" ] && [ \"$(id -u)\" = 0 ]; then\n\
                 chown \"$(stat -c %u:%g \"$dest\")\" \"$part\" 2>/dev/null; fi\n"
            }
        }
    }

    fn own(&self, file: &str) -> Option<String> {
        let line = match (&self.owner, &self.group) {
            (None, None) => return None,
            (Some(owner), None) => format!("chown {}", quote(owner)),
            (Some(owner), Some(group)) => format!("chown {}", quote(&format!("{owner}:{group}"))),
            (None, Some(group)) => format!("chgrp {}", quote(group)),
        };
        Some(format!("{line} \"{file}\""))
    }

    fn touch(&self, file: &str) -> Option<String> {
        self.modified.map(|seconds| format!("touch -d @{seconds} \"{file}\""))
    }

    /// What has to be the same of two files besides what is in them, for `stat -c`.
    fn asked(&self) -> String {
        let more =
            [self.owner.as_ref().map(|_| " %u"), self.group.as_ref().map(|_| " %g"), self.modified.map(|_| " %Y")];
        ["%a"].into_iter().chain(more.into_iter().flatten()).collect()
    }
}

/// The end of a script that writes: `$part` takes the place of `$dest`, unless it is the same in content and in what
/// `asked`, a format of `stat`, names. `by` are words before each program, with a blank behind them: for one that only
/// somebody else may do.
#[must_use]
pub fn settle(by: &str, asked: &str, shows: Shows) -> String {
    let asked = quote(asked);
    let changes = format!(
        r#"if {by}test -e "$dest"; then {by}diff -u "$dest" "$part"; else {by}diff -u /dev/null "$part"; fi 2>/dev/null | sed '1,2d'"#
    );
    let show = match shows {
        Shows::Never => "unseen=".to_owned(),
        Shows::Always => format!("unseen=; {changes}"),
        Shows::Public => format!(
            r#"case $({by}stat -c %a "$part"):$({by}stat -c %a "$dest" 2>/dev/null) in *00:* | *00) unseen=', not shown' ;;
*) unseen=; {changes} ;; esac"#
        ),
    };
    format!(
        r#"if {by}cmp -s "$part" "$dest" 2>/dev/null && [ "$({by}stat -c {asked} "$part")" = "$({by}stat -c {asked} "$dest")" ]; then
printf '%s\n' '{UNCHANGED}'; exit 0; fi
{show}
{by}mv -f "$part" "$dest" || exit 1
trap - EXIT
printf '%s\n' "{CHANGED}$unseen""#
    )
}

/// What a host has said of a file it was to write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Whether it was written, or got another mode, owner or time; a dry run, which says nothing, would have.
    pub is_changed: bool,
    /// What has changed, as lines of a diff; empty where that is not shown, or is nothing anybody could read.
    pub diff: String,
    /// Whether it is not shown because the file is for its owner alone.
    pub is_unseen: bool,
}

impl Written {
    /// From what the host has printed.
    #[must_use]
    pub fn read(printed: &[u8]) -> Self {
        let printed = String::from_utf8_lossy(printed);
        let (diff, last) = printed.trim_end().rsplit_once('\n').unwrap_or(("", printed.trim_end()));
        Self { is_changed: last != UNCHANGED, diff: diff.to_owned(), is_unseen: last == CHANGED_UNSEEN }
    }
}

/// A path as the shell reads it, never taken for an option.
#[must_use]
pub fn guarded(path: &str) -> String {
    if path.starts_with('-') { quote_path(&format!("./{path}")).into_owned() } else { quote_path(path).into_owned() }
}

/// The path of a file that is copied to `path`: a path that ends with `/` is the folder it goes into, under its own name.
#[must_use]
pub fn target(path: &str, name: &str) -> String {
    if path.ends_with('/') { format!("{path}{name}") } else { path.to_owned() }
}

#[cfg(test)]
#[path = "file_script_tests.rs"]
mod tests;
