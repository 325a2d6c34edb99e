//! Many commands over one connection.

use std::sync::Arc;
use std::thread;

use windlass::model::command::Command;
use windlass::transport::api::Input;
use windlass::transport::cancel::Cancel;

use crate::ssh::host::{Host, run};
use crate::support::sshd::Options;

#[test]
fn more_commands_than_the_host_allows_wait_for_each_other() {
    let Some(host) = Host::ssh(&Options { config: &["MaxSessions 2"], ..Options::default() }) else { return };
    for _ in 0..2 {
        let threads: Vec<_> = (0..6)
            .map(|number| {
                let transport = Arc::clone(&host.transport);
                let command = Command::shell(format!("echo {number}; sleep 0.2"));
                thread::spawn(move || run(&*transport, &command, Input::None, &Cancel::new()).unwrap())
            })
            .collect();
        for (number, thread) in threads.into_iter().enumerate() {
            assert_eq!(thread.join().unwrap().out(), format!("{number}\n"));
        }
    }
}

#[test]
fn a_host_that_runs_no_command_says_so() {
    let Some(host) = Host::ssh(&Options { config: &["MaxSessions 0"], ..Options::default() }) else { return };
    let error = run(&*host.transport, &Command::program(["true"]), Input::None, &Cancel::new()).unwrap_err();
    assert_eq!(error.to_string(), format!("`{}` lets us in but runs no command", host.transport.label()));
}
