//! `processes` of a unit: what runs in it, and from where.

use rhai::{Array, Dynamic, Map};

use crate::error::Error;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::dispatch::ask_job;
use crate::recipe::dsl::managers::{QUIET, script_job};
use crate::recipe::dsl::unit_actions::subject;
use crate::systemd::process_list::{self, Process};

/// What runs in a unit.
///
/// # Errors
/// Outside `on`, and where the manager does not answer.
pub fn processes(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let unit = subject(call)?;
    let title = format!("processes of {}", unit.name);
    let job = script_job(call, &unit.manager, process_list::script(&unit.manager, &unit.name), title, QUIET, |_| None)?;
    ask_job(call, job, |ran| {
        let found = process_list::parse(&String::from_utf8_lossy(&ran.stdout));
        Ok(found.into_iter().map(described).collect::<Array>().into())
    })
}

fn described(process: Process) -> Dynamic {
    Map::from([
        ("pid".into(), i64::from(process.pid).into()),
        ("main".into(), process.main.into()),
        ("folder".into(), process.folder.into()),
        ("title".into(), process.title.into()),
    ])
    .into()
}
