//! Commands from their first byte to their end, over ssh and locally.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use windlass::model::command::{Command, Word};
use windlass::model::event::Stream;
use windlass::model::secret::Vault;
use windlass::transport::api::{Exit, Input, Request};
use windlass::transport::cancel::Cancel;

use crate::ssh::host::{Host, Ran, run, wait_until};
use crate::support::skip::skip;
use crate::support::sshd::{Options, is_running, signal};

#[test]
fn a_status_comes_back_as_it_is() {
    for host in Host::each() {
        for status in [0, 1, 3, 126, 127, 255] {
            let ran = host.shell(&format!("echo words; echo more >&2; exit {status}"));
            assert_eq!(ran, Ran { status, stdout: b"words\n".to_vec(), stderr: b"more\n".to_vec() });
        }
    }
}

#[test]
fn a_program_that_is_not_there_keeps_its_words() {
    for host in Host::each() {
        let ran = host.run(&Command::program(["no-such-program", "x"]));
        assert_eq!(ran.status, 127);
        // Its reason depends on whether every folder of the PATH can be looked into.
        assert!(ran.err().contains("no-such-program: "), "{}", ran.err());
    }
}

#[test]
fn a_killed_command_names_its_signal_and_says_nothing_else() {
    for host in Host::each() {
        for (signal, number) in [("KILL", 137), ("TERM", 143), ("SEGV", 139)] {
            let ran = host.shell(&format!("kill -{signal} $$"));
            assert_eq!(ran, Ran { status: number, stdout: Vec::new(), stderr: Vec::new() });
            assert_eq!(Exit { status: ran.status }.signal().as_deref(), Some(signal));
        }
    }
}

#[test]
fn output_stays_as_it_is() {
    let every_byte = "i=0; while [ $i -lt 256 ]; do printf \"\\\\$(printf %o $i)\"; i=$((i+1)); done";
    for host in Host::each() {
        assert_eq!(host.shell("printf 'no end'").out(), "no end");
        assert_eq!(host.shell("printf '\\n\\n'").out(), "\n\n");
        assert_eq!(host.shell(every_byte).stdout, (0..=255).collect::<Vec<u8>>());
        assert_eq!(host.shell("printf 'gr\\374n \\303'").stdout, b"gr\xfcn \xc3");
        assert_eq!(host.shell("true"), Ran { status: 0, stdout: Vec::new(), stderr: Vec::new() });
    }
}

#[test]
fn twenty_megabytes_arrive_to_the_last_byte() {
    for host in Host::each() {
        for _ in 0..3 {
            let ran = host.shell("head -c 20971520 /dev/zero | tr '\\0' x; printf end");
            assert_eq!(ran.status, 0);
            assert_eq!(ran.stdout.len(), 20_971_520 + 3);
            assert!(ran.stdout.ends_with(b"xend"));
        }
    }
}

#[test]
fn much_on_both_streams_stays_apart() {
    for host in Host::each() {
        let ran =
            host.shell("head -c 3000000 /dev/zero | tr '\\0' o & head -c 3000000 /dev/zero | tr '\\0' e >&2; wait");
        assert_eq!((ran.stdout.len(), ran.stderr.len()), (3_000_000, 3_000_000));
        assert!(ran.stdout.iter().all(|byte| *byte == b'o') && ran.stderr.iter().all(|byte| *byte == b'e'));
    }
}

#[test]
fn output_comes_while_the_command_runs() {
    for host in Host::each() {
        let (begun, mut first) = (Instant::now(), None);
        let (command, vault) = (Command::shell("echo one; sleep 1; echo two"), Vault::default());
        let request = Request { command: &command, input: Input::None, vault: &vault };
        // The time of the connection does not count.
        host.shell("true");
        let mut note = |stream, _: &[u8]| {
            if stream == Stream::Stdout && first.is_none() {
                first = Some(begun.elapsed());
            }
        };
        host.transport.run(request, &mut note, &Cancel::new()).unwrap();
        assert!(begun.elapsed() >= first.unwrap() + Duration::from_millis(800));
    }
}

#[test]
fn who_reads_gets_nothing_and_takes_nothing_away() {
    for host in Host::each() {
        assert_eq!(host.shell("cat; echo rest").out(), "rest\n");
        assert_eq!(host.shell("read x; echo \"$x\"; head -c 5; echo done").out(), "\ndone\n");
        assert_eq!(host.shell("true").status, 0, "the next command is not affected");
    }
}

#[test]
fn a_syntax_error_is_the_commands_own() {
    for host in Host::each() {
        let ran = host.shell("echo 'unbalanced");
        assert_eq!((ran.status, ran.stdout.len()), (2, 0));
        assert!(ran.err().to_lowercase().contains("unterminated quoted string"), "{}", ran.err());
        assert_eq!(host.shell("if").status, 2);
        assert_eq!(host.shell("echo }").out(), "}\n");
    }
}

#[test]
fn a_child_in_the_background_is_neither_waited_for_nor_ended() {
    for host in Host::each() {
        host.shell("true");
        let begun = Instant::now();
        let ran = host.shell("sleep 30 & echo $!");
        assert!(begun.elapsed() < Duration::from_secs(20), "took {:?}", begun.elapsed());
        let pid = ran.out().trim().parse().unwrap();
        thread::sleep(Duration::from_millis(1500));
        assert!(is_running(pid), "the watchdog left it alone");
        signal(pid, rustix::process::Signal::KILL);
    }
}

#[test]
fn input_reaches_the_command_to_the_last_byte() {
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
    for host in Host::each() {
        let ran = host.feed(&Command::program(["cat"]), &bytes);
        assert_eq!(ran.status, 0);
        assert!(ran.stdout == bytes, "{} bytes", ran.stdout.len());
        assert_eq!(
            host.feed(&Command::shell("read x; echo \"<$x>\"; exit 4"), b"one\ntwo\n"),
            Ran { status: 4, stdout: b"<one>\n".to_vec(), stderr: Vec::new() }
        );
        assert_eq!(host.feed(&Command::program(["cat"]), b"").stdout, b"");
    }
}

#[test]
fn a_command_need_not_read_its_input() {
    let bytes = vec![b'x'; 5_000_000];
    for host in Host::each() {
        assert_eq!(
            host.feed(&Command::shell("echo done; exit 3"), &bytes),
            Ran { status: 3, stdout: b"done\n".to_vec(), stderr: Vec::new() }
        );
    }
}

#[test]
fn secrets_reach_the_command_and_no_argument_list() {
    for host in Host::each() {
        let vault = Vault::default();
        let command = Command {
            env: vec![("TOKEN".into(), Word::Text(vault.seal("it's \"$x\" \\ hunter2")))],
            ..Command::shell("printf '%s' \"$TOKEN\"; ps -eo args | grep -c '[h]unter2'")
        };
        let mut output = Vec::new();
        let request = Request { command: &command, input: Input::None, vault: &vault };
        let exit =
            host.transport.run(request, &mut |_, bytes| output.extend_from_slice(bytes), &Cancel::new()).unwrap();
        assert_eq!(String::from_utf8(output).unwrap(), "it's \"$x\" \\ hunter20\n");
        assert_eq!(exit.status, 1, "grep found nothing");
    }
}

#[test]
fn a_text_to_read_goes_along_and_shows_in_no_argument_list() {
    for host in Host::each() {
        let vault = Vault::default();
        let line = "cat; ps -eo args | grep -c '[q]uagga-4712'";
        let reads = Command { stdin: Some(format!("it's $x\n{}", vault.seal("quagga-4712"))), ..Command::shell(line) };
        for command in [reads.clone(), Command { shell: Some("sh -e".into()), dir: Some("/tmp".into()), ..reads }] {
            let mut output = Vec::new();
            let request = Request { command: &command, input: Input::None, vault: &vault };
            let exit =
                host.transport.run(request, &mut |_, bytes| output.extend_from_slice(bytes), &Cancel::new()).unwrap();
            assert_eq!(String::from_utf8(output).unwrap(), "it's $x\nquagga-47120\n");
            assert_eq!(exit.status, 1, "grep found nothing");
        }
        assert_eq!(host.run(&Command::program(["cat"])).out(), "", "the next one reads nothing");
        let unread = Command { stdin: Some("x".repeat(60_000)), ..Command::shell("exit 3") };
        assert_eq!(host.run(&unread).status, 3);
    }
}

#[test]
fn a_group_is_that_of_the_command_and_ends_with_it() {
    if !rustix::process::geteuid().is_root() {
        return skip("a_group_is_that_of_the_command_and_ends_with_it", "only root is in every group");
    }
    for host in Host::each() {
        let command =
            Command { group: Some("daemon".into()), dir: Some("/tmp".into()), ..Command::shell("id -gn; pwd") };
        assert_eq!(host.run(&command).out(), "daemon\n/tmp\n");
        assert_eq!(host.run(&Command { body: Command::shell("kill -9 $$").body, ..command.clone() }).status, 137);
        let other = Command { user: Some("nobody".into()), group: Some("nosuchgroup".into()), ..command };
        let ran = host.run(&other);
        assert!(ran.status != 0 && ran.err().contains("nosuchgroup"), "{ran:?}");
    }
}

#[test]
fn noise_of_a_login_script_is_dropped() {
    let login_script =
        "echo Welcome to this host; echo and mind the step >&2; printf 'no end'; cat >/dev/null </dev/null\n";
    let Some(host) = Host::ssh(&Options { login_script, ..Options::default() }) else { return };
    let noisy = Host::ssh(&Options { login_script: "touch ~/seen\n", ..Options::default() }).unwrap();
    noisy.shell("true");
    assert!(
        noisy.sshd.as_ref().unwrap().home().join("seen").exists(),
        "the login shell is a bash, which reads its script"
    );
    assert_eq!(
        host.shell("echo mine; echo too >&2"),
        Ran { status: 0, stdout: b"mine\n".to_vec(), stderr: b"too\n".to_vec() }
    );
    assert_eq!(host.feed(&Command::program(["cat"]), b"input").out(), "input");
}

#[test]
fn a_launcher_that_does_not_start_gives_its_words() {
    let user = "no-such-user-here";
    for host in Host::each() {
        let ran = host.run(&Command { user: Some(user.into()), ..Command::program(["id"]) });
        assert_ne!(ran.status, 0);
        assert!(ran.err().contains(user), "{}", ran.err());
        assert_eq!(ran.out(), "");
    }
}

#[test]
fn a_shell_that_is_killed_beside_its_command_never_makes_it_a_success() {
    for host in Host::each() {
        // Over ssh the session goes with its shell; on this machine the command goes on and has its own say.
        let ran = host.shell("echo before; kill -9 $PPID; sleep 0.3; exit 3");
        assert_eq!(ran.out(), "before\n");
        assert!(ran.status >= 128 || ran.status == 3, "{}", ran.status);
        assert_eq!(host.shell("echo next").out(), "next\n");
    }
}

#[test]
fn several_threads_use_one_connection() {
    for host in Host::each() {
        let transport = Arc::clone(&host.transport);
        let threads: Vec<_> = (0..12)
            .map(|number| {
                let transport = Arc::clone(&transport);
                let command = Command::shell(format!("echo {number}; sleep 0.1; exit {number}"));
                thread::spawn(move || run(&*transport, &command, Input::None, &Cancel::new()).unwrap())
            })
            .collect();
        for (number, thread) in threads.into_iter().enumerate() {
            let ran = thread.join().unwrap();
            assert_eq!((ran.status, ran.out().trim().parse()), (i32::try_from(number).unwrap(), Ok(number)));
        }
    }
}

#[test]
fn a_long_script_arrives_whole() {
    let line = format!("x='{}'; echo ${{#x}}", "y".repeat(100_000));
    for host in Host::each() {
        assert_eq!(host.shell(&line).out(), "100000\n");
    }
}

#[test]
fn a_connection_that_went_while_idle_is_made_again() {
    let Some(host) = Host::ssh(&Options::default()) else { return };
    host.shell("true");
    host.sshd.as_ref().unwrap().kill_sessions();
    wait_until("the command runs again", || {
        run(&*host.transport, &Command::shell("exit 7"), Input::None, &Cancel::new()).is_ok_and(|ran| ran.status == 7)
    });
}
