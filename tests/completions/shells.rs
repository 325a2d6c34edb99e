//! Tab, pressed in real shells.

use std::process::Command;
use std::time::Duration;

use crate::completions::project::known_project;
use crate::faults::pty::AtTerminal;
use crate::support::scene::Scene;
use crate::support::skip::skip;

/// A shell at a terminal, with completions of windlass.
struct Shell(AtTerminal);

/// What is printed when the shell is ready.
const READY: &str = "ready-to-type";

impl Shell {
    fn start(scene: &Scene, program: &str, args: &[&str], setup: &str) -> Option<Self> {
        if Command::new(program).arg("--version").output().is_err() {
            skip("completions", &format!("there is no {program}"));
            return None;
        }
        let mut terminal = AtTerminal::start_program(scene, program, args);
        // The mark is put together by the shell: what is typed shows up as well.
        terminal.types(&format!("{setup}; echo ready-'to'-type\r"));
        terminal.until(READY);
        Some(Self(terminal))
    }

    /// Types a line with Tab in it, and has the shell say what words came out.
    #[track_caller]
    fn becomes(&mut self, typed: &str, words: &[&str]) {
        self.0.types(typed);
        // What Tab gives is not there at once; the mark stays apart from it only behind a space.
        self.0.types("\x01printf '<%s>' \x05\r");
        let expected: Vec<String> = ["windlass"].iter().chain(words).map(|word| format!("<{word}>")).collect();
        self.0.until(&expected.concat());
    }

    fn end(mut self) {
        self.0.types("exit\r");
        self.0.end(Duration::from_secs(20));
    }
}

/// What is the same in all of them.
fn presses_tab(mut shell: Shell) {
    shell.becomes("windlass prod\t", &["production"]);
    shell.becomes("windlass production deploy:rollb\t", &["production", "deploy:rollback"]);
    shell.becomes("windlass production cache:w\t--dry\t", &["production", "cache:warm", "--dry-run"]);
    shell.becomes("windlass production log:t\t-z web1\t", &["production", "log:tail", "-z", "web1.example.com"]);
    shell.becomes("windlass production --hosts=web2\t", &["production", "--hosts=web2.example.com"]);
    shell.becomes(
        "windlass production -z web1.example.com,\t",
        &["production", "-z", "web1.example.com,web2.example.com"],
    );
    shell.becomes("windlass production BRA\tx", &["production", "BRANCH=x"]);
    shell.becomes("windlass -f config/dep\t/sta\t", &["-f", "config/deploy/staging.rhai"]);
    shell.end();
}

#[test]
fn bash() {
    let setup = "PS1='$ '; bind 'set bell-style none'; bind 'set enable-bracketed-paste off'; \
                 source <(windlass completions bash)";
    let scene = known_project().env("TERM", "xterm");
    let Some(mut shell) = Shell::start(&scene, "bash", &["--norc", "--noprofile", "-i"], setup) else { return };
    shell.becomes("windlass production 'cache:w\t", &["production", "cache:warm"]);
    shell.becomes("windlass production deploy -C conf\t", &["production", "deploy", "-C", "config/"]);
    // Two that begin alike: the first Tab goes as far as they do, the second one lists them.
    shell.becomes("windlass production ca\tcl\t", &["production", "cache:clear"]);
    shell.0.types("windlass production cache:\t\t");
    shell.0.until("clear");
    shell.0.types("\x15");
    presses_tab(shell);
}

#[test]
fn zsh() {
    let setup = "PS1='$ '; bindkey -e; unsetopt list_beep prompt_sp; autoload -Uz compinit; compinit -u -D; \
                 source <(windlass completions zsh)";
    let scene = known_project().env("TERM", "xterm");
    let Some(shell) = Shell::start(&scene, "zsh", &["-f", "-i"], setup) else { return };
    presses_tab(shell);
}

#[test]
fn fish() {
    let scene = known_project().env("TERM", "xterm");
    let setup = "function fish_prompt; echo '$ '; end; windlass completions fish | source";
    let Some(shell) = Shell::start(&scene, "fish", &["--no-config", "-i"], setup) else { return };
    presses_tab(shell);
    let asked = |line: &str| {
        let script = format!("windlass completions fish | source; complete -C '{line}'");
        let mut command = Command::new("fish");
        command.args(["--no-config", "-c", &script]).current_dir(scene.path("")).env_clear().envs(scene.environment());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    assert_eq!(
        asked("windlass production cache:"),
        "cache:clear\tEmpty the cache: all of it.\ncache:warm\tFill the cache.\n"
    );
    assert_eq!(asked("windlass production nothing-like-it"), "");
}
