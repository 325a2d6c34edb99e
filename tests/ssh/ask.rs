//! Questions of ssh.

use std::sync::Arc;

use windlass::error::{Error, Kind};
use windlass::model::command::Command;
use windlass::model::secret::Vault;
use windlass::model::server::Server;
use windlass::model::value::Value;
use windlass::transport::api::Input;
use windlass::transport::askpass::Prompter;
use windlass::transport::cancel::Cancel;
use windlass::transport::pool::{Pool, PoolOptions};

use crate::ssh::host::{Answers, pool, pool_with, run};
use crate::support::sshd::{Options, Sshd};

fn locked() -> Option<Sshd> {
    Sshd::with(&Options { passphrase: "open sesame", ..Options::default() })
}

fn question(sshd: &Sshd) -> String {
    format!("Enter passphrase for key '{}': ", sshd.path("client_key").display())
}

fn connect(server: &Server, prompter: Arc<dyn Prompter>) -> Result<String, Error> {
    let pool = pool_with(prompter);
    let transport = pool.transport(server)?;
    run(&*transport, &Command::shell("echo in"), Input::None, &Cancel::new()).map(|ran| ran.out().to_owned())
}

#[test]
fn a_passphrase_is_asked_for_and_again_when_it_was_wrong() {
    let Some(sshd) = locked() else { return };
    let answers = Answers::new(&["wrong", "open sesame"]);
    assert_eq!(connect(&sshd.server(), Arc::clone(&answers) as _).unwrap(), "in\n");
    assert_eq!(*answers.asked.lock().unwrap(), [question(&sshd), question(&sshd)]);
}

#[test]
fn a_passphrase_that_stays_wrong_is_asked_three_times() {
    let Some(sshd) = locked() else { return };
    let answers = Answers::new(&["a", "b", "c", "open sesame"]);
    let error = connect(&sshd.server(), Arc::clone(&answers) as _).unwrap_err();
    assert_eq!(error.kind(), Kind::Connection);
    assert!(error.to_string().contains("does not let us in"), "{error}");
    assert_eq!(answers.asked.lock().unwrap().len(), 3);
}

#[test]
fn one_answer_serves_all_hosts() {
    let Some(sshd) = locked() else { return };
    let answers = Answers::new(&["open sesame"]);
    let pool = Arc::new(pool_with(Arc::clone(&answers) as _));
    let threads: Vec<_> = (0..5)
        .map(|number| {
            let mut server = Server { name: format!("host{number}"), ..sshd.server() };
            server.ssh_options.insert("host_name".into(), sshd.address().into());
            server
                .ssh_options
                .insert("host_key_alias".into(), format!("[{}]:{}", sshd.address(), sshd.port()).as_str().into());
            let pool = Arc::clone(&pool);
            std::thread::spawn(move || pool.transport(&server).unwrap().connect(&Cancel::new()))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap().unwrap();
    }
    assert_eq!(*answers.asked.lock().unwrap(), [question(&sshd)]);
}

#[test]
fn a_passphrase_of_the_recipe_is_asked_of_nobody() {
    let Some(sshd) = locked() else { return };
    let vault = Arc::new(Vault::default());
    let mut server = sshd.server();
    server.ssh_options.insert("passphrase".into(), Value::Text(vault.seal("open sesame")));
    let answers = Answers::new(&[]);
    let pool = Pool::new(PoolOptions {
        connect_timeouts: windlass::transport::options::ConnectTimeouts::default(),
        dry_run: false,
        ssh_options: indexmap::IndexMap::new(),
        prompter: Arc::clone(&answers) as _,
        vault,
        askpass: env!("CARGO_BIN_EXE_windlass").into(),
        warm: None,
        tells_logins: false,
        on_connect: Arc::new(|_, _, _| ()),
        on_note: Arc::new(|_, _| ()),
    });
    pool.transport(&server).unwrap().connect(&Cancel::new()).unwrap();
    assert!(answers.asked.lock().unwrap().is_empty());
}

#[test]
fn without_a_terminal_the_question_is_quoted() {
    let Some(sshd) = locked() else { return };
    let error = pool().transport(&sshd.server()).unwrap().connect(&Cancel::new()).unwrap_err();
    let key = sshd.path("client_key").display().to_string();
    let label = sshd.server().label();
    assert_eq!(
        error.to_string(),
        format!("`{label}` cannot be reached without an answer to `Enter passphrase for key '{key}':`")
    );
    assert_eq!(
        error.parts().help,
        [
            format!("unlock the key once: `ssh-add {key}`"),
            "or in the recipe: `ssh_options: #{ passphrase: secret(env(\"…\")) }`".to_owned(),
            "or run it in a terminal, where it is asked for".to_owned()
        ]
    );
}

#[test]
fn nobody_is_asked_in_non_interactive_mode() {
    let Some(sshd) = locked() else { return };
    let mut server = sshd.server();
    server.ssh_options.insert("non_interactive".into(), Value::Bool(true));
    let answers = Answers::new(&["open sesame"]);
    assert_eq!(connect(&server, Arc::clone(&answers) as _).unwrap_err().kind(), Kind::Connection);
    assert!(answers.asked.lock().unwrap().is_empty());
}
