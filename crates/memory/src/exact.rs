//! The exact hash of values and of all that atoms hold which can be reached from them.
//!
//! Values come one after the other, each in steps of bounded length. The names of atoms that are met
//! on the way are noted, each once, in the order in which they are met. When the values are done,
//! whoever hashes them goes on with what those atoms hold, in that order, whereby more atoms may be
//! met, until none is left: so atoms may name each other in any way.
//!
//! A value's parts are hashed in an order that depends on what is in it alone, so the order of the
//! atoms does too. Names are hashed by their numbers. Parts that were hashed before are not looked at
//! again, and have no atom that was not met.

use crate::arena::OutOfMemory;
use crate::hash;
use crate::hashing::Hashing;
use crate::memo::Memo;
use crate::scratch::Scratch;
use crate::session::{Local, Session};
use crate::value::Value;

/// An exact hash that may be interrupted, as a [`Comparison`](crate::Comparison) may be. Whoever gives
/// one up before it is finished ends it with [`Session::end_exact_hashing`].
#[repr(C)]
#[derive(Debug)]
pub struct ExactHashing {
    /// The hash of the value that is being hashed, and what is known of all so far.
    hashing: Hashing,
    atoms: Met,
    /// The chain of the hashes of the values so far.
    chain: u64,
}

/// The atoms that were met.
#[repr(C)]
#[derive(Debug)]
struct Met {
    /// Their names, in the order in which they were met.
    names: Scratch,
    /// Their names, to be found.
    known: Memo<1>,
}

impl ExactHashing {
    /// A hash of nothing so far.
    #[must_use]
    pub const fn new() -> ExactHashing {
        ExactHashing {
            hashing: Hashing::new(),
            atoms: Met {
                names: Scratch::NONE,
                known: Memo::NONE,
            },
            chain: 0,
        }
    }
}

impl Default for ExactHashing {
    fn default() -> ExactHashing {
        ExactHashing::new()
    }
}

impl Met {
    /// Notes an atom, if it was not met before.
    fn note(&mut self, session: &Session<'_>, name: Value) -> Result<(), OutOfMemory> {
        if self.known.get(session, name).is_some() {
            return Ok(());
        }
        session.push_scratch(&mut self.names, &[name])?;
        self.known.put(session, [name]).inspect_err(|_| {
            if let Some(names) = session.view(&self.names) {
                names.truncate(names.count().saturating_sub(1));
            }
        })
    }
}

impl Session<'_> {
    /// Goes on with one more value, for at most `units` units of work, from which it takes what it
    /// did; whether all of it is in the hash. The value is the same at each step.
    ///
    /// Identical values change the hash in the same way, and values that differ in anything, be it
    /// the kind of a number or the sign of zero, hardly ever.
    ///
    /// # Errors
    /// Deep or large values and atoms need scratch blocks; if there is no room for them. The hash is
    /// as it was before this value.
    pub fn exact_hash_step(
        &self,
        hashing: &mut ExactHashing,
        value: Local<'_>,
        units: &mut u64,
    ) -> Result<bool, OutOfMemory> {
        let ExactHashing {
            hashing,
            atoms,
            chain,
        } = hashing;
        let meet = |name| atoms.note(self, name);
        let Some(hash) = self.exact_hash_for(hashing, value, units, meet)? else {
            return Ok(false);
        };
        *units = units.saturating_sub(1);
        *chain = hash::link(*chain, hash);
        Ok(true)
    }

    /// What the atom holds that was met as number `index`, counted from 0; none if there were not so
    /// many so far.
    #[must_use]
    pub fn exact_hash_met<'a>(&'a self, hashing: &ExactHashing, index: u64) -> Option<Local<'a>> {
        let names = self.view(&hashing.atoms.names)?;
        let index = usize::try_from(index).ok()?;
        if index >= names.count() {
            return None;
        }
        // Atoms that were met stay, since what is hashed leads to them; a forged hash may have one
        // that is gone.
        let atom = self.as_atom(Local::new(names.get(index)));
        Some(atom.map_or(self.nil(), |atom| self.atom_load(atom)))
    }

    /// The hash of all values so far. The next one begins anew.
    pub fn finish_exact_hash(&self, hashing: &mut ExactHashing) -> u64 {
        let hash = hash::finish(hashing.chain);
        self.end_exact_hashing(hashing);
        hash
    }

    /// Gives a hash up.
    pub fn end_exact_hashing(&self, hashing: &mut ExactHashing) {
        self.end_hashing(&mut hashing.hashing);
        self.close_scratch(&mut hashing.atoms.names);
        hashing.atoms.known.close(self);
        *hashing = ExactHashing::new();
    }
}
