//! The machine against the model: whatever the verifier accepts behaves as the instruction table
//! says, reaches nothing that is not its own, and does not notice where it is stopped.

mod support;

use proptest::prelude::Strategy;
use proptest::{collection, proptest};
use support::bytecode::cases;
use support::generate::{Generated, program};
use support::host::{End, Limits, report, run};
use support::{Host, Model, Program, Report};

/// Bytes for the world of a small program.
const ROOM: usize = 8 << 20;

/// What the machine and the model make of a program; the quanta are used in a circle.
fn both(host: &mut Host, program: &Program, limits: Limits, quanta: &[u32]) -> (Report, Report) {
    let (data, found) = host.with(program, |machine| {
        let data = report(machine, End::Cut).data;
        let mut quanta = quanta.iter().copied().cycle();
        let found = run(machine, limits, || quanta.next().unwrap_or(u32::MAX));
        (data, found)
    });
    (found, Model::new(program, limits, data).run())
}

fn limits() -> impl Strategy<Value = Limits> {
    (proptest::option::of(0..3000_u64), 3000..20_000_u64)
        .prop_map(|(allowance, cut)| Limits { allowance, cut })
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_program_does_what_the_table_says(Generated { text, program } in program(), limits in limits()) {
        let mut host = Host::new(ROOM);
        let (found, expected) = both(&mut host, &program, limits, &[u32::MAX]);
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_program_does_not_notice_where_it_is_stopped(
        Generated { text, program } in program(),
        limits in limits(),
        quanta in collection::vec(0..600_u32, 1..5),
    ) {
        let mut host = Host::new(ROOM);
        let (found, expected) = both(&mut host, &program, limits, &quanta);
        assert_eq!(found, expected, "{text}");
    }
}
