//! Verification: that a loaded arena is a world, whatever bytes it was made from.
//!
//! The interpreter looks at nothing it may rely on. What that is, and so what is verified here before
//! the first instruction runs:
//!
//! 1. **Blocks.** Every block has exactly one owner: the system, the code space, the numbers of
//!    functions, the instance's control block, stacks, value stack, float stack, data space, heap,
//!    definition, watch, backtrace, table of access to words, texts. No block is left over.
//! 2. **Code.** Every code object is a function that keeps the rules of
//!    [`stele_bytecode::analysis`], with callees that are functions of this world and primitives of
//!    the table the world was made with; its number is its place in the order of creation, and the table of
//!    numbers leads to it. (An
//!    object of zeroes is what a failed load left: it has no header, so nothing can call it.)
//! 3. **Values.** The heap verifies itself, with the roots and the value stack. A code reference in it may be any: whoever calls one
//!    looks it up first ([`crate::Machine::header`]), and what is found is a function by rule 2. So may
//!    function values and suspended calls: what they name is looked up, and held to what the code
//!    there declares, whenever they are used.
//! 4. **Stopping place.** The next instruction is one that can be reached, and the stacks hold there
//!    what the verifier found: see `frames` for the rules of depths, return addresses and
//!    handlers. A dead instance has no such place: nothing of it runs again.
//! 5. **Bounds.** Both stacks and the cell between them fit their block, and values and floats theirs; no float is one that no operation leaves; loads and stores of data
//!    space end inside its block.
//! 6. **Definition.** Its builder may go on where it was ([`stele_bytecode::builder::State`]); what
//!    it builds is verified when it is finished.
//! 7. **Operation.** What is in progress is the operation of the primitive that is next. Its words may
//!    be any: the memory checks them on each use, and a forged one answers wrongly and harms nobody.
//! 8. **Capabilities.** The instance holds none that there is not, and none that was revoked; names
//!    given out before are below the counter of names, and none of them is bound.
//!
//! All other words (costs, counters, a language's own words, texts, contents of data space, loop
//! parameters) may be any: they are numbers to everybody, or checked on each use.
//!
//! Read `error`, this page, `functions`, `frames`.

mod error;
mod frames;
mod functions;

use crate::access;
use crate::control_block::{ControlBlock, Life, System};
use crate::definition::words_of;
use crate::devices::{FIRST_NAME, NAMES_LIMIT};
use crate::primitive::{Primitive, fingerprint};
use crate::scratch::with_table;
use crate::side_stack::MAX_ITEMS;
use crate::value_stack::RestoredRoots;
use frames::{Stacks, walk};
use functions::{Places, verify_functions};
use stele_bytecode::instruction::{Op, is_float};
use stele_memory::{Arena, Block, Class, MAXIMUM_SIZE, Root};

pub use error::RestoreError;

/// Verifies a newly loaded arena and takes possession of everything in it; returns the offset of its
/// system.
///
/// # Errors
/// The first thing wrong, and where.
pub(crate) fn adopt(arena: &mut Arena<'_>, primitives: &[Primitive]) -> Result<u64, RestoreError> {
    let at = arena.root();
    // SAFETY: a system is plain words.
    let system = unsafe { claim_at::<System>(arena, at, "the system does not lie here") }?;
    if system.magic != System::MAGIC {
        return Err(RestoreError::State(at, "this is no system of this version"));
    }
    if system.primitives != fingerprint(primitives) {
        let reason = "the code was made for other primitives than these";
        return Err(RestoreError::State(at, reason));
    }
    system.code.adopt(arena)?;
    if system.numbers != Block::NONE {
        arena.claim(system.numbers)?;
    }
    if system.functions > system.numbers.size / 4 {
        let reason = "the table of functions is shorter than they are";
        return Err(RestoreError::State(at, reason));
    }
    if system.functions != system.code.len() {
        return Err(RestoreError::State(at, "the count of functions is wrong"));
    }
    if !(FIRST_NAME..NAMES_LIMIT).contains(&system.names) {
        return Err(RestoreError::State(at, "the counter of names is wrong"));
    }
    if !system.revoked.is_sound() {
        return Err(RestoreError::State(at, NO_SUCH_CAPABILITY));
    }
    match system.vm0 {
        0 => {
            let places = &mut Places::none();
            system.space.adopt(arena, &[], &[] as &[Root])?;
            verify_functions(arena, &system, primitives, places)?;
            own_everything(arena, Block::NONE)?;
        }
        vm => adopt_instance(arena, &system, vm, primitives)?,
    }
    Ok(at)
}

/// Why a set of capabilities is refused.
const NO_SUCH_CAPABILITY: &str = "there is no such capability";

/// Takes possession of the block at `at` and copies what it begins with.
///
/// # Safety
/// Every bit pattern must be a valid `T`.
unsafe fn claim_at<T>(
    arena: &mut Arena<'_>,
    at: u64,
    reason: &'static str,
) -> Result<T, RestoreError> {
    let fits = |block: &Block| block.offset == at && block.size >= size_of::<T>() as u64;
    let block = arena.block_at(at).filter(fits);
    arena.claim(block.ok_or(RestoreError::State(at, reason))?)?;
    // SAFETY: the block is large enough, initialised, and aligned to 256 bytes; the caller says that
    // any bytes will do.
    Ok(unsafe { arena.base().as_ptr().add(at as usize).cast::<T>().read() })
}

fn adopt_instance(
    arena: &mut Arena<'_>,
    system: &System,
    at: u64,
    primitives: &[Primitive],
) -> Result<(), RestoreError> {
    let reason = "the control block does not lie here";
    // SAFETY: a control block is plain words.
    let control = unsafe { claim_at::<ControlBlock>(arena, at, reason) }?;
    let wrong = |reason| Err(RestoreError::State(at, reason));
    let life = match Life::from_word(control.life) {
        None | Some(Life::Running) => return wrong("the instance is in no state that can be kept"),
        Some(life) => life,
    };
    if control.id != 0 {
        return wrong("the first instance has another number than 0");
    }
    if !control.capabilities.is_sound() {
        return wrong(NO_SUCH_CAPABILITY);
    }
    if !control.capabilities.shares_none_with(system.revoked) {
        return wrong("the instance holds a capability that was revoked");
    }
    adopt_data(arena, &control, at)?;
    arena.claim(control.stacks)?;
    let stacks = Stacks::of(&control, at)?;
    adopt_values(arena, system, &control, at)?;
    adopt_floats(arena, &control, at)?;
    adopt_definition(arena, &control, at)?;
    for block in control.watch.blocks() {
        claim_if_any(arena, block)?;
    }
    claim_if_any(arena, control.backtrace.block())?;
    access::adopt(arena, &control, at)?;
    let cells = stacks.return_cells(arena);
    with_table(
        arena,
        cells.len(),
        "the return addresses of a world",
        |arena, sites| {
            let cells = stacks.return_cells(arena);
            let mut places = Places::new(control.instruction, cells, sites);
            verify_functions(arena, system, primitives, &mut places)?;
            if life == Life::Dead {
                return Ok(());
            }
            walk(&stacks, stacks.return_cells(arena), &places, system.halt)?;
            check_operation(arena, &control, at)
        },
    )??;
    own_everything(arena, control.texts)?;
    // SAFETY: the control block was claimed above, and nobody else has it yet; a progress is plain
    // words.
    unsafe {
        let block = arena.base().as_ptr().add(at as usize);
        (*block.cast::<ControlBlock>()).progress.settle();
    }
    Ok(())
}

fn claim_if_any(arena: &mut Arena<'_>, block: Block) -> Result<(), RestoreError> {
    if block != Block::NONE {
        arena.claim(block)?;
    }
    Ok(())
}

/// Takes possession of the value stack, and of the heap and the shared space that it and the roots
/// lead to.
fn adopt_values(
    arena: &mut Arena<'_>,
    system: &System,
    control: &ControlBlock,
    at: u64,
) -> Result<(), RestoreError> {
    // SAFETY: any word is a root to a heap that verifies it. Verification writes to no block but those
    // of the heap, none of which this one can be.
    let values = unsafe { adopt_side_stack::<Root>(arena, control.values, control.value_depth) }?;
    let reason = "the value stack holds more than its block";
    let values = values.ok_or(RestoreError::State(at, reason))?;
    let roots = RestoredRoots {
        kept: &control.roots,
        values,
        operations: &control.value_roots,
    };
    Ok(system.space.adopt(arena, &[&control.heap], &roots)?)
}

/// Takes possession of the float stack, on which no bits may be that no operation leaves.
fn adopt_floats(
    arena: &mut Arena<'_>,
    control: &ControlBlock,
    at: u64,
) -> Result<(), RestoreError> {
    // SAFETY: any word is a number, and nobody writes them while they are looked at.
    let floats = unsafe { adopt_side_stack::<u64>(arena, control.floats, control.float_depth) }?;
    let reason = "the float stack holds more than its block";
    let floats = floats.ok_or(RestoreError::State(at, reason))?;
    if floats.iter().all(|bits| is_float(*bits)) {
        return Ok(());
    }
    let reason = "the float stack holds what is no float of this machine";
    Err(RestoreError::State(control.floats.offset, reason))
}

/// Takes possession of the block of a stack beside that of the cells, and returns the `depth` items
/// on it; `None` if there cannot be so many.
///
/// # Safety
/// Every bit pattern must be a valid `T`, which is one word; the block is not written while the items
/// are in use.
unsafe fn adopt_side_stack<'a, T>(
    arena: &mut Arena<'_>,
    block: Block,
    depth: u64,
) -> Result<Option<&'a [T]>, RestoreError> {
    if block != Block::NONE {
        arena.claim(block)?;
    }
    let places = block.size / size_of::<T>() as u64;
    if places > MAX_ITEMS as u64 || depth > places {
        return Ok(None);
    }
    // SAFETY: the block was just claimed, so it lies in the arena, aligned and initialised, and is at
    // least this long; the caller's promise for the rest.
    Ok(Some(unsafe {
        let start = arena.base().as_ptr().add(block.offset as usize);
        core::slice::from_raw_parts(start.cast::<T>(), depth as usize)
    }))
}

fn adopt_data(arena: &mut Arena<'_>, control: &ControlBlock, at: u64) -> Result<(), RestoreError> {
    if control.data != Block::NONE {
        arena.claim(control.data)?;
    }
    let length = control.data_length;
    let bounded = length <= control.data.size
        && length <= control.data_limit
        && control.data_limit <= MAXIMUM_SIZE
        && [0, length].contains(&control.data_writable);
    if bounded {
        Ok(())
    } else {
        let reason = "the bounds of data space are not those of its block";
        Err(RestoreError::State(at, reason))
    }
}

/// An operation in progress is that of the primitive where the instance stands.
fn check_operation(arena: &Arena<'_>, control: &ControlBlock, at: u64) -> Result<(), RestoreError> {
    let active = control.progress.active;
    // SAFETY: `walk` has found that the instruction is one of a verified function of this arena.
    let word = unsafe {
        let base = arena.base().as_ptr();
        base.add(control.instruction as usize).cast::<u32>().read()
    };
    let primitive = Op::decode(word) == Some(Op::Primitive);
    if active == 0 || primitive && u64::from(word >> 16) + 1 == active {
        return Ok(());
    }
    let reason = "the operation in progress is not that of the next instruction";
    Err(RestoreError::State(at, reason))
}

fn adopt_definition(
    arena: &mut Arena<'_>,
    control: &ControlBlock,
    at: u64,
) -> Result<(), RestoreError> {
    let (code, slots) = (control.code_buffer, control.slot_buffer);
    if code == Block::NONE && slots == Block::NONE {
        return Ok(());
    }
    arena.claim(code)?;
    arena.claim(slots)?;
    let words = words_of(code, slots);
    // SAFETY: the block was just claimed, so it lies in the arena, aligned and initialised, and is at
    // least this long; nobody writes it while it is looked at.
    let code = unsafe {
        let start = arena.base().as_ptr().add(code.offset as usize);
        core::slice::from_raw_parts(start.cast::<u32>(), words)
    };
    if control.builder.is_sound(code) {
        Ok(())
    } else {
        let reason = "the definition cannot be where it says it is";
        Err(RestoreError::State(at, reason))
    }
}

/// Refuses blocks that nobody owns. The texts are the one open block.
fn own_everything(arena: &Arena<'_>, texts: Block) -> Result<(), RestoreError> {
    let mut found = texts == Block::NONE;
    for (block, class) in arena.blocks() {
        match class {
            Class::Sealed => {}
            Class::Open if block == texts => found = true,
            Class::Open | Class::Unclaimed => {
                return Err(RestoreError::State(
                    block.offset,
                    "this block belongs to nobody",
                ));
            }
        }
    }
    if found {
        Ok(())
    } else {
        Err(RestoreError::State(
            texts.offset,
            "the texts do not lie here",
        ))
    }
}
