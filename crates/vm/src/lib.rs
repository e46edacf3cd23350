//! Stele's virtual machine: runs verified bytecode for one instance at a time.
//!
//! An instance is data in an arena; a core attaches to it, runs it for a quantum of cost, and lets
//! go. Between two safepoints (calls, jumps backwards, primitives) nothing of it is in Rust, so it
//! can be stopped, saved and moved at every one. This crate knows words and tokens, but no language:
//! what a language needs beside instructions are [`Primitive`]s.
//!
//! It never allocates outside the arena, never runs what the verifier has not accepted, and never
//! lets a program reach past its own stacks and data space.
//!
//! `unsafe` lives in `dispatch` (the handlers, which rely on verified code), `stacks`, `data`,
//! `access`, `definition`, `functions`, `load`, `machine`, `unwind`, `side_stack`, `value_stack`, `float_stack`, `values::progress`, `world`, `scratch`, `verify` and `whereabouts`, each over blocks of the arena
//! that belong to the instance, or to the operation, alone.
//!
//! Read in this order: [`control_block`] (what an instance is), [`world`] (where it lives),
//! `dispatch` (how instructions run), [`machine`] (the loop around them), `unwind`, [`stacks`],
//! `side_stack`, [`value_stack`], [`values`] (what is done with values), [`float_stack`], [`float`]
//! (what is done with floats), [`usage`], [`data`],
//! [`primitive`], [`words`], [`access`], [`definition`] (how code is added), `functions` (how values name it), [`capabilities`], [`devices`],
//! [`files`], [`load`] (modules), [`verify`] (saved worlds), [`whereabouts`] (for reports of what went wrong),
//! [`trap`].
#![no_std]

pub mod access;
pub mod arithmetic;
pub mod backtrace;
pub mod capabilities;
pub mod control_block;
pub mod data;
pub mod definition;
pub mod devices;
mod dispatch;
pub mod files;
pub mod float;
pub mod float_stack;
mod functions;
pub mod load;
pub mod machine;
pub mod origin;
pub mod primitive;
mod scratch;
mod side_stack;
pub mod stacks;
#[cfg(test)]
mod tests;
pub mod trap;
mod unwind;
pub mod usage;
pub mod value_stack;
pub mod values;
pub mod verify;
pub mod watch;
pub mod whereabouts;
pub mod words;
pub mod world;

pub use capabilities::Capability;
pub use control_block::Life;
pub use devices::{Bindings, Door};
pub use machine::{Machine, Outcome, Processor};
pub use primitive::{Awaited, Primitive, SLICE, Step};
pub use trap::Trap;
pub use value_stack::ValueStack;
pub use whereabouts::Whereabouts;
pub use world::World;
