//! A hundred megabytes of output: all of it, in order, next to its neighbours, and never all of it in our memory.

use std::fs;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use windlass::model::command::Command;
use windlass::model::event::Stream;
use windlass::model::secret::Vault;
use windlass::transport::api::{Input, Request, Step, Told, Trip};
use windlass::transport::cancel::Cancel;

use crate::ssh::host::Host;
use crate::support::fleet::Fleet;

/// `seq` up to here prints more than 100 MB.
const LAST: u64 = 13_000_000;

/// Compares what comes with the numbers from 1 on, one a line.
#[derive(Default)]
struct Counted {
    next: u64,
    ahead: Vec<u8>,
    bytes: usize,
}

impl Counted {
    fn take(&mut self, mut bytes: &[u8]) {
        self.bytes += bytes.len();
        while !bytes.is_empty() {
            if self.ahead.is_empty() {
                for _ in 0..5000 {
                    self.next += 1;
                    self.ahead.extend_from_slice(self.next.to_string().as_bytes());
                    self.ahead.push(b'\n');
                }
            }
            let count = bytes.len().min(self.ahead.len());
            assert!(bytes[..count] == self.ahead[..count], "wrong before byte {} near {}", self.bytes, self.next);
            self.ahead.drain(..count);
            bytes = &bytes[count..];
        }
    }

    /// Asserts that it came up to this number and no further.
    fn assert_last(&self, last: u64) {
        let digits = |number: u64| number.to_string().len() as u64;
        let (mut whole, mut from) = (0, 1);
        while from <= last {
            let to = (from * 10 - 1).min(last);
            whole += (to - from + 1) * (digits(from) + 1);
            from *= 10;
        }
        assert_eq!(self.bytes as u64, whole);
    }
}

#[test]
fn a_hundred_megabytes_of_one_command_arrive_whole() {
    for host in Host::each() {
        let command = Command::program(["seq", "1", &LAST.to_string()]);
        let vault = Vault::default();
        let mut counted = Counted::default();
        let request = Request { command: &command, input: Input::None, vault: &vault };
        let take = &mut |stream, bytes: &[u8]| {
            assert_eq!(stream, Stream::Stdout);
            counted.take(bytes);
        };
        assert_eq!(host.transport.run(request, take, &Cancel::new()).unwrap().status, 0);
        counted.assert_last(LAST);
        assert!(counted.bytes > 100_000_000);
    }
}

#[test]
fn a_hundred_megabytes_between_two_other_commands_stay_between_them() {
    for host in Host::each() {
        let flood = format!("seq 1 {LAST}; printf 'no end' >&2; exit 5");
        let commands =
            ["printf before; printf before >&2", &flood, "printf after; printf after >&2"].map(Command::shell);
        let steps = [0, 1, 2].map(|number| Step { command: &commands[number], must_succeed: false });
        let (vault, mut counted) = (Vault::default(), Counted::default());
        let (mut rest, mut ended) = (Vec::new(), Vec::new());
        let mut tell = |number: usize, told: Told<'_>| match told {
            Told::Begun => {}
            Told::Output(Stream::Stdout, bytes) if number == 1 => counted.take(bytes),
            Told::Output(stream, bytes) => rest.push((number, stream, String::from_utf8(bytes.to_vec()).unwrap())),
            Told::Ended(exit) => ended.push(exit.status),
            Told::Awaited(_) | Told::Left(_) => panic!("nothing is cancelled here"),
        };
        let trip = Trip { steps: &steps, vault: &vault, shielded: false };
        let measured = host.transport.trip(&trip, &mut tell, &Cancel::new()).unwrap();
        counted.assert_last(LAST);
        rest.sort_by_key(|(number, stream, _)| (*number, *stream == Stream::Stderr));
        let said: Vec<(usize, &str)> = rest.iter().map(|(number, _, text)| (*number, text.as_str())).collect();
        assert_eq!(said, [(0, "before"), (0, "before"), (1, "no end"), (2, "after"), (2, "after")]);
        assert_eq!((ended, measured.round_trips), (vec![0, 5, 0], 1));
    }
}

#[test]
fn both_streams_may_be_flooded_at_once() {
    for host in Host::each() {
        let command = Command::shell("seq 1 2000000 >&2 & seq 1 2000000; wait");
        let (vault, mut counted) = (Vault::default(), [Counted::default(), Counted::default()]);
        let request = Request { command: &command, input: Input::None, vault: &vault };
        let mut take = |stream, bytes: &[u8]| counted[usize::from(stream == Stream::Stderr)].take(bytes);
        assert_eq!(host.transport.run(request, &mut take, &Cancel::new()).unwrap().status, 0);
        for counted in counted {
            counted.assert_last(2_000_000);
        }
    }
}

/// The most memory a process has had, in kilobytes, as far as the system still tells.
fn peak(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?.parse().ok()
}

#[test]
fn a_flood_does_not_fill_our_memory() {
    // Long lines: it is the bytes that count, and each line is told and logged by itself.
    let flood = "execute(\"head -c 110000000 /dev/zero | tr '\\\\0' x | fold -w 4000\");";
    let recipe = format!(
        "task(\"flood\", || on(roles(\"app\"), |host| batch(|| {{ execute(\"true\"); {flood} execute(\"true\"); }})));\n"
    );
    let Some(fleet) = Fleet::start(1, &recipe) else { return };
    let mut command = fleet.scene.command(["production", "flood"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut most = 0;
    let status = loop {
        most = peak(child.id()).unwrap_or(0).max(most);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        sleep(Duration::from_millis(20));
    };
    assert!(status.success(), "{status}");
    assert!((1..64 * 1024).contains(&most), "{most} kB for 110 MB of output");
}
