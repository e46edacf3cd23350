//! Loading a module: verify everything, then link, then it runs.

use crate::control_block::Life;
use crate::data::START;
use crate::definition::{allocate_function, function_header};
use crate::machine::Machine;
use crate::scratch::with_table;
use crate::stacks::MAX_CELLS;
use crate::value_stack::MAX_VALUES;
use crate::{Primitive, Trap, dispatch};
use stele_bytecode::analysis::{Callees, CodeError, Declared, Effect, Mode, Slot, analyse};
use stele_bytecode::builder::may_inline;
use stele_bytecode::function::{HEADER_WORDS, Header};
use stele_bytecode::instruction::{Op, Operands};
use stele_bytecode::module::{Limits, Module, ModuleFunction};
use stele_memory::{Arena, CodeRef, CodeSpace, OutOfMemory, ReadError};

/// Why a module was not loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// It uses a primitive this system does not have; its number in the module.
    UnknownPrimitive(usize),
    /// A function breaks a rule: its index, and what is wrong where.
    Code(u32, CodeError),
    /// A function, by index, declares that it may be copied into its callers, and may not.
    NotInline(u32),
    /// A token in a function, at this code word, is not of a word of the module.
    BadToken(u32, usize),
    /// The code names, in this function at this word, a constant that the module does not have.
    BadConstant(u32, usize),
    /// A constant, by number, is not the text of a value.
    Constant(u32, ReadError),
    /// The module needs more than there is.
    Needs {
        /// Of what.
        what: &'static str,
        /// How much it says it needs.
        stated: u64,
        /// How much this instance may have.
        most: u64,
    },
    /// No room, or data space at its limit.
    Trap(Trap),
}

impl core::fmt::Display for LoadError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::UnknownPrimitive(number) => {
                write!(f, "primitive {number} of the module is not known here")
            }
            Self::Code(function, error) => write!(f, "function {function}, {error}"),
            Self::NotInline(function) => {
                write!(
                    f,
                    "function {function}: it is not short and straight, so it may not be copied into its callers"
                )
            }
            Self::BadToken(function, at) => {
                write!(
                    f,
                    "function {function}, at code word {at}: the token is of no word of the module"
                )
            }
            Self::BadConstant(function, at) => write!(
                f,
                "function {function}, at code word {at}: the module has no such constant"
            ),
            Self::Constant(number, error) => {
                write!(f, "constant {number} is not a value: {error}")
            }
            Self::Needs { what, stated, most } => write!(
                f,
                "the module needs {stated} {what}, and this instance may have {most}"
            ),
            Self::Trap(trap) => write!(f, "{}", trap.meaning().unwrap_or("it does not fit")),
        }
    }
}

impl From<OutOfMemory> for LoadError {
    fn from(_: OutOfMemory) -> Self {
        Self::Trap(Trap::OUT_OF_MEMORY)
    }
}

impl From<Trap> for LoadError {
    fn from(trap: Trap) -> Self {
        Self::Trap(trap)
    }
}

/// A module on its way into a world.
struct Loading<'a> {
    module: &'a Module<'a>,
    /// The token that the module's first word is going to have.
    first_token: u32,
    /// The number that its first constant is going to have.
    first_constant: u32,
    primitives: &'a [Primitive],
}

/// What loading knows of the module's functions: what each declares, then where each went.
struct Table<'a> {
    /// Headers, [`HEADER_WORDS`] for each function.
    headers: &'a [u32],
    /// Primitive numbers of this system by those of the module.
    imports: &'a [u32],
    primitives: &'a [Primitive],
}

impl Callees for Table<'_> {
    fn function(&self, operand: u32) -> Option<Effect> {
        let header = Header::decode(header_of(self.headers, operand as usize)?)?;
        Some(Effect::of_function(&header))
    }

    fn primitive(&self, number: u16) -> Option<Effect> {
        let number = *self.imports.get(usize::from(number))? as usize;
        self.primitives
            .get(number)
            .map(|primitive| primitive.effect)
    }
}

/// The words of a function's header among all of them.
fn header_of(headers: &[u32], index: usize) -> Option<&[u32]> {
    let start = index.checked_mul(HEADER_WORDS)?;
    headers.get(start..start.checked_add(HEADER_WORDS)?)
}

impl Machine<'_, '_> {
    /// Verifies all functions of `module` and makes them part of this world.
    ///
    /// `first_token` is the token that the module's first word is going to have. `place` is told
    /// the index and the code of each function.
    ///
    /// # Errors
    /// The first thing wrong; nothing of the module can be reached then.
    pub fn load_module(
        &mut self,
        module: &Module<'_>,
        first_token: u32,
        place: &mut dyn FnMut(u32, CodeRef),
    ) -> Result<(), LoadError> {
        self.check_limits(&module.limits)?;
        let constants = self.constant_count();
        let room = u64::from(u32::MAX) - u64::from(module.constant_count());
        let first_constant = u32::try_from(constants).ok();
        let first_constant = first_constant
            .filter(|first| u64::from(*first) <= room)
            .ok_or(Trap::OUT_OF_MEMORY)?;
        let loading = Loading {
            module,
            first_token,
            first_constant,
            primitives: self.primitives(),
        };
        let system = self.system;
        let imports = module.primitives().count();
        let headers = module.function_count() as usize * HEADER_WORDS;
        let longest = module
            .functions()
            .map(|function| function.header.length)
            .max();
        let longest = longest.unwrap_or(0) as usize;
        with_table(self.arena, imports, WHAT, |arena, imports| {
            loading.resolve_imports(imports)?;
            with_table(arena, headers, WHAT, |arena, headers| {
                with_table(arena, longest, WHAT, |arena, code| {
                    with_table(arena, longest, WHAT, |_, slots| {
                        loading.verify(headers, imports, code, slots)
                    })??;
                    loading.place(arena, system, headers, place)?;
                    loading.link_all(arena, headers, imports, code)
                })?
            })?
        })??;
        for (index, text) in (0..).zip(module.constants()) {
            self.add_constant(index, text)?;
        }
        self.load_data(module)
    }

    /// Refuses a module that says it needs more than this instance may have.
    fn check_limits(&self, limits: &Limits) -> Result<(), LoadError> {
        let needs = [
            (
                "addresses of data space",
                limits.data_space,
                START.unsigned_abs().saturating_add(self.data_limit()),
            ),
            ("cells of stack", limits.cells.into(), MAX_CELLS as u64),
            ("values of stack", limits.values.into(), MAX_VALUES as u64),
        ];
        for (what, stated, most) in needs {
            if stated > most {
                return Err(LoadError::Needs { what, stated, most });
            }
        }
        Ok(())
    }

    /// Fills the part of data space that the module has contents for.
    fn load_data(&mut self, module: &Module<'_>) -> Result<(), LoadError> {
        if module.data.is_empty() {
            return Ok(());
        }
        let length = i64::try_from(module.data.len()).map_err(|_| Trap::DICTIONARY_OVERFLOW)?;
        let end = module
            .data_address
            .checked_add(length)
            .ok_or(Trap::DICTIONARY_OVERFLOW)?;
        self.grow_data(end)?;
        self.bytes_mut(module.data_address, length)?
            .copy_from_slice(module.data);
        Ok(())
    }

    /// Makes the instance ready to begin with a function that needs nothing on the stack; whatever it
    /// was doing is given up.
    ///
    /// # Errors
    /// [`Trap::INVALID_CODE`] if there is no such function; [`Trap::STACK_UNDERFLOW`] if it needs
    /// cells.
    pub fn start(&mut self, function: CodeRef) -> Result<(), Trap> {
        let header = function_header(self.arena, function).ok_or(Trap::INVALID_CODE)?;
        if header.need > 0 {
            return Err(Trap::STACK_UNDERFLOW);
        }
        let halt = self.system_mut().halt;
        crate::stacks::ensure(self, header.room as usize)?;
        self.reset_stacks();
        // SAFETY: there is room for the return address, and `function` is one of the code space.
        unsafe {
            let registers = &mut self.core.registers;
            registers.rp = registers.rp.sub(1);
            *registers.rp = halt;
            let offset = function.offset() as usize + dispatch::CODE_HEADER + HEADER_WORDS * 4;
            registers.ip = self.core.base.add(offset).cast();
        }
        self.store();
        let block = self.block_mut();
        block.life = Life::Ready as u64;
        // The path that begins here is charged as a call would charge it.
        let cost = header.entry_cost;
        block.consumed = block.consumed.saturating_add(u64::from(cost));
        block.balance = block.balance.saturating_sub(i64::from(cost));
        if block.allowance != i64::MAX {
            block.allowance = block.allowance.saturating_sub(i64::from(cost));
        }
        Ok(())
    }
}

impl Loading<'_> {
    /// Finds this system's numbers of the primitives that the module names.
    fn resolve_imports(&self, imports: &mut [u32]) -> Result<(), LoadError> {
        for (number, (import, name)) in imports.iter_mut().zip(self.module.primitives()).enumerate()
        {
            let known = self
                .primitives
                .iter()
                .position(|primitive| primitive.name.as_bytes() == name);
            let known = known.and_then(|known| u32::try_from(known).ok());
            *import = known.ok_or(LoadError::UnknownPrimitive(number))?;
        }
        Ok(())
    }

    /// Holds every function to the rules and to what it declares.
    fn verify(
        &self,
        headers: &mut [u32],
        imports: &[u32],
        code: &mut [u32],
        slots: &mut [Slot],
    ) -> Result<(), LoadError> {
        for (words, function) in headers
            .chunks_exact_mut(HEADER_WORDS)
            .zip(self.module.functions())
        {
            words.copy_from_slice(&function.header.encode());
        }
        let table = Table {
            headers,
            imports,
            primitives: self.primitives,
        };
        for (index, function) in (0..).zip(self.module.functions()) {
            let code = copy_code(&function, code);
            let header = function.header;
            let declared = Declared::of_header(&header);
            analyse(code, slots, &table, Mode::Verify, declared)
                .map_err(|error| LoadError::Code(index, error))?;
            if header.inline && !may_inline(code) {
                return Err(LoadError::NotInline(index));
            }
            let (tokens, constants) = (self.module.word_count(), self.module.constant_count());
            if let Some(at) = operand_beyond(code, Operands::Token, tokens) {
                return Err(LoadError::BadToken(index, at));
            }
            if let Some(at) = operand_beyond(code, Operands::Constant, constants) {
                return Err(LoadError::BadConstant(index, at));
            }
        }
        Ok(())
    }

    /// Makes room for every function; from here on the first word of each header says where it went,
    /// and the word for its number is the one it has in this world.
    fn place(
        &self,
        arena: &mut Arena<'_>,
        system: u64,
        headers: &mut [u32],
        place: &mut dyn FnMut(u32, CodeRef),
    ) -> Result<(), LoadError> {
        for (index, function) in (0..).zip(self.module.functions()) {
            let words = HEADER_WORDS + function.header.length as usize;
            let (code, id) = allocate_function(arena, system, words)?;
            let header = &mut headers[index as usize * HEADER_WORDS..][..HEADER_WORDS];
            header[PLACE] = code.0;
            header[NUMBER] = id;
            place(index, code);
        }
        Ok(())
    }

    /// Writes every function, its operands made those of this world.
    fn link_all(
        &self,
        arena: &mut Arena<'_>,
        headers: &[u32],
        imports: &[u32],
        code: &mut [u32],
    ) -> Result<(), LoadError> {
        for (words, function) in headers
            .chunks_exact(HEADER_WORDS)
            .zip(self.module.functions())
        {
            let code = copy_code(&function, code);
            self.link(code, headers, imports);
            let header = Header {
                id: words[NUMBER],
                ..function.header
            };
            write_function(arena, CodeRef(words[PLACE]), &header, code);
        }
        Ok(())
    }
}

impl Loading<'_> {
    /// Replaces what instructions of verified code name by where it is in this world.
    fn link(&self, code: &mut [u32], places: &[u32], imports: &[u32]) {
        let mut at = 0;
        while let Some(op) = code.get(at).copied().and_then(Op::decode) {
            match op.operands() {
                Operands::Function | Operands::Closure => {
                    code[at + 1] = places[code[at + 1] as usize * HEADER_WORDS + PLACE];
                }
                Operands::Primitive => {
                    let number = imports[(code[at] >> 16) as usize];
                    code[at] = code[at] & 0xFFFF | number << 16;
                }
                Operands::Token => code[at + 1] += self.first_token,
                Operands::Constant => code[at + 1] += self.first_constant,
                _ => {}
            }
            at += op.words();
        }
    }
}

/// What the arena is told its tables are for.
const WHAT: &str = "module";

/// Which word of a placed function's header says where it went.
const PLACE: usize = 0;
/// Which one holds its number (see [`Header::encode`]).
const NUMBER: usize = 4;

/// The code word of the first instruction of verified code with such operands whose operand is not below `count`.
fn operand_beyond(code: &[u32], operands: Operands, count: u32) -> Option<usize> {
    let mut at = 0;
    while let Some(op) = code.get(at).copied().and_then(Op::decode) {
        if op.operands() == operands && code[at + 1] >= count {
            return Some(at);
        }
        at += op.words();
    }
    None
}

/// The function's code, in words.
fn copy_code<'a>(function: &ModuleFunction<'_>, code: &'a mut [u32]) -> &'a mut [u32] {
    let code = &mut code[..function.header.length as usize];
    for (word, source) in code.iter_mut().zip(function.words()) {
        *word = source;
    }
    code
}

fn write_function(arena: &mut Arena<'_>, place: CodeRef, header: &Header, code: &[u32]) {
    if let Some(bytes) = CodeSpace::bytes_mut(arena, place) {
        let words = header.encode().into_iter().chain(code.iter().copied());
        for (bytes, word) in bytes.chunks_exact_mut(4).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
    }
    CodeSpace::freeze(arena, place);
}
