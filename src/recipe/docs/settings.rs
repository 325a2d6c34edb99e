//! Pages of settings: from their table, and from the tables in the guides of services.

use crate::recipe::docs::layout::{heading, plain, rows, wrapped};
use crate::recipe::setting_table::{KnownSetting, SET_BY_THE_RUN, SETTINGS};
use crate::recipe::stdlib::GUIDES;

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What it is without being set; empty where it is nothing.
    pub default: String,
    /// What it is for.
    pub about: String,
    /// The guide it comes from, if one.
    pub guide: Option<&'static str>,
}

impl Entry {
    /// Everything about it.
    #[must_use]
    pub fn page(&self) -> String {
        let kind = self.guide.map_or_else(|| "setting".to_owned(), |guide| format!("setting of {guide}"));
        let mut page = heading(&self.name, &kind) + &wrapped(&capital(&self.about), "");
        if !self.default.is_empty() {
            page.push_str(&format!("\nWithout being set it is {}.\n", self.default));
        }
        if let Some(guide) = self.guide {
            page.push_str(&format!("\nMore: windlass docs {guide}\n"));
        }
        page
    }
}

/// Every setting: of windlass, set by the run, of services.
#[must_use]
pub fn all() -> Vec<Entry> {
    let ours = SETTINGS.iter().map(|setting| Entry {
        name: setting.name.to_owned(),
        default: plain(setting.default),
        about: plain(setting.about),
        guide: None,
    });
    let by_the_run = SET_BY_THE_RUN.iter().map(|name| Entry {
        name: (*name).to_owned(),
        default: String::new(),
        about: "set by the run; recipes read it".to_owned(),
        guide: None,
    });
    let of_guides = GUIDES.iter().flat_map(|(guide, text)| of_guide(guide, text));
    ours.chain(by_the_run).chain(of_guides).collect()
}

/// All of them, each with what it is for.
#[must_use]
pub fn list() -> String {
    let row = |entry: &Entry| (entry.name.clone(), entry.about.clone());
    let of = |guide: Option<&str>| all().iter().filter(|entry| entry.guide == guide).map(row).collect::<Vec<_>>();
    let mut text = format!("Settings of windlass and its stock recipes\n\n{}\n", rows(&of(None)));
    for (guide, _) in GUIDES {
        text.push_str(&format!("Settings of {guide}\n\n{}\n", rows(&of(Some(guide)))));
    }
    text
}

/// Settings of windlass itself, each with its default and what it is for.
#[must_use]
pub fn in_short() -> Vec<(String, String)> {
    let default = |default: String| if default.is_empty() { default } else { format!("; without it {default}") };
    let row = |setting: &KnownSetting| {
        (setting.name.to_owned(), format!("{}{}", plain(setting.about), default(plain(setting.default))))
    };
    SETTINGS.iter().map(row).collect()
}

/// The rows of a guide's table of settings. A third column `was called` holds older names.
fn of_guide(guide: &'static str, text: &str) -> Vec<Entry> {
    let Some((_, table)) = text.split_once("\n| setting | default | ") else { return Vec::new() };
    let has_old_names = table.starts_with("was called");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.flat_map(|row| {
        // A stroke that belongs to a cell has a backslash before it.
        let row = row.replace("\\|", "\0");
        let cells: Vec<String> = row.split('|').skip(1).map(|cell| cell.replace('\0', "|").trim().to_owned()).collect();
        let cell = |at: usize| plain(cells.get(at).map_or("", String::as_str));
        let about = if has_old_names && !cell(2).is_empty() { format!("was called {}", cell(2)) } else { cell(2) };
        let names: Vec<&str> =
            cells.first().map(|cell| cell.split('`').skip(1).step_by(2).collect()).unwrap_or_default();
        let entry =
            |name: &str| Entry { name: name.to_owned(), default: cell(1), about: about.clone(), guide: Some(guide) };
        names.into_iter().map(entry).collect::<Vec<_>>()
    })
    .collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect::<String>() + ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_services_come_from_their_guides() {
        let all = all();
        let find = |name: &str| all.iter().find(|entry| entry.name == name).unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(find("keep_releases").default, "`5`");
        assert_eq!(find("puma_bind").guide, Some("puma"));
        assert!(!find("linger").about.is_empty());
        assert!(find("puma_bind").default.is_empty() && find("puma_bind").about.contains("config/puma.rb"));
        assert!(find("max_fail").page().contains("see When hosts"), "links are their texts");
    }
}
