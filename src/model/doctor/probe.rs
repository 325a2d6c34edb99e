//! The script that looks at a host: everything in one trip, and nothing is changed.
//!
//! Owns what is asked. Each question stands for itself, so that one that fails hides no other. What the answers mean is in
//! `facts`. It is for the `sh` of any host: dash, busybox, bash.
//!
//! It runs with the environment and the PATH of a deploy. The PATH of a login is asked of the login shell itself, in a
//! session without a terminal and under a time limit: whose start-up files wait for somebody, or ask, must hold up nobody.
//! git is asked as a deploy asks it, but a host key of the git server that nobody knew is not written down.

use crate::model::command::Body;
use crate::model::doctor::asked::Asked;
use crate::model::lock_script;
use crate::model::quote::quote;
use crate::model::sections::FUNCTIONS;

/// Seconds the login shell may take to tell its PATH.
const LOGIN_SECONDS: u64 = 10;

/// Who, when, and what system.
const HOST: &str = r#"say begin 0 1
ask now date +%s
ask me id -un
ask uid id -u
me=$(id -un 2>/dev/null)
say home 0 "$HOME"
say path 0 "$PATH"
shell=$(getent passwd "$me" 2>/dev/null); shell=${shell##*:}
[ "$shell" ] || shell=$SHELL
say shell 0 "$shell"
booted=no; [ ! -d /run/systemd/system ] || booted=yes
say booted 0 "$booted"
[ "$booted" = no ] || ask systemd systemctl --version
session= limit=
! command -v setsid >/dev/null 2>&1 || session=setsid
! timeout -s KILL 5 true >/dev/null 2>&1 || limit=timeout
say setsid 0 "$session"
say timeout 0 "$limit"
within() {
seconds=$1; shift
if [ "$limit" ]; then $session timeout -s KILL "$seconds" "$@"; else "$@"; fi
}
"#;

/// The PATH of a login. What start-up files print stands before the mark.
const LOGIN: &str = r#"login=
case ${shell##*/} in
sh|ash|dash|bash|zsh|ksh|mksh|fish) [ -z "$limit" ] || {
got=$(within "$login_seconds" "$shell" -lic 'echo windlass-path; printenv PATH' 2>/dev/null </dev/null); status=$?
case $got in *windlass-path"$nl"*) login=${got##*windlass-path"$nl"}; login=${login%%"$nl"*}; say login_path 0 "$login" ;;
*) say login_path "$status" "" ;; esac
} ;;
esac
where() {
rest=$2:
while [ "$rest" ]; do
d=${rest%%:*}; rest=${rest#*:}
if [ "$d" ] && [ -f "$d/$1" ] && [ -x "$d/$1" ]; then found=$d/$1; return; fi
done
found=
}
program() {
where "$2" "$PATH"; here=$found
found=; [ -z "$login" ] || where "$2" "$login"
say "program.$1" 0 "$here$nl$found"
}
"#;

/// Folders, disks and the link.
const PLACES: &str = r#"mode() { set -- $(ls -ldL "$1" 2>/dev/null); printf '%s %s:%s' "$1" "$3" "$4"; }
nearest() { at=$1; while [ ! -e "$at" ]; do at=${at%/*}; [ "$at" ] || at=/; done; }
options_of() {
options=
[ ! -r /proc/self/mounts ] || while read -r device point type rest; do
[ "$point" != "$1" ] || options=$type,${rest%% *}
done </proc/self/mounts
}
folder() {
nearest "$2"
kind=missing
if [ -d "$2" ]; then kind=folder; elif [ -e "$2" ]; then kind=other; elif [ -h "$2" ]; then kind=astray; fi
may=no; [ ! -w "$at" ] || [ ! -x "$at" ] || may=yes
say "folder.$1" 0 "$kind$nl$at$nl$may$nl$(mode "$at")"
}
disk() {
nearest "$2"
got=$(df -Pk "$at" 2>/dev/null); say "disk.$1" $? "$got"
point=${got##*"$nl"}; point=/${point#*% /}
options_of "$point"
say "mount.$1" 0 "$options"
got=$(df -Pi "$at" 2>/dev/null); say "inodes.$1" $? "$got"
}
link() {
if [ -h "$1" ]; then say current 0 "link $(readlink "$1")"
elif [ -d "$1" ]; then say current 0 folder
elif [ -e "$1" ]; then say current 0 file
else say current 0 none; fi
}
"#;

/// What sudo lets the login do, and how many sessions its sshd allows: as its configuration says, where that can be read.
const RIGHTS: &str = r#"if [ "$(id -u)" != 0 ]; then
if command -v sudo >/dev/null 2>&1; then ask sudo within 10 sudo -n -l; else say sudo 127 ''; fi
fi
config= p=$PPID i=0
while [ "$p" ] && [ "$p" -gt 1 ] && [ "$i" -lt 12 ]; do
{ read -r name <"/proc/$p/comm"; } 2>/dev/null || break
case $name in sshd) listener=$p ;; esac
{ read -r line <"/proc/$p/stat"; } 2>/dev/null || break
line=${line##*) }; line=${line#* }; p=${line%% *}; i=$((i + 1))
done
if [ "${listener-}" ]; then
config=/etc/ssh/sshd_config
words=$(tr '\0' ' ' <"/proc/$listener/cmdline" 2>/dev/null)
case " $words" in *" -f "*) words=${words#*-f }; config=${words%% *} ;; esac
limit_in() {
[ -r "$1" ] || return 1
while read -r word value more; do
case $word in
[Mm][Aa][Tt][Cc][Hh]) return 1 ;;
[Mm][Aa][Xx][Ss][Ee][Ss][Ss][Ii][Oo][Nn][Ss]) say max_sessions 0 "$value"; return 0 ;;
[Ii][Nn][Cc][Ll][Uu][Dd][Ee])
[ "$2" = inner ] || { case $value in /*) ;; *) value=/etc/ssh/$value ;; esac
set +f; for file in $value; do ! limit_in "$file" inner || return 0; done; } ;;
esac
done <"$1"
return 1
}
[ ! -r "$config" ] || limit_in "$config" outer || say max_sessions 0 10
fi
"#;

/// git as a deploy asks it. Where windlass says how its ssh asks, that is told not to write anything down.
const GIT: &str = r#"case ${GIT_SSH_COMMAND-} in
*accept-new) GIT_SSH_COMMAND="$GIT_SSH_COMMAND -o 'UserKnownHostsFile=/dev/null ~/.ssh/known_hosts ~/.ssh/known_hosts2'" ;;
esac
if command -v git >/dev/null 2>&1; then
ask git within "$git_seconds" "$@"
if [ "$status" != 0 ]; then
ask agent within 5 ssh-add -l
keys=; for file in "$HOME"/.ssh/id_*.pub; do [ ! -e "$file" ] || keys=yes; done
say keys 0 "$keys"
fi
fi
"#;

/// The script that looks at a host for all of it.
#[must_use]
pub fn script(asked: &Asked) -> String {
    let mut text = format!("export LC_ALL=C; login_seconds={LOGIN_SECONDS}\n{FUNCTIONS}{HOST}{LOGIN}");
    for (n, name) in asked.all_programs().into_iter().enumerate() {
        text.push_str(&format!("program {n} {}\n", quote(name)));
    }
    text.push_str(PLACES);
    for (n, folder) in asked.folders.iter().enumerate() {
        text.push_str(&format!("folder {n} {}\n", quote(folder)));
    }
    let disks = asked.deploy_to.iter().chain([&asked.tmp]);
    for (n, place) in disks.enumerate() {
        text.push_str(&format!("disk {n} {}\n", quote(place)));
    }
    if let Some(current) = &asked.current {
        text.push_str(&format!("link {}\n", quote(current)));
    }
    text.push_str(RIGHTS);
    if let Some(git) = &asked.git {
        let words: Vec<_> = git.words.iter().map(|word| quote(word)).collect();
        text.push_str(&format!("git_seconds={}; set -- {}\n{GIT}", git.seconds, words.join(" ")));
    }
    if let Some(deploy_to) = &asked.deploy_to
        && let Body::Own(lock) = lock_script::status(deploy_to).body
    {
        text.push_str(&format!("got=$( ({lock}\n) 2>&1 </dev/null); say lock $? \"$got\"\n"));
    }
    text.push_str("ask later date +%s\nsay end 0 ''");
    text
}

#[cfg(test)]
#[path = "probe_tests.rs"]
mod tests;
