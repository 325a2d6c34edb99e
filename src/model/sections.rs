//! How answers travel: sections that nothing in them can imitate.
//!
//! Owns both ends. A section is a line `KEY STATUS`, and each line of its value begins with a tab. So a line end in a
//! value ends nothing, and no value begins a section, whatever a file name, a journal or an error message holds. A value
//! may itself be sections: those another user's shell printed.

use indexmap::IndexMap;

/// Functions of the script: `say KEY STATUS VALUE`, and `ask KEY COMMAND…`, which says what the command printed and leaves
/// its status in `status`. No process is started for it, and no file is written.
pub const FUNCTIONS: &str = r#"nl='
'
say() {
printf '%s %s\n' "$1" "$2"; said=$3
while :; do
case $said in
*"$nl"*) printf '\t%s\n' "${said%%"$nl"*}"; said=${said#*"$nl"} ;;
*) printf '\t%s\n' "$said"; return ;;
esac
done
}
ask() {
key=$1; shift
got=$("$@" 2>&1 </dev/null); status=$?
say "$key" "$status" "$got"
}
"#;

/// What a command answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: i32,
    /// What it printed, without the line ends at the end.
    pub text: String,
}

impl Answer {
    /// Whether it succeeded.
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        self.status == 0
    }
}

/// Sections by their keys.
#[derive(Clone, Debug, Default)]
pub struct Sections(IndexMap<String, Answer>);

impl Sections {
    /// Reads them. What stands before the first one, or in no section, is noise of whatever ran around the script; of two
    /// sections with one key the first counts.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut sections = IndexMap::new();
        let mut open: Option<(String, i32, Vec<&str>)> = None;
        let close = |open: Option<(String, i32, Vec<&str>)>, sections: &mut IndexMap<String, Answer>| {
            if let Some((key, status, lines)) = open {
                sections.entry(key).or_insert_with(|| Answer { status, text: lines.join("\n") });
            }
        };
        for line in text.split('\n') {
            if let Some(value) = line.strip_prefix('\t') {
                if let Some((_, _, lines)) = &mut open {
                    lines.push(value);
                }
            } else {
                close(open.take(), &mut sections);
                open = head(line).map(|(key, status)| (key, status, Vec::new()));
            }
        }
        close(open, &mut sections);
        Self(sections)
    }

    /// The answer to a question; none where it was not asked.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Answer> {
        self.0.get(key)
    }

    /// The text of an answer that is not empty.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key).map(|answer| answer.text.as_str()).filter(|text| !text.is_empty())
    }
}

/// `KEY STATUS`.
fn head(line: &str) -> Option<(String, i32)> {
    let (key, status) = line.split_once(' ')?;
    let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte));
    is_key.then_some((key.to_owned(), status.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn values_hold_anything() {
        let sections =
            Sections::parse("noise\na 0\n\tone\n\tb 0\n\t\tc\n\t\nb 3\n\tx\nnoise in between\n\tlost\nc 0\n\t");
        assert_eq!(sections.get("a").unwrap().text, "one\nb 0\n\tc\n");
        assert_eq!(*sections.get("b").unwrap(), Answer { status: 3, text: "x".into() });
        assert_eq!(sections.text("c"), None);
        assert!(sections.get("c").unwrap().is_ok() && sections.get("d").is_none());
    }

    #[test]
    fn a_section_is_not_overwritten() {
        assert_eq!(Sections::parse("a 0\n\tfirst\na 0\n\tsecond").text("a"), Some("first"));
    }

    #[test]
    fn every_shell_frames_alike() {
        let nasty = "a\nend 0\n\t-n %s \\n \\c\n\n$(id) `id` 'x' \"y\"\r\n\té *\n~";
        for shell in [["sh", "-c"], ["dash", "-c"], ["bash", "-c"], ["busybox", "sh"]] {
            let mut command = Command::new(shell[0]);
            command.arg(shell[1]);
            if shell[1] == "sh" {
                command.arg("-c");
            }
            let script = format!(
                "{FUNCTIONS}say plain 0 \"$1\"; say inner 7 \"$(say plain 0 \"$1\")\"; ask failed sh -c 'echo a; echo b >&2; exit 5'; \
                 say after $status ''"
            );
            let Ok(output) = command.arg(script).arg("sh").arg(nasty).output() else {
                continue;
            };
            let text = String::from_utf8(output.stdout).unwrap();
            let sections = Sections::parse(&text);
            assert_eq!(sections.text("plain"), Some(nasty), "{shell:?}");
            let inner = sections.get("inner").unwrap();
            assert_eq!(inner.status, 7);
            assert_eq!(Sections::parse(&inner.text).text("plain"), Some(nasty), "{shell:?}");
            assert_eq!(*sections.get("failed").unwrap(), Answer { status: 5, text: "a\nb".into() });
            assert_eq!(sections.get("after").unwrap().status, 5);
        }
    }
}
