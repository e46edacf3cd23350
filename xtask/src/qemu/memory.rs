//! How much memory a machine has, as QEMU and people write it.

use std::fmt;
use std::str::FromStr;

use crate::arch::Arch;

/// A size in MiB: at least what Stele needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory(u32);

impl Memory {
    /// What a machine gets unless told otherwise.
    pub(crate) const DEFAULT: Memory = Memory(512);
    /// The least there is any use in giving a machine: 64 MiB.
    const LEAST: u32 = 64;
    const MOST: u32 = 1 << 20;

    /// So many MiB.
    pub(crate) const fn mib(count: u32) -> Memory {
        Memory(count)
    }

    /// Whether the firmware of `arch` starts at all with this much.
    ///
    /// # Errors
    /// Says how much it needs.
    pub(crate) fn check(self, arch: Arch) -> Result<(), String> {
        // Found by trying: with less, AAVMF dies of an exception before it looks at any disk.
        let least = match arch {
            Arch::X86_64 => Memory(Memory::LEAST),
            Arch::Aarch64 => Memory(128),
        };
        if self.0 < least.0 {
            return Err(format!(
                "{self} are too little for {arch}: its UEFI firmware needs {least} to start; \
                 write --memory {least} or more"
            ));
        }
        Ok(())
    }
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
        assert!("64M".parse::<Memory>().is_ok());
        assert!("63M".parse::<Memory>().is_err());
        assert!("1024G".parse::<Memory>().is_ok());
        assert!("1025G".parse::<Memory>().is_err());
    }

    #[test]
    fn what_the_firmware_cannot_start_with_is_refused_and_the_least_is_named() {
        assert_eq!(Memory::mib(64).check(Arch::X86_64), Ok(()));
        assert_eq!(Memory::mib(128).check(Arch::Aarch64), Ok(()));
        let refused = Memory::mib(127).check(Arch::Aarch64).unwrap_err();
        assert!(refused.contains("--memory 128M"), "{refused}");
        assert!(Memory::mib(63).check(Arch::X86_64).is_err());
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
