//! How much memory a machine has, as QEMU and people write it.

use std::fmt;
use std::str::FromStr;

/// A size in MiB: at least what the firmware needs to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory(u32);

impl Memory {
    /// What a machine gets unless told otherwise.
    pub(crate) const DEFAULT: Memory = Memory(512);
    const LEAST: u32 = 128;
    const MOST: u32 = 1 << 20;
}

impl FromStr for Memory {
    type Err = String;

    fn from_str(text: &str) -> Result<Memory, String> {
        let form = || format!("`{text}` is no size; write MiB or GiB as 512M or 4G");
        let (digits, unit) = match text.strip_suffix(['G', 'g']) {
            Some(digits) => (digits, 1024),
            None => (text.strip_suffix(['M', 'm']).ok_or_else(form)?, 1),
        };
        // A sign would pass as part of a number.
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(form());
        }
        let count: u64 = digits.parse().map_err(|_| form())?;
        match u32::try_from(count.saturating_mul(unit)) {
            Ok(mib) if (Memory::LEAST..=Memory::MOST).contains(&mib) => Ok(Memory(mib)),
            _ => Err(format!(
                "`{text}` is outside {}M to {}G",
                Memory::LEAST,
                Memory::MOST / 1024
            )),
        }
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}M", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_mib_and_gib() {
        for (text, shown) in [
            ("512M", "512M"),
            ("2G", "2048M"),
            ("128m", "128M"),
            ("1g", "1024M"),
        ] {
            assert_eq!(text.parse::<Memory>().unwrap().to_string(), shown);
        }
        assert_eq!("512M".parse(), Ok(Memory::DEFAULT));
    }

    #[test]
    fn limits_hold_at_the_limit_and_fail_one_past_it() {
        assert!("128M".parse::<Memory>().is_ok());
        assert!("127M".parse::<Memory>().is_err());
        assert!("1024G".parse::<Memory>().is_ok());
        assert!("1025G".parse::<Memory>().is_err());
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        for text in [
            "",
            "M",
            "512",
            "512K",
            "-512M",
            "+512M",
            "5 G",
            "99999999999999999999G",
            "é",
        ] {
            assert!(text.parse::<Memory>().unwrap_err().contains(text), "{text}");
        }
    }
}
