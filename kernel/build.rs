//! Chooses the linker script for the bare machine; on any other target there is nothing to do.

use std::{env, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=linker");
    let variable = |name| env::var(name).unwrap_or_default();
    if variable("CARGO_CFG_TARGET_OS") != "none" {
        return;
    }
    let script = Path::new(&variable("CARGO_MANIFEST_DIR"))
        .join("linker")
        .join(variable("CARGO_CFG_TARGET_ARCH") + ".ld");
    println!("cargo::rustc-link-arg-bins=-T{}", script.display());
    // The target's default is position-independent; the kernel is linked for one address.
    println!("cargo::rustc-link-arg-bins=--no-pie");
    println!("cargo::rustc-link-arg-bins=--gc-sections");
    println!("cargo::rustc-link-arg-bins=-zmax-page-size=4096");
    println!("cargo::rustc-link-arg-bins=-znognustack");
}
