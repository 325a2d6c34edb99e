//! Errors without secrets: messages of recipes may hold some.

use crate::error::Error;
use crate::model::secret::Vault;

/// The error with every text that is shown looked through for secrets.
#[must_use]
pub fn redacted(vault: &Vault, mut error: Error) -> Error {
    let redact = |text: &mut String| *text = vault.redact(text).into_owned();
    let parts = error.parts_mut();
    redact(&mut parts.message);
    parts.help.iter_mut().chain(&mut parts.notes).for_each(redact);
    parts.causes = std::mem::take(&mut parts.causes).into_iter().map(|cause| redacted(vault, cause)).collect();
    error
}
