//! Large files whose transfer is cut: what stays, and how the next transfer goes on, over real ssh.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::Signal;

use crate::faults::remote::declared;
use crate::ssh::host::wait_until;
use crate::support::account::{Account, may_enter};
use crate::support::ran::Ran;
use crate::support::scene::Scene;
use crate::support::skip::skip;
use crate::support::sshd::{Sshd, signal};
use crate::support::wire::{Way, Wire};

const MIB: u64 = 1024 * 1024;
/// How long the file is.
const LENGTH: u64 = 12 * MIB;
/// Where its transfer is cut.
const CUT: u64 = 7 * MIB;
/// What logging in, questions and the clothes of ssh come to at most.
const BESIDES: u64 = MIB;

/// A project with a host behind a wire, and the task `t`, whose body has `there`, a file of the host.
struct Site {
    scene: Scene,
    wire: Wire,
    _sshd: Sshd,
}

impl Site {
    fn new(body: &str) -> Option<Self> {
        Some(Self::with(Sshd::start()?, "", body))
    }

    fn with(sshd: Sshd, options: &str, body: &str) -> Self {
        let wire = Wire::before(&sshd);
        let server = declared(&sshd, options).replace(&format!(":{}\"", sshd.port()), &format!(":{}\"", wire.port()));
        let scene = Scene::new();
        let there = scene.host("db1", "f").display().to_string();
        fs::create_dir_all(scene.host("db1", "")).unwrap();
        let recipe = format!("task(\"t\", || on(roles(\"app\"), |host| {{ let there = {there:?};\n{body}\n}}));");
        let run = scene.top().join("run");
        fs::create_dir(&run).unwrap();
        let scene = scene.env("XDG_RUNTIME_DIR", &run.display().to_string());
        let scene = scene.file("config/deploy.rhai", recipe).stage("production", &server).file("big", content());
        Self { scene, wire, _sshd: sshd }
    }

    /// Runs the task, and gives how many bytes went this way.
    fn run(&self, way: Way) -> (Ran, u64) {
        let before = self.wire.count(way);
        let ran = self.scene.run(["--format", "json", "production", "t"]);
        (ran, self.wire.count(way) - before)
    }

    /// A run whose line is lost when so many bytes have gone this way.
    fn cut(&self, way: Way, bytes: u64) -> Ran {
        self.wire.cut_after(way, bytes);
        let (ran, sent) = self.run(way);
        assert!(sent >= bytes, "it was cut: {sent}");
        let ran = ran.fails(3);
        assert_eq!(ran.failure()["kind"], "lost", "{}", ran.stdout);
        ran
    }

    fn names(&self) -> Vec<String> {
        names(&self.scene.host("db1", ""))
    }

    /// The part on the host, when it is there.
    fn part(&self) -> PathBuf {
        let path = self.scene.host("db1", ".f.windlass-part");
        wait_until("the part is there alone", || path.exists() && self.names().len() == 1);
        path
    }

    #[track_caller]
    fn arrived(&self) {
        assert!(fs::read(self.scene.host("db1", "f")).unwrap() == fs::read(self.scene.path("big")).unwrap());
        assert_eq!(self.names(), ["f"]);
    }
}

/// Bytes that nobody can make fewer.
fn content() -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..LENGTH / 8).flat_map(|_| next()).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    bytes[1000] ^= 1;
    fs::write(path, bytes).unwrap();
}

const UPLOAD: &str = "info(upload(\"big\", there));";

#[test]
fn an_upload_that_was_cut_goes_on_where_it_ended() {
    let Some(site) = Site::new(UPLOAD) else { return };
    fs::set_permissions(site.scene.path("big"), fs::Permissions::from_mode(0o640)).unwrap();
    let ran = site.cut(Way::There, CUT);
    assert!(ran.failure().to_string().contains("only the rest is sent"), "{}", ran.stdout);
    let part = site.part().metadata().unwrap();
    // What was under way when it was cut is lost.
    assert!(part.size() > MIB && part.size() <= CUT, "{}", part.size());
    assert_eq!(part.mode() & 0o777, 0o600);

    // Cut again, further on.
    site.cut(Way::There, 4 * MIB);
    let second = site.part().metadata().unwrap().size();
    assert!(second > part.size(), "{second}");

    let (ran, sent) = site.run(Way::There);
    let ran = ran.ok();
    let said = ran.messages("info");
    assert!(said[0].contains("MiB have arrived before, only the rest is sent"), "{said:?}");
    assert_eq!((said[1].as_str(), ran.all("command_started").len()), ("changed", 2), "one question, as ever");
    assert!(sent < LENGTH - second + BESIDES, "{sent} of {}", LENGTH - second);
    site.arrived();
    assert_eq!(site.scene.host("db1", "f").metadata().unwrap().mode() & 0o777, 0o640);
}

#[test]
fn a_part_that_is_no_beginning_of_the_file_is_not_used() {
    for change in ["the part", "the file", "its length"] {
        let Some(site) = Site::new(UPLOAD) else { return };
        site.cut(Way::There, CUT);
        match change {
            "the part" => flip(&site.part()),
            "the file" => flip(&site.scene.path("big")),
            _ => fs::write(site.scene.path("big"), &content()[..5 * 1024 * 1024]).unwrap(),
        }
        site.part();
        let length = fs::metadata(site.scene.path("big")).unwrap().len();
        let (ran, sent) = site.run(Way::There);
        assert_eq!(ran.ok().messages("info"), ["changed"], "{change}");
        assert!(sent > length, "{change}: {sent}");
        site.arrived();
    }
}

/// Two runs that send the same file to the same place: the part is one's, and the other sends all of it.
#[test]
fn who_finds_the_part_gone_sends_the_whole_file() {
    let Some(site) = Site::new("with(#{ PATH: fetch(\"path\") }, || info(upload(\"big\", there)));") else { return };
    let folder = site.scene.top().join("faster");
    fs::create_dir(&folder).unwrap();
    let thief = "#!/bin/sh\ncase $2 in *.windlass-part) rm -f \"$2\" ;; esac\nexec /bin/mv \"$@\"\n";
    fs::write(folder.join("mv"), thief).unwrap();
    fs::set_permissions(folder.join("mv"), fs::Permissions::from_mode(0o755)).unwrap();
    let recipe = site.scene.read("config/deploy.rhai");
    let path = format!("set(\"path\", \"{}:/usr/bin:/bin\");\n", folder.display());
    fs::write(site.scene.path("config/deploy.rhai"), path + &recipe).unwrap();
    site.cut(Way::There, CUT);
    site.part();
    let (ran, sent) = site.run(Way::There);
    assert_eq!(ran.ok().messages("info").last().unwrap(), "changed");
    assert!(sent > LENGTH, "{sent}");
    site.arrived();
}

#[test]
fn who_does_not_want_it_leaves_no_part_and_uses_none() {
    let Some(site) = Site::new("upload(\"big\", there, #{ resume: fetch(\"resume\") });") else { return };
    let say = |resume: bool| {
        let recipe = site.scene.read("config/deploy.rhai");
        let rest = recipe.split_once("task(").unwrap().1;
        fs::write(site.scene.path("config/deploy.rhai"), format!("set(\"resume\", {resume}); task({rest}")).unwrap();
    };
    say(false);
    site.cut(Way::There, CUT);
    wait_until("nothing is left", || site.names().is_empty());
    say(true);
    site.cut(Way::There, CUT);
    site.part();
    say(false);
    let (ran, sent) = site.run(Way::There);
    ran.ok();
    assert!(sent > LENGTH, "{sent}");
    site.arrived();
}

#[test]
fn a_small_file_leaves_no_part() {
    let Some(site) = Site::new(UPLOAD) else { return };
    fs::write(site.scene.path("big"), &content()[..3 * 1024 * 1024]).unwrap();
    site.cut(Way::There, 2 * MIB);
    wait_until("nothing is left", || site.names().is_empty());
    // And what is sent next, however small, removes one.
    fs::write(site.scene.host("db1", ".f.windlass-part"), "abc").unwrap();
    fs::write(site.scene.path("big"), "abc").unwrap();
    site.run(Way::There).0.ok();
    site.arrived();
}

#[test]
fn a_dry_run_shows_nothing_of_it() {
    let Some(site) = Site::new(UPLOAD) else { return };
    let before = site.scene.lines("db1", ["production", "t"]).len();
    site.cut(Way::There, CUT);
    let part = site.part();
    let ran = site.scene.run(["production", "t", "-n"]).ok();
    assert!(!ran.out().contains("arrived before") && part.exists(), "{}", ran.out());
    assert_eq!(site.scene.lines("db1", ["production", "t"]).len(), before);
}

#[test]
fn ctrl_c_leaves_a_part_too() {
    let Some(site) = Site::new(UPLOAD) else { return };
    site.wire.slow(true);
    let child = site.scene.command(["production", "t"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = child.unwrap();
    wait_until("some of it has gone", || site.wire.count(Way::There) > 3 * MIB);
    signal(child.id(), Signal::INT);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    site.wire.slow(false);
    let there = site.part().metadata().unwrap().size();
    let (ran, sent) = site.run(Way::There);
    ran.ok();
    assert!(there > MIB && sent < LENGTH - there + BESIDES, "{there} {sent}");
    site.arrived();
}

#[test]
fn a_file_of_root_for_somebody_else_goes_on_as_well() {
    let Some(sshd) = Sshd::start() else { return };
    let test = "a_file_of_root_for_somebody_else_goes_on_as_well";
    let Some(account) = Account::new(test, "USER ALL=(ALL) NOPASSWD: ALL") else { return };
    may_enter(&sshd);
    let body = "info(upload(\"big\", there, #{ sudo: true, owner: \"nobody\", mode: \"0604\" }));";
    let site = Site::with(sshd, &format!("user: {:?}", account.name), body);
    site.cut(Way::There, CUT);
    let part = site.part().metadata().unwrap();
    assert_eq!((part.uid(), part.mode() & 0o777), (0, 0o600));
    let (ran, sent) = site.run(Way::There);
    ran.ok();
    assert!(sent < LENGTH - part.size() + BESIDES, "{sent}");
    site.arrived();
    let file = site.scene.host("db1", "f").metadata().unwrap();
    let nobody = Command::new("id").args(["-u", "nobody"]).output().unwrap().stdout;
    assert_eq!(file.uid().to_string(), String::from_utf8(nobody).unwrap().trim());
    assert_eq!(file.mode() & 0o777, 0o604);
}

#[test]
fn busybox_can_do_it_both_ways() {
    let programs = tempfile::tempdir().unwrap();
    let installed = Command::new("busybox").args(["--install", "-s"]).arg(programs.path()).status();
    if !installed.is_ok_and(|status| status.success()) {
        return skip("busybox_can_do_it_both_ways", "there is no busybox");
    }
    for (way, call) in [(Way::There, UPLOAD), (Way::Back, "download(there, \"back\");")] {
        let body = format!("with(#{{ PATH: \"{}\" }}, || {{ {call} }});", programs.path().display());
        let Some(site) = Site::new(&body) else { return };
        if matches!(way, Way::Back) {
            fs::write(site.scene.host("db1", "f"), content()).unwrap();
        }
        site.cut(way, CUT);
        let part = if matches!(way, Way::There) { site.part() } else { site.scene.path(".back.windlass-part") };
        let there = part.metadata().unwrap().size();
        let (ran, sent) = site.run(way);
        ran.ok();
        assert!(sent < LENGTH - there + BESIDES, "{sent}");
        let arrived = if matches!(way, Way::There) { site.scene.host("db1", "f") } else { site.scene.path("back") };
        assert!(fs::read(arrived).unwrap() == content());
    }
}

const DOWNLOAD: &str = "download(there, \"got/back\", #{ preserve: true });";

/// A site whose host has the file.
fn with_file(body: &str) -> Option<Site> {
    let site = Site::new(body)?;
    fs::write(site.scene.host("db1", "f"), content()).unwrap();
    fs::set_permissions(site.scene.host("db1", "f"), fs::Permissions::from_mode(0o640)).unwrap();
    Some(site)
}

#[test]
fn a_download_that_was_cut_goes_on_where_it_ended() {
    let Some(site) = with_file(DOWNLOAD) else { return };
    let ran = site.cut(Way::Back, CUT);
    assert!(ran.failure().to_string().contains("only the rest is sent"), "{}", ran.stdout);
    let (got, part) = (site.scene.path("got"), site.scene.path("got/.back.windlass-part"));
    assert_eq!(names(&got), [".back.windlass-part"]);
    let first = part.metadata().unwrap();
    assert!(first.size() > MIB && first.mode() & 0o777 == 0o600, "{first:?}");
    site.cut(Way::Back, 4 * MIB);
    let second = part.metadata().unwrap().size();
    assert!(second > first.size(), "{second}");

    let (ran, sent) = site.run(Way::Back);
    let ran = ran.ok();
    assert!(sent < LENGTH - second + BESIDES, "{sent}");
    let told: Vec<u64> = ran.all("transfer").iter().map(|event| event["bytes"].as_u64().unwrap()).collect();
    assert!(told.iter().all(|bytes| *bytes > second) && told.last() == Some(&LENGTH), "{told:?}");
    assert!(fs::read(got.join("back")).unwrap() == content());
    assert_eq!((names(&got), got.join("back").metadata().unwrap().mode() & 0o777), (vec!["back".to_owned()], 0o640));
}

#[test]
fn a_download_begins_anew_where_the_part_is_another() {
    for change in ["the part", "the file"] {
        let Some(site) = with_file(DOWNLOAD) else { return };
        site.cut(Way::Back, CUT);
        let file = site.scene.host("db1", "f");
        if change == "the part" {
            flip(&site.scene.path("got/.back.windlass-part"));
        } else {
            flip(&file);
        }
        let (ran, sent) = site.run(Way::Back);
        ran.ok();
        assert!(sent > LENGTH, "{change}: {sent}");
        assert!(fs::read(site.scene.path("got/back")).unwrap() == fs::read(file).unwrap(), "{change}");
        assert_eq!(names(&site.scene.path("got")), ["back"], "{change}");
    }
}

#[test]
fn a_download_that_nobody_wants_to_go_on_leaves_nothing() {
    let Some(site) = with_file("download(there, \"got/back\", #{ resume: false });") else { return };
    site.cut(Way::Back, CUT);
    assert_eq!(names(&site.scene.path("got")), [""; 0]);
    // A host that fails for another reason leaves nothing either.
    fs::remove_file(site.scene.host("db1", "f")).unwrap();
    site.run(Way::Back).0.fails(1);
    assert_eq!(names(&site.scene.path("got")), [""; 0]);
}

#[test]
fn a_silence_that_is_too_long_leaves_a_part() {
    let Some(site) = with_file(&format!("set(\"idle_timeout\", \"2s\"); {DOWNLOAD}")) else { return };
    let stall = "#!/bin/sh\nhead -c 6000000 \"$1\"; sleep 60\n";
    let folder = site.scene.top().join("stalling");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("cat"), stall).unwrap();
    fs::set_permissions(folder.join("cat"), fs::Permissions::from_mode(0o755)).unwrap();
    let recipe = site.scene.read("config/deploy.rhai");
    let stalled = recipe
        .replace(DOWNLOAD, &format!("with(#{{ PATH: \"{}:/usr/bin:/bin\" }}, || {{ {DOWNLOAD} }});", folder.display()));
    fs::write(site.scene.path("config/deploy.rhai"), stalled).unwrap();
    let ran = site.run(Way::Back).0.fails(1);
    assert_eq!(ran.failure()["kind"], "timeout", "{}", ran.stdout);
    assert_eq!(site.scene.path("got/.back.windlass-part").metadata().unwrap().size(), 6_000_000);
    fs::write(site.scene.path("config/deploy.rhai"), recipe).unwrap();
    let (ran, sent) = site.run(Way::Back);
    ran.ok();
    assert!(sent < LENGTH - 6_000_000 + BESIDES, "{sent}");
    assert!(fs::read(site.scene.path("got/back")).unwrap() == content());
}

/// A folder is whole or not there: what of it has come when it is cut is sent again, what was there before is not.
#[test]
fn a_folder_that_was_cut_sends_what_differs() {
    let Some(site) = Site::new("upload(\"tree\", there); download(there, \"back\");") else { return };
    let tree = site.scene.path("tree");
    fs::create_dir(&tree).unwrap();
    let bytes = content();
    for (name, part) in bytes.chunks(3 * 1024 * 1024).enumerate() {
        fs::write(tree.join(name.to_string()), part).unwrap();
    }
    site.run(Way::There).0.ok();
    for name in ["0", "1"] {
        flip(&tree.join(name));
    }
    site.cut(Way::There, 4 * MIB);
    let there = site.scene.host("db1", "f");
    wait_until("nothing unfinished is left", || names(&there) == ["0", "1", "2", "3"]);
    assert!(fs::read(there.join("0")).unwrap() == bytes[..3 * 1024 * 1024], "nothing is touched by halves");
    let (ran, sent) = site.run(Way::There);
    ran.ok();
    assert!(sent > 6 * MIB && sent < 6 * MIB + BESIDES, "two of four: {sent}");
    assert!(
        ["0", "1", "2", "3"]
            .iter()
            .all(|name| fs::read(there.join(name)).unwrap() == fs::read(tree.join(name)).unwrap())
    );
    // The same way back.
    flip(&site.scene.path("back/2"));
    let (_, sent) = (site.cut(Way::Back, MIB), site.run(Way::Back));
    sent.0.ok();
    assert!(sent.1 < 3 * MIB + BESIDES, "one of four: {}", sent.1);
}
