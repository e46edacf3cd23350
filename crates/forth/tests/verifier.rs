//! Modules that were tampered with: the verifier refuses them, or they run and reach nothing that is
//! not theirs.
//!
//! Sound functions (the core words, and those of crates/vm/tests/cases/script.txt) are changed here and
//! there and mixed with each other. What they declare is found out anew for most, so that many are
//! accepted. Whatever is accepted runs for a while, is collected, and is saved and loaded again in
//! the middle: a loaded world is verified from nothing, frame by frame, so this holds what the
//! interpreter did to what the verifier says it does. Built with debug assertions, the interpreter
//! and the memory look at themselves as well.
//!
//! `cargo xtask soak verifier --minutes N` does this for as long as one likes. A module with which
//! something goes wrong is left in the temporary directory, to be mended and kept in tests/corpus, whose
//! modules are run first, every time.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use stele_assembly::{OwnedFunction, OwnedModule, assemble};
use stele_bytecode::analysis::{Callees, Declared, Effect, Mode, SELF, Slot, analyse};
use stele_bytecode::instruction::{ALL, Op, Operands};
use stele_bytecode::module::Module;
use stele_forth::PRIMITIVES;
use stele_forth::boot::core_words;
use stele_hal::{Console, Devices, Files, Input, Time};
use stele_memory::CodeRef;
use stele_vm::{Bindings, Door, Machine, Outcome, Processor, World};

/// Bytes of each world.
const REGION: usize = 2 << 20;

/// Cost units that a module may use, and turns that it is given.
const ALLOWANCE: u64 = 20_000;
const TURNS: usize = 60;

/// Modules that a run without a time takes.
const FEW: usize = 300;

struct Nobody;

impl Console for Nobody {
    fn write(&mut self, _: &[u8]) {}

    fn read(&mut self) -> Input {
        Input::Byte(b'x')
    }

    fn has_input(&mut self) -> bool {
        true
    }

    fn take_interrupt(&mut self) -> bool {
        false
    }
}

impl Time for Nobody {
    fn now_ns(&self) -> u64 {
        0
    }
}

impl Devices for Nobody {}

impl Files for Nobody {}

/// Numbers that look random and come again (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, count: usize) -> usize {
        (self.next() >> 33) as usize % count.max(1)
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Sound modules to begin with.
fn seeds() -> Vec<OwnedModule> {
    let core = Module::read(core_words()).expect("the core words are sound");
    let mut seeds = vec![OwnedModule::of(&core)];
    let path = "../vm/tests/cases/script.txt";
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
    let text = text.expect("the cases are there");
    for case in text.split("=== ").skip(1) {
        let module = case.split("--- leaves").next().unwrap_or_default();
        let module = module.split_once('\n').unwrap_or_default().1;
        seeds.extend(assemble(module, &effect_of));
    }
    assert!(seeds.len() > 20, "most cases are modules");
    seeds
}

fn effect_of(name: &str) -> Option<Effect> {
    let row = PRIMITIVES.iter().find(|row| row.name == name)?;
    Some(row.effect)
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

/// A module of some functions of `seeds`, changed here and there.
fn tampered(seeds: &[OwnedModule], random: &mut Random) -> OwnedModule {
    // The core words are most of what there is, and only one of the seeds.
    let seed = match random.chance(40) {
        true => &seeds[0],
        false => random.pick(seeds),
    };
    let mut module = match seed.functions.len() {
        0..=8 => seed.clone(),
        _ => excerpt(seed, random),
    };
    if random.chance(30) {
        let other = random.pick(seeds);
        let foreign = random.pick(&other.functions).clone();
        let count = module.functions.len();
        module.functions[random.below(count)] = foreign;
    }
    let mut changed = BTreeSet::new();
    for _ in 0..=random.below(4) {
        let index = random.below(module.functions.len());
        change(&mut module.functions[index], random);
        changed.insert(index);
    }
    let primitives = module.primitives.len();
    for function in &mut module.functions {
        keep_within(function, random, primitives);
    }
    for index in 0..module.functions.len() {
        let declares_anew = random.chance(90);
        if declares_anew {
            declare(&mut module, index);
        }
    }
    let ready = |function: &OwnedFunction| function.header.need == 0;
    let able: Vec<usize> = (0..module.functions.len())
        .filter(|index| ready(&module.functions[*index]))
        .collect();
    if !able.is_empty() {
        module.entry = *random.pick(&able) as u32;
    }
    if random.chance(5) {
        module.limits.cells = random.next() as u32;
    }
    module
}

/// A few functions of a large module, their calls made calls of each other.
fn excerpt(seed: &OwnedModule, random: &mut Random) -> OwnedModule {
    let first = random.below(seed.functions.len() - 6);
    OwnedModule {
        functions: seed.functions[first..first + 6].to_vec(),
        words: Vec::new(),
        primitives: seed.primitives.clone(),
        ..OwnedModule::default()
    }
}

fn change(function: &mut OwnedFunction, random: &mut Random) {
    let places = instructions(&function.code);
    let code = &mut function.code;
    let Some(&(at, op)) = places.get(random.below(places.len())) else {
        return;
    };
    match random.below(12) {
        0 => {
            let at = random.below(code.len());
            code[at] = random.next() as u32;
        }
        1 => {
            let at = random.below(code.len());
            code[at] ^= 1 << random.below(32);
        }
        2..=4 => {
            let alike: Vec<Op> = ALL[1..]
                .iter()
                .copied()
                .filter(|other| other.words() == op.words())
                .collect();
            let other = *random.pick(&alike);
            let high = match other.operands().uses_high_half() {
                true => (random.below(5) as u32) << 16,
                false => 0,
            };
            code[at] = other as u32 | high;
        }
        5 | 6 => {
            let other = *random.pick(&ALL[1..]);
            let mut words = vec![other as u32; 1];
            if other.operands().uses_high_half() {
                words[0] |= (random.below(4) as u32) << 16;
            }
            words.resize(other.words(), random.below(4) as u32);
            code.splice(at..at, words);
        }
        7 => {
            if op.words() > 1 {
                let by = random.below(9) as i32 - 4;
                code[at + 1] = code[at + 1].wrapping_add_signed(by);
            }
        }
        8 => {
            if op.words() < code.len() {
                code.drain(at..at + op.words());
            }
        }
        9 => {
            let words = code[at..at + op.words()].to_vec();
            code.splice(at..at, words);
        }
        10 => function.header.need = random.below(4) as u16,
        _ => function.header.room = random.below(12) as u32,
    }
    function.code.truncate(2000);
}

/// Makes most operands name something that is there.
fn keep_within(function: &mut OwnedFunction, random: &mut Random, primitives: usize) {
    for (at, op) in instructions(&function.code) {
        if random.chance(1) {
            continue;
        }
        match op.operands() {
            Operands::Primitive => {
                let number = function.code[at] >> 16;
                let number = number % primitives.max(1) as u32;
                function.code[at] = op as u32 | number << 16;
            }
            Operands::Function | Operands::Closure if function.code[at + 1] != SELF => {
                function.code[at + 1] %= 6;
            }
            _ => {}
        }
    }
}

/// What the code of a module calls.
struct Known<'m>(&'m OwnedModule);

impl Callees for Known<'_> {
    fn function(&self, operand: u32) -> Option<Effect> {
        let function = self.0.functions.get(operand as usize)?;
        Some(Effect::of_function(&function.header))
    }

    fn primitive(&self, number: u16) -> Option<Effect> {
        let name = self.0.primitives.get(usize::from(number))?;
        effect_of(core::str::from_utf8(name).ok()?)
    }
}

/// Lets a function declare what it does, if that can be found out.
fn declare(module: &mut OwnedModule, index: usize) {
    let mut function = module.functions[index].clone();
    let mut slots = vec![Slot::default(); function.code.len()];
    let unknown = Declared::unknown();
    let code = &mut function.code;
    let found = analyse(code, &mut slots, &Known(module), Mode::Infer, unknown);
    let Ok(found) = found else { return };
    let header = &mut function.header;
    header.need = found.declared.need;
    header.room = found.declared.room;
    header.delta = found.declared.delta;
    header.value_delta = found.declared.value_delta;
    header.float_delta = found.declared.float_delta;
    header.entry_cost = found.declared.entry_cost;
    header.inline = false;
    module.functions[index] = function;
}

/// What became of a module.
#[derive(Default)]
struct Tally {
    modules: u64,
    accepted: u64,
    images: u64,
    units: u64,
}

/// Lets `work` have the instance of a world; nothing if it is dead.
fn attached<T>(world: &mut World<'_>, work: impl FnOnce(&mut Machine<'_, '_>) -> T) -> Option<T> {
    let mut processor = Processor::new();
    let door = Door {
        outside: &mut Nobody,
        bindings: &mut Bindings::new(),
    };
    let mut machine = Machine::attach(&mut processor, world, 0, door)?;
    Some(work(&mut machine))
}

/// Loads a module and, if it is accepted, runs it.
fn attempt(bytes: &[u8], random: &mut Random, tally: &mut Tally) {
    tally.modules += 1;
    let Ok(module) = Module::read(bytes) else {
        return;
    };
    let mut region = vec![0u64; REGION / 8];
    let mut world = World::new(&mut region, PRIMITIVES).expect("the region is large enough");
    world.create_vm0(0, |_| {}).expect("there is room for it");
    let loaded = attached(&mut world, |machine| {
        let mut places = vec![CodeRef(0); module.function_count() as usize];
        let place = &mut |index: u32, code| places[index as usize] = code;
        machine.grow_data(8192).ok()?;
        machine.load_module(&module, 0, place).ok()?;
        machine.start(places[module.entry as usize]).ok()?;
        machine.set_allowance(Some(ALLOWANCE));
        Some(())
    });
    if loaded.flatten().is_none() {
        return;
    }
    tally.accepted += 1;
    let mut other = vec![0u64; REGION / 8];
    let mut image = vec![0; REGION];
    for _ in 0..TURNS {
        let quantum = [0, 0, 10, 100, 1000][random.below(5)];
        let outcome = attached(&mut world, |machine| {
            let before = machine.cost();
            let outcome = match quantum {
                0 => machine.run_to_safepoint(),
                _ => machine.run(quantum),
            };
            (outcome, machine.cost() - before)
        });
        let Some((outcome, units)) = outcome else {
            return;
        };
        tally.units += units;
        if !matches!(outcome, Outcome::Preempted) {
            return;
        }
        if random.chance(20) {
            attached(&mut world, |machine| {
                let _ = machine.collect_everything();
            });
        }
        if random.chance(20) {
            let length = world.save(&mut image).expect("it fits");
            if let Err(error) = World::load(&mut other, &image[..length], PRIMITIVES) {
                assert!(
                    error.to_string().starts_with("no room"),
                    "a world in the middle of its run is refused: {error}"
                );
            }
            tally.images += 1;
        }
    }
}

/// As [`attempt`]; what goes wrong leaves the module behind.
fn attempt_or_keep(bytes: &[u8], random: &mut Random, tally: &mut Tally) {
    let state = random.0;
    let result = catch_unwind(AssertUnwindSafe(|| attempt(bytes, random, tally)));
    if let Err(panic) = result {
        let path = std::env::temp_dir().join(format!("stele-verifier-{state:016x}.svc"));
        std::fs::write(&path, bytes).expect("the module can be kept");
        eprintln!("it went wrong with {}, kept for you", path.display());
        std::panic::resume_unwind(panic);
    }
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

#[test]
fn every_module_of_the_corpus_is_refused_or_stays_within_its_bounds() {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(corpus())
        .expect("the corpus is there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "svc"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "the corpus has modules");
    for path in paths {
        let bytes = std::fs::read(&path).expect("it can be read");
        for seed in 1..20 {
            attempt_or_keep(&bytes, &mut Random(seed), &mut Tally::default());
        }
    }
}

#[test]
fn what_was_tampered_with_is_refused_or_stays_within_its_bounds() {
    let minutes = std::env::var("STELE_SOAK_MINUTES").ok();
    let minutes: Option<u64> = minutes.map(|minutes| minutes.parse().expect("a number"));
    let seeds = seeds();
    let begun = Instant::now();
    // A long run is another each time; what it finds is kept as a module.
    let mut random = Random(match minutes {
        None => 0x5EED,
        Some(_) => begun_at(),
    });
    let mut tally = Tally::default();
    let mut told = 0;
    loop {
        let mut bytes = tampered(&seeds, &mut random).encode();
        if random.chance(3) {
            for _ in 0..4 {
                let at = random.below(bytes.len());
                bytes[at] = random.next() as u8;
            }
            repair(&mut bytes);
        }
        attempt_or_keep(&bytes, &mut random, &mut tally);
        let elapsed = begun.elapsed();
        match minutes {
            None if tally.modules >= FEW as u64 => break,
            Some(minutes) if elapsed >= Duration::from_secs(60 * minutes) => break,
            _ => {}
        }
        if elapsed.as_secs() / 60 > told {
            told = elapsed.as_secs() / 60;
            report(&tally, told);
        }
    }
    assert!(tally.accepted > 0, "some are accepted");
    if let Some(minutes) = minutes {
        report(&tally, minutes);
    }
}

fn report(tally: &Tally, minutes: u64) {
    let Tally {
        modules,
        accepted,
        images,
        units,
    } = tally;
    println!(
        "{minutes} minutes: {modules} modules, {accepted} accepted and run for {units} cost units, \
         {images} times saved and verified, nothing wrong"
    );
}

/// Where a long run begins.
fn begun_at() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(1, |now| now.as_nanos() as u64 | 1)
}

/// Puts length and checksum right.
fn repair(module: &mut [u8]) {
    const HEADER: usize = 48;
    let contents = module[HEADER..].to_vec();
    let mut repaired = Vec::new();
    stele_bytecode::module::write(|sink| sink(&contents), &mut |part| {
        repaired.extend_from_slice(part);
    });
    module.copy_from_slice(&repaired);
}
