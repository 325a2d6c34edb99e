//! A secret reaches the program that needs it, and nobody who looks on.

use std::fs;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::fleet::Fleet;

const SECRET: &str = "Tr0ub4dor-and-3";

/// A recipe whose task `t` runs `body` on the host, with the secret as `word`.
fn fleet(body: &str) -> Option<Fleet> {
    let recipe = format!(
        "set(\"word\", || secret(env(\"WORD\")));\n\
         task(\"t\", || {{ let word = fetch(\"word\"); on(roles(\"app\"), |host| {{ {body} }}); }});\n"
    );
    Some(Fleet::start(1, &recipe)?.env("WORD", SECRET))
}

/// The command lines of all processes, blanks between arguments; those that have gone meanwhile are left out.
fn all_command_lines() -> Vec<(u32, String)> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        Some((pid, String::from_utf8_lossy(&line).replace('\0', " ")))
    })
    .collect()
}

/// Waits until a file is there, while the run goes on.
fn wait_for(path: &std::path::Path, run: &mut Child) {
    let until = Instant::now() + Duration::from_secs(20);
    while !path.exists() {
        assert!(run.try_wait().unwrap().is_none(), "the run ended before the command began");
        assert!(Instant::now() < until, "the command did not begin");
        sleep(Duration::from_millis(20));
    }
}

/// Runs task `t` until the file `ready` is there, looks at all processes, then lets it end by removing the file.
fn seen_while_running(fleet: &Fleet) -> Vec<(u32, String)> {
    fs::create_dir_all(fleet.path("web1", "")).unwrap();
    let ready = fleet.path("web1", "ready");
    let mut command = fleet.scene.command(["production", "t", "--verbose"]);
    let mut run = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for(&ready, &mut run);
    let seen = all_command_lines();
    fs::remove_file(&ready).unwrap();
    let output = run.wait_with_output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    assert!(!printed.contains(SECRET), "{printed}");
    assert!(printed.contains("[secret]"), "{printed}");
    assert!(!fleet.scene.read("log/windlass.log").contains(SECRET));
    seen
}

/// Waits on the host while the file is there, for at most ten seconds.
const WAIT: &str = "touch ready; n=0; while [ -e ready ] && [ $n -lt 500 ]; do sleep 0.02; n=$((n+1)); done";

#[test]
fn a_variable_is_in_no_command_line() {
    let body = format!(
        "within(deploy_to(), || with(#{{ token: word, other: \"visible-marker\" }}, || {{\n\
         execute(`printf %s \"$TOKEN\" > got; {WAIT}; echo $TOKEN`); }}));"
    );
    let Some(fleet) = fleet(&body) else { return };
    let seen = seen_while_running(&fleet);
    assert_eq!(fleet.read("web1", "got"), SECRET, "the program has it");
    let with_secret: Vec<_> = seen.iter().filter(|(_, line)| line.contains(SECRET)).collect();
    assert!(with_secret.is_empty(), "{with_secret:?}");
}

/// An argument is in the argument list of the program itself: that is what was asked for. It is in no other one: not
/// ssh's here, not the shell's there.
#[test]
fn an_argument_is_in_the_command_line_of_its_program_alone() {
    let body = format!("within(deploy_to(), || execute(\"sh\", \"-c\", '{WAIT}', word));", WAIT = "WAIT");
    let body = body.replace("'WAIT'", &format!("`{WAIT}`"));
    let Some(fleet) = fleet(&body) else { return };
    let seen = seen_while_running(&fleet);
    let with_secret: Vec<_> = seen.iter().filter(|(_, line)| line.contains(SECRET)).collect();
    // A child of it that has not become `sleep` yet still has its list.
    assert!(!with_secret.is_empty());
    assert!(with_secret.iter().all(|(_, line)| line.starts_with("sh -c touch ready")), "{with_secret:?}");
}

#[test]
fn a_secret_in_the_output_of_a_command_is_masked_everywhere() {
    let Some(fleet) =
        fleet("with(#{ token: word }, || { execute(`echo \"it is $TOKEN.\"`); execute(`echo $TOKEN >&2; exit 4`); });")
    else {
        return;
    };
    let pretty = fleet.run(&["t", "--verbose"]).fails(1);
    let json = fleet.json(&["t"]).fails(1);
    for text in [&pretty.stdout, &pretty.stderr, &json.stdout, &json.stderr, &fleet.scene.read("log/windlass.log")] {
        assert!(!text.contains(SECRET), "{text}");
    }
    assert!(pretty.stdout.contains("it is [secret]."), "{}", pretty.stdout);
    assert_eq!(json.failure()["command"]["stderr"], "[secret]\n");
}

#[test]
fn the_password_of_the_repository_is_shown_nowhere() {
    let recipe = "set(\"git_http_username\", \"robot\");\nset(\"git_http_password\", || secret(env(\"WORD\")));";
    let Some(fleet) = Fleet::start(1, recipe) else { return };
    let fleet = fleet.env("WORD", SECRET);
    let ran = fleet.run(&["deploy", "--verbose"]).ok();
    assert!(!ran.stdout.contains(SECRET) && !ran.stderr.contains(SECRET));
    assert!(!fleet.scene.read("log/windlass.log").contains(SECRET));
    assert!(!fleet.read("web1", "repo/config").contains(SECRET), "nor is it stored on the host");
}
