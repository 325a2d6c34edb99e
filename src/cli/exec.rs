//! `windlass STAGE exec -- COMMAND`: an ad-hoc command on every host.

use crate::error::Error;

/// The word that asks for it.
pub const WORD: &str = "exec";

/// The command, checked.
///
/// # Errors
/// `exec` without a command, or with its command before `--`.
pub fn command(tasks: &[String], command: Vec<String>) -> Result<Vec<String>, Error> {
    if tasks.len() > 1 {
        return Err(Error::usage("`exec` takes its command after `--`")
            .help(format!("write `windlass STAGE exec -- {}`", tasks[1..].join(" "))));
    }
    if command.is_empty() {
        return Err(Error::usage("`exec` needs a command").help("for example `windlass production exec -- uptime`"));
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn the_command_stands_after_two_dashes() {
        assert_eq!(command(&words(&["exec"]), words(&["ls", "-l"])).unwrap(), ["ls", "-l"]);
        let error = command(&words(&["exec", "ls"]), Vec::new()).unwrap_err();
        assert_eq!(error.parts().help, ["write `windlass STAGE exec -- ls`"]);
        assert_eq!(command(&words(&["exec"]), Vec::new()).unwrap_err().to_string(), "`exec` needs a command");
    }
}
