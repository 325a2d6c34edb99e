//! Numbers of bytes, in words.

const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];

/// `512 B`, `1.5 KiB`, `26.6 MiB`: powers of 1024 with one digit after the point.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "one digit after the point is shown, a double has fifteen")]
pub fn size(bytes: u64) -> String {
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut amount = bytes as f64 / 1024.0;
    let mut unit = 0;
    // 1023.96 would be written as 1024.0.
    while amount >= 1023.95 && unit + 1 < UNITS.len() {
        amount /= 1024.0;
        unit += 1;
    }
    format!("{amount:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(1023), "1023 B");
        assert_eq!(size(1536), "1.5 KiB");
        assert_eq!(size(1_048_575), "1.0 MiB");
        assert_eq!(size(27_892_122), "26.6 MiB");
        assert_eq!(size(u64::MAX), "16777216.0 TiB");
    }
}
