//! Operations on values: what programs of any language do with them beside moving them about.
//!
//! `table.rs` lists them, by name, with their effects on both stacks and their costs; every
//! language's table of primitives includes [`PRIMITIVES`], and the assembler names them in
//! `primitive NAME`. Each file here has one subject. None of them keeps anything in Rust, runs code
//! of the instance or does more than a slice of work at once: what takes longer goes on where
//! `progress` says it is. What fails throws a code, and says in words what it was that failed
//! (`fault`).
//!
//! Costs depend on lengths and nothing else: not on what values share, how they are stored, or
//! where the collector is.
//!
//! Read `table`, `progress`, `fault`; then the subjects: `scalars`, `text`, `vectors`, `maps`,
//! `rows`, `records`, `functions`, `arithmetic`, `comparison`, `text_form`, `constants`, `atoms`, `survey`, `heap`.

mod arithmetic;
mod atoms;
mod comparison;
mod constants;
mod fault;
mod functions;
mod heap;
mod maps;
pub(crate) mod progress;
mod records;
mod rows;
mod scalars;
mod survey;
mod text;
mod text_form;
mod vectors;

pub use constants::CONSTANT;

use crate::Primitive;
use stele_bytecode::analysis::{Effect, LaneEffect};
use stele_bytecode::function::Delta;

/// Effect of a row on the value stack: values taken and left, "?" where that depends on the data.
macro_rules! values {
    ($takes:literal ?) => {
        LaneEffect {
            need: $takes,
            delta: Delta::Dynamic,
            room: 0,
        }
    };
    ($takes:literal $leaves:literal) => {
        LaneEffect::of($takes, $leaves)
    };
}

/// Effect of a row on the float stack, which most leave alone.
macro_rules! floats {
    () => {
        LaneEffect::NONE
    };
    ($takes:literal $leaves:literal) => {
        LaneEffect::of($takes, $leaves)
    };
}

/// Reads the table as what the machine runs.
macro_rules! value_primitives {
    ($( $name:literal $module:ident::$function:ident ($takes:literal $leaves:literal)
        ($($values:tt)*) $({$($floats:literal)*})? $cost:literal; )*) => {
        /// The operations, in the order of the table.
        pub const PRIMITIVES: &[Primitive] = &[ $( Primitive {
            name: $name,
            effect: Effect {
                need: $takes,
                delta: Delta::Static($leaves - $takes),
                room: if $leaves > $takes { $leaves - $takes } else { 0 },
                cost: $cost,
                values: values!($($values)*),
                floats: floats!($($($floats)*)?),
            },
            run: $module::$function,
        }, )* ];
    };
}
include!("table.rs");

/// A language's table of `N` primitives: its own, then these.
///
/// # Panics
/// When it is built, if `N` is not how many there are.
#[must_use]
pub const fn with_values<const N: usize>(own: &[Primitive]) -> [Primitive; N] {
    assert!(own.len() + PRIMITIVES.len() == N, "the table's length");
    let mut all = [PRIMITIVES[0]; N];
    let mut index = 0;
    while index < N {
        all[index] = if index < own.len() {
            own[index]
        } else {
            PRIMITIVES[index - own.len()]
        };
        index += 1;
    }
    all
}
