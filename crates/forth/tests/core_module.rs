//! The core words' module, damaged in every way: refused with place and reason, or it runs and does
//! no harm.

mod support;

use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::{collection, proptest};
use stele_assembly::{assemble, disassemble};
use stele_bytecode::module::Module;
use stele_forth::boot::{core_words, prepare_from};
use stele_forth::{BootError, Mode, PRIMITIVES};
use stele_hal::{Console, Devices, Files, Input, Time};
use stele_vm::{Bindings, Door, Machine, Outcome, Processor, World};
use support::{HEADER, cases, repair};

/// A console at which a short program is typed.
struct Typed {
    input: &'static [u8],
    written: usize,
}

impl Typed {
    fn new() -> Self {
        Self {
            input:
                b": sq dup * ; 7 sq . : e 10 0 ?do i 3 /mod loop ; e .s ' sq catch words see sq\n\
                1 0 / nonsense \" s\" dup execute here 9 cells allot , @ create x 7 , does> ; bye\n",
            written: 0,
        }
    }
}

impl Console for Typed {
    fn write(&mut self, bytes: &[u8]) {
        self.written += bytes.len();
    }

    fn read(&mut self) -> Input {
        match self.input.split_first() {
            None => Input::Closed,
            Some((byte, rest)) => {
                self.input = rest;
                Input::Byte(*byte)
            }
        }
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

/// Starts an instance from a core module and lets it run for a while; what was refused is said.
fn start(core: &[u8]) -> Result<Outcome, BootError> {
    let mut region = vec![0; (4 << 20) / 8];
    let mut world = World::new(&mut region, PRIMITIVES).expect("the region is large enough");
    world.create_vm0(0, |_| {}).expect("there is room for it");
    let (mut processor, mut console) = (Processor::new(), Typed::new());
    let door = Door {
        outside: &mut console,
        bindings: &mut Bindings::new(),
    };
    let mut machine =
        Machine::attach(&mut processor, &mut world, 0, door).expect("it was just made");
    prepare_from(core, &mut machine, Mode::default())?;
    let mut outcome = Outcome::Preempted;
    for _ in 0..1000 {
        outcome = machine.run(1000);
        if !matches!(outcome, Outcome::Preempted | Outcome::Waiting(_)) {
            break;
        }
    }
    Ok(outcome)
}

/// Where the code of the functions begins and ends.
fn code_range(core: &[u8]) -> (usize, usize) {
    let module = Module::read(core).expect("the core words are sound");
    let first = module.functions().next().expect("there are functions");
    let last = module.functions().last().expect("there are functions");
    (first.offset, last.offset + last.code.len())
}

#[test]
fn the_core_words_are_sound_and_answer() {
    assert_eq!(start(core_words()), Ok(Outcome::Bye(0)));
}

#[test]
fn the_text_of_the_core_words_makes_their_very_bytes() {
    let module = Module::read(core_words()).expect("the core words are sound");
    let text = disassemble(&module);
    let again = assemble(&text, &|_| None).unwrap_or_else(|error| panic!("{error}"));
    assert!(again.encode() == core_words());
}

#[test]
fn a_module_cut_off_anywhere_is_refused() {
    let core = core_words();
    for length in (0..core.len()).step_by(97).chain(0..HEADER + 9) {
        let error = Module::read(&core[..length]).expect_err("it is cut off");
        assert!(error.offset <= length, "{error}");
        assert!(!error.reason.is_empty());
    }
}

#[test]
fn a_module_with_something_behind_it_is_refused() {
    let mut core = core_words().to_vec();
    core.push(0);
    assert_eq!(Module::read(&core).expect_err("it is too long").offset, 12);
    repair(&mut core);
    let error = Module::read(&core).expect_err("something follows the last part");
    assert_eq!(error.offset, core.len() - 1);
}

#[test]
fn every_single_bit_of_the_header_matters() {
    for bit in 0..HEADER * 8 {
        let mut core = core_words().to_vec();
        core[bit / 8] ^= 1 << (bit % 8);
        let error = Module::read(&core).expect_err("a bit is wrong");
        assert!(error.offset < HEADER, "{error}");
    }
}

fn byte_change() -> impl Strategy<Value = (usize, u8)> {
    let byte = prop_oneof![any::<u8>(), 0..8_u8, (0..8_u32).prop_map(|bit| 1 << bit)];
    (any::<usize>(), byte)
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn a_changed_byte_without_its_checksum_is_refused((at, byte) in byte_change()) {
        let mut core = core_words().to_vec();
        let at = at % core.len();
        core[at] ^= byte;
        let error = Module::read(&core).err();
        assert_eq!(error.is_some(), byte != 0);
        if let Some(error) = error {
            assert!(error.offset <= at.max(HEADER), "{error}");
        }
    }

    #[test]
    fn any_bytes_with_a_checksum_are_refused_or_run(
        changes in collection::vec(byte_change(), 1..5)
    ) {
        let mut core = core_words().to_vec();
        for (at, byte) in changes {
            let at = HEADER + at % (core.len() - HEADER);
            core[at] ^= byte;
        }
        repair(&mut core);
        if let Err(error) = start(&core) {
            assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn code_that_was_changed_is_refused_or_runs(changes in collection::vec(byte_change(), 1..3)) {
        let mut core = core_words().to_vec();
        let (first, end) = code_range(&core);
        for (at, byte) in changes {
            core[first + at % (end - first)] ^= byte;
        }
        repair(&mut core);
        if let Err(error) = start(&core) {
            assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn bytes_that_were_never_a_module_are_refused(mut bytes in collection::vec(any::<u8>(), 0..400)) {
        assert!(Module::read(&bytes).is_err());
        if bytes.len() >= HEADER {
            repair(&mut bytes);
            let refused = Module::read(&bytes);
            assert!(refused.is_ok() || refused.is_err_and(|error| error.offset <= bytes.len()));
        }
    }
}
