//! The Forth of Stele's prompt: dictionary, text interpreter, compiler, words.
//!
//! The text interpreter, the compiler and the prompt are themselves Forth, in `words/`: bytecode
//! like any program's, so an instance can be stopped, saved and moved in the middle of a line. This
//! crate adds what they stand on: the primitives, the layout of data space, and the start of an
//! instance. It never runs code itself.
//!
//! Read `words/core.4th` and `words/console.4th` first; then `layout` (where things lie),
//! `primitives` (what the words call), [`boot`] (how an instance starts), [`texts`], `help`, `parity`.
#![no_std]
#![forbid(unsafe_code)]

pub mod boot;
mod help;
#[allow(
    dead_code,
    reason = "the build script names the rest of the addresses to the core words"
)]
mod layout;
mod parity;
mod primitives;
pub mod texts;

pub use boot::{BootError, Mode, prepare};
pub use primitives::PRIMITIVES;
