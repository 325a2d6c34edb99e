//! How ssh has logged in to a host: with which key, and how it knows that it is the right host.

/// What ssh said of a login.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Login {
    /// The user on the host.
    pub user: String,
    /// How the login was proved, for example `publickey`; none where ssh did not say.
    pub method: Option<String>,
    /// The key that was taken, where it was one.
    pub key: Option<Key>,
    /// How many keys were offered for that.
    pub offered: usize,
    /// What ssh made of the host's own key.
    pub host_key: HostKey,
    /// That key, for example `ED25519 SHA256:…`.
    pub host_key_print: Option<String>,
}

/// A key of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its file, or how the agent calls it.
    pub name: String,
    /// For example `ED25519 SHA256:…`.
    pub print: String,
    /// Whether the agent has it.
    pub from_agent: bool,
}

/// What ssh made of the key of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HostKey {
    /// It did not say.
    #[default]
    Untold,
    /// It is the one that stands at this place, a file with a line.
    Known(String),
    /// Nobody knew it: it was taken at this login, and written into this file.
    New(String),
    /// It is another one than at this place, and was taken nevertheless.
    Changed(String),
}
