//! Loading a module: verify everything, then link, then it runs.

use crate::control_block::Life;
use crate::definition::function_header;
use crate::machine::Machine;
use crate::{Primitive, Trap, dispatch};
use core::slice;
use stele_bytecode::analysis::{Callees, CodeError, Declared, Effect, Mode, Slot, analyse};
use stele_bytecode::function::{HEADER_WORDS, Header};
use stele_bytecode::instruction::{Op, Operands};
use stele_bytecode::module::Module;
use stele_memory::{Block, CodeRef, CodeSpace};

/// Why a module was not loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// It uses a primitive this system does not have; its number in the module.
    UnknownPrimitive(usize),
    /// A function breaks a rule: its index, and what is wrong where.
    Code(u32, CodeError),
    /// A token in a function, at this code word, is not of a word of the module.
    BadToken(u32, usize),
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
            Self::BadToken(function, at) => {
                write!(
                    f,
                    "function {function}, at code word {at}: the token is of no word of the module"
                )
            }
            Self::Trap(trap) => write!(f, "{}", trap.meaning().unwrap_or("it does not fit")),
        }
    }
}

impl From<Trap> for LoadError {
    fn from(trap: Trap) -> Self {
        Self::Trap(trap)
    }
}

/// The functions of a module being loaded: while verifying, what each declares; after that, where
/// each went.
struct Table<'a> {
    module: &'a Module<'a>,
    /// Declared headers, [`HEADER_WORDS`] for each function.
    headers: &'a mut [u32],
    /// Primitive numbers of this system by those of the module.
    imports: &'a [u32],
    primitives: &'a [Primitive],
}

impl Callees for Table<'_> {
    fn function(&self, operand: u32) -> Option<Effect> {
        let start = (operand as usize).checked_mul(HEADER_WORDS)?;
        let header = Header::decode(self.headers.get(start..start + HEADER_WORDS)?)?;
        Some(Effect {
            need: header.need,
            delta: header.delta,
            room: 0,
            cost: 0,
        })
    }

    fn primitive(&self, number: u16) -> Option<Effect> {
        let number = *self.imports.get(usize::from(number))? as usize;
        self.primitives
            .get(number)
            .map(|primitive| primitive.effect)
    }
}

/// Words of an arena block, for as long as one load takes.
struct Scratch<'a> {
    words: &'a mut [u32],
    block: Block,
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
        let functions = module.function_count() as usize;
        let imports = self.scratch(module.primitives().count())?;
        let headers = self.scratch(functions * HEADER_WORDS)?;
        let longest = module
            .functions()
            .map(|function| function.code.len() / 4)
            .max()
            .unwrap_or(0);
        let code = self.scratch(longest)?;
        let slots = self.scratch(longest * size_of::<Slot>() / 4)?;
        let blocks = [imports.block, headers.block, code.block, slots.block];
        let result = self.load_with(
            module,
            first_token,
            place,
            imports.words,
            headers.words,
            code.words,
            slots.words,
        );
        for block in blocks {
            // SAFETY: the blocks were this load's alone.
            let _ = unsafe { self.arena.free_sealed(block) };
        }
        result
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "the scratch of one load, split by use"
    )]
    fn load_with(
        &mut self,
        module: &Module<'_>,
        first_token: u32,
        place: &mut dyn FnMut(u32, CodeRef),
        imports: &mut [u32],
        headers: &mut [u32],
        code: &mut [u32],
        slots: &mut [u32],
    ) -> Result<(), LoadError> {
        let primitives = self.primitives();
        for (number, (import, name)) in imports.iter_mut().zip(module.primitives()).enumerate() {
            let known = primitives
                .iter()
                .position(|primitive| primitive.name.as_bytes() == name);
            *import = known
                .and_then(|known| u32::try_from(known).ok())
                .ok_or(LoadError::UnknownPrimitive(number))?;
        }
        for (words, function) in headers
            .chunks_exact_mut(HEADER_WORDS)
            .zip(module.functions())
        {
            words.copy_from_slice(&function.header.encode());
        }
        // SAFETY: slots are plain words, and the scratch is aligned and long enough for them.
        let slots = unsafe {
            slice::from_raw_parts_mut(
                slots.as_mut_ptr().cast::<Slot>(),
                slots.len() * 4 / size_of::<Slot>(),
            )
        };
        let table = Table {
            module,
            headers,
            imports,
            primitives,
        };
        table.verify(code, slots)?;
        for index in 0..module.function_count() {
            let start = index as usize * HEADER_WORDS;
            let header =
                Header::decode(&headers[start..start + HEADER_WORDS]).ok_or(Trap::INVALID_CODE)?;
            let (function, id) = self.allocate_function(HEADER_WORDS + header.length as usize)?;
            // From here on the first word of each header says where the function went.
            headers[start] = function.0;
            headers[start + 4] = id;
            place(index, function);
        }
        for (index, function) in module.functions().enumerate() {
            let start = index * HEADER_WORDS;
            let place = CodeRef(headers[start]);
            let header = Header {
                id: headers[start + 4],
                ..function.header
            };
            let code = &mut code[..header.length as usize];
            for (word, source) in code.iter_mut().zip(function.words()) {
                *word = source;
            }
            link(code, headers, imports, first_token, module.word_count())
                .map_err(|at| LoadError::BadToken(u32::try_from(index).unwrap_or(u32::MAX), at))?;
            self.write_function(place, &header, code);
        }
        if !module.data.is_empty() {
            let length = i64::try_from(module.data.len()).map_err(|_| Trap::DICTIONARY_OVERFLOW)?;
            let end = module
                .data_address
                .checked_add(length)
                .ok_or(Trap::DICTIONARY_OVERFLOW)?;
            self.grow_data(end)?;
            self.bytes_mut(module.data_address, length)?
                .copy_from_slice(module.data);
        }
        Ok(())
    }

    fn write_function(&mut self, place: CodeRef, header: &Header, code: &[u32]) {
        if let Some(bytes) = CodeSpace::bytes_mut(self.arena, place) {
            let words = header.encode().into_iter().chain(code.iter().copied());
            for (bytes, word) in bytes.chunks_exact_mut(4).zip(words) {
                bytes.copy_from_slice(&word.to_le_bytes());
            }
        }
        CodeSpace::freeze(self.arena, place);
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
        self.block_mut().life = Life::Ready as u64;
        Ok(())
    }

    fn scratch<'a>(&mut self, words: usize) -> Result<Scratch<'a>, LoadError> {
        let bytes = (words as u64 * 4).max(8);
        let block = self
            .arena
            .allocate_sealed(bytes, "module")
            .map_err(|_| Trap::OUT_OF_MEMORY)?;
        // SAFETY: the block is new and sealed, and its only user, `load_module`, frees it last.
        let words = unsafe {
            slice::from_raw_parts_mut(
                self.core.base.add(block.offset as usize).cast::<u32>(),
                words,
            )
        };
        Ok(Scratch { words, block })
    }
}

impl Table<'_> {
    /// Holds every function to the rules and to what it declares.
    fn verify(&self, code: &mut [u32], slots: &mut [Slot]) -> Result<(), LoadError> {
        for (index, function) in self.module.functions().enumerate() {
            let code = &mut code[..function.header.length as usize];
            for (word, source) in code.iter_mut().zip(function.words()) {
                *word = source;
            }
            let header = function.header;
            let declared = Declared {
                need: header.need,
                room: header.room,
                delta: header.delta,
                entry_cost: header.entry_cost,
            };
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            analyse(code, slots, self, Mode::Verify, declared)
                .map_err(|error| LoadError::Code(index, error))?;
        }
        Ok(())
    }
}

/// Replaces what instructions of verified code name by where it is in this world.
///
/// # Errors
/// The code word of a token that is of no word of the module.
fn link(
    code: &mut [u32],
    places: &[u32],
    imports: &[u32],
    first_token: u32,
    words: u32,
) -> Result<(), usize> {
    let mut at = 0;
    while let Some(op) = code.get(at).copied().and_then(Op::decode) {
        match op.operands() {
            Operands::Function => {
                let index = code[at + 1] as usize;
                code[at + 1] = places[index * HEADER_WORDS];
            }
            Operands::Primitive => {
                let number = imports[(code[at] >> 16) as usize];
                code[at] = code[at] & 0xFFFF | number << 16;
            }
            Operands::Token => {
                if code[at + 1] >= words {
                    return Err(at);
                }
                code[at + 1] += first_token;
            }
            _ => {}
        }
        at += op.words();
    }
    Ok(())
}
