//! A host goes from Capistrano to windlass and back.

use std::fs;

use crate::support::cap::Cap;
use crate::support::fleet::Fleet;
use crate::support::tree::{names_in, tree};

const HOSTS: [&str; 2] = ["web1", "web2"];

/// windlass deploys to where Capistrano does, each in its own words.
fn shared_by_both<'a>(test: &str, fleet: &'a Fleet) -> Option<Cap<'a>> {
    let cap = Cap::new(test, fleet, &HOSTS, "append :linked_dirs, \"log\"")?;
    let cases = HOSTS.map(|host| format!("{host}: {:?}", cap.path(host).display().to_string())).join(", ");
    fleet.add_to_recipe(&format!(
        "append(\"linked_dirs\", \"log\");\nset(\"deploy_to\", || #{{ {cases} }}[current_host().name]);\n"
    ));
    Some(cap)
}

#[test]
fn windlass_takes_over_from_capistrano() {
    let Some(fleet) = Fleet::start(HOSTS.len(), "") else { return };
    let Some(cap) = shared_by_both("windlass_takes_over_from_capistrano", &fleet) else { return };
    cap.run(&["deploy"]);
    let first = names_in(&cap.path("web1").join("releases"));
    let two = fleet.repository.commit("app.sh", "echo version 2\n");
    fleet.run(&["deploy"]).ok();
    for host in HOSTS {
        let tree = tree(&cap.path(host));
        assert!(tree.contains(&"current -> [to]/releases/r2".to_owned()), "{tree:#?}");
        assert_eq!(fs::read_to_string(cap.path(host).join("current/REVISION")).unwrap(), format!("{two}\n"));
        assert_eq!(fs::read_to_string(cap.path(host).join("revisions.log")).unwrap().lines().count(), 2);
    }
    // Back with the tool it came from.
    cap.run(&["deploy:rollback"]);
    for host in HOSTS {
        assert_eq!(names_in(&cap.path(host).join("releases")), first);
        let tree = tree(&cap.path(host));
        assert!(tree.contains(&"current -> [to]/releases/r1".to_owned()), "{tree:#?}");
        assert!(tree.iter().any(|line| line.starts_with("rolled-back-release-r2.tar.gz")), "{tree:#?}");
    }
    // And forward again with both.
    fleet.run(&["deploy"]).ok();
    cap.run(&["deploy"]);
    for host in HOSTS {
        assert_eq!(names_in(&cap.path(host).join("releases")).len(), 3);
        assert_eq!(fs::read_to_string(cap.path(host).join("revisions.log")).unwrap().lines().count(), 5);
    }
}

#[test]
fn capistrano_takes_over_from_windlass() {
    let Some(fleet) = Fleet::start(HOSTS.len(), "") else { return };
    let Some(cap) = shared_by_both("capistrano_takes_over_from_windlass", &fleet) else { return };
    fleet.run(&["deploy"]).ok();
    let first = names_in(&cap.path("web1").join("releases"));
    fleet.repository.commit("app.sh", "echo version 2\n");
    cap.run(&["deploy"]);
    for host in HOSTS {
        assert_eq!(fs::read_to_string(cap.path(host).join("current/app.sh")).unwrap(), "echo version 2\n");
    }
    fleet.run(&["deploy:rollback"]).ok();
    for host in HOSTS {
        assert_eq!(names_in(&cap.path(host).join("releases")), first);
        assert_eq!(fs::read_to_string(cap.path(host).join("current/app.sh")).unwrap(), "echo version 1\n");
        let log = fs::read_to_string(cap.path(host).join("revisions.log")).unwrap();
        assert_eq!(log.lines().nth(2), Some(format!("tester rolled back to release {}", first[0]).as_str()));
    }
}
