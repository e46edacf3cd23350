//! Tests that look inside this crate: images of a small world, sound ones and forged ones.
extern crate std;

mod access;
mod forged;
mod handlers;
mod hostile;
mod small_world;
