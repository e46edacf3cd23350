//! What a module looks like as text.
//!
//! ```text
//! // Squares a number and prints it.
//! limits data 65536 cells 256 values 64
//! primitive "(.)"
//! constant "[1 2 3]"
//! source "square.4th"
//! function f0 need 1 delta 0 room 2 cost 3
//!     symbol "SQUARE"
//!     at 0 1 12
//!     dup
//!     at 0 1 16
//!     *
//!     return
//! function f1 infer
//!     short 7
//!     call f0
//!     primitive (.)
//!     return
//! word "SQUARE" flags 0 body 0 f0
//! data 5000
//!     48 65 6C 6C 6F
//! entry f1
//! ```
//!
//! Functions are written as [`stele_bytecode::assembler`] reads them, and numbered in order, like
//! all that a line makes. Beside that:
//!
//! - `limits`: what the module needs; may be left out, or appear once. The data space is raised to the end of the
//!   data if none is stated.
//! - `primitive "NAME"`: the next primitive that the code numbers. One that code names and no line
//!   declared is added behind the others.
//! - `constant "TEXT"`: the next value that the code numbers, in its text form.
//! - `source "NAME"`: the next source text that positions number.
//! - `function NAME infer`: what the function declares is found out. Functions above it may call it if
//!   what they have to know (its need, delta and values) stands behind the `infer`.
//! - in a function, `symbol "NAME"`, `local cell|value PLACE FIRST END "NAME"`, and
//!   `at SOURCE LINE COLUMN` for the code that follows.
//! - `symbols` and `lines`: the module has that part, even if no function has anything in it.
//! - `word "NAME" flags N body N`, and the name of its function if it has one.
//! - `data ADDRESS`, and below it the bytes in hexadecimal.
//! - `entry NAME`: the function to begin with; the last one if it is left out.
//! - Names are in quotation marks: `\"`, `\\`, and `\xHH` for a byte.
//! - `//` and what follows is a comment.

/// Bytes of data in one line of a text.
pub(crate) const DATA_BYTES: usize = 32;
