//! Floats: functions that are no instruction, their text form, single floats in data space, and
//! floats in compiled code.

use super::decimal::Decimal;
use super::numbers::{self, Float};
use stele_vm::{Machine, Step, Trap, float};

/// Primitives that take one float and leave one.
macro_rules! functions {
    ($($name:ident)*) => { $(
        /// `( F: r1 -- r2 )`
        pub(super) fn $name(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
            let a = machine.peek_float(0)?;
            machine.poke_float(0, float::$name(a))?;
            Ok(Step::Done)
        }
    )* };
}

functions! {
    floor round truncate
    exponential exponential_less_one power_of_ten
    logarithm logarithm_of_one_more decimal_logarithm
    sine cosine tangent arc_sine arc_cosine arc_tangent
    hyperbolic_sine hyperbolic_cosine hyperbolic_tangent
    area_sine area_cosine area_tangent
}

/// Primitives that take two floats and leave one.
macro_rules! operations {
    ($($name:ident)*) => { $(
        /// `( F: r1 r2 -- r3 )`
        pub(super) fn $name(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
            let (a, b) = (machine.peek_float(1)?, machine.peek_float(0)?);
            machine.pop_float()?;
            machine.poke_float(0, float::$name(a, b))?;
            Ok(Step::Done)
        }
    )* };
}

operations! { remainder power arc_tangent_of }

/// `( addr -- ) ( F: -- r )`: an IEEE binary32.
pub(super) fn fetch_single(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let bytes = machine.bytes(machine.peek(0)?, 4)?;
    let bits = bytes.try_into().map(u32::from_le_bytes);
    let bits = bits.map_err(|_| Trap::INVALID_ADDRESS)?;
    machine.push_float(float::from_single_bits(bits))?;
    machine.pop()?;
    Ok(Step::Done)
}

/// `( addr -- ) ( F: r -- )`
pub(super) fn store_single(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let bits = float::to_single_bits(machine.peek_float(0)?);
    machine
        .bytes_mut(machine.peek(0)?, 4)?
        .copy_from_slice(&bits.to_le_bytes());
    machine.pop()?;
    machine.pop_float()?;
    Ok(Step::Done)
}

/// `( F: r -- )`: adds what leaves r.
pub(super) fn literal(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let bits = machine.peek_float(0)?.to_bits();
    machine.build(|builder| builder.float(bits))?;
    machine.pop_float()?;
    Ok(Step::Done)
}

/// `( c-addr u -- flag ) ( F: -- r | )`: reads a whole float (Forth-2012, 12.6.1.0558).
pub(super) fn to_float(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    let text = machine.bytes(address, length)?;
    let found = match numbers::float_of_any_form(text) {
        Some(Float::Is(float)) => Some(float),
        Some(Float::TooLarge) | None => None,
    };
    let read = length.unsigned_abs().min(numbers::FLOAT_LIMIT as u64);
    machine.charge(read * COST_OF_CHARACTER);
    if let Some(float) = found {
        machine.push_float(float)?;
    }
    machine.pop()?;
    machine.poke(0, -i64::from(found.is_some()))?;
    Ok(Step::Done)
}

/// Most digits that one run makes: a float has no more than 767, the rest is zero.
const MOST_DIGITS: usize = 1024;

/// Digits that are written for one unit of cost.
const DIGITS_PER_UNIT: u64 = 4;

/// Cost units of finding a group of digits.
const COST_OF_GROUP: u64 = 16;

/// Cost units of reading a character of a float: of a long one, each may take part in every step of
/// deciding between two floats.
const COST_OF_CHARACTER: u64 = 3;

/// `( c-addr u -- n flag1 flag2 ) ( F: r -- )`: the u most significant digits of r, rounded to the
/// nearest (Forth-2012, 12.6.1.2143); u is at most [`MOST_DIGITS`]. In place of the digits of what
/// is no number there stands what it is.
pub(super) fn represent(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    let wanted = usize::try_from(length).unwrap_or(usize::MAX);
    if wanted > MOST_DIGITS {
        return Err(Trap::NUMERIC_ARGUMENT);
    }
    let float = machine.peek_float(0)?;
    let out = machine.bytes_mut(address, length)?;
    let mut groups = 0;
    let exponent = if float.is_finite() {
        let decimal = Decimal::of(float);
        groups = decimal.groups();
        decimal.write(out)
    } else {
        let name: &[u8] = if float.is_nan() { b"NaN" } else { b"Infinity" };
        out.fill(b' ');
        for (place, byte) in out.iter_mut().zip(name) {
            *place = *byte;
        }
        0
    };
    machine.charge(groups * COST_OF_GROUP + wanted as u64 / DIGITS_PER_UNIT);
    machine.pop_float()?;
    machine.poke(1, exponent)?;
    machine.poke(0, -i64::from(float.is_sign_negative()))?;
    machine.push(-i64::from(float.is_finite()))?;
    Ok(Step::Done)
}
