//! `wait_active` of a unit: whether it really runs, and what.

use rhai::{Dynamic, Map};

use crate::error::Error;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::dispatch::ask_job;
use crate::recipe::dsl::managers::{LOUD, failed, option, script_job, seconds};
use crate::recipe::dsl::unit_actions::{report, subject, unwilling};
use crate::recipe::dsl::units::Unit;
use crate::runner::execute::Ran;
use crate::systemd::unit_script;

pub fn wait_active(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let (patience, settle) = (seconds(call, &options, "timeout", 30)?, seconds(call, &options, "settle", 2)?);
    let current = option(call, &options, "current")?;
    let unit = subject(call)?;
    let title = unit.manager.typed(&["is-active", unit.name.as_str()]);
    let script = unit_script::wait_active(&unit.manager, &unit.name, patience, settle, current.as_deref());
    let (manager, host, name) = (unit.manager.clone(), call.here()?.transport.label(), unit.name.clone());
    let (place, is_dry) = (host.clone(), call.world().options.dry_run);
    let job = script_job(call, &manager, script, title, LOUD, move |ran| not_running(&unit, ran, &host))?;
    ask_job(call, job, move |ran| {
        let report = report(&ran);
        let (cwd, release) = (report.answer("cwd").unwrap_or_default(), report.answer("release").unwrap_or_default());
        let title = report.answer("title").unwrap_or_default();
        if !is_dry && !cwd.is_empty() && !release.is_empty() && !is_inside(cwd, release) {
            return Err(failed(format!(
                "`{name}` on {place} still runs from `{cwd}`, and the current release is `{release}`"
            ))
            .help("restart it: a start leaves a running service as it is"));
        }
        if title.trim_end().ends_with(" stopping") {
            return Err(failed(format!("`{name}` on {place} runs, but was told to be quiet and takes no more jobs"))
                .help("restart it: quiet cannot be taken back"));
        }
        Ok(Map::from([
            ("pid".into(), report.answer("pid").and_then(|pid| pid.parse::<i64>().ok()).unwrap_or_default().into()),
            ("release".into(), cwd.to_owned().into()),
            ("title".into(), title.to_owned().into()),
        ])
        .into())
    })
}

fn not_running(unit: &Unit, ran: &Ran, host: &str) -> Option<Error> {
    let error = unwilling(unit, "kept running", ran, host)?;
    let report = report(ran);
    let state = report.properties.get("ActiveState").unwrap_or("unknown");
    Some(error.note(format!("it is {state}, restarted {} times", report.properties.get("NRestarts").unwrap_or("0"))))
}

/// Whether a folder is another one or inside it.
fn is_inside(folder: &str, other: &str) -> bool {
    folder == other || folder.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_is_not_only_called_alike() {
        assert!(is_inside("/a/releases/1", "/a/releases/1") && is_inside("/a/releases/1/web", "/a/releases/1"));
        assert!(
            !is_inside("/a/releases/12", "/a/releases/1") && !is_inside("/a/releases/1 (deleted)", "/a/releases/1")
        );
    }
}
