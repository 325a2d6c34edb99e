//! Releases go by their names: a new one is newer than all there are, however long its deploy took to begin.

use std::fs;

use crate::support::fleet::Fleet;

/// The program.
const BINARY: &str = env!("CARGO_BIN_EXE_windlass");

/// With `SLOW=1` somebody else deploys, in another second, while we are not yet so far.
fn overtaken(fleet: &Fleet) {
    let project = fleet.scene.path("");
    fleet.add_to_recipe(&format!(
        "\ntask(\"assets\", || if env(\"SLOW\") != () {{ run_locally(|| {{
             execute(\"sleep\", 1.1);
             execute(\"{BINARY}\", \"-q\", \"-C\", \"{}\", \"production\", \"deploy\");
             info(capture(\"readlink\", \"{}\"));
         }}); }});
         before(\"deploy:starting\", \"assets\");\n",
        project.display(),
        fleet.path("web1", "current").display(),
    ));
}

#[test]
fn a_deploy_that_was_overtaken_before_it_had_the_lock_has_the_newer_name() {
    for reads_it in ["", "set(\"begun\", now());"] {
        let Some(fleet) = Fleet::start(1, reads_it) else { return };
        overtaken(&fleet);
        let ran = fleet.json(&["deploy", "SLOW=1"]).ok();
        let releases = fleet.releases("web1");
        assert_eq!(releases.len(), 2, "{releases:?}");
        let other = ran.messages("info").into_iter().find(|text| text.starts_with('/')).unwrap();
        assert!(other.ends_with(&releases[0]), "{other} was live before {releases:?}");
        assert_eq!(fleet.current("web1"), releases[1]);
        fleet.run(&["deploy:rollback"]).ok();
        assert_eq!(fleet.current("web1"), releases[0]);
    }
}

#[test]
fn a_clock_that_was_ahead_is_caught_up_with() {
    let Some(fleet) = Fleet::start(2, "") else { return };
    fs::create_dir_all(fleet.path("web2", "releases/29991231235959")).unwrap();
    let ran = fleet.json(&["deploy"]).ok();
    assert_eq!((fleet.current("web1"), fleet.current("web2")), ("30000101000000".into(), "30000101000000".into()));
    let told = "the release is called 30000101000000, to be newer than 29991231235959";
    assert!(ran.messages("info").contains(&told.to_owned()), "{:?}", ran.messages("info"));
}

#[test]
fn there_is_no_name_behind_the_last_one() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    fs::create_dir_all(fleet.path("web1", "releases/99999999999999")).unwrap();
    let ran = fleet.json(&["deploy"]).fails(1);
    assert_eq!(ran.failure()["message"], "there is no name for a release later than `99999999999999`");
    assert_eq!(fleet.releases("web1"), ["99999999999999"]);
}
