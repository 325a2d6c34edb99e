//! What a host is told to do about lingering: one text for `sh` per operation, which prints a
//! [`super::linger::Report`].
//!
//! The state is a file named after the user below `/var/lib/systemd/linger`, which everybody may see (loginctl(1)). It is
//! the request and not the result: with an expired account, or a masked `user@.service`, the file is there and nothing
//! runs. So the manager is asked for as well.
//!
//! The user is always named: without an argument `loginctl` means the session, and without a PAM session there is none.

use crate::systemd::manager::Manager;

/// Where logind keeps who lingers.
pub const FOLDER: &str = "/var/lib/systemd/linger";

/// Status of a script that has not reached what it was to reach.
pub const NOT_REACHED: i32 = 65;

/// Whether `sudo` may be used for oneself where it does not go without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sudo {
    /// Only when it has been refused without.
    #[default]
    Auto,
    /// Not at all.
    Never,
    /// At once.
    Always,
}

const FUNCTIONS: &str = r#"file=/var/lib/systemd/linger/$user
say() { printf '%s\n' "$1"; }
lingers() { [ -e "$file" ]; }
runs() { [ "$(systemctl is-active "user@$uid.service" 2>/dev/null)" = active ]; }
ready() { runs && { [ -z "$reach" ] || ctl show -p Version >/dev/null 2>&1; }; }
reach=yes
[ "$user" = "$me" ] || as true 2>/dev/null || reach=
state() {
if lingers; then say file=yes; else say file=no; fi
words=$(loginctl show-user "$user" -p Linger -p State -p Sessions 2>&1) || say "unknown=$words"
say "$words" | grep -E '^(Linger|State|Sessions)=' | sed 's/^/logind./'
systemctl show "user@$uid.service" -p LoadState -p ActiveState -p SubState -p Result -p ExecMainStatus 2>/dev/null |
sed 's/^/manager./'
}
wait_until_ready() {
n=0
until ready; do
n=$((n + 1)); [ "$n" -le "$tenths" ] || return 1
[ "$n" -lt 20 ] || [ "$(systemctl is-active "user@$uid.service" 2>/dev/null)" != failed ] || return 1
sleep 0.1 2>/dev/null || { sleep 1; n=$((n + 9)); }
done
}
try() {
say "way=$1"; shift
words=$("$@" 2>&1); status=$?
say "status=$status"
[ -z "$words" ] || printf '%s\n' "$words" | sed 's/^/said=/'
}
say "user=$user"; say "uid=$uid"; say "me=$me"; say "reach=$reach"
"#;

/// Turns lingering on, unless it is, and waits for the manager. What is on is seen without `loginctl`.
const ENABLE: &str = r#"if lingers; then
say was=on
if runs; then say file=yes; say manager.ActiveState=active; exit 0; fi
else say was=off; fi
status=1
if [ "$(id -u)" = 0 ]; then try root loginctl --no-ask-password enable-linger "$user"
else
if [ "$user" = "$me" ] && [ "$sudo" != always ]; then try self loginctl --no-ask-password enable-linger "$user"; fi
[ "$status" = 0 ] || [ "$sudo$user" = "never$me" ] || try sudo sudo -n loginctl enable-linger "$user"
fi
if [ "$status" = 0 ]; then
wait_until_ready
if ! runs && [ "$(systemctl is-enabled "user@$uid.service" 2>/dev/null)" != masked ]; then
root systemctl start "user@$uid.service" 2>/dev/null && say started=yes && wait_until_ready
fi
fi
state
lingers && runs || exit 65"#;

/// Turns lingering off, unless something still needs it.
const DISABLE: &str = r#"lingers || { say was=off; say file=no; exit 0; }
say was=on
if [ "$force" != yes ]; then
left=$(as sh -c 'for f in "$1"/*.wants/* "$1"/*.requires/*; do [ -L "$f" ] && printf "%s\n" "${f##*/}"; done' sh "$units" |
sort -u | while read -r f; do case " $except " in (*" $f "*) ;; (*) say "enabled=$f" ;; esac; done)
[ -z "$left" ] || { say "$left"; say file=yes; exit 65; }
fi
status=1
if [ "$(id -u)" = 0 ]; then try root loginctl --no-ask-password disable-linger "$user"
else
[ "$user" != "$me" ] || try self loginctl --no-ask-password disable-linger "$user"
[ "$status" = 0 ] || [ "$sudo$user" = "never$me" ] || try sudo sudo -n loginctl disable-linger "$user"
fi
state
! lingers || exit 65"#;

const STATUS: &str = "state\nif ready; then say ready=yes; else say ready=no; fi\nexit 0";

/// Waits until the manager answers. Whom nobody lets us be will not be reached later either: what `sudo` says then is told.
const READY: &str = r"[ $reach ] || { as true; exit 1; }
if wait_until_ready; then say ready=yes; exit 0; fi
say ready=no
ctl show -p Version 2>&1 | sed 's/^/said=/'
state
exit 65";

/// The script that turns lingering on for the user of a manager, and waits up to `seconds` for it.
#[must_use]
pub fn enable(manager: &Manager, sudo: Sudo, seconds: u64) -> String {
    manager.script(&format!("{}\n{FUNCTIONS}{ENABLE}", given(sudo, seconds)))
}

/// The script that turns it off. Units of the user that are enabled keep it, save those named in `except`, unless it is
/// forced.
#[must_use]
pub fn disable(manager: &Manager, sudo: Sudo, except: &[String], force: bool) -> String {
    let (except, force) = (except.join(" "), if force { "yes" } else { "" });
    let except = crate::model::quote::quote(&except).into_owned();
    manager.script(&format!("{} except={except} force={force}\n{FUNCTIONS}{DISABLE}", given(sudo, 0)))
}

/// The script that looks how it stands.
#[must_use]
pub fn status(manager: &Manager) -> String {
    manager.script(&format!("{}\n{FUNCTIONS}{STATUS}", given(Sudo::Never, 0)))
}

/// The script that waits up to `seconds` for the manager to answer.
#[must_use]
pub fn ready(manager: &Manager, seconds: u64) -> String {
    manager.script(&format!("{}\n{FUNCTIONS}{READY}", given(Sudo::Never, seconds)))
}

fn given(sudo: Sudo, seconds: u64) -> String {
    let sudo = match sudo {
        Sudo::Auto => "auto",
        Sudo::Never => "never",
        Sudo::Always => "always",
    };
    format!("sudo={sudo} tenths={}", seconds * 10)
}
