//! Modules of bytecode as text, and text as modules: for people who want to see, or write, what runs.

use std::io::Write;
use std::path::Path;
use std::{fs, io};

use crate::arguments::Arguments;
use crate::failure::Failure;
use stele_assembly::{assemble, disassemble};
use stele_bytecode::module::Module;
use stele_forth::PRIMITIVES;

/// Does what the arguments say about modules; false if they say nothing.
///
/// # Errors
/// For what cannot be read or written, and for what is no module, or makes none.
pub(crate) fn convert(arguments: &Arguments) -> Result<bool, Failure> {
    if let Some(path) = &arguments.disassemble {
        let bytes = fs::read(path).map_err(|error| unreadable(path, error))?;
        let module = Module::read(&bytes).map_err(|error| wrong(path, &error))?;
        let text = disassemble(&module);
        io::stdout()
            .write_all(text.as_bytes())
            .map_err(Failure::Write)?;
        return Ok(true);
    }
    let (Some(path), Some(output)) = (&arguments.assemble, &arguments.output) else {
        return Ok(false);
    };
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
    let effect = |name: &str| {
        let row = PRIMITIVES.iter().find(|row| row.name == name)?;
        Some(row.effect)
    };
    let module = assemble(&text, &effect).map_err(|error| wrong(path, &error))?;
    fs::write(output, module.encode()).map_err(|error| Failure::WriteFile {
        name: output.display().to_string(),
        error,
    })?;
    Ok(true)
}

fn unreadable(path: &Path, error: io::Error) -> Failure {
    let name = path.display().to_string();
    Failure::Read { name, error }
}

fn wrong(path: &Path, reason: &dyn std::error::Error) -> Failure {
    Failure::Module {
        name: path.display().to_string(),
        reason: reason.to_string(),
    }
}
