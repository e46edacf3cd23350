//! Capabilities: what an instance may do to the world outside it.
//!
//! A program knows a capability by its name, a number that is never used for anything else; the
//! number by itself gives nothing. The right is the entry under that name in the running instance's
//! control block. The five roots have the names 1 to 5; names of devices and interrupts follow
//! ([`crate::devices`]), in the order in which they were asked for.

use crate::Trap;
use crate::machine::Machine;

/// A root capability. Its number is its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Capability {
    /// Making instances.
    Spawn = 1,
    /// Device registers.
    Mmio = 2,
    /// Interrupts of devices.
    Irq = 3,
    /// Ending other instances.
    Kill = 4,
    /// Setting the clock.
    TimeAdmin = 5,
}

impl Capability {
    /// All of them, in the order of their names.
    pub const ALL: [Self; 5] = [
        Self::Spawn,
        Self::Mmio,
        Self::Irq,
        Self::Kill,
        Self::TimeAdmin,
    ];

    /// The capability of this name, if it is a root's.
    #[must_use]
    pub fn of_name(name: u64) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|capability| *capability as u64 == name)
    }

    /// The word that leaves its name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Spawn => "CAP_SPAWN",
            Self::Mmio => "CAP_MMIO",
            Self::Irq => "CAP_IRQ",
            Self::Kill => "CAP_KILL",
            Self::TimeAdmin => "CAP_TIME_ADMIN",
        }
    }

    /// What it allows.
    #[must_use]
    pub fn allows(self) -> &'static str {
        match self {
            Self::Spawn => "making VM instances",
            Self::Mmio => "device registers, and reports of the machine",
            Self::Irq => "interrupts of devices",
            Self::Kill => "ending other VM instances",
            Self::TimeAdmin => "setting the clock",
        }
    }

    /// What is thrown where it is needed and not held.
    #[must_use]
    pub fn missing(self) -> Trap {
        match self {
            Self::Spawn => Trap::NEEDS_SPAWN,
            Self::Mmio => Trap::NEEDS_MMIO,
            Self::Irq => Trap::NEEDS_IRQ,
            Self::Kill => Trap::NEEDS_KILL,
            Self::TimeAdmin => Trap::NEEDS_TIME_ADMIN,
        }
    }

    const fn bit(self) -> u64 {
        1 << (self as u64 - 1)
    }
}

/// A set of root capabilities, as the control block keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct CapabilitySet(u64);

impl CapabilitySet {
    /// None.
    pub(crate) const NONE: Self = Self(0);
    /// All five.
    pub(crate) const ALL: Self = Self(0b1_1111);

    pub(crate) fn has(self, capability: Capability) -> bool {
        self.0 & capability.bit() != 0
    }

    fn with(self, capability: Capability) -> Self {
        Self(self.0 | capability.bit())
    }

    fn without(self, capability: Capability) -> Self {
        Self(self.0 & !capability.bit())
    }

    /// False if it stands for more than there is: no instance can have got that.
    pub(crate) fn is_sound(self) -> bool {
        self.0 & !Self::ALL.0 == 0
    }

    pub(crate) fn shares_none_with(self, other: Self) -> bool {
        self.0 & other.0 == 0
    }

    /// As a word, for the parity hash.
    pub(crate) fn word(self) -> u64 {
        self.0
    }
}

impl Machine<'_, '_> {
    /// True if the instance holds the capability.
    #[must_use]
    pub fn holds(&self, capability: Capability) -> bool {
        self.block().capabilities.has(capability)
    }

    /// True if nobody holds it any more, nor ever will.
    #[must_use]
    pub fn is_revoked(&mut self, capability: Capability) -> bool {
        self.system_mut().revoked.has(capability)
    }

    /// Sees to it that the instance holds the capability.
    ///
    /// # Errors
    /// [`Capability::missing`].
    pub fn require(&self, capability: Capability) -> Result<(), Trap> {
        if self.holds(capability) {
            Ok(())
        } else {
            Err(capability.missing())
        }
    }

    /// Takes the capability from everybody, for as long as this world lives; what was reached by it
    /// is given back.
    ///
    /// # Errors
    /// [`Capability::missing`] if the instance does not hold it itself.
    pub fn revoke(&mut self, capability: Capability) -> Result<(), Trap> {
        self.require(capability)?;
        let system = self.system_mut();
        system.revoked = system.revoked.with(capability);
        let block = self.block_mut();
        block.capabilities = block.capabilities.without(capability);
        match capability {
            Capability::Mmio => self.bindings.unmap_all(self.outside),
            Capability::Irq => self.bindings.detach_all(self.outside),
            Capability::Spawn | Capability::Kill | Capability::TimeAdmin => {}
        }
        Ok(())
    }

    /// What the instance may do, as a word: a part of the parity hash.
    #[must_use]
    pub fn authority(&mut self) -> u64 {
        let system = self.system_mut();
        let (names, revoked) = (system.names, system.revoked.word());
        names << 16 | revoked << 8 | self.block().capabilities.word()
    }
}
