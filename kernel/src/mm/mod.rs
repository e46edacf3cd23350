//! Memory: physical frames (`frames.rs`), the kernel's address space (`address_space.rs`) and the
//! kernel heap (`heap.rs`).
//!
//! Read `frames.rs` first; the other two take their memory from it.

pub mod frames;
#[cfg(test)]
mod frames_model;

#[cfg(target_os = "none")]
pub mod address_space;
#[cfg(target_os = "none")]
pub mod heap;
