//! The definition under construction: a builder over two blocks of the arena.
//!
//! The blocks exist only between [`Machine::begin_definition`] and the end of the definition,
//! whichever way it ends; they double when a definition outgrows them.

use crate::control_block::System;
use crate::machine::Machine;
use crate::origin::OriginWriter;
use crate::{Primitive, Trap, dispatch, functions};
use core::slice;
use stele_bytecode::analysis::{Callees, CodeError, Declared, Effect, Slot};
use stele_bytecode::builder::{BuildError, Builder, State};
use stele_bytecode::function::{HEADER_WORDS, Header, MAX_WORDS};
use stele_bytecode::instruction::Op;
use stele_bytecode::lines::Position;
use stele_bytecode::places::Place;
use stele_memory::{Arena, Block, CodeRef, CodeSpace};

/// Words of code a definition has room for at first.
const FIRST_WORDS: usize = 128;

/// What the verifier asks about callees, answered from the code space and the primitives.
pub(crate) struct Linked<'a, 'r> {
    pub(crate) arena: &'a Arena<'r>,
    pub(crate) primitives: &'a [Primitive],
}

impl Callees for Linked<'_, '_> {
    fn function(&self, operand: u32) -> Option<Effect> {
        let header = function_header(self.arena, CodeRef(operand))?;
        Some(Effect::of_function(&header))
    }

    fn primitive(&self, number: u16) -> Option<Effect> {
        self.primitives
            .get(usize::from(number))
            .map(|primitive| primitive.effect)
    }
}

/// The header of a function; `None` if there is no code object at `code`.
pub(crate) fn function_header(arena: &Arena<'_>, code: CodeRef) -> Option<Header> {
    let bytes = CodeSpace::bytes(arena, code)?;
    let mut words = [0u32; HEADER_WORDS];
    for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(4)) {
        *word = u32::from_le_bytes(bytes.try_into().ok()?);
    }
    Header::decode(&words)
}

/// Room for a function of `words` words, header included, and its number, in the world whose system
/// lies at `system`.
pub(crate) fn allocate_function(
    arena: &mut Arena<'_>,
    system: u64,
    words: usize,
) -> Result<(CodeRef, u32), Trap> {
    // SAFETY: a world has its system's block there; it is apart from the blocks of the code space
    // that it describes.
    let system = unsafe { &mut *arena.base().as_ptr().add(system as usize).cast::<System>() };
    let bytes = u32::try_from(words * 4).map_err(|_| Trap::DEFINITION_TOO_LONG)?;
    let id = u32::try_from(system.functions).map_err(|_| Trap::OUT_OF_MEMORY)?;
    functions::reserve(arena, system).map_err(|_| Trap::OUT_OF_MEMORY)?;
    let function = system
        .code
        .allocate(arena, bytes)
        .map_err(|_| Trap::OUT_OF_MEMORY)?;
    functions::enter(arena, system, function);
    Ok((function, id))
}

impl Machine<'_, '_> {
    /// Begins a definition, discarding one that is not finished.
    ///
    /// # Errors
    /// [`Trap::OUT_OF_MEMORY`].
    pub fn begin_definition(&mut self) -> Result<(), Trap> {
        self.discard_definition();
        self.resize_definition(FIRST_WORDS)?;
        self.block_mut().builder = State::new();
        Ok(())
    }

    /// True between `begin_definition` and the definition's end.
    #[must_use]
    pub fn is_defining(&self) -> bool {
        self.block().code_buffer != Block::NONE
    }

    /// Words of code in the definition so far.
    #[must_use]
    pub fn definition_length(&self) -> u64 {
        self.block().builder.length() as u64
    }

    /// Gives up the definition under construction, if there is one.
    pub fn discard_definition(&mut self) {
        let block = self.block();
        for block in [block.code_buffer, block.slot_buffer] {
            if block != Block::NONE {
                // SAFETY: the block was this definition's alone.
                let _ = unsafe { self.arena.free_sealed(block) };
            }
        }
        let block = self.block_mut();
        block.code_buffer = Block::NONE;
        block.slot_buffer = Block::NONE;
    }

    /// Says where the instructions come from that are added to the definition from here on.
    pub fn set_place(&mut self, place: Place) {
        self.block_mut().builder.set_place(place);
    }

    /// Adds to the definition; grows its blocks as often as `add` finds them full.
    ///
    /// # Errors
    /// [`Trap::COMPILER_NESTING`] if nothing is being defined; what `add` came upon;
    /// [`Trap::DEFINITION_TOO_LONG`]; [`Trap::OUT_OF_MEMORY`].
    pub fn build<T>(
        &mut self,
        add: impl Fn(&mut Builder<'_>) -> Result<T, BuildError>,
    ) -> Result<T, Trap> {
        loop {
            let Buffers {
                code,
                places,
                state,
                ..
            } = self.definition()?;
            let before = *state;
            match add(&mut Builder::with_places(code, places, state)) {
                Ok(value) => return Ok(value),
                Err(BuildError::Full) => {
                    *state = before;
                    self.double_definition()?;
                }
                Err(error) => return Err(build_trap(error)),
            }
        }
    }

    /// Finishes the definition: verifies each of its parts, from the last to the first, and makes
    /// functions of them. What comes back is the first part's function.
    ///
    /// # Errors
    /// What the verifier found, as the nearest standard throw code; [`Trap::OUT_OF_MEMORY`]. The
    /// definition is discarded then.
    pub fn finish_definition(&mut self, inline: bool) -> Result<CodeRef, Trap> {
        let mut nowhere = OriginWriter::new(0, Position::default(), &mut []);
        self.finish_definition_from(inline, &mut nowhere)
    }

    /// As [`Machine::finish_definition`], and adds to `origin` where the code of each function came
    /// from.
    ///
    /// # Errors
    /// As [`Machine::finish_definition`].
    pub fn finish_definition_from(
        &mut self,
        inline: bool,
        origin: &mut OriginWriter<'_>,
    ) -> Result<CodeRef, Trap> {
        let result = self.finish_segments(inline, origin);
        self.discard_definition();
        result
    }

    fn finish_segments(
        &mut self,
        inline: bool,
        origin: &mut OriginWriter<'_>,
    ) -> Result<CodeRef, Trap> {
        loop {
            let declared = self.seal_segment()?;
            let function = self.write_segment(declared, inline)?;
            let Buffers {
                code,
                places,
                state,
                ..
            } = self.definition()?;
            let last = state.segments() == 1;
            let mut builder = Builder::with_places(code, places, state);
            origin.function(|out| builder.lines(out));
            builder.drop_segment(function.0);
            if last {
                return Ok(function);
            }
        }
    }

    fn seal_segment(&mut self) -> Result<Declared, Trap> {
        loop {
            let primitives = self.primitives();
            let Buffers {
                code,
                slots,
                places,
                state,
            } = self.definition()?;
            let linked = Linked {
                arena: self.arena,
                primitives,
            };
            let mut builder = Builder::with_places(code, places, state);
            match builder.seal(slots, &linked) {
                Ok(declared) => return Ok(declared),
                Err(BuildError::Full) => self.double_definition()?,
                Err(BuildError::Code(CodeError::ReturnStack(at))) => {
                    return Err(return_stack_trap(builder.segment().get(at).copied()));
                }
                Err(error) => return Err(build_trap(error)),
            }
        }
    }

    fn write_segment(&mut self, declared: Declared, inline: bool) -> Result<CodeRef, Trap> {
        let Buffers { code, state, .. } = self.definition()?;
        let builder = Builder::new(code, state);
        let words = builder.segment().len() + HEADER_WORDS;
        let (function, id) = allocate_function(self.arena, self.system, words)?;
        // SAFETY: the new function's words lie in the arena apart from the definition's blocks, and
        // nothing else refers to them yet.
        let out = unsafe {
            let start = self
                .core
                .base
                .add(function.offset() as usize + dispatch::CODE_HEADER);
            slice::from_raw_parts_mut(start.cast::<u32>(), words)
        };
        let _ = builder.write(declared, function.0, id, inline, out);
        CodeSpace::freeze(self.arena, function);
        Ok(function)
    }

    /// The definition's buffers and state, free of the machine's borrow so that both can be used.
    fn definition<'a>(&self) -> Result<Buffers<'a>, Trap> {
        if !self.is_defining() {
            return Err(Trap::COMPILER_NESTING);
        }
        let block = self.block_pointer();
        // SAFETY: the two blocks and the state's field of the control block are apart from each
        // other and from everything the callers touch while they hold these; each caller is a
        // method above that lets go of them before the blocks are freed or resized. The first is long
        // enough for the words and the places behind them, the second for the slots; any bytes will do
        // for all of them, and both blocks are aligned to 256 bytes, the places to 8.
        unsafe {
            let control = &mut *block;
            let words = words_of(control.code_buffer, control.slot_buffer);
            let code = self.core.base.add(control.code_buffer.offset as usize);
            let slots = self.core.base.add(control.slot_buffer.offset as usize);
            Ok(Buffers {
                code: slice::from_raw_parts_mut(code.cast(), words),
                places: slice::from_raw_parts_mut(code.add(4 * words).cast(), words),
                slots: slice::from_raw_parts_mut(slots.cast(), words),
                state: &mut control.builder,
            })
        }
    }

    fn double_definition(&mut self) -> Result<(), Trap> {
        let block = self.block();
        let words = words_of(block.code_buffer, block.slot_buffer);
        if words >= MAX_WORDS {
            return Err(Trap::DEFINITION_TOO_LONG);
        }
        self.resize_definition(words * 2)
    }

    /// Moves the definition to blocks for `words` words of code, or the most there may be.
    fn resize_definition(&mut self, words: usize) -> Result<(), Trap> {
        let words = words.min(MAX_WORDS) as u64;
        let code = self
            .arena
            .allocate_sealed(words * WORD_BYTES as u64, "definition")
            .map_err(|_| Trap::OUT_OF_MEMORY)?;
        let slot_bytes = words * size_of::<Slot>() as u64;
        let Ok(slots) = self.arena.allocate_sealed(slot_bytes, "definition") else {
            // SAFETY: nobody has seen the block yet.
            let _ = unsafe { self.arena.free_sealed(code) };
            return Err(Trap::OUT_OF_MEMORY);
        };
        let (old, old_words) = {
            let block = self.block();
            (
                block.code_buffer,
                words_of(block.code_buffer, block.slot_buffer),
            )
        };
        let words = words_of(code, slots);
        // SAFETY: two blocks of the arena; the new one has room for more words and their places.
        unsafe {
            let (old, new) = (
                self.core.base.add(old.offset as usize),
                self.core.base.add(code.offset as usize),
            );
            new.copy_from_nonoverlapping(old, 4 * old_words);
            new.add(4 * words)
                .copy_from_nonoverlapping(old.add(4 * old_words), 8 * old_words);
        }
        self.discard_definition();
        let block = self.block_mut();
        block.code_buffer = code;
        block.slot_buffer = slots;
        Ok(())
    }
}

/// Bytes that a word of code takes in its block: its own, and those of its place.
const WORD_BYTES: usize = 4 + size_of::<Place>();

/// Words of code that a definition's blocks have room for: an even number, so that the places behind
/// them are aligned.
pub(crate) fn words_of(code: Block, slots: Block) -> usize {
    let words = code.size as usize / WORD_BYTES;
    let words = words.min(slots.size as usize / size_of::<Slot>());
    words.min(MAX_WORDS) & !1
}

/// What a definition is built in.
struct Buffers<'a> {
    code: &'a mut [u32],
    /// What the verifier remembers of each word.
    slots: &'a mut [Slot],
    /// Where the instruction at each word came from.
    places: &'a mut [Place],
    state: &'a mut State,
}

/// The throw code for taking what is not there from the return stack.
fn return_stack_trap(instruction: Option<u32>) -> Trap {
    match instruction.and_then(Op::decode) {
        Some(Op::I | Op::J | Op::Unloop | Op::Loop | Op::PlusLoop) => Trap::LOOP_PARAMETERS,
        _ => Trap::RETURN_STACK_IMBALANCE,
    }
}

/// The throw code nearest to what went wrong in building.
fn build_trap(error: BuildError) -> Trap {
    match error {
        BuildError::Full | BuildError::TooManySegments | BuildError::Code(CodeError::Length(_)) => {
            Trap::DEFINITION_TOO_LONG
        }
        BuildError::Mismatch => Trap::CONTROL_MISMATCH,
        BuildError::NoLoop => Trap::LOOP_PARAMETERS,
        BuildError::TooManyLocals => Trap::TOO_MANY_LOCALS,
        BuildError::LocalsPlace => Trap::LOCALS_PLACE,
        BuildError::Code(CodeError::ReturnDepth(_)) => Trap::RETURN_STACK_IMBALANCE,
        BuildError::Code(CodeError::TooDeep(_)) => Trap::STACK_OVERFLOW,
        BuildError::Code(_) => Trap::INVALID_CODE,
    }
}
