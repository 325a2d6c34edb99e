//! Where the locks of a recipe are, and who takes them.

use std::hash::{BuildHasher, Hasher, RandomState};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rhai::{Dynamic, Map};

use crate::error::Error;
use crate::model::ci;
use crate::model::lock::Record;
use crate::recipe::connect::transport;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::servers::named;
use crate::recipe::dsl::setting_values::{text_of, value_of};
use crate::recipe::dsl::wishes::wishes;
use crate::recipe::values::text;
use crate::recipe::world::World;
use crate::runner::spot::Spot;

/// Where the locks are, from a map of hosts and folders.
pub(super) fn spots(call: &mut Call<'_>) -> Result<Vec<Spot>, Error> {
    let value = call.any();
    let expected = "a map from host to folder, as `on(hosts, |host| deploy_to())` gives it";
    let folders = value.clone().try_cast::<Map>().ok_or_else(|| call.wrong("the folders", expected, &value))?;
    let wishes = wishes(call)?;
    let umask = text_of(call, "umask")?;
    let spot = |(name, folder): (&str, &Dynamic)| {
        let deploy_to = text(folder).ok_or_else(|| call.wrong("the folders", expected, folder))?;
        let server = named(call.world(), name)?;
        let transport = transport(call.world(), &server, &wishes)?;
        Ok(Spot { server, transport, deploy_to, umask: umask.clone() })
    };
    folders.iter().map(|(name, folder)| spot((name.as_str(), folder))).collect()
}

/// Who we are, for others to see.
pub(super) fn record(call: &Call<'_>) -> Result<Record, Error> {
    let world: &World = call.world();
    let shown = |text: String| world.vault.redact(&text).into_owned();
    let ttl = value_of(call, "lock_ttl")?.and_then(|ttl| ttl.as_int().ok()).and_then(|ttl| u64::try_from(ttl).ok());
    let node = rustix::system::uname();
    Ok(Record {
        token: format!("{:016x}{:016x}", random(), random()),
        ttl: ttl.unwrap_or(60),
        user: text_of(call, "local_user")?.map(shown).unwrap_or_default(),
        machine: node.nodename().to_string_lossy().into_owned(),
        pid: std::process::id(),
        ci: ci::job(|name| world.env(name)).map(shown),
        branch: value_of(call, "branch")?.and_then(|branch| text(&branch)).map(shown),
        commit: ci::commit(|name| world.env(name)).map(shown),
        task: call.frame().tasks.first().cloned().unwrap_or_default(),
        since: Timestamp::now().to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        ..Record::default()
    })
}

/// A number nobody can guess.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
