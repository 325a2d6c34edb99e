//! What sort of thing went wrong.

/// What sort of thing went wrong; decides the exit code and is `e.kind` in a recipe's `catch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A mistake on the command line.
    Usage,
    /// A mistake in a recipe.
    Recipe,
    /// A recipe raised this itself, with `throw`.
    Thrown,
    /// A command ended with a status other than 0.
    Command,
    /// A command was ended by a signal.
    Signal,
    /// A host could not be reached, or did not let us in.
    Connection,
    /// The connection to a host broke while a command ran on it.
    Lost,
    /// A time-out of ours ran out.
    Timeout,
    /// The user, or the failure of another host, stopped it.
    Cancelled,
    /// A file on this machine could not be read or written.
    Io,
    /// Somebody else has the lock of the deploy, or nothing may be deployed at the moment.
    Locked,
    /// Several hosts failed; see the causes.
    Hosts,
    /// A mistake of windlass itself.
    Internal,
    /// `exit` was called in a recipe.
    Exit(u8),
}

impl Kind {
    /// The name recipes see as `e.kind`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Recipe => "recipe",
            Self::Thrown => "thrown",
            Self::Command => "command",
            Self::Signal => "signal",
            Self::Connection => "connection",
            Self::Lost => "lost",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::Io => "io",
            Self::Locked => "locked",
            Self::Hosts => "hosts",
            Self::Internal => "internal",
            Self::Exit(_) => "exit",
        }
    }
}
