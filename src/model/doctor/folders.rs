//! Folders a deploy writes into, and the link to the live release.

use crate::model::doctor::facts::There;
use crate::model::doctor::seen::Seen;
use crate::model::doctor::table::finding;
use crate::model::host_finding::Finding;
use crate::model::quote::quote;

pub fn not_writable(seen: &Seen<'_>) -> Vec<Finding> {
    let user = &seen.facts.user;
    let mut found: Vec<Finding> = Vec::new();
    let mut told: Vec<&str> = Vec::new();
    let folders = seen.facts.folders.iter().filter(|folder| matches!(folder.there, There::Folder | There::Nothing));
    for folder in folders.filter(|folder| !folder.may_write) {
        // What is to be made in the same folder has the same reason, and the outermost of it is told.
        if told.contains(&folder.nearest.as_str()) {
            continue;
        }
        told.push(&folder.nearest);
        let (problem, repair) = if folder.there == There::Folder {
            (
                format!("`{user}` may not write to {} ({})", folder.path, folder.mode),
                format!("sudo chown {} {}", quote(user), quote(&folder.path)),
            )
        } else {
            (
                format!("`{user}` may not make {}: {} is {}", folder.path, folder.nearest, folder.mode),
                format!("sudo install -d -o {} {}", quote(user), quote(&folder.path)),
            )
        };
        found.push(finding("not-writable", problem).user(user).then("a deploy fails in `deploy:check`").repair(repair));
    }
    found
}

pub fn not_a_folder(seen: &Seen<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for folder in &seen.facts.folders {
        let what = match folder.there {
            There::Folder | There::Nothing => continue,
            There::Other => "is no folder",
            There::Astray => "is a link that leads nowhere",
        };
        let path = quote(&folder.path);
        found.push(
            finding("not-a-folder", format!("{} {what}", folder.path))
                .then("a deploy fails in `deploy:check`, because it cannot make the folder")
                .repair(format!("sudo mv {path} {path}.old")),
        );
    }
    found
}

pub fn current(seen: &Seen<'_>) -> Vec<Finding> {
    let (Some(link), Some("folder" | "file")) = (&seen.asked.current, seen.facts.current.as_deref()) else {
        return Vec::new();
    };
    let path = quote(link);
    vec![
        finding("current-folder", format!("{link} is no link"))
            .then("no release can become the current one: a deploy fails when everything else is done")
            .repair(format!("mv {path} {path}.old")),
    ]
}

#[cfg(test)]
mod tests {
    use crate::model::doctor::testing::{Recorded, asked};
    use crate::model::host_finding::Severity::Error;

    #[test]
    fn a_folder_of_somebody_else() {
        let found = Recorded::healthy()
            .section("folder.1", 0, "folder\n/var/www/shop/releases\nno\ndrwxr-xr-x root:root")
            .raises(
                &asked(),
                "not-writable",
                Error,
                "`deploy` may not write to /var/www/shop/releases (drwxr-xr-x root:root): a deploy fails in `deploy:check`",
                "sudo chown deploy /var/www/shop/releases",
            );
        assert_eq!(found.user.as_deref(), Some("deploy"));
    }

    #[test]
    fn folders_that_cannot_be_made_are_told_as_one() {
        let mut recorded = Recorded::healthy();
        for n in 0..4 {
            recorded = recorded.section(&format!("folder.{n}"), 0, "missing\n/var/www\nno\ndrwxr-xr-x root:root");
        }
        recorded.raises(
            &asked(),
            "not-writable",
            Error,
            "`deploy` may not make /var/www/shop: /var/www is drwxr-xr-x root:root: a deploy fails in `deploy:check`",
            "sudo install -d -o deploy /var/www/shop",
        );
    }

    #[test]
    fn something_else_in_the_place_of_a_folder() {
        for (kind, what) in [("other", "is no folder"), ("astray", "is a link that leads nowhere")] {
            let answer = format!("{kind}\n/var/www/shop\nyes\ndrwxr-xr-x deploy:deploy");
            Recorded::healthy().section("folder.2", 0, &answer).raises(
                &asked(),
                "not-a-folder",
                Error,
                &format!(
                    "/var/www/shop/shared {what}: a deploy fails in `deploy:check`, because it cannot make the folder"
                ),
                "sudo mv /var/www/shop/shared /var/www/shop/shared.old",
            );
        }
    }

    #[test]
    fn a_folder_in_the_place_of_the_link() {
        Recorded::healthy().section("current", 0, "folder").raises(
            &asked(),
            "current-folder",
            Error,
            "/var/www/shop/current is no link: no release can become the current one: a deploy fails when everything else \
             is done",
            "mv /var/www/shop/current /var/www/shop/current.old",
        );
    }
}
