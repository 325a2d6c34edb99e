//! The exit codes of the process, and which one an error has.

use crate::error::{Error, Kind};

/// Everything went as asked.
pub const EXIT_OK: u8 = 0;
/// A task or a command failed.
pub const EXIT_FAILED: u8 = 1;
/// A mistake on the command line or in a recipe, found before anything ran on a host.
pub const EXIT_USAGE: u8 = 2;
/// A host could not be reached, refused us, or was lost.
pub const EXIT_UNREACHABLE: u8 = 3;
/// Another deploy holds the lock, or deploys are frozen.
pub const EXIT_LOCKED: u8 = 4;
/// The fleet is mixed: some hosts have the new release, some have not.
pub const EXIT_MIXED: u8 = 5;
/// Cancelled by Ctrl-C, SIGTERM or SIGHUP.
pub const EXIT_CANCELLED: u8 = 130;

impl Error {
    /// The exit code of a run that ends with this error. Several hosts: the code they share, else 1.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.0.kind {
            Kind::Usage | Kind::Recipe => EXIT_USAGE,
            Kind::Thrown | Kind::Command | Kind::Signal | Kind::Timeout | Kind::Io | Kind::Internal => EXIT_FAILED,
            Kind::Connection | Kind::Lost => EXIT_UNREACHABLE,
            Kind::Locked => EXIT_LOCKED,
            Kind::Cancelled => EXIT_CANCELLED,
            Kind::Exit(code) => code,
            Kind::Hosts => {
                let mut codes =
                    self.0.causes.iter().filter(|cause| cause.kind() != Kind::Cancelled).map(Self::exit_code);
                let first = codes.next().unwrap_or(EXIT_FAILED);
                if codes.all(|code| code == first) { first } else { EXIT_FAILED }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_share_a_code_only_if_all_agree() {
        let down = || Error::new(Kind::Connection, "no route");
        let failed = || Error::new(Kind::Command, "exit 1");
        let hosts =
            |causes: Vec<Error>| causes.into_iter().fold(Error::new(Kind::Hosts, "hosts failed"), Error::because);
        assert_eq!(hosts(vec![down(), down()]).exit_code(), EXIT_UNREACHABLE);
        assert_eq!(hosts(vec![down(), failed()]).exit_code(), EXIT_FAILED);
        assert_eq!(hosts(vec![down(), Error::new(Kind::Cancelled, "stopped")]).exit_code(), EXIT_UNREACHABLE);
    }
}
