//! The help of words, `words/help/`: every word has an entry, every entry a word, and every example
//! says at a fresh prompt what its entry says.

mod support;

#[path = "../../forth/build/help/mod.rs"]
#[allow(dead_code, reason = "the build script packs, this test only reads")]
mod help;

use help::{Example, Help};
use std::collections::BTreeSet;
use std::path::Path;
use stele_arbiter::{Arbiter, Awaited, Exit, Turn};
use stele_bytecode::module::{Module, ModuleWord};
use stele_forth::boot::core_words;
use stele_hal::Cpu;
use support::{Host, Program};

fn entries() -> Help {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../words/help");
    help::read(&folder).unwrap_or_else(|message| panic!("{message}"))
}

/// Where in a word's flags its word list begins: 0 is FORTH. The instructions in ASSEMBLER are told of in
/// docs/BYTECODE.md, and the old meanings in FORTH-79 by the entry of that word.
const LIST_SHIFT: u32 = 24;

/// Words whose names begin with a parenthesis are internal, but these.
const STANDARD: [&str; 3] = ["(", "(LOCAL)", "(BYE)"];

#[test]
fn every_word_has_an_entry_and_every_entry_a_word() {
    let module = Module::read(core_words()).expect("the core words are sound");
    let help = entries();
    let told: BTreeSet<String> = help
        .entries
        .iter()
        .map(|entry| entry.name.to_ascii_uppercase())
        .collect();
    let name_of = |word: &ModuleWord<'_>| String::from_utf8_lossy(word.name).to_ascii_uppercase();
    let known: BTreeSet<String> = module.words().map(|word| name_of(&word)).collect();
    let words: BTreeSet<String> = module
        .words()
        .filter(|word| word.flags >> LIST_SHIFT == 0)
        .map(|word| name_of(&word))
        .filter(|name| !name.starts_with('(') || STANDARD.contains(&name.as_str()))
        .collect();
    let silent: Vec<&String> = words.difference(&told).collect();
    assert!(silent.is_empty(), "words without help: {silent:?}");
    let missing = help
        .entries
        .iter()
        .filter(|entry| !known.contains(&entry.name.to_ascii_uppercase()));
    let missing: Vec<String> = missing
        .map(|entry| format!("{}: {}", entry.place, entry.name))
        .collect();
    assert!(
        missing.is_empty(),
        "help on words that do not exist: {missing:#?}"
    );
}

#[test]
fn every_example_says_what_its_entry_says() {
    let help = entries();
    let mut region = vec![0; REGION];
    let mut wrong = Vec::new();
    let mut tried = 0;
    for entry in &help.entries {
        for example in &entry.examples {
            let said = said(&mut region, example);
            if said != example.said {
                let (shown, said) = (example.said.join("\n  "), said.join("\n  "));
                wrong.push(format!(
                    "{}: {}: {}\n shown:\n  {shown}\n said:\n  {said}",
                    entry.place,
                    entry.name,
                    example.typed.join(" / ")
                ));
            }
            tried += 1;
        }
    }
    assert!(tried > 0);
    assert!(
        wrong.is_empty(),
        "{} of {tried} examples are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// How the lines begin that tell in which words an error came up.
const TRACE: [&str; 3] = ["  in ", "  from ", "  … "];

/// Words of memory for an example.
const REGION: usize = (32 << 20) / 8;

/// A prompt at which nothing has been typed yet.
struct Prompt<'r> {
    arbiter: Arbiter<'r>,
    host: Host,
    over: bool,
}

impl<'r> Prompt<'r> {
    fn new(region: &'r mut [u64]) -> Self {
        // With nothing to type the host says that the input is closed, which is never asked for.
        let (arbiter, host) = Program::at_the_prompt().start(region);
        let mut prompt = Self {
            arbiter,
            host,
            over: false,
        };
        prompt.run();
        prompt.host.output.clear();
        prompt
    }

    /// Runs until a line has been read and the next one is waited for.
    fn run(&mut self) {
        while !self.over {
            match self.arbiter.turn(&mut self.host, stele_arbiter::QUANTUM) {
                Turn::Ran => {}
                Turn::Waits(Awaited::Time(deadline)) => self.host.wait_until(deadline),
                Turn::Waits(_) if self.host.all_typed() => return,
                Turn::Waits(_) => {}
                Turn::Over(Exit::Bye(_) | Exit::Cold) => self.over = true,
                Turn::Over(Exit::RootEnded(trap)) => panic!("the instance ended with {trap:?}"),
            }
        }
    }

    /// Types a line; what is said, without its echo and without what the prompt says.
    fn line(&mut self, typed: &str) -> String {
        self.host.types(&format!("{typed}\r"));
        self.run();
        let said = std::mem::take(&mut self.host.output);
        let said = String::from_utf8(said).expect("what is said is UTF-8");
        let said = said.strip_prefix(&format!("{typed} ")).unwrap_or(&said);
        let ended = [" ok\n", " compiled\n"];
        if let Some(said) = ended.iter().find_map(|end| said.strip_suffix(end)) {
            return said.to_owned();
        }
        // An error: the line again and what is underlined in it, then what is said.
        match said.split_once(&format!("\n{typed}\n")) {
            Some((before, error)) => {
                let error = match error.split_once('\n') {
                    Some((marks, rest)) if marks.trim_matches(['^', ' ']).is_empty() => rest,
                    _ => error,
                };
                // Where it came up depends on how the example is typed; what came up does not.
                let trace = |line: &&str| TRACE.iter().any(|begin| line.starts_with(begin));
                let message = error.lines().take_while(|line| !trace(line));
                format!("{before}\n{}", message.collect::<Vec<&str>>().join("\n"))
            }
            None => said.to_owned(),
        }
    }
}

/// What is said when an example is typed: its lines without blanks at their ends, and without empty
/// ones before and after.
fn said(region: &mut [u64], example: &Example) -> Vec<String> {
    let mut prompt = Prompt::new(region);
    let mut lines: Vec<String> = Vec::new();
    for typed in &example.typed {
        let said = prompt.line(typed);
        let said = said
            .trim_start_matches('\n')
            .trim_end_matches(['\n', ' ', '\r']);
        if !said.is_empty() {
            lines.extend(said.lines().map(|line| line.trim_end().to_owned()));
        }
    }
    lines
}
