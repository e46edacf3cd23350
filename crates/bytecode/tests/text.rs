//! The text form: what the listing prints, the assembler reads back, and what it refuses.

mod support;

use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::{collection, proptest};
use stele_bytecode::assembler::{Assembled, Assembler, AssemblyError, Label, Reason, Symbols};
use stele_bytecode::function::{Delta, Header};
use stele_bytecode::instruction::ALL;
use support::{NoSymbols, assemble_all, list};

fn assemble<'t>(
    text: &'t str,
    code: &mut [u32],
    symbols: &dyn Symbols,
) -> Result<Option<Assembled<'t>>, AssemblyError<'t>> {
    let mut labels = [Label::default(); 4];
    Assembler::new(text).function(symbols, &mut labels, code)
}

fn refusal(text: &str) -> (usize, Reason<'_>) {
    let error = assemble(text, &mut [0; 16], &NoSymbols).expect_err("the text must be refused");
    (error.line, error.reason)
}

#[test]
fn a_function_is_read_as_its_header_and_code() {
    let text = "
        // The greater of two numbers.
        function greater need 2 delta -1 room 5 cost 3 inline
            2dup
            jump-unless-less first 2 3  // to the label, costs after it
            nip
            return
        first:
            drop
            return";
    let mut code = [0; 16];
    let found = assemble(text, &mut code, &NoSymbols).unwrap().unwrap();
    assert_eq!(found.name, "greater");
    assert_eq!(found.line, 3);
    let header = Header {
        entry_cost: 3,
        room: 5,
        need: 2,
        delta: Delta::Static(-1),
        value_delta: Delta::Static(0),
        float_delta: Delta::Static(0),
        length: 9,
        id: 0,
        inline: true,
    };
    assert_eq!(found.header, header);
    let listed = list(found.name, &header, &code[..9]);
    assert_eq!(
        listed,
        "function greater need 2 delta -1 room 5 cost 3 inline
    2dup
    jump-unless-less L7 2 3
    nip
    return
L7:
    drop
    return
"
    );
}

#[test]
fn every_instruction_reads_back_from_its_listing() {
    let mut code = Vec::new();
    for op in &ALL[1..] {
        let operands = [3, 1 << 16 | 2, 7];
        let high = if op.operands().uses_high_half() {
            0xFFFE_0000
        } else {
            0
        };
        code.push(*op as u32 | high);
        code.extend(&operands[..op.words() - 1]);
    }
    check_round_trip(&code);
}

#[test]
fn names_stand_for_functions_primitives_and_words() {
    struct Known;
    impl Symbols for Known {
        fn function(&self, name: &str) -> Option<u32> {
            (name == "square").then_some(4)
        }
        fn primitive(&self, name: &str) -> Option<u16> {
            (name == "(emit)").then_some(5)
        }
        fn token(&self, name: &str) -> Option<u32> {
            (name == ";").then_some(6)
        }
    }
    let text = "function f\n call square\n primitive (emit)\n call-word ;\n call self\n call #9";
    let mut code = [0; 16];
    let found = assemble(text, &mut code, &Known).unwrap().unwrap();
    let listed = list("f", &found.header, &code[..found.header.length as usize]);
    assert_eq!(
        listed,
        "function f need 0 delta 0 room 1 cost 0
    call #4
    primitive #5
    call-word #6
    call self
    call #9
"
    );
}

#[test]
fn refusals_name_the_line_and_what_stands_there() {
    use Reason::{
        DuplicateLabel, LeftOver, Missing, OutsideFunction, TooLong, TooManyLabels, Unfit,
        UnknownInstruction, UnknownLabel, UnknownName, UnknownProperty, UnnamedFunction,
    };
    assert_eq!(refusal("\n dup"), (2, OutsideFunction("dup")));
    assert_eq!(refusal("function"), (1, UnnamedFunction));
    assert_eq!(refusal("function // f"), (1, UnnamedFunction));
    assert_eq!(refusal("function f size 3"), (1, UnknownProperty("size")));
    assert_eq!(
        refusal("function f need"),
        (1, Missing("a need of 16 bits"))
    );
    let unfit = |text, expected| Unfit { text, expected };
    assert_eq!(
        refusal("function f need 65536"),
        (1, unfit("65536", "a need of 16 bits"))
    );
    let change = "a change of depth of 16 bits, dynamic or never";
    assert_eq!(
        refusal("function f delta -32767"),
        (1, unfit("-32767", change))
    );
    assert_eq!(
        refusal("function f\n dupp"),
        (2, UnknownInstruction("dupp"))
    );
    assert_eq!(
        refusal("function f\n invalid"),
        (2, UnknownInstruction("invalid"))
    );
    assert_eq!(refusal("function f\n dup dup"), (2, LeftOver("dup")));
    assert_eq!(
        refusal("function f\n short"),
        (2, Missing("a number of 16 bits"))
    );
    assert_eq!(
        refusal("function f\n short 32768"),
        (2, unfit("32768", "a number of 16 bits"))
    );
    assert_eq!(
        refusal("function f\n cell $+1"),
        (2, unfit("$+1", "a number of 64 bits"))
    );
    assert_eq!(
        refusal("function f\n jump there"),
        (2, UnknownLabel("there"))
    );
    assert_eq!(
        refusal("function f\na:\n dup\na:\n"),
        (4, DuplicateLabel("a"))
    );
    assert_eq!(refusal("function f\na: dup\n"), (2, LeftOver("dup")));
    let unknown = |name, kind| UnknownName { name, kind };
    assert_eq!(
        refusal("function f\n call g"),
        (2, unknown("g", "function"))
    );
    assert_eq!(
        refusal("function f\n primitive #65536"),
        (2, unknown("#65536", "primitive"))
    );
    assert_eq!(refusal("function f\n token ;"), (2, unknown(";", "word")));
    assert_eq!(
        refusal("function f\na:\nb:\nc:\nd:\ne:"),
        (6, TooManyLabels(4))
    );
    let long = "function f\n cell 1\n cell 2\n cell 3\n cell 4\n cell 5\n short 1\n short 2";
    assert_eq!(refusal(long), (8, TooLong(16)));
}

#[test]
fn an_error_reads_as_a_sentence() {
    let error = assemble("function f\n frob", &mut [], &NoSymbols).expect_err("it is unknown");
    assert_eq!(
        error.to_string(),
        "line 2: no instruction is called \"frob\""
    );
}

/// Words that are more often instructions than by chance.
fn word() -> impl Strategy<Value = u32> {
    let ops = ALL.len() as u32;
    prop_oneof![
        4 => 0..ops,
        2 => (0..ops, any::<u16>()).prop_map(|(op, high)| op | u32::from(high) << 16),
        1 => (-8..40).prop_map(i32::cast_unsigned),
        1 => any::<u32>(),
    ]
}

fn check_round_trip(code: &[u32]) {
    let header = Header {
        entry_cost: 7,
        room: 2,
        need: 1,
        delta: Delta::Dynamic,
        value_delta: Delta::Static(-2),
        float_delta: Delta::Dynamic,
        length: u32::try_from(code.len()).expect("short code"),
        id: 0,
        inline: false,
    };
    let text = list("f", &header, code);
    let functions =
        assemble_all(&text, &NoSymbols).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(functions.len(), 1);
    assert_eq!(functions[0].header, header);
    assert_eq!(functions[0].code, code, "{text}");
}

proptest! {
    #![proptest_config(support::cases(256))]

    #[test]
    fn any_words_read_back_from_their_listing(code in collection::vec(word(), 1..60)) {
        check_round_trip(&code);
    }

    #[test]
    fn any_header_reads_back_from_its_listing(
        entry_cost: u32, room: u32, need: u16, delta: u16, lanes in (-9..9_i16, any::<bool>()), inline: bool
    ) {
        let (change, first) = (u32::from(lanes.0.cast_unsigned()), lanes.1);
        let lanes = if first { change } else { change << 16 };
        let length = 1 | u32::from(inline) << 31;
        let words = [entry_cost, room, u32::from(need) | u32::from(delta) << 16, length, 0, lanes];
        let header = Header::decode(&words).expect("every such header is in range");
        let text = list("f", &header, &[2]);
        let functions = assemble_all(&text, &NoSymbols).expect("a listing assembles");
        assert_eq!(functions[0].header, header);
    }

    #[test]
    fn no_text_makes_the_assembler_panic(text in "(function f|word|dup|jump|call|:|a:|#1|\\$F|-1|99|//|[ \n\t]|.){0,40}") {
        let _ = assemble(&text, &mut [0; 16], &NoSymbols);
    }
}
