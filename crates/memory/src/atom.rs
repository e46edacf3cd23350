//! Atoms: places whose value changes, from one complete value to the next.
//!
//! What an atom holds is shared, so storing a value [shares](crate::seal) it first. How the words of
//! atoms change while other threads look is decided in [`protocol`](crate::protocol).

use core::marker::PhantomData;

use crate::arena::OutOfMemory;
use crate::compare::{Comparison, Question};
use crate::protocol::{Region, atom};
use crate::scratch::Scratch;
use crate::session::{Local, Refusal, Session};
use crate::space::{GENERATION, NUMBER, name_of, place_of};
use crate::value::Value;

/// An atom, found by its name: good until the next safepoint of the session, as a [`Local`] is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Atom<'a> {
    /// Offset of its entry, whose first word is the value's.
    pub(crate) at: u64,
    session: PhantomData<&'a ()>,
}

/// A `compare_and_swap` that may be interrupted, as a [`Comparison`] may be. Whoever gives one up
/// before it is done ends it with [`Session::end_exchange`].
#[repr(C)]
#[derive(Debug, Default)]
pub struct Exchange {
    comparison: Comparison,
    /// The value of the atom that is being compared, once the comparison was interrupted.
    seen: Scratch,
}

impl Exchange {
    /// An exchange that has not begun.
    #[must_use]
    pub const fn new() -> Exchange {
        Exchange {
            comparison: Comparison::new(),
            seen: Scratch::NONE,
        }
    }
}

impl Session<'_> {
    /// Makes an atom that holds `value`.
    ///
    /// # Errors
    /// If there is no room for it, or if the session was opened without a shared space.
    pub fn atom<'a>(&'a self, value: Local<'a>) -> Result<Atom<'a>, Refusal> {
        let space = self.space.ok_or(Refusal::NoSpace)?;
        self.share(value);
        // SAFETY: the space belongs to the arena of this session.
        let at = self.with_core(|core| unsafe { space.make_atom(core, self.heap, value.value) })?;
        Ok(found(at))
    }

    /// The atom that `local` is the name of; none if this is something else.
    #[inline]
    #[must_use]
    pub fn as_atom<'a>(&'a self, local: Local<'a>) -> Option<Atom<'a>> {
        let (at, generation) = place_of(local.value)?;
        // SAFETY: names come from atoms that were made or verified, so there is such an entry.
        let present = unsafe { self.entry_word(at + GENERATION) };
        (present == generation).then(|| found(at))
    }

    /// The name of an atom, by which it is kept and handed on.
    #[inline]
    #[must_use]
    pub fn atom_name<'a>(&'a self, atom: Atom<'a>) -> Local<'a> {
        // SAFETY: the atom was found by a name that is good.
        Local::new(name_of(atom.at, unsafe {
            self.entry_word(atom.at + GENERATION)
        }))
    }

    /// The number of an atom: those of a space are counted from 1, and none is given twice.
    #[inline]
    #[must_use]
    pub fn atom_number(&self, atom: Atom<'_>) -> u64 {
        // SAFETY: as in `atom_name`.
        unsafe { self.entry_word(atom.at + NUMBER) }
    }

    /// What the atom holds.
    #[inline]
    #[must_use]
    pub fn atom_load<'a>(&'a self, atom: Atom<'a>) -> Local<'a> {
        Local::new(Value::from_word(atom::load(&self.region(), atom.at)))
    }

    /// Makes the atom hold `new`; answers what it held.
    pub fn atom_swap<'a>(&'a self, atom: Atom<'a>, new: Local<'a>) -> Local<'a> {
        self.share(new);
        let old = atom::swap(&self.region(), atom.at, new.value.word());
        Local::new(Value::from_word(old))
    }

    /// Makes the atom hold `new` if it still holds the very value `seen` that was loaded from it.
    /// False says only that somebody stored something since: it may be identical to `seen`.
    pub fn atom_replace<'a>(&'a self, atom: Atom<'a>, seen: Local<'a>, new: Local<'a>) -> bool {
        self.exchange(atom, seen.value, new).is_ok()
    }

    /// Makes the atom hold what `change` makes of what it held; answers that. If somebody else stores
    /// something meanwhile, `change` is asked again.
    ///
    /// # Errors
    /// Those of `change`; the atom has not been changed then.
    pub fn atom_update<'a, E>(
        &'a self,
        atom: Atom<'a>,
        mut change: impl FnMut(Local<'a>) -> Result<Local<'a>, E>,
    ) -> Result<Local<'a>, E> {
        loop {
            let seen = self.atom_load(atom);
            let new = change(seen)?;
            if self.atom_replace(atom, seen, new) {
                return Ok(new);
            }
        }
    }

    /// Makes the atom hold `new` if what it holds is [identical](Session::identical) to `expected`;
    /// says whether it was.
    ///
    /// # Errors
    /// If there is no room to compare; the atom has not been changed then.
    pub fn atom_compare_and_swap(
        &self,
        atom: Atom<'_>,
        expected: Local<'_>,
        new: Local<'_>,
    ) -> Result<bool, OutOfMemory> {
        let mut exchange = Exchange::new();
        loop {
            let mut units = u64::MAX;
            let step =
                self.atom_compare_and_swap_step(&mut exchange, atom, expected, new, &mut units);
            if let Some(done) = step? {
                return Ok(done);
            }
        }
    }

    /// Goes on with [`Session::atom_compare_and_swap`] for at most `units` units of work, from which
    /// it takes what it did; none if it is not done. All arguments are the same at each step. If
    /// somebody else stores something meanwhile, that is compared anew.
    ///
    /// # Errors
    /// If there is no room to compare; the atom has not been changed, and the exchange begins anew.
    pub fn atom_compare_and_swap_step(
        &self,
        exchange: &mut Exchange,
        atom: Atom<'_>,
        expected: Local<'_>,
        new: Local<'_>,
        units: &mut u64,
    ) -> Result<Option<bool>, OutOfMemory> {
        let mut current = self.atom_load(atom).value;
        loop {
            let begun_with = self.view(&exchange.seen).map(|view| view.get(0));
            if begun_with.is_some_and(|seen| seen != current) {
                self.end_exchange(exchange);
            }
            let Exchange { comparison, seen } = exchange;
            let question = Question::Identical;
            match self.compare_step(question, comparison, current, expected.value, units) {
                Err(error) => {
                    self.end_exchange(exchange);
                    return Err(error);
                }
                Ok(None) => {
                    if seen.is_none() {
                        self.push_scratch(seen, &[current])
                            .inspect_err(|_| self.end_comparison(comparison))?;
                    }
                    return Ok(None);
                }
                Ok(Some(order)) => {
                    self.end_exchange(exchange);
                    if order.is_ne() {
                        return Ok(Some(false));
                    }
                    match self.exchange(atom, current, new) {
                        Ok(()) => return Ok(Some(true)),
                        Err(other) => current = other,
                    }
                }
            }
        }
    }

    /// Gives an exchange up.
    pub fn end_exchange(&self, exchange: &mut Exchange) {
        self.end_comparison(&mut exchange.comparison);
        self.close_scratch(&mut exchange.seen);
    }

    /// Exchanges the very word of an atom.
    pub(crate) fn exchange(
        &self,
        atom: Atom<'_>,
        current: Value,
        new: Local<'_>,
    ) -> Result<(), Value> {
        self.share(new);
        atom::compare_exchange(&self.region(), atom.at, current.word(), new.value.word())
            .map_err(Value::from_word)
    }

    /// The words of atoms and descriptors, as threads use them.
    #[inline(always)]
    pub(crate) fn region(&self) -> Region {
        // SAFETY: offsets of atoms are those of entries of the space, which never move and whose
        // first words are used through the protocol only, but while a collector is alone. What
        // they name as descriptors `commit_changes` wrote to a sealed object, and all objects stay
        // while a session does not let a collector in.
        unsafe { Region::new(self.base_pointer(), self.pause()) }
    }

    /// A word of an atom's entry other than the first.
    ///
    /// # Safety
    /// There is such an entry.
    #[inline]
    unsafe fn entry_word(&self, at: u64) -> u64 {
        // SAFETY: the caller's promise; the words are written before the name is known to anybody.
        unsafe { self.base().add(at as usize).cast::<u64>().read() }
    }

    /// The word that stands for a value in its order, hash and text: where the name of an atom has
    /// its place, this has its number.
    #[inline]
    pub(crate) fn visible(&self, value: Value) -> Value {
        match self.as_atom(Local::new(value)) {
            Some(atom) => Value::name(self.atom_number(atom), false),
            None => value,
        }
    }
}

#[inline]
fn found<'a>(at: u64) -> Atom<'a> {
    Atom {
        at,
        session: PhantomData,
    }
}
