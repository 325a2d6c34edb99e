//! Whose systemd a command speaks to, and how it gets there.
//!
//! Owns the beginning of every script: who is who on the host, as whom `systemctl` has to run, and where its bus is.
//! What is then done is not its business.
//!
//! The rules: never `sudo` for oneself. `XDG_RUNTIME_DIR` is always set, because without a PAM session, and below
//! `sudo -u`, nobody has set it, and `systemctl --user` then finds no bus (systemd #34849, #40604). `sudo` never asks.

use crate::error::Error;
use crate::model::quote::quote;
use crate::systemd::mode::Mode;
use crate::systemd::user_name::check_user_name;

/// Status of a script that finds no user of that name on the host (`EX_NOUSER` of sysexits.h).
pub const NO_USER: i32 = 67;

/// Who is who: `me` runs the script, `user` owns the manager. `as` runs a program as `user`, `root` as root, both without
/// ever asking for anything. The name of a user is checked before it gets here, so that `~name` may be read by `eval`.
const WHO: &str = r#"me=$(id -un) || exit 1
[ -n "$user" ] || user=$me
uid=$(id -u "$user" 2>/dev/null) || { printf '%s\n' "there is no user $user on this host" >&2; exit 67; }
if [ "$(id -u)" = 0 ]; then root() { "$@"; }; else root() { sudo -n "$@"; }; fi
if [ "$user" = "$me" ]; then home=$HOME; as() { "$@"; }
else
eval "home=~$user"
if [ "$(id -u)" = 0 ]; then as() { HOME=$home runuser -u "$user" -- "$@"; }
else as() { sudo -n -H -u "$user" -- "$@"; }; fi
fi
"#;

/// `ctl` asks the manager to do something, `look` asks it for something, `journal` reads its log.
const USER: &str = r#"units=$home/.config/systemd/user
ctl() { as env XDG_RUNTIME_DIR="/run/user/$uid" "$systemctl" --user "$@"; }
look() { ctl "$@"; }
journal() { as env XDG_RUNTIME_DIR="/run/user/$uid" journalctl --user "$@"; }
"#;

/// Everybody may look at the system manager; its log belongs to root and some groups.
const SYSTEM: &str = r#"units=/etc/systemd/system
ctl() { root "$systemctl" "$@"; }
look() { "$systemctl" "$@"; }
journal() { if [ -r /var/log/journal ] || [ -r /run/log/journal ]; then journalctl "$@"; else root journalctl "$@"; fi; }
"#;

/// A manager of services on a host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Manager {
    /// A user's or the machine's.
    pub mode: Mode,
    /// The user; none for whoever runs the script. In system mode nobody.
    pub user: Option<String>,
    /// The program: setting `systemctl_bin`.
    pub systemctl: String,
    /// The folder its units are written to, where it is not the usual one: setting `service_unit_path`.
    pub folder: Option<String>,
}

impl Manager {
    /// The manager of a user, or of whoever runs the script.
    ///
    /// # Errors
    /// What cannot be the name of a user.
    pub fn of_user(user: Option<String>) -> Result<Self, Error> {
        if let Some(user) = &user {
            check_user_name(user, "the user of a service")?;
        }
        Ok(Self { mode: Mode::User, user, systemctl: "systemctl".to_owned(), folder: None })
    }

    /// The manager of the machine.
    #[must_use]
    pub fn of_system() -> Self {
        Self { mode: Mode::System, user: None, systemctl: "systemctl".to_owned(), folder: None }
    }

    /// A script that goes on with `body` where everything is known.
    #[must_use]
    pub fn script(&self, body: &str) -> String {
        let user = self.user.as_deref().unwrap_or_default();
        let mode = if self.mode == Mode::User { USER } else { SYSTEM };
        let folder = self.folder.as_deref().map(|folder| format!("units={}\n", quote(folder))).unwrap_or_default();
        format!("user={} systemctl={}\n{WHO}{mode}{folder}{body}", quote(user), quote(&self.systemctl))
    }

    /// How a person reads the log of a unit.
    #[must_use]
    pub fn typed_log(&self, unit: &str) -> String {
        match (self.mode, &self.user) {
            (Mode::System, _) => format!("sudo journalctl -u {unit}"),
            (Mode::User, None) => format!("journalctl --user -u {unit}"),
            (Mode::User, Some(user)) => format!("sudo journalctl _UID=$(id -u {user}) _SYSTEMD_USER_UNIT={unit}"),
        }
    }

    /// The words of `systemctl` as a person types them.
    #[must_use]
    pub fn typed(&self, words: &[&str]) -> String {
        let mut typed: Vec<String> = Vec::new();
        match (self.mode, &self.user) {
            (Mode::System, _) => typed.extend(["sudo".to_owned(), quote(&self.systemctl).into_owned()]),
            (Mode::User, None) => typed.extend([quote(&self.systemctl).into_owned(), "--user".to_owned()]),
            // As root may type it since systemd 248; windlass itself becomes the user.
            (Mode::User, Some(user)) => {
                let program = quote(&self.systemctl).into_owned();
                typed.extend(["sudo".to_owned(), program, "--user".to_owned(), format!("-M {user}@")]);
            }
        }
        typed.extend(words.iter().map(|word| quote(word).into_owned()));
        typed.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_types() {
        let own = Manager::of_user(None).unwrap();
        assert_eq!(own.typed(&["restart", "x.service"]), "systemctl --user restart x.service");
        let other = Manager::of_user(Some("sidekiq".into())).unwrap();
        assert_eq!(other.typed(&["stop", "x.service"]), "sudo systemctl --user -M sidekiq@ stop x.service");
        assert_eq!(Manager::of_system().typed(&["daemon-reload"]), "sudo systemctl daemon-reload");
    }

    #[test]
    fn a_name_the_shell_could_read_otherwise_is_refused() {
        assert!(Manager::of_user(Some("a$(reboot)".into())).is_err());
    }

    #[test]
    fn the_folder_of_units_can_be_another() {
        let manager = Manager { folder: Some("/opt/my units".into()), ..Manager::of_system() };
        assert!(manager.script("true").ends_with("\nunits='/opt/my units'\ntrue"));
    }
}
