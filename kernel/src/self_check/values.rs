//! Values: an image of them that was made on another machine, and another architecture for all but
//! one of the kernels, is loaded, read, and saved byte by byte as it was.

use alloc::vec;

use crate::{console::note, per_core::PerCore};

#[path = "../../../crates/memory/tests/golden/check.rs"]
mod golden;

pub(super) fn check(core: &PerCore) {
    let mut region = vec![0; golden::REGION];
    let mut saved = vec![0; golden::IMAGE.len()];
    if let Err(reason) = golden::check(&mut region, &mut saved) {
        panic!("an image of values that was made elsewhere: {reason}");
    }
    note(
        core,
        format_args!(
            "self-test: an image of values made elsewhere, {} bytes: loaded, read, and saved as it was",
            golden::IMAGE.len()
        ),
    );
}
