//! Running other programs, with errors that show the command as one would type it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use crate::error::{Error, Result};

/// Runs to the end with our terminal; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|source| start(command, source))?;
    check(command, status)
}

/// Runs to the end and returns standard output as text; anything but success is an error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| start(command, source))?;
    check(command, output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs to the end with everything it says appended to `log`; on failure its last lines are shown.
pub(crate) fn logged(command: &mut Command, log: &Path) -> Result<()> {
    let open = || File::options().create(true).append(true).open(log);
    let file = open().map_err(Error::file("open", log))?;
    let errors = file.try_clone().map_err(Error::file("open", log))?;
    let before = file.metadata().map_or(0, |data| data.len());
    let status = command
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(errors)
        .status()
        .map_err(|source| start(command, source))?;
    check(command, status).map_err(|error| {
        if matches!(error, Error::Interrupted) {
            return error;
        }
        let said = fs::read(log).unwrap_or_default();
        let new = usize::try_from(before)
            .ok()
            .and_then(|start| said.get(start..));
        let text = String::from_utf8_lossy(new.unwrap_or_default()).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines
            .get(lines.len().saturating_sub(8)..)
            .unwrap_or_default();
        Error::Failed(format!("{error}; it said:\n    {}", tail.join("\n    ")))
    })
}

/// The error for a program that could not be started.
pub(crate) fn start(command: &Command, source: io::Error) -> Error {
    Error::Start {
        program: command.get_program().to_string_lossy().into_owned(),
        source,
    }
}

fn check(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    crate::interrupt::check()?;
    Err(Error::Program {
        program: line(command),
        how: how(status),
    })
}

/// How a program ended, in words.
pub(crate) fn how(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exit code {code}"),
        None => status.to_string(),
    }
}

/// The command line as one would type it.
pub(crate) fn line(command: &Command) -> String {
    // Its name is enough for a person: a full path is where PATH leads anyway.
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let mut words = vec![quote(&name.to_string_lossy())];
    words.extend(
        command
            .get_args()
            .map(|word| quote(&word.to_string_lossy())),
    );
    words.join(" ")
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Where a program is found on `PATH`.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|directory| directory.join(program))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_shown_as_one_would_type_it() {
        let mut command = Command::new("apt-get");
        command.args(["install", "-y", "qemu=1:7.2+dfsg", "a b", "it's"]);
        assert_eq!(
            line(&command),
            r"apt-get install -y qemu=1:7.2+dfsg 'a b' 'it'\''s'"
        );
    }
}
