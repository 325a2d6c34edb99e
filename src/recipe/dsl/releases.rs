//! The releases of a host: which there are, which is current, which may go, which to go back to.
//!
//! The rules are in `model::release`; here they meet the host.

use std::sync::Arc;

use rhai::{Array, Dynamic, Map};

use crate::error::{Error, Kind};
use crate::model::command::Body;
use crate::model::event::Level;
use crate::model::quote::quote;
use crate::model::release;
use crate::model::server::Server;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::call_command::surrounded;
use crate::recipe::dsl::dispatch::{ask, ask_job, job};
use crate::recipe::dsl::paths::{current_path, releases_path};
use crate::recipe::dsl::signature::{LIST, MAP, MAYBE_TEXT, NOTHING, TEXT, TRUTH, WHOLE, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::values::text;
use crate::runner::execute::{Explain, Job, Ran, Wish};

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "current_release",
        usage: "current_release()",
        about: "Name of the release `current` points to on this host, () when there is none.",
        takes: &[],
        options: &[],
        gives: MAYBE_TEXT,
        run: current_release,
    },
    Function {
        name: "list_releases",
        usage: "list_releases()",
        about: "The releases on this host, oldest first: `#{ releases: […], foreign: […] }`; foreign are folders with other names.",
        takes: &[],
        options: &[],
        gives: MAP,
        run: list_releases,
    },
    Function {
        name: "newest_release",
        usage: "newest_release(names)",
        about: "The newest release among these names, whatever else is among them; () when there is none.",
        takes: &[one("names", LIST)],
        options: &[],
        gives: MAYBE_TEXT,
        run: newest_release,
    },
    Function {
        name: "new_release",
        usage: "new_release(names)",
        about: "A name for a new release, the newest one by name: `now()`, or where one of these names is not older, the \
                newest of them and a second.",
        takes: &[one("names", LIST)],
        options: &[],
        gives: TEXT,
        run: new_release,
    },
    Function {
        name: "expired_releases",
        usage: "expired_releases(releases, current, keep)",
        about: "Which releases may be removed when the newest `keep` are to stay. The current one never is among them.",
        takes: &[one("releases", LIST), one("current", MAYBE_TEXT), one("keep", WHOLE)],
        options: &[],
        gives: LIST,
        run: expired_releases,
    },
    Function {
        name: "rollback_target",
        usage: "rollback_target(releases, current, wanted)",
        about: "The release to go back to: `wanted`, or the newest one that is older than the current one.",
        takes: &[one("releases", LIST), one("current", MAYBE_TEXT), one("wanted", MAYBE_TEXT)],
        options: &[],
        gives: TEXT,
        run: rollback_target,
    },
    Function {
        name: "begin_switch",
        usage: "begin_switch(release)",
        about: "Tell windlass that the next command points `current` to this release. Should it be cut off, windlass \
                looks at the end what became of it.",
        takes: &[one("release", TEXT)],
        options: &[],
        gives: NOTHING,
        run: begin_switch,
    },
    Function {
        name: "settle_switch",
        usage: "settle_switch()",
        about: "Look what became of a switch on this host that was cut off; false where none was.",
        takes: &[],
        options: &[],
        gives: TRUTH,
        run: settle_switch,
    },
    Function {
        name: "record_switch",
        usage: "record_switch(release)",
        about: "Tell windlass that `current` now points to this release on this host. It says so at the end, and knows \
                when only a part of the fleet was switched.",
        takes: &[one("release", TEXT)],
        options: &[],
        gives: NOTHING,
        run: record_switch,
    },
];

/// Stand for what a dry run cannot know.
const UNKNOWN_RELEASE: &str = "PREVIOUS_RELEASE";
const NEWEST_RELEASE: &str = "NEWEST_RELEASE";
/// Status by which a host says that something else stands in place of the link.
const NO_LINK: i32 = 3;
const QUIET: Wish = Wish { level: Level::Debug, must_succeed: true, keep_output: true };

fn current_release(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let (world, number, host) = (Arc::clone(call.world()), number(call)?, call.here()?.transport.label());
    read_current(call, move |name| {
        world.fleet.found(number, &host, name.clone());
        name.map_or(Dynamic::UNIT, Dynamic::from)
    })
}

/// Looks for the name of the release `current` points to.
fn read_current(
    call: &Call<'_>,
    take: impl FnOnce(Option<String>) -> Dynamic + Send + 'static,
) -> Result<Dynamic, Error> {
    let current = current_path(call)?;
    let path = quote(&current);
    let look = Body::Own(format!("[ -L {path} ] && exec readlink {path}; [ ! -e {path} ] || exit {NO_LINK}"));
    let title = Some(format!("readlink {path}"));
    let help = format!("move it away once: `mv {path} {}`", quote(&format!("{current}.old")));
    let explain = Explain::new(move |ran| {
        let message = format!("`{current}` is no link, and the link to the release has to be there");
        (ran.exit.status == NO_LINK).then(|| Error::new(Kind::Command, message).help(help.clone()))
    });
    let job = Job { explain: Some(explain), ..job(call, surrounded(call, look)?, QUIET, title)? };
    let decode = move |ran: Ran| {
        let target = String::from_utf8_lossy(&ran.stdout).trim_end_matches('\n').to_owned();
        let name = target.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
        Ok(take((!name.is_empty()).then_some(name)))
    };
    ask_job(call, job, decode)
}

/// Where the host of the call stands among the servers of the stage.
fn number(call: &Call<'_>) -> Result<usize, Error> {
    let here = call.here()?;
    let found = |server: &Arc<Server>| server.key() == here.server.key();
    Ok(call.world().inventory(|inventory| inventory.servers().position(found)).unwrap_or(usize::MAX))
}

fn list_releases(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let releases = releases_path(call)?;
    let find = format!("find {} -mindepth 1 -maxdepth 1 -type d -print0", quote(&releases));
    // Before the first deploy there is no such folder.
    let look = Body::Own(format!("[ ! -e {} ] || exec {find}", quote(&releases)));
    let world = Arc::clone(call.world());
    ask(call, surrounded(call, look)?, QUIET, Some(find), move |ran| {
        let (releases, foreign) = listing(&ran.stdout);
        world.seen.there(releases.iter().cloned());
        let array = |names: Vec<String>| Dynamic::from(names.into_iter().map(Dynamic::from).collect::<Array>());
        Ok(Map::from([("releases".into(), array(releases)), ("foreign".into(), array(foreign))]).into())
    })
}

/// Folders in two lists, from what `find -print0` has printed: releases and others.
fn listing(found: &[u8]) -> (Vec<String>, Vec<String>) {
    let listing = String::from_utf8_lossy(found).into_owned();
    let names = listing.split('\0').filter_map(|path| path.rsplit_once('/').map(|(_, name)| name.to_owned()));
    let (mut releases, foreign): (Vec<String>, Vec<String>) = names.partition(|name| release::is_release_name(name));
    releases.sort();
    (releases, foreign)
}

fn new_release(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let names = those_there(call)?;
    release::later_name(&call.world().now.read(), &names).map(Dynamic::from)
}

/// Names of releases, some of which may be none: a host without a release gives ().
fn those_there(call: &mut Call<'_>) -> Result<Vec<String>, Error> {
    let value = call.any();
    let list = value.clone().try_cast::<Array>().ok_or_else(|| call.wrong("names", "a list", &value))?;
    Ok(list.iter().filter_map(text).collect())
}

fn newest_release(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let names = those_there(call)?;
    let newest = release::newest_first(&names).into_iter().next();
    let unknown = || call.world().options.dry_run.then(|| NEWEST_RELEASE.to_owned());
    Ok(newest.or_else(unknown).map_or(Dynamic::UNIT, Dynamic::from))
}

fn expired_releases(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let names = names(call)?;
    let current = optional(call, "the current release")?;
    let keep = call.any();
    let keep_count = keep.as_int().map_err(|_| call.wrong("how many to keep", "a number", &keep))?;
    let expired = release::expired(&names, current.as_deref(), keep_count)?;
    call.world().seen.going(&expired.expired);
    Ok(expired.expired.into_iter().map(Dynamic::from).collect::<Array>().into())
}

fn rollback_target(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let names = names(call)?;
    let current = optional(call, "the current release")?;
    let wanted = optional(call, "the release to go back to")?;
    if call.world().options.dry_run && names.is_empty() {
        return Ok(wanted.unwrap_or_else(|| UNKNOWN_RELEASE.to_owned()).into());
    }
    release::rollback_target(&names, current.as_deref(), wanted.as_deref()).map(Dynamic::from)
}

fn begin_switch(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let release = call.text("the name of a release")?;
    let host = call.here()?.transport.label();
    if !call.world().options.dry_run {
        call.world().fleet.switching(number(call)?, &host, release);
    }
    Ok(Dynamic::UNIT)
}

fn settle_switch(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let host = call.here()?.transport.label();
    let was_cut_off = call.world().fleet.is_in_doubt(&host);
    if was_cut_off {
        let world = Arc::clone(call.world());
        let _ = read_current(call, move |found| {
            world.fleet.settled(&host, found);
            Dynamic::UNIT
        })?;
    }
    Ok(was_cut_off.into())
}

fn record_switch(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let release = call.text("the name of a release")?;
    let host = call.here()?.transport.label();
    if !call.world().options.dry_run {
        call.world().seen.there([release.clone()]);
        call.world().fleet.switched(number(call)?, &host, release);
    }
    Ok(Dynamic::UNIT)
}

fn names(call: &mut Call<'_>) -> Result<Vec<String>, Error> {
    let value = call.any();
    let list =
        value.clone().try_cast::<Array>().ok_or_else(|| call.wrong("the releases", "a list of names", &value))?;
    list.iter().map(|name| text(name).ok_or_else(|| call.wrong("a release", "a string", name))).collect()
}

fn optional(call: &mut Call<'_>, what: &str) -> Result<Option<String>, Error> {
    let value = call.any();
    if value.is_unit() {
        return Ok(None);
    }
    text(&value).map(Some).ok_or_else(|| call.wrong(what, "a string or ()", &value))
}
