//! Code that was tampered with: the verifier refuses it, or it runs and reaches nothing that is not
//! its own.
//!
//! Sound programs are changed here and there, their costs put right again so that nothing but
//! the stacks and jumps can be at fault, and loaded. What is accepted runs beside the model, which
//! panics on the first cell or instruction that is not the function's to use.

mod support;

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{collection, proptest};
use stele_bytecode::function::Delta;
use stele_bytecode::instruction::{ALL, Flow, Op, Operands};
use stele_bytecode::module::Module;
use stele_vm::load::LoadError;
use support::bytecode::{Function, cases};
use support::generate::{Generated, program};
use support::host::{End, Limits, report, run};
use support::primitives::{LAST_MODELLED, PRIMITIVES};
use support::{BEYOND_MODEL, Host, Model, Program};

const ROOM: usize = 8 << 20;

const LIMITS: Limits = Limits {
    allowance: Some(2000),
    cut: 5000,
};

/// A change to one function.
#[derive(Clone, Debug)]
enum Change {
    /// The word becomes another.
    Word(usize, u32),
    /// One bit of the word.
    Bit(usize, u32),
    /// The instruction becomes another of the same length, its operands kept.
    Op(usize, usize),
    /// The operand word of an instruction grows or shrinks.
    Operand(usize, i32),
    /// What the header says of the need, the room or the change of depth.
    Need(i32),
    Room(i32),
    Delta(Delta),
    /// What it says of the value stack.
    ValueDelta(Delta),
    FloatDelta(Delta),
    /// An instruction less, or once more.
    Remove(usize),
    Double(usize),
}

fn change() -> impl Strategy<Value = Change> {
    let near = || prop_oneof![Just(-2), Just(-1), Just(1), Just(2)];
    prop_oneof![
        1 => (any::<usize>(), any::<u32>()).prop_map(|(at, word)| Change::Word(at, word)),
        2 => (any::<usize>(), 0..32_u32).prop_map(|(at, bit)| Change::Bit(at, bit)),
        6 => (any::<usize>(), any::<usize>()).prop_map(|(at, op)| Change::Op(at, op)),
        4 => (any::<usize>(), near()).prop_map(|(at, by)| Change::Operand(at, by)),
        2 => near().prop_map(Change::Need),
        2 => near().prop_map(Change::Room),
        2 => prop_oneof![
            (-3..4_i16).prop_map(Delta::Static), Just(Delta::Dynamic), Just(Delta::Never)
        ].prop_map(Change::Delta),
        2 => prop_oneof![(-3..4_i16).prop_map(Delta::Static), Just(Delta::Dynamic)]
            .prop_map(Change::ValueDelta),
        2 => prop_oneof![(-3..4_i16).prop_map(Delta::Static), Just(Delta::Dynamic)]
            .prop_map(Change::FloatDelta),
        2 => any::<usize>().prop_map(Change::Remove),
        2 => any::<usize>().prop_map(Change::Double),
    ]
}

/// Where the instructions begin, as far as the code is made of instructions.
fn instructions(code: &[u32]) -> Vec<(usize, Op)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(op) = code.get(at).copied().and_then(Op::decode) {
        if at + op.words() > code.len() {
            break;
        }
        found.push((at, op));
        at += op.words();
    }
    found
}

fn apply(function: &mut Function, change: &Change) {
    let code = &mut function.code;
    let places = instructions(code);
    let pick = |index: usize| places.get(index % places.len().max(1)).copied();
    match *change {
        Change::Word(at, word) => {
            let at = at % code.len();
            code[at] = word;
        }
        Change::Bit(at, bit) => {
            let at = at % code.len();
            code[at] ^= 1 << bit;
        }
        Change::Op(at, other) => {
            if let Some((at, op)) = pick(at) {
                let alike: Vec<Op> = ALL[1..]
                    .iter()
                    .copied()
                    .filter(|other| other.words() == op.words())
                    .collect();
                let other = alike[other % alike.len()];
                let high = if other.operands().uses_high_half() {
                    0xFFFF_0000
                } else {
                    0
                };
                code[at] = other as u32 | code[at] & high;
            }
        }
        Change::Operand(at, by) => {
            if let Some((at, op)) = pick(at).filter(|(_, op)| op.words() > 1) {
                // A check's room stands in the high half of its operand.
                let by = if op.operands() == Operands::Check && by % 2 == 0 {
                    by << 15
                } else {
                    by
                };
                code[at + 1] = code[at + 1].wrapping_add_signed(by);
            }
        }
        Change::Need(by) => {
            function.header.need = function.header.need.wrapping_add_signed(by as i16)
        }
        Change::Room(by) => function.header.room = function.header.room.wrapping_add_signed(by),
        Change::Delta(delta) => function.header.delta = delta,
        Change::ValueDelta(delta) => function.header.value_delta = delta,
        Change::FloatDelta(delta) => function.header.float_delta = delta,
        Change::Remove(at) => {
            if let Some((at, op)) = pick(at).filter(|(_, op)| op.words() < code.len()) {
                code.drain(at..at + op.words());
            }
        }
        Change::Double(at) => {
            if let Some((at, op)) = pick(at) {
                let words = code[at..at + op.words()].to_vec();
                code.splice(at..at, words);
            }
        }
    }
    function.header.length = u32::try_from(code.len()).expect("programs are small");
}

/// Makes every cost what the rule says, where there is a path to have one.
fn fix_costs(function: &mut Function) {
    let code = &mut function.code;
    let path = |code: &[u32], from: usize| {
        let mut cost = 0_u32;
        let mut at = from;
        while let Some(op) = code.get(at).copied().and_then(Op::decode) {
            let primitive = PRIMITIVES.get((code[at] >> 16) as usize);
            cost += match op {
                Op::Primitive => primitive.map_or(0, |primitive| primitive.effect.cost),
                _ => op.cost(),
            };
            if op.ends_path() {
                break;
            }
            at += op.words();
        }
        cost
    };
    for (at, op) in instructions(code) {
        if op == Op::Suspend {
            code[at + 2] = path(code, at + op.words());
        }
        if !op.operands().jumps() {
            continue;
        }
        let distance = code[at + 1].cast_signed() as isize;
        if let Some(target) = at.checked_add_signed(distance) {
            code[at + 2] = path(code, target);
        }
        if op.flow() == Flow::Branch {
            code[at + 3] = path(code, at + op.words());
        }
    }
    function.header.entry_cost = path(code, 0);
}

/// True if the model cannot say what the program does: it leaves addresses of code, or uses
/// primitives that reach outside.
fn is_beyond_model(program: &Program) -> bool {
    program.functions.iter().any(|function| {
        instructions(&function.code).iter().any(|(at, op)| {
            let outside = function.code[*at] >> 16 > u32::from(LAST_MODELLED);
            *op == Op::Function || BEYOND_MODEL.contains(op) || *op == Op::Primitive && outside
        })
    })
}

/// Loads a program and, if it is accepted, runs it beside the model.
fn run_if_accepted(program: &Program, text: &str) -> bool {
    let mut host = Host::new(ROOM);
    let loaded = host.with_module(&program.module(), |machine| {
        let data = report(machine, End::Cut).data;
        (data, run(machine, LIMITS, || u32::MAX))
    });
    match loaded {
        Ok(_) if is_beyond_model(program) => true,
        Ok((data, found)) => {
            let expected = Model::new(program, LIMITS, data).run();
            assert_eq!(found, expected, "{text}{:x?}", program.functions);
            true
        }
        Err(error) => {
            // A refusal says what and where.
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn what_was_tampered_with_is_refused_or_stays_within_its_bounds(
        Generated { text, mut program } in program(),
        changes in collection::vec((any::<usize>(), change()), 1..4),
    ) {
        for (index, change) in &changes {
            let index = index % program.functions.len();
            apply(&mut program.functions[index], change);
        }
        program.functions.iter_mut().for_each(fix_costs);
        run_if_accepted(&program, &text);
    }

    #[test]
    fn a_module_of_any_bytes_is_refused_or_runs(
        Generated { text, program } in program(),
        bytes in collection::vec((any::<usize>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<usize>()),
        repaired: bool,
    ) {
        const HEADER: usize = 48;
        let mut module = program.module();
        for (at, byte) in bytes {
            let at = at % module.len();
            module[at] = byte;
        }
        if let Some(cut) = cut {
            module.truncate(cut % (module.len() + 1));
        }
        if repaired && module.len() >= HEADER {
            repair(&mut module);
        }
        match Module::read(&module) {
            Err(error) => assert!(error.offset <= module.len() && !error.reason.is_empty()),
            Ok(_) => {
                let mut host = Host::new(ROOM);
                let result = host.with_module(&module, |machine| run(machine, LIMITS, || u32::MAX));
                if let Err(error) = result {
                    assert!(!error.to_string().is_empty(), "{text}");
                }
            }
        }
    }
}

/// Puts length and checksum right.
fn repair(module: &mut [u8]) {
    let contents = module[48..].to_vec();
    let mut repaired = Vec::new();
    stele_bytecode::module::write(|sink| sink(&contents), &mut |part| {
        repaired.extend_from_slice(part)
    });
    module.copy_from_slice(&repaired);
}

#[test]
fn a_function_that_says_it_may_be_copied_has_to_be_short_and_straight() {
    let mut host = Host::new(ROOM);
    for text in [
        "function f need 0 delta 0 room 1 cost 1 inline\n jump +3 1\n return\n",
        "function f need 0 delta 0 room 1 cost 1 inline\n return\n return\n",
        "function f need 0 delta 5 room 6 cost 6 inline\n cell 1\n cell 1\n cell 1\n cell 1\n cell 1\n return\n",
    ] {
        let refused = host.with_module(&Program::declared(text).module(), |_| ());
        assert_eq!(refused, Err(LoadError::NotInline(0)), "{text}");
    }
}

#[test]
fn a_token_of_no_word_of_the_module_is_refused() {
    let text = "function f need 0 delta 1 room 2 cost 2\n token #1\n return\n";
    let mut host = Host::new(ROOM);
    let refused = host.with_module(&Program::declared(text).module(), |_| ());
    assert_eq!(refused, Err(LoadError::BadToken(0, 0)));
}

#[test]
fn a_primitive_that_this_system_lacks_is_refused() {
    let mut module =
        Program::declared("function f need 0 delta 0 room 1 cost 1\n return\n").module();
    let name = module
        .windows(4)
        .position(|bytes| bytes == b"turn")
        .expect("it is imported");
    module[name] = b'b';
    repair(&mut module);
    let mut host = Host::new(ROOM);
    let refused = host.with_module(&module, |_| ());
    let number = PRIMITIVES
        .iter()
        .position(|primitive| primitive.name == "turn");
    assert_eq!(
        refused,
        Err(LoadError::UnknownPrimitive(number.expect("it is there")))
    );
}
