//! A git repository to deploy from.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A repository on this machine, with one branch, `main`.
pub struct Repository(PathBuf);

impl Repository {
    /// Makes one in a new folder.
    pub fn new(folder: &Path) -> Self {
        fs::create_dir_all(folder).expect("a folder for a repository can be made");
        let repository = Self(folder.to_path_buf());
        repository.git(&["init", "--quiet", "--initial-branch=main", "."]);
        repository
    }

    /// One that is there already, such as the mirror on a host.
    pub fn existing(folder: &Path) -> Self {
        Self(folder.to_path_buf())
    }

    /// Where it is, as `repo_url` wants it.
    pub fn url(&self) -> String {
        self.0.display().to_string()
    }

    /// Writes a file and commits it; gives the commit.
    pub fn commit(&self, file: &str, text: &str) -> String {
        let path = self.0.join(file);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "-m", &format!("write {file}")]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Makes a branch of the last commit and goes to it.
    pub fn branch(&self, name: &str) {
        self.git(&["checkout", "--quiet", "-B", name]);
    }

    /// Goes to a branch.
    pub fn switch(&self, name: &str) {
        self.git(&["checkout", "--quiet", name]);
    }

    /// Makes an annotated tag of the last commit; it is an object of its own, with another number than the commit.
    pub fn tag(&self, name: &str) -> String {
        self.git(&["tag", "-a", "-m", name, name]);
        self.git(&["rev-parse", name])
    }

    /// Makes a tag that is only a name of the last commit.
    pub fn light_tag(&self, name: &str) {
        self.git(&["tag", name]);
    }

    /// When a commit was made, in seconds of Unix.
    pub fn time(&self, commit: &str) -> String {
        self.git(&["log", "-1", "--pretty=format:%ct", commit])
    }

    /// Adds another repository as a submodule and commits that.
    pub fn submodule(&self, other: &Self, path: &str) -> String {
        self.git(&["submodule", "--quiet", "add", &other.url(), path]);
        self.git(&["commit", "--quiet", "-m", "add a submodule"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Runs git in it and gives what it printed.
    #[track_caller]
    pub fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(&self.0)
            .args(["-c", "user.name=tester", "-c", "user.email=tester@localhost", "-c", "protocol.file.allow=always"])
            .args(args)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("the tests need git");
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("git prints UTF-8").trim().to_owned()
    }
}
