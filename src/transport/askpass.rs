//! Prompts of ssh.

/// x
pub trait Prompter: Send + Sync {
    /// x
    fn ask(&self, prompt: &str, echo: bool) -> Option<String>;
}
/// x
pub fn client_if_asked() -> Option<u8> {
    None
}
