//! The part of a large file that has arrived when its transfer was cut: what it is called, when it stays, and how the next
//! transfer goes on behind it.
//!
//! A part stands beside the file it is of, for its owner alone. Nothing of it is believed but a SHA-256 over all of it: a
//! transfer goes on where the file to be sent begins with the very same bytes, and starts anew everywhere else. There is
//! one part of a file at most; whatever is sent to its place next removes it.

/// Files of at least so many bytes leave a part: less than this is sent again as quickly as it is asked for.
pub const LEAST: u64 = 4 * 1024 * 1024;

/// Ends the name of a part, which begins with a dot and the name of the file.
pub const ENDING: &str = ".windlass-part";

/// Begins the line that tells of one.
const WORD: &str = "windlass: part ";

/// Printed where a part has gone, or is another one than it was.
pub const GONE: &str = "windlass: the part is gone";

/// The name of the part of a file of this name.
#[must_use]
pub fn name(file: &str) -> String {
    format!(".{file}{ENDING}")
}

/// A part on a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// How many bytes it has.
    pub bytes: u64,
    /// Their SHA-256.
    pub digest: String,
    /// Which file it is, as the host tells them apart.
    identity: String,
}

/// What a transfer to a host does about parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Resume {
    /// It leaves none.
    #[default]
    No,
    /// It begins anew, and leaves one where it is cut.
    Anew,
    /// It goes on behind this one, and leaves one where it is cut.
    Behind(Part),
}

impl Resume {
    /// How many bytes need not be sent.
    #[must_use]
    pub fn offset(&self) -> u64 {
        if let Self::Behind(part) = self { part.bytes } else { 0 }
    }
}

/// What tells whether it is still the file it was, for `stat -c`.
const IDENTITY: &str = "%i-%s-%Y-%h";

impl Part {
    /// From what [`tell`] has printed; none where there is none.
    #[must_use]
    pub fn read(said: &str) -> Option<Self> {
        let mut lines = said.lines().skip_while(|line| !line.starts_with(WORD));
        let (identity, bytes) = lines.next()?.strip_prefix(WORD)?.split_once(' ')?;
        let digest = lines.next()?.split(' ').next().unwrap_or_default();
        let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        // Who has a second name for it may write to it.
        let is_alone = identity.ends_with("-1") && identity.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        if !is_digest || !is_alone {
            return None;
        }
        Some(Self {
            bytes: bytes.parse().ok().filter(|bytes| *bytes > 0)?,
            digest: digest.to_owned(),
            identity: identity.to_owned(),
        })
    }
}

/// Lines that make `$kept` the path of the part of `$dest`.
pub const NAME_IT: &str =
    concat!("case $dest in */*) kept=${dest%/*}/.${dest##*/};; *) kept=./.$dest;; esac\n", "kept=$kept.windlass-part");

/// A line that removes the part at `$kept`, without a process where there is none.
pub const REMOVE: &str = r#"if [ -e "$kept" ]; then rm -f "$kept" 2>/dev/null; fi"#;

/// Lines that tell of the part of `$dest`, if whoever runs them has one there.
#[must_use]
pub fn tell() -> String {
    format!(
        "{NAME_IT}\n\
         if [ -f \"$kept\" ] && [ ! -L \"$kept\" ] && [ -O \"$kept\" ] && [ -r \"$kept\" ]; then\n\
         stat -c '{WORD}{IDENTITY} %s' \"$kept\" 2>/dev/null && sha256sum <\"$kept\" 2>/dev/null; fi"
    )
}

/// Lines that fill `$part`, which is empty, from the standard input, and give what is to happen to it at the end a name:
/// `leave`. Of `length` bytes of a file those are read that are not there yet.
#[must_use]
pub fn fill(resume: &Resume, length: u64) -> String {
    let take = match resume {
        Resume::No => return plain(length),
        Resume::Anew => String::new(),
        Resume::Behind(part) => format!(
            "if ! mv -fT \"$kept\" \"$part\" 2>/dev/null || [ \"$(stat -c '{IDENTITY}' \"$part\")\" != '{identity}' ]; then\n\
             echo '{GONE}'; exit 1; fi\n",
            identity = part.identity
        ),
    };
    // Without a program that could tell what is in it, a part is of no use. What ends this script may not end `mv`.
    format!(
        r#"cut=
leave() {{
trap '' HUP INT TERM
if [ "$cut" ] && [ -s "$part" ] && command -v sha256sum >/dev/null 2>&1 && mv -fT "$part" "$kept" 2>/dev/null; then :
else rm -f "$part"; fi
}}
trap leave EXIT
{take}cut=1
cat >>"$part"
ended=$?
case $ended in 0 | 129 | 130 | 143) ;; *) cut=; exit 1 ;; esac
size=$(wc -c <"$part") || exit 1
if [ "$size" -ge {length} ]; then cut=; fi
{check}
if [ "$ended" -ne 0 ]; then exit 1; fi"#,
        check = check(length),
    )
}

fn plain(length: u64) -> String {
    format!(
        "trap 'rm -f \"$part\"' EXIT\ncat >\"$part\" || exit 1\nsize=$(wc -c <\"$part\") || exit 1\n{}",
        check(length)
    )
}

fn check(length: u64) -> String {
    format!(r#"if [ "$size" -ne {length} ]; then echo "$((size)) of {length} bytes arrived" >&2; exit 1; fi"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_part_is_told_with_its_checksum() {
        let part = Part { bytes: 3, digest: DIGEST.to_owned(), identity: "12-3-1700000000-1".to_owned() };
        let said = format!("windlass: as long\nwindlass: part 12-3-1700000000-1 3\n{DIGEST}  -\n");
        assert_eq!(Part::read(&said), Some(part));
    }

    #[test]
    fn what_is_told_by_halves_is_no_part() {
        for said in [
            String::new(),
            "windlass: as long\n".to_owned(),
            // No sha256sum, or one that failed.
            "windlass: part 12-3-1700000000-1 3\n".to_owned(),
            "windlass: part 12-3-1700000000-1 3\nsha256sum: not found\n".to_owned(),
            // Another name leads to it.
            format!("windlass: part 12-3-1700000000-2 3\n{DIGEST}  -\n"),
            format!("windlass: part 12-0-1700000000-1 0\n{DIGEST}  -\n"),
            format!("windlass: part $(id)-1 3\n{DIGEST}  -\n"),
        ] {
            assert_eq!(Part::read(&said), None, "{said:?}");
        }
    }

    #[test]
    fn its_name_is_that_of_the_script() {
        assert!(NAME_IT.ends_with(&format!("kept=$kept{ENDING}")));
        assert_eq!(name("a b"), ".a b.windlass-part");
    }
}
