//! One transport per server, for the whole run.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use indexmap::IndexMap;

use crate::error::Error;
use crate::model::secret::Vault;
use crate::model::server::{Reach, Server};
use crate::model::value::Value;
use crate::transport::api::Transport;
use crate::transport::askpass::{Askpass, Prompter};
use crate::transport::local::Local;
use crate::transport::master::Ground;
use crate::transport::options::{ConnectTimeouts, plan};
use crate::transport::own_folder::OwnFolder;
use crate::transport::prompts::Known;
use crate::transport::record::Record;
use crate::transport::routes::Routes;
use crate::transport::sessions::OnConnect;
use crate::transport::ssh::{OnNote, Ssh};
use crate::transport::starts::Starts;
use crate::transport::warm::Warm;

/// What a pool needs to know.
pub struct PoolOptions {
    /// Whether nothing is to be run.
    pub dry_run: bool,
    /// `ssh_options` of the stage, under Capistrano's names.
    pub ssh_options: IndexMap<String, Value>,
    /// How long connecting may take.
    pub connect_timeouts: ConnectTimeouts,
    /// Who answers what ssh asks.
    pub prompter: Arc<dyn Prompter>,
    /// Where secrets among the options are.
    pub vault: Arc<Vault>,
    /// The program ssh starts to ask something: this one, which calls [`crate::transport::askpass::client`].
    pub askpass: PathBuf,
    /// Where connections stay for the next run; without it they are closed.
    pub warm: Option<Warm>,
    /// Whether ssh is to say how it logs in: see [`Transport::login`].
    pub tells_logins: bool,
    /// Told of every connection.
    pub on_connect: Arc<OnConnect>,
    /// Told what is worth knowing of a host's login.
    pub on_note: Arc<OnNote>,
}

/// What makes two servers share a connection: how it is reached, name, port, user.
type Key = (Reach, String, Option<u16>, Option<String>);

/// All transports of a run. Its connections are closed by [`Pool::close`], or when it goes.
pub struct Pool {
    options: PoolOptions,
    transports: Mutex<HashMap<Key, Arc<dyn Transport>>>,
    connections: Mutex<Vec<Arc<Ssh>>>,
    ground: Mutex<Option<Arc<Ground>>>,
}

impl Pool {
    /// A pool without any connection.
    #[must_use]
    pub fn new(options: PoolOptions) -> Self {
        Self { options, transports: Mutex::default(), connections: Mutex::default(), ground: Mutex::default() }
    }

    /// The transport of a server. It connects on first use.
    ///
    /// # Errors
    /// When the server's `ssh_options` make no sense, or no folder for sockets can be made.
    pub fn transport(&self, server: &Server) -> Result<Arc<dyn Transport>, Error> {
        let home = std::env::home_dir().map(|home| home.display().to_string());
        // In a dry run too: a mistake in the options is what a dry run is for.
        let plan = plan(server, &self.options.ssh_options, home.as_deref())
            .map_err(|error| error.on(server.label()))?
            .within(self.options.connect_timeouts);
        let key = (server.reach, plan.host.clone(), plan.port, plan.user.clone());
        let mut transports = locked(&self.transports);
        if let Some(transport) = transports.get(&key) {
            return Ok(Arc::clone(transport));
        }
        let transport: Arc<dyn Transport> = match server.reach {
            _ if self.options.dry_run => Arc::new(Record::new(plan.label())),
            Reach::Local => Arc::new(Local::new(server.label())),
            Reach::Ssh => {
                let reveal =
                    |text: &Option<String>| text.as_ref().map(|text| self.options.vault.reveal(text)).transpose();
                let known = Known { password: reveal(&plan.password)?, passphrase: reveal(&plan.passphrase)? };
                let ssh = Arc::new(Ssh::new(
                    plan,
                    known,
                    self.ground()?,
                    Arc::clone(&self.options.on_connect),
                    Arc::clone(&self.options.on_note),
                ));
                locked(&self.connections).push(Arc::clone(&ssh));
                ssh
            }
        };
        transports.insert(key, Arc::clone(&transport));
        Ok(transport)
    }

    /// Closes all connections that do not stay, at the same time, and removes the folder of their sockets. Transports that are still
    /// held elsewhere cannot be used any more.
    pub fn close(&self) {
        locked(&self.transports).clear();
        let closing: Vec<_> =
            locked(&self.connections).drain(..).map(|connection| thread::spawn(move || connection.close())).collect();
        for thread in closing {
            // Closing cannot panic; if it did, ssh would go by itself within a minute.
            let _ = thread.join();
        }
        if let Some(ground) = locked(&self.ground).take() {
            let folder = ground.folder.path().to_owned();
            drop(ground);
            // Gone with the last transport, unless one is still held.
            let _ = std::fs::remove_dir_all(folder);
        }
    }

    /// Closes all connections, also those that are to stay for the next run; the next command on a host makes another
    /// one. Nothing may run meanwhile.
    pub fn hang_up(&self) {
        let connections = locked(&self.connections).clone();
        thread::scope(|scope| {
            for connection in &connections {
                scope.spawn(|| connection.hang_up());
            }
        });
    }

    /// Closes all connections under whatever still runs over them, and removes the folder of their sockets: for a
    /// process that ends now. The hosts' watchdogs end the commands.
    pub fn abandon(&self) {
        let connections = locked(&self.connections).clone();
        thread::scope(|scope| {
            for connection in &connections {
                scope.spawn(|| connection.abandon());
            }
        });
        if let Some(ground) = &*locked(&self.ground) {
            // What is left of it is in nobody's way.
            let _ = std::fs::remove_dir_all(ground.folder.path());
        }
    }

    /// What connections share, made with the first of them.
    fn ground(&self) -> Result<Arc<Ground>, Error> {
        let mut ground = locked(&self.ground);
        if let Some(ground) = &*ground {
            return Ok(Arc::clone(ground));
        }
        let folder = OwnFolder::make(std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).as_deref())?;
        let askpass = Askpass::start(folder.path(), self.options.askpass.clone(), Arc::clone(&self.options.prompter))?;
        let (warm, tells_logins) = (self.options.warm.clone(), self.options.tells_logins);
        if let Some(warm) = &warm {
            warm.sweep();
        }
        let made = Arc::new(Ground {
            askpass,
            starts: Starts::default(),
            routes: Routes::default(),
            folder,
            warm,
            tells_logins,
        });
        *ground = Some(Arc::clone(&made));
        Ok(made)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.close();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::transport::askpass::Nobody;
    use crate::transport::own_folder::LONGEST;

    fn pool(dry_run: bool) -> Pool {
        Pool::new(PoolOptions {
            dry_run,
            ssh_options: IndexMap::from([("user".to_owned(), "deploy".into())]),
            connect_timeouts: ConnectTimeouts::default(),
            prompter: Arc::new(Nobody),
            vault: Arc::default(),
            askpass: "/bin/false".into(),
            warm: None,
            tells_logins: false,
            on_connect: Arc::new(|_, _, _| ()),
            on_note: Arc::new(|_, _| ()),
        })
    }

    #[test]
    fn one_transport_per_server_and_user() {
        let pool = pool(false);
        let web1 = pool.transport(&Server::new("web1")).unwrap();
        assert_eq!(web1.label(), "deploy@web1");
        assert!(Arc::ptr_eq(&web1, &pool.transport(&Server::new("web1")).unwrap()));
        let root = Server { user: Some("root".into()), ..Server::new("web1") };
        assert!(!Arc::ptr_eq(&web1, &pool.transport(&root).unwrap()));
    }

    #[test]
    fn this_machine_needs_no_ssh() {
        let server = Server { reach: Reach::Local, ..Server::new("localhost") };
        let pool = pool(false);
        assert_eq!(pool.transport(&server).unwrap().label(), "localhost");
        assert!(locked(&pool.ground).is_none());
    }

    #[test]
    fn a_dry_run_finds_mistakes_and_opens_nothing() {
        let pool = pool(true);
        let mut server = Server::new("web1");
        assert_eq!(pool.transport(&server).unwrap().label(), "deploy@web1");
        server.ssh_options.insert("prot".into(), Value::Int(1));
        let error = pool.transport(&server).map(drop).unwrap_err();
        assert_eq!(
            (error.to_string().as_str(), error.parts().host.as_deref()),
            ("`ssh_options` has no `prot`", Some("web1"))
        );
        assert!(locked(&pool.ground).is_none());
    }

    #[test]
    fn the_folder_is_private_short_and_goes_with_the_pool() {
        let pool = pool(false);
        pool.transport(&Server::new("web1")).unwrap();
        let folder = locked(&pool.ground).as_ref().map(|ground| ground.folder.path().to_owned()).unwrap();
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert!(folder.as_os_str().len() <= LONGEST);
        pool.close();
        assert!(!folder.exists());
    }
}
