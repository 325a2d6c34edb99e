//! What is to be examined.
//!
//! Owns what the recipe means to do on a host. What the host says about it is in `facts`.

/// What a deploy would want of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The folder of the application; none where the host gets no releases, or nobody has said which.
    pub deploy_to: Option<String>,
    /// Folders the deploy writes into, the outer ones first. What is not there yet has to be possible to create.
    pub folders: Vec<String>,
    /// The link to the release that is live.
    pub current: Option<String>,
    /// Where files go that do not stay.
    pub tmp: String,
    /// Programs that are looked for, whether they are needed or not.
    pub programs: Vec<String>,
    /// Programs without which a deploy fails.
    pub needed: Vec<String>,
    /// How the code is reached; none where it does not come from git.
    pub git: Option<Git>,
    /// Users other than the login that the recipe runs commands as.
    pub other_users: Vec<String>,
    /// Whether the password of sudo is known.
    pub has_sudo_password: bool,
}

impl Asked {
    /// All programs that are looked for, each once, those that are needed first.
    #[must_use]
    pub fn all_programs(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        for name in self.needed.iter().chain(&self.programs) {
            if !all.contains(&name.as_str()) {
                all.push(name);
            }
        }
        all
    }
}

/// How the host asks the git server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Git {
    /// The whole command, for example `git ls-remote URL HEAD`.
    pub words: Vec<String>,
    /// The repository, as it is shown.
    pub url: String,
    /// Seconds it may take.
    pub seconds: u64,
}

/// Programs that recipes run, and that often stand only in the PATH of a login.
pub const USUAL_PROGRAMS: &[&str] =
    &["git", "ruby", "bundle", "rake", "node", "npm", "yarn", "pnpm", "php", "composer", "python3", "java", "go"];
