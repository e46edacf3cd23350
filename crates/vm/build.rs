//! Chooses how the interpreter goes from one instruction to the next.
//!
//! Handlers that end in a call of the next handler are fast, but only an optimised build turns that
//! call into a jump; any other build would grow the machine stack with every instruction.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(threaded_dispatch)");
    println!("cargo::rerun-if-changed=build.rs");
    let level = std::env::var("OPT_LEVEL").unwrap_or_default();
    let sanitised = std::env::var("CARGO_CFG_SANITIZE").is_ok();
    let miri = std::env::var("CARGO_CFG_MIRI").is_ok();
    // What they check, and unwind from, stands behind the call that is to be the last thing done.
    let checked = std::env::var("CARGO_CFG_DEBUG_ASSERTIONS").is_ok();
    if matches!(level.as_str(), "2" | "3") && !checked && !sanitised && !miri {
        println!("cargo::rustc-cfg=threaded_dispatch");
    }
}
