//! Where the time went: told at the end of `-v`, and always in JSON.

use serde_json::Value;

use crate::faults::app::App;
use crate::support::fleet::Fleet;

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn each_phase_of_a_deploy_has_its_costs() {
    let slow = "after(\"deploy:updated\", \"slow\");\n\
                task(\"slow\", || on(roles(\"app\"), |host| if host.name == \"web2\" { execute(\"sleep\", \"1\") }));";
    let Some(fleet) = Fleet::start(2, slow) else { return };
    let ran = fleet.json(&["deploy"]).ok();
    let profile = &ran.all("profile")[0];
    let phases = profile["phases"].as_array().unwrap();
    let phase = |name: &str| {
        let found = phases.iter().find(|phase| phase["task"] == name);
        found.unwrap_or_else(|| panic!("no {name} in {profile}"))
    };
    // What the last tasks do goes out at the end of the deploy, and belongs to that.
    for name in ["deploy:starting", "deploy:updating", "deploy:updated", "deploy:publishing", "deploy"] {
        assert!(phase(name)["trips"].as_u64().unwrap() >= 1, "{profile}");
    }
    let starting = phase("deploy:starting");
    assert!(number(&starting["connecting"]) > 0.0, "{profile}");
    let updated = phase("deploy:updated");
    assert_eq!(updated["slowest"], fleet.label("web2"), "{profile}");
    assert!(number(&updated["host"]) >= 0.9 && number(&updated["seconds"]) >= 1.0, "{profile}");
    // The sleep is no time of the network.
    assert!(number(&updated["network"]) < number(&updated["host"]), "{profile}");
    let total = &profile["total"];
    assert!(number(&total["seconds"]) >= phases.iter().map(|phase| number(&phase["seconds"])).sum::<f64>());
    let ran = fleet.run(&["deploy", "-v"]).ok();
    let line = |start: &str| ran.stdout.lines().any(|line| line.starts_with(start));
    assert!(line("where the time went") && line("deploy:updated") && line("the whole run"), "{}", ran.stdout);
}

#[test]
fn without_v_and_in_a_dry_run_nothing_is_told() {
    let app = App::small("");
    let ran = app.run(&["deploy"]).ok();
    assert!(!ran.stdout.contains("where the time went"), "{}", ran.stdout);
    let ran = app.run(&["deploy", "-v", "--dry-run"]).ok();
    assert!(!ran.stdout.contains("where the time went"), "{}", ran.stdout);
}
