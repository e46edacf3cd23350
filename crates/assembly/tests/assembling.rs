//! Modules written by hand: what is left out is filled in, what is wrong is said with its line.

use stele_assembly::assemble;
use stele_bytecode::analysis::{Effect, LaneEffect};
use stele_bytecode::function::Delta;
use stele_bytecode::module::Module;

/// One primitive, which takes a cell.
fn effect(name: &str) -> Option<Effect> {
    (name == "(.)").then_some(Effect {
        need: 1,
        delta: Delta::Static(-1),
        room: 0,
        cost: 8,
        values: LaneEffect::NONE,
        floats: LaneEffect::NONE,
    })
}

fn reason(text: &str) -> String {
    match assemble(text, &effect) {
        Ok(_) => "it is accepted".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_functions_declare_and_what_they_import_is_found_out() {
    let text = "
// Prints the square of seven.
function square infer
    dup
    *
    return
function main infer
    short 7
    call square
    primitive (.)
    call square-later
    return
function square-later need 0 delta 0 room 1 cost 1
    return
word \"GO\" flags 0 body 0 main
entry main
";
    let module = assemble(text, &effect).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(module.primitives, [b"(.)".to_vec()]);
    assert_eq!(module.entry, 1);
    let declared: Vec<_> = module
        .functions
        .iter()
        .map(|function| {
            (
                function.header.need,
                function.header.delta,
                function.header.entry_cost,
            )
        })
        .collect();
    let none = Delta::Static(0);
    assert_eq!(declared, [(1, none, 3), (0, none, 14), (0, none, 1)]);
    let bytes = module.encode();
    let module = Module::read(&bytes).expect("it is well formed");
    assert_eq!(module.words().next().expect("one").function, Some(1));
}

#[test]
fn positions_names_and_constants_have_their_parts() {
    let text = r#"
source "a \"b\".svs"
constant "[1 \"two\"]"
function f infer
    symbol "first one"
    local value 0 1 3 "x"
    at 0 1 0
    check-values
    at 0 1 4
    constant 0
    vdrop
    at 0 2 0
    return
data 5000
    48 69 // Hi
"#;
    let module = assemble(text, &effect).unwrap_or_else(|error| panic!("{error}"));
    let bytes = module.encode();
    let read = Module::read(&bytes).expect("it is well formed");
    assert_eq!(read.sources().collect::<Vec<_>>(), [b"a \"b\".svs"]);
    assert_eq!(read.constants().collect::<Vec<_>>(), ["[1 \"two\"]"]);
    assert_eq!((read.data_address, read.data), (5000, &b"Hi"[..]));
    assert_eq!(read.limits.data_space, 5002);
    let symbol = read.symbols().next().expect("one");
    assert_eq!(symbol.name, b"first one");
    assert_eq!(symbol.locals().next().expect("one").name, b"x");
    let lines = read.lines().next().expect("one");
    let at = |word| lines.position(word).map(|at| (at.line, at.column));
    assert_eq!(
        [at(0), at(2), at(3), at(5)],
        [Some((1, 0)), Some((1, 4)), Some((1, 4)), Some((2, 0)),]
    );
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    for (text, expected) in [
        ("", "line 1: a module has at least one function"),
        ("nonsense", "line 1: \"nonsense\" is not known here"),
        ("function", "line 1: the function has no name"),
        (
            "\n\nfunction f infer\n    nonsense",
            "line 4: no instruction is called \"nonsense\"",
        ),
        (
            "function f infer\n    dup\n",
            "line 1: f: at code word 0: the code runs on past its end",
        ),
        (
            "function f infer\n    ?dup\n    return",
            "line 1: f: a check is missing before code word 1",
        ),
        (
            "function f\n    return\nentry g",
            "line 3: no function is called \"g\"",
        ),
        (
            "function f\n    return\ndata x",
            "line 3: \"x\" stands where the address of the data is expected",
        ),
        (
            "function f\n    return\ndata 1\n    4",
            "line 4: bytes of two hexadecimal digits are expected",
        ),
        (
            "constant \"a",
            "line 1: text in quotation marks is expected",
        ),
        ("source \"\"", "line 1: a name has 1 to 255 bytes"),
        (
            "limits data 1 values 2 cells 3",
            "line 1: \"values\" stands where cells is expected",
        ),
        (
            "function f\n    at 0 1 2 back 1",
            "line 2: the position lies before the function",
        ),
        (
            "function f\n    local cell 0 0",
            "line 2: the end is missing",
        ),
    ] {
        assert_eq!(reason(text), expected, "{text}");
    }
}
