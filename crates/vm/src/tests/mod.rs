//! Tests that look inside this crate: images of a small world, sound ones and forged ones.
extern crate std;

mod forged;
mod hostile;
mod small_world;
