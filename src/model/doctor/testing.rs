//! Answers of a host, for the tests of the rules: a healthy one, of which a test changes what it is about.

use indexmap::IndexMap;

use crate::model::doctor::asked::{Asked, Git, USUAL_PROGRAMS};
use crate::model::doctor::facts::Facts;
use crate::model::doctor::rules::examine;
use crate::model::doctor::seen::Seen;
use crate::model::host_finding::testing::only;
use crate::model::host_finding::{Finding, Severity};
use crate::model::login::{HostKey, Key, Login};

/// When the look began, by both clocks.
pub const NOW: i64 = 1_795_738_500;

/// A deploy of a shop.
pub fn asked() -> Asked {
    let folder = "/var/www/shop";
    let words = ["git", "ls-remote", "git@git.example.com:acme/shop.git", "HEAD"];
    Asked {
        deploy_to: Some(folder.into()),
        folders: vec![
            folder.into(),
            format!("{folder}/releases"),
            format!("{folder}/shared"),
            format!("{folder}/repo"),
        ],
        current: Some(format!("{folder}/current")),
        tmp: "/tmp".into(),
        programs: USUAL_PROGRAMS.iter().map(|name| (*name).to_owned()).collect(),
        needed: vec!["git".into(), "tar".into()],
        git: Some(Git { words: words.map(str::to_owned).into(), url: words[2].into(), seconds: 20 }),
        other_users: Vec::new(),
        has_sudo_password: false,
    }
}

/// By key, to a host that is known.
pub fn login() -> Login {
    Login {
        user: "deploy".into(),
        method: Some("publickey".into()),
        key: Some(Key {
            name: "/home/me/.ssh/id_ed25519".into(),
            print: "ED25519 SHA256:mine".into(),
            from_agent: false,
        }),
        offered: 1,
        host_key: HostKey::Known("/home/me/.ssh/known_hosts:12".into()),
        host_key_print: Some("ED25519 SHA256:host".into()),
    }
}

/// What a host printed, and what is known of the way there.
#[derive(Clone)]
pub struct Recorded {
    sections: IndexMap<String, (i32, String)>,
    login: Login,
    span: (i64, i64),
}

impl Recorded {
    /// Debian 12 with a deploy that went well.
    pub fn healthy() -> Self {
        let df = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 41943040 20971520 20971520 50%";
        let inodes = "Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/sda1 2621440 621440 2000000 24%";
        let mut recorded =
            Self { sections: IndexMap::new(), login: login(), span: (NOW * 1000 + 200, NOW * 1000 + 1900) };
        for (key, text) in [
            ("begin", "1"),
            ("now", "1795738500"),
            ("me", "deploy"),
            ("uid", "1000"),
            ("home", "/home/deploy"),
            ("path", "/usr/local/bin:/usr/bin:/bin"),
            ("shell", "/bin/bash"),
            ("booted", "yes"),
            ("systemd", "systemd 252 (252.39-1~deb12u1)\n+PAM +AUDIT"),
            ("setsid", "setsid"),
            ("timeout", "timeout"),
            ("login_path", "/usr/local/bin:/usr/bin:/bin:/usr/games"),
            ("program.git", "/usr/bin/git\n/usr/bin/git"),
            ("program.tar", "/usr/bin/tar\n/usr/bin/tar"),
            ("program.ruby", "/usr/bin/ruby\n/usr/bin/ruby"),
            ("mount.0", "ext4,rw,relatime"),
            ("mount.1", "tmpfs,rw,nosuid"),
            ("current", "link /var/www/shop/releases/20261127001000"),
            ("max_sessions", "10"),
            ("git", "4b825dc642cb6eb9a060e54bf8d69288fbee4904\tHEAD"),
            ("lock", "seen\nleft=0\n"),
            ("later", "1795738501"),
        ] {
            recorded = recorded.section(key, 0, text);
        }
        for (n, mount) in ["/", "/tmp"].iter().enumerate() {
            recorded = recorded.section(&format!("disk.{n}"), 0, &format!("{df} {mount}")).section(
                &format!("inodes.{n}"),
                0,
                &format!("{inodes} {mount}"),
            );
        }
        for (n, path) in asked().folders.iter().enumerate() {
            recorded =
                recorded.section(&format!("folder.{n}"), 0, &format!("folder\n{path}\nyes\ndrwxr-xr-x deploy:deploy"));
        }
        recorded.section("sudo", 1, "sudo: a password is required")
    }

    /// Changes an answer, or adds it.
    pub fn section(mut self, key: &str, status: i32, text: &str) -> Self {
        // Programs travel by their number.
        let number = |name: &str| asked().all_programs().iter().position(|known| *known == name);
        let key = match key.strip_prefix("program.").and_then(number) {
            Some(number) => format!("program.{number}"),
            None => key.to_owned(),
        };
        self.sections.insert(key, (status, text.to_owned()));
        self
    }

    /// Takes an answer away.
    pub fn without(mut self, key: &str) -> Self {
        self.sections.shift_remove(key);
        self
    }

    /// Changes how the login went.
    pub fn login(self, login: Login) -> Self {
        Self { login, ..self }
    }

    /// Changes when the question went and the answer came.
    pub fn span(self, span: (i64, i64)) -> Self {
        Self { span, ..self }
    }

    /// As the host printed it.
    pub fn text(&self) -> String {
        let mut text = String::from("Welcome!\n");
        let end = ("end".to_owned(), (0, String::new()));
        let is_whole = self.sections.contains_key("later");
        for (key, (status, value)) in self.sections.iter().chain(is_whole.then_some((&end.0, &end.1))) {
            text.push_str(&format!("{key} {status}\n"));
            for line in value.split('\n') {
                text.push_str(&format!("\t{line}\n"));
            }
        }
        text
    }

    /// As it is read.
    pub fn facts(&self, asked: &Asked) -> Facts {
        Facts::parse(&self.text(), asked).unwrap()
    }

    /// What is found.
    pub fn found(&self, asked: &Asked) -> Vec<Finding> {
        let facts = self.facts(asked);
        examine(&Seen { asked, facts: &facts, login: Some(&self.login), span: self.span })
    }

    /// What is shown.
    pub fn shown(&self, asked: &Asked) -> crate::model::value::Value {
        let facts = self.facts(asked);
        crate::model::doctor::shown::shown(&Seen { asked, facts: &facts, login: Some(&self.login), span: self.span })
    }

    /// Exactly this is found, and nothing else.
    #[track_caller]
    pub fn raises(&self, asked: &Asked, id: &str, severity: Severity, sentence: &str, repair: &str) -> Finding {
        only(&self.found(asked), id, severity, sentence, repair)
    }

    /// Nothing is found.
    #[track_caller]
    pub fn raises_nothing(&self, asked: &Asked) {
        assert_eq!(self.found(asked), []);
    }
}
