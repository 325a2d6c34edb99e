//! Files and folders that all releases share.

use std::fs;

use crate::support::fleet::Fleet;

const LINKED: &str = r#"
    append("linked_files", "config/database.yml", ".env");
    append("linked_dirs", "log", "tmp/pids", "public/system/files");
"#;

#[test]
fn linked_files_and_folders_point_to_shared_ones() {
    let Some(fleet) = Fleet::start(2, LINKED) else { return };
    fleet.repository.commit("config/app.yml", "app\n");
    fleet.share("config/database.yml", "secret\n");
    fleet.share(".env", "A=1\n");
    fleet.deploy();
    for host in ["web1", "web2"] {
        let tree = fleet.tree(host);
        let links: Vec<&str> = tree.iter().map(String::as_str).filter(|line| line.contains(" -> ")).collect();
        assert_eq!(
            links,
            [
                "current -> [to]/releases/r1",
                "releases/r1/.env -> [to]/shared/.env",
                "releases/r1/config/database.yml -> [to]/shared/config/database.yml",
                "releases/r1/log -> [to]/shared/log",
                "releases/r1/public/system/files -> [to]/shared/public/system/files",
                "releases/r1/tmp/pids -> [to]/shared/tmp/pids",
            ]
        );
        for folder in ["log", "tmp/pids", "public/system/files"] {
            assert!(fleet.path(host, "shared").join(folder).is_dir(), "{folder}");
        }
        assert_eq!(fleet.read(host, "current/config/database.yml"), "secret\n");
        assert_eq!(fleet.read(host, "current/config/app.yml"), "app\n");
    }
}

#[test]
fn what_is_committed_in_their_place_gives_way_and_what_is_shared_stays() {
    let Some(fleet) = Fleet::start(1, LINKED) else { return };
    fleet.share("config/database.yml", "shared\n");
    fleet.share(".env", "shared\n");
    fleet.share("log/app.log", "old lines\n");
    fleet.repository.commit("config/database.yml", "committed\n");
    fleet.repository.commit("log/.keep", "");
    fleet.repository.commit("log/deep/.keep", "");
    fleet.repository.commit("public/system/files/picture", "committed\n");
    fleet.repository.commit("public/index.html", "index\n");
    fleet.deploy();
    fleet.deploy();
    assert_eq!(fleet.read("web1", "current/config/database.yml"), "shared\n");
    assert_eq!(fleet.read("web1", "current/log/app.log"), "old lines\n");
    assert!(!fleet.path("web1", "shared/log/.keep").exists());
    assert!(!fleet.path("web1", "current/public/system/files/picture").exists());
    assert_eq!(fleet.read("web1", "current/public/index.html"), "index\n");
    fs::write(fleet.path("web1", "current/log/app.log"), "new lines\n").unwrap();
    assert_eq!(fleet.read("web1", "shared/log/app.log"), "new lines\n");
}

#[test]
fn a_link_committed_in_their_place_gives_way_as_well() {
    let Some(fleet) = Fleet::start(1, r#"append("linked_dirs", "log"); append("linked_files", "env");"#) else {
        return;
    };
    let folder = fleet.scene.top().join("repository");
    let precious = fleet.scene.top().join("precious");
    fs::create_dir(&precious).unwrap();
    fs::write(precious.join("keep"), "keep").unwrap();
    std::os::unix::fs::symlink(&precious, folder.join("log")).unwrap();
    std::os::unix::fs::symlink(precious.join("keep"), folder.join("env")).unwrap();
    fleet.repository.commit("x", "x");
    fleet.share("env", "shared\n");
    fleet.deploy();
    assert_eq!(fs::read_link(fleet.path("web1", "current/log")).unwrap(), fleet.path("web1", "shared/log"));
    assert_eq!(fleet.read("web1", "current/env"), "shared\n");
    assert_eq!(fs::read_to_string(precious.join("keep")).unwrap(), "keep", "links are removed, not what they lead to");
}

#[test]
fn a_linked_folder_inside_a_linked_folder() {
    for order in [r#""tmp", "tmp/pids""#, r#""tmp/pids", "tmp/""#] {
        let Some(fleet) = Fleet::start(1, &format!("append(\"linked_dirs\", {order});")) else { return };
        fleet.repository.commit("tmp/pids/.keep", "");
        fleet.share("tmp/pids/app.pid", "17\n");
        fleet.deploy();
        fleet.deploy();
        assert_eq!(fleet.read("web1", "current/tmp/pids/app.pid"), "17\n", "{order}");
        assert_eq!(fs::read_link(fleet.path("web1", "current/tmp")).unwrap(), fleet.path("web1", "shared/tmp"));
        assert!(!fleet.path("web1", "shared/tmp/pids/pids").exists());
    }
}

#[test]
fn a_linked_file_inside_a_linked_folder() {
    let recipe = r#"append("linked_dirs", "config"); append("linked_files", "config/database.yml");"#;
    let Some(fleet) = Fleet::start(1, recipe) else { return };
    fleet.share("config/database.yml", "secret\n");
    fleet.deploy();
    fleet.deploy();
    assert_eq!(fleet.read("web1", "shared/config/database.yml"), "secret\n");
    assert_eq!(fleet.read("web1", "current/config/database.yml"), "secret\n");
    assert!(!fleet.path("web1", "shared/config/database.yml").is_symlink());
}

#[test]
fn missing_linked_files_are_reported_all_at_once_for_all_hosts() {
    let Some(fleet) = Fleet::start(2, LINKED) else { return };
    fleet.share("config/database.yml", "x");
    fs::remove_file(fleet.path("web2", "shared/config/database.yml")).unwrap();
    let ran = fleet.json(&["deploy"]).fails(1);
    let failure = ran.failure();
    assert_eq!(failure["message"], "2 of 2 hosts failed");
    for (number, (host, missing)) in
        [("web1", &[".env"][..]), ("web2", &["config/database.yml", ".env"])].into_iter().enumerate()
    {
        let cause = &failure["causes"][number];
        assert_eq!((&cause["host"], &cause["message"]), (&fleet.label(host).into(), &"files are not in place".into()));
        let shared = fleet.path(host, "shared").display().to_string();
        let said: Vec<String> = missing.iter().map(|name| format!("{shared}/{name} is missing\n")).collect();
        assert_eq!(cause["command"]["stderr"], said.concat());
        assert_eq!(cause["help"][0], "put each of them on the host once, or take it out of `linked_files`");
    }
    assert!(fleet.releases("web1").is_empty(), "it is found before a release is begun");
}

#[test]
fn a_linked_file_may_be_a_link_on_the_host() {
    let Some(fleet) = Fleet::start(1, "append(\"linked_files\", \"env\");") else { return };
    fleet.share("real", "A=1\n");
    std::os::unix::fs::symlink("real", fleet.path("web1", "shared/env")).unwrap();
    fleet.deploy();
    assert_eq!(fleet.read("web1", "current/env"), "A=1\n");
}
