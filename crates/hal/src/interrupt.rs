//! Interrupts: taking them, holding them off, and answering those of devices.

use core::fmt;

/// The interrupts of the core this code runs on, and of the devices that interrupt it.
///
/// An interrupt's number is the platform's: a global system interrupt on x86-64 (ACPI 6.5, 5.2.13),
/// an INTID on arm64 (Arm IHI 0069, 2.2).
pub trait Interrupt {
    /// Takes interrupts from now on.
    fn enable(&mut self);

    /// Takes no interrupts from now on; returns what [`restore`](Self::restore) needs to go back.
    fn disable(&mut self) -> Saved;

    /// Goes back to how it was before the [`disable`](Self::disable) that returned `saved`.
    fn restore(&mut self, saved: Saved);

    /// True while an interrupt of this core is being answered.
    fn in_interrupt_context(&self) -> bool;

    /// Has interrupt `number` answered by `handler` from now on, and lets it come.
    ///
    /// # Errors
    /// There is no such interrupt, or somebody answers it already, or too many are answered.
    fn register(&mut self, number: u32, handler: Handler) -> Result<(), InterruptError>;

    /// Stops interrupt `number` and forgets its handler.
    ///
    /// # Errors
    /// Nobody [registered](Self::register) it.
    fn unregister(&mut self, number: u32) -> Result<(), InterruptError>;

    /// Holds a registered interrupt back at its controller; what it signals meanwhile is not lost if
    /// its line is level-triggered.
    ///
    /// # Errors
    /// Nobody [registered](Self::register) it.
    fn mask(&mut self, number: u32) -> Result<(), InterruptError>;

    /// Lets a masked interrupt come again.
    ///
    /// # Errors
    /// Nobody [registered](Self::register) it.
    fn unmask(&mut self, number: u32) -> Result<(), InterruptError>;
}

/// Answers an interrupt; gets its number, is called in interrupt context.
pub type Handler = fn(u32);

/// Interrupts that can be registered at a time, the system's own included.
pub const MAX_HANDLERS: usize = 64;

/// Whether interrupts were taken before [`Interrupt::disable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    /// They were.
    pub enabled: bool,
}

/// Why an interrupt was refused; each carries its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InterruptError {
    /// No controller of this machine has it.
    NoSuchInterrupt(u32),
    /// It has a handler already.
    Taken(u32),
    /// [`MAX_HANDLERS`] are registered.
    TooMany(u32),
    /// It has no handler.
    NotRegistered(u32),
}

impl fmt::Display for InterruptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchInterrupt(number) => {
                write!(f, "this machine has no interrupt {number}: see DEVICES")
            }
            Self::Taken(number) => write!(f, "interrupt {number} is answered by somebody else"),
            Self::TooMany(number) => write!(
                f,
                "interrupt {number} cannot be answered: {MAX_HANDLERS} others are already"
            ),
            Self::NotRegistered(number) => write!(f, "interrupt {number} has no handler"),
        }
    }
}

impl core::error::Error for InterruptError {}
