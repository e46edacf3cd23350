//! Segments, vectors and floating point.

use core::arch::asm;

use spin::Once;
use x86_64::{
    VirtAddr,
    instructions::{
        segmentation::{CS, DS, ES, SS, Segment},
        tables::{lidt, load_tss},
    },
    registers::control::{Cr0, Cr0Flags, Cr4, Cr4Flags},
    structures::{
        DescriptorTablePointer,
        gdt::{Descriptor, GlobalDescriptorTable, SegmentSelector},
        tss::TaskStateSegment,
    },
};

use super::{entry, stacks::Stack};
use crate::per_core::PerCore;

/// The boot core's tables, filled once. Statics because the processor reads them at every exception,
/// by address, as long as it runs.
static TASK_STATE: Once<TaskStateSegment> = Once::new();
static SEGMENTS: Once<Segments> = Once::new();
static VECTORS: Once<[Gate; 256]> = Once::new();

struct Segments {
    table: GlobalDescriptorTable,
    code: SegmentSelector,
    data: SegmentSelector,
    task_state: SegmentSelector,
}

/// Loads the tables and turns the floating-point unit on.
pub fn cpu_init(_core: &'static PerCore) {
    load_segments();
    load_vectors();
    enable_floating_point();
}

fn load_segments() {
    let task_state = TASK_STATE.call_once(|| {
        let mut task_state = TaskStateSegment::new();
        task_state.interrupt_stack_table = Stack::ALL.map(|stack| VirtAddr::new(stack.top()));
        task_state
    });
    let segments = SEGMENTS.call_once(|| {
        let mut table = GlobalDescriptorTable::new();
        let code = table.append(Descriptor::kernel_code_segment());
        let data = table.append(Descriptor::kernel_data_segment());
        let task_state = table.append(Descriptor::tss_segment(task_state));
        Segments {
            table,
            code,
            data,
            task_state,
        }
    });
    segments.table.load();
    // SAFETY: the selectors are those of the table just loaded: a 64-bit code segment, a flat data
    // segment, and a task state that nothing else has loaded. FS and GS keep their base registers,
    // which are not reloaded here.
    unsafe {
        CS::set_reg(segments.code);
        SS::set_reg(segments.data);
        DS::set_reg(segments.data);
        ES::set_reg(segments.data);
        load_tss(segments.task_state);
    }
}

/// An interrupt gate (Intel SDM volume 3A, figure 6-8). The `x86_64` crate's table would do, but its
/// first 32 entries have a type each and cannot be filled in a loop.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
struct Gate {
    address_low: u16,
    selector: u16,
    stack: u8,
    kind: u8,
    address_middle: u16,
    address_high: u32,
    reserved: u32,
}

impl Gate {
    /// Present, privilege 0, 64-bit interrupt gate: entered with interrupts off.
    const INTERRUPT: u8 = 0x8E;

    fn new(vector: u8) -> Self {
        let address = entry::address(vector);
        Self {
            address_low: address as u16,
            selector: CS::get_reg().0,
            stack: Stack::for_vector(vector) as u8,
            kind: Self::INTERRUPT,
            address_middle: (address >> 16) as u16,
            address_high: (address >> 32) as u32,
            reserved: 0,
        }
    }
}

fn load_vectors() {
    let gates = VECTORS.call_once(|| core::array::from_fn(|vector| Gate::new(vector as u8)));
    let pointer = DescriptorTablePointer {
        limit: (size_of_val(gates) - 1) as u16,
        base: VirtAddr::from_ptr(gates),
    };
    // SAFETY: the table is static, and each of its gates leads to the entry for its vector, on a
    // stack that the task state loaded before provides.
    unsafe { lidt(&pointer) };
}

/// Turns SSE on for the assembly that computes with F64: round to nearest, no exceptions, no flush to
/// zero, denormals as they are. Rust code in the kernel is compiled without it.
fn enable_floating_point() {
    /// MXCSR with every exception masked and all else zero.
    const MXCSR: u32 = 0x1F80;
    // SAFETY: every x86-64 processor has SSE2, and these bits enable it and nothing else: no
    // emulation, no lazy switching, FXSAVE and SSE exceptions known to the system.
    unsafe {
        Cr0::update(|flags| {
            flags.remove(Cr0Flags::EMULATE_COPROCESSOR | Cr0Flags::TASK_SWITCHED);
            flags.insert(Cr0Flags::MONITOR_COPROCESSOR | Cr0Flags::NUMERIC_ERROR);
        });
        Cr4::update(|flags| {
            flags.insert(Cr4Flags::OSFXSR | Cr4Flags::OSXMMEXCPT_ENABLE);
        });
        asm!("fninit", "ldmxcsr [{}]", in(reg) &MXCSR, options(nostack));
    }
}
