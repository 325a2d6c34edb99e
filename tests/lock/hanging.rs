//! A file system that hangs on one host, as NFS does whose server is gone: taking a lock ends, and letting it go is no
//! failure of a deploy that is done.

use crate::faults::app::{App, HOSTS};

/// A program that hangs on host `web2` while there is a file `hang`, for those whose arguments are about a lock.
fn hanging(program: &str, lines: &str) -> App {
    let App { scene, repository } = App::new(lines);
    let flag = scene.top().join("hang").display().to_string();
    let hang = format!(
        "PATH=${{PATH#*:}}; [ ! -e '{flag}' ] || case \"$*\" in */web2/.windlass*) sleep 1000;; esac\nexec {program} \"$@\""
    );
    App { scene: scene.program(program, &hang), repository }
}

fn hang(app: &App) {
    std::fs::write(app.scene.top().join("hang"), "").unwrap();
}

#[test]
fn a_host_whose_folder_hangs_fails_the_deploy_and_leaves_none_taken() {
    let app = hanging("ln", "");
    hang(&app);
    let error = app.json(&["deploy"]).fails(1).failure();
    assert_eq!(error["kind"], "timeout");
    assert_eq!(error["host"], "web2");
    assert_eq!(error["message"], "the host did not take the deploy lock within 15 s");
    assert!(error["notes"].to_string().contains("/hosts/web2/.windlass` hung"), "{error}");
    assert!(error["help"].to_string().contains("--max-fail 1"), "{error}");
    let status = app.json(&["lock:status", "-z", "web1,web3"]).ok().messages("info");
    assert!(status.len() == 2 && status.iter().all(|line| line.ends_with(": free")), "{status:?}");
}

#[test]
fn with_max_fail_the_deploy_goes_on_without_it() {
    let app = hanging("ln", "");
    hang(&app);
    let ran = app.json(&["deploy", "--max-fail", "1"]).fails(5);
    let aside = ran.all("host_set_aside");
    assert_eq!(aside.len(), 1);
    assert_eq!((&aside[0]["host"], &aside[0]["error"]["kind"]), (&"web2".into(), &"timeout".into()), "{aside:?}");
    assert_eq!(app.current("web1"), app.current("web3"));
    assert!(!app.path("web2", "current").exists());
}

/// What goes along with the question for the lock may take longer than a claim lasts.
#[test]
fn a_first_look_that_takes_its_time_is_no_lost_lock() {
    let find = "PATH=${PATH#*:}; case \"$*\" in */web2/releases*) sleep 17;; esac\nexec find \"$@\"";
    let App { scene, repository } = App::new("").with_history();
    let app = App { scene: scene.program("find", find), repository };
    let ran = app.json(&["deploy"]).ok();
    let asked =
        ran.all("command_started").into_iter().filter(|event| event["command"] == "take the deploy lock").count();
    assert!(asked <= 2 * HOSTS.len(), "asked {asked} times");
}

#[test]
fn a_lock_that_cannot_be_released_is_a_warning_and_the_deploy_is_done() {
    let lines = r#"
        set("command_timeout", 5);
        after("deploy:finished", "begin_to_hang", || run_locally(|| execute("touch", env("FLAG"))));
        after("deploy:failed", "sad", || info("the deploy has failed"));
    "#;
    for task in ["deploy", "deploy:rollback"] {
        let app = hanging("ln", lines).with_history();
        let flag = format!("FLAG={}", app.scene.top().join("hang").display());
        let ran = app.json(&[task, &flag]).ok();
        let warnings: Vec<String> = ran.messages("warn");
        let ours: Vec<_> = warnings.iter().filter(|line| line.contains("the deploy lock of")).collect();
        assert_eq!(ours.len(), 1, "{warnings:?}");
        assert_eq!(
            ours[0].as_str(),
            "could not release the deploy lock of web2: the host did not release the deploy lock within 10 s; it runs out \
             within 60 s"
        );
        assert!(!ran.messages("info").contains(&"the deploy has failed".to_owned()));
        assert!(ran.all("failed").is_empty());
        for host in HOSTS {
            assert_ne!(app.current(host), crate::faults::app::OLD[2], "{host} has switched");
            assert!(app.path(host, "revisions.log").exists());
        }
    }
}
