//! The seam between the kernel and the processor: what each architecture provides.
//!
//! The architecture is chosen here and nowhere else. Everything an architecture offers to the rest
//! of the kernel is in the list below; a module that forgets an item does not build, and an item
//! that is not in the list is invisible outside its folder. The order of the calls is `boot.rs`'s:
//!
//! | item | contract |
//! |---|---|
//! | `early_init(core, rsdp)` | First call, on the boot stack, interrupts off, no allocator. Makes `core` what [`current_core`] returns, sets up the serial port for polled output, and starts `core.clock` (which may take the frequency from a register or measure it in at most 2 ms against a timer found through the ACPI root pointer `rsdp`, which is 0 if there is none). Never fails: a machine without a serial port is silent. |
//! | `current_core() -> Option<&'static PerCore>` | The context of the core this runs on; `None` before `early_init`. Any context. |
//! | `counter() -> u64` | The raw monotonic counter that `core.clock` scales. Any context. |
//! | `write_serial(bytes)` | Sends bytes as they are, waiting for room (bounded: a dead port swallows them). Any context. |
//! | `open_log() -> Result<(), &str>` | Has a second serial port take what [`write_log`] sends; says why there is none. |
//! | `write_log(bytes)` | Sends bytes to that port if it is open, as `write_serial` does. Any context. |
//! | `cpu_init(core)` | Descriptor and vector tables with a handler on every vector, floating-point unit on (round to nearest, no traps). After it a fault reports itself. |
//! | `PageFormat` | The [`stele_paging::Format`] of this architecture. |
//! | `page_table_root() -> u64` | Physical address of the live root of the higher half. Any context. |
//! | `drop_identity_map(mapper)` | Removes what the loader mapped in the lower half for the moment of handing over, and flushes. |
//! | `flush_page(address)` | Forgets the cached translation of one 4 KiB page, after its entry changed. |
//! | `publish_mappings()` | Makes entries that were empty before visible to the processor's table walks. |
//! | `guard_pages() -> impl Iterator<Item = u64>` | Virtual addresses of pages inside the kernel image that lie below an exception stack and must be unmapped. |
//! | `largest_page() -> PageSize` | What the processor can map with one entry. |
//! | `choose_clock(core, memory, rsdp, wish) -> &'static str` | Has `core.clock` follow the best clock of the machine, or the one that the command line wishes for; returns its name. Notes what cannot be had. |
//! | `hal_init(core, memory, rsdp) -> Result<(), HalError>` | Interrupt controllers, the hardware timer, serial input by interrupt; interrupts are on when it returns. Handlers call `time::timers::on_interrupt(core)`, `core.receive(byte)`. |
//! | `core_id() -> u32` | This core's number as the platform gives it. Any context. |
//! | `interrupts_enabled() -> bool`, `enable_interrupts()`, `disable_interrupts()` | Whether this core takes interrupts. Any context, but interrupts are never enabled in a handler. |
//! | `connect_interrupt(slot, number) -> Result<(), InterruptError>` | Has the interrupt arrive at this core, unmasked, for the handler in this slot of `core.handlers`. Interrupts are off. |
//! | `set_interrupt_masked(number, masked)` | Holds a connected interrupt back at its controller, or lets it come. Interrupts are off. |
//! | `set_timer(core, wait_ns)` | Has the core's hardware timer interrupt once, `wait_ns` from now, or earlier if it cannot wait so long. Interrupts are off. |
//! | `sample_clock(core)` | Compares `core.clock` with the reference it follows. Interrupts are off. |
//! | `is_device_interrupt(number) -> bool` | Whether this would be an interrupt of a device, not of a core. |
//! | `HAS_PORTS: bool` | Whether the processor has I/O ports. |
//! | `FIXED: &[Item]` | What the system keeps from programs whatever the firmware's tables name. |
//! | `physical_address_limit() -> u64` | One past the highest physical address that page tables can name. |
//! | `read_register(space, address, width) -> Option<u64>`, `write_register(space, address, width, value) -> bool` | One access to a mapped device register or a port; `None` and `false` if nothing answers. |
//! | `resume_input(core)` | Unmasks serial input after [`PerCore::receive`] refused a byte and the queue has drained. |
//! | `wait_for_interrupt(idle)` | Sleeps until an interrupt if `idle()` is still true with interrupts off; no wake-up is lost between the question and the sleep. |
//! | `HalError` | Why `hal_init` failed; `Display` says what is missing and what to do. |
//! | `provoke(fault)` | Has this fault, to see that it explains itself; comes back if the architecture has no such fault. |
//! | `Registers`, `capture_registers()` | What a panic prints: implements `Display` (several lines) and offers `frame_pointer()` and `instruction_pointer()`. |
//! | `test_interrupt() -> u32`, `raise_test_interrupt()` | For the self-check: the number of an interrupt that nobody answers, and that interrupt, raised once. |
//! | `raise_spurious_interrupts() -> u64` | For the self-check: raises interrupts that nobody answers, and says how many. |
//! | `halt() -> !` | Stops this core for good. |
//! | `drain_serial()` | Waits (bounded) until everything written has left the serial port, before the power goes. |
//! | `exit_emulator(code) -> !` | Ends QEMU with process exit status `code` (odd); halts if there is no QEMU. |
//! | `power_off(power)` | Switches the machine off, by what firmware and its tables offer; comes back if nothing does. Interrupts are off then. |
//! | `restart(power)` | Resets the machine, by what firmware, its tables and old custom offer; comes back if nothing does. Interrupts are off then. |
//!
//! [`PerCore::receive`]: crate::per_core::PerCore::receive

#[cfg(target_arch = "aarch64")]
#[path = "aarch64/mod.rs"]
mod platform;
#[cfg(target_arch = "x86_64")]
#[path = "x86_64/mod.rs"]
mod platform;

pub use platform::{
    FIXED, HAS_PORTS, HalError, PageFormat, Registers, capture_registers, choose_clock,
    connect_interrupt, core_id, counter, cpu_init, current_core, disable_interrupts, drain_serial,
    drop_identity_map, early_init, enable_interrupts, exit_emulator, flush_page, guard_pages,
    hal_init, halt, interrupts_enabled, is_device_interrupt, largest_page, open_log,
    page_table_root, physical_address_limit, power_off, provoke, publish_mappings,
    raise_spurious_interrupts, raise_test_interrupt, read_register, restart, resume_input,
    sample_clock, set_interrupt_masked, set_timer, test_interrupt, wait_for_interrupt, write_log,
    write_register, write_serial,
};
