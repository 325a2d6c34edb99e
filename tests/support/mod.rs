//! What the tests share.

pub mod account;
pub mod cap;
pub mod clean;
pub mod fleet;
pub mod held;
pub mod host;
pub mod lab;
pub mod mount;
pub mod netns;
pub mod node;
pub mod ran;
pub mod repository;
pub mod scene;
pub mod skip;
pub mod sshd;
pub mod terminal;
pub mod tree;
pub mod wire;
