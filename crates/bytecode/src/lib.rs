//! Stele's one instruction set: what a function is, how it is built, verified, stored and shown.
//!
//! Every program, whatever language it came from, becomes functions of this bytecode, and nothing
//! runs that [`analysis`] has not accepted. The crate never runs code, never allocates, and knows
//! nothing of Forth.
//!
//! Read in this order: [`instruction`] (the table), [`function`] (the header before the code),
//! [`analysis`] (the verifier), [`builder`] (how functions come about), `fusion` (which instructions
//! become one), [`lines`] (where code came from), [`module`] (the `.svc` file), [`listing`] and [`assembler`] (the text form).
#![no_std]
#![forbid(unsafe_code)]

pub mod analysis;
pub mod assembler;
pub mod builder;
pub mod function;
mod fusion;
pub mod instruction;
pub mod lines;
pub mod listing;
pub mod module;
pub mod places;
