//! Questions of ssh, brought to the one person who can answer them.
//!
//! ssh is given this program as its `SSH_ASKPASS`. Started that way, the program is a client that hands the question
//! to the run over a socket in the run's private folder and prints the answer ([`client`]). The run's side takes one
//! question at a time over all hosts. What to answer is decided in `prompts`; this module only carries.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, spawn};

use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::transport::cancel::Cancel;
use crate::transport::prompts::{Asked, Hint, Known, Memory, Move, Shared, decide, is_host_key_question, remember};

/// Set, it makes this program a client: path of the socket to ask.
pub const SOCKET_VARIABLE: &str = "WINDLASS_ASKPASS";

/// Tells which start of ssh asks.
const TICKET_VARIABLE: &str = "WINDLASS_ASKPASS_TICKET";

/// Longest question taken, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Whoever can put a question to a person.
pub trait Prompter: Send + Sync {
    /// Asks; `echo` says whether the answer may show on the terminal. None: there is no terminal, nobody answered, or the
    /// question was `given_up`: then nothing more is read, so that what is typed next is there for whoever reads then.
    fn ask(&self, prompt: &str, echo: bool, given_up: &Cancel) -> Option<String>;

    /// Says what a person is to do, for example to touch a security key; nothing is waited for. Where it is not shown,
    /// ssh waits for the touch all the same.
    fn notice(&self, _text: &str) {}
}

/// Nobody is there: no question is answered.
pub struct Nobody;

impl Prompter for Nobody {
    fn ask(&self, _prompt: &str, _echo: bool, _given_up: &Cancel) -> Option<String> {
        None
    }
}

/// The client: asks the run and prints the answer for ssh. Gives the exit code; 0 only with an answer.
///
/// Call it first thing when [`SOCKET_VARIABLE`] is set, with the first argument of the program.
#[must_use]
pub fn client(prompt: &str) -> u8 {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let message = format!("{}\n{}\n{prompt}", variable(TICKET_VARIABLE), variable("SSH_ASKPASS_PROMPT"));
    let answer = exchange(Path::new(&variable(SOCKET_VARIABLE)), &message);
    match answer.as_deref().map(|text| text.strip_prefix('+')) {
        Ok(Some(answer)) => u8::from(std::io::stdout().write_all(format!("{answer}\n").as_bytes()).is_err()),
        _ => 1,
    }
}

fn exchange(socket: &Path, message: &str) -> std::io::Result<String> {
    let mut stream = UnixStream::connect(socket)?;
    stream.write_all(message.as_bytes())?;
    stream.shutdown(std::net::Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The run's side. Ends with its last reference.
pub(crate) struct Askpass {
    desk: Arc<Desk>,
    socket: PathBuf,
    program: PathBuf,
    listener: Option<JoinHandle<()>>,
}

/// Where questions arrive.
struct Desk {
    prompter: Arc<dyn Prompter>,
    tickets: Mutex<HashMap<u64, Arc<Window>>>,
    /// Held while a person is being asked, so that questions come one at a time.
    shared: Mutex<Shared>,
    closed: AtomicBool,
}

/// What is known about one start of ssh.
struct Window {
    known: Known,
    memory: Mutex<Memory>,
    declined: CancellationToken,
    asking: AtomicU64,
    /// Raised when that ssh is gone.
    gone: Cancel,
}

impl Askpass {
    /// Listens in `folder`, which must be private to the user. `program` is what ssh is to start.
    pub(crate) fn start(folder: &Path, program: PathBuf, prompter: Arc<dyn Prompter>) -> Result<Self, Error> {
        let socket = folder.join("ask");
        let listener =
            UnixListener::bind(&socket).map_err(|cause| Error::io("could not listen on", &socket, &cause))?;
        let desk = Arc::new(Desk {
            prompter,
            tickets: Mutex::default(),
            shared: Mutex::default(),
            closed: AtomicBool::new(false),
        });
        let serving = Arc::clone(&desk);
        let listener = spawn(move || {
            for stream in listener.incoming().flatten() {
                if serving.closed.load(Ordering::SeqCst) {
                    return;
                }
                let desk = Arc::clone(&serving);
                spawn(move || {
                    // A client that went away needs no answer.
                    let _ = desk.serve(stream);
                });
            }
        });
        Ok(Self { desk, socket, program, listener: Some(listener) })
    }

    /// Opens a window for one start of ssh.
    pub(crate) fn ticket(&self, known: Known) -> Ticket {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let window = Arc::new(Window {
            known,
            memory: Mutex::default(),
            declined: CancellationToken::new(),
            asking: AtomicU64::new(0),
            gone: Cancel::new(),
        });
        locked(&self.desk.tickets).insert(number, Arc::clone(&window));
        let environment = vec![
            ("SSH_ASKPASS".into(), self.program.display().to_string()),
            ("SSH_ASKPASS_REQUIRE".into(), "force".into()),
            (SOCKET_VARIABLE.into(), self.socket.display().to_string()),
            (TICKET_VARIABLE.into(), number.to_string()),
        ];
        Ticket { number, window, desk: Arc::clone(&self.desk), environment }
    }
}

impl Drop for Askpass {
    fn drop(&mut self) {
        self.desk.closed.store(true, Ordering::SeqCst);
        // Wakes the listener, which sees that it is over. Where that fails there is no listener to wait for.
        if UnixStream::connect(&self.socket).is_ok()
            && let Some(listener) = self.listener.take()
        {
            let _ = listener.join();
        }
    }
}

/// The right of one start of ssh to ask.
pub(crate) struct Ticket {
    number: u64,
    window: Arc<Window>,
    desk: Arc<Desk>,
    /// Variables that start of ssh needs.
    pub(crate) environment: Vec<(String, String)>,
}

impl Ticket {
    /// Every question so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        locked(&self.window.memory).asked.clone()
    }

    /// Waits until a question stays without an answer.
    pub(crate) async fn declined(&self) {
        self.window.declined.cancelled().await;
    }

    /// Whether a question is open right now.
    pub(crate) fn is_asking(&self) -> bool {
        self.window.asking.load(Ordering::SeqCst) > 0
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        locked(&self.desk.tickets).remove(&self.number);
        self.window.gone.raise();
    }
}

impl Desk {
    fn serve(&self, mut stream: UnixStream) -> std::io::Result<()> {
        let mut message = String::new();
        (&stream).take(LONGEST).read_to_string(&mut message)?;
        let mut parts = message.splitn(3, '\n');
        let number = parts.next().and_then(|number| number.parse().ok());
        let hint = Hint::from_ssh(parts.next().unwrap_or_default());
        let prompt = parts.next().unwrap_or_default();
        let window = number.and_then(|number: u64| locked(&self.tickets).get(&number).cloned());
        let Some(window) = window else { return stream.write_all(b"-") };
        window.asking.fetch_add(1, Ordering::SeqCst);
        let answer = self.answer(&window, hint, prompt);
        window.asking.fetch_sub(1, Ordering::SeqCst);
        stream.write_all(answer.map_or_else(|| "-".to_owned(), |answer| format!("+{answer}")).as_bytes())
    }

    fn answer(&self, window: &Window, hint: Hint, prompt: &str) -> Option<String> {
        if hint == Hint::Notice {
            self.prompter.notice(prompt);
            return Some(String::new());
        }
        let mut shared = locked(&self.shared);
        let decision = decide(prompt, &window.known, &mut locked(&window.memory), &shared);
        let answer = match decision {
            Move::Answer(answer) => Some(answer),
            Move::Decline => None,
            Move::Ask => {
                let answer = self.prompter.ask(prompt, hint == Hint::Confirm, &window.gone);
                remember(prompt, answer.clone(), &mut locked(&window.memory), &mut shared);
                answer
            }
        };
        drop(shared);
        let answered = answer.is_some() && !is_host_key_question(prompt);
        locked(&window.memory).asked.push(Asked { prompt: prompt.to_owned(), answered });
        if answer.is_none() {
            window.declined.cancel();
        }
        answer
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers from a list, the last one first.
    struct Script(Mutex<Vec<Option<&'static str>>>, Mutex<Vec<(String, bool)>>);

    impl Prompter for Script {
        fn ask(&self, prompt: &str, echo: bool, _given_up: &Cancel) -> Option<String> {
            locked(&self.1).push((prompt.to_owned(), echo));
            locked(&self.0).pop().flatten().map(str::to_owned)
        }
    }

    fn desk(answers: &[Option<&'static str>]) -> (tempfile::TempDir, Arc<Script>, Askpass) {
        let folder = tempfile::tempdir().unwrap();
        let script = Arc::new(Script(Mutex::new(answers.iter().rev().copied().collect()), Mutex::default()));
        let prompter: Arc<dyn Prompter> = Arc::clone(&script) as _;
        let askpass = Askpass::start(folder.path(), "/bin/false".into(), prompter).unwrap();
        (folder, script, askpass)
    }

    fn ask(askpass: &Askpass, ticket: &Ticket, hint: &str, prompt: &str) -> String {
        exchange(&askpass.socket, &format!("{}\n{hint}\n{prompt}", ticket.number)).unwrap()
    }

    #[test]
    fn a_question_is_carried_there_and_back() {
        let (_folder, script, askpass) = desk(&[Some("hunter2"), Some("yes")]);
        let ticket = askpass.ticket(Known::default());
        assert_eq!(ask(&askpass, &ticket, "", "password:"), "+hunter2");
        assert_eq!(ask(&askpass, &ticket, "confirm", "Allow use of key?\nreally"), "+yes");
        assert_eq!(
            *locked(&script.1),
            [("password:".to_owned(), false), ("Allow use of key?\nreally".to_owned(), true)]
        );
        assert!(ticket.asked().iter().all(|asked| asked.answered));
        assert!(!ticket.is_asking());
    }

    #[test]
    fn a_question_nobody_answers_is_kept_and_told() {
        let (_folder, _, askpass) = desk(&[None]);
        let ticket = askpass.ticket(Known::default());
        assert_eq!(ask(&askpass, &ticket, "", "password:"), "-");
        assert!(ticket.window.declined.is_cancelled());
        assert_eq!(ticket.asked(), [Asked { prompt: "password:".into(), answered: false }]);
    }

    #[test]
    fn the_host_key_question_is_answered_no_and_kept() {
        let (_folder, script, askpass) = desk(&[]);
        let ticket = askpass.ticket(Known::default());
        assert_eq!(ask(&askpass, &ticket, "", "The authenticity of host 'x' can't be established."), "+no");
        assert!(!ticket.asked()[0].answered && !ticket.window.declined.is_cancelled());
        assert!(locked(&script.1).is_empty());
    }

    #[test]
    fn strangers_get_no_answer() {
        let (_folder, script, askpass) = desk(&[Some("hunter2")]);
        assert_eq!(exchange(&askpass.socket, "99999\n\npassword:").unwrap(), "-");
        assert_eq!(exchange(&askpass.socket, "").unwrap(), "-");
        assert!(locked(&script.1).is_empty());
    }

    #[test]
    fn a_ticket_that_is_gone_is_a_stranger() {
        let (_folder, _, askpass) = desk(&[Some("hunter2")]);
        let number = askpass.ticket(Known::default()).number;
        assert_eq!(exchange(&askpass.socket, &format!("{number}\n\npassword:")).unwrap(), "-");
    }

    #[test]
    fn ssh_is_told_how_to_ask() {
        let (folder, _, askpass) = desk(&[]);
        let ticket = askpass.ticket(Known::default());
        let names: Vec<&str> = ticket.environment.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "WINDLASS_ASKPASS", "WINDLASS_ASKPASS_TICKET"]);
        assert_eq!(ticket.environment[2].1, folder.path().join("ask").display().to_string());
    }

    #[test]
    fn the_socket_closes_with_the_run() {
        let (_folder, _, askpass) = desk(&[]);
        let socket = askpass.socket.clone();
        drop(askpass);
        assert!(exchange(&socket, "1\n\nx").is_err());
    }
}
