//! Programs, and the PATH they are found in.

use crate::model::doctor::seen::Seen;
use crate::model::doctor::table::finding;
use crate::model::host_finding::Finding;
use crate::model::name_list::quoted;

pub fn missing(seen: &Seen<'_>) -> Vec<Finding> {
    let is_missing = |name: &&str| {
        seen.facts
            .programs
            .iter()
            .any(|program| program.name == **name && program.here.is_none() && program.at_login.is_none())
    };
    let missing: Vec<&str> = seen.asked.needed.iter().map(String::as_str).filter(is_missing).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let are = if missing.len() == 1 { "is" } else { "are" };
    vec![
        finding("missing-program", format!("{} {are} not installed", quoted(missing.iter().copied())))
            .then("a deploy fails where it fetches or unpacks the code")
            .repair(format!("sudo apt-get install {}", missing.join(" "))),
    ]
}

pub fn only_at_login(seen: &Seen<'_>) -> Vec<Finding> {
    let mut names = Vec::new();
    let mut folders: Vec<&str> = Vec::new();
    let mut is_needed = false;
    for program in seen.facts.programs.iter().filter(|program| program.here.is_none()) {
        let Some((folder, _)) = program.at_login.as_deref().and_then(|path| path.rsplit_once('/')) else { continue };
        names.push(program.name.as_str());
        is_needed |= seen.asked.needed.contains(&program.name);
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    if names.is_empty() {
        return Vec::new();
    }
    let id = if is_needed { "missing-program" } else { "login-path" };
    let are = if names.len() == 1 { "is" } else { "are" };
    vec![
        finding(
            id,
            format!("{} {are} found by a login only, in {}", quoted(names.iter().copied()), folders.join(" and ")),
        )
        .then("commands of a deploy are no login, have another PATH, and end with status 127")
        .repair(format!(r#"set("default_env", #{{ path: raw("{}:$PATH") }});"#, folders.join(":")))
        .details(vec![
            format!("PATH of a deploy: {}", seen.facts.path),
            format!("PATH of a login:  {}", seen.facts.login_path.as_deref().unwrap_or_default()),
        ]),
    ]
}

pub fn no_setsid(seen: &Seen<'_>) -> Vec<Finding> {
    if seen.facts.has_setsid {
        return Vec::new();
    }
    vec![
        finding("no-setsid", "`setsid` is not there, which is in util-linux and in busybox")
            .then("when a deploy is cancelled only its command is ended, and what that has started goes on")
            .repair("sudo apt-get install util-linux"),
    ]
}

#[cfg(test)]
mod tests {
    use crate::model::doctor::testing::{Recorded, asked};
    use crate::model::host_finding::Severity::{Error, Warning};

    #[test]
    fn what_is_needed_and_not_there() {
        Recorded::healthy().section("program.git", 0, "\n").raises(
            &asked(),
            "missing-program",
            Error,
            "`git` is not installed: a deploy fails where it fetches or unpacks the code",
            "sudo apt-get install git",
        );
        Recorded::healthy().section("program.git", 0, "\n").section("program.tar", 0, "\n").raises(
            &asked(),
            "missing-program",
            Error,
            "`git`, `tar` are not installed: a deploy fails where it fetches or unpacks the code",
            "sudo apt-get install git tar",
        );
        Recorded::healthy().section("program.java", 0, "\n").raises_nothing(&asked());
    }

    #[test]
    fn what_only_a_login_finds() {
        let shims = "/home/deploy/.rbenv/shims";
        let recorded = Recorded::healthy()
            .section("login_path", 0, &format!("{shims}:/usr/bin:/bin"))
            .section("program.ruby", 0, &format!("\n{shims}/ruby"))
            .section("program.bundle", 0, &format!("\n{shims}/bundle"))
            .section("program.node", 0, "\n/opt/node/bin/node");
        let found = recorded.raises(
            &asked(),
            "login-path",
            Warning,
            "`ruby`, `bundle`, `node` are found by a login only, in /home/deploy/.rbenv/shims and /opt/node/bin: commands \
             of a deploy are no login, have another PATH, and end with status 127",
            r#"set("default_env", #{ path: raw("/home/deploy/.rbenv/shims:/opt/node/bin:$PATH") });"#,
        );
        assert_eq!(
            found.details,
            [
                "PATH of a deploy: /usr/local/bin:/usr/bin:/bin",
                "PATH of a login:  /home/deploy/.rbenv/shims:/usr/bin:/bin"
            ]
        );
        let found = Recorded::healthy().section("program.git", 0, "\n/opt/git/bin/git").found(&asked());
        assert_eq!((found.len(), found[0].id), (1, "missing-program"));
    }

    #[test]
    fn a_host_without_setsid() {
        Recorded::healthy().section("setsid", 0, "").raises(
            &asked(),
            "no-setsid",
            Warning,
            "`setsid` is not there, which is in util-linux and in busybox: when a deploy is cancelled only its command is \
             ended, and what that has started goes on",
            "sudo apt-get install util-linux",
        );
    }
}
