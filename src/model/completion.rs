//! What can come next on a line that is being typed.
//!
//! A pure rule: what windlass can be told ([`Grammar`]), what is known of the project ([`KnownWords`]), and the line give
//! the words to offer.

use crate::model::grammar::{Grammar, OptionWord, Takes};
use crate::model::known_words::{KnownWords, StageWords, Word};
use crate::model::typed_line::{TypedLine, variable};

/// What can come next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// One of these.
    Words(Vec<Candidate>),
    /// A file, which the shell knows best.
    Files,
    /// A folder.
    Folders,
}

/// A word that can come next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The whole word.
    pub word: String,
    /// What it is.
    pub about: String,
    /// Whether more belongs to it, as behind `BRANCH=`.
    pub is_open: bool,
}

/// What is known of the project.
#[derive(Clone, Copy, Debug)]
pub struct Project<'a> {
    /// Its stages, as they are on disk.
    pub stages: &'a [String],
    /// What its recipes gave when they were last read.
    pub known: &'a KnownWords,
}

/// Variables that mean something to windlass itself.
const VARIABLES: &[(&str, &str)] = &[("HOSTS", "only these hosts, as -z"), ("ROLES", "only these roles, as -r")];

/// The variable that names a release to go back to.
const RELEASE: &str = "ROLLBACK_RELEASE";

/// The words that can stand where `current` is being typed.
#[must_use]
pub fn complete(line: &TypedLine<'_>, current: &str, grammar: &Grammar, project: Project<'_>) -> Answer {
    let next = Next { line, words: project.known.of(line.stage), project };
    if line.is_over {
        return Answer::Files;
    }
    if let Some((takes, _)) = line.pending.filter(|(_, optional)| !(*optional && current.starts_with('-'))) {
        return next.value(takes, "", current);
    }
    if let Some((option, value)) = current.split_once('=').filter(|_| current.starts_with('-')) {
        let all = line.possible(grammar);
        let takes =
            all.iter().find(|known| names(known).any(|name| name == option)).and_then(|known| known.value.as_ref());
        return takes.map_or(Answer::Words(Vec::new()), |known| next.value(&known.takes, &format!("{option}="), value));
    }
    if current.starts_with('-') {
        return Answer::Words(next.options(grammar, current));
    }
    if let Some((name, value)) = variable(current) {
        return next.variable(name, value);
    }
    if let Some(command) = line.command {
        return next.value(&command.takes, "", current);
    }
    if line.stage.is_none() {
        let commands = grammar.commands.iter().map(|command| &command.word).cloned();
        return Answer::Words(offered(next.stages().into_iter().chain(commands), "", current));
    }
    Answer::Words(next.tasks(grammar, current))
}

struct Next<'a> {
    line: &'a TypedLine<'a>,
    words: StageWords,
    project: Project<'a>,
}

impl Next<'_> {
    fn stages(&self) -> Vec<Word> {
        self.project.stages.iter().map(|stage| Word::new(stage, "stage")).collect()
    }

    /// Values of an option or a command, each behind `prefix`.
    fn value(&self, takes: &Takes, prefix: &str, current: &str) -> Answer {
        let roles = || self.words.roles.iter().map(|role| Word::new(role, "role"));
        let hosts = || self.words.hosts.iter().cloned();
        Answer::Words(match takes {
            Takes::OneOf(words) => offered(words.iter().cloned(), prefix, current),
            Takes::Hosts => listed(hosts(), prefix, current),
            Takes::Roles => listed(roles(), prefix, current),
            Takes::HostsAndRoles => {
                let roles = roles().map(|role| Word::new(format!("role:{}", role.word), role.about));
                listed(hosts().chain(roles), prefix, current)
            }
            Takes::Task => offered(self.words.tasks.iter().cloned(), prefix, current),
            Takes::Setting => {
                offered(self.words.settings.iter().map(|name| Word::new(name, "setting")), prefix, current)
            }
            Takes::Anything => Vec::new(),
            Takes::StageOrFile => {
                let stages =
                    if self.line.words.is_empty() { offered(self.stages(), prefix, current) } else { Vec::new() };
                if stages.is_empty() {
                    return Answer::Files;
                }
                stages
            }
            Takes::File => return Answer::Files,
            Takes::Folder => return Answer::Folders,
        })
    }

    fn variable(&self, name: &str, value: &str) -> Answer {
        let prefix = format!("{name}=");
        match name {
            "HOSTS" => self.value(&Takes::Hosts, &prefix, value),
            "ROLES" => self.value(&Takes::Roles, &prefix, value),
            RELEASE => {
                let releases = self.project.known.releases_of(self.line.stage).into_iter();
                Answer::Words(offered(releases.map(|name| Word::new(name, "release")), &prefix, value))
            }
            _ => Answer::Words(Vec::new()),
        }
    }

    /// Tasks and commands behind a stage; names of variables once their first letter is there.
    fn tasks(&self, grammar: &Grammar, current: &str) -> Vec<Candidate> {
        if current.starts_with(|c: char| c.is_ascii_uppercase()) {
            let own = self.words.variables.iter().filter(|name| VARIABLES.iter().all(|(known, _)| known != name));
            let own = own.map(|name| Word::new(format!("{name}="), "variable"));
            let ours = VARIABLES.iter().map(|(name, about)| Word::new(format!("{name}="), *about));
            let open = |candidate| Candidate { is_open: true, ..candidate };
            return offered(own.chain(ours), "", current).into_iter().map(open).collect();
        }
        let fresh = |task: &&Word| !self.line.words.contains(&task.word.as_str());
        // Those without a description are for recipes rather than for people; who types one of them gets it.
        let (told, untold): (Vec<_>, Vec<_>) =
            self.words.tasks.iter().filter(fresh).cloned().partition(|task| !task.about.is_empty());
        let commands = grammar.stage_commands.iter().filter(|_| self.line.words.is_empty()).cloned();
        let first = offered(told.into_iter().chain(commands), "", current);
        if first.is_empty() { offered(untold, "", current) } else { first }
    }

    /// Options that were not given yet; short ones behind a dash alone.
    fn options(&self, grammar: &Grammar, current: &str) -> Vec<Candidate> {
        let is_free = |option: &&OptionWord| {
            option.is_repeatable || self.line.options.iter().all(|(given, _)| given.id != option.id)
        };
        let all = self.line.possible(grammar).iter().filter(is_free);
        let words = all.flat_map(|option| {
            let wanted = |name: &String| name.starts_with("--") || current.len() < 2 || name == current;
            names(option).filter(wanted).map(|name| Word::new(name, &option.about)).collect::<Vec<_>>()
        });
        offered(words, "", current)
    }
}

/// The names of an option as they are typed.
fn names(option: &OptionWord) -> impl Iterator<Item = String> {
    let long = option.long.iter().map(|long| format!("--{long}"));
    long.chain(option.short.map(|short| format!("-{short}")))
}

/// Words that begin as typed, each behind `prefix`.
fn offered(words: impl IntoIterator<Item = Word>, prefix: &str, current: &str) -> Vec<Candidate> {
    let fits = words.into_iter().filter(|word| word.word.starts_with(current));
    fits.map(|Word { word, about }| Candidate { word: format!("{prefix}{word}"), about, is_open: false }).collect()
}

/// The same for a list with commas: what is typed of its last entry, and nothing twice.
fn listed(words: impl IntoIterator<Item = Word>, prefix: &str, current: &str) -> Vec<Candidate> {
    let (before, last) = current.rsplit_once(',').map_or(("", current), |(before, last)| (before, last));
    let prefix = if before.is_empty() { prefix.to_owned() } else { format!("{prefix}{before},") };
    let is_new = |word: &Word| before.split(',').all(|other| other != word.word);
    offered(words.into_iter().filter(is_new), &prefix, last)
}

#[cfg(test)]
#[path = "completion_tests.rs"]
mod tests;
