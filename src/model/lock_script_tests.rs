use std::fs;
use std::path::PathBuf;
use std::process::{Command as Process, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::*;
use crate::model::lock::{Answer, Verdict};
use crate::model::secret::Vault;

/// Every shell a host may have as `sh`. Those that are not on this machine are left out, but one is.
fn shells() -> Vec<Vec<&'static str>> {
    let all = [vec!["sh"], vec!["dash"], vec!["bash", "--posix"], vec!["busybox", "sh"]];
    let there = |shell: &Vec<&str>| {
        let run = Process::new(shell[0]).args(&shell[1..]).args(["-c", ":"]).stderr(Stdio::null()).status();
        run.is_ok_and(|status| status.success())
    };
    let there: Vec<_> = all.into_iter().filter(there).collect();
    assert!(!there.is_empty());
    there
}

struct Host {
    top: TempDir,
    shell: Vec<&'static str>,
}

impl Host {
    fn new(shell: &[&'static str]) -> Self {
        Self { top: tempfile::tempdir().unwrap(), shell: shell.to_vec() }
    }

    fn deploy_to(&self) -> String {
        self.top.path().join("it's my app").display().to_string()
    }

    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from(self.deploy_to()).join(FOLDER).join(name)
    }

    /// Runs as the transport does: in a subshell, by `eval`.
    fn raw(&self, command: &Command) -> (i32, String, String) {
        let line = format!("(eval {})", quote(&command.inner_line(&Vault::default()).unwrap()));
        let output = Process::new(self.shell[0]).args(&self.shell[1..]).args(["-c", &line]).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    #[track_caller]
    fn run(&self, command: &Command) -> Answer {
        let (status, stdout, stderr) = self.raw(command);
        assert_eq!((status, stderr.as_str()), (0, ""), "{:?}: {stdout}", self.shell);
        Answer::read(&stdout).unwrap_or_else(|| panic!("{:?}: no answer in {stdout}", self.shell))
    }

    fn claim(&self, record: &Record, state: State) -> Answer {
        self.run(&claim(&self.deploy_to(), record, state))
    }

    fn renew(&self, record: &Record) -> Answer {
        self.run(&renew(&self.deploy_to(), record, false))
    }

    fn release(&self, record: &Record) -> Answer {
        self.run(&release(&self.deploy_to(), record))
    }

    fn status(&self) -> Answer {
        self.run(&status(&self.deploy_to()))
    }

    /// Makes the highest lock file look as old as that.
    fn age(&self, number: u32, seconds: u64) {
        let file = fs::File::options().write(true).open(self.path(&format!("lock.{number}"))).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(seconds)).unwrap();
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("")).unwrap().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn run_of(user: &str) -> Record {
    let token = format!("{user}-token");
    Record { token, ttl: 60, user: user.into(), machine: "laptop".into(), task: "deploy".into(), ..Record::default() }
}

fn each_shell(test: impl Fn(Host)) {
    for shell in shells() {
        test(Host::new(&shell));
    }
}

#[test]
fn one_has_it_and_the_other_is_told_who() {
    each_shell(|host| {
        let (ann, bob) = (run_of("ann"), run_of("bob"));
        let first = host.claim(&ann, State::Held);
        assert_eq!((first.verdict, first.lock), (Verdict::Won, None));
        assert_eq!(host.claim(&ann, State::Held).verdict, Verdict::Won, "what is ours is won");
        let second = host.claim(&bob, State::Held);
        assert_eq!((second.verdict, second.lock.unwrap().user.as_str()), (Verdict::Busy, "ann"));
        assert!((58..=60).contains(&second.left), "{}", second.left);
        assert_eq!(host.release(&bob).verdict, Verdict::Nothing);
        assert_eq!(host.renew(&ann).verdict, Verdict::Kept);
        assert_eq!(host.release(&ann).verdict, Verdict::Done);
        assert_eq!(host.release(&ann).verdict, Verdict::Nothing);
        assert_eq!(host.claim(&bob, State::Held).verdict, Verdict::Won);
        assert_eq!(host.renew(&ann).verdict, Verdict::Lost);
        // Only the last two files stay, and nothing else.
        assert_eq!(host.names(), ["lock.2", "lock.3"]);
    });
}

#[test]
fn an_expired_one_is_taken_over_and_its_run_is_fenced() {
    each_shell(|host| {
        let (ann, bob) = (run_of("ann"), run_of("bob"));
        host.claim(&ann, State::Held);
        host.age(1, 59);
        assert_eq!(host.claim(&bob, State::Held).verdict, Verdict::Busy);
        host.age(1, 70);
        assert!(host.status().held().is_none());
        let taken = host.claim(&bob, State::Held);
        assert_eq!((taken.verdict, taken.lock.unwrap().user.as_str()), (Verdict::Won, "ann"));
        let lost = host.renew(&ann);
        assert_eq!((lost.verdict, lost.lock.unwrap().user.as_str()), (Verdict::Lost, "bob"));
        let (status, stdout, stderr) = host.raw(&check(&host.deploy_to(), &ann));
        assert_eq!((status, stderr.as_str()), (LOST, "the deploy lock is no longer ours\n"));
        assert_eq!(Answer::read(&stdout).unwrap().lock.unwrap().user, "bob");
        assert_eq!(host.raw(&check(&host.deploy_to(), &bob)).0, 0);
    });
}

#[test]
fn a_check_leaves_a_lease_alone_that_lasts_long_enough() {
    each_shell(|host| {
        let ann = run_of("ann");
        host.claim(&ann, State::Held);
        for (age, left) in [(20, 38..=40), (40, 58..=60)] {
            host.age(1, age);
            assert_eq!(host.run(&check(&host.deploy_to(), &ann)).verdict, Verdict::Kept);
            assert!(left.contains(&host.status().left), "{age}: {}", host.status().left);
        }
        assert_eq!(host.names(), ["lock.1"]);
    });
}

#[test]
fn a_sign_of_life_makes_it_young_again() {
    each_shell(|host| {
        let ann = run_of("ann");
        host.claim(&ann, State::Held);
        host.age(1, 50);
        assert_eq!(host.renew(&ann).verdict, Verdict::Kept);
        assert_eq!(host.names(), ["lock.1"]);
        assert!(host.status().left > 50);
        // Too late for a touch: somebody may be taking it over at this moment, and only a new number tells who was first.
        host.age(1, 80);
        assert_eq!(host.renew(&ann).verdict, Verdict::Kept);
        assert_eq!(host.names(), ["lock.1", "lock.2"]);
        assert!(host.status().left > 50);
    });
}

#[test]
fn a_tentative_claim_is_confirmed_by_the_first_sign_of_life() {
    each_shell(|host| {
        let ann = run_of("ann");
        host.claim(&ann, State::Tentative);
        let busy = host.claim(&run_of("bob"), State::Tentative);
        assert_eq!(busy.lock.unwrap().state, State::Tentative);
        assert!(busy.left <= 15);
        assert_eq!(host.renew(&ann).verdict, Verdict::Kept);
        assert_eq!(host.status().held().unwrap().state, State::Held);
        let known = Record { commit: Some("abc".into()), ..ann };
        assert_eq!(host.run(&renew(&host.deploy_to(), &known, true)).verdict, Verdict::Kept);
        assert_eq!(host.status().lock.unwrap().commit.as_deref(), Some("abc"));
    });
}

#[test]
fn a_broken_one_is_free_and_its_run_is_fenced() {
    each_shell(|host| {
        let (ann, bob, eve) = (run_of("ann"), run_of("bob"), run_of("eve"));
        assert_eq!(host.run(&break_it(&host.deploy_to(), &eve)).verdict, Verdict::Nothing);
        host.claim(&ann, State::Held);
        let broken = host.run(&break_it(&host.deploy_to(), &eve));
        assert_eq!((broken.verdict, broken.lock.unwrap().user.as_str()), (Verdict::Done, "ann"));
        let lost = host.renew(&ann);
        let by = lost.lock.unwrap();
        assert_eq!((lost.verdict, by.state, by.user.as_str()), (Verdict::Lost, State::Broken, "eve"));
        assert_eq!(host.release(&ann).verdict, Verdict::Nothing);
        assert_eq!(host.claim(&bob, State::Held).verdict, Verdict::Won);
    });
}

#[test]
fn a_freeze_keeps_everybody_out_and_lets_the_holder_go_on() {
    each_shell(|host| {
        let ann = run_of("ann");
        host.claim(&ann, State::Held);
        let why = Freeze { reason: "it's sale day".into(), user: "eve".into(), ..Freeze::default() };
        assert_eq!(host.run(&freeze(&host.deploy_to(), "f", &why)).verdict, Verdict::Done);
        assert_eq!(host.renew(&ann).verdict, Verdict::Kept);
        let seen = host.status();
        assert_eq!((seen.lock.unwrap().user.as_str(), seen.freeze.as_ref()), ("ann", Some(&why)));
        host.release(&ann);
        let refused = host.claim(&ann, State::Held);
        assert_eq!((refused.verdict, refused.freeze), (Verdict::Frozen, Some(why.clone())));
        let ended = host.run(&unfreeze(&host.deploy_to()));
        assert_eq!((ended.verdict, ended.freeze), (Verdict::Done, Some(why)));
        assert_eq!(host.run(&unfreeze(&host.deploy_to())).verdict, Verdict::Nothing);
        assert_eq!(host.claim(&ann, State::Held).verdict, Verdict::Won);
    });
}

#[test]
fn a_folder_that_was_removed_is_a_lost_lock() {
    each_shell(|host| {
        let ann = run_of("ann");
        assert_eq!((host.status().verdict, host.status().lock), (Verdict::Seen, None));
        host.claim(&ann, State::Held);
        fs::remove_dir_all(host.path("")).unwrap();
        let lost = host.renew(&ann);
        assert_eq!((lost.verdict, lost.lock), (Verdict::Lost, None));
        assert_eq!(host.release(&ann).verdict, Verdict::Nothing);
    });
}

#[test]
fn numbers_are_numbers_and_other_files_are_nothing() {
    each_shell(|host| {
        let (ann, bob) = (run_of("ann"), run_of("bob"));
        host.claim(&ann, State::Held);
        fs::rename(host.path("lock.1"), host.path("lock.9")).unwrap();
        for other in ["lock.", "lock.x", "lock.010", "lock.99999999999999999999999", "notes"] {
            fs::write(host.path(other), "").unwrap();
        }
        assert_eq!(host.claim(&bob, State::Held).verdict, Verdict::Busy);
        host.release(&ann);
        assert_eq!(host.claim(&bob, State::Held).verdict, Verdict::Won);
        assert!(host.names().contains(&"lock.11".to_owned()), "{:?}", host.names());
    });
}

#[test]
fn a_file_nobody_can_read_is_told_and_can_be_broken() {
    each_shell(|host| {
        fs::create_dir_all(host.path("")).unwrap();
        fs::write(host.path("lock.3"), "").unwrap();
        let (status, _, stderr) = host.raw(&claim(&host.deploy_to(), &run_of("ann"), State::Held));
        assert_eq!(status, 1);
        assert!(stderr.contains("lock.3 cannot be read"), "{stderr}");
        assert_eq!(host.run(&break_it(&host.deploy_to(), &run_of("eve"))).verdict, Verdict::Done);
        assert_eq!(host.claim(&run_of("ann"), State::Held).verdict, Verdict::Won);
    });
}

#[test]
fn a_folder_that_cannot_be_made_says_so() {
    each_shell(|host| {
        fs::write(host.deploy_to(), "a file").unwrap();
        let (status, stdout, stderr) = host.raw(&claim(&host.deploy_to(), &run_of("ann"), State::Held));
        assert_eq!((status, stdout.as_str()), (1, ""));
        assert!(stderr.contains("it's my app"), "{stderr}");
    });
}

/// However many come at once, round after round, exactly one has it.
#[test]
fn of_many_at_once_exactly_one_wins() {
    each_shell(|host| {
        for round in 0..5 {
            let won: usize = thread::scope(|scope| {
                let host = &host;
                let claims: Vec<_> = (0..8)
                    .map(|number| scope.spawn(move || host.claim(&run_of(&format!("r{round}n{number}")), State::Held)))
                    .collect();
                let answers = claims.into_iter().map(|claim| claim.join().unwrap());
                answers.filter(|answer| answer.verdict == Verdict::Won).count()
            });
            assert_eq!(won, 1, "{:?}, round {round}", host.shell);
            let holder = host.status().lock.unwrap();
            assert_eq!(host.release(&holder).verdict, Verdict::Done);
        }
        assert!(host.names().iter().all(|name| name.starts_with("lock.")), "{:?}", host.names());
    });
}

/// Those that come, go and are taken over all the time: whoever holds it is alone.
#[test]
fn whoever_holds_it_is_alone() {
    each_shell(|host| {
        let inside = std::sync::atomic::AtomicUsize::new(0);
        thread::scope(|scope| {
            for number in 0..4 {
                let (host, inside) = (&host, &inside);
                scope.spawn(move || {
                    let me = run_of(&format!("n{number}"));
                    let mut times = 0;
                    while times < 5 {
                        if host.claim(&me, State::Tentative).verdict == Verdict::Won {
                            assert_eq!(inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
                            assert_eq!(host.renew(&me).verdict, Verdict::Kept);
                            inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                            assert_eq!(host.release(&me).verdict, Verdict::Done);
                            times += 1;
                        }
                    }
                });
            }
        });
    });
}

/// Both are ours and have one token, but not one file: what is linked as a lock must not be written any more.
#[test]
fn a_sign_of_life_that_comes_with_the_release_leaves_the_lock_free() {
    for shell in shells() {
        let host = Host::new(&shell);
        let mine = run_of("ann");
        for round in 0..40 {
            assert_eq!(host.claim(&mine, State::Held).verdict, Verdict::Won);
            thread::scope(|scope| {
                let sign = renew(&host.deploy_to(), &mine, true);
                let life = scope.spawn({
                    let host = &host;
                    move || host.raw(&sign)
                });
                assert_eq!(host.release(&mine).verdict, Verdict::Done);
                let (status, answer, _) = life.join().unwrap();
                let verdict = Answer::read(&answer).map(|answer| answer.verdict);
                assert!(status == 0 && matches!(verdict, Some(Verdict::Kept | Verdict::Lost)), "{answer}");
            });
            let status = host.status();
            assert!(status.held().is_none(), "{shell:?}, round {round}: {:?}", status.lock);
        }
        let left = fs::read_dir(host.path("")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let left: Vec<_> = left.filter(|name| !name.starts_with("lock.")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}
