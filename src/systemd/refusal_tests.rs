use super::*;

#[test]
fn one_cause_many_wordings() {
    for (words, refusal) in [
        ("Could not enable linger: Interactive authentication required.", Refusal::InteractiveAuth),
        ("Could not enable linger: Access denied", Refusal::AccessDenied),
        ("Could not enable linger: Permission denied", Refusal::AccessDenied),
        ("Could not enable linger: Unit polkit.service is masked.", Refusal::PolkitMasked),
        ("Could not enable linger: No such device or address", Refusal::NoSession),
        ("Could not enable linger: Caller does not belong to any known session", Refusal::NoSession),
        ("Failed to look up user nosuch: No such process", Refusal::UnknownUser),
        ("Failed to look up user nosuch: Unknown user", Refusal::UnknownUser),
        ("Could not enable linger: Read-only file system", Refusal::ReadOnly),
        ("Could not enable linger: No space left on device", Refusal::DiskFull),
        (
            "System has not been booted with systemd as init system (PID 1). Can't operate.\n\
             Failed to connect to bus: Host is down",
            Refusal::NotBooted,
        ),
        ("Failed to connect to bus: No such file or directory", Refusal::NoLogind),
        ("Could not enable linger: Unit dbus-org.freedesktop.login1.service not found.", Refusal::NoLogind),
        ("Could not enable linger: Could not activate remote peer.", Refusal::NoLogind),
        ("sh: 1: loginctl: not found", Refusal::NoLogind),
        ("sudo: loginctl: command not found", Refusal::NoLogind),
        ("Could not enable linger: Connection timed out", Refusal::NoAnswer),
        ("sudo: a password is required", Refusal::SudoPassword),
        (
            "sudo: a terminal is required to read the password; either use the -S option to read from standard \
             input or configure an askpass helper\nsudo: a password is required",
            Refusal::SudoPassword,
        ),
        ("sudo: no tty present and no askpass program specified", Refusal::SudoPassword),
        (
            "Sorry, user deploy is not allowed to execute '/usr/bin/loginctl enable-linger x' as root on web1.",
            Refusal::SudoNotAllowed,
        ),
        ("deploy is not in the sudoers file.  This incident will be reported.", Refusal::SudoNotAllowed),
        ("Sorry, user deploy may not run sudo on web1.", Refusal::SudoNotAllowed),
        ("sudo: sorry, you must have a tty to run sudo", Refusal::SudoTerminal),
        ("sh: 1: sudo: not found", Refusal::NoSudo),
        ("bash: sudo: command not found", Refusal::NoSudo),
        ("Could not enable linger: Boom\n", Refusal::Other("Could not enable linger: Boom".to_owned())),
    ] {
        assert_eq!(Refusal::read(words), refusal, "{words}");
    }
}

#[test]
fn the_line_of_sudoers_allows_one_command_for_one_user() {
    assert_eq!(
        sudoers_line("deploy", "sidekiq"),
        "deploy ALL=(root) NOPASSWD: /usr/bin/loginctl enable-linger sidekiq"
    );
}

#[test]
fn what_an_administrator_types_comes_first() {
    for refusal in [Refusal::InteractiveAuth, Refusal::AccessDenied, Refusal::SudoPassword, Refusal::PolkitMasked] {
        let help = refusal.help("deploy", "sidekiq");
        assert_eq!(help[0], "as an administrator of the host, once: `sudo loginctl enable-linger sidekiq`");
        let line = "`deploy ALL=(root) NOPASSWD: /usr/bin/loginctl enable-linger sidekiq`";
        assert!(help.last().unwrap().ends_with(line), "{help:?}");
    }
    assert!(!Refusal::NoSudo.help("deploy", "deploy")[0].contains("sudo "));
}

#[test]
fn who_asks_for_oneself_is_told_something_else() {
    assert_eq!(
        Refusal::InteractiveAuth.cause("deploy", "sidekiq"),
        "`deploy` may not do that for `sidekiq` without a password"
    );
    assert!(Refusal::InteractiveAuth.cause("deploy", "deploy").starts_with("polkit wants a password even for oneself"));
}

#[test]
fn a_silent_refusal_is_still_one() {
    assert_eq!(Refusal::read(" \n"), Refusal::Other(String::new()));
    assert_eq!(Refusal::Other(String::new()).cause("a", "a"), "it says nothing about why");
}
