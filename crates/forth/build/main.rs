//! Compiles the core words of `words/` into the module that the system starts from, and packs the help
//! of words.
//!
//! The definitions go through the very builder and verifier that definitions at the prompt go
//! through; what is particular to this compiler is only that it runs before there is a system.

mod compiler;
mod help;
mod instruction_words;
mod return_stack_words;
mod source;

use compiler::{Compiler, PrimitiveRow};
use std::path::{Path, PathBuf};
use std::{env, fs};
use stele_bytecode::instruction;

mod layout {
    #![expect(dead_code, reason = "the crate itself uses the rest")]
    include!("../src/layout.rs");
}

/// Reads the table of primitives as names and effects.
macro_rules! primitives {
    ($( $name:literal $module:ident::$function:ident ($takes:tt $leaves:tt)
        $( ($value_takes:literal $value_leaves:literal) )?
        $( {$float_takes:literal $float_leaves:tt} )? $cost:literal; )*) => {
        const PRIMITIVES: &[PrimitiveRow] = &[ $( PrimitiveRow {
            name: $name, takes: stringify!($takes), leaves: stringify!($leaves),
            values: [$(stringify!($value_takes), stringify!($value_leaves))?].as_slice(),
            floats: [$(stringify!($float_takes), stringify!($float_leaves))?].as_slice(),
            cost: $cost,
        }, )* ];
    };
}
include!("../src/primitives/table.rs");

/// Reads the table of operations on values, which follow.
macro_rules! value_primitives {
    ($( $name:literal $module:ident::$function:ident ($takes:tt $leaves:tt)
        ($value_takes:literal $value_leaves:tt)
        $( {$float_takes:literal $float_leaves:tt} )? $cost:literal; )*) => {
        const VALUE_PRIMITIVES: &[PrimitiveRow] = &[ $( PrimitiveRow {
            name: $name, takes: stringify!($takes), leaves: stringify!($leaves),
            values: &[stringify!($value_takes), stringify!($value_leaves)],
            floats: [$(stringify!($float_takes), stringify!($float_leaves))?].as_slice(),
            cost: $cost,
        }, )* ];
    };
}
include!("../../vm/src/values/table.rs");

/// The sources, in the order they build on each other.
const SOURCES: &[&str] = &[
    "core.4th",
    "double.4th",
    "string.4th",
    "memory.4th",
    "facility.4th",
    "xchar.4th",
    "search.4th",
    "tools.4th",
    "access.4th",
    "heritage.4th",
    "values.4th",
    "float.4th",
    "devices.4th",
    "file.4th",
    "fixed.4th",
    "log.4th",
    "forth79.4th",
    "block.4th",
    "self-test.4th",
    "trace.4th",
    "console.4th",
    "locals.4th",
    "help.4th",
];

/// Addresses that the sources know by name.
const ADDRESSES: &[(&str, i64)] = &[
    ("STATE", layout::user::STATE),
    (">IN", layout::user::TO_IN),
    ("BASE", layout::user::BASE),
    ("(SOURCE-ADDRESS)", layout::user::SOURCE_ADDRESS),
    ("(SOURCE-LENGTH)", layout::user::SOURCE_LENGTH),
    ("(SOURCE-ID)", layout::user::SOURCE_ID),
    ("(HERE)", layout::user::HERE),
    ("(NAME-ADDRESS)", layout::user::NAME_ADDRESS),
    ("(NAME-LENGTH)", layout::user::NAME_LENGTH),
    ("(LATEST)", layout::user::LATEST),
    ("(LINE)", layout::user::LINE),
    ("(PRECISION)", layout::user::PRECISION),
    ("(SOURCE-NUMBER)", layout::user::SOURCE_NUMBER),
    ("BLK", layout::user::BLOCK),
    ("(TEXT-LENGTH)", layout::user::TEXT_LENGTH),
    ("(FILE)", layout::user::FILE),
    ("(NESTED)", layout::user::NESTED),
    ("(MOST-NESTED)", layout::MAX_NESTED),
    ("(LINE-START)", layout::user::LINE_START),
    ("(TEXT-BUFFER)", layout::TEXT_BUFFER),
    ("(TEXT-LIMIT)", layout::TEXT_LIMIT),
    ("(CURRENT)", layout::user::CURRENT),
    ("(ORDER-COUNT)", layout::user::ORDER_COUNT),
    ("(ORDER)", layout::ORDER),
    ("(ORDER-LIMIT)", layout::ORDER_LIMIT),
    ("(PUT-AWAY)", layout::PUT_AWAY),
    ("(PUT-AWAY-LIMIT)", layout::PUT_AWAY_LIMIT),
    ("(INPUT-BUFFER)", layout::INPUT_BUFFER),
    ("(INPUT-LIMIT)", layout::INPUT_LIMIT),
    ("(LINE-BUFFER)", layout::NAME_BUFFER),
    ("(LINE-BUFFER-SIZE)", layout::NAME_LIMIT),
    ("(NUMBER-BUFFER)", layout::NUMBER_BUFFER),
    ("(NUMBER-END)", layout::NUMBER_BUFFER + layout::NUMBER_LIMIT),
    ("(PAD)", layout::PAD),
    ("(STRING-BUFFERS)", layout::STRING_BUFFERS),
    ("(STRING-LIMIT)", layout::STRING_LIMIT),
    ("(BLOCK-TABLE)", layout::BLOCK_TABLE),
    ("(BLOCK-SLOTS)", layout::BLOCK_SLOTS),
    ("(BLOCK-BUFFERS)", layout::BLOCK_BUFFERS),
    ("(BLOCK-SIZE)", layout::BLOCK_SIZE),
    ("(LINE-SIZE)", layout::BLOCK_LINE),
    ("(MEMORY-BLOCKS)", layout::MEMORY_BLOCKS),
    ("(HISTORY)", layout::HISTORY),
    ("(HISTORY-LINES)", layout::HISTORY_LINES),
    ("(HISTORY-LINE)", layout::HISTORY_LINE),
];

/// The word list of the instructions, which tools.4th calls ASSEMBLER.
const ASSEMBLER_LIST: u32 = 4;

/// User cells that the layout does not name are given out from here on.
const FIRST_FREE_USER_CELL: i64 = layout::START + 32 * 8;

fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src");
    let manifest =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets the manifest's place"));
    let words = manifest.join("../../words");
    let primitives = [PRIMITIVES, VALUE_PRIMITIVES].concat().leak();
    let mut compiler = Compiler::new(primitives, FIRST_FREE_USER_CELL, layout::STRINGS);
    for (name, op) in instruction_words::INSTRUCTION_WORDS {
        compiler.instruction(name, *op);
    }
    for (name, op) in return_stack_words::RETURN_STACK_WORDS {
        compiler.return_stack_word(name, *op);
    }
    for (name, address) in ADDRESSES {
        compiler.constant(name, *address);
    }
    for name in SOURCES {
        let path = words.join(name);
        println!("cargo::rerun-if-changed={}", path.display());
        compile(&mut compiler, &path);
    }
    for op in instruction::ALL.iter().filter(|op| op.stands_alone()) {
        compiler.assembler_word(ASSEMBLER_LIST, *op);
    }
    let module = compiler.module("(MAIN)");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets the output's place"))
        .join("core.svc");
    fs::write(&out, module).expect("the output directory can be written to");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets the output's place"));
    let write = |name: &str, bytes: &[u8]| {
        fs::write(out.join(name), bytes).expect("the output directory can be written to");
    };
    write("core.svc", &compiler.module("(MAIN)"));
    write("help", &packed_help(&words.join("help")));
}

fn packed_help(folder: &Path) -> Vec<u8> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let help = help::read(folder).unwrap_or_else(|message| panic!("{message}"));
    help::packed::pack(&help)
}

fn compile(compiler: &mut Compiler, path: &Path) {
    let text = fs::read_to_string(path).unwrap_or_else(|error| {
        panic!("cannot read the core words in {}: {error}", path.display())
    });
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if let Err(message) = compiler.source(&format!("words/{name}"), &text) {
        panic!("{}: {message}", path.display());
    }
}
