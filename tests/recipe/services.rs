//! The stock recipe of services: what its settings make of the units, and what it says of them.

use crate::support::scene::Scene;

fn scene(settings: &str) -> Scene {
    Scene::with(&format!(
        "require(\"service\");\nset(\"application\", \"shop\");\n{settings}\n\
         service(\"jobs\", #{{ command: \"bin/jobs\", log: \"journal\", error_log: \"journal\" }});\n"
    ))
}

#[test]
fn whose_services_are_is_to_be_said_once_or_for_each_server() {
    let said = |settings: &str| {
        let scene = scene(settings);
        let ran = scene.run(["--format", "json", "production", "systemd:mode"]).ok();
        ran.messages("warn")
    };
    let warning = said("");
    assert!(warning.len() == 1 && warning[0].contains("so services belong to the user"), "{warning:?}");
    assert!(said("set(\"service_unit_user\", \"system\");").is_empty());
    assert!(said("set(\"systemctl_user\", \"user\");").is_empty(), "its former name counts");
}

#[test]
fn whose_services_are_may_be_a_property_of_each_server() {
    let stage = |second: &str| {
        format!(
            "server(\"web1\", #{{ transport: \"local\", roles: [\"app\"], service_unit_user: \"user\" }});\n\
             server(\"web2\", #{{ transport: \"local\", roles: [\"app\"]{second} }});\n"
        )
    };
    let said = |second: &str| {
        let scene = scene("").stage("production", &stage(second));
        scene.run(["--format", "json", "production", "systemd:mode"]).ok().messages("warn")
    };
    assert_eq!(said("").len(), 1);
    assert!(said(", service_unit_user: \"system\"").is_empty());
}

#[test]
fn what_is_told_of_a_failure_makes_systemd_give_up() {
    let unit = |settings: &str| {
        let scene = scene(&format!("set(\"service_unit_user\", \"user\");\n{settings}"));
        scene.said(["production", "jobs:render", "-z", "web1"]).concat()
    };
    let (own, told) = (unit(""), unit("set(\"jobs_on_failure\", \"tell@%n.service\");"));
    assert!(own.contains("\nStartLimitIntervalSec=0\n") && !own.contains("OnFailure"), "{own}");
    let limit = "\nOnFailure=tell@%n.service\nStartLimitIntervalSec=3600\nStartLimitBurst=60\n";
    assert!(told.contains(limit) && !told.contains("StartLimitIntervalSec=0"), "{told}");
}
