//! Devices: registers, interrupts, clocks, and what the machine tells about itself.
//!
//! Rights are asked for by the machine, in the same call that uses them; names are checked there.

use super::listing::Line;
use stele_hal::{AddressSpace, DeviceRegion, LONGEST_REGION, Report, Width};
use stele_vm::{Awaited, Capability, Machine, SLICE, Step, Trap};

/// `( phys len -- dev )`: maps device registers in physical memory.
pub(super) fn map_memory(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    map(machine, AddressSpace::Memory)
}

/// `( port count -- dev )`: takes I/O ports.
pub(super) fn map_ports(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    map(machine, AddressSpace::Ports)
}

/// Bytes of a region that are mapped for a unit of cost.
const BYTES_A_UNIT: u64 = LONGEST_REGION / SLICE * 2;

fn map(machine: &mut Machine<'_, '_>, space: AddressSpace) -> Result<Step, Trap> {
    let (start, length) = (machine.peek(1)?, machine.peek(0)?);
    let name = machine.map_device(DeviceRegion {
        space,
        start: start.cast_unsigned(),
        length: length.cast_unsigned(),
    })?;
    if space == AddressSpace::Memory {
        // Page by page; no region is longer than charges a slice.
        machine.charge(length.cast_unsigned() / BYTES_A_UNIT);
    }
    machine.pop()?;
    machine.poke(0, name.cast_signed())?;
    Ok(Step::Done)
}

/// `( dev -- )`: gives a region back.
pub(super) fn unmap(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let name = machine.pop()?;
    machine.unmap_device(name.cast_unsigned())?;
    Ok(Step::Done)
}

/// `( offset dev width -- x )`: reads a register.
pub(super) fn read(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let width = width(machine.pop()?)?;
    let (offset, name) = (machine.peek(1)?, machine.pop()?);
    let value = machine.read_register(name.cast_unsigned(), offset.cast_unsigned(), width)?;
    machine.poke(0, value.cast_signed())?;
    Ok(Step::Done)
}

/// `( x offset dev width -- )`: writes a register.
pub(super) fn write(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let width = width(machine.pop()?)?;
    let (name, offset, value) = (machine.pop()?, machine.pop()?, machine.pop()?);
    machine.write_register(
        name.cast_unsigned(),
        offset.cast_unsigned(),
        width,
        value.cast_unsigned(),
    )?;
    Ok(Step::Done)
}

fn width(bytes: i64) -> Result<Width, Trap> {
    [Width::Byte, Width::Word, Width::Double, Width::Quad]
        .into_iter()
        .find(|width| *width as i64 == bytes)
        .ok_or(Trap::NUMERIC_ARGUMENT)
}

/// `( u -- irq )`: attaches to the interrupt of number u.
pub(super) fn attach(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let number = u32::try_from(machine.peek(0)?).map_err(|_| Trap::NO_SUCH_INTERRUPT);
    // The right is asked for first, so that nothing can be found out without it.
    let name = match number {
        Ok(number) => machine.attach_interrupt(number)?,
        Err(trap) => {
            machine.require(Capability::Irq)?;
            return Err(trap);
        }
    };
    machine.poke(0, name.cast_signed())?;
    Ok(Step::Done)
}

/// `( irq -- )`: detaches from an interrupt.
pub(super) fn detach(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let name = machine.pop()?;
    machine.detach_interrupt(name.cast_unsigned())?;
    Ok(Step::Done)
}

/// `( irq -- n )`: waits for an interrupt; n is how often it came since it was acknowledged.
pub(super) fn wait(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let name = machine.peek(0)?;
    let count = machine.pending_interrupts(name.cast_unsigned())?;
    if count == 0 {
        return Ok(Step::Wait(Awaited::Interrupt));
    }
    machine.poke(0, count.cast_signed())?;
    Ok(Step::Done)
}

/// `( u start -- )`: waits until u milliseconds have passed since the clock said `start`; no longer if
/// that was a clock that has begun anew since.
pub(super) fn wait_for_time(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let milliseconds = machine.peek(1)?.cast_unsigned();
    let start = machine.peek(0)?.cast_unsigned();
    let due = start.saturating_add(milliseconds.saturating_mul(1_000_000));
    let now = machine.now_ns();
    if (start..due).contains(&now) {
        return Ok(Step::Wait(Awaited::Time(due)));
    }
    machine.pop()?;
    machine.pop()?;
    Ok(Step::Done)
}

/// `( irq -- n )`: how often an interrupt came since it was acknowledged.
pub(super) fn pending(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let name = machine.peek(0)?;
    let count = machine.pending_interrupts(name.cast_unsigned())?;
    machine.poke(0, count.cast_signed())?;
    Ok(Step::Done)
}

/// `( irq -- )`: lets an interrupt come again.
pub(super) fn acknowledge(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let name = machine.pop()?;
    machine.acknowledge_interrupt(name.cast_unsigned())?;
    Ok(Step::Done)
}

/// `( -- u )`: nanoseconds since the host was entered.
pub(super) fn monotonic_clock(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let now = machine.now_ns();
    machine.push(now.cast_signed())?;
    Ok(Step::Done)
}

/// `( -- u )`: nanoseconds since 1970.
pub(super) fn wall_clock(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let now = machine.wall_clock_ns()?;
    machine.push(now.cast_signed())?;
    Ok(Step::Done)
}

/// `( u -- )`: sets nanoseconds since 1970.
pub(super) fn set_wall_clock(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let now = machine.pop()?;
    machine.set_wall_clock_ns(now.cast_unsigned())?;
    Ok(Step::Done)
}

/// `( kind n c-addr u1 -- u2 flag )`: puts line n of a report into a buffer, cut where the buffer
/// ends; u2 is its length. False if there is no such line.
pub(super) fn report_line(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (kind, number) = (machine.peek(3)?, machine.peek(2)?);
    let (address, room) = (machine.peek(1)?, machine.peek(0)?);
    let report = match kind {
        0 => Report::Devices,
        1 => Report::MemoryMap,
        2 => Report::Cpus,
        3 => Report::Machine,
        _ => return Err(Trap::NUMERIC_ARGUMENT),
    };
    let mut line = Line::new();
    let found = machine.report(report, number.cast_unsigned(), &mut line)?;
    let buffer = machine.bytes_mut(address, room)?;
    let length = buffer.len().min(line.as_bytes().len());
    buffer[..length].copy_from_slice(&line.as_bytes()[..length]);
    machine.pop()?;
    machine.pop()?;
    machine.poke(1, i64::try_from(length).unwrap_or(0))?;
    machine.poke(0, -i64::from(found))?;
    Ok(Step::Done)
}
