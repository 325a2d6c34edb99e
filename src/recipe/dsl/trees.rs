//! `upload` and `download` of folders: a list of what is there, and one stream of what differs.

use std::io::{Read, empty};
use std::path::Path;

use rhai::Dynamic;

use crate::error::Error;
use crate::model::event::Level;
use crate::model::manifest::{Kind, Manifest};
use crate::model::plural::plural;
use crate::model::tree_plan::{TreePlan, Wanted};
use crate::model::tree_script::{self, NONE};
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::dispatch::{desk, job};
use crate::recipe::dsl::file_options::{ASKING, FileOptions};
use crate::recipe::dsl::managers::{changed, teller};
use crate::runner::archive::Archive;
use crate::runner::execute::{Desk, Explain, Job, execute};
use crate::runner::transfer::{self, Errand};
use crate::runner::tree::{list, weigh};
use crate::runner::unpacking::Unpacking;
use crate::transport::api::Input;
use crate::transport::files::{Said, own, unique, unread, unwritten};

/// Makes a folder of the host the same as one of this machine.
///
/// # Errors
/// What cannot be read here or written there.
pub fn upload(call: &Call<'_>, options: &FileOptions, local: &Path, remote: &str) -> Result<Dynamic, Error> {
    if options.mode.is_some() {
        return Err(Error::recipe("`mode` is for files, and this is a folder")
            .help("what is in a folder keeps its modes: change them here, or with `execute(\"chmod\", …)`"));
    }
    let (here, around, wanted) = (call.here()?, options.around(call)?, wanted(call, options)?);
    // A transfer has a channel of its own.
    call.frame().flush()?;
    let desk = desk(call, &here);
    let mut ours = list(local)?;
    let name = local.display().to_string();
    warn_of_others(call, &ours, &name)?;
    let asked = Job {
        explain: Some(unwritten_there(call, remote)?),
        answers: true,
        ..job(call, own(&around, tree_script::list(remote)), ASKING, Some(format!("look what is in {remote}")))?
    };
    let answer = execute(&desk, &asked, Input::None)?.stdout;
    let is_missing = desk.dry_run || answer == NONE;
    let theirs = if is_missing { Manifest::default() } else { read(remote, &answer)? };
    weigh(local, &mut ours, &theirs, &call.world().digests, desk.cancel)?;
    let plan = TreePlan::new(&ours, &theirs, &wanted);
    let tell = teller(call)?;
    if plan.is_empty() && !is_missing {
        tell(options.wish.level, format!("{remote} has all of {name} already, nothing was sent"));
        return Ok(changed(false));
    }
    let then = tree_script::then(&plan, &wanted);
    let mut archive =
        Archive::new(local, &ours, &plan.send, then).map_err(|error| Error::io("could not send", local, &error))?;
    let (length, put) = (archive.length(), tree_script::put(remote, unique()));
    let title = format!("upload {name} to {remote}: {}", summary(&plan, &ours));
    let send = job(call, around, options.wish, Some(title))?;
    let explain = |said: &Said| unwritten(remote, said.status, &said.words, &desk.transport.label());
    let total = if desk.dry_run { 0 } else { length };
    let errand = Errand { line: put, total, name: &name, explain: &explain };
    let mut nothing = empty();
    let source: &mut (dyn Read + Send) = if desk.dry_run { &mut nothing } else { &mut archive };
    transfer::send(&desk, &send, errand, source)?;
    Ok(changed(true))
}

/// Makes a folder of this machine the same as one of the host, of which `answer` is the list.
///
/// # Errors
/// What cannot be read there or written here.
pub fn download(
    call: &Call<'_>,
    options: &FileOptions,
    remote: &str,
    answer: &[u8],
    local: &Path,
) -> Result<Dynamic, Error> {
    let (here, around, wanted) = (call.here()?, options.around(call)?, wanted(call, options)?);
    let desk = desk(call, &here);
    let theirs = read(remote, answer)?;
    warn_of_others(call, &theirs, remote)?;
    let is_there = local.is_dir();
    let mut ours = if is_there { list(local)? } else { Manifest::default() };
    weigh(local, &mut ours, &theirs, &call.world().digests, desk.cancel)?;
    let plan = TreePlan::new(&theirs, &ours, &wanted);
    if plan.is_empty() && is_there {
        teller(call)?(options.wish.level, format!("{} has all of {remote} already", local.display()));
        return Ok(Dynamic::UNIT);
    }
    let mut unpacking = Unpacking::new(local, &theirs, &plan)?;
    let names = unpacking.names();
    if !names.is_empty() {
        let length = unpacking.length();
        let title = format!("download {remote} to {}: {}", local.display(), summary(&plan, &theirs));
        let job = job(call, around, options.wish, Some(title))?;
        fetch(&desk, &job, remote, &tree_script::names(&names), length, &mut unpacking)?;
    }
    unpacking.finish()?;
    Ok(Dynamic::UNIT)
}

fn fetch(
    desk: &Desk<'_>,
    job: &Job,
    remote: &str,
    names: &[u8],
    length: u64,
    unpacking: &mut Unpacking<'_>,
) -> Result<(), Error> {
    let mut take = |bytes: &[u8]| unpacking.take(bytes);
    let explain = |said: &Said| unread(remote, said.status, &said.words, &desk.transport.label());
    let errand = Errand { line: tree_script::give(remote), total: length, name: remote, explain: &explain };
    transfer::receive(desk, job, errand, names, &mut take)
}

fn wanted(call: &Call<'_>, options: &FileOptions) -> Result<Wanted, Error> {
    Ok(Wanted {
        delete: options.flag(call, "delete")?.unwrap_or(false),
        times: options.flag(call, "preserve")?.unwrap_or(false),
        owner: options.owner.clone(),
        group: options.group.clone(),
    })
}

fn read(remote: &str, answer: &[u8]) -> Result<Manifest, Error> {
    Manifest::read(answer).map_err(|error| error.note(format!("the folder is `{remote}`")))
}

fn unwritten_there(call: &Call<'_>, remote: &str) -> Result<Explain, Error> {
    let (host, remote) = (call.here()?.transport.label(), remote.to_owned());
    Ok(Explain::new(move |ran| Some(unwritten(&remote, ran.exit.status, &ran.stderr, &host))))
}

/// Pipes, sockets and devices are copied nowhere.
fn warn_of_others(call: &Call<'_>, manifest: &Manifest, name: &str) -> Result<(), Error> {
    let mut others = manifest.0.iter().filter(|(_, entry)| entry.kind == Kind::Other).map(|(name, _)| name);
    if let Some(first) = others.next() {
        let first = String::from_utf8_lossy(first);
        let more = others.count();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        teller(call)?(Level::Warn, format!("`{first}`{more} in {name} is no file, folder or link, and is left out"));
    }
    Ok(())
}

/// What is going to happen, in a few words.
fn summary(plan: &TreePlan, from: &Manifest) -> String {
    let size = |name| match from.0.get(name).map(|entry| &entry.kind) {
        Some(Kind::File { size, .. }) => *size,
        _ => 0,
    };
    let bytes: u64 = plan.send.iter().map(size).sum();
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    let mut parts = vec![format!("{}, {}", plural(plan.send.len(), "file"), plural(bytes, "byte"))];
    if !plan.remove.is_empty() {
        parts.push(format!("{} removed", plan.remove.len()));
    }
    parts.join(", ")
}
