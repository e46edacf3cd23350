//! A small table of primitives of every kind of effect, for the machine; the model knows them by
//! number.

use stele_bytecode::analysis::{Effect, LaneEffect};
use stele_bytecode::function::Delta;
use stele_memory::{Local, NeedSpace, Refusal, Session};
use stele_vm::words::WORDS_ROOT;
use stele_vm::{Awaited, Machine, Primitive, Step, Trap};

const fn effect(need: u16, delta: Delta, room: u16, cost: u32) -> Effect {
    Effect {
        need,
        delta,
        room,
        cost,
        values: LaneEffect::NONE,
        floats: LaneEffect::NONE,
    }
}

const fn with_values(effect: Effect, values: LaneEffect) -> Effect {
    Effect { values, ..effect }
}

/// Takes a value and leaves any number.
const COPIED: LaneEffect = LaneEffect {
    delta: Delta::Dynamic,
    ..LaneEffect::of(1, 0)
};

/// Does nothing.
pub(crate) const NOP: u16 = 0;
/// Leaves 7 and 8.
pub(crate) const PAIR: u16 = 1;
/// Adds two cells.
pub(crate) const SUM: u16 = 2;
/// Takes n and works for n units, in pieces of [`PIECE`].
pub(crate) const WORK: u16 = 3;
/// Takes n and leaves it as often as its lowest two bits say.
pub(crate) const SOME: u16 = 4;
/// Takes n and traps with it unless it is zero.
pub(crate) const FAIL: u16 = 5;
/// Exchanges the first and the third cell.
pub(crate) const TURN: u16 = 6;
/// Traps with -1000.
pub(crate) const NEVER: u16 = 7;
/// Takes n and leaves its text, a value.
pub(crate) const TEXT: u16 = 8;
/// Takes two values and leaves the second.
pub(crate) const SECOND: u16 = 9;
/// Takes n and a value, and leaves the value as often as the lowest two bits of n say.
pub(crate) const COPIES: u16 = 10;
/// Takes two floats and leaves what lies in the middle.
pub(crate) const MEAN: u16 = 11;
/// Takes n and a float, and leaves the float as often as the lowest two bits of n say.
pub(crate) const REPEATS: u16 = 12;
/// The last that the model knows.
pub(crate) const LAST_MODELLED: u16 = REPEATS;
/// Waits for a byte of input and leaves it.
pub(crate) const KEY: u16 = 13;
/// Takes n and bounds the cost units to n from here on.
pub(crate) const BUDGET: u16 = 14;

/// Takes n and forgets all words from token n on.
pub(crate) const FORGET: u16 = 15;
/// Takes two tokens and makes the second's word what the first's is.
pub(crate) const REPLACE: u16 = 16;

/// Cost units that [`WORK`] does in one run.
pub(crate) const PIECE: u64 = 100;

/// The table.
pub(crate) const PRIMITIVES: &[Primitive] = &[
    Primitive {
        name: "nop",
        effect: effect(0, Delta::Static(0), 0, 3),
        run: |_| Ok(Step::Done),
    },
    Primitive {
        name: "pair",
        effect: effect(0, Delta::Static(2), 2, 5),
        run: |machine| {
            machine.push(7)?;
            machine.push(8)?;
            Ok(Step::Done)
        },
    },
    Primitive {
        name: "sum",
        effect: effect(2, Delta::Static(-1), 0, 4),
        run: |machine| {
            let (b, a) = (machine.pop()?, machine.pop()?);
            machine.push(a.wrapping_add(b))?;
            Ok(Step::Done)
        },
    },
    Primitive {
        name: "work",
        effect: effect(1, Delta::Static(-1), 0, 2),
        run: work,
    },
    Primitive {
        name: "some",
        effect: effect(1, Delta::Dynamic, 0, 6),
        run: |machine| {
            let n = machine.pop()?;
            for _ in 0..n & 3 {
                machine.push(n)?;
            }
            Ok(Step::Done)
        },
    },
    Primitive {
        name: "fail",
        effect: effect(1, Delta::Static(-1), 0, 2),
        run: |machine| match machine.pop()? {
            0 => Ok(Step::Done),
            code => Err(Trap(code)),
        },
    },
    Primitive {
        name: "turn",
        effect: effect(3, Delta::Static(0), 0, 3),
        run: |machine| {
            let (top, third) = (machine.peek(0)?, machine.peek(2)?);
            machine.poke(0, third)?;
            machine.poke(2, top)?;
            Ok(Step::Done)
        },
    },
    Primitive {
        name: "never",
        effect: effect(0, Delta::Never, 0, 3),
        run: |_| Err(Trap(-1000)),
    },
    Primitive {
        name: "text",
        effect: with_values(effect(1, Delta::Static(-1), 0, 4), LaneEffect::of(0, 1)),
        run: text,
    },
    Primitive {
        name: "second",
        effect: with_values(effect(0, Delta::Static(0), 0, 3), LaneEffect::of(2, 1)),
        run: |machine| {
            let (session, mut values) = machine.values();
            let second = values.pop(&session)?;
            values.pop(&session)?;
            values.push(&session, second)?;
            Ok(Step::Done)
        },
    },
    Primitive {
        name: "copies",
        effect: with_values(effect(1, Delta::Static(-1), 0, 6), COPIED),
        run: |machine| {
            let count = machine.pop()? & 3;
            machine.reserve_values(3)?;
            let (session, mut values) = machine.values();
            let value = values.pop(&session)?;
            for _ in 0..count {
                values.push(&session, value)?;
            }
            Ok(Step::Done)
        },
    },
    Primitive {
        name: "mean",
        effect: Effect {
            floats: LaneEffect::of(2, 1),
            ..effect(0, Delta::Static(0), 0, 3)
        },
        run: |machine| {
            let mean = f64::midpoint(machine.peek_float(0)?, machine.peek_float(1)?);
            machine.pop_float()?;
            machine.poke_float(0, mean)?;
            Ok(Step::Done)
        },
    },
    Primitive {
        name: "repeats",
        effect: Effect {
            floats: COPIED,
            ..effect(1, Delta::Static(-1), 0, 6)
        },
        run: |machine| {
            let count = machine.pop()? & 3;
            let float = machine.pop_float()?;
            for _ in 0..count {
                machine.push_float(float)?;
            }
            Ok(Step::Done)
        },
    },
    Primitive {
        name: "key",
        effect: effect(0, Delta::Static(1), 1, 4),
        run: |machine| match machine.take_input() {
            stele_hal::Input::Byte(byte) => {
                machine.push(i64::from(byte))?;
                Ok(Step::Done)
            }
            _ => Ok(Step::Wait(Awaited::Input)),
        },
    },
    Primitive {
        name: "budget",
        effect: effect(1, Delta::Static(-1), 0, 1),
        run: |machine| {
            let units = machine.pop()?;
            machine.set_allowance(u64::try_from(units).ok());
            Ok(Step::Done)
        },
    },
    Primitive {
        name: "forget",
        effect: effect(1, Delta::Static(-1), 0, 8),
        run: |machine| {
            let token = machine.pop()?.cast_unsigned();
            change_words(machine, |session, words| {
                session.vector_truncate(words, token)
            })
        },
    },
    Primitive {
        name: "replace",
        effect: effect(2, Delta::Static(-2), 0, 8),
        run: |machine| {
            let (target, source) = (machine.pop()?, machine.pop()?);
            change_words(machine, |session, words| {
                let word = session.vector_get(words, source.cast_unsigned());
                let word = word.expect("tests name words that are there");
                session.vector_set(words, target.cast_unsigned(), word)
            })
        },
    },
];

/// Makes another vector of word records the instance's.
fn change_words(
    machine: &mut Machine<'_, '_>,
    change: impl for<'s> Fn(&'s Session<'_>, Local<'s>) -> Result<Local<'s>, Refusal>,
) -> Result<Step, Trap> {
    let (mut session, repeats) = machine.session();
    if session.reserve(Session::worst_case_vector_push()).is_err() {
        return Err(Trap::OUT_OF_MEMORY);
    }
    let words = session.load(&repeats[WORDS_ROOT]);
    let words = change(&session, words).map_err(|_| Trap::STALE_TOKEN)?;
    session.store(&mut repeats[WORDS_ROOT], words);
    Ok(Step::Done)
}

/// Leaves the text of a number; asks for a collection first if there is no room for it.
fn text(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let number = machine.peek(0)?.to_string();
    let (mut session, mut values) = machine.values();
    match session.reserve(Session::worst_case_bytes(number.len())) {
        Ok(()) => {}
        Err(NeedSpace::Collect) => return Ok(Step::Collect),
        Err(NeedSpace::OutOfMemory(_)) => return Err(Trap::OUT_OF_MEMORY),
    }
    let text = session
        .bytes(number.as_bytes())
        .map_err(|_| Trap::OUT_OF_MEMORY)?;
    values.push(&session, text)?;
    machine.pop()?;
    Ok(Step::Done)
}

/// Does a piece of the work and asks to be run again for the rest.
fn work(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let left = machine.peek(0)?.cast_unsigned();
    let piece = left.min(PIECE);
    machine.charge(piece);
    machine.poke(0, (left - piece).cast_signed())?;
    if left > piece {
        return Ok(Step::Again);
    }
    machine.pop()?;
    Ok(Step::Done)
}

/// What is taken and left, as it is described.
fn lane(effect: LaneEffect) -> String {
    let takes = effect.need;
    match effect.delta {
        Delta::Static(change) => format!("{takes} leaves {}", takes.cast_signed() + change),
        _ => format!("{takes} leaves any"),
    }
}

/// The lines that describe the table to [`super::bytecode::Environment`].
pub(crate) fn described() -> String {
    PRIMITIVES
        .iter()
        .map(|primitive| {
            let Effect {
                need,
                delta,
                room,
                cost,
                values,
                floats,
            } = primitive.effect;
            let delta = match delta {
                Delta::Static(change) => change.to_string(),
                Delta::Dynamic => "dynamic".to_owned(),
                Delta::Never => "never".to_owned(),
            };
            let name = primitive.name;
            let (values, floats) = (lane(values), lane(floats));
            format!(
                "primitive {name} need {need} delta {delta} room {room} cost {cost} \
                 takes {values} with {floats}\n"
            )
        })
        .collect()
}
