//! Deploys in a row, and the exact tree they leave.

use std::fs;
use std::path::Path;

use crate::support::fleet::Fleet;
use crate::support::tree::names_in;

#[test]
fn a_first_deploy_leaves_exactly_this() {
    let Some(fleet) = Fleet::start(2, r#"set("umask", "022");"#) else { return };
    // git packs files as 664, and tar gives root what is packed and everybody else that without the umask.
    let (file, folder) = if rustix::process::geteuid().is_root() { (664, 775) } else { (644, 755) };
    let commit = fleet.repository.commit("lib/a b.txt", "two words\n");
    let time = fleet.repository.time(&commit);
    fleet.deploy();
    for host in ["web1", "web2"] {
        assert_eq!(
            fleet.tree(host),
            [
                "current -> [to]/releases/r1".to_owned(),
                "releases/ 755".to_owned(),
                "releases/r1/ 755".to_owned(),
                format!("releases/r1/REVISION 644 {:?}", format!("{commit}\n")),
                format!("releases/r1/REVISION_TIME 644 {:?}", format!("{time}\n")),
                format!("releases/r1/app.sh {file} \"echo version 1\\n\""),
                format!("releases/r1/lib/ {folder}"),
                format!("releases/r1/lib/a b.txt {file} \"two words\\n\""),
                "repo/ 755".to_owned(),
                format!(
                    "revisions.log 644 {:?}",
                    format!("Branch main (at {commit}) deployed as release r1 by tester\n")
                ),
                "shared/ 755".to_owned(),
            ]
        );
    }
    let [one, two] = ["web1", "web2"].map(|host| fleet.current(host));
    assert_eq!(one, two, "all hosts have the same release");
}

#[test]
fn a_second_deploy_stands_beside_the_first() {
    let Some(fleet) = Fleet::start(2, "") else { return };
    let first = fleet.deploy();
    let commit = fleet.repository.commit("app.sh", "echo version 2\n");
    let second = fleet.deploy();
    assert!(first < second, "{first} {second}");
    for host in ["web1", "web2"] {
        assert_eq!(fleet.releases(host), [first.clone(), second.clone()]);
        assert_eq!(fleet.current(host), second);
        assert_eq!(fleet.read(host, &format!("releases/{first}/app.sh")), "echo version 1\n");
        assert_eq!(fleet.read(host, "current/app.sh"), "echo version 2\n");
        assert_eq!(fleet.read(host, "current/REVISION"), format!("{commit}\n"));
        let log = fleet.read(host, "revisions.log");
        let last = log.lines().nth(1).expect("there are two lines");
        assert_eq!(last, format!("Branch main (at {commit}) deployed as release {second} by tester"));
        assert_eq!(log.lines().count(), 2);
    }
}

#[test]
fn nothing_is_left_over() {
    let Some(fleet) = Fleet::start(2, "") else { return };
    let tmp = fleet.scene.top().join("hosts/tmp");
    fs::create_dir(&tmp).unwrap();
    fleet.add_to_recipe(&format!("set(\"tmp_dir\", {:?});", tmp.display().to_string()));
    fleet.deploy();
    fleet.deploy();
    fleet.run(&["deploy:rollback"]).ok();
    for host in ["web1", "web2"] {
        let mut found = Vec::new();
        names(&fleet.path(host, ""), &mut found);
        names(&fleet.sshd(host).home(), &mut found);
        found.retain(|name| {
            ["windlass", ".new", ".part", "current."].iter().any(|mark| name.contains(mark)) || name.contains(".tar")
        });
        found.retain(|name| !name.starts_with("rolled-back-release-"));
        // Where the lock is; nothing but its last two files stays there.
        found.retain(|name| name != ".windlass");
        assert!(names_in(&fleet.path(host, ".windlass")).iter().all(|name| name.starts_with("lock.")));
        assert_eq!(names_in(&fleet.path(host, ".windlass")).len(), 2);
        assert!(found.is_empty(), "{host}: {found:?}");
    }
    assert!(names_in(&tmp).is_empty(), "Capistrano would have left a program for git: {:?}", names_in(&tmp));
    let top = names_in(fleet.scene.top());
    assert_eq!(top, ["home", "hosts", "project", "repository"], "nothing of ours is left in TMPDIR here");
}

#[test]
fn deploying_to_a_folder_with_blanks_and_quotes() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    let folder = fleet.scene.top().join("hosts/it's a \"place\" $HOME é");
    fleet.add_to_recipe(&format!("set(\"deploy_to\", {:?});", folder.display().to_string()));
    fleet.run(&["deploy"]).ok();
    fleet.run(&["deploy"]).ok();
    fleet.run(&["deploy:rollback"]).ok();
    let link = fs::read_link(folder.join("current")).unwrap();
    assert!(link.starts_with(folder.join("releases")), "{}", link.display());
    assert_eq!(fs::read_to_string(folder.join("current/app.sh")).unwrap(), "echo version 1\n");
}

/// Names of what lies in a folder and below it.
fn names(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        found.push(entry.file_name().to_string_lossy().into_owned());
        if entry.path().is_dir() && !entry.path().is_symlink() {
            names(&entry.path(), found);
        }
    }
}
