//! Many connections at once, hosts that drop newcomers, and what is tried again: nothing that may have been a login.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use windlass::error::Error;
use windlass::model::command::Command;
use windlass::model::server::Server;
use windlass::model::value::Value;
use windlass::transport::api::Input;
use windlass::transport::cancel::Cancel;

use crate::ssh::host::{pool, run};
use crate::support::sshd::{Options, Sshd};

/// The same host under another name and port, which gives it a connection of its own.
fn renamed(sshd: &Sshd, name: &str, port: u16) -> Server {
    let mut server = Server { name: name.to_owned(), port: Some(port), ..sshd.server() };
    server.ssh_options.insert("host_name".into(), sshd.address().into());
    let known_as = format!("[{}]:{}", sshd.address(), sshd.port());
    server.ssh_options.insert("host_key_alias".into(), known_as.as_str().into());
    server
}

/// Connects to this many names of one host at the same time.
fn crowd(sshd: &Sshd, count: usize) {
    let pool = Arc::new(pool());
    let barrier = Arc::new(Barrier::new(count));
    let threads: Vec<_> = (0..count)
        .map(|number| {
            let server = renamed(sshd, &format!("host{number}"), sshd.port());
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

#[test]
fn a_crowd_gets_in_where_the_host_refuses_all_but_a_few() {
    // Refuses every newcomer beyond four that are not logged in yet.
    let Some(sshd) = Sshd::with(&Options { config: &["MaxStartups 4"], ..Options::default() }) else { return };
    crowd(&sshd, 40);
    assert!(sshd.log().contains("MaxStartups"), "it did refuse some: {}", sshd.log());
}

#[test]
fn a_crowd_gets_in_where_the_host_refuses_at_random() {
    let Some(sshd) = Sshd::with(&Options { config: &["MaxStartups 2:50:8"], ..Options::default() }) else { return };
    crowd(&sshd, 24);
}

#[test]
fn a_crowd_is_never_refused_by_a_host_of_the_usual_kind() {
    let Some(sshd) = Sshd::start() else { return };
    crowd(&sshd, 30);
    assert!(!sshd.log().contains("MaxStartups"), "{}", sshd.log());
}

/// A port before the host that hangs up on the first newcomers and lets the others through. Gives the number of those
/// who came.
fn doorkeeper(sshd: &Sshd, refused: usize) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((sshd.address(), 0)).unwrap();
    let (port, came) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let (address, count) = ((sshd.address().to_owned(), sshd.port()), Arc::clone(&came));
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            if count.fetch_add(1, Ordering::SeqCst) < refused {
                continue;
            }
            let host = TcpStream::connect((address.0.as_str(), address.1)).unwrap();
            for (from, to) in [(client.try_clone(), host.try_clone()), (host.try_clone(), client.try_clone())] {
                let (from, to) = (from.unwrap(), to.unwrap());
                thread::spawn(move || copy(from, to));
            }
        }
    });
    (port, came)
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    to.shutdown(Shutdown::Write).ok();
}

#[test]
fn who_is_dropped_before_the_login_tries_again() {
    let Some(sshd) = Sshd::start() else { return };
    let (port, came) = doorkeeper(&sshd, 2);
    let pool = pool();
    let transport = pool.transport(&renamed(&sshd, "host", port)).unwrap();
    assert_eq!(run(&*transport, &Command::shell("echo in"), Input::None, &Cancel::new()).unwrap().out(), "in\n");
    assert_eq!(came.load(Ordering::SeqCst), 3);
}

#[test]
fn who_is_dropped_four_times_gives_up() {
    let Some(sshd) = Sshd::start() else { return };
    let (port, came) = doorkeeper(&sshd, 100);
    let error = refused(&renamed(&sshd, "host", port));
    assert_eq!(error.to_string(), format!("`{}` port {port} closed the connection before the login", sshd.address()));
    assert_eq!(came.load(Ordering::SeqCst), 4);
}

fn refused(server: &Server) -> Error {
    pool().transport(server).unwrap().connect(&Cancel::new()).unwrap_err()
}

/// The error of a host behind a doorkeeper, who saw only one try.
fn refused_once(sshd: &Sshd, change: impl Fn(&mut Server)) -> String {
    let (port, came) = doorkeeper(sshd, 0);
    let mut server = renamed(sshd, "host", port);
    change(&mut server);
    let error = refused(&server);
    assert_eq!(came.load(Ordering::SeqCst), 1, "{error}");
    error.to_string()
}

#[test]
fn a_refused_key_is_not_tried_again() {
    let Some(sshd) = Sshd::start() else { return };
    std::fs::write(sshd.path("authorized_keys"), "").unwrap();
    let error = refused_once(&sshd, |_| ());
    assert!(error.contains("does not let us in"), "{error}");
}

#[test]
fn a_host_that_has_enough_of_our_keys_is_not_tried_again() {
    let Some(sshd) = Sshd::with(&Options { config: &["MaxAuthTries 1"], ..Options::default() }) else { return };
    std::fs::write(sshd.path("authorized_keys"), "").unwrap();
    let error = refused_once(&sshd, |server| {
        let keys = ["client_key", "host_key"].map(|name| Value::Text(sshd.path(name).display().to_string()));
        server.ssh_options.insert("keys".into(), Value::List(keys.to_vec()));
    });
    assert!(error.contains("gave up after too many keys") || error.contains("does not let us in"), "{error}");
}

#[test]
fn an_unknown_host_key_is_not_tried_again() {
    let Some(sshd) = Sshd::start() else { return };
    sshd.pretend_to_be_unknown();
    let error = refused_once(&sshd, |_| ());
    assert!(error.contains("is not known"), "{error}");
}

#[test]
fn a_login_that_is_cut_short_is_not_tried_again() {
    // The key is looked up for longer than a login may take; only root may name the program that does.
    let config = ["LoginGraceTime 1", "AuthorizedKeysCommand /bin/sleep 6", "AuthorizedKeysCommandUser root"];
    let Some(sshd) = Sshd::with(&Options { config: &config, ..Options::default() }) else { return };
    std::fs::write(sshd.path("authorized_keys"), "").unwrap();
    let error = refused_once(&sshd, |_| ());
    assert!(error.contains("closed the connection in the middle of the login"), "{error}");
}
