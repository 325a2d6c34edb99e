//! What a host's shell is sent for commands that go out together.
//!
//! Owns two texts. The prelude is read once by an `sh` that stays: it defines how to run one trip. A trip is then one
//! call of that function, so that the `sh` has read all of it before the watchdog reads on from the same standard input.
//!
//! The commands of a trip run in a session of their own, each in a subshell, with nothing to read. Beside them stands a
//! watchdog that reads the standard input of the staying `sh`: when that ends, because the trip was cancelled, windlass
//! was killed or the connection broke, it ends the whole process group, with TERM and a second later KILL. It runs as
//! the commands' user, inside `sudo`, because nobody else may signal them.
//!
//! Both output streams are framed by lines that begin with a marker nobody can guess: `MARKER.k` before the first byte
//! of command k, `MARKER.k:STATUS` after its last, and for the whole trip
//! `MARKER:STATUS LEFT BEGIN END`, where LEFT is 1 when something of it still runs in the background and the other two
//! are seconds of the host's clock. What stands outside is noise of a login script.

use std::ops::Range;

use crate::error::Error;
use crate::model::command::{Body, Command, secret_variable};
use crate::model::quote::quote;
use crate::model::secret::Vault;

/// Longest text of the commands of one trip and of what they read, in bytes: the commands are one argument of a program,
/// a text one variable, and Linux allows 128 KiB for each (`MAX_ARG_STRLEN`).
const LONGEST: usize = 100 * 1024;

/// A trip, ready for a transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TripScript {
    /// What the staying `sh` reads.
    pub text: String,
    /// What the lines of the frame begin with.
    pub marker: String,
}

/// What the staying `sh` reads first.
///
/// Where the group was told to go, the watchdog no longer heeds TERM: it has to stay until all of it is gone, not only
/// the leader. Where the input ends at once the group may not be there yet, and it is the child that has to go, or the
/// command would begin after all. The shell's own streams are set aside while it waits, because it would report a killed
/// command with the whole command line.
pub const PRELUDE: &str = r#"windlass() {
read windlass_begin _ 2>/dev/null </proc/uptime
exec 3<&0
if command -v setsid >/dev/null 2>&1; then setsid sh -c "$3" </dev/null 3<&- & windlass_group=-$!
else sh -c "$3" </dev/null 3<&- & windlass_group=$!; fi
windlass_child=$!
windlass_end() { kill -$1 "$windlass_group" || kill -$1 "$windlass_child"; }
windlass_watchdog=
if [ "$2" = watched ]; then
{ while read -r _; do :; done; trap '' HUP TERM; windlass_end TERM; i=0
while [ $i -lt 10 ] && windlass_end 0; do sleep 0.1 || sleep 1; i=$((i + 1)); done
windlass_end KILL; } <&3 3<&- >/dev/null 2>&1 &
windlass_watchdog=$!
fi
exec 3<&- 4>&1 5>&2 >/dev/null 2>&1
wait "$windlass_child"; windlass_status=$?
[ -z "$windlass_watchdog" ] || { kill "$windlass_watchdog"; wait "$windlass_watchdog"; }
windlass_left=0; kill -0 "$windlass_group" && windlass_left=1
read windlass_over _ </proc/uptime
exec >&4 2>&5 4>&- 5>&-
windlass_line="$1:$windlass_status $windlass_left $windlass_begin $windlass_over"
printf '%s\n' "$windlass_line"; printf '%s\n' "$windlass_line" >&2
}
"#;

/// Renders commands that are to run one after the other, each with whether its failure stops the rest.
///
/// `nonce` makes the marker unique, so that no output can imitate it. A shielded trip has no watchdog, and heeds neither
/// a hang-up nor that nobody reads its output any more.
///
/// # Errors
/// As [`Command::inner_line`].
pub fn render<'a>(
    commands: impl Iterator<Item = (&'a Command, bool)>,
    vault: &Vault,
    nonce: u64,
    shielded: bool,
) -> Result<TripScript, Error> {
    let marker = format!("windlass-{nonce:016x}");
    let (mut secrets, mut texts) = (Vec::new(), Vec::new());
    // The marker never stands in the text as a whole, or a command such as `ps` would print it.
    let mut inner = format!(
        "windlass_m=windlass-; windlass_m=${{windlass_m}}{nonce:016x}\n\
         windlass_say() {{ printf '%s\\n' \"$windlass_m$1\"; printf '%s\\n' \"$windlass_m$1\" >&2; }}\n"
    );
    if shielded {
        inner.push_str("trap '' HUP INT TERM PIPE\n");
    }
    for (number, (command, must_succeed)) in commands.enumerate() {
        for secret in command.secrets(vault)? {
            if !secrets.contains(&secret) {
                secrets.push(secret);
            }
        }
        let mut run = format!("eval {}", quote(&command.inner_line(vault)?));
        if let Body::Fed { text, .. } = &command.body {
            texts.push((number, vault.reveal(text)?));
            run = format!("printf %s \"$windlass_text_{number}\" | {run}");
        }
        inner
            .push_str(&format!("windlass_say .{number}\n({run})\nwindlass_s=$?; windlass_say .{number}:$windlass_s\n"));
        if must_succeed {
            inner.push_str("[ $windlass_s = 0 ] || exit $windlass_s\n");
        }
    }
    inner.push_str("exit $windlass_s");
    // What the commands read came through the environment, which is no business of theirs.
    let taken = |(number, _): &(usize, String)| {
        format!("windlass_text_{number}=$WINDLASS_TEXT_{number}; unset WINDLASS_TEXT_{number}\n")
    };
    inner.insert_str(0, &texts.iter().map(taken).collect::<String>());
    // One compound command: read as a whole before any of it runs.
    let mut text = String::from("{\n");
    let secrets = secrets.into_iter().map(|number| (secret_variable(number), vault.reveal_number(number)));
    let texts = texts.into_iter().map(|(number, text)| (format!("WINDLASS_TEXT_{number}"), text));
    let variables: Vec<(String, String)> = secrets.chain(texts).collect();
    for (name, value) in &variables {
        text.push_str(&format!("{name}={}; export {name}\n", quote(value)));
    }
    let watch = if shielded { "shielded" } else { "watched" };
    text.push_str(&format!("windlass {marker} {watch} {}\n", quote(&inner)));
    for (name, _) in &variables {
        text.push_str(&format!("unset {name}\n"));
    }
    text.push_str("}\n");
    Ok(TripScript { text, marker })
}

/// Which commands can go out together: neighbours of one user, as many as fit.
///
/// # Errors
/// As [`Command::inner_line`].
pub fn parts(commands: &[&Command], vault: &Vault) -> Result<Vec<Range<usize>>, Error> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut length = 0;
    for (number, command) in commands.iter().enumerate() {
        let text = if let Body::Fed { text, .. } = &command.body { vault.reveal(text)?.len() } else { 0 };
        let own = quote(&command.inner_line(vault)?).len() + text + 200;
        match parts.last_mut() {
            Some(last) if commands[last.start].user == command.user && length + own <= LONGEST => {
                last.end = number + 1;
                length += own;
            }
            _ => {
                parts.push(number..number + 1);
                length = own;
            }
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marker_stands_in_no_argument() {
        let script = render([(&Command::program(["ps"]), true)].into_iter(), &Vault::default(), 7, false).unwrap();
        let argument = script.text.split_once(" watched ").unwrap().1;
        assert!(!argument.contains(&script.marker), "{argument}");
    }

    #[test]
    fn secrets_are_variables_of_the_staying_shell_for_the_time_of_the_trip() {
        let vault = Vault::default();
        let command = Command::program(["login".to_owned(), vault.seal("hunter2")]);
        let text = render([(&command, true)].into_iter(), &vault, 7, false).unwrap().text;
        let (before, call) = text.split_once("windlass windlass-").unwrap();
        assert_eq!(before, "{\nWINDLASS_SECRET_0=hunter2; export WINDLASS_SECRET_0\n");
        assert!(!call.contains("hunter2") && call.ends_with("\nunset WINDLASS_SECRET_0\n}\n"), "{call}");
    }

    #[test]
    fn a_text_that_is_read_stands_in_no_argument() {
        let vault = Vault::default();
        let body = Body::Fed { line: "cat >x".into(), text: format!("a={}\n", vault.seal("it's")), title: "x".into() };
        let text = render([(&Command::new(body), true)].into_iter(), &vault, 7, false).unwrap().text;
        let (before, call) = text.split_once("windlass windlass-").unwrap();
        assert_eq!(before, "{\nWINDLASS_TEXT_0='a=it'\\''s\n'; export WINDLASS_TEXT_0\n");
        assert!(!call.contains("a=it") && call.ends_with("\nunset WINDLASS_TEXT_0\n}\n"), "{call}");
        assert!(call.contains("unset WINDLASS_TEXT_0\nwindlass_m="), "{call}");
    }

    #[test]
    fn commands_of_one_user_go_together_as_long_as_they_fit() {
        let vault = Vault::default();
        let (own, app) = (Command::program(["id"]), Command { user: Some("app".into()), ..Command::program(["id"]) });
        let long = Command::program(["echo".to_owned(), "x".repeat(60 * 1024)]);
        assert_eq!(parts(&[&own, &own, &app, &own], &vault).unwrap(), [0..2, 2..3, 3..4]);
        assert_eq!(parts(&[&long, &own, &long, &own], &vault).unwrap(), [0..2, 2..4]);
        assert!(parts(&[], &vault).unwrap().is_empty());
    }
}
