//! Modules as bytes, as data and as text: each is made of each without loss.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};
use stele_assembly::{OwnedFunction, OwnedLocal, OwnedModule, OwnedSymbol, OwnedWord};
use stele_assembly::{assemble, disassemble};
use stele_bytecode::function::{Delta, Header};
use stele_bytecode::instruction::ALL;
use stele_bytecode::lines::{Line, Position};
use stele_bytecode::module::{Limits, LocalKind, Module};

fn name() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => "[a-z()+.\"\\\\ ]{1,8}".prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 1..=255),
        1 => Just(b"(same)".to_vec()),
        1 => Just("größer".as_bytes().to_vec()),
    ]
}

fn delta() -> impl Strategy<Value = Delta> {
    prop_oneof![
        4 => (-32766..=32767i16).prop_map(Delta::Static),
        1 => Just(Delta::Dynamic),
    ]
}

fn code() -> impl Strategy<Value = Vec<u32>> {
    let instruction = (0..ALL.len(), any::<[u32; 4]>(), any::<bool>(), -8..8i32).prop_map(
        |(index, random, small, distance)| {
            let op = ALL[index];
            let mut words = vec![op as u32];
            if op.operands().uses_high_half() {
                words[0] |= random[0] << 16;
            }
            for operand in &random[1..op.words()] {
                words.push(if small { operand % 6 } else { *operand });
            }
            if op.operands().jumps() && small {
                words[1] = distance.cast_unsigned();
            }
            words
        },
    );
    let piece = prop_oneof![5 => instruction, 1 => vec(any::<u32>(), 1)];
    vec(piece, 1..12).prop_map(|pieces| pieces.concat())
}

fn function() -> impl Strategy<Value = OwnedFunction> {
    let never = prop_oneof![5 => delta(), 1 => Just(Delta::Never)];
    let header = (
        any::<u32>(),
        any::<u32>(),
        any::<u16>(),
        never,
        [delta(), delta()],
        any::<bool>(),
    );
    (header, code()).prop_map(|((cost, room, need, delta, lanes, inline), code)| {
        let [value_delta, float_delta] = lanes;
        let header = Header {
            entry_cost: cost,
            room,
            need,
            delta,
            value_delta,
            float_delta,
            length: u32::try_from(code.len()).expect("code is short"),
            id: 0,
            inline,
        };
        OwnedFunction { header, code }
    })
}

fn words(functions: u32) -> impl Strategy<Value = Vec<OwnedWord>> {
    let word = (name(), any::<u32>(), option::of(0..functions), any::<i64>());
    let word = word.prop_map(|(name, flags, function, body)| OwnedWord {
        name,
        flags,
        function,
        body,
    });
    vec(word, 0..5)
}

/// Symbols of a function of so many words.
fn symbol(length: u32) -> impl Strategy<Value = OwnedSymbol> {
    let range = (0..=length, 0..=length).prop_map(|(a, b)| (a.min(b), a.max(b)));
    let local = (name(), any::<bool>(), any::<u32>(), range);
    let local = local.prop_map(|(name, value, place, (first, end))| OwnedLocal {
        name,
        kind: if value {
            LocalKind::Value
        } else {
            LocalKind::Cell
        },
        place,
        first,
        end,
    });
    let name = prop_oneof![name(), Just(Vec::new())];
    (name, vec(local, 0..3)).prop_map(|(name, locals)| OwnedSymbol { name, locals })
}

/// A line table of a function of so many words.
fn lines(length: u32, sources: u32) -> impl Strategy<Value = Vec<Line>> {
    let position = (0..sources.max(1), any::<u32>(), any::<u32>());
    vec((0..length, position), 0..5).prop_map(move |entries| {
        let mut lines: Vec<Line> = Vec::new();
        let mut entries = entries;
        entries.sort_by_key(|(word, _)| *word);
        for (word, (source, line, column)) in entries {
            let position = Position {
                source,
                line,
                column,
            };
            let fits = lines
                .last()
                .is_none_or(|last| last.word < word && last.position != position);
            if fits && sources > 0 {
                lines.push(Line { word, position });
            }
        }
        lines
    })
}

fn module() -> impl Strategy<Value = OwnedModule> {
    let functions = vec(function(), 1..5);
    let parts = (vec(name(), 0..5), vec(name(), 0..3), vec(".{0,20}", 0..3));
    let data = (0..1i64 << 40, vec(any::<u8>(), 0..100));
    (functions, parts, data, any::<(bool, bool)>()).prop_flat_map(
        |(functions, (primitives, sources, constants), (data_address, data), debug)| {
            let count = u32::try_from(functions.len()).expect("there are few");
            let known = u32::try_from(sources.len()).expect("there are few");
            let lengths: Vec<u32> = functions.iter().map(|f| f.header.length).collect();
            let symbols: Vec<_> = lengths.iter().map(|length| symbol(*length)).collect();
            let tables: Vec<_> = lengths.iter().map(|length| lines(*length, known)).collect();
            let limits = (0..1u64 << 50, any::<u32>(), any::<u32>());
            let rest = (words(count), symbols, tables, 0..count, limits);
            rest.prop_map(
                move |(words, symbols, lines, entry, (more, cells, values))| {
                    let end = data_address.unsigned_abs() + data.len() as u64;
                    let numbered = (0..).zip(functions.clone()).map(|(id, mut function)| {
                        function.header.id = id;
                        function
                    });
                    OwnedModule {
                        limits: Limits {
                            data_space: end + more,
                            cells,
                            values,
                        },
                        primitives: primitives.clone(),
                        functions: numbered.collect(),
                        words,
                        constants: constants.clone(),
                        data_address,
                        data: data.clone(),
                        sources: sources.clone(),
                        symbols: if debug.0 { symbols } else { Vec::new() },
                        lines: if debug.1 { lines } else { Vec::new() },
                        entry,
                    }
                },
            )
        },
    )
}

proptest! {
    #[test]
    fn a_module_is_read_as_it_was_written(module in module()) {
        let bytes = module.encode();
        let read = Module::read(&bytes).expect("it is well formed");
        prop_assert_eq!(OwnedModule::of(&read), module);
    }

    #[test]
    fn the_text_of_a_module_makes_its_very_bytes(module in module()) {
        let bytes = module.encode();
        let text = disassemble(&Module::read(&bytes).expect("it is well formed"));
        let again = assemble(&text, &|_| None);
        let again = again.unwrap_or_else(|error| panic!("{error} of\n{text}"));
        prop_assert_eq!(again.encode(), bytes, "{}", text);
    }

    #[test]
    fn any_text_is_refused_in_a_line_of_it_or_makes_a_module(
        module in module(),
        changes in vec((any::<proptest::sample::Index>(), " |\n|\"|x|#|-|9|function|word |at |\\\\"), 1..6),
    ) {
        let bytes = module.encode();
        let mut text = disassemble(&Module::read(&bytes).expect("it is well formed"));
        for (at, change) in changes {
            let at = at.index(text.len());
            let at = text.floor_char_boundary(at);
            text.insert_str(at, &change);
        }
        if let Err(error) = assemble(&text, &|_| None) {
            assert!((1..=text.lines().count()).contains(&error.line), "{error}");
        }
    }
}
