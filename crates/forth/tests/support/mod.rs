//! What tests share that type programs at an instance: the console, sessions of lines with what they
//! must print, and numbers worth trying.

#![allow(dead_code, reason = "each test uses its part")]

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof};
use std::fmt::Write as _;
use stele_bytecode::module;
use stele_forth::boot::{core_words, prepare_from};
use stele_forth::{BootError, Mode, PRIMITIVES};
use stele_hal::{Console, Devices, Files, Input, Time};
use stele_vm::{Bindings, Door, Machine, Outcome, Processor, World};

/// A console at which a program is typed; what is written is kept.
struct Typed {
    input: std::vec::IntoIter<u8>,
    written: Vec<u8>,
}

impl Console for Typed {
    fn write(&mut self, bytes: &[u8]) {
        self.written.extend_from_slice(bytes);
    }

    fn read(&mut self) -> Input {
        self.input.next().map_or(Input::Closed, Input::Byte)
    }

    fn has_input(&mut self) -> bool {
        true
    }

    fn take_interrupt(&mut self) -> bool {
        false
    }
}

impl Time for Typed {
    fn now_ns(&self) -> u64 {
        0
    }
}

impl Devices for Typed {}

impl Files for Typed {}

/// Types a program at a new instance that is made of these core words; what it wrote until BYE.
///
/// # Errors
/// If the core words are refused.
pub(crate) fn typed_at(core: &[u8], mode: Mode, program: &str) -> Result<String, BootError> {
    let mut region = vec![0; (4 << 20) / 8];
    let mut world = World::new(&mut region, PRIMITIVES).expect("the region is large enough");
    world.create_vm0(0, |_| {}).expect("there is room for it");
    let mut console = Typed {
        input: program.as_bytes().to_vec().into_iter(),
        written: Vec::new(),
    };
    let mut processor = Processor::new();
    let mut bindings = Bindings::new();
    let door = Door {
        outside: &mut console,
        bindings: &mut bindings,
    };
    let mut machine =
        Machine::attach(&mut processor, &mut world, 0, door).expect("it was just made");
    prepare_from(core, &mut machine, mode)?;
    loop {
        match machine.run(1 << 20) {
            Outcome::Preempted => {}
            Outcome::Bye(0) => break,
            other => panic!("{program}\nended with {other:?}"),
        }
    }
    Ok(String::from_utf8(console.written).expect("only UTF-8 is printed"))
}

/// Types a program at a new instance, which does not echo it; what it wrote.
pub(crate) fn typed(program: &str) -> String {
    let mode = Mode {
        quiet: true,
        ..Mode::default()
    };
    typed_at(core_words(), mode, program).expect("the core words are sound")
}

/// What is typed, and what must then be printed, line by line.
#[derive(Default)]
pub(crate) struct Session {
    program: String,
    expected: Vec<(String, String)>,
}

impl Session {
    /// Types a line, which prints that.
    pub(crate) fn line(&mut self, line: String, expected: impl Into<String>) {
        let _ = writeln!(self.program, "{line} CR");
        self.expected.push((line, expected.into()));
    }

    /// Runs it all and compares.
    pub(crate) fn check(self) {
        let printed = typed(&self.program);
        let mut printed = printed.lines();
        for (line, expected) in self.expected {
            let printed = printed.next().map(str::trim_end);
            assert_eq!(printed, Some(expected.as_str()), "{line}");
        }
        assert_eq!(printed.next(), None);
    }
}

/// A number in digits of `base`.
pub(crate) fn digits(d: i128, base: u32) -> String {
    let mut rest = d.unsigned_abs();
    let mut digits = Vec::new();
    while rest > 0 || digits.is_empty() {
        let digit = (rest % u128::from(base)) as u32;
        digits.push(char::from_digit(digit, 36).expect("it is below 36"));
        rest /= u128::from(base);
    }
    let sign = if d < 0 { "-" } else { "" };
    sign.chars()
        .chain(digits.into_iter().rev())
        .collect::<String>()
        .to_ascii_uppercase()
}

/// Doubles: limits, neighbours of powers of two, any.
pub(crate) fn double() -> impl Strategy<Value = i128> {
    let edges = [0, 1, -1, i128::MAX, i128::MIN].map(Just).to_vec();
    let powers =
        (0..128_u32, -1..2_i128).prop_map(|(bit, more)| (1_i128 << bit).wrapping_add(more));
    prop_oneof![
        1 => proptest::strategy::Union::new(edges),
        2 => powers.clone(),
        1 => powers.prop_map(i128::wrapping_neg),
        3 => (any::<i128>(), 0..128_u32).prop_map(|(bits, shift)| bits >> shift),
    ]
}

/// Numbers: limits, small ones, any.
pub(crate) fn single() -> impl Strategy<Value = i64> {
    prop_oneof![
        1 => Just(i64::MIN),
        1 => Just(i64::MAX),
        2 => -3..4_i64,
        4 => (any::<i64>(), 0..64_u32).prop_map(|(bits, shift)| bits >> shift),
    ]
}

/// A flag as it is printed.
pub(crate) fn flag(flag: bool) -> &'static str {
    if flag { "-1" } else { "0" }
}

/// So many cases, or as many as PROPTEST_CASES says.
pub(crate) fn cases(count: u32) -> ProptestConfig {
    let wanted = std::env::var("PROPTEST_CASES").ok();
    ProptestConfig {
        cases: wanted
            .and_then(|wanted| wanted.parse().ok())
            .unwrap_or(count),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Bytes before the parts of a module: magic, version, length, checksum.
pub(crate) const HEADER: usize = 48;

/// Puts length and checksum of a module right.
pub(crate) fn repair(damaged: &mut [u8]) {
    let contents = damaged[HEADER..].to_vec();
    let mut repaired = Vec::new();
    module::write(|sink| sink(&contents), &mut |part| {
        repaired.extend_from_slice(part)
    });
    damaged.copy_from_slice(&repaired);
}
