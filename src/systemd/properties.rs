//! What `systemctl show` prints.

use indexmap::IndexMap;

/// Properties of a unit or of a manager: `Name=value`, one a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties(IndexMap<String, String>);

impl Properties {
    /// Reads them. A line without `=` goes on with the value before, as the lists of systemd do; a name that comes twice
    /// keeps both, a line each.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut properties: IndexMap<String, String> = IndexMap::new();
        for line in text.lines() {
            let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
            match line.split_once('=').filter(|(name, _)| is_name(name)) {
                Some((name, value)) => match properties.get_mut(name) {
                    Some(known) => {
                        known.push('\n');
                        known.push_str(value);
                    }
                    None => {
                        properties.insert(name.to_owned(), value.to_owned());
                    }
                },
                None => {
                    if let Some((_, last)) = properties.last_mut() {
                        last.push('\n');
                        last.push_str(line);
                    }
                }
            }
        }
        Self(properties)
    }

    /// A property; none where it was not printed, or is empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A property that has to be this.
    #[must_use]
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.get(name) == Some(value)
    }

    /// A property that is a number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_values_and_lists() {
        let text = "Id=x.service\nEnvironment=A=1 B=2\nWantedBy=\nMainPID=123\nExecStart={ path=/bin/a }\nExecStart={ path=/bin/b }\n";
        let found = Properties::parse(text);
        assert_eq!(found.get("Environment"), Some("A=1 B=2"));
        assert_eq!(found.get("WantedBy"), None);
        assert_eq!(found.number("MainPID"), Some(123));
        assert!(found.is("Id", "x.service"));
        assert_eq!(found.get("ExecStart"), Some("{ path=/bin/a }\n{ path=/bin/b }"));
    }
}
