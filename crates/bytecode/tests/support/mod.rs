//! What the tests of this crate share: text to functions and back, with buffers that are large enough.

use proptest::prelude::ProptestConfig;
use proptest::test_runner::FileFailurePersistence;
use stele_bytecode::assembler::{Assembler, AssemblyError, Label, Symbols};
use stele_bytecode::function::Header;
use stele_bytecode::listing::{Numbers, write_function};

/// So many cases, or as many as PROPTEST_CASES says; failures are kept beside the tests.
pub(crate) fn cases(count: u32) -> ProptestConfig {
    let wanted = std::env::var("PROPTEST_CASES").ok();
    ProptestConfig {
        cases: wanted
            .and_then(|wanted| wanted.parse().ok())
            .unwrap_or(count),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    }
}

/// A function with its code, header apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    /// Its name.
    pub(crate) name: String,
    /// What it declares.
    pub(crate) header: Header,
    /// Its code.
    pub(crate) code: Vec<u32>,
}

/// Knows no names.
pub(crate) struct NoSymbols;

impl Symbols for NoSymbols {
    fn function(&self, _: &str) -> Option<u32> {
        None
    }

    fn primitive(&self, _: &str) -> Option<u16> {
        None
    }

    fn token(&self, _: &str) -> Option<u32> {
        None
    }
}

/// All functions of a text.
pub(crate) fn assemble_all<'t>(
    text: &'t str,
    symbols: &dyn Symbols,
) -> Result<Vec<Function>, AssemblyError<'t>> {
    // No line yields more than four words or one label.
    let lines = text.lines().count();
    let mut labels = vec![Label::default(); lines];
    let mut code = vec![0; 4 * lines];
    let mut assembler = Assembler::new(text);
    let mut functions = Vec::new();
    while let Some(found) = assembler.function(symbols, &mut labels, &mut code)? {
        functions.push(Function {
            name: found.name.to_owned(),
            header: found.header,
            code: code[..found.header.length as usize].to_vec(),
        });
    }
    Ok(functions)
}

/// The listing of a function, everything by number.
pub(crate) fn list(name: &str, header: &Header, code: &[u32]) -> String {
    let mut marks = vec![0; code.len()];
    let mut text = String::new();
    write_function(name, header, code, &mut marks, &mut Numbers, &mut text)
        .expect("writing to a string does not fail");
    text
}
