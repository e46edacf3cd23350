//! A program: functions, words that name some of them, and where to begin.

use super::bytecode::{Environment, Function, assemble_all, script};
use super::primitives::{PRIMITIVES, described};
use stele_bytecode::analysis::{Declared, Mode, Slot, analyse};
use stele_bytecode::module::{self, ModuleWord};
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
        let count = |length: usize| {
            u32::try_from(length)
                .expect("programs are small")
                .to_le_bytes()
        };
        let mut bytes = Vec::new();
        let contents = |sink: &mut dyn FnMut(&[u8])| {
            sink(&count(PRIMITIVES.len()));
            for primitive in PRIMITIVES {
                module::write_name(primitive.name.as_bytes(), sink);
            }
            sink(&count(self.functions.len()));
            for function in &self.functions {
                module::write_function(&function.header.encode(), sink);
                module::write_function(&function.code, sink);
            }
            sink(&count(self.words.len()));
            for word in &self.words {
                let word = ModuleWord {
                    name: b"word",
                    flags: u32::try_from(word.flags).expect("flags are few"),
                    function: word.function,
                    body: word.body,
                };
                module::write_word(&word, sink);
            }
            sink(&stele_vm::data::START.to_le_bytes());
            sink(&count(self.data.len()));
            sink(&self.data);
            sink(&self.entry.to_le_bytes());
        };
        module::write(contents, &mut |part| bytes.extend_from_slice(part));
        bytes
    }
}
