//! What a host is told to do with its lock: one text for `sh` per operation, which prints a [`super::lock::Answer`].
//!
//! The lock is a row of files `lock.N` in a folder; the one with the highest number counts. Whoever changes the lock,
//! to take, keep, release or break it, looks at the highest one, decides, and links a file of its own as the next
//! number: `ln` makes it in one step, or fails when somebody was faster, and then everything is looked at again. Nothing
//! is ever changed in place, so that of two who decide by the same state only one gets its way; a run that sees a higher
//! number than its own has been fenced off.
//!
//! What a look may miss, because files come and go while it reads the folder, is found afterwards: who has linked a file
//! that then is not the highest takes it back; but not who has made the lock free, because by then somebody may have it
//! already. For the same reason the file before the highest stays.
//!
//! Time is the host's own: the age of a file and `date` there. It is asked for only where it decides something, because
//! every process more is one for each host.

use crate::model::command::Command;
use crate::model::lock::{FOLDER, Freeze, Record, State};
use crate::model::quote::quote;

/// Status of [`check`] when the lock is lost.
pub const LOST: i32 = 75;

/// How often somebody may be faster before it is taken for a fault.
const TRIES: u32 = 200;

const FUNCTIONS: &str = r#"highest() {
n=0
for f in "$d"/lock.*; do
case ${f##*/lock.} in ''|0*|*[!0-9]*) ;; *) [ "${f##*/lock.}" -gt "$n" ] 2>/dev/null && n=${f##*/lock.} ;; esac
done
}
look() {
highest; token=; state=none; ttl=; left=0
[ "$n" = 0 ] && return 0
while IFS='=' read -r a b; do
case $a in token) token=$b ;; state) state=$b ;; ttl) ttl=$b ;; esac
done 2>/dev/null <"$d/lock.$n" || return 1
case $ttl in ''|*[!0-9]*) e="$d/lock.$n cannot be read"; return 1 ;; esac
}
age() {
m=$(stat -c %Y "$d/lock.$n" 2>/dev/null) || { e="stat -c %Y tells no age of $d/lock.$n"; return 1; }
left=$((m + ttl - $(date +%s)))
}
put() {
linked=
printf '%s' "$1" >"$t" || { rm -f "$t"; exit 1; }
e=$(ln "$t" "$d/lock.$((n + 1))" 2>&1) || { rm -f "$t"; return 1; }
linked=yes; w=$((n + 1)); highest
[ "$n" = "$w" ] || { rm -f "$t" "$d/lock.$w"; return 1; }
set -- "$t"
for f in "$d"/lock.*; do
case ${f##*/lock.} in ''|0*|*[!0-9]*) ;; *) [ "${f##*/lock.}" -lt "$((n - 1))" ] 2>/dev/null && set -- "$@" "$f" ;; esac
done
rm -f "$@"
return 0
}
ready() { umask 022; trap 'rm -f "$t"; exit 143' HUP INT TERM; }
i=0
again() { i=$((i + 1)); [ "$i" -le "$tries" ] || { printf '%s\n' "the lock cannot be changed: $e" >&2; exit 1; }; }
"#;

const CLAIM: &str = r#"[ -d "$d" ] || mkdir -p "$d" || exit 1
ready
while again; do
[ -e "$d/freeze" ] && { echo frozen; cat "$d/freeze"; exit; }
look || continue
old=
case $state in none|released|broken) ;; *)
[ "$token" = "$k" ] && { echo won; exit; }
age || continue
old=$(cat "$d/lock.$n" 2>/dev/null) || continue
[ "$left" -lt 0 ] || { printf '%s\n' busy "left=$left" "$old"; exit; } ;;
esac
put "$text" && { printf '%s\n' won "left=$left" "$old"; exit; }
done"#;

const RENEW: &str = r#"ready
while again; do
look || continue
case $token:$state in
"$k:held"|"$k:tentative")
if [ "$state$fresh" = held ] && { age || continue; } && [ "$left" -gt 1 ]; then
[ "$left" -lt "$enough" ] || { echo kept; exit; }
touch -c "$d/lock.$n" || exit 1
w=$n; highest
[ "$n" = "$w" ] && { echo kept; exit; }
else
put "$text" && { echo kept; exit; }
fi ;;
*)
old=
[ "$n" = 0 ] || { age && old=$(cat "$d/lock.$n" 2>/dev/null); } || continue
printf '%s\n' lost "left=$left" "$old"
[ "$lost" = 0 ] || echo 'the deploy lock is no longer ours' >&2
exit "$lost" ;;
esac
done"#;

const RELEASE: &str = r#"ready
while again; do
look || continue
case $token:$state in "$k:held"|"$k:tentative") ;; *) echo nothing; exit ;; esac
if put "$text" || [ "$linked" ]; then echo done; exit; fi
done"#;

const BREAK: &str = r#"ready
while again; do
look || state=unreadable
case $state in none|released|broken) echo nothing; exit ;; esac
[ "$state" = unreadable ] || age || continue
old=$(cat "$d/lock.$n" 2>/dev/null) || continue
if put "$text" || [ "$linked" ]; then printf '%s\n' done "left=$left" "$old"; exit; fi
done"#;

const STATUS: &str = r#"while again; do
look || continue
old=
[ "$n" = 0 ] || { age && old=$(cat "$d/lock.$n" 2>/dev/null); } || continue
printf '%s\n' seen "left=$left" "$old"
if [ -e "$d/freeze" ]; then cat "$d/freeze"; fi
exit
done"#;

const FREEZE: &str = r#"mkdir -p "$d" || exit 1
ready
printf '%s' "$text" >"$t" && mv -f "$t" "$d/freeze" || exit 1
echo done"#;

const UNFREEZE: &str = r#"[ -e "$d/freeze" ] || { echo nothing; exit; }
old=$(cat "$d/freeze"); rm -f "$d/freeze" || exit 1
printf '%s\n' done "$old""#;

/// Takes the lock where it is free, or its lease has run out: `won`, `busy` or `frozen`. What is ours already is won.
#[must_use]
pub fn claim(deploy_to: &str, record: &Record, state: State) -> Command {
    script(deploy_to, &record.token, &[("text", &record.text(state))], CLAIM)
}

/// Keeps the lock: `kept` or `lost`. A tentative one is confirmed. `fresh` has the record written anew.
#[must_use]
pub fn renew(deploy_to: &str, record: &Record, fresh: bool) -> Command {
    // The most that every shell can count to.
    keep(deploy_to, record, fresh, 0x7fff_ffff, 0)
}

/// Keeps the lock, and fails with [`LOST`] where that is not possible. A lease that lasts long enough is left as it is.
#[must_use]
pub fn check(deploy_to: &str, record: &Record) -> Command {
    keep(deploy_to, record, false, record.ttl / 2, LOST)
}

/// `enough` is the seconds left with which a lease need not be renewed, `lost` the status where it is lost.
fn keep(deploy_to: &str, record: &Record, fresh: bool, enough: u64, lost: i32) -> Command {
    let fresh = if fresh { "fresh" } else { "" };
    let (text, enough, lost) = (record.text(State::Held), enough.to_string(), lost.to_string());
    script(deploy_to, &record.token, &[("text", &text), ("fresh", fresh), ("enough", &enough), ("lost", &lost)], RENEW)
}

/// Lets go of the lock: `done`, or `nothing` where it is not ours.
#[must_use]
pub fn release(deploy_to: &str, record: &Record) -> Command {
    script(deploy_to, &record.token, &[("text", &record.text(State::Released))], RELEASE)
}

/// Takes the lock away from whoever has it: `done`, or `nothing` where it is free.
#[must_use]
pub fn break_it(deploy_to: &str, record: &Record) -> Command {
    script(deploy_to, &record.token, &[("text", &record.text(State::Broken))], BREAK)
}

/// Looks: `seen`.
#[must_use]
pub fn status(deploy_to: &str) -> Command {
    script(deploy_to, "", &[], STATUS)
}

/// Lets nobody take the lock from now on: `done`. A deploy that has it goes on.
#[must_use]
pub fn freeze(deploy_to: &str, token: &str, freeze: &Freeze) -> Command {
    script(deploy_to, token, &[("text", &freeze.text())], FREEZE)
}

/// Ends that: `done`, or `nothing`.
#[must_use]
pub fn unfreeze(deploy_to: &str) -> Command {
    script(deploy_to, "", &[], UNFREEZE)
}

fn script(deploy_to: &str, token: &str, values: &[(&str, &str)], body: &str) -> Command {
    let folder = format!("{}/{FOLDER}", deploy_to.trim_end_matches('/'));
    // A sign of life and a release may be on their way at the same time: each writes a file of its own.
    let mut text = format!("d={}; k={}; t=\"$d/claim.$k.$$\"; e=; tries={TRIES}\n", quote(&folder), quote(token));
    for (name, value) in values {
        text.push_str(&format!("{name}={}\n", quote(value)));
    }
    Command::own(text + FUNCTIONS + body)
}

#[cfg(test)]
#[path = "lock_script_tests.rs"]
mod tests;
