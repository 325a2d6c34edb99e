//! One test for each way a run can end before its time.

use std::time::Duration;

use rustix::process::Signal;

use crate::cancel::lab::Lab;
use crate::support::sshd::signal;

/// How long windlass may take to notice, to tell and to go.
const SOON: Duration = Duration::from_secs(30);

#[test]
fn try_int() {
    let Some(lab) = Lab::start("try_int") else { return };
    let run = lab.hang();
    run.signal(Signal::INT);
    lab.nothing_is_left("INT", false);
    let ran = run.end(SOON);
    println!("{}\n{}\n{}", ran.code, ran.stdout, ran.stderr);
}
#[test]
fn try_master() {
    let Some(lab) = Lab::start("try_master") else { return };
    let run = lab.hang();
    for pid in lab.masters() {
        signal(pid, Signal::KILL);
    }
    lab.nothing_is_left("master", false);
    let ran = run.end(SOON);
    println!("{}\n{}\n{}", ran.code, ran.stdout, ran.stderr);
}
#[test]
fn try_cut() {
    let Some(lab) = Lab::start("try_cut") else { return };
    let run = lab.hang();
    lab.cut();
    lab.nothing_is_left("cut", true);
    let ran = run.end(SOON);
    println!("{}\n{}\n{}", ran.code, ran.stdout, ran.stderr);
    lab.mend();
}
