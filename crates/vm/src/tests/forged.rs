//! Worlds that were sound until somebody changed one thing in them: each is refused for that.

use super::small_world::{Memory, PRIMITIVES, TURN, attached, control, make_words, new, run, save};
use super::std::string::{String, ToString};
use crate::control_block::{ControlBlock, Life, System};
use crate::dispatch::CODE_HEADER;
use crate::watch::Watching;
use crate::{Outcome, World};
use stele_bytecode::builder::State;
use stele_bytecode::function::HEADER_WORDS;
use stele_bytecode::instruction::Op;
use stele_memory::{Block, CodeRef};

/// Loads what is left of a world after `forge`, which it ran through `stops` safepoints before.
fn loaded(stops: usize, forge: impl FnOnce(&mut World<'_>)) -> Result<(), String> {
    let mut memory = Memory::new(0);
    let mut world = new(&mut memory);
    run(&mut world, stops);
    forge(&mut world);
    let image = save(&world);
    let mut other = Memory::new(5);
    match World::load(other.region(), &image, PRIMITIVES) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

/// Asserts that the world is refused, for a reason that contains `reason`.
fn refused(stops: usize, reason: &str, forge: impl FnOnce(&mut World<'_>)) {
    let error = loaded(stops, forge).expect_err(reason);
    assert!(error.contains(reason), "{error}");
    assert!(error.contains("arena offset 0x"), "{error}");
}

/// A stop inside the recursion in the counted loop. The return stack, from the bottom: 0 the end, 1 a
/// cell of the main function's, 2 and 3 a handler's record, 4 main, 5 the body, 6 and 7 a loop's
/// parameters, 8 the loop's function, 9 a cell of the middle's, 10 the middle, 11 the recursion.
const DEEP: usize = 23;

fn refused_deep(reason: &str, forge: impl FnOnce(&mut ControlBlock)) {
    refused(DEEP, reason, |world| forge(control(world)));
}

/// The cell with `below` return cells below it.
fn return_cell<'w>(world: &'w mut World<'_>, below: u64) -> &'w mut u64 {
    let stacks = control(world).stacks;
    word(world, stacks.offset + stacks.size - 8 * (below + 1))
}

fn word<'w>(world: &'w mut World<'_>, offset: u64) -> &'w mut u64 {
    // SAFETY: the tests name words of allocated blocks, and the world is borrowed exclusively.
    unsafe {
        &mut *world
            .arena
            .base()
            .as_ptr()
            .add(offset as usize)
            .cast::<u64>()
    }
}

fn code_word<'w>(world: &'w mut World<'_>, offset: u64) -> &'w mut u32 {
    // SAFETY: as in `word`.
    unsafe {
        &mut *world
            .arena
            .base()
            .as_ptr()
            .add(offset as usize)
            .cast::<u32>()
    }
}

fn system<'w>(world: &'w mut World<'_>) -> &'w mut System {
    // SAFETY: the block is the system, and the world is borrowed exclusively.
    unsafe {
        &mut *world
            .arena
            .base()
            .as_ptr()
            .add(world.system as usize)
            .cast::<System>()
    }
}

/// The function made `number`-th, its header first.
fn function(world: &mut World<'_>, number: usize) -> u64 {
    let code = system(world) as *const System;
    // SAFETY: the system is only looked at.
    let mut functions = unsafe { &*code }.code.iterate(&world.arena);
    let found: CodeRef = functions.nth(number).expect("there are so many");
    found.offset() + CODE_HEADER as u64
}

/// Offset of the first word of code of the function made `number`-th that begins with `op`.
fn instruction(world: &mut World<'_>, number: usize, op: Op) -> u64 {
    let mut at = function(world, number) + 4 * HEADER_WORDS as u64;
    while let Some(found) = Op::decode(*code_word(world, at)).filter(|found| *found != op) {
        at += 4 * found.words() as u64;
    }
    at
}

#[test]
fn a_world_is_loaded_wherever_it_stopped() {
    for stops in (0..150).step_by(if cfg!(miri) { 49 } else { 1 }) {
        assert_eq!(loaded(stops, |_| ()), Ok(()), "after {stops} safepoints");
    }
}

#[test]
fn a_world_without_instances_is_loaded() {
    let mut memory = Memory::new(0);
    let world = World::new(memory.region(), PRIMITIVES).expect("the region is large enough");
    let image = save(&world);
    let mut other = Memory::new(1);
    let world = World::load(other.region(), &image, PRIMITIVES).expect("it is sound");
    assert_eq!(world.life(0), None);
}

#[test]
fn the_stop_that_is_forged_lies_where_it_is_said_to() {
    let mut memory = Memory::new(0);
    let mut world = new(&mut memory);
    run(&mut world, DEEP);
    let block = control(&mut world);
    assert_eq!((block.depth, block.return_depth, block.handler), (1, 12, 4));
    assert_eq!(*return_cell(&mut world, 1), 9);
}

#[test]
fn forged_return_addresses_are_refused() {
    let no_address = "the return stack holds something else than a return address";
    for cell in [4, 5, 8, 10, 11] {
        for forged in [0, 12_345, u64::MAX] {
            refused(DEEP, no_address, |world| *return_cell(world, cell) = forged);
        }
        refused(DEEP, no_address, |world| *return_cell(world, cell) += 4);
        refused(DEEP, no_address, |world| {
            *return_cell(world, cell) = control(world).instruction;
        });
        refused(DEEP, no_address, |world| {
            *return_cell(world, cell) = system(world).halt;
        });
    }
    refused(DEEP, no_address, |world| *return_cell(world, 0) += 4);
}

#[test]
fn a_return_into_a_function_that_relies_on_other_depths_is_refused() {
    // Which function was called does not matter, for a tail call may have put another in its place; what it
    // leaves does.
    let reason = "the data stack does not hold what the caller relies on";
    refused(DEEP, reason, |world| {
        *return_cell(world, 11) = *return_cell(world, 8);
    });
    let reason = "something else than a return address";
    refused(DEEP, reason, |world| {
        *return_cell(world, 8) = *return_cell(world, 10);
    });
}

#[test]
fn a_return_stack_that_ends_too_early_or_too_late_is_refused() {
    refused(
        DEEP,
        "before the first function's return address",
        |world| {
            // The end is all there is.
            *return_cell(world, 0) = *return_cell(world, 11);
            let block = control(world);
            block.return_depth = 1;
            block.handler = 0;
        },
    );
    refused(DEEP, "something else than a return address", |world| {
        *return_cell(world, 12) = 1;
        control(world).return_depth += 1;
    });
    refused(DEEP, "a function's own cells", |world| {
        *return_cell(world, 0) = *return_cell(world, 10);
        control(world).return_depth = 1;
    });
}

#[test]
fn forged_handlers_are_refused() {
    let other = "the handlers are not those of the guarded calls";
    for handler in [0, 1, 3, 5, 12, 13, u64::MAX] {
        refused_deep(other, |block| block.handler = handler);
    }
    let none = "a handler's record is not under a guarded call";
    for outer in [1, 2, 4, u64::MAX] {
        refused(DEEP, none, |world| *return_cell(world, 3) = outer);
    }
    for depth in [64, 61, u64::MAX, u64::MAX - 1, 33 << 32] {
        refused(
            DEEP,
            "the depths that a handler keeps do not fit",
            |world| {
                *return_cell(world, 2) = depth;
            },
        );
    }
}

#[test]
fn forged_depths_are_refused() {
    let block = "the stacks hold more than their block";
    refused_deep(block, |block| block.depth = u64::MAX);
    refused_deep(block, |block| block.depth = 64 - 12);
    refused_deep(block, |block| block.return_depth = u64::MAX);
    refused_deep(block, |block| block.return_depth = 63);
    let next = "the data stack does not hold what the next instructions take";
    refused_deep(next, |block| block.depth = 0);
    refused(DEEP, next, |world| {
        let header = function(world, 1);
        *code_word(world, header + 4) += 1;
        control(world).depth = 64 - 13;
    });
    // The loop's function and the middle one declare that they need more than there is: the callers
    // would find nothing to return with.
    refused(
        DEEP,
        "the data stack does not hold what the caller relies on",
        |world| {
            for number in [2, 3] {
                let header = function(world, number);
                *code_word(world, header + 8) += 50;
            }
        },
    );
}

/// Values at the stop inside the recursion: one of the body, one of the loop, one of the middle, and
/// what the recursion copied.
const DEEP_VALUES: u64 = 4;

#[test]
fn forged_depths_of_values_are_refused() {
    let block = "the value stack holds more than its block";
    for depth in [33, u64::MAX, 1 << 61] {
        refused_deep(block, |block| block.value_depth = depth);
    }
    // The loop's function began with one value; with less than none it cannot have.
    let caller = "the value stack does not hold what the caller relies on";
    for depth in 0..DEEP_VALUES - 1 {
        refused_deep(caller, |block| block.value_depth = depth);
    }
    for depth in [DEEP_VALUES - 1, DEEP_VALUES] {
        let outcome = loaded(DEEP, |world| {
            assert_eq!(control(world).value_depth, DEEP_VALUES);
            control(world).value_depth = depth;
        });
        assert_eq!(outcome, Ok(()));
    }
    // The recursion goes on behind its check, and there it takes a value.
    refused(
        DEEP,
        "the value stack does not hold what the next instructions take",
        |world| {
            let check = instruction(world, 1, Op::CheckValues);
            *code_word(world, check + 4) += 4;
            control(world).instruction = check + 8;
        },
    );
    // The loop's function declares that it needs more than there is.
    refused(DEEP, caller, |world| {
        let check = instruction(world, 3, Op::CheckValues);
        *code_word(world, check + 4) += 2;
    });
    // It may ask for as much room as there is, not for more.
    for (room, accepted) in [(31, true), (32, false)] {
        let outcome = loaded(DEEP, |world| {
            let check = instruction(world, 3, Op::CheckValues);
            *code_word(world, check + 4) = room << 16;
        });
        assert_eq!(outcome.is_ok(), accepted, "{room}: {outcome:?}");
    }
    let handler = "the depths that a handler keeps do not fit";
    for (depth, accepted) in [(32, true), (33, false), ((1 << 21) - 1, false)] {
        let outcome = loaded(DEEP, |world| {
            let cell = return_cell(world, 2);
            *cell = *cell & !(0x1F_FFFF << 21) | depth << 21;
        });
        assert_eq!(outcome.is_ok(), accepted, "{depth}: {outcome:?}");
        assert!(outcome.is_ok() || outcome.is_err_and(|error| error.contains(handler)));
    }
}

/// Floats at the stop inside the recursion, as of values.
const DEEP_FLOATS: u64 = 4;

#[test]
fn forged_depths_of_floats_are_refused() {
    let block = "the float stack holds more than its block";
    for depth in [33, u64::MAX, 1 << 61] {
        refused_deep(block, |block| block.float_depth = depth);
    }
    let caller = "the float stack does not hold what the caller relies on";
    for depth in 0..DEEP_FLOATS - 1 {
        refused_deep(caller, |block| block.float_depth = depth);
    }
    for depth in [DEEP_FLOATS - 1, DEEP_FLOATS] {
        let outcome = loaded(DEEP, |world| {
            assert_eq!(control(world).float_depth, DEEP_FLOATS);
            control(world).float_depth = depth;
        });
        assert_eq!(outcome, Ok(()));
    }
    // The recursion goes on behind its check, and there it takes a float.
    refused(
        DEEP,
        "the float stack does not hold what the next instructions take",
        |world| {
            let check = instruction(world, 1, Op::CheckFloats);
            *code_word(world, check + 4) += 4;
            control(world).instruction = check + 8;
        },
    );
    // The loop's function declares that it needs more than there is.
    refused(DEEP, caller, |world| {
        let check = instruction(world, 3, Op::CheckFloats);
        *code_word(world, check + 4) += 2;
    });
    for (room, accepted) in [(31, true), (32, false)] {
        let outcome = loaded(DEEP, |world| {
            let check = instruction(world, 3, Op::CheckFloats);
            *code_word(world, check + 4) = room << 16;
        });
        assert_eq!(outcome.is_ok(), accepted, "{room}: {outcome:?}");
    }
    let handler = "the depths that a handler keeps do not fit";
    for (depth, accepted) in [(32, true), (33, false), ((1 << 22) - 1, false)] {
        let outcome = loaded(DEEP, |world| {
            let cell = return_cell(world, 2);
            *cell = *cell & !(0x3F_FFFF << 42) | depth << 42;
        });
        assert_eq!(outcome.is_ok(), accepted, "{depth}: {outcome:?}");
        assert!(outcome.is_ok() || outcome.is_err_and(|error| error.contains(handler)));
    }
}

#[test]
fn forged_blocks_of_floats_are_refused() {
    let taken = "there is no such block, or somebody else has it";
    refused_deep(taken, |block| block.floats = block.stacks);
    refused_deep(taken, |block| block.floats = block.values);
    refused_deep(taken, |block| block.floats.size += 8);
    refused_deep(taken, |block| block.floats.size = 0);
    refused_deep("the float stack holds more", |block| {
        block.floats = Block::NONE;
    });
    refused(DEEP, "belongs to nobody", |world| {
        let block = control(world);
        block.floats = Block::NONE;
        block.float_depth = 0;
        block.life = Life::Dead as u64;
    });
}

#[test]
fn a_forged_float_is_refused_if_no_operation_leaves_it() {
    for (forged, accepted) in [
        (0x7FF8 << 48, true),
        (0x7FF0 << 48, true),
        (1 << 63, true),
        (1, true),
        (0xFFF8 << 48, false),
        ((0x7FF8 << 48) + 1, false),
        (u64::MAX, false),
    ] {
        let outcome = loaded(DEEP, |world| {
            let floats = control(world).floats.offset;
            *word(world, floats + 8) = forged;
        });
        assert_eq!(outcome.is_ok(), accepted, "{forged:#x}: {outcome:?}");
        // Above the top nothing matters.
        let outcome = loaded(DEEP, |world| {
            let floats = control(world).floats.offset;
            *word(world, floats + 8 * DEEP_FLOATS) = forged;
        });
        assert_eq!(outcome, Ok(()));
    }
}

#[test]
fn forged_blocks_of_values_are_refused() {
    let taken = "there is no such block, or somebody else has it";
    refused_deep(taken, |block| block.values = block.stacks);
    refused_deep(taken, |block| block.values.size += 8);
    refused_deep(taken, |block| block.values.size = 0);
    refused_deep("the value stack holds more", |block| {
        block.values = Block::NONE;
    });
    refused(DEEP, "belongs to nobody", |world| {
        let block = control(world);
        block.values = Block::NONE;
        block.value_depth = 0;
        block.life = Life::Dead as u64;
    });
}

#[test]
fn a_forged_value_is_refused() {
    for forged in [0b11, u64::MAX << 3, 0xFFF0_0003] {
        let outcome = loaded(DEEP, |world| {
            let values = control(world).values.offset;
            *word(world, values + 8) = forged;
        });
        assert!(outcome.is_err(), "{forged:#x}");
        // Above the top nothing matters.
        let outcome = loaded(DEEP, |world| {
            let values = control(world).values.offset;
            *word(world, values + 8 * DEEP_VALUES) = forged;
        });
        assert_eq!(outcome, Ok(()));
    }
}

#[test]
fn an_instruction_that_is_none_is_refused() {
    let reason = "the instance cannot have stopped here";
    refused_deep(reason, |block| block.instruction = 0);
    refused_deep(reason, |block| block.instruction += 1);
    refused_deep(reason, |block| block.instruction = u64::MAX);
    for (number, op, further) in [
        (2, Op::Call, 4),
        (7, Op::CatchExit, 0),
        // Behind a throw that is always taken, in the middle of a function, comes nothing.
        (4, Op::Raise, 1),
    ] {
        refused(DEEP, reason, |world| {
            control(world).instruction = instruction(world, number, op) + further;
        });
    }
}

#[test]
fn a_state_that_is_none_is_refused() {
    let state = "the instance is in no state that can be kept";
    refused_deep(state, |block| block.life = Life::Running as u64);
    refused_deep(state, |block| block.life = 5);
    refused_deep("another number than 0", |block| block.id = 1);
}

#[test]
fn what_a_dead_instance_has_on_its_stacks_does_not_matter() {
    let forged = |world: &mut World<'_>| {
        *return_cell(world, 8) = 1;
        control(world).handler = 77;
        control(world).life = Life::Dead as u64;
    };
    assert_eq!(loaded(DEEP, forged), Ok(()));
}

#[test]
fn bounds_of_data_space_beyond_its_block_are_refused() {
    let reason = "the bounds of data space are not those of its block";
    refused_deep(reason, |block| block.data_length = block.data.size + 1);
    refused_deep(reason, |block| block.data_length = u64::MAX);
    refused_deep(reason, |block| block.data_writable = block.data_length + 8);
    refused_deep(reason, |block| block.data_writable = 1);
    refused_deep(reason, |block| block.data_limit = block.data_length - 1);
    refused_deep(reason, |block| block.data_limit = u64::MAX);
    refused_deep("belongs to nobody", |block| {
        block.data = Block::NONE;
        block.data_length = 0;
        block.data_writable = 0;
    });
}

#[test]
fn a_block_with_two_owners_or_none_is_refused() {
    let reason = "there is no such block, or somebody else has it";
    refused_deep(reason, |block| {
        block.data = block.stacks;
        block.data_length = 0;
        block.data_writable = 0;
    });
    refused_deep(reason, |block| block.stacks = block.slot_buffer);
    refused_deep(reason, |block| block.code_buffer = block.slot_buffer);
    refused_deep(reason, |block| block.code_buffer = Block::NONE);
    refused_deep(reason, |block| block.stacks = Block::NONE);
    refused_deep(reason, |block| block.stacks.size *= 2);
    refused_deep(reason, |block| block.stacks.offset += 256);
    refused_deep("belongs to nobody", |block| block.texts.size *= 2);
    refused(DEEP, "the texts do not lie here", |world| {
        let texts = control(world).texts;
        world.arena.free(texts).expect("it is an open block");
    });
    refused_deep("belongs to nobody", |block| block.texts = block.stacks);
    refused_deep("belongs to nobody", |block| block.texts = Block::NONE);
    refused(DEEP, "belongs to nobody", |world| {
        world
            .arena
            .allocate(1, "one too many")
            .expect("there is room");
    });
    refused(DEEP, "belongs to nobody", |world| {
        world
            .arena
            .allocate_sealed(1, "one too many")
            .expect("there is room");
    });
}

#[test]
fn a_system_that_is_none_is_refused() {
    let lies = "the system does not lie here";
    refused(DEEP, lies, |world| world.arena.set_root(0));
    refused(DEEP, lies, |world| world.arena.set_root(world.system + 8));
    refused(DEEP, "no system of this version", |world| {
        system(world).magic += 1
    });
    refused(DEEP, "other primitives", |world| {
        system(world).primitives += 1
    });
    refused(DEEP, "the count of functions", |world| {
        system(world).functions += 1
    });
    refused(DEEP, "instances do not end here", |world| {
        system(world).halt += 4
    });
    refused(DEEP, "instances do not end here", |world| {
        system(world).halt = function(world, 1) + 24;
    });
    refused(DEEP, "the control block does not lie here", |world| {
        system(world).vm0 += 8
    });
    refused(DEEP, "belongs to nobody", |world| system(world).vm0 = 0);
}

#[test]
fn another_table_of_primitives_is_refused() {
    let mut memory = Memory::new(0);
    let image = save(&new(&mut memory));
    let mut other = Memory::new(0);
    for primitives in [&PRIMITIVES[..1], &[]] {
        let error = World::load(other.region(), &image, primitives).err();
        let error = error.expect("it is refused").to_string();
        assert!(error.contains("other primitives"), "{error}");
    }
}

#[test]
fn functions_that_break_a_rule_are_refused() {
    let header = |number, word: u64, change: fn(&mut u32)| {
        move |world: &mut World<'_>| {
            let at = function(world, number) + 4 * word;
            change(code_word(world, at));
        }
    };
    let change = |number, op, further: u64, change: fn(&mut u32)| {
        move |world: &mut World<'_>| {
            let at = instruction(world, number, op) + further;
            change(code_word(world, at));
        }
    };
    refused(
        0,
        "the declared cost is not the path's",
        header(2, 0, |cost| *cost += 1),
    );
    refused(0, "does not cover", header(2, 1, |room| *room = 0));
    refused(0, "does not cover", header(1, 1, |room| *room -= 1));
    refused(0, "does not cover", header(2, 2, |effect| *effect -= 1));
    refused(
        0,
        "the declared stack effect does not hold",
        header(2, 2, |effect| *effect -= 1 << 16),
    );
    refused(
        0,
        "not as long as its header says",
        header(2, 3, |length| *length -= 1),
    );
    refused(
        0,
        "not the header of a function",
        header(2, 3, |length| *length = 0),
    );
    refused(0, "not its place in the order", header(2, 4, |id| *id += 1));
    refused(
        0,
        "says that it may be copied",
        header(1, 3, |length| *length |= 1 << 31),
    );
    refused(
        0,
        "not the header of a function",
        header(1, 3, |length| *length |= 1 << 30),
    );
    refused(
        0,
        "the declared change of the value stack does not hold",
        header(2, 5, |lanes| *lanes += 1 << 16),
    );
    refused(
        0,
        "the declared change of the float stack does not hold",
        header(2, 5, |lanes| *lanes += 1),
    );
    refused(
        0,
        "this is no instruction",
        change(2, Op::Return, 0, |word| *word = 0),
    );
    refused(
        0,
        "runs on past its end",
        change(2, Op::Return, 0, |word| *word = Op::Abs as u32),
    );
    refused(
        0,
        "did not put on the return stack",
        change(2, Op::Call, 0, |word| *word = Op::RFrom as u32),
    );
    let pair = "a handler's beginning and end do not stand together";
    refused(
        0,
        pair,
        change(7, Op::CatchExit, 0, |word| *word = Op::Abs as u32),
    );
    refused(
        0,
        pair,
        change(7, Op::CatchEnter, 0, |word| *word = Op::Abs as u32),
    );
    refused(
        0,
        "a function or primitive that does not exist",
        change(6, Op::Primitive, 0, |word| *word += 2 << 16),
    );
}

#[test]
fn code_references_to_what_is_no_function_are_refused() {
    let unknown = "it names a function or primitive that does not exist";
    for callee in [0, 1, 7, u32::MAX - 1, u32::MAX] {
        refused(0, unknown, |world| {
            let at = instruction(world, 2, Op::Call) + 4;
            *code_word(world, at) = callee;
        });
    }
    refused(0, unknown, |world| {
        let at = instruction(world, 2, Op::Call) + 4;
        *code_word(world, at) += 1;
    });
}

#[test]
fn a_word_whose_code_is_no_function_is_a_trap_that_its_caller_catches() {
    let mut memory = Memory::new(0);
    let mut world = new(&mut memory);
    attached(&mut world, |machine| {
        make_words(machine, &[None, None, None, Some(CodeRef(77))]);
    });
    let image = save(&world);
    let mut other = Memory::new(3);
    let mut world = World::load(other.region(), &image, PRIMITIVES).expect("it is sound");
    let outcome = attached(&mut world, |machine| machine.run(TURN));
    assert_eq!(outcome, Some(Outcome::Preempted));
    assert_eq!(world.life(0), Some(Life::Ready));
}

#[test]
fn a_definition_that_cannot_be_where_it_says_is_refused() {
    let reason = "the definition cannot be where it says it is";
    let words = size_of::<State>() / 4;
    for word in (0..words).step_by(if cfg!(miri) { 5 } else { 1 }) {
        for forged in [300, u32::MAX - 1] {
            let mut memory = Memory::new(0);
            let mut world = new(&mut memory);
            let state = (&raw mut control(&mut world).builder).cast::<u32>();
            // SAFETY: a state is made of so many words, any of which will do.
            unsafe { *state.add(word) = forged };
            let image = save(&world);
            let mut other = Memory::new(0);
            match World::load(other.region(), &image, PRIMITIVES) {
                Err(error) => assert!(error.to_string().contains(reason), "{word}: {error}"),
                // What is left is checked on each use, or is not used at all.
                Ok(mut world) => {
                    attached(&mut world, |machine| {
                        let _ = machine.build(|builder| builder.leave());
                        let _ = machine.build(|builder| builder.local(Op::LocalFetch, 7));
                        let _ = machine.build(|builder| builder.declare_locals(2, 1));
                        let _ = machine.build(|builder| builder.exit());
                        let _ = machine.build(|builder| builder.emit(Op::Add));
                        let _ = machine.finish_definition(true);
                    });
                }
            }
        }
    }
}

#[test]
fn any_number_of_counters_in_use_is_as_good_as_another() {
    // Behind the mode and the block of the counters.
    let used = core::mem::offset_of!(ControlBlock, watch) as u64 + 24;
    let mut memory = Memory::new(0);
    let mut world = new(&mut memory);
    attached(&mut world, |machine| {
        machine
            .set_watching(Watching::Profile, 0)
            .expect("there is room");
    });
    for forged in [u64::MAX, 1 << 63] {
        let place = system(&mut world).vm0 + used;
        *word(&mut world, place) = forged;
        let image = save(&world);
        let mut other = Memory::new(5);
        let mut world = World::load(other.region(), &image, PRIMITIVES).expect("it is sound");
        let total = attached(&mut world, |machine| {
            let _ = machine.run(TURN);
            machine.profile_total()
        });
        assert!(total.is_some_and(|[executions, _]| executions > 0));
    }
}

#[test]
fn a_profile_that_cannot_grow_is_no_error_of_the_program() {
    let mut memory = Memory::new(0);
    let mut world = new(&mut memory);
    let outcome = attached(&mut world, |machine| {
        machine
            .set_watching(Watching::Profile, 0)
            .expect("there is room");
        machine.block_mut().watch.pretend_full();
        while machine.arena.allocate_sealed(256, "all there is").is_ok() {}
        machine.run_to_safepoint()
    });
    assert_eq!(outcome, Some(Outcome::Preempted));
}
