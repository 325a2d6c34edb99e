//! Lines that were typed, and may hold a secret of which windlass knows nothing.

use crate::model::secret::Vault;

/// Words that say so. Better a harmless line too many than one secret.
const TELLING: &[&str] = &["secret", "password", "passwd", "passphrase", "token", "credential", "api_key", "apikey"];

/// Whether a line holds a secret, or a word that says that it may.
#[must_use]
pub fn may_be_in(line: &str, vault: &Vault) -> bool {
    let small = line.to_lowercase();
    TELLING.iter().any(|word| small.contains(word)) || vault.redact(line) != line
}

/// A text as a run is called after it, on the screen and in the log: its first line, unless it may hold a secret.
#[must_use]
pub fn title(text: &str, vault: &Vault) -> String {
    if may_be_in(text, vault) {
        return "(not shown: it may hold a secret)".to_owned();
    }
    let mut lines = text.trim().lines();
    let first = lines.next().unwrap_or_default();
    if lines.next().is_some() { format!("{first} …") } else { first.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_called_after_its_first_line() {
        let vault = Vault::default();
        assert_eq!(title(" uptime ", &vault), "uptime");
        assert_eq!(title("on(x, || {\n  1\n})", &vault), "on(x, || { …");
        vault.seal("hunter2");
        for text in ["echo hunter2", "ok\nsecret(\"y\")", "MY_TOKEN=1 x", "mysql --Password=x"] {
            assert_eq!(title(text, &vault), "(not shown: it may hold a secret)", "{text}");
        }
    }
}
