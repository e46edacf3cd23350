//! Whole modules for tools that have memory to spare: as data that owns itself, and as text.
//!
//! [`OwnedModule`] is a `.svc` module taken apart, to be changed and put together again.
//! [`disassemble`] writes a module as text, and [`assemble`] makes the module of a text; what one
//! writes the other turns into the very same bytes.
//!
//! The system itself never uses this crate: what runs is made by compilers in the arena. It serves
//! the `stele` command, tests, and whoever writes bytecode by hand.
//!
//! Read in this order: `owned`, `text` (what a text looks like), `disassembler`, `assembler`, `quoted`.
#![forbid(unsafe_code)]

mod assembler;
mod disassembler;
mod owned;
mod quoted;
pub mod text;

pub use assembler::{AssemblyError, assemble};
pub use disassembler::disassemble;
pub use owned::{OwnedFunction, OwnedLocal, OwnedModule, OwnedSymbol, OwnedWord};
