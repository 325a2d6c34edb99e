//! The script that looks at a host: everything in one trip, and nothing is changed.
//!
//! Owns what is asked, and as whom. Each question stands for itself, so that one that fails hides no other, and what makes
//! no sense without another (a manager without systemd, a user nobody lets us be) is not asked at all. What the answers
//! mean is in `facts`.
//!
//! It is for the `sh` of any host (dash, busybox, bash), and for any systemd from 219 on: lists of properties are joined
//! by commas, `--value` is not there yet. `sudo` runs only for what is another user's. All programs speak C, and tell
//! times in UTC.

use crate::model::quote::quote;
use crate::model::sections::FUNCTIONS;
use crate::systemd::health::asked::{Asked, Examined};
use crate::systemd::mode::Mode;

/// Properties of a unit. None of them can hold an empty line, which is what stands between two units; the command line,
/// for example, could.
const PROPERTIES: &str = "Id,LoadState,LoadError,ActiveState,SubState,Result,ExecMainCode,ExecMainStatus,MainPID,NRestarts,\
    FragmentPath,UnitFileState,WantedBy,RequiredBy,TriggeredBy,NeedDaemonReload,Type,User,After,Requires,\
    ExecMainStartTimestamp,StartLimitInterval,StartLimitIntervalUSec,StartLimitBurst";

/// Who, and what system. (`base` is a variable because bash does not match `"${point%/}"/*` where it is empty.)
const HOST: &str = r#"set -f
say begin 0 1
say me 0 "$me"; say user 0 "$user"; say uid 0 "$uid"; say units 0 "$units"; say session 0 "${XDG_SESSION_ID-}"
booted=no; [ ! -d "$top/run/systemd/system" ] || booted=yes
say booted 0 "$booted"
pid1=; { read -r pid1 <"$top/proc/1/comm"; } 2>/dev/null
say pid1 0 "$pid1"
ask now date +%s
ask version "$systemctl" --version
version=${got%%"$nl"*}
linger() {
d=$top/var/lib/systemd/linger
if [ -e "$d/$2" ]; then lingers=yes; elif [ -d "$d" ] && [ ! -x "$d" ]; then lingers=unknown; else lingers=no; fi
say "$1" 0 "$lingers"
}
kind_of() {
best=; kind=
[ ! -r "$top/proc/self/mounts" ] || while read -r device point type options; do
base=${point%/}
case $2/ in "$base"/*) [ "${#point}" -lt "${#best}" ] || { best=$point; kind=$type; } ;; esac
done <"$top/proc/self/mounts"
say "$1" 0 "$kind"
}
of() {
whose=$1; shift
case $whose in *[!A-Za-z0-9_.-]*) return 1 ;; esac
if [ -z "$whose" ] || [ "$whose" = "$user" ]; then as "$@"
elif [ "$whose" = "$me" ]; then "$@"
elif [ "$(id -u)" = 0 ]; then (eval "HOME=~$whose"; export HOME; runuser -u "$whose" -- "$@")
else sudo -n -H -u "$whose" -- "$@"; fi
}
can=yes
[ "$user" = "$me" ] || unset DBUS_SESSION_BUS_ADDRESS
[ "$user" = "$me" ] || { ask as_user as true; [ "$status" = 0 ] || can=; }
"#;

/// A user's manager: lingering, logind, the manager itself, its bus.
const USER: &str = r#"kind_of home_type "$(readlink -f "$home" 2>/dev/null || printf '%s' "$home")"
kind_of linger_type /var/lib/systemd/linger
linger linger "$user"
if [ "$booted" = yes ]; then
ask login loginctl show-user "$user" -p Linger -p State -p Sessions
case $nl$got in
*"${nl}Sessions="?*) ids=${got##*Sessions=}; ids=${ids%%"$nl"*}; [ -z "$ids" ] || ask sessions loginctl show-session $ids -p Id -p Class -p State ;;
esac
ask logind loginctl show-user -p UserStopDelayUSec
ask user_manager "$systemctl" show "user@$uid.service" -p LoadState,ActiveState,SubState,Result,ExecMainStatus,ActiveEnterTimestamp
case $version in
'systemd 255'*|'systemd 256'*) ask manager_log journalctl -q -b --no-pager -n 50 -o cat -u "user@$uid.service" ;;
esac
if [ "$lingers" = no ] && [ "$me" != root ]; then
polkit=no
for p in /usr/lib/polkit-1/polkitd /usr/libexec/polkit-1/polkitd /usr/libexec/polkitd /usr/lib/policykit-1/polkitd; do
[ ! -x "$top$p" ] || polkit=yes
done
say polkit 0 "$polkit"
status=1
[ "$user" != "$me" ] || ask pkcheck pkcheck --action-id org.freedesktop.login1.set-self-linger --process $$
[ "$status" = 0 ] || ask sudo_linger root -l /usr/bin/loginctl enable-linger "$user"
fi
if [ "$can" ]; then
ask manager look show -p Version,UnitPath,SystemState
if [ "$status" != 0 ]; then
say runtime_dir 0 "$(ls -ld "$top/run/user/$uid" 2>/dev/null)"
ask socket as test -S "$top/run/user/$uid/systemd/private"
fi
fi
fi
"#;

/// The manager of the machine: who may change it.
const SYSTEM: &str = r#"[ "$me" = root ] || { status=0; ask sudo root true; sudo=$status; }
"#;

/// What only the user who runs the service can say: runs in a shell of that user, on pairs of a key and a path. It prints
/// sections of its own, which travel as the value of one.
const CHECK: &str = r#"set -f
mode() { set -- $(ls -ldL "$1" 2>/dev/null); printf '%s %s:%s' "$1" "$3" "$4"; }
way() {
p=; rest=${1#/}; depth=0
while :; do
case $rest in */*) p=$p/${rest%%/*}; rest=${rest#*/}; depth=$((depth + 1)) ;; *) return 0 ;; esac
if [ ! -d "$p" ]; then
if [ -h "$p" ]; then answer="astray $depth"; else answer="missing $depth"; fi
return 1
fi
[ -x "$p" ] || { answer="barred $depth $(mode "$p")"; return 1; }
done
}
may() {
way "$2" || return 0
if [ ! -e "$2" ]; then
if [ "$1" = read ]; then if [ -h "$2" ]; then answer="astray $((depth + 1))"; else answer=absent; fi
elif [ -w "$p/" ]; then answer=yes
else answer="uncreatable $depth $(mode "$p/")"; fi
elif [ "$1" = read ] && [ -d "$2" ]; then
if [ -x "$2" ]; then answer=yes; else answer="barred $((depth + 1)) $(mode "$2")"; fi
elif if [ "$1" = read ]; then [ -r "$2" ]; else [ -w "$2" ]; fi; then answer=yes
else answer="no $(mode "$2")"; fi
}
while [ $# -gt 1 ]; do
k=$1 at=$2; shift 2
[ "$k" != file.home ] || at=$HOME/${at#??}
case $k in
file.*) if [ -e "$at" ]; then
changed=$(stat -c %Y "$at" 2>/dev/null) || changed=
sum=$(cksum 2>/dev/null <"$at") || sum=
say "$k" 0 "$changed $sum"
fi ;;
current) got=$(cd -P "$at" 2>/dev/null && pwd -P); say "$k" $? "$got" ;;
pid) got=$(readlink "/proc/$at/cwd" 2>/dev/null); say cwd $? "$got"
got=$(tr '\0' ' ' 2>/dev/null <"/proc/$at/cmdline"); say title $? "$got" ;;
read.*) may read "$at"; say "$k" 0 "$answer" ;;
write.*) may write "$at"; say "$k" 0 "$answer" ;;
esac
done
"#;

/// All units at once; then each for itself. The list of properties is in `properties`, the names are the arguments.
const UNITS: &str = r#"unit() {
n=$1 name=$2 runner=$3; shift 3
[ "$booted" = no ] || [ -z "$can" ] || ask "unit.$n.enabled" look is-enabled "$name"
[ ! -e "$HOME/.config/systemd/user/$name" ] || say "unit.$n.mine" 0 yes
if [ "$can" ]; then
eval "pid=\${pid_$n-} bad=\${bad_$n-}"
[ -z "$pid" ] || set -- "$@" pid "$pid"
got=$(of "$runner" sh -c "$check" sh file.units "$units/$name" file.system "$top/etc/systemd/system/$name" file.home "~/.config/systemd/user/$name" "$@" 2>&1 </dev/null)
say "unit.$n.seen" $? "$got"
[ -z "$bad" ] || journal_of
fi
[ "${sudo-0}" = 0 ] || ask "unit.$n.sudo" root -l "$systemctl" restart "$name"
}
show() {
got=$(look show -p "$properties" -- "$@" 2>/dev/null </dev/null); status=$?
say show "$status" "$got"
[ "$status" = 0 ] || ask show_words look show -p Id -- "$@"
}
each() {
i=0 rest=$1$nl wanted= known=
while [ -n "$rest" ]; do
line=${rest%%"$nl"*}; rest=${rest#*"$nl"}
case $line in
'') i=$((i + 1)) ;;
MainPID=0|MainPID=*[!0-9]*|MainPID=) ;;
MainPID=*) eval "pid_$i=${line#MainPID=}" ;;
ActiveState=failed|SubState=auto-restart*|NRestarts=[1-9]*) eval "bad_$i=yes" ;;
After=*|Requires=*) wanted="$wanted ${line#*=}" ;;
esac
done
for name in $wanted; do case " $known " in *" $name "*) ;; *) known="$known $name" ;; esac; done
}
"#;

/// The last lines a unit logged. Where users have no journal of their own, those who may read the machine's find them
/// there.
const JOURNAL_USER: &str = r#"journal_of() {
ask "unit.$n.journal" journal -q --no-pager -n 20 -o short-iso -u "$name"
[ "$status" = 0 ] && [ "$got" ] || ask "unit.$n.machine_journal" journalctl -q --no-pager -n 20 -o short-iso "_UID=$uid" "_SYSTEMD_USER_UNIT=$name"
}
dependencies() { [ -z "$known" ] || ask dependencies look show -p Id,LoadState -- $known; }
"#;

const JOURNAL_SYSTEM: &str = r#"journal_of() { ask "unit.$n.journal" journal -q --no-pager -n 20 -o short-iso -u "$name"; }
dependencies() { :; }
"#;

/// The script that looks at a host for all of it.
#[must_use]
pub fn script(asked: &Asked) -> String {
    script_below(asked, "")
}

/// The same. `top` is what stands before the paths of the system; empty but in tests.
pub(super) fn script_below(asked: &Asked, top: &str) -> String {
    let mut body = format!("export LC_ALL=C TZ=UTC0; top={}\n{FUNCTIONS}{HOST}", quote(top));
    body.push_str(match asked.manager.mode {
        Mode::User => USER,
        Mode::System => SYSTEM,
    });
    if let Some(user) = &asked.lingering_user {
        body.push_str(&format!("linger linger_other {}\n", quote(user)));
    }
    if !asked.units.is_empty() {
        let names: Vec<&str> = asked.units.iter().map(|examined| examined.unit.as_str()).collect();
        body.push_str(&format!("properties={PROPERTIES}\ncheck={}\n{UNITS}", quote(&format!("{FUNCTIONS}{CHECK}"))));
        body.push_str(match asked.manager.mode {
            Mode::User => JOURNAL_USER,
            Mode::System => JOURNAL_SYSTEM,
        });
        body.push_str(&format!(
            "if [ \"$booted\" = yes ] && [ \"$can\" ]; then show {}; each \"$got\"; dependencies; fi\n",
            names.join(" ")
        ));
    }
    for (n, examined) in asked.units.iter().enumerate() {
        body.push_str(&unit(n, examined));
    }
    body.push_str("say end 0 ''");
    asked.manager.script(&body)
}

/// The call of `unit` for one of them.
fn unit(n: usize, examined: &Examined) -> String {
    let mut call = format!("unit {n} {} {}", examined.unit, quote(examined.runs_as.as_deref().unwrap_or_default()));
    let pair = |key: &str, path: &str| format!(" {key} {}", quote(path));
    if let Some(current) = &examined.current {
        call.push_str(&pair("current", current));
    }
    for (what, paths) in [("read", &examined.reads), ("write", &examined.writes)] {
        for (i, path) in paths.iter().enumerate() {
            call.push_str(&pair(&format!("{what}.{i}"), path));
        }
    }
    call + "\n"
}

#[cfg(test)]
#[path = "probe_host_tests.rs"]
mod host;
#[cfg(test)]
#[path = "probe_rights_tests.rs"]
mod rights_tests;
#[cfg(test)]
#[path = "probe_tests.rs"]
mod tests;
