//! The primitives: what words need beside instructions.
//!
//! `table.rs` lists them with their effects and costs; each file here holds one subject. All of them
//! are short, keep their progress in their operands, and see the instance only through
//! [`stele_vm::Machine`].

mod access;
mod backtrace;
mod blocks;
mod capabilities;
mod compiler;
mod console;
mod decimal;
mod devices;
mod dictionary;
mod files;
mod fixed;
mod floats;
mod help;
mod listing;
mod locals;
mod names;
mod nesting;
mod numbers;
mod parsing;
mod places;
mod pool;
mod ranges;
mod sources;
mod system;
mod watching;
mod xchar;

use stele_bytecode::analysis::{Effect, LaneEffect};
use stele_bytecode::function::Delta;
use stele_vm::{Primitive, values};

/// Effect of a table row.
macro_rules! effect {
    ($takes:literal ? $values:expr, $floats:expr, $cost:literal) => {
        Effect {
            need: $takes,
            delta: Delta::Dynamic,
            room: 0,
            cost: $cost,
            values: $values,
            floats: $floats,
        }
    };
    ($takes:literal $leaves:literal $values:expr, $floats:expr, $cost:literal) => {
        Effect {
            need: $takes,
            delta: Delta::Static($leaves - $takes),
            room: if $leaves > $takes {
                $leaves - $takes
            } else {
                0
            },
            cost: $cost,
            values: $values,
            floats: $floats,
        }
    };
}

/// Effect of a table row on the value stack or the float stack, of which most have none.
macro_rules! lane {
    () => {
        LaneEffect::NONE
    };
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

/// Reads the table of primitives as what the machine runs.
macro_rules! primitives {
    ($( $name:literal $module:ident::$function:ident ($takes:literal $leaves:tt)
        $( ($($values:literal)*) )? $( {$($floats:tt)*} )? $cost:literal; )*) => {
        /// Those of this crate.
        const OWN: &[Primitive] = &[ $( Primitive {
            name: $name,
            effect: effect!(
                $takes $leaves lane!($($($values)*)?), lane!($($($floats)*)?), $cost
            ),
            run: $module::$function,
        }, )* ];
    };
}
include!("table.rs");

/// How many there are.
const COUNT: usize = OWN.len() + values::PRIMITIVES.len();

/// The primitives, numbered by position: this crate's, then the operations on values.
pub const PRIMITIVES: &[Primitive] = &values::with_values::<COUNT>(OWN);

pub(crate) use blocks::BLOCKS_ROOT;
pub(crate) use dictionary::{
    FORTH_LIST, NO_TOKEN, NewWord, add, count as next_token, create_lists, hash_of_list,
    list_count, marker_count, name_of, origin_of, read_word, seal as seal_dictionary, stand_for,
};
pub(crate) use names::number_of as number_of_source;
pub(crate) use nesting::NESTING_ROOT;
pub(crate) use pool::extent as pool_extent;
pub(crate) use watching::OWN_FUNCTIONS;
