//! Random programs: definitions with every structure, whose text can be read when a test fails.

use super::BEYOND_MODEL;
use super::bytecode::script::define;
use super::program::{Program, WordSpec, environment};
use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use stele_bytecode::analysis::{Lane, LaneEffect};
use stele_bytecode::instruction::{ALL, Flow, Op, Operands};

/// Words of a program beside those of its functions.
const MORE_WORDS: usize = 4;

/// Locals of the definitions that have some.
const LOCALS: u16 = 4;

/// A number that is likely to matter: small, an address, a limit.
fn number() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => -3..12_i64,
        4 => (0..24_i64).prop_map(|cell| 4096 + 8 * cell),
        2 => 8180..8200_i64,
        1 => 4080..4100_i64,
        1 => -1100..-200_i64,
        1 => prop_oneof![
            Just(i64::MIN), Just(i64::MAX), Just(i64::MIN + 1), Just(1 << 32), Just(-56_i64)
        ],
        1 => any::<i64>(),
    ]
}

/// An address in data space, of a cell or beside one.
fn address() -> impl Strategy<Value = i64> {
    prop_oneof![6 => (0..24_i64).prop_map(|cell| 4096 + 8 * cell), 1 => 4096..4200_i64]
}

/// Instructions that trap with most operands.
const RISKY: &[Op] = &[
    Op::Pick,
    Op::Div,
    Op::Mod,
    Op::DivMod,
    Op::MulDiv,
    Op::MulDivMod,
    Op::UDivWide,
    Op::FloorDivWide,
    Op::SymmetricDivWide,
    Op::Fetch,
    Op::Store,
    Op::ByteFetch,
    Op::ByteStore,
    Op::PlusStore,
    Op::TwoFetch,
    Op::TwoStore,
    Op::DupFetch,
    Op::OverFetch,
    Op::AddFetch,
    Op::AddByteFetch,
    Op::SwapStore,
    Op::SwapByteStore,
    Op::VPick,
    Op::VFrom,
    Op::FPick,
    Op::FFetch,
    Op::FStore,
];

/// An instruction that stands alone: no operand, no jump, nothing of the return stack.
fn plain(risky: bool) -> impl Strategy<Value = String> {
    let ops: Vec<Op> = ALL[1..]
        .iter()
        .copied()
        .filter(|op| {
            let stack = op.stack();
            op.operands() == Operands::None
                && matches!(op.flow(), Flow::Next | Flow::Unknown)
                && (stack.return_takes, stack.return_leaves) == (0, 0)
                && !matches!(op, Op::Execute | Op::Throw)
                && !BEYOND_MODEL.contains(op)
                && (!uses_lanes(*op) || RISKY.contains(op))
                && RISKY.contains(op) == risky
        })
        .collect();
    (0..ops.len()).prop_map(move |index| ops[index].mnemonic().to_owned())
}

fn uses_lanes(op: Op) -> bool {
    Lane::ALL
        .iter()
        .any(|lane| op.lane(*lane) != LaneEffect::NONE)
}

/// What is done with floats, mostly with floats to do it with.
fn floating() -> impl Strategy<Value = String> {
    let ops: Vec<Op> = ALL[1..]
        .iter()
        .copied()
        .filter(|op| op.lane(Lane::Floats) != LaneEffect::NONE && op.operands() == Operands::None)
        .filter(|op| !RISKY.contains(op))
        .collect();
    let done = (0..ops.len()).prop_map(move |index| ops[index].mnemonic().to_owned());
    prop_oneof![
        4 => number().prop_map(|number| format!("{number} s>f")),
        2 => any::<f64>().prop_map(|float| format!("{} bits>f", float.to_bits().cast_signed())),
        4 => done.clone(),
        5 => done.prop_map(|done| format!("1 s>f 2 s>f 3 s>f 1 2 {done}")),
        1 => (0..3_u8).prop_map(|below| format!("{below} fpick")),
        1 => address().prop_map(|address| format!("{address} f@")),
        1 => address().prop_map(|address| format!("1 s>f {address} f!")),
        1 => Just("fdepth".to_owned()),
        1 => Just("mean".to_owned()),
        1 => (0..4_u8).prop_map(|count| format!("{count} repeats")),
    ]
}

/// What moves values about, mostly with values to move.
fn valued() -> impl Strategy<Value = String> {
    let ops: Vec<Op> = ALL[1..]
        .iter()
        .copied()
        .filter(|op| op.lane(Lane::Values) != LaneEffect::NONE && op.operands() == Operands::None)
        .filter(|op| !RISKY.contains(op) && !BEYOND_MODEL.contains(op))
        .collect();
    let moved = (0..ops.len()).prop_map(move |index| ops[index].mnemonic().to_owned());
    prop_oneof![
        4 => number().prop_map(|number| format!("{number} >v")),
        2 => number().prop_map(|number| format!("{number} text")),
        3 => moved.clone(),
        4 => moved.prop_map(|moved| format!("1 >v 2 >v 3 text {moved}")),
        1 => Just("second".to_owned()),
        1 => (0..4_u8).prop_map(|count| format!("{count} copies")),
        1 => (0..3_u8).prop_map(|below| format!("{below} vpick")),
        1 => number().prop_map(|number| format!("{number} >v v>")),
        1 => Just("vdepth".to_owned()),
    ]
}

fn spaced(parts: Vec<String>) -> String {
    parts.join(" ")
}

/// What a definition is made of; `words` is how many words there are.
fn part(words: usize) -> BoxedStrategy<String> {
    let token = 0..words + 2;
    let leaf = prop_oneof![
        10 => plain(false),
        1 => plain(true),
        4 => valued(),
        4 => floating(),
        8 => number().prop_map(|number| number.to_string()),
        1 => (number(), plain(false)).prop_map(|(number, op)| format!("{number} {op}")),
        3 => (address(), plain(true)).prop_map(|(address, op)| format!("{address} {op}")),
        1 => (address(), number()).prop_map(|(address, number)| format!("{number} {address} !")),
        1 => (address(), -9..10_i64).prop_map(|(address, more)| format!("{address} {more} + c@")),
        1 => (0..4_u8).prop_map(|below| format!("{below} pick")),
        1 => (1..9_i64).prop_map(|divisor| format!("{divisor} /mod")),
        2 => (0..8_usize).prop_map(|index| format!("p{index}")),
        1 => (0..300_i64).prop_map(|units| format!("{units} work")),
        1 => prop_oneof![Just("nop"), Just("pair"), Just("sum"), Just("some"), Just("turn")]
            .prop_map(str::to_owned),
        1 => token.clone().prop_map(|token| format!("{token} execute")),
        1 => (0..words).prop_map(|token| format!("call-word {token}")),
        1 => token.prop_map(|token| format!("{token} catch-enter catch-exit")),
        2 => Just("dup 0> IF 1- RECURSE THEN".to_owned()),
        1 => Just("7 and IF RECURSE THEN".to_owned()),
        1 => prop_oneof![Just("0 throw"), Just("0= throw"), Just("0 fail"), Just("0= IF never THEN")]
            .prop_map(str::to_owned),
        1 => prop_oneof![Just("dup 0= IF EXIT THEN"), Just("dup IF -9 throw THEN")]
            .prop_map(str::to_owned),
        3 => (0..LOCALS).prop_map(|position| format!("GET {position}")),
        1 => (0..LOCALS).prop_map(|position| format!("SET {position}")),
    ];
    leaf.prop_recursive(3, 40, 6, |inner| {
        let body = vec(inner, 0..6).prop_map(spaced).boxed();
        let looped = prop_oneof![
            4 => body.clone(),
            1 => body.clone().prop_map(|body| format!("i {body}")),
            1 => body.clone().prop_map(|body| format!("{body} i drop LEAVE")),
            1 => body.clone().prop_map(|body| format!("dup IF LEAVE THEN {body}")),
            1 => body.clone().prop_map(|body| format!("4096 i cells + @ {body}")),
            1 => body.clone().prop_map(|body| format!("5000 i + c@ {body} 4999 i + c!")),
        ];
        prop_oneof![
            2 => body.clone().prop_map(|body| format!("IF {body} THEN")),
            2 => (body.clone(), body.clone())
                .prop_map(|(then, other)| format!("IF {then} ELSE {other} THEN")),
            1 => body.clone().prop_map(|body| format!("?dup IF {body} THEN")),
            1 => (number(), body.clone())
                .prop_map(|(number, body)| format!("dup {number} < IF {body} THEN")),
            1 => body.clone().prop_map(|body| format!("BEGIN {body} UNTIL")),
            1 => (body.clone(), body.clone())
                .prop_map(|(test, body)| format!("BEGIN {test} WHILE {body} REPEAT")),
            1 => (number(), number(), looped.clone())
                .prop_map(|(limit, start, body)| format!("{limit} {start} DO {body} LOOP")),
            1 => (0..5_i64, looped.clone())
                .prop_map(|(limit, body)| format!("{limit} 0 ?DO {body} LOOP")),
            1 => (0..5_i64, number(), looped)
                .prop_map(|(limit, step, body)| format!("{limit} 0 DO {body} {step} +LOOP")),
            1 => body.clone().prop_map(|body| format!(">r {body} r>")),
            1 => body.clone().prop_map(|body| format!("2>r {body} r@ 2r>")),
            1 => (0..3_i64, body)
                .prop_map(|(outer, body)| format!("{outer} 0 ?DO 2 0 DO j {body} drop LOOP LOOP")),
        ]
    })
    .boxed()
}

/// A random program, with the text of its definitions.
#[derive(Clone)]
pub(crate) struct Generated {
    pub(crate) text: String,
    pub(crate) program: Program,
}

impl core::fmt::Debug for Generated {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Random programs of a few functions; the last calls all others, each with what it needs.
pub(crate) fn program() -> impl Strategy<Value = Generated> {
    (1..5_usize).prop_flat_map(|count| {
        let body = vec(part(count + MORE_WORDS), 0..8).prop_map(spaced);
        let body = (body, any::<bool>(), 0..=LOCALS).prop_map(|(body, locals, arguments)| {
            if locals {
                format!("LOCALS {arguments} {} {body}", LOCALS - arguments)
            } else {
                body.replace("GET ", "").replace("SET ", "drop ")
            }
        });
        let calls = vec((number(), 0..3_u8), count);
        (vec(body, count), calls).prop_map(|(bodies, calls)| generate(&bodies, &calls))
    })
}

fn generate(bodies: &[String], calls: &[(i64, u8)]) -> Generated {
    let primitives = environment();
    let mut functions = Vec::new();
    let mut text = String::new();
    for (index, body) in bodies.iter().enumerate() {
        // A call of a function that is not there yet is a call of the one before, or of nothing.
        let mut body = format!("{body} EXIT");
        for callee in 0..8_usize {
            let found = callee.min(index.saturating_sub(1));
            let name = if index == 0 {
                "nop".to_owned()
            } else {
                format!("f{found}")
            };
            body = body.replace(&format!("p{callee} "), &format!("{name} "));
        }
        let name = format!("f{index}");
        // What breaks a rule of the bytecode is replaced by what does not.
        if define(&name, &body, &primitives, &mut functions).is_err() {
            body = "return".to_owned();
            define(&name, &body, &primitives, &mut functions).expect("this is sound");
        }
        text += &format!("{name}: {body}\n");
    }
    let mut main = String::new();
    for (index, (number, how)) in calls.iter().enumerate() {
        for more in 0..functions[index].header.need {
            main += &format!("{} ", number.wrapping_add(i64::from(more)));
        }
        if let [first, operand, ..] = functions[index].code[..]
            && first == Op::CheckValues as u32
        {
            for more in 0..(operand & 0xFFFF).min(20) {
                main += &format!("{} >v ", number.wrapping_add(i64::from(more)));
            }
        }
        main += &match how {
            0 => format!("f{index} "),
            1 => format!("{index} catch-enter catch-exit "),
            _ => format!("{index} execute "),
        };
    }
    main += "return";
    define("main", &main, &primitives, &mut functions).expect("all it needs is there");
    text += &format!("main: {main}\n");
    let mut program = Program::new(functions);
    let first = bodies.len();
    program.words.truncate(first);
    program.words.extend([
        WordSpec::with_body(Some(0), 77),
        WordSpec::with_body(None, 4104),
        WordSpec::deferred(0),
        WordSpec::deferred(i64::try_from(first).expect("programs are small") + 3),
    ]);
    program.data = (0..64).collect();
    Generated { text, program }
}
