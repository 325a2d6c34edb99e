//! The checksum of `cksum`, which every POSIX host can compute.
//!
//! Owns the algorithm (XCU, `cksum`): enough to see whether a file on a host is the text rendered here, not against
//! anybody who wants to deceive.

/// What `cksum <file` prints: the checksum, and the length in bytes.
#[must_use]
pub fn cksum(text: &[u8]) -> String {
    let mut crc = 0;
    for byte in text {
        crc = step(crc, *byte);
    }
    // The length follows, lowest byte first, without leading zeros.
    let mut length = text.len();
    while length > 0 {
        crc = step(crc, length.to_le_bytes()[0]);
        length >>= 8;
    }
    format!("{} {}", !crc, text.len())
}

/// One byte further: the polynomial of Ethernet, highest bit first.
fn step(crc: u32, byte: u8) -> u32 {
    let mut crc = crc ^ (u32::from(byte) << 24);
    for _ in 0..8 {
        crc = if crc & 0x8000_0000 == 0 { crc << 1 } else { (crc << 1) ^ 0x04C1_1DB7 };
    }
    crc
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn as_the_program_computes_it() {
        for text in ["", "a", "[Unit]\nDescription=it's ü\n", &"x".repeat(70_000)] {
            let mut child = Command::new("cksum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
            let output = child.wait_with_output().unwrap();
            assert_eq!(cksum(text.as_bytes()), String::from_utf8(output.stdout).unwrap().trim_end());
        }
    }
}
