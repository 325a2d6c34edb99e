//! A wire between windlass and an sshd: it counts what goes over it, and can be slow, or be cut in the middle.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::support::sshd::Sshd;

/// Never reached.
const NEVER: u64 = u64::MAX;

/// Listens in front of an sshd for as long as the test runs.
pub struct Wire {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Bytes to the host and from it.
    counts: [AtomicU64; 2],
    /// The count at which the wire is cut.
    cuts: [AtomicU64; 2],
    is_slow: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

/// Which way bytes go.
#[derive(Clone, Copy)]
pub enum Way {
    /// From windlass to the host.
    There = 0,
    /// From the host to windlass.
    Back = 1,
}

impl Wire {
    /// Begins to listen. The client knows the host behind this port, too.
    pub fn before(sshd: &Sshd) -> Self {
        let listener = TcpListener::bind((sshd.address(), 0)).expect("there is a free port");
        let port = listener.local_addr().expect("it has an address").port();
        let target = (sshd.address().to_owned(), sshd.port());
        let known = fs::read_to_string(sshd.path("known_hosts")).expect("the client knows the host");
        let more = known.replace(&format!("]:{}", sshd.port()), &format!("]:{port}"));
        fs::write(sshd.path("known_hosts"), format!("{}\n{more}", known.trim_end())).expect("it can learn more");
        let state = Arc::new(State::default());
        state.cuts.iter().for_each(|cut| cut.store(NEVER, Ordering::SeqCst));
        let shared = state.clone();
        thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                let Ok(host) = TcpStream::connect((target.0.as_str(), target.1)) else { return };
                shared.join(&client, &host);
            }
        });
        Self { port, state }
    }

    /// The port it listens on, at the address of the sshd.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many bytes have gone this way.
    pub fn count(&self, way: Way) -> u64 {
        self.state.counts[way as usize].load(Ordering::SeqCst)
    }

    /// Cuts every connection once, when so many more bytes have gone this way.
    pub fn cut_after(&self, way: Way, bytes: u64) {
        self.state.cuts[way as usize].store(self.count(way) + bytes, Ordering::SeqCst);
    }

    /// Lets through some megabytes a second from now on, or all there is.
    pub fn slow(&self, is_slow: bool) {
        self.state.is_slow.store(is_slow, Ordering::SeqCst);
    }
}

impl State {
    fn join(self: &Arc<Self>, client: &TcpStream, host: &TcpStream) {
        let copy = |stream: &TcpStream| stream.try_clone().expect("a socket can be shared");
        self.open.lock().expect("nobody panics with it").extend([copy(client), copy(host)]);
        for (way, from, to) in [(Way::There, copy(client), copy(host)), (Way::Back, copy(host), copy(client))] {
            let state = self.clone();
            thread::spawn(move || state.carry(way, from, to));
        }
    }

    fn carry(&self, way: Way, mut from: TcpStream, mut to: TcpStream) {
        let mut buffer = vec![0; 32 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            if self.is_slow.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(10));
            }
            let total = self.counts[way as usize].fetch_add(count as u64, Ordering::SeqCst) + count as u64;
            if total >= self.cuts[way as usize].load(Ordering::SeqCst) {
                self.cuts[way as usize].store(NEVER, Ordering::SeqCst);
                for stream in self.open.lock().expect("nobody panics with it").drain(..) {
                    let _ = stream.shutdown(Shutdown::Both);
                }
                return;
            }
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = (from.shutdown(Shutdown::Read), to.shutdown(Shutdown::Write));
    }
}
