//! What a profile and a backtrace say of calls of function values, and of what grows the float stack.

mod support;

use stele_assembly::assemble;
use stele_bytecode::module::Module;
use stele_hal::Nobody;
use stele_vm::values::PRIMITIVES;
use stele_vm::watch::Watching;
use stele_vm::{Bindings, Door, Machine, Processor, World};

/// Lets `work` have an instance that is about to begin with the last function of a module.
fn with<T>(text: &str, work: impl FnOnce(&mut Machine<'_, '_>) -> T) -> T {
    let effect = |name: &str| {
        let row = PRIMITIVES.iter().find(|row| row.name == name)?;
        Some(row.effect)
    };
    let bytes = assemble(text, &effect).expect("it is sound").encode();
    let module = Module::read(&bytes).expect("it is a module");
    let mut region = vec![0u64; 1 << 18];
    let mut world = World::new(&mut region, PRIMITIVES).expect("the region is large enough");
    world.create_vm0(0, |_| {}).expect("there is room for it");
    let mut processor = Processor::new();
    let door = Door {
        outside: &mut Nobody,
        bindings: &mut Bindings::new(),
    };
    let mut machine =
        Machine::attach(&mut processor, &mut world, 0, door).expect("the world has an instance");
    support::host::load(&mut machine, &module).expect("there is room");
    work(&mut machine)
}

/// `leaf` throws; `middle` calls it as a value, and `main` tries that.
const NESTED: &str = "
function leaf infer
    check-values
    raise -77
function middle infer
    check-values
    closure leaf 0 0
    call-closure 0
    return
function main infer
    check-values
    closure middle 0 0
    try-enter
    try-exit
    drop
    vdrop
    return
";

#[test]
fn a_backtrace_goes_through_calls_of_function_values() {
    with(NESTED, |machine| {
        machine.run(u32::MAX);
        machine.begin_frames().expect("there is room");
        let mut found = Vec::new();
        while let Some(frame) = machine.next_frame().expect("there is room") {
            found.push(frame.id);
        }
        // The first function of all is the one that the others end in.
        assert_eq!(found, [1, 2, 3]);
    });
}

#[test]
fn a_profile_counts_calls_of_function_values() {
    with(NESTED, |machine| {
        machine
            .set_watching(Watching::Profile, 0)
            .expect("there is room");
        machine.run(u32::MAX);
        let mut after = None;
        let mut calls = Vec::new();
        while let Some(profile) = machine.profile_after(after) {
            after = Some((profile.cost, profile.id));
            calls.push((profile.id, profile.calls));
        }
        calls.sort_unstable();
        assert_eq!(calls, [(1, 1), (2, 1), (3, 0)]);
    });
}

#[test]
fn a_check_of_floats_that_makes_room_counts_once() {
    let text = "
function main infer
    check-floats
    float 1.0
    fdrop
    return
";
    with(text, |machine| {
        machine
            .set_watching(Watching::Profile, 0)
            .expect("there is room");
        let mut main = machine.first_function().expect("there is one");
        while let Some(next) = machine.next_function(main) {
            main = next;
        }
        machine.run(u32::MAX);
        assert_eq!(machine.profile_of(main, 0), [1, 1]);
    });
}
