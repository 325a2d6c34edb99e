//! Many commands over one connection, many connections to one host.

use std::sync::{Arc, Barrier};
use std::thread;

use windlass::model::command::Command;
use windlass::model::server::Server;
use windlass::transport::api::Input;
use windlass::transport::cancel::Cancel;

use crate::ssh::host::{Host, pool, run};
use crate::support::sshd::{Options, Sshd};

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

#[test]
fn twenty_connections_at_once_survive_a_host_that_drops_newcomers() {
    // Refuses every newcomer beyond four that are not logged in yet.
    let Some(sshd) = Sshd::with(&Options { config: &["MaxStartups 4"], ..Options::default() }) else { return };
    let pool = Arc::new(pool());
    let barrier = Arc::new(Barrier::new(20));
    let threads: Vec<_> = (0..20)
        .map(|number| {
            // A name of its own gives each a connection of its own; all lead to the same address.
            let mut server = Server { name: format!("host{number}"), ..sshd.server() };
            server.ssh_options.insert("host_name".into(), sshd.address().into());
            server
                .ssh_options
                .insert("host_key_alias".into(), format!("[{}]:{}", sshd.address(), sshd.port()).as_str().into());
            let (pool, barrier) = (Arc::clone(&pool), Arc::clone(&barrier));
            thread::spawn(move || {
                let transport = pool.transport(&server).unwrap();
                barrier.wait();
                let command = Command::shell(format!("echo {number}"));
                run(&*transport, &command, Input::None, &Cancel::new()).map(|ran| ran.out().to_owned())
            })
        })
        .collect();
    for (number, thread) in threads.into_iter().enumerate() {
        assert_eq!(thread.join().unwrap().map_err(|error| format!("{error:?}")), Ok(format!("{number}\n")));
    }
}
