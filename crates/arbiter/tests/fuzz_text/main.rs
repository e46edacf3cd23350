//! The text interpreter under programs that nobody would write.
//!
//! Each program is typed, line by line, into a world of its own, which is then looked at: see
//! [`trial`] for what must hold whatever was typed. [`generator`] makes programs from a seed, out of
//! all the words of the dictionary, the conformance cases and bytes of any kind. What they have found
//! so far lies in `findings` and is typed again by every run of the tests.
//!
//! `STELE_SOAK_MINUTES` lets it run for longer, from a seed that `STELE_SOAK_SEED` gives or the clock.

mod generator;
mod random;
#[path = "../support/mod.rs"]
mod support;
mod trial;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use generator::Generator;
use trial::{Lab, Tally};

/// Programs of an ordinary run of the tests.
const PROGRAMS: u64 = 300;

/// Programs between two reports of a long run.
const BETWEEN_REPORTS: u64 = 10_000;

#[test]
fn what_was_found_before_does_no_harm() {
    let findings = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz_text/findings");
    let entries = fs::read_dir(&findings).expect("the folder is there");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    let lab = Lab::new();
    for path in paths {
        let program = fs::read(&path).expect("the file can be read");
        if let Err(found) = lab.examine(&program, false, &mut Tally::default()) {
            panic!("{}: {found}", path.display());
        }
    }
}

#[test]
fn programs_of_any_kind_do_no_harm() {
    let lab = Lab::new();
    let generator = Generator::new(lab.words());
    let setting = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let minutes = setting("STELE_SOAK_MINUTES").unwrap_or(0);
    let by_clock = || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.map_or(1, |now| now.as_secs() << 20)
    };
    let first =
        setting("STELE_SOAK_SEED").unwrap_or_else(|| if minutes == 0 { 1 } else { by_clock() });
    let end = Instant::now() + Duration::from_secs(60 * minutes);
    let mut tally = Tally::default();
    for seed in first.. {
        let (program, tame) = generator.program(seed);
        if let Err(found) = lab.examine(&program, tame, &mut tally) {
            let program = lab.shortened(&program, tame);
            panic!(
                "seed {seed}: {found}\nshortened:\n{}\n",
                program.escape_ascii().to_string().replace("\\n", "\n")
            );
        }
        let done = seed - first + 1;
        if minutes > 0 && done % BETWEEN_REPORTS == 0 {
            println!("{tally}");
        }
        if done >= PROGRAMS && Instant::now() >= end {
            break;
        }
    }
    println!("from seed {first}: {tally}");
}
