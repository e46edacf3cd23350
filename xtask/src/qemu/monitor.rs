//! QEMU's monitor: asking a machine that hangs where it is, pressing its keys, looking at its screen.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// What QEMU's monitor says when it wants a command.
const PROMPT: &str = "(qemu) ";

/// QEMU answers at once or not at all.
const LIMIT: Duration = Duration::from_secs(2);

/// Where the first processor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// The address of the instruction it is at.
    pub(crate) address: u64,
    /// Whether it sleeps until an interrupt.
    pub(crate) halted: bool,
}

/// Asks the monitor behind a Unix socket; nothing if it does not answer.
pub(crate) fn position(socket: &Path) -> Option<Position> {
    let registers = ask(socket, &["info registers".to_owned()]).ok()?;
    find(&registers)
}

/// Presses keys, one after the other, named as QEMU does: `a`, `shift-a`, `ret`.
pub(crate) fn press(socket: &Path, keys: &[&str]) -> io::Result<()> {
    /// How long each is held, in milliseconds.
    const HELD: u32 = 20;
    let commands: Vec<String> = keys
        .iter()
        .map(|key| format!("sendkey {key} {HELD}"))
        .collect();
    ask(socket, &commands).map(drop)
}

/// Has a picture of the screen written to `file`, in a format that QEMU knows (`ppm`, `png`).
pub(crate) fn picture(socket: &Path, file: &Path, format: &str) -> io::Result<()> {
    // The command's own quotes, in which a quote or backslash is written with a backslash.
    let name = file.display().to_string();
    let name = name.replace('\\', "\\\\").replace('"', "\\\"");
    ask(socket, &[format!("screendump \"{name}\" -f {format}")]).map(drop)
}

/// Gives commands, and returns all that was said to them.
fn ask(socket: &Path, commands: &[String]) -> io::Result<String> {
    let mut monitor = UnixStream::connect(socket)?;
    monitor.set_read_timeout(Some(LIMIT))?;
    until_prompt(&mut monitor)?;
    let mut said = String::new();
    for command in commands {
        monitor.write_all(format!("{command}\n").as_bytes())?;
        said += &until_prompt(&mut monitor)?;
    }
    Ok(said)
}

fn until_prompt(monitor: &mut UnixStream) -> io::Result<String> {
    let mut said = Vec::new();
    let mut buffer = [0; 4096];
    while !said.ends_with(PROMPT.as_bytes()) {
        match monitor.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => said.extend_from_slice(buffer.get(..count).unwrap_or_default()),
        }
    }
    Ok(String::from_utf8_lossy(&said).into_owned())
}

/// Reads `RIP=…` (x86-64) or `PC=…` (arm64), and `HLT=1` (x86-64; QEMU shows none for arm64).
fn find(registers: &str) -> Option<Position> {
    let mut words = registers.split_whitespace();
    let address = words.find_map(|word| {
        let digits = word
            .strip_prefix("RIP=")
            .or_else(|| word.strip_prefix("PC="))?;
        u64::from_str_radix(digits, 16).ok()
    })?;
    Some(Position {
        address,
        halted: registers.split_whitespace().any(|word| word == "HLT=1"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_position_is_found_on_both_architectures() {
        let x86 = "CPU#0\r\nRAX=0000000000000000 RBX=1\r\nRIP=ffffffff80001234 RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1\r\n";
        let position = |address, halted| Some(Position { address, halted });
        assert_eq!(find(x86), position(0xFFFF_FFFF_8000_1234, true));
        let arm = "CPU#0\r\n PC=ffffffff80005678 X00=0000000000000000\r\n";
        assert_eq!(find(arm), position(0xFFFF_FFFF_8000_5678, false));
        assert_eq!(find("unknown command: 'info registers'"), None);
    }
}
