//! A program: functions, words that name some of them, and where to begin.

use super::bytecode::{Environment, Function, assemble_all, script};
use super::primitives::{PRIMITIVES, described};
use stele_assembly::{OwnedFunction, OwnedModule, OwnedWord};
use stele_bytecode::analysis::{Declared, Mode, Slot, analyse};
use stele_bytecode::module::Limits;
use stele_vm::words::flags;

/// A word of the program; its token is its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WordSpec {
    /// Bits of [`flags`].
    pub(crate) flags: u64,
    /// Index of its function.
    pub(crate) function: Option<u32>,
    /// Its body.
    pub(crate) body: i64,
}

impl WordSpec {
    /// A word that runs a function.
    pub(crate) fn colon(function: u32) -> Self {
        Self {
            flags: 0,
            function: Some(function),
            body: 0,
        }
    }

    /// A word that leaves a number and then runs a function, if it has one.
    pub(crate) fn with_body(function: Option<u32>, body: i64) -> Self {
        Self {
            flags: flags::BODY,
            function,
            body,
        }
    }

    /// A word that does what another does.
    pub(crate) fn deferred(token: i64) -> Self {
        Self {
            flags: flags::DEFERRED,
            function: None,
            body: token,
        }
    }
}

/// A program.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) functions: Vec<Function>,
    pub(crate) words: Vec<WordSpec>,
    /// Index of the function to begin with.
    pub(crate) entry: u32,
    /// Initial contents of data space, from its beginning.
    pub(crate) data: Vec<u8>,
}

/// The environment that has the test primitives and nothing else.
pub(crate) fn environment() -> Environment {
    Environment::new(&described())
}

impl Program {
    /// Begins with the last of `functions`; each is a word.
    pub(crate) fn new(functions: Vec<Function>) -> Self {
        let count = u32::try_from(functions.len()).expect("programs are small");
        Self {
            functions,
            words: (0..count).map(WordSpec::colon).collect(),
            entry: count - 1,
            data: Vec::new(),
        }
    }

    /// The functions of a text as they are, nothing inferred.
    pub(crate) fn declared(text: &str) -> Self {
        let environment = environment().with_text(text);
        let functions = assemble_all(text, &environment);
        Self::new(functions.unwrap_or_else(|error| panic!("{error} of\n{text}")))
    }

    /// The functions of a text, what they declare inferred, in order; checks have to be there where
    /// they are needed.
    pub(crate) fn inferred(text: &str) -> Self {
        let mut program = Self::declared(text);
        let mut environment = environment().with_functions(&program.functions);
        for (index, function) in (0..).zip(&mut program.functions) {
            let mut slots = vec![Slot::default(); function.code.len()];
            let unknown = Declared::unknown();
            let code = &mut function.code;
            let found = analyse(code, &mut slots, &environment, Mode::Infer, unknown)
                .unwrap_or_else(|error| panic!("{}: {error}", function.name));
            assert!(!found.marked, "{}: a check is missing", function.name);
            function.declare(found.declared);
            function.name_itself(index);
            environment.declare(function);
        }
        program
    }

    /// Definitions put through the builder; see the script's module.
    pub(crate) fn built(text: &str) -> Self {
        let functions = script::build(text, &environment());
        Self::new(functions.unwrap_or_else(|error| panic!("{error}")))
    }

    /// The program as a module.
    pub(crate) fn module(&self) -> Vec<u8> {
        let functions = self.functions.iter().map(|function| OwnedFunction {
            header: function.header,
            code: function.code.clone(),
        });
        let words = self.words.iter().map(|word| OwnedWord {
            name: b"word".to_vec(),
            flags: u32::try_from(word.flags).expect("flags are few"),
            function: word.function,
            body: word.body,
        });
        let primitives = PRIMITIVES.iter().map(|row| row.name.as_bytes().to_vec());
        let module = OwnedModule {
            limits: Limits {
                data_space: stele_vm::data::START.unsigned_abs() + self.data.len() as u64,
                ..Limits::default()
            },
            primitives: primitives.collect(),
            functions: functions.collect(),
            words: words.collect(),
            data_address: stele_vm::data::START,
            data: self.data.clone(),
            entry: self.entry,
            ..OwnedModule::default()
        };
        module.encode()
    }
}
