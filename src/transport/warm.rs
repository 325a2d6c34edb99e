//! Connections that stay for the next run.
//!
//! Owns the folder where their sockets lie, the names of the sockets, and who may use what lies there. A connection is
//! made in the run's own folder, and moved here once it stands, so that nobody ever finds one that is half made. Each
//! ends by itself when it has been idle for as long as it was asked to stay.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, read_dir, remove_file, rename, set_permissions};
use std::hash::{DefaultHasher, Hasher};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustix::fs::{FlockOperation, flock};
use rustix::process::geteuid;

use crate::error::{Error, Kind};
use crate::transport::control::has_listener;
use crate::transport::options::Plan;
use crate::transport::resolve::Route;

/// Longest path of a socket on every system.
const LONGEST_PATH: usize = 103;

/// Length of a socket's name: 128 bits in base64.
const NAME: usize = 22;

/// Held by whoever puts a socket here or takes one away.
const LOCK: &str = "lock";

/// How long to wait for another run that is doing so.
const LOCKED: Duration = Duration::from_secs(2);

/// The folder of connections that stay.
#[derive(Clone, Debug)]
pub struct Warm {
    folder: PathBuf,
    /// How long a connection stays idle.
    pub(crate) idle: Duration,
}

impl Warm {
    /// The user's folder in `runtime`, usually `$XDG_RUNTIME_DIR`, or else in `/tmp`. It is made where there is none.
    ///
    /// # Errors
    /// A folder that cannot be made, or in which somebody else could put a socket.
    pub fn open(runtime: Option<&Path>, idle: Duration) -> Result<Self, Error> {
        let fits = |folder: &Path| folder.as_os_str().len() + 1 + NAME <= LONGEST_PATH;
        let in_runtime = runtime.filter(|runtime| runtime.is_absolute() && is_safe_parent(runtime));
        let in_runtime = in_runtime.map(|runtime| runtime.join("windlass")).filter(|folder| fits(folder));
        let folder = in_runtime.unwrap_or_else(|| format!("/tmp/windlass-{}", geteuid().as_raw()).into());
        match DirBuilder::new().mode(0o700).create(&folder) {
            // A umask may have taken away more than it should.
            Ok(()) => set_permissions(&folder, Permissions::from_mode(0o700)),
            Err(cause) if cause.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(cause) => Err(cause),
        }
        .map_err(|cause| Error::io("could not make the folder", &folder, &cause))?;
        if let Some(fault) = fault_of(&folder)? {
            return Err(Error::new(
                Kind::Io,
                format!("`{}` cannot hold connections for the next run: {fault}", folder.display()),
            )
            .help(format!("look who made it, then remove it: `ls -ld {0}`, `rm -r {0}`", folder.display())));
        }
        Ok(Self { folder, idle })
    }

    /// Where the socket of a connection is, for everything that decides what connection it is.
    pub(crate) fn socket(&self, plan: &Plan, route: &Route) -> PathBuf {
        let mut parts: Vec<&str> = vec![&plan.host, plan.user.as_deref().unwrap_or_default(), &route.fingerprint];
        parts.extend(plan.args.iter().map(String::as_str));
        let agent = std::env::var("SSH_AUTH_SOCK").unwrap_or_default();
        if route.forward_agent {
            // The agent of another login is another one, and that of an old login may be gone.
            parts.extend(["agent", &agent]);
        }
        self.folder.join(name_of(&parts))
    }

    /// Moves the socket of a connection that was just made to where the next run looks for it. Not where another run was
    /// quicker: that one's stays.
    pub(crate) fn keep(&self, made: &Path, socket: &Path) -> bool {
        let Some(_lock) = self.lock() else { return false };
        !has_listener(socket) && rename(made, socket).is_ok()
    }

    /// Removes sockets whose ssh has gone.
    pub(crate) fn sweep(&self) {
        let (Some(_lock), Ok(entries)) = (self.lock(), read_dir(&self.folder)) else { return };
        for entry in entries.flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_socket()) && !has_listener(&path) {
                // What cannot be removed is in nobody's way.
                let _ = remove_file(path);
            }
        }
    }

    /// Held, nobody else puts a socket here or takes one away; none when another run does not let go.
    fn lock(&self) -> Option<File> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).mode(0o600).open(self.folder.join(LOCK)).ok()?;
        let until = Instant::now() + LOCKED;
        while flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            if Instant::now() > until {
                return None;
            }
            sleep(Duration::from_millis(5));
        }
        Some(file)
    }
}

/// Whether nobody but us and root can take a folder of ours away from below this one.
fn is_safe_parent(parent: &Path) -> bool {
    const STICKY: u32 = 0o1000;
    parent.metadata().is_ok_and(|found| {
        let owner = found.uid();
        found.is_dir()
            && (owner == geteuid().as_raw() || owner == 0)
            && (found.mode() & 0o022 == 0 || found.mode() & STICKY != 0)
    })
}

/// Why a folder is not to be trusted; none where it is.
fn fault_of(folder: &Path) -> Result<Option<String>, Error> {
    // Not followed: a link to a folder of ours is somebody else's doing.
    let found = folder.symlink_metadata().map_err(|cause| Error::io("could not look at the folder", folder, &cause))?;
    Ok(if !found.is_dir() {
        Some("it is not a folder".to_owned())
    } else if found.uid() != geteuid().as_raw() {
        Some(format!("it belongs to the user with the number {}", found.uid()))
    } else if found.mode() & 0o077 != 0 {
        Some(format!("others may enter it (mode {:o})", found.mode() & 0o777))
    } else {
        None
    })
}

/// A short name for a list of texts.
fn name_of(parts: &[&str]) -> String {
    let hash = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(seed);
        for part in parts {
            hasher.write_usize(part.len());
            hasher.write(part.as_bytes());
        }
        hasher.finish().to_be_bytes()
    };
    URL_SAFE_NO_PAD.encode([hash(0), hash(1)].concat())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    fn plan(host: &str, args: &[&str]) -> Plan {
        Plan { host: host.into(), args: args.iter().map(|arg| (*arg).to_owned()).collect(), ..Plan::default() }
    }

    fn opened(runtime: &Path) -> Result<Warm, Error> {
        Warm::open(Some(runtime), Duration::from_secs(60))
    }

    #[test]
    fn the_folder_is_private_and_found_again() {
        let runtime = tempfile::tempdir().unwrap();
        let warm = opened(runtime.path()).unwrap();
        assert_eq!(warm.folder, runtime.path().join("windlass"));
        assert_eq!(warm.folder.metadata().unwrap().mode() & 0o777, 0o700);
        assert_eq!(opened(runtime.path()).unwrap().folder, warm.folder);
    }

    #[test]
    fn a_folder_that_is_not_ours_alone_is_refused() {
        let runtime = tempfile::tempdir().unwrap();
        let folder = runtime.path().join("windlass");
        let message = || {
            let text = opened(runtime.path()).unwrap_err().to_string();
            text.replace(&folder.display().to_string(), "FOLDER")
        };
        std::fs::create_dir(&folder).unwrap();
        set_permissions(&folder, Permissions::from_mode(0o750)).unwrap();
        assert_eq!(message(), "`FOLDER` cannot hold connections for the next run: others may enter it (mode 750)");
        std::fs::remove_dir(&folder).unwrap();
        let own = tempfile::tempdir().unwrap();
        symlink(own.path(), &folder).unwrap();
        assert_eq!(message(), "`FOLDER` cannot hold connections for the next run: it is not a folder");
        remove_file(&folder).unwrap();
        if geteuid().is_root() {
            DirBuilder::new().mode(0o700).create(&folder).unwrap();
            std::os::unix::fs::chown(&folder, Some(65534), None).unwrap();
            assert_eq!(
                message(),
                "`FOLDER` cannot hold connections for the next run: it belongs to the user with the number 65534"
            );
        }
    }

    #[test]
    fn a_runtime_folder_that_is_too_long_or_anybodys_is_not_used() {
        let elsewhere = PathBuf::from(format!("/tmp/windlass-{}", geteuid().as_raw()));
        let long = tempfile::Builder::new().prefix(&"x".repeat(80)).tempdir().unwrap();
        assert_eq!(opened(long.path()).unwrap().folder, elsewhere);
        let open = tempfile::tempdir().unwrap();
        set_permissions(open.path(), Permissions::from_mode(0o777)).unwrap();
        assert_eq!(opened(open.path()).unwrap().folder, elsewhere);
        assert_eq!(Warm::open(None, Duration::ZERO).unwrap().folder, elsewhere);
    }

    #[test]
    fn whatever_decides_the_connection_decides_the_name() {
        let runtime = tempfile::tempdir().unwrap();
        let warm = opened(runtime.path()).unwrap();
        let route = |fingerprint: &str| Route { fingerprint: fingerprint.into(), ..Route::default() };
        let socket = |plan: &Plan, route: &Route| warm.socket(plan, route);
        let usual = socket(&plan("web1", &["-p", "22"]), &route("hostname a"));
        assert_eq!(usual, socket(&plan("web1", &["-p", "22"]), &route("hostname a")));
        assert_eq!(usual.file_name().unwrap().len(), NAME);
        for other in [
            socket(&plan("web2", &["-p", "22"]), &route("hostname a")),
            socket(&plan("web1", &["-p", "23"]), &route("hostname a")),
            socket(&plan("web1", &["-p22"]), &route("hostname a")),
            socket(&plan("web1", &["-p", "22"]), &route("hostname b")),
            socket(&Plan { user: Some("root".into()), ..plan("web1", &["-p", "22"]) }, &route("hostname a")),
            socket(&plan("web1", &["-p", "22"]), &Route { forward_agent: true, ..route("hostname a") }),
        ] {
            assert_ne!(usual, other);
        }
    }

    #[test]
    fn what_is_there_and_listens_stays() {
        let runtime = tempfile::tempdir().unwrap();
        let warm = opened(runtime.path()).unwrap();
        let (made, late, socket) =
            (runtime.path().join("1"), runtime.path().join("2"), warm.folder.join("x".repeat(NAME)));
        let first = UnixListener::bind(&made).unwrap();
        assert!(warm.keep(&made, &socket) && has_listener(&socket) && !made.exists());
        let _second = UnixListener::bind(&late).unwrap();
        assert!(!warm.keep(&late, &socket) && late.exists(), "another run was quicker");
        warm.sweep();
        assert!(socket.exists());
        drop(first);
        assert!(!has_listener(&socket));
        assert!(warm.keep(&late, &socket) && has_listener(&socket), "a dead one is replaced");
    }

    #[test]
    fn sockets_of_the_dead_are_removed_and_nothing_else() {
        let runtime = tempfile::tempdir().unwrap();
        let warm = opened(runtime.path()).unwrap();
        let dead = warm.folder.join("dead");
        drop(UnixListener::bind(&dead).unwrap());
        std::fs::write(warm.folder.join("file"), "").unwrap();
        warm.sweep();
        assert!(!dead.exists() && warm.folder.join("file").exists());
    }
}
