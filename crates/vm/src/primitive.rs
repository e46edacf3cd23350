//! Primitives: operations that a language provides in Rust beside the instruction set.
//!
//! A primitive is short. What could take long does at most [`SLICE`] cost units of it, leaves its
//! progress in its operands, and asks to be run again; in between the VM may be preempted, saved and
//! moved like anywhere else. No primitive runs code of the VM, waits, or keeps anything in Rust.

use crate::Trap;
use crate::machine::Machine;
use stele_bytecode::analysis::{Effect, Lane, LaneEffect};
use stele_bytecode::function::Delta;

/// Most cost units that one run of a primitive may charge.
pub const SLICE: u64 = 4096;

/// What an instance waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// A byte of input.
    Input,
    /// An interrupt of a device.
    Interrupt,
    /// A file that is not ready: a pipe.
    File,
    /// The clock of the host saying this, in nanoseconds.
    Time(u64),
}

/// What a primitive wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is done; go on with the next instruction.
    Done,
    /// Part of it is done; run it again.
    Again,
    /// It cannot go on before something comes from outside; run it again then.
    Wait(Awaited),
    /// It needs more room in the private heap than there is; collect, then run it again.
    Collect,
    /// End the system with this exit code.
    Bye(u8),
    /// Begin the system anew.
    Cold,
    /// End the system as one that cannot go on, with a message in data space, which is there.
    Panic {
        /// Its address.
        address: i64,
        /// Its length in bytes.
        length: i64,
    },
}

/// One entry of a language's table of primitives.
#[derive(Clone, Copy)]
pub struct Primitive {
    /// Name, under which modules import it.
    pub name: &'static str,
    /// Effect on the stacks, and fixed cost; the cost of ranges is charged as it runs.
    pub effect: Effect,
    /// What it does.
    pub run: fn(&mut Machine<'_, '_>) -> Result<Step, Trap>,
}

/// What stands for a table of primitives: code that was verified against one table means something
/// else with another (FNV-1a over names and effects).
pub(crate) fn fingerprint(primitives: &[Primitive]) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325u64;
    let mut add = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    };
    for Primitive { name, effect, .. } in primitives {
        add(name.as_bytes());
        let cells = [
            effect.need.into(),
            effect.room.into(),
            effect.cost,
            change(effect.delta),
        ];
        let lane = |lane: LaneEffect| [lane.need.into(), lane.room.into(), change(lane.delta)];
        let lanes = Lane::ALL.into_iter().flat_map(|of| lane(effect.lane(of)));
        for number in cells.into_iter().chain(lanes) {
            add(&u32::to_le_bytes(number));
        }
    }
    hash
}

/// A number for each effect.
fn change(delta: Delta) -> u32 {
    let number = match delta {
        Delta::Static(change) => i32::from(change),
        Delta::Dynamic => i32::MAX,
        Delta::Never => i32::MIN,
    };
    number.cast_unsigned()
}
