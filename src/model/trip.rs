//! What a host's shell is sent for commands that go out together.
//!
//! Owns two texts. The prelude is read once by an `sh` that stays: it defines how to run one trip. A trip is then one
//! call of that function with its commands as arguments, so that the `sh` has read all of it before a watchdog reads on
//! from the same standard input.
//!
//! Each command is an `sh -c` in a session of its own, with nothing to read: whatever it does to itself, its functions,
//! its streams or its process group ends with it. Programs that are known to leave nothing behind share a copy of the
//! staying `sh`, and one of them alone is its child (`model::row`). Beside them stands a watchdog that reads the standard
//! input of the staying `sh`: when that ends, because the trip was cancelled, windlass was killed or the connection broke,
//! it ends the command's process group, with TERM and a second later KILL. It runs as the commands' user, inside `sudo`,
//! because nobody else may signal them.
//!
//! Both output streams are framed by lines that begin with a marker nobody can guess: `MARKER.k` before the first byte
//! of command k, `MARKER.k:STATUS` after its last, and for the whole trip
//! `MARKER:STATUS LEFT BEGIN END`, where LEFT is 1 when something of the last command still runs in the background and
//! the other two are seconds of the host's clock. What stands outside is noise of a login script. There is none of that any
//! more when a trip follows another one: its first command has begun when it has been sent, and its `MARKER.0` may come
//! behind what it prints. What runs in the
//! background may print at any time; so a trip ends early behind a command that left something there, and the rest goes
//! to another shell, which has streams of its own.

use std::ops::Range;

use crate::error::Error;
use crate::model::command::{Command, secret_variable};
use crate::model::quote::quote;
use crate::model::row::{Member, Row, is_tame};
use crate::model::secret::Vault;
use crate::model::sudo;

/// Longest text of the commands of one trip and of what they read, in bytes: the staying `sh` has all of it in memory.
const LONGEST: usize = 4 * 1024 * 1024;

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
/// the leader. A watchdog that did not end by our own TERM has seen the end of the input, and nothing more begins. Where
/// the input ends at once the group may not be there yet, and it is the child that has to go, or the command would begin
/// after all. It must not hold the streams open, or nobody would see that the shell has gone: a function called with
/// redirections keeps copies of them, a group in the background does not. Lines of the frame that follow each other are
/// written together, because each writing is a packet and wakes four processes. The shell's own streams are set aside for the
/// time of the trip, because it would report a killed command with the whole command line.
///
/// Tame programs need no process group of their own where the staying `sh` leads one, as it does below sshd, and all else
/// has groups of its own: the watchdog then ends that whole group, itself and the `sh` included. That saves the host
/// `setsid` and another `sh`. Where it does not lead, as below `sudo`, who else is in the group is not known.
///
/// A program that is waited for at once, with no `&`, costs dash no copy of itself (it calls `vfork`), and copies are most
/// of what a short command costs a host.
pub const PRELUDE: &str = r#"windlass_setsid= windlass_sign= windlass_leads= windlass_again= windlass_line='
'
if command -v setsid >/dev/null 2>&1; then windlass_setsid=setsid windlass_sign=-; fi
if [ -n "$windlass_setsid" ] && { read -r windlass_stat </proc/$$/stat; } 2>/dev/null; then
set -- ${windlass_stat##*') '}
if [ "$3" = $$ ]; then windlass_leads=yes; fi
fi
windlass_head='windlass_both() { printf %s "$1"; printf %s "$1" >&2; }
windlass_over() {
windlass_s=$?
windlass_t=$windlass_m.$1:$windlass_s$windlass_line
[ $windlass_s = 0 ] || [ $2 = may ] || { windlass_both "$windlass_t"; exit $windlass_s; }
windlass_both "$windlass_t${3:+$windlass_m.$3$windlass_line}"
}
'
eval "$windlass_head"
windlass_head="windlass_m=\$WINDLASS_MARK windlass_due= windlass_line='$windlass_line'; unset WINDLASS_MARK
$windlass_head"
windlass_print() { printf %s "$windlass_due$1" >&4; printf %s "$windlass_due$1" >&5; windlass_due=; }
windlass_say() { windlass_print "$windlass_m$1$windlass_line"; }
windlass_end() {
if [ -n "$windlass_among" ]; then kill -$1 0
else kill -$1 "$windlass_sign$windlass_child" || kill -$1 "$windlass_child"; fi
}
windlass_watch() {
while read -r _; do :; done
trap '' HUP TERM; windlass_end TERM; i=0
while [ $i -lt 10 ] && windlass_end 0; do sleep 0.1 || sleep 1; i=$((i + 1)); done
windlass_end KILL
}
windlass_do() { "$@" </dev/null >&4 2>&5 3<&- 4>&- 5>&-; }
windlass_start() {
case $1 in *-sudo*) export WINDLASS_SUDO ;; esac
case $1 in *-here) windlass_do() { exec "$@"; }; eval "$2"; exit ;; *-bare) eval "$2"; exit ;; esac
case $1 in row-*)
if [ -n "$windlass_among" ]; then windlass_row=$2; set --; eval "$windlass_row"; exit; fi
WINDLASS_MARK=$windlass_m; export WINDLASS_MARK; set -- "$1" "$windlass_head$2" ;;
*-fed) eval "WINDLASS_TEXT=\$windlass_text_$windlass_n"; export WINDLASS_TEXT ;;
esac
if [ -n "$windlass_setsid" ]; then exec setsid sh -c "$2"; else exec sh -c "$2"; fi
}
windlass() {
exec 3<&0 4>&1 5>&2 >/dev/null 2>&1
windlass_begin=; windlass_over=; read windlass_begin _ </proc/uptime
windlass_m=$1 windlass_how=$2 windlass_n=0 windlass_s=0 windlass_left=0 windlass_due=
shift 2
[ $windlass_how = watched ] || trap '' HUP INT TERM PIPE
while [ $# -gt 0 ]; do
windlass_count=1 windlass_among= windlass_here=
case $1 in
row-*) windlass_count=${1#row-} windlass_among=$windlass_leads; [ -n "$windlass_among" ] || windlass_print '' ;;
*)
case $1 in *-here) windlass_among=$windlass_leads windlass_here=$windlass_leads ;; esac
if [ "$windlass_n$windlass_again" = 0yes ]; then windlass_due=$windlass_m.0$windlass_line
else windlass_say ".$windlass_n"; fi ;;
esac
windlass_ended=143 windlass_left=0
if [ -z "$windlass_here" ]; then
{ windlass_start "$1" "$2"; } </dev/null >&4 2>&5 3<&- 4>&- 5>&- &
windlass_child=$!
fi
case $1 in row-*) windlass_due= ;; esac
if [ $windlass_how = watched ]; then
{ windlass_watch; } <&3 3<&- 4>&- 5>&- &
windlass_watchdog=$!
fi
if [ -n "$windlass_here" ]; then eval "$2"; else wait "$windlass_child"; fi
windlass_s=$?
if [ $windlass_how = watched ]; then kill "$windlass_watchdog"; wait "$windlass_watchdog"; windlass_ended=$?; fi
[ -n "$windlass_here" ] || { kill -0 "$windlass_sign$windlass_child" && windlass_left=1; }
case $1 in row-*) ;; *) windlass_due="$windlass_due$windlass_m.$windlass_n:$windlass_s$windlass_line" ;; esac
[ $windlass_ended = 143 ] || break
[ $windlass_left$windlass_how != 1watched ] || break
case $1 in must* | row-*) [ $windlass_s = 0 ] || break ;; esac
windlass_n=$((windlass_n + windlass_count))
shift 2
done
[ $windlass_how = watched ] || trap - HUP INT TERM PIPE
read windlass_over _ </proc/uptime
windlass_say ":$windlass_s $windlass_left $windlass_begin $windlass_over"
exec 3<&- >&4 2>&5 4>&- 5>&-
windlass_again=yes
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
    let (mut calls, mut row, mut password) = (String::new(), Row::default(), None);
    for (number, (command, must_succeed)) in commands.enumerate() {
        for secret in command.secrets(vault)? {
            if !secrets.contains(&secret) {
                secrets.push(secret);
            }
        }
        if is_tame(command) {
            if let Err(member) = row.push(Member::of(command, vault, number, must_succeed)?) {
                calls.push_str(&row.take());
                // An empty row has room for any.
                let _ = row.push(member);
            }
            continue;
        }
        calls.push_str(&row.take());
        let mut how = if must_succeed { "must".to_owned() } else { "may".to_owned() };
        let mut line = command.inner_line(vault)?;
        // The password is the login's: sudo would ask another user for that one's.
        if command.user.is_none()
            && sudo::is_called_in(&line)
            && let Some(given) = vault.sudo_password()
        {
            how.push_str("-sudo");
            line = format!("{}eval {}", sudo::FUNCTION, quote(&line));
            password = Some(given);
        }
        if let Some(text) = command.fed() {
            how.push_str("-fed");
            texts.push((number, vault.reveal(text)?));
            // What it reads came through the environment, which is no business of its own.
            line = format!(
                "windlass_text=$WINDLASS_TEXT; unset WINDLASS_TEXT; printf %s \"$windlass_text\" | eval {}",
                quote(&line)
            );
        }
        calls.push_str(&format!(" {how} {}", quote(&line)));
    }
    calls.push_str(&row.take());
    // One compound command: read as a whole before any of it runs.
    let mut text = String::from("{\n");
    for number in &secrets {
        let name = secret_variable(*number);
        text.push_str(&format!("{name}={}; export {name}\n", quote(&vault.reveal_number(*number))));
    }
    // Exported only to the commands they are for.
    let password = password.map(|password| (sudo::VARIABLE.to_owned(), password));
    let texts = texts.into_iter().map(|(number, text)| (format!("windlass_text_{number}"), text));
    let given: Vec<(String, String)> = password.into_iter().chain(texts).collect();
    for (name, value) in &given {
        text.push_str(&format!("{name}={}\n", quote(value)));
    }
    let watch = if shielded { "shielded" } else { "watched" };
    text.push_str(&format!("windlass {marker} {watch}{calls}\n"));
    for name in secrets.iter().map(|number| secret_variable(*number)) {
        text.push_str(&format!("unset {name}\n"));
    }
    for (name, _) in &given {
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
        let text = command.fed().map(|text| vault.reveal(text)).transpose()?.map_or(0, |text| text.len());
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
    use crate::model::command::Body;

    #[test]
    fn each_command_is_an_argument_and_says_whether_it_must_succeed() {
        let commands = [Command::program(["ps"]), Command::shell("echo 'a b'")];
        let script = render(commands.iter().zip([true, false]), &Vault::default(), 7, false).unwrap();
        let call = r"windlass windlass-0000000000000007 watched must ps may 'echo '\''a b'\'";
        assert!(script.text.starts_with(&format!("{{\n{call}")), "{}", script.text);
        assert_eq!(script.marker, "windlass-0000000000000007");
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
    fn the_password_of_sudo_goes_only_where_sudo_is_called() {
        let vault = Vault::default();
        vault.keep_sudo_password("pa ss").unwrap();
        let text = |command: &Command| render([(command, true)].into_iter(), &vault, 7, false).unwrap().text;
        let (before, call) = {
            let text = text(&Command::program(["sudo", "id"]));
            let (before, call) = text.split_once("windlass windlass-").unwrap();
            (before.to_owned(), call.to_owned())
        };
        assert_eq!(before, "{\nWINDLASS_SUDO='pa ss'\n");
        assert!(!call.contains("pa ss") && call.ends_with("\nunset WINDLASS_SUDO\n}\n"), "{call}");
        assert!(call.contains(" watched must-sudo 'unset windlass_p;"), "{call}");
        for command in
            [Command::program(["id"]), Command { user: Some("app".into()), ..Command::program(["sudo", "id"]) }]
        {
            let text = text(&command);
            assert!(!text.contains("WINDLASS_SUDO") && !text.contains("pa ss"), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_read_stands_in_no_argument() {
        let vault = Vault::default();
        let body = Body::Fed { line: "cat >x".into(), text: format!("a={}\n", vault.seal("it's")), title: "x".into() };
        let text = render([(&Command::new(body), true)].into_iter(), &vault, 7, false).unwrap().text;
        let (before, call) = text.split_once("windlass windlass-").unwrap();
        assert_eq!(before, "{\nwindlass_text_0='a=it'\\''s\n'\n");
        assert!(!call.contains("a=it") && call.ends_with("\nunset windlass_text_0\n}\n"), "{call}");
        assert!(call.contains(" watched must-fed 'windlass_text=$WINDLASS_TEXT; unset WINDLASS_TEXT;"), "{call}");
    }

    #[test]
    fn commands_of_one_user_go_together_as_long_as_they_fit() {
        let vault = Vault::default();
        let (own, app) = (Command::program(["id"]), Command { user: Some("app".into()), ..Command::program(["id"]) });
        let long = Command::program(["echo".to_owned(), "x".repeat(LONGEST * 2 / 3)]);
        assert_eq!(parts(&[&own, &own, &app, &own], &vault).unwrap(), [0..2, 2..3, 3..4]);
        assert_eq!(parts(&[&long, &own, &long, &own], &vault).unwrap(), [0..2, 2..4]);
        assert!(parts(&[], &vault).unwrap().is_empty());
    }
}
