//! One test for each way a run can end before its time.

use std::time::Duration;

use rustix::process::Signal;

use crate::cancel::lab::Lab;
use crate::support::ran::Ran;

/// How long windlass may take to notice, to tell and to go.
const SOON: Duration = Duration::from_secs(30);

/// Each signal that asks windlass to go.
const SIGNALS: [(&str, Signal); 3] = [("SIGINT", Signal::INT), ("SIGTERM", Signal::TERM), ("SIGHUP", Signal::HUP)];

/// What windlass says names every host, and the line that ran there.
#[track_caller]
fn names_hosts_and_commands(lab: &Lab, ran: &Ran) {
    let said = format!("{}\n{}", ran.stdout, ran.stderr);
    for node in &lab.nodes {
        assert!(ran.stderr.contains(&format!("`deploy@{}`", node.name())), "{} is not named: {said}", node.name());
    }
    for line in lab.lines() {
        assert!(said.contains(&line), "not said: {line}\n{said}");
    }
    assert!(!said.contains("status 255"), "that is ssh's own, not the command's: {said}");
}

#[test]
fn a_signal_leaves_nothing() {
    let Some(lab) = Lab::start("a_signal_leaves_nothing") else { return };
    for (name, number) in SIGNALS {
        let run = lab.hang();
        run.signal(number);
        lab.nothing_is_left(name, false);
        let ran = run.end(SOON).fails(130);
        assert!(ran.stderr.contains("cancelled: stopped before the end"), "{}", ran.stderr);
        names_hosts_and_commands(&lab, &ran);
        assert_eq!(lab.masters(), [0; 0], "{name}: windlass closes its connections");
    }
}

#[test]
fn a_windlass_that_is_killed_leaves_nothing() {
    let Some(lab) = Lab::start("a_windlass_that_is_killed_leaves_nothing") else { return };
    lab.hang().kill();
    lab.nothing_is_left("kill -9 of windlass", false);
    // Its connections outlive it, and hold nothing on the hosts.
    assert_eq!(lab.masters().len(), lab.nodes.len());
}

#[test]
fn an_ssh_that_is_killed_leaves_nothing() {
    let Some(lab) = Lab::start("an_ssh_that_is_killed_leaves_nothing") else { return };
    let run = lab.hang();
    assert_eq!(lab.masters().len(), lab.nodes.len());
    lab.kill_masters();
    lab.nothing_is_left("kill -9 of ssh", false);
    let ran = run.end(SOON);
    assert_ne!(ran.code, 0);
    names_hosts_and_commands(&lab, &ran);
}

#[test]
fn a_cable_that_is_cut_leaves_nothing() {
    let Some(lab) = Lab::start("a_cable_that_is_cut_leaves_nothing") else { return };
    let run = lab.hang();
    lab.cut();
    lab.nothing_is_left("a cut cable", true);
    let ran = run.end(SOON);
    assert_ne!(ran.code, 0);
    names_hosts_and_commands(&lab, &ran);
    lab.mend();
    let run = lab.hang();
    run.signal(Signal::INT);
    lab.nothing_is_left("SIGINT after the cable was put back", false);
    run.end(SOON).fails(130);
}

/// Ends an upload in each way before its time, and looks at what is left of the file.
fn cut_uploads(lab: &Lab, resumes: bool, look: impl Fn(&str)) {
    let check = |cause: &str, sshd_has_to_notice: bool| {
        lab.nothing_is_left(cause, sshd_has_to_notice);
        look(cause);
    };
    let run = lab.half_uploaded(resumes);
    run.signal(Signal::INT);
    check("SIGINT in an upload", false);
    run.end(SOON).fails(130);
    lab.half_uploaded(resumes).kill();
    check("kill -9 of windlass in an upload", false);
    let run = lab.half_uploaded(resumes);
    lab.kill_masters();
    check("kill -9 of ssh in an upload", false);
    assert_ne!(run.end(SOON).code, 0);
    let run = lab.half_uploaded(resumes);
    lab.cut();
    check("a cut cable in an upload", true);
    let ran = run.end(SOON);
    assert_ne!(ran.code, 0);
    for node in &lab.nodes {
        assert!(ran.stderr.contains(&format!("`deploy@{}`", node.name())), "{}", ran.stderr);
    }
}

/// A file that has come half is not left under its name, nor beside it.
#[test]
fn half_a_file_is_not_left() {
    let Some(lab) = Lab::start("half_a_file_is_not_left") else { return };
    cut_uploads(&lab, false, |cause| lab.no_half_file_is_left(cause));
}

/// Nor under its name where the next upload may go on: there a part stays beside it, and nothing else.
#[test]
fn of_half_a_file_a_part_is_left_for_the_next_upload() {
    let Some(lab) = Lab::start("of_half_a_file_a_part_is_left_for_the_next_upload") else { return };
    cut_uploads(&lab, true, |cause| lab.a_part_is_left(cause));
}

/// What has begun under a shield is finished, and nothing comes after it.
#[test]
fn what_is_shielded_is_finished() {
    let Some(lab) = Lab::start("what_is_shielded_is_finished") else { return };
    let check = |cause: &str, sshd_has_to_notice: bool| {
        lab.nothing_is_left(cause, sshd_has_to_notice);
        for node in &lab.nodes {
            assert!(node.path("/srv/done").exists(), "{cause}: not finished on {}", node.name());
            assert!(!node.path("/srv/next").exists(), "{cause}: {} went on", node.name());
        }
    };
    for (name, number) in SIGNALS {
        let run = lab.shielded();
        run.signal(number);
        check(name, false);
        run.end(SOON).fails(130);
    }
    lab.shielded().kill();
    check("kill -9 of windlass", false);
    let run = lab.shielded();
    lab.kill_masters();
    check("kill -9 of ssh", false);
    assert_ne!(run.end(SOON).code, 0);
    let run = lab.shielded();
    lab.cut();
    check("a cut cable", true);
    assert_ne!(run.end(SOON).code, 0);
}

/// The test-bed itself. Without a terminal, and no command of ours has one, sudo starts a command in the same way with
/// `use_pty` as without: both stay in the tests, because other versions may not.
#[test]
fn hosts_differ_in_what_their_sudo_is_told() {
    let Some(lab) = Lab::start("hosts_differ_in_what_their_sudo_is_told") else { return };
    for node in &lab.nodes {
        let defaults = node.printed(&["sudo", "-l", "-U", "deploy"]);
        let wanted = if node.name().starts_with("pty") { "env_reset, use_pty" } else { "env_reset, !use_pty" };
        assert!(defaults.contains(wanted), "{}: {defaults}", node.name());
        assert!(defaults.contains("(app) NOPASSWD: ALL"), "{}: {defaults}", node.name());
    }
}
