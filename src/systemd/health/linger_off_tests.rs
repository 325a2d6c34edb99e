use crate::model::host_finding::Severity::{Error, Note, Warning};
use crate::systemd::health::asked::Asked;
use crate::systemd::health::testing::{Recorded, asked, asked_of_system};
use crate::systemd::manager::Manager;
use crate::systemd::refusal::Refusal;

const STOPS: &str = "when the last login of `deploy` ends, systemd stops `app_sidekiq_production.service` 10s later, and \
                     starts nothing at boot";

#[test]
fn lf_01_lingering_is_off() {
    let finding = Recorded::no_linger().raises(
        &asked(),
        "LF-1",
        Error,
        &format!("lingering is off for `deploy`: {STOPS}, however healthy it looks now"),
        "loginctl enable-linger deploy",
    );
    assert_eq!(finding.user.as_deref(), Some("deploy"));
    Recorded::healthy().raises_nothing(&asked());
}

#[test]
fn lf_01_without_units_speaks_of_the_user() {
    let asked = Asked { units: Vec::new(), ..asked() };
    let found = Recorded::no_linger().without("show").found(&asked);
    assert!(found[0].consequence.contains("systemd stops the services of `deploy` 10s later"), "{found:?}");
}

#[test]
fn lf_01_weighs_what_the_recipe_says() {
    let asked = Asked { missing_linger: Some(Warning), ..asked() };
    assert_eq!(Recorded::no_linger().found(&asked)[0].severity, Warning);
    Recorded::no_linger().raises_nothing(&Asked { missing_linger: None, ..asked });
}

#[test]
fn lf_01_in_system_mode_is_a_note_for_who_asked_for_it() {
    let asked = Asked { lingering_user: Some("sidekiq".into()), ..asked_of_system() };
    Recorded::healthy_system().section("linger_other", 0, "no").raises(
        &asked,
        "LF-1",
        Note,
        "lingering is off for `sidekiq`: that does no harm: services of the machine need no lingering",
        "take `lingering_user` out of the recipe, or `set(\"service_unit_user\", \"user\")`",
    );
    Recorded::healthy_system().section("linger_other", 0, "yes").raises_nothing(&asked);
}

#[test]
fn lf_01_of_another_user_is_for_root() {
    let asked = Asked { manager: Manager::of_user(Some("sidekiq".into())).unwrap(), ..asked() };
    let recorded = Recorded::no_linger()
        .section("user", 0, "sidekiq")
        .section("as_user", 0, "")
        .section("sudo_linger", 0, "/usr/bin/loginctl enable-linger sidekiq")
        .section("sessions", 0, "");
    let found = recorded.found(&asked);
    assert_eq!(
        (found.len(), found[0].id, found[0].repair.as_str()),
        (1, "LF-1", "sudo loginctl enable-linger sidekiq")
    );
}

#[test]
fn lf_02_somebody_else_lingers() {
    let asked = Asked { lingering_user: Some("sidekiq".into()), ..asked() };
    Recorded::no_linger().section("linger_other", 0, "yes").raises(
        &asked,
        "LF-2",
        Error,
        "`sidekiq` lingers, but the services belong to `deploy`, who does not: lingering keeps only one's own services: when \
         the last login of `deploy` ends, systemd stops `app_sidekiq_production.service` 10s later",
        "loginctl enable-linger deploy",
    );
    Recorded::healthy().section("linger_other", 0, "yes").raises_nothing(&asked);
    assert_eq!(Recorded::no_linger().section("linger_other", 0, "no").found(&asked)[0].id, "LF-1", "neither lingers");
}

#[test]
fn lf_04_polkit_is_missing() {
    let recorded = Recorded::no_linger()
        .section("polkit", 0, "no")
        .section("pkcheck", 127, "sh: 1: pkcheck: not found")
        .section("sudo_linger", 1, "sudo: a password is required");
    let finding = recorded.raises(
        &asked(),
        "LF-4",
        Error,
        &format!(
            "lingering is off for `deploy`, and windlass may not switch it on: logind denies it: polkit is not installed, has \
             a rule against it, or /var/lib/systemd/linger cannot be written: {STOPS}"
        ),
        "sudo loginctl enable-linger deploy",
    );
    assert_eq!(finding.details, ["for sudoers: deploy ALL=(root) NOPASSWD: /usr/bin/loginctl enable-linger deploy"]);
    let recorded = recorded.section("sudo_linger", 0, "/usr/bin/loginctl enable-linger deploy");
    assert_eq!(recorded.found(&asked())[0].id, "LF-1", "sudo may: windlass can switch it on");
}

#[test]
fn lf_04_asks_polkit_what_it_would_say() {
    let cause = |version: &str, status: i32, words: &str| {
        let found = Recorded::no_linger()
            .section("version", 0, version)
            .section("polkit", 0, "yes")
            .section("pkcheck", status, words)
            .section("sudo_linger", 1, "sudo: a password is required")
            .found(&asked());
        (found[0].id, found[0].problem.rsplit(": ").next().unwrap().to_owned())
    };
    assert_eq!(cause("systemd 252", 0, "").0, "LF-1");
    assert_eq!(cause("systemd 252", 1, "Not authorized.").0, "LF-4");
    assert!(cause("systemd 252", 2, "Authorization requires authentication.").1.starts_with("polkit wants a password"));
    let masked = "Error getting authority: Error initializing authority: Unit polkit.service is masked.";
    assert_eq!(cause("systemd 252", 127, masked), ("LF-4", "polkit.service is masked, so that only root may".into()));
    assert_eq!(cause("systemd 219", 0, "").0, "LF-4", "before 230 only root may");
    assert_eq!(cause("systemd 252", 127, "what is this").0, "LF-1", "nobody knows: try it");
}

#[test]
fn lf_04_takes_what_the_host_really_said() {
    let asked = Asked { refusal: Some(Refusal::ReadOnly), ..asked() };
    let found = Recorded::no_linger().found(&asked);
    assert_eq!(found[0].id, "LF-4");
    assert!(found[0].problem.ends_with("/var/lib/systemd is on a read-only file system"), "{found:?}");
    Recorded::healthy().raises_nothing(&asked);
}

#[test]
fn lf_04_for_another_user_speaks_of_sudo() {
    let asked = Asked { manager: Manager::of_user(Some("sidekiq".into())).unwrap(), ..asked() };
    let found = Recorded::no_linger()
        .section("user", 0, "sidekiq")
        .section("as_user", 0, "")
        .section("sessions", 0, "")
        .section("sudo_linger", 1, "Sorry, user deploy is not allowed to execute '/usr/bin/loginctl' as root on web1.")
        .found(&asked);
    assert_eq!(
        found[0].problem,
        "lingering is off for `sidekiq`, and windlass may not switch it on: sudo does not allow it to `deploy`"
    );
}

#[test]
fn lf_10_kept_alive_by_another_session() {
    let sessions = "Id=3\nClass=user\nState=active\n\nId=9\nClass=user\nState=active";
    Recorded::no_linger().section("sessions", 0, sessions).raises(
        &asked(),
        "LF-10",
        Error,
        "lingering is off for `deploy`, whose services are kept alive by chance: session 9 hides it for now; after the last \
         logout systemd stops `app_sidekiq_production.service` 10s later",
        "loginctl enable-linger deploy",
    );
    Recorded::healthy().section("sessions", 0, sessions).raises_nothing(&asked());
}

#[test]
fn lf_10_kept_alive_by_logind() {
    Recorded::no_linger().section("logind", 0, "UserStopDelayUSec=infinity").raises(
        &asked(),
        "LF-10",
        Error,
        "lingering is off for `deploy`, whose services are kept alive by chance: logind stops nothing at logout \
         (UserStopDelaySec=infinity), which hides it; at boot `app_sidekiq_production.service` will not start",
        "loginctl enable-linger deploy",
    );
    Recorded::healthy().section("logind", 0, "UserStopDelayUSec=infinity").raises_nothing(&asked());
}

#[test]
fn lf_13_enabled_without_linger() {
    let down = Recorded::no_linger().show("ActiveState", "inactive").show("SubState", "dead").show("MainPID", "0");
    down.raises(
        &asked(),
        "LF-13",
        Error,
        "`app_sidekiq_production.service` waits for a login, because `deploy` does not linger: at boot nothing starts; it \
         starts when `deploy` logs in, and stops after the last logout",
        "loginctl enable-linger deploy",
    );
    assert!(down.section("linger", 0, "yes").found(&asked()).iter().all(|finding| finding.id != "LF-13"));
}
