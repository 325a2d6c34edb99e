//! The lock of a deploy as data: what stands in its file, and what a host answers about it.
//!
//! Owns the form of both. The scripts that read and write the file on a host are `model::lock_script`, what is said to
//! people about it is `model::lock_words`.

use indexmap::IndexMap;

/// Folder of the lock below the folder of the application.
pub const FOLDER: &str = ".windlass";

/// Seconds a claim lasts that is not confirmed yet, because its run does not have all of its hosts.
pub const TENTATIVE_TTL: u64 = 15;

/// What a lock file says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Taken by a run that does not have all of its hosts yet, and may let go of this one.
    Tentative,
    /// Taken.
    #[default]
    Held,
    /// Free: its run let go of it.
    Released,
    /// Free: somebody took it away from its run.
    Broken,
}

impl State {
    /// Its word in a lock file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tentative => "tentative",
            Self::Held => "held",
            Self::Released => "released",
            Self::Broken => "broken",
        }
    }

    /// What an unknown word of a later version means is not known; it is safe to leave such a lock alone.
    fn from_word(word: &str) -> Self {
        [Self::Tentative, Self::Released, Self::Broken]
            .into_iter()
            .find(|state| state.word() == word)
            .unwrap_or_default()
    }
}

/// Who took, or took away, a lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// What only the run that wrote it knows.
    pub token: String,
    /// What it did.
    pub state: State,
    /// Seconds from the last sign of life after which the lock may be taken over.
    pub ttl: u64,
    /// Who runs windlass.
    pub user: String,
    /// The machine windlass runs on.
    pub machine: String,
    /// Its process there.
    pub pid: u32,
    /// Address or name of the CI job it is part of.
    pub ci: Option<String>,
    /// What is being deployed.
    pub branch: Option<String>,
    /// The commit, where it is known.
    pub commit: Option<String>,
    /// The task that was asked for, for example `deploy`.
    pub task: String,
    /// When the run took it, in UTC by the clock of its machine.
    pub since: String,
}

impl Record {
    /// The lines of a lock file in this state.
    #[must_use]
    pub fn text(&self, state: State) -> String {
        let ttl = if state == State::Tentative { TENTATIVE_TTL.min(self.ttl) } else { self.ttl };
        let (ttl, pid) = (ttl.to_string(), self.pid.to_string());
        let fields = [
            ("token", Some(self.token.as_str())),
            ("state", Some(state.word())),
            ("ttl", Some(&ttl)),
            ("user", Some(&self.user)),
            ("machine", Some(&self.machine)),
            ("pid", Some(&pid)),
            ("ci", self.ci.as_deref()),
            ("branch", self.branch.as_deref()),
            ("commit", self.commit.as_deref()),
            ("task", Some(&self.task)),
            ("since", Some(&self.since)),
        ];
        lines(fields.into_iter())
    }

    fn read(fields: &IndexMap<&str, String>) -> Option<Self> {
        let text = |name: &str| fields.get(name).cloned();
        let number = |name: &str| fields.get(name).and_then(|text| text.parse().ok()).unwrap_or_default();
        Some(Self {
            token: text("token")?,
            state: State::from_word(&text("state").unwrap_or_default()),
            ttl: number("ttl"),
            user: text("user").unwrap_or_default(),
            machine: text("machine").unwrap_or_default(),
            pid: u32::try_from(number("pid")).unwrap_or_default(),
            ci: text("ci"),
            branch: text("branch"),
            commit: text("commit"),
            task: text("task").unwrap_or_default(),
            since: text("since").unwrap_or_default(),
        })
    }
}

/// Why nothing is to be deployed for a while.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Freeze {
    /// The reason that was given.
    pub reason: String,
    /// Who said so.
    pub user: String,
    /// On which machine.
    pub machine: String,
    /// When, in UTC.
    pub since: String,
}

impl Freeze {
    /// The lines of the file that says so. Its names differ from those of a lock, so that one answer can hold both.
    #[must_use]
    pub fn text(&self) -> String {
        let fields = [
            ("freeze.reason", self.reason.as_str()),
            ("freeze.user", &self.user),
            ("freeze.machine", &self.machine),
            ("freeze.since", &self.since),
        ];
        lines(fields.into_iter().map(|(name, value)| (name, Some(value))))
    }

    fn read(fields: &IndexMap<&str, String>) -> Option<Self> {
        let text = |name: &str| fields.get(name).cloned().unwrap_or_default();
        fields.keys().any(|name| name.starts_with("freeze.")).then(|| Self {
            reason: text("freeze.reason"),
            user: text("freeze.user"),
            machine: text("freeze.machine"),
            since: text("freeze.since"),
        })
    }
}

/// What came of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The lock is ours.
    Won,
    /// It is somebody else's.
    Busy,
    /// It may not be taken at the moment.
    Frozen,
    /// It still is ours, and was renewed.
    Kept,
    /// It no longer is ours.
    Lost,
    /// What was asked for was done.
    Done,
    /// There was nothing to do.
    Nothing,
    /// Nothing was asked for but a look.
    Seen,
}

const VERDICTS: &[(&str, Verdict)] = &[
    ("won", Verdict::Won),
    ("busy", Verdict::Busy),
    ("frozen", Verdict::Frozen),
    ("kept", Verdict::Kept),
    ("lost", Verdict::Lost),
    ("done", Verdict::Done),
    ("nothing", Verdict::Nothing),
    ("seen", Verdict::Seen),
];

/// What a host answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What came of it.
    pub verdict: Verdict,
    /// The lock there is, or the one that was taken over or broken.
    pub lock: Option<Record>,
    /// Seconds until that one may be taken over, by the clock of the host; below 0 when it may be already.
    pub left: i64,
    /// Why nothing may be deployed.
    pub freeze: Option<Freeze>,
}

impl Answer {
    /// Reads what a script has printed; none when that is no answer.
    #[must_use]
    pub fn read(printed: &str) -> Option<Self> {
        let mut lines = printed.lines();
        let word = lines.next()?;
        let (_, verdict) = VERDICTS.iter().find(|(known, _)| *known == word)?;
        let mut fields: IndexMap<&str, String> = IndexMap::new();
        for (name, value) in lines.filter_map(|line| line.split_once('=')) {
            // What stands in a file on a host is shown on terminals.
            fields.entry(name).or_insert_with(|| one_line(value));
        }
        let left = fields.get("left").and_then(|left| left.parse().ok()).unwrap_or(0);
        Some(Self { verdict: *verdict, lock: Record::read(&fields), left, freeze: Freeze::read(&fields) })
    }

    /// The lock, where somebody has it and has shown signs of life in time.
    #[must_use]
    pub fn held(&self) -> Option<&Record> {
        self.lock.as_ref().filter(|lock| matches!(lock.state, State::Held | State::Tentative) && self.left >= 0)
    }
}

fn lines<'a>(fields: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> String {
    fields.filter_map(|(name, value)| Some(format!("{name}={}\n", one_line(value?)))).collect()
}

fn one_line(text: &str) -> String {
    text.trim().chars().map(|char| if char.is_control() { ' ' } else { char }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record {
            token: "00ff".into(),
            state: State::Held,
            ttl: 60,
            user: "ann".into(),
            machine: "laptop".into(),
            pid: 12,
            ci: Some("https://ci.example.com/?job=1".into()),
            branch: Some("main".into()),
            commit: None,
            task: "deploy".into(),
            since: "2026-11-24 02:42:16 UTC".into(),
        }
    }

    #[test]
    fn what_is_written_can_be_read() {
        let answer = Answer::read(&format!("busy\nleft=-3\n{}", record().text(State::Held))).unwrap();
        assert_eq!((answer.verdict, answer.left, answer.lock.clone()), (Verdict::Busy, -3, Some(record())));
        assert!(answer.held().is_none() && answer.freeze.is_none());
        let freeze = Freeze { reason: "a=b".into(), user: "bob".into(), ..Freeze::default() };
        let answer = Answer::read(&format!("seen\n{}", freeze.text())).unwrap();
        assert_eq!((answer.lock, answer.freeze), (None, Some(freeze)));
    }

    #[test]
    fn a_claim_that_is_not_confirmed_does_not_last() {
        assert!(record().text(State::Tentative).contains("\nttl=15\n"));
        assert!(Record { ttl: 4, ..record() }.text(State::Tentative).contains("\nttl=4\n"));
    }

    #[test]
    fn no_value_brings_a_line_or_a_terminal_code_of_its_own() {
        let sly = Record { branch: Some("x\nstate=released\u{1b}[2J".into()), ..record() };
        let answer = Answer::read(&format!("busy\n{}", sly.text(State::Held))).unwrap();
        assert_eq!(answer.lock.unwrap().branch.as_deref(), Some("x state=released [2J"));
    }

    #[test]
    fn anything_else_is_no_answer() {
        assert!(Answer::read("").is_none() && Answer::read("hello\n").is_none());
    }

    #[test]
    fn a_state_of_a_later_version_is_held() {
        assert_eq!(State::from_word("paused"), State::Held);
    }
}
