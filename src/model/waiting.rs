//! What a silent command seems to wait for, judged by the last thing it printed.
//!
//! Pure. A hint never repeats what was printed, so it cannot hold a secret.

/// A known prompt: every one of `has` is in the last line, which ends with one of `ends`, if there are any. Both in lower
/// case.
struct Prompt {
    has: &'static [&'static str],
    ends: &'static [&'static str],
    hint: &'static str,
}

const GIT: &str = "git asks for a login and nobody can type one there: set `git_http_username` and `git_http_password`, \
                   or use an address of the form git@host:path in `repo_url`";
const YES_OR_NO: &str = "it asks yes or no and nobody can answer there: give it the option that says yes, often `-y` or \
                         `--yes`, or the answer: `answer: #{ \"prompt\": \"y\" }`";

/// Every known prompt; the first that fits counts, so the more exact ones come first.
const PROMPTS: &[Prompt] = &[
    Prompt {
        has: &["[sudo"],
        ends: &[":"],
        hint: "sudo asks for a password and nobody can type one there: allow the command in sudoers with NOPASSWD, or \
               give it the password: `answer: #{ \"[sudo]\": secret(…) }`",
    },
    Prompt {
        has: &["are you sure you want to continue connecting"],
        ends: &[],
        hint: "ssh on the host does not know the host it connects to: log in there once and add the key, or put it into \
               known_hosts with `ssh-keyscan`",
    },
    Prompt {
        has: &["please type 'yes', 'no' or the fingerprint"],
        ends: &[],
        hint: "ssh on the host does not know the host it connects to: log in there once and add the key, or put it into \
               known_hosts with `ssh-keyscan`",
    },
    Prompt {
        has: &["enter passphrase for"],
        ends: &[":"],
        hint: "a key on the host has a passphrase: use a deploy key without one, or your agent with \
               `ssh_options: #{ forward_agent: true }`, or give it: `answer: #{ \"passphrase\": secret(…) }`",
    },
    Prompt { has: &["username for 'http"], ends: &[":"], hint: GIT },
    Prompt { has: &["password for 'http"], ends: &[":"], hint: GIT },
    Prompt {
        has: &["'s password"],
        ends: &[":"],
        hint: "ssh on the host asks for a password: give the host a key of its own there, or your agent with \
               `ssh_options: #{ forward_agent: true }`",
    },
    Prompt {
        has: &["waiting for cache lock"],
        ends: &[],
        hint: "another apt or dpkg holds the lock on that host; this one goes on when it is done, see `ps -e | grep -E \
               'apt|dpkg|unattended'` there",
    },
    Prompt {
        has: &["could not get lock"],
        ends: &[],
        hint: "another apt or dpkg holds the lock on that host; this one goes on when it is done, see `ps -e | grep -E \
               'apt|dpkg|unattended'` there",
    },
    Prompt {
        has: &["(y/i/n/o/d/z)"],
        ends: &[],
        hint: "dpkg asks about a changed configuration file: run apt-get with `-o Dpkg::Options::=--force-confold` and \
               DEBIAN_FRONTEND=noninteractive",
    },
    Prompt { has: &["[y/n"], ends: &[], hint: YES_OR_NO },
    Prompt { has: &["(y/n"], ends: &[], hint: YES_OR_NO },
    Prompt { has: &["[yes/no"], ends: &[], hint: YES_OR_NO },
    Prompt { has: &["(yes/no"], ends: &[], hint: YES_OR_NO },
    Prompt { has: &["proceed?"], ends: &["(y)"], hint: YES_OR_NO },
    Prompt {
        has: &["press"],
        ends: &["to continue", "to continue.", "to continue...", "to continue…"],
        hint: "it waits for a key and nobody can press one there: look for an option that makes it ask nothing, or \
               press Enter: `answer: #{ \"prompt\": \"\" }`",
    },
    Prompt {
        has: &["pass"],
        ends: &["password:", "passphrase:"],
        hint: "it asks for a password and nobody can type one there: give it the password in a file or a variable, or \
               type it: `answer: #{ \"Password:\": secret(…) }`",
    },
];

/// What to do about a command that printed this last and is silent since. `stdout` and `stderr` are the ends of both
/// streams; the stream that printed last comes first.
#[must_use]
pub fn hint(ends: [&str; 2]) -> Option<&'static str> {
    ends.into_iter().find_map(|end| of_line(last_line(end)))
}

/// The last line with anything in it, whether it has ended or not. What a `\r` begins anew is a line of its own.
fn last_line(text: &str) -> &str {
    text.rsplit(['\n', '\r']).map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}

fn of_line(line: &str) -> Option<&'static str> {
    let line = line.to_lowercase();
    let fits = |prompt: &&Prompt| {
        prompt.has.iter().all(|part| line.contains(part))
            && (prompt.ends.is_empty() || prompt.ends.iter().any(|end| line.ends_with(end)))
    };
    PROMPTS.iter().find(fits).map(|prompt| prompt.hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn names(printed: &str, word: &str) {
        let hint = hint([printed, ""]).unwrap_or_else(|| panic!("no hint for {printed:?}"));
        assert!(hint.contains(word), "{printed:?}: {hint}");
    }

    #[test]
    fn known_prompts_are_named() {
        names("[sudo] password for deploy: ", "NOPASSWD");
        names("[sudo: authenticate] Password: ", "NOPASSWD");
        names(
            "The authenticity of host 'git (10.0.0.1)' can't be established.\n\
             Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
            "ssh-keyscan",
        );
        names("Please type 'yes', 'no' or the fingerprint: ", "ssh-keyscan");
        names("Enter passphrase for key '/home/deploy/.ssh/id_ed25519': ", "deploy key");
        names("Username for 'https://git.example.com': ", "git_http_username");
        names("Password for 'https://me@git.example.com': ", "git_http_password");
        names("git@git.example.com's password: ", "forward_agent");
        names(
            "Waiting for cache lock: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7… 9s",
            "apt",
        );
        names("*** nginx.conf (Y/I/N/O/D/Z) [default=N] ? ", "force-confold");
        names("0 upgraded, 1 newly installed.\nDo you want to continue? [Y/n] ", "yes");
        names("Overwrite? (y/N) ", "yes");
        names("Remove everything? (yes/no): ", "yes");
        names("Need to install the following packages:\nOk to proceed? (y) ", "yes");
        names("Press [Enter] to continue...", "key");
        names("Enter PEM pass phrase, or the Password:", "password");
        for asks in [
            "[sudo] password for me: ",
            "Go on? [y/N] ",
            "press a key to continue",
            "Enter passphrase for key 'x': ",
            "Password: ",
        ] {
            names(asks, "`answer: #{");
        }
    }

    #[test]
    fn what_is_no_prompt_has_no_hint() {
        for printed in ["", "\n\n", "Fetching gems", "Setting the password: done", "pressing on"] {
            assert_eq!(hint([printed, ""]), None, "{printed:?}");
        }
    }

    #[test]
    fn only_the_last_line_counts_of_either_stream() {
        assert_eq!(hint(["Password: \nthank you\n", ""]), None);
        assert!(hint(["thank you\n", "Password: "]).is_some());
        assert!(hint(["old\rPassword: ", ""]).is_some());
    }
}
