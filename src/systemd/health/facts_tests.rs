use super::*;
use crate::systemd::health::testing::{Recorded, asked};

#[test]
fn what_was_cut_off_is_no_answer() {
    let whole = Recorded::healthy().text();
    assert!(Facts::parse(&whole, &asked()).is_ok());
    let cut = whole.split_once("\nend 0").unwrap().0;
    let error = Facts::parse(cut, &asked()).unwrap_err();
    assert_eq!(error.to_string(), "what the host says about its services is not whole");
    assert!(Facts::parse("", &asked()).is_err());
}

#[test]
fn what_was_not_asked_is_unknown() {
    let text = "begin 0\n\t1\nme 0\n\tdeploy\nuser 0\n\tdeploy\nuid 0\n\t1000\nend 0\n\t\n";
    let facts = Facts::parse(text, &asked()).unwrap();
    assert_eq!((facts.lingers(), facts.bus_trouble(), facts.version, facts.is_booted), (None, None, None, false));
    assert_eq!(facts.units[0].show, Properties::default());
}

#[test]
fn neither_logged_in_nor_lingering_is_an_answer() {
    let facts = |login: &str| {
        Recorded::healthy().section("linger", 0, "unknown").section("login", 1, login).facts(&asked()).lingers()
    };
    assert_eq!(facts("Failed to get user: User ID 1000 is not logged in or lingering"), Some(false));
    assert_eq!(facts("Linger=yes\nState=lingering"), Some(true));
    assert_eq!(facts("Failed to connect to bus: Host is down"), None);
}

#[test]
fn times_in_utc() {
    assert_eq!(seconds("Thu 1970-01-01 00:01:40 UTC"), Some(100));
    assert_eq!(seconds("Fri 2026-11-27 00:13:06 UTC"), Some(1_795_738_386));
    assert_eq!(seconds("Fri 2026-11-27 01:13:06 CET"), None);
    assert_eq!(seconds("n/a"), None);
}

#[test]
fn units_are_found_by_name_where_some_are_missing() {
    let show = "LoadState=loaded\nId=other.service\n\nId=app_sidekiq_production.service\nLoadState=masked";
    let facts = Recorded::healthy().section("show", 0, show).facts(&asked());
    assert_eq!(facts.units[0].show.get("LoadState"), Some("masked"));
}
