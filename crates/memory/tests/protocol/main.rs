//! The protocols of `stele_memory::protocol` under loom, which runs each test in every order of the
//! threads' accesses (with up to three switches where there are many) and with every value that the
//! memory orders let a load see.
//!
//! Loom has no single order of sequentially consistent accesses: what holds here rests on release
//! and acquire alone.
#![cfg(not(miri))] // Loom switches stacks, which Miri cannot follow.

mod atoms;
mod rendezvous;
mod transactions;
mod words;
