use crate::model::host_finding::Severity::Error;
use crate::systemd::health::testing::{Recorded, asked, asked_of_system, not_yet};

#[test]
fn lf_11_not_enabled() {
    let disabled = Recorded::healthy().section("unit.0.enabled", 1, "disabled");
    disabled.raises(
        &asked(),
        "LF-11",
        Error,
        "`app_sidekiq_production.service` is not enabled (disabled): it does not start at boot",
        "systemctl --user enable app_sidekiq_production.service",
    );
    disabled.raises_nothing(&not_yet());
    disabled.show("TriggeredBy", "app_sidekiq_production.socket").raises_nothing(&asked());
}

#[test]
fn lf_11_each_state_has_its_remedy() {
    let found = |state: &str| Recorded::healthy().section("unit.0.enabled", 1, state).found(&asked()).remove(0);
    assert_eq!(found("static").problem, "`app_sidekiq_production.service` has no `[Install]` section");
    assert_eq!(
        found("masked").repair,
        "systemctl --user unmask app_sidekiq_production.service && \
         systemctl --user enable --now app_sidekiq_production.service"
    );
    assert_eq!(
        found("enabled-runtime").problem,
        "`app_sidekiq_production.service` is enabled until the next boot only"
    );
    let by_the_manager = Recorded::healthy().without("unit.0.enabled").show("UnitFileState", "disabled");
    assert_eq!(by_the_manager.found(&asked())[0].id, "LF-11");
}

#[test]
fn lf_12_wanted_by_nothing_a_user_has() {
    let wanted = |by: &str| Recorded::healthy().show("WantedBy", by);
    let then = "it never starts at boot, because managers of users have no multi-user.target";
    let repair = "write `WantedBy=default.target` into its template, then systemctl --user reenable app_sidekiq_production.service";
    wanted("").raises(
        &asked(),
        "LF-12",
        Error,
        &format!("`app_sidekiq_production.service` is enabled, but wanted by nothing its manager knows: {then}"),
        repair,
    );
    wanted("multi-user.target").raises(
        &asked(),
        "LF-12",
        Error,
        &format!("`app_sidekiq_production.service` is enabled, but wanted by `multi-user.target`: {then}"),
        repair,
    );
    wanted("multi-user.target default.target").raises_nothing(&asked());
    wanted("").show("RequiredBy", "default.target").raises_nothing(&asked());
    Recorded::healthy_system().raises_nothing(&asked_of_system());
}
