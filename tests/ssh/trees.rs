//! Folders to a host and back, over real ssh.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command as Process;
use std::time::{Duration, SystemTime};

use windlass::error::Kind;
use windlass::model::command::Command;
use windlass::model::secret::Vault;
use windlass::model::tree_plan::{TreePlan, Wanted};
use windlass::model::tree_script::{put, then};
use windlass::runner::archive::Archive;
use windlass::runner::tree::list;
use windlass::transport::cancel::Cancel;
use windlass::transport::files::send;

use crate::ssh::host::{Host, wait_until};
use crate::support::fleet::Fleet;
use crate::support::ran::Ran;
use crate::support::skip::skip;
use crate::support::sshd::Options;

/// A fleet of one host with the task `t`, whose body has `there`, a folder on the host that is not there yet.
fn with_task(body: &str) -> Option<Fleet> {
    let fleet = Fleet::start(1, "")?;
    fs::create_dir_all(fleet.path("web1", "")).unwrap();
    fleet.add_to_recipe(&format!(
        "\ntask(\"t\", || on(roles(\"app\"), |host| {{ let there = deploy_to(\"there\");\n{body}\n}}));\n"
    ));
    Some(fleet)
}

/// A folder with everything that is hard to copy.
fn furnish(folder: &Path) {
    fs::create_dir_all(folder.join("a b/c\nd/empty")).unwrap();
    let files = [
        ("-rf", 0o644),
        ("a b/it's $HOME", 0o600),
        ("a b/c\nd/new\nline", 0o755),
        (".hidden", 0o444),
        ("back\\slash", 0o640),
    ];
    for (name, mode) in files {
        fs::write(folder.join(name), format!("this is {name}")).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    fs::write(folder.join("nothing"), "").unwrap();
    fs::write(folder.join("bytes"), (0..=255).cycle().take(100_000).collect::<Vec<u8>>()).unwrap();
    symlink("a b/it's $HOME", folder.join("link")).unwrap();
    symlink("/no/such\nplace", folder.join("a b/broken")).unwrap();
    symlink("a b", folder.join("to folder")).unwrap();
    fs::set_permissions(folder.join("a b/c\nd/empty"), fs::Permissions::from_mode(0o750)).unwrap();
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    fs::File::open(folder.join("bytes")).unwrap().set_modified(old).unwrap();
}

/// Everything below a folder: kind, mode, content; links with where they lead. Times of files, where they count.
fn everything(folder: &Path, times: bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(at) = waiting.pop() {
        for entry in fs::read_dir(at).unwrap().flatten() {
            let (path, metadata) = (entry.path(), entry.metadata().unwrap());
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            let mode = metadata.mode() & 0o7777;
            let time = if times { metadata.mtime() } else { 0 };
            found.push(if metadata.is_symlink() {
                format!("{name} -> {}", fs::read_link(&path).unwrap().display())
            } else if metadata.is_dir() {
                waiting.push(path);
                format!("{name}/ {mode:o}")
            } else {
                format!("{name} {mode:o} {time} {:?}", fs::read(&path).unwrap())
            });
        }
    }
    found.sort();
    found
}

fn trips(ran: &Ran) -> u64 {
    ran.all("trip").iter().map(|event| event["round_trips"].as_u64().unwrap()).sum()
}

#[test]
fn a_folder_goes_there_in_two_trips_and_what_is_there_in_one() {
    let Some(fleet) = with_task("info(upload(\"tree\", there));") else { return };
    let tree = fleet.scene.path("tree");
    furnish(&tree);
    let first = fleet.json(&["t"]).ok();
    assert_eq!((trips(&first), first.messages("info")), (2, vec!["changed".to_owned()]));
    assert_eq!(everything(&fleet.path("web1", "there"), true), everything(&tree, true));

    let again = fleet.json(&["t"]).ok();
    let said = again.messages("info");
    assert!(said[0].ends_with("there has all of tree already, nothing was sent"), "{said:?}");
    assert_eq!((trips(&again), said[1].as_str()), (1, "unchanged"));

    // One file differs, one mode; what is left over there stays.
    fs::write(tree.join("bytes"), "other").unwrap();
    fs::set_permissions(tree.join("-rf"), fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(fleet.path("web1", "there/theirs"), "").unwrap();
    let third = fleet.json(&["t"]).ok();
    assert_eq!(trips(&third), 2);
    let titles: Vec<_> = third.all("command_started").iter().map(|line| line["command"].to_string()).collect();
    assert!(titles[1].contains(": 1 file, 5 bytes"), "{titles:?}");
    assert!(fleet.path("web1", "there/theirs").exists());
    fs::remove_file(fleet.path("web1", "there/theirs")).unwrap();
    assert_eq!(everything(&fleet.path("web1", "there"), false).len(), everything(&tree, false).len());
    assert_eq!(fs::metadata(fleet.path("web1", "there/-rf")).unwrap().mode() & 0o777, 0o700);
}

#[test]
fn two_thousand_files_are_two_trips() {
    let Some(fleet) = with_task("upload(\"tree\", there); download(there, \"back\");") else { return };
    let tree = fleet.scene.path("tree");
    for number in 0..2000 {
        let folder = tree.join(format!("folder {}", number % 40));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("file {number}")), format!("{number}\n").repeat(number % 50)).unwrap();
    }
    let ran = fleet.json(&["t"]).ok();
    assert_eq!(trips(&ran), 4, "two there, and two back");
    assert!(everything(&fleet.path("web1", "there"), true) == everything(&tree, true));
    assert!(everything(&fleet.scene.path("back"), true) == everything(&tree, true));
    assert_eq!(trips(&fleet.json(&["t"]).ok()), 2, "nothing differs");
}

#[test]
fn a_folder_comes_back_and_only_what_differs() {
    let Some(fleet) = with_task("download(there, \"back\", #{ delete: true });") else { return };
    let there = fleet.path("web1", "there");
    furnish(&there);
    fleet.json(&["t"]).ok();
    let back = fleet.scene.path("back");
    assert_eq!(everything(&back, true), everything(&there, true));
    fs::write(there.join("bytes"), "other").unwrap();
    fs::write(back.join("left over"), "").unwrap();
    fs::remove_file(back.join("link")).unwrap();
    let ran = fleet.json(&["t"]).ok();
    assert_eq!(everything(&back, true), everything(&there, true));
    assert!(ran.stdout.contains("2 files, 5 bytes, 1 removed"), "{}", ran.stdout);
    assert_eq!(trips(&fleet.json(&["t"]).ok()), 1);
}

#[test]
fn what_is_left_over_goes_when_told_and_what_is_in_the_way_always() {
    let Some(fleet) = with_task("upload(\"tree\", there, #{ delete: true }); upload(\"tree\", there + \"/\");") else {
        return;
    };
    let (tree, there) = (fleet.scene.path("tree"), fleet.path("web1", "there"));
    furnish(&tree);
    fs::create_dir_all(there.join("old/deep\nname/deeper")).unwrap();
    fs::create_dir_all(there.join("bytes/is a folder")).unwrap();
    fs::create_dir_all(there.join("elsewhere")).unwrap();
    symlink("elsewhere", there.join("a b")).unwrap();
    fs::write(there.join("to folder"), "is a file").unwrap();
    fs::write(there.join("it's old"), "").unwrap();
    fleet.json(&["t"]).ok();
    let below = everything(&there.join("tree"), false);
    assert_eq!(below, everything(&tree, false), "a path that ends with a slash is the folder it goes into");
    fs::remove_dir_all(there.join("tree")).unwrap();
    assert_eq!(everything(&there, false), everything(&tree, false));
}

#[test]
fn a_host_with_busybox_alone_takes_and_gives_folders() {
    let programs = tempfile::tempdir().unwrap();
    let installed = Process::new("busybox").args(["--install", "-s"]).arg(programs.path()).status();
    if !installed.is_ok_and(|status| status.success()) {
        return skip("a_host_with_busybox_alone_takes_and_gives_folders", "there is no busybox");
    }
    let body = format!(
        "with(#{{ PATH: \"{}\" }}, || {{\n\
         info(capture(\"tar --help 2>&1 | head -n 1\"));\n\
         upload(\"tree\", there); upload(\"tree\", there, #{{ preserve: true }});\n\
         download(there, \"back\");\n\
         info(write_file(there + \"/text\", \"a\\n\")); info(write_file(there + \"/text\", \"a\\n\"));\n\
         upload(\"tree/bytes\", there + \"/copy\"); info(upload(\"tree/bytes\", there + \"/copy\"));\n\
         }});",
        programs.path().display()
    );
    let Some(fleet) = with_task(&body) else { return };
    let tree = fleet.scene.path("tree");
    furnish(&tree);
    let said = fleet.json(&["t"]).ok().messages("info");
    assert!(said[0].contains("BusyBox"), "{said:?}");
    assert_eq!(said.iter().filter(|text| *text == "unchanged").count(), 2, "{said:?}");
    assert_eq!(everything(&fleet.scene.path("back"), true), everything(&tree, true));
}

#[test]
fn a_folder_can_belong_to_somebody_else() {
    if !rustix::process::geteuid().is_root() || !Path::new("/usr/bin/sudo").exists() {
        return skip("a_folder_can_belong_to_somebody_else", "it takes root and sudo");
    }
    let body = "let whose = #{ owner: \"nobody\", group: \"daemon\", sudo: true };\n\
                info(upload(\"tree\", there, whose)); info(upload(\"tree\", there, whose));\n\
                info(upload(\"tree\", there, #{ owner: \"root\" }));";
    let Some(fleet) = with_task(body) else { return };
    let tree = fleet.scene.path("tree");
    furnish(&tree);
    let said = fleet.json(&["t"]).ok().messages("info");
    assert_eq!(said.iter().filter(|text| !text.contains(' ')).collect::<Vec<_>>(), ["changed", "unchanged", "changed"]);
    for name in ["a b", "a b/it's $HOME", "bytes"] {
        let metadata = fs::metadata(fleet.path("web1", "there").join(name)).unwrap();
        assert_eq!((metadata.uid(), metadata.gid()), (0, 1), "{name}");
    }
}

#[test]
fn what_cannot_be_copied_is_told() {
    let Some(fleet) = with_task("upload(\"tree\", \"/etc/hostname\");") else { return };
    furnish(&fleet.scene.path("tree"));
    let failure = fleet.json(&["t"]).fails(1).failure();
    assert!(failure.to_string().contains("could not write `/etc/hostname`: it is no folder"), "{failure}");
}

/// Gives what it has in small pieces, and does something after the first.
struct Slow<'a, R: Read, F: FnMut()>(&'a mut R, usize, F);

impl<R: Read, F: FnMut()> Read for Slow<'_, R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.1 += 1;
        if self.1 == 50 {
            (self.2)();
        }
        std::thread::sleep(Duration::from_millis(1));
        let most = buffer.len().min(1000);
        self.0.read(&mut buffer[..most])
    }
}

#[test]
fn a_cable_that_is_cut_changes_nothing() {
    let Some(host) = Host::ssh(&Options::default()) else { return };
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    furnish(here.path());
    fs::write(there.path().join("bytes"), "old").unwrap();
    let ours = list(here.path()).unwrap();
    let plan = TreePlan::new(&ours, &list(there.path()).unwrap(), &Wanted::default());
    let mut archive = Archive::new(here.path(), &ours, &plan.send, then(&plan, &Wanted::default())).unwrap();
    let staged = || fs::read_dir(there.path()).unwrap().count();
    let mut source = Slow(&mut archive, 0, || {
        wait_until("it stands beside its place", || staged() == 2);
        host.sshd.as_ref().unwrap().kill_sessions();
    });
    let script = put(there.path().to_str().unwrap(), 7);
    let around = Command::program(["true"]);
    let error = send(&*host.transport, &around, &Vault::default(), script, &mut source, &mut |_| (), &Cancel::new());
    assert_eq!(error.unwrap_err().kind(), Kind::Lost);
    wait_until("what had come is gone", || staged() == 1);
    assert_eq!(fs::read_to_string(there.path().join("bytes")).unwrap(), "old");
}
