//! What is sent to a host for a command that is talked with: one on a terminal, or one whose prompts are answered.
//!
//! Owns the launcher, and the text that is read behind it. Both the text and the answers come by the standard input, so no
//! secret stands in an argument. The launcher says that it reads, and whether it has a terminal; then comes the text, up to
//! a word nobody can guess, and from then on the input is the command's.
//!
//! The command is an `sh -c` of its own. On a terminal it shares the process group of the `sh` around it, or it could not
//! read there; that `sh` is told when the line hangs up, and ends the group. Without one the command has a group, and what
//! it reads goes through a loop that sees when the input ends, because the run was cancelled, windlass was killed or the
//! connection broke; then the group is ended, too. As everywhere with TERM, and a second later KILL.
//!
//! The streams are framed as in `model::script`. A terminal has one stream for both.

use crate::error::Error;
use crate::model::command::{Command, secret_variable};
use crate::model::quote::quote;
use crate::model::secret::Vault;
use crate::model::sudo::{self, Gate};

/// A terminal's size, as programs see it.
const SIZE: &str = "rows 40 cols 120";

/// A command that is talked with, ready for a transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialogueScript {
    /// The program to start, as words.
    pub launcher: Vec<String>,
    /// What has to be passed first.
    pub gate: Option<Gate>,
    /// The line that says the launcher reads begins with this; then comes a [`Ground`].
    pub ready: String,
    /// What it reads then.
    pub text: String,
    /// The word that frames the output.
    pub marker: String,
}

/// What the launcher has found itself on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// No terminal.
    Pipe,
    /// A terminal.
    Terminal,
    /// A terminal on a host without `stty`, which cannot be made a usual one.
    Bare,
}

impl Ground {
    /// Reads the word of it.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "pipe" => Some(Self::Pipe),
            "terminal" => Some(Self::Terminal),
            "bare" => Some(Self::Bare),
            _ => None,
        }
    }
}

/// Reads the text. The first word is put together, so that a login shell that shows what it runs does not say it.
const LAUNCHER: &str = r#"windlass_g=windlass-; windlass_t=pipe
if [ -t 0 ]; then windlass_t=terminal; command -v stty >/dev/null 2>&1 || windlass_t=bare; fi
printf '%s %s\n' "${windlass_g}ready-NONCE" "$windlass_t"
windlass_x=
while IFS= read -r windlass_l; do
[ "$windlass_l" != windlass-text-NONCE ] || { eval "$windlass_x"; exit; }
windlass_x="$windlass_x$windlass_l
"
done"#;

/// Before anything is read from a terminal: what is sent is longer than its lines may be, and is not to be echoed. sudo
/// may ask before the `sh` behind it begins.
const RAW: &str = r#"stty raw -echo 2>/dev/null; exec "$@""#;

/// On a terminal. It echoes nothing: who prints a prompt before it switches the echo off would show what is answered at
/// once. Pagers would wait for a key.
///
/// The trap for TERM is one that does nothing, so that this `sh` stays until all of the group is gone; `wait` ends early
/// for it. A terminal that is let go when the command is over has not hung up.
const TERMINAL: &str = r#"stty sane -echo SIZE 2>/dev/null || stty sane -echo
TERM=xterm PAGER=cat GIT_PAGER=cat SYSTEMD_PAGER=cat; export TERM PAGER GIT_PAGER SYSTEMD_PAGER
windlass_group=$$
if { read -r windlass_l </proc/$$/stat; } 2>/dev/null; then set -- ${windlass_l##*') '}; windlass_group=$3
elif windlass_l=$(ps -o pgid= -p $$ 2>/dev/null); then windlass_group=$((windlass_l)); fi
windlass_end() { trap '' HUP INT TERM; kill -TERM -$windlass_group; sleep 1; kill -KILL -$windlass_group; }
trap windlass_end HUP; trap : INT QUIT TERM
printf '%s %s\n' "$windlass_m" $windlass_group
exec 3<&0
{ exec sh -c "$windlass_c"; } <&3 3<&- &
windlass_child=$!
exec 4>&2 2>/dev/null
while :; do wait $windlass_child; windlass_s=$?; kill -0 $windlass_child || break; done
trap '' HUP
printf '%s:%s\n' "$windlass_m" $windlass_s
exit $windlass_s
"#;

/// Without one. The last part is the watchdog. It is told the group, and that the command is over or the input has ended,
/// whichever comes first; a command that is over is not ended, for its number may be somebody else's by then.
const PIPE: &str = r#"windlass_c="printf '%s %s\n' '$windlass_m' \$\$; printf '%s %s\n' '$windlass_m' \$\$ >&2
$windlass_c"
exec 3<&0 4>&1 5>&2 </dev/null >/dev/null 2>&1
{
{ trap '' PIPE; exec <&3 3<&- 4>&- 5>&-
while IFS= read -r windlass_l; do printf '%s\n' "$windlass_l"; done
printf 'cut\n' >&8; } |
{ exec 6<&0 </dev/null 3<&-
windlass_setsid=; if command -v setsid; then windlass_setsid=setsid; fi >/dev/null
{ exec $windlass_setsid sh -c "$windlass_c"; } <&6 >&4 2>&5 4>&- 5>&- 6<&- 8>&- &
windlass_child=$!
exec 6<&-
printf '%s\n' $windlass_child >&8
wait $windlass_child; windlass_s=$?
printf '%s:%s\n' "$windlass_m" $windlass_s >&4; printf '%s:%s\n' "$windlass_m" $windlass_s >&5
printf 'over\n' >&8; }
} 8>&1 | {
exec 3<&- 4>&- 5>&-
windlass_group= windlass_cut=
windlass_end() { kill -$1 -$windlass_group || kill -$1 $windlass_group; }
while read -r windlass_l; do
case $windlass_l in over) exit ;; cut) windlass_cut=yes ;; *) windlass_group=$windlass_l ;; esac
if [ -n "$windlass_cut" ] && [ -n "$windlass_group" ]; then
windlass_end TERM; i=0
while [ $i -lt 10 ] && windlass_end 0; do sleep 0.1 || sleep 1; i=$((i + 1)); done
windlass_end KILL; exit
fi
done; }
"#;

/// Renders a command that is talked with.
///
/// `nonce` makes the words unique, so that no output can imitate them. The marker begins with a control character: a
/// prompt may end with any letter, and would be held back as what may become a marker.
///
/// # Errors
/// As [`Command::inner_line`].
pub fn render(command: &Command, on_terminal: bool, vault: &Vault, nonce: u64) -> Result<DialogueScript, Error> {
    let marker = format!("\u{1e}windlass-{nonce:016x}");
    let mut text = String::new();
    for number in command.secrets(vault)? {
        let name = secret_variable(number);
        text.push_str(&format!("{name}={}; export {name}\n", quote(&vault.reveal_number(number))));
    }
    let mut line = command.inner_line(vault)?;
    if command.user.is_none()
        && sudo::is_called_in(&line)
        && let Some(password) = vault.sudo_password()
    {
        let name = sudo::VARIABLE;
        text.push_str(&format!("{name}={}; export {name}\n", quote(&password)));
        line = format!("{}eval {}", sudo::FUNCTION, quote(&line));
    }
    text.push_str(&format!("windlass_m={}\nwindlass_c={}\n", quote(&marker), quote(&line)));
    text.push_str(&if on_terminal { TERMINAL.replace("SIZE", SIZE) } else { PIPE.to_owned() });
    text.push_str(&format!("windlass-text-{nonce:016x}\n"));
    let gate = Gate::of(command, vault, nonce);
    let launcher = LAUNCHER.replace("NONCE", &format!("{nonce:016x}"));
    let words: Vec<String> = match (&command.user, &gate) {
        (Some(user), Some(gate)) => gate.launcher(user, &launcher),
        (Some(user), None) => ["sudo", "-n", "-u", user, "--", "sh", "-c", &launcher].map(str::to_owned).to_vec(),
        (None, _) => ["sh", "-c", &launcher].map(str::to_owned).to_vec(),
    };
    let launcher =
        if on_terminal { ["sh", "-c", RAW, "sh"].map(str::to_owned).into_iter().chain(words).collect() } else { words };
    Ok(DialogueScript { launcher, gate, ready: format!("windlass-ready-{nonce:016x} "), text, marker })
}

#[cfg(test)]
#[path = "dialogue_script_tests.rs"]
mod tests;
