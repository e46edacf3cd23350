//! Interrupts on purpose, for the self-check: software-generated ones, from this core to itself.

use arm_gic::{
    IntId,
    gicv3::{GicCpuInterface, SgiTarget, SgiTargetGroup},
};

use super::{cpu::core_id, gic::connect_interrupt};

/// The one that is answered.
const ANSWERED: u32 = 1;
/// The one that is not.
const UNANSWERED: u32 = 15;

/// An interrupt that nobody answers and [`raise_test_interrupt`] raises.
pub fn test_interrupt() -> u32 {
    ANSWERED
}

/// Raises [`test_interrupt`] once.
pub fn raise_test_interrupt() {
    raise(ANSWERED);
}

/// Raises interrupts that nobody answers; returns how many.
pub fn raise_spurious_interrupts() -> u64 {
    // The controller has it, since it has all of the first sixteen.
    let _ = connect_interrupt(0, UNANSWERED);
    raise(UNANSWERED);
    1
}

fn raise(number: u32) {
    let [affinity3, affinity2, affinity1, affinity0] = core_id().to_be_bytes();
    let target = SgiTarget::List {
        affinity3,
        affinity2,
        affinity1,
        target_list: 1 << (affinity0 % 16),
    };
    // Refused would be a number past 15 or a target past the group, and both are within.
    let _ = GicCpuInterface::send_sgi(IntId::sgi(number), target, SgiTargetGroup::CurrentGroup1);
}
