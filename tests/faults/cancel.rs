//! Ctrl-C and its relatives: nothing goes on, nothing is left, everybody is told.

use std::fs;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::faults::app::{App, HOSTS, OLD};
use crate::faults::remote::Fleet;
use crate::faults::running::{Running, gone, marked, with_argument};
use crate::support::scene::Scene;

/// A watchdog waits a second between TERM and KILL.
const SOON: Duration = Duration::from_secs(3);

/// Hangs after `deploy:started`: a plain command on the first host, one that ignores TERM on the second, one with
/// children on the third. Hooks of `deploy:failed` leave a file.
const HANG: &str = r#"
after("deploy:started", "hang");
task("hang", || on(roles("app"), |host| with(#{ MARK: fetch("mark") }, || {
    execute("touch", deploy_to("began"));
    let number = roles("app").index_of(|other| other == host);
    switch number {
        0 => execute("sleep", "1000"),
        1 => execute("trap '' TERM; sleep 1000; sleep 1000"),
        _ => execute("sleep 1000 & sleep 1000 & wait"),
    }
})));
task("next", || on(roles("app"), |host| execute("touch", deploy_to("next"))));
after("hang", "next");
task("note", || on(roles("app"), |host| execute("touch", deploy_to("failed"))));
after("deploy:failed", "note");
"#;

fn mark(app: App) -> (App, String) {
    let mark = app.scene.top().display().to_string();
    let recipe = format!("{}set(\"mark\", {mark:?});\n", app.scene.read("config/deploy.rhai"));
    let App { scene, repository } = app;
    (App { scene: scene.file("config/deploy.rhai", recipe), repository }, mark)
}

/// Runs a deploy into the hanging task, sends the signal, and looks at everything there is to see.
fn cancelled_while_hanging(app: App, hosts: &[String], signal: Signal, word: &str) {
    let (app, mark) = mark(app);
    let mut run = Running::start(&app.scene, &["production", "deploy"]);
    // Two sleeps on the last host.
    run.until("the commands run", || marked(&mark).iter().filter(|name| name.starts_with("sleep")).count() == 4);
    run.signal(signal);
    let ran = run.end(Duration::from_secs(10)).fails(130);
    gone(SOON, || marked(&mark));
    for host in hosts {
        assert!(app.path(host, "failed").exists(), "the hooks of deploy:failed ran on {host}: {}", ran.stdout);
        assert!(!app.path(host, "next").exists(), "no new task began on {host}");
        assert_eq!(app.names(host, "releases"), [""; 0], "{host}");
        assert!(
            ran.stdout.contains(&format!("{host}  ")) || ran.stdout.contains(&format!("{host}:")),
            "{}",
            ran.stdout
        );
    }
    assert!(ran.stdout.contains("release before  release now  state"), "the table of hosts: {}", ran.stdout);
    assert!(ran.stderr.contains("cancelled: stopped before the end"), "{}", ran.stderr);
    let log = app.scene.read("log/windlass.log");
    assert!(log.contains(&format!("{word}: ending what runs on the hosts")), "{log}");
    assert!(log.contains("the deploy was cancelled"), "{log}");
}

#[test]
fn each_signal_ends_what_runs_on_this_machine() {
    for (signal, word) in [(Signal::INT, "Ctrl-C"), (Signal::TERM, "SIGTERM"), (Signal::HUP, "SIGHUP")] {
        cancelled_while_hanging(App::new(HANG), &HOSTS.map(str::to_owned), signal, word);
    }
}

#[test]
fn ctrl_c_ends_what_runs_over_ssh_and_the_connections() {
    let Some(fleet) = Fleet::start(3) else { return };
    let app = fleet.app(HANG);
    let run = app.scene.top().join("run");
    cancelled_while_hanging(app, &fleet.names(), Signal::INT, "Ctrl-C");
    // The scene is gone with its folder; a master would have it among its arguments.
    assert_eq!(with_argument(&run.display().to_string()), [""; 0]);
    assert_eq!(fleet.sessions(), [""; 0]);
}

/// The second one does not wait for a hook that hangs.
#[test]
fn a_second_signal_ends_at_once_and_the_hosts_clean_up() {
    let hook = "after(\"deploy:failed\", \"hang_too\");\n\
         task(\"hang_too\", || on(roles(\"app\"), |host| with(#{ MARK: fetch(\"mark\") }, || execute(\"sleep 2000\"))));";
    let fleets = [None, Fleet::start(2)];
    for fleet in &fleets {
        let app = fleet
            .as_ref()
            .map_or_else(|| App::new(&format!("{HANG}{hook}")), |fleet| fleet.app(&format!("{HANG}{hook}")));
        let (app, mark) = mark(app);
        let mut run = Running::start(&app.scene, &["production", "deploy"]);
        run.until("the commands run", || marked(&mark).len() >= 2);
        run.signal(Signal::INT);
        run.until("the hook hangs", || {
            !with_argument("sleep 2000").is_empty() && marked(&mark).iter().any(|name| name.starts_with("sleep"))
        });
        run.signal(Signal::INT);
        let ran = run.end(Duration::from_secs(1));
        assert_eq!(ran.code, 130, "{}", ran.stderr);
        gone(Duration::from_secs(5), || marked(&mark));
        gone(Duration::from_secs(5), || with_argument(&app.scene.top().join("run").display().to_string()));
    }
}

#[test]
fn what_runs_ends_when_windlass_is_killed() {
    let fleets = [None, Fleet::start(2)];
    for fleet in &fleets {
        let app = fleet.as_ref().map_or_else(|| App::new(HANG), |fleet| fleet.app(HANG));
        let (app, mark) = mark(app);
        let mut run = Running::start(&app.scene, &["production", "deploy"]);
        run.until("the commands run", || marked(&mark).len() >= 2);
        run.kill();
        gone(Duration::from_secs(5), || marked(&mark));
        if fleet.is_some() {
            // Its connections stay for a while; the next run ends them.
            Running::start(&app.scene, &["production", "exec", "--", "true"]).end(Duration::from_secs(10)).ok();
            let run = app.scene.top().join("run");
            assert_eq!(with_argument(&run.display().to_string()), [""; 0]);
            assert_eq!(crate::faults::app::names(&run), [""; 0]);
        }
    }
}

/// What is shielded is waited for, and a person who waits is told for what and where.
#[test]
fn ctrl_c_says_what_it_waits_for_and_a_second_one_does_not_wait() {
    let scene = Scene::task("on(roles(\"all\"), |host| shield(|| execute(\"sleep 2000 # MARK\")));");
    let line = format!("sleep 2000 # {}", scene.top().display());
    let scene = {
        let recipe = scene.read("config/deploy.rhai").replace("sleep 2000 # MARK", &line);
        scene.file("config/deploy.rhai", recipe)
    };
    // One `sh` for each of the three hosts has it as a part of its script.
    let mut run = Running::start(&scene, &["production", "t"]);
    run.until("the commands run", || with_argument(&line).len() >= 3);
    run.signal(Signal::INT);
    let said = format!("`{line}` must not be left half done: waiting for it, up to 30 s");
    run.until("it is told for each host", || run_says(&scene, &said) == 3);
    run.signal(Signal::INT);
    let ran = run.end(Duration::from_secs(2)).fails(130);
    for host in ["web1", "web2", "db1"] {
        assert!(ran.stdout.lines().any(|row| row.contains(&said) && row.contains(host)), "{host}: {}", ran.stdout);
    }
    let left = with_argument(&line);
    assert!(left.len() >= 3, "what is shielded goes on: {left:?}");
    for process in left {
        let group = process.rsplit_once(' ').unwrap().1.parse().ok().and_then(Pid::from_raw).unwrap();
        kill_process_group(group, Signal::KILL).ok();
    }
}

fn run_says(scene: &Scene, text: &str) -> usize {
    fs::read_to_string(scene.top().join("stdout")).unwrap_or_default().matches(text).count()
}

/// The switch is finished or not begun.
#[test]
fn ctrl_c_in_the_middle_of_the_switch_waits_until_it_is_finished() {
    let app = App::new("").with_history();
    let App { scene, repository } = app;
    let mv = "case \"$*\" in */web2/current*) sleep 3;; esac\nPATH=${PATH#*:}; exec mv \"$@\"";
    let app = App { scene: scene.program("mv", mv), repository };
    let mut run = Running::start(&app.scene, &["production", "deploy"]);
    run.until("two hosts are switched", || app.current("web1") != OLD[2] && app.current("web3") != OLD[2]);
    run.signal(Signal::INT);
    let ran = run.end(Duration::from_secs(20)).fails(130);
    assert_eq!(app.current("web2"), app.current("web1"), "{}", ran.out());
    assert_eq!(
        app.names("web2", ""),
        [".windlass", "current", "releases", "repo", "shared"],
        "no temporary link is left"
    );
}

/// Some have the new release and some have not: that is what everybody has to know first.
#[test]
fn a_switch_that_fails_on_one_host_is_a_mixed_fleet() {
    let app = App::new("").with_history();
    let App { scene, repository } = app;
    let mv = "case \"$*\" in */web2/current*) exit 1;; esac\nPATH=${PATH#*:}; exec mv \"$@\"";
    let app = App { scene: scene.program("mv", mv), repository };
    let run = Running::start(&app.scene, &["production", "deploy"]);
    let ran = run.end(Duration::from_secs(20)).fails(5);
    assert_eq!(app.current("web2"), OLD[2]);
    let out = ran.out();
    assert!(out.contains("the fleet is mixed: 2 hosts have the new release, 1 host has not"), "{out}");
    assert!(ran.stdout.contains("web2  20200103000000  20200103000000  failed "), "{}", ran.stdout);
    assert_eq!(
        app.names("web2", ""),
        [".windlass", "current", "releases", "repo", "shared"],
        "no temporary link is left"
    );
    // The next deploy makes the fleet whole.
    let App { scene, repository } = app;
    let app = App { scene: scene.program("mv", "PATH=${PATH#*:}; exec mv \"$@\""), repository };
    std::thread::sleep(Duration::from_millis(1100));
    app.run(&["deploy"]).ok();
    assert_eq!(app.current("web1"), app.current("web2"));
}

/// A recipe that never comes back to us.
#[test]
fn an_endless_loop_can_be_stopped() {
    for body in
        ["loop {}", "on(roles(\"all\"), |host| loop {})", "run_locally(|| loop { try { execute(\"true\") } catch {} })"]
    {
        let scene = Scene::task(&format!("run_locally(|| execute(\"touch\", \"began\")); {body}"));
        let mut run = Running::start(&scene, &["production", "t"]);
        run.until("the loop runs", || scene.path("began").exists());
        run.signal(Signal::INT);
        let ran = run.end(SOON).fails(130);
        assert!(ran.stderr.contains("cancelled: stopped before the end"), "{body}: {}", ran.stderr);
    }
}

/// The last step of a run is one that Ctrl-C does not stop.
#[test]
fn a_run_that_is_done_before_it_could_be_stopped_was_cancelled_all_the_same() {
    let scene =
        Scene::task("on(roles(\"db\"), |host| shield(|| execute(`touch ${deploy_to()}.began; sleep 2; echo done`)));");
    let began = scene.top().join("hosts/db1.began");
    let mut run = Running::start(&scene, &["production", "t"]);
    run.until("the step runs", || began.exists());
    run.signal(Signal::INT);
    let ran = run.end(SOON).fails(130);
    assert!(ran.stderr.contains("cancelled: everything was done before it could be stopped"), "{}", ran.stderr);
    assert!(ran.stdout.contains("db1: done"), "{}", ran.stdout);
}

/// While recipes are still being read nothing has begun, so that there is nothing to tell or to end.
#[test]
fn ctrl_c_before_anything_ran() {
    let scene = Scene::with("set(\"a\", 1);\nloop { if env(\"GO_ON\") != () { break; } }\ntask(\"t\", || 1);\n");
    for words in [&["production", "t"][..], &["-T"]] {
        let run = Running::start(&scene, words);
        std::thread::sleep(Duration::from_millis(400));
        run.signal(Signal::INT);
        let since = std::time::Instant::now();
        let ran = run.end_by_any_means(SOON);
        assert!(ran == Some(130) || ran.is_none(), "130, or by the signal itself: {ran:?}");
        assert!(since.elapsed() < SOON);
    }
}

#[test]
fn ctrl_c_while_connecting() {
    // A port that takes connections and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let scene = Scene::task("on(roles(\"all\"), |host| execute(\"true\"));").stage(
        "production",
        &format!("server(\"127.0.0.1:{port}\");\nset(\"ssh_options\", #{{ config: false, timeout: 60 }});\n"),
    );
    let run_folder = scene.top().join("run");
    fs::create_dir(&run_folder).unwrap();
    let scene = scene.env("XDG_RUNTIME_DIR", &run_folder.display().to_string());
    let mut run = Running::start(&scene, &["production", "t"]);
    run.until("ssh has begun", || with_argument(&run_folder.display().to_string()).len() == 1);
    run.signal(Signal::INT);
    let ran = run.end(SOON).fails(130);
    assert!(ran.stderr.contains("cancelled: stopped before the end"), "{}", ran.stderr);
    assert_eq!(with_argument(&run_folder.display().to_string()), [""; 0]);
    assert_eq!(crate::faults::app::names(&run_folder), [""; 0]);
}
