//! One program in a world of its own, and what must hold after it.
//!
//! - Nothing panics, and VM\[0\] never ends but by a word that ends it.
//! - No definition breaks the rules of the bytecode: the builder is to refuse it by another name.
//! - It comes back to its prompt, by itself or interrupted.
//! - After a program that is tame the prompt adds.
//! - It is saved, verified, loaded at another place, and does and says there what it does here.
//! - Turns of another quantum lead to the same output.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use stele_arbiter::{Arbiter, Awaited, Exit, Mode, Source, Turn};

use crate::support::{Host, Program};

/// Words of a region: 4 MiB.
const WORDS: usize = 1 << 19;

/// Cost units of a turn, and of a turn of the run that is compared with the first.
const QUANTA: [u32; 2] = [100_000, 1_009];

/// Turns of the larger quantum after which a program is interrupted, again and again.
const PATIENCE: u32 = 40;

/// Interruptions after which a program is left alone: it may catch them for ever.
const INTERRUPTIONS: u32 = 20;

/// What is typed after the program: a word that ends a definition in progress, an addition, and what
/// tells whether two worlds are the same.
const EPILOGUE: &[u8] = b"\nno-such-word\n1 2 + .\nPARITY U. COST U.\n";

/// What the addition has to print.
const ADDED: &[u8] = b"3  ok";

/// What a definition that breaks the rules of the bytecode is called.
const BROKEN: &[u8] = b"breaks a rule of the bytecode";

/// How much was tried, and how it went.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    programs: u64,
    bytes: u64,
    interrupted: u64,
    stuck: u64,
    ended: u64,
    saved: u64,
    added: u64,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} programs, {} bytes; {} interrupted, {} of them never to end; {} ended the world; \
             {} saved and loaded; {} added afterwards",
            self.programs,
            self.bytes,
            self.interrupted,
            self.stuck,
            self.ended,
            self.saved,
            self.added
        )
    }
}

/// Where a run came to.
#[derive(Debug, PartialEq, Eq)]
enum Stop {
    /// All that was typed has been read, and more is waited for.
    Prompt,
    /// The world ended.
    Over(Exit),
    /// It waits for what does not come, or catches every interruption.
    Stuck,
}

/// A world at its first prompt, saved, from which each trial begins.
pub(crate) struct Lab {
    image: Vec<u8>,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let mut region = vec![0; WORDS];
        let mut arbiter = Arbiter::new(&mut region).expect("the region is large enough");
        // The cases' own words are there, so that lines of cases mean something.
        let harness = Source {
            name: b"harness",
            contents: include_bytes!("../../../../tests/conformance/harness.fth"),
        };
        arbiter
            .create_root(&[harness], Mode::default())
            .expect("the system starts");
        let mut host = Program::new("", "").host();
        let (stop, _) = run(&mut arbiter, &mut host, QUANTA[0]);
        assert_eq!(stop, Stop::Prompt);
        Self {
            image: image_of(&arbiter),
        }
    }

    /// The names of all words that can be typed.
    pub(crate) fn words(&self) -> Vec<String> {
        let listed = self.typed(b"WORDS\n");
        let mut words: Vec<String> = listed.split_whitespace().map(str::to_owned).collect();
        let internal = include_str!("../../../../words/core.4th")
            .lines()
            .chain(include_str!("../../../../words/console.4th").lines())
            .filter_map(|line| line.strip_prefix(": (")?.split(' ').next())
            .map(|name| format!("({name}"));
        words.extend(internal);
        words.sort();
        words.dedup();
        assert!(words.len() > 300, "{listed}");
        words
    }

    /// What the prompt says to these lines.
    fn typed(&self, lines: &[u8]) -> String {
        let mut region = vec![0; WORDS];
        let mut arbiter = Arbiter::load(&mut region, &self.image).expect("it was saved so");
        let mut host = Program::typing(lines).host();
        run(&mut arbiter, &mut host, QUANTA[0]);
        String::from_utf8_lossy(&host.output).into_owned()
    }

    /// Types the program into a fresh world and looks at what it leaves; an error says what is wrong.
    pub(crate) fn examine(
        &self,
        program: &[u8],
        tame: bool,
        tally: &mut Tally,
    ) -> Result<(), String> {
        tally.programs += 1;
        tally.bytes += program.len() as u64;
        let examined = catch_unwind(AssertUnwindSafe(|| self.try_out(program, tame, tally)));
        examined.unwrap_or_else(|cause| {
            let text = cause
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| cause.downcast_ref::<&str>().copied());
            Err(format!("panic: {}", text.unwrap_or("of unknown cause")))
        })
    }

    fn try_out(&self, program: &[u8], tame: bool, tally: &mut Tally) -> Result<(), String> {
        let mut region = vec![0; WORDS];
        let mut arbiter = Arbiter::load(&mut region, &self.image).expect("it was saved so");
        let mut host = Program::typing(program).host();
        let (stop, interruptions) = run(&mut arbiter, &mut host, QUANTA[0]);
        tally.interrupted += u64::from(interruptions > 0);
        if contains(&host.output, BROKEN) && !contains(program, b"-261") {
            return Err(format!("broken code: {}", text(&host.output)));
        }
        if interruptions == 0 {
            self.compare_quanta(program, &stop, &host.output)?;
        }
        match stop {
            Stop::Over(Exit::RootEnded(trap)) => {
                return Err(format!("VM[0] ended: {trap:?}\n{}", text(&host.output)));
            }
            Stop::Over(_) => {
                tally.ended += 1;
                return Ok(());
            }
            Stop::Stuck => tally.stuck += 1,
            Stop::Prompt => {}
        }
        tally.saved += 1;
        let image = image_of(&arbiter);
        if stop == Stop::Stuck {
            return load(&mut vec![0; WORDS], &image).map(|_| ());
        }
        let here = epilogue(&mut arbiter);
        let mut elsewhere = vec![0; WORDS + 32];
        let there = epilogue(&mut load(&mut elsewhere, &image)?);
        if here != there {
            return Err(format!(
                "loaded elsewhere it differs:\n{}\n{}",
                text(&here.1),
                text(&there.1)
            ));
        }
        let (stop, output) = here;
        if let Stop::Over(Exit::RootEnded(trap)) = stop {
            return Err(format!(
                "VM[0] ended afterwards: {trap:?}\n{}",
                text(&output)
            ));
        }
        if tame && stop == Stop::Prompt && !contains(&output, ADDED) {
            return Err(format!("it does not add:\n{}", text(&output)));
        }
        tally.added += u64::from(contains(&output, ADDED));
        Ok(())
    }

    /// The same program by turns of another quantum.
    fn compare_quanta(&self, program: &[u8], stop: &Stop, output: &[u8]) -> Result<(), String> {
        let mut region = vec![0; WORDS];
        let mut arbiter = Arbiter::load(&mut region, &self.image).expect("it was saved so");
        let mut host = Program::typing(program).host();
        let (other, _) = run(&mut arbiter, &mut host, QUANTA[1]);
        if (&other, host.output.as_slice()) == (stop, output) {
            return Ok(());
        }
        let (one, two) = (text(output), text(&host.output));
        Err(format!(
            "the quantum matters:\n{stop:?}\n{one}\n{other:?}\n{two}"
        ))
    }

    /// The program without the words that the finding does not need.
    pub(crate) fn shortened(&self, program: &[u8], tame: bool) -> Vec<u8> {
        let fails = |program: &[u8]| self.examine(program, tame, &mut Tally::default()).is_err();
        let mut parts: Vec<Vec<u8>> = program
            .split_inclusive(|byte| byte.is_ascii_whitespace())
            .map(<[u8]>::to_vec)
            .collect();
        let mut size = parts.len() / 2;
        while size > 0 {
            let mut at = 0;
            while at + size <= parts.len() {
                let fewer = [&parts[..at], &parts[at + size..]].concat();
                if fails(&fewer.concat()) {
                    parts = fewer;
                } else {
                    at += size;
                }
            }
            size /= 2;
        }
        parts.concat()
    }
}

fn load<'r>(region: &'r mut [u64], image: &[u8]) -> Result<Arbiter<'r>, String> {
    Arbiter::load(region, image).map_err(|error| format!("what was saved is refused: {error}"))
}

/// Runs until nothing more is typed, interrupting what takes too long. Says how often it had to.
fn run(arbiter: &mut Arbiter<'_>, host: &mut Host, quantum: u32) -> (Stop, u32) {
    let patience = PATIENCE * (QUANTA[0] / quantum);
    let (mut turns, mut interruptions) = (0, 0);
    loop {
        match arbiter.turn(host, quantum) {
            Turn::Over(exit) => return (Stop::Over(exit), interruptions),
            Turn::Waits(Awaited::Input) if host.is_done() => return (Stop::Prompt, interruptions),
            Turn::Waits(Awaited::Input) => continue,
            Turn::Waits(_) | Turn::Ran => turns += 1,
        }
        if turns < patience {
            continue;
        }
        if interruptions == INTERRUPTIONS {
            return (Stop::Stuck, interruptions);
        }
        (turns, interruptions) = (0, interruptions + 1);
        host.interrupts = true;
    }
}

/// Types what ends every trial; says where that led and what was printed.
fn epilogue(arbiter: &mut Arbiter<'_>) -> (Stop, Vec<u8>) {
    let mut host = Program::typing(EPILOGUE).host();
    let (stop, _) = run(arbiter, &mut host, QUANTA[0]);
    (stop, host.output)
}

fn image_of(arbiter: &Arbiter<'_>) -> Vec<u8> {
    let size = usize::try_from(arbiter.image_size()).expect("it fits into memory");
    let mut image = vec![0; size];
    let length = arbiter.save(&mut image).expect("it fits");
    image.truncate(length);
    image
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
