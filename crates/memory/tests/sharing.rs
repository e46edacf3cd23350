//! Several heaps that share through one space, against a model: whatever is made, sent, stored,
//! exchanged and collected, every root and atom holds what it should, and every word is sound.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use proptest::prelude::*;
use stele_memory::{
    Arena, AtomChange, Copying, Counting, Heap, Local, Refusal, Root, Session, SharedCollector,
    Space,
};
use support::config;

const HEAPS: usize = 3;
const ROOTS: usize = 4;

/// A value.
#[derive(Debug, PartialEq)]
enum Model {
    Nil,
    Boxed(i64),
    Vector(Vec<Rc<Model>>),
    /// An atom, by number.
    Atom(u64),
}

impl Model {
    /// How many values it is made of, as a tree.
    fn size(&self) -> usize {
        match self {
            Model::Vector(elements) => 1 + elements.iter().map(|it| it.size()).sum::<usize>(),
            _ => 1,
        }
    }

    fn is(&self, session: &Session<'_>, value: Local<'_>) -> bool {
        match self {
            Model::Nil => session.is_nil(value),
            Model::Boxed(integer) => session.as_integer(value) == Some(*integer),
            Model::Vector(elements) => {
                session.vector_len(value) == Some(elements.len() as u64)
                    && (0..).zip(elements).all(|(index, element)| {
                        element.is(session, session.vector_get(value, index).unwrap())
                    })
            }
            Model::Atom(number) => {
                let atom = session.as_atom(value);
                atom.map(|atom| session.atom_number(atom)) == Some(*number)
            }
        }
    }

    /// Adds the atoms that it names.
    fn name(&self, names: &mut Vec<u64>) {
        match self {
            Model::Vector(elements) => elements.iter().for_each(|it| it.name(names)),
            Model::Atom(number) => names.push(*number),
            Model::Nil | Model::Boxed(_) => {}
        }
    }
}

/// A root: its heap, and which of that heap's it is.
type Place = (usize, usize);

#[derive(Clone, Debug)]
enum Action {
    /// A vector of what some roots of the heap hold, and a number.
    Make(Place, Vec<usize>, u8),
    /// The same value for another heap.
    Send(Place, Place),
    Drop(Place),
    NewAtom(Place, usize),
    Load(Place, usize),
    Swap(Place, usize),
    /// Compare with a root, and swap for another.
    Exchange(Place, usize, usize),
    /// The same for two atoms at once.
    Transact(Place, usize, usize),
    Collect(usize, bool),
    CollectShared,
    /// The heap ends, and another begins.
    End(usize),
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let place = || (0..HEAPS, 0..ROOTS);
    let one = prop_oneof![
        6 => (place(), prop::collection::vec(0..ROOTS, 0..4), any::<u8>())
            .prop_map(|(to, from, number)| Action::Make(to, from, number)),
        3 => (place(), place()).prop_map(|(from, to)| Action::Send(from, to)),
        1 => place().prop_map(Action::Drop),
        3 => (place(), 0..ROOTS).prop_map(|(to, from)| Action::NewAtom(to, from)),
        3 => (place(), 0..ROOTS).prop_map(|(to, atom)| Action::Load(to, atom)),
        3 => (place(), 0..ROOTS).prop_map(|(value, atom)| Action::Swap(value, atom)),
        2 => (place(), 0..ROOTS, 0..ROOTS)
            .prop_map(|(atom, expected, new)| Action::Exchange(atom, expected, new)),
        2 => (place(), 0..ROOTS, 0..ROOTS)
            .prop_map(|(atom, other, new)| Action::Transact(atom, other, new)),
        2 => (0..HEAPS, any::<bool>()).prop_map(|(heap, all)| Action::Collect(heap, all)),
        1 => Just(Action::CollectShared),
        1 => (0..HEAPS).prop_map(Action::End),
    ];
    prop::collection::vec(one, 1..if cfg!(miri) { 25 } else { 150 })
}

/// What the heaps hold.
struct World<'r> {
    arena: Arena<'r>,
    collector: Box<dyn SharedCollector>,
    /// Whether the collector frees at once all that is dead, atoms that name each other as well.
    exact: bool,
    space: Space,
    heaps: [Heap; HEAPS],
    roots: [[Root; ROOTS]; HEAPS],
    models: [[Rc<Model>; ROOTS]; HEAPS],
    atoms: BTreeMap<u64, Rc<Model>>,
}

impl<'r> World<'r> {
    fn new(region: &'r mut [u64], exact: bool) -> World<'r> {
        let mut arena = Arena::new(region).unwrap();
        arena.poison_freed(true);
        let collector: Box<dyn SharedCollector> = if exact {
            Box::new(Copying)
        } else {
            // SAFETY: nobody else collects this world's space.
            Box::new(unsafe { Counting::new() })
        };
        World {
            arena,
            collector,
            exact,
            space: Space::empty(),
            heaps: [const { Heap::empty() }; HEAPS],
            roots: [const { [const { Root::NIL }; ROOTS] }; HEAPS],
            models: std::array::from_fn(|_| std::array::from_fn(|_| Rc::new(Model::Nil))),
            atoms: BTreeMap::new(),
        }
    }

    fn session(&mut self, heap: usize) -> (Session<'_>, &mut [Root; ROOTS]) {
        let (arena, heaps) = (&mut self.arena, &mut self.heaps);
        // SAFETY: one session at a time; each heap's roots pass through all its collections, and
        // what comes from other heaps is shared.
        let session = unsafe { Session::among_others(arena, &mut heaps[heap], &self.space) };
        (session, &mut self.roots[heap])
    }

    fn model(&self, heap: usize, root: usize) -> Rc<Model> {
        self.models[heap][root].clone()
    }

    /// The number of the atom whose name the root holds.
    fn atom(&self, heap: usize, root: usize) -> Option<u64> {
        match *self.models[heap][root] {
            Model::Atom(number) => Some(number),
            _ => None,
        }
    }

    fn set(&mut self, (heap, root): Place, model: Rc<Model>) {
        self.models[heap][root] = model;
    }

    /// Does it, or says that there is no room, having done nothing.
    fn act(&mut self, action: &Action) -> Result<(), Refusal> {
        match action {
            Action::Make(to, from, number) => self.make(*to, from, *number),
            Action::Send(from, to) => {
                let (session, roots) = self.session(from.0);
                session.share(session.load(&roots[from.1]));
                self.roots[to.0][to.1] = self.roots[from.0][from.1].clone();
                self.set(*to, self.model(from.0, from.1));
                Ok(())
            }
            Action::Drop(place) => {
                self.roots[place.0][place.1] = Root::NIL;
                self.set(*place, Rc::new(Model::Nil));
                Ok(())
            }
            Action::NewAtom(to, from) => {
                let (session, roots) = self.session(to.0);
                let atom = session.atom(session.load(&roots[*from]))?;
                let (number, name) = (session.atom_number(atom), session.atom_name(atom));
                session.store(&mut roots[to.1], name);
                assert!(!self.atoms.contains_key(&number));
                self.atoms.insert(number, self.model(to.0, *from));
                self.set(*to, Rc::new(Model::Atom(number)));
                Ok(())
            }
            Action::Load(to, atom) => {
                if let Some(number) = self.atom(to.0, *atom) {
                    let (session, roots) = self.session(to.0);
                    let atom = session.as_atom(session.load(&roots[*atom])).unwrap();
                    session.store(&mut roots[to.1], session.atom_load(atom));
                    self.set(*to, self.atoms[&number].clone());
                }
                Ok(())
            }
            Action::Swap(value, atom) => {
                if let Some(number) = self.atom(value.0, *atom) {
                    let (session, roots) = self.session(value.0);
                    let atom = session.as_atom(session.load(&roots[*atom])).unwrap();
                    let old = session.atom_swap(atom, session.load(&roots[value.1]));
                    session.store(&mut roots[value.1], old);
                    let new = self.model(value.0, value.1);
                    let old = self.atoms.insert(number, new).unwrap();
                    self.set(*value, old);
                }
                Ok(())
            }
            Action::Exchange(atom, expected, new) => self.exchange(*atom, *expected, *new),
            Action::Transact(atom, other, new) => self.transact(*atom, *other, *new),
            Action::Collect(heap, everything) => {
                let (mut session, roots) = self.session(*heap);
                // SAFETY: these are all roots of this heap.
                unsafe {
                    if *everything {
                        session.collect_everything(&mut roots[..])
                    } else {
                        session.collect(&mut roots[..])
                    }
                }?;
                Ok(())
            }
            Action::CollectShared => {
                let roots = self.roots.as_flattened_mut();
                let heaps = self.heaps.each_ref();
                // SAFETY: these are all heaps and roots.
                let collected = unsafe {
                    let collector = &mut *self.collector;
                    self.space
                        .collect_with(collector, &mut self.arena, &heaps[..], roots)
                }?;
                let named = self.nameable();
                assert!(collected.atoms >= named.len() as u64);
                assert!(!self.exact || collected.atoms == named.len() as u64);
                self.atoms.retain(|number, _| named.contains(number));
                Ok(())
            }
            Action::End(heap) => {
                self.roots[*heap] = [const { Root::NIL }; ROOTS];
                self.models[*heap] = std::array::from_fn(|_| Rc::new(Model::Nil));
                // SAFETY: its roots hold nothing.
                unsafe { self.space.inherit(&mut self.arena, &mut self.heaps[*heap]) };
                Ok(())
            }
        }
    }

    fn make(&mut self, to: Place, from: &[usize], number: u8) -> Result<(), Refusal> {
        let boxed = i64::MAX - i64::from(number);
        let mut elements = vec![Rc::new(Model::Boxed(boxed))];
        elements.extend(from.iter().map(|from| self.model(to.0, *from)));
        let (session, roots) = self.session(to.0);
        let mut vector = session.vector_push(session.vector()?, session.integer(boxed)?)?;
        for from in from {
            vector = session.vector_push(vector, session.load(&roots[*from]))?;
        }
        let model = Model::Vector(elements);
        // Values are graphs, the model looks at them as trees.
        if model.size() < 300 {
            session.store(&mut roots[to.1], vector);
            self.set(to, Rc::new(model));
        }
        Ok(())
    }

    fn exchange(
        &mut self,
        (heap, atom): Place,
        expected: usize,
        new: usize,
    ) -> Result<(), Refusal> {
        let Some(number) = self.atom(heap, atom) else {
            return Ok(());
        };
        let same = self.atoms[&number] == self.model(heap, expected);
        let (session, roots) = self.session(heap);
        let atom = session.as_atom(session.load(&roots[atom])).unwrap();
        let (expected, other) = (session.load(&roots[expected]), session.load(&roots[new]));
        let swapped = session.atom_compare_and_swap(atom, expected, other)?;
        assert_eq!(swapped, same);
        if swapped {
            self.atoms.insert(number, self.model(heap, new));
        }
        Ok(())
    }

    /// Exchanges the values of two atoms, if the second holds what a root does.
    fn transact(&mut self, (heap, one): Place, two: usize, held: usize) -> Result<(), Refusal> {
        let (Some(first), Some(second)) = (self.atom(heap, one), self.atom(heap, two)) else {
            return Ok(());
        };
        let as_expected = self.atoms[&second] == self.model(heap, held);
        let (session, roots) = self.session(heap);
        let atom = |root: usize| session.as_atom(session.load(&roots[root])).unwrap();
        let (a, b) = (session.atom_load(atom(one)), session.load(&roots[held]));
        let change = |atom, expected, new| AtomChange {
            atom,
            expected,
            new,
        };
        let done = session.atoms_transact(&[change(atom(two), b, a), change(atom(one), a, b)]);
        match done {
            Err(Refusal::SameAtomTwice) => assert_eq!(first, second),
            Err(error) => return Err(error),
            Ok(done) => assert_eq!(done, as_expected),
        }
        if done == Ok(true) {
            let (a, b) = (self.atoms[&first].clone(), self.atoms[&second].clone());
            self.atoms.insert(first, b);
            self.atoms.insert(second, a);
        }
        Ok(())
    }

    /// The atoms that can be named.
    fn nameable(&self) -> BTreeSet<u64> {
        let mut names = Vec::new();
        for model in self.models.as_flattened() {
            model.name(&mut names);
        }
        let mut found = BTreeSet::new();
        while let Some(number) = names.pop() {
            if found.insert(number) {
                self.atoms[&number].name(&mut names);
            }
        }
        found
    }

    /// Checks every word and every value.
    fn check(&mut self) {
        let heaps = self.heaps.each_ref();
        let roots = self.roots.as_flattened();
        self.space.verify(&mut self.arena, &heaps, roots).unwrap();
        let (models, atoms) = (self.models.clone(), self.atoms.clone());
        for (heap, models) in models.iter().enumerate() {
            let (session, roots) = self.session(heap);
            for (root, model) in roots.iter().zip(models) {
                let value = session.load(root);
                assert!(
                    model.is(&session, value),
                    "heap {heap} should have {model:?}"
                );
                if let Model::Atom(number) = **model {
                    let atom = session.as_atom(value).unwrap();
                    assert!(atoms[&number].is(&session, session.atom_load(atom)));
                }
            }
        }
    }

    /// Ends all heaps; nothing is left but the table of atoms.
    fn end(mut self) {
        for heap in 0..HEAPS {
            self.act(&Action::End(heap)).unwrap();
        }
        self.act(&Action::CollectShared).unwrap();
        let statistics = self.space.statistics();
        if self.exact {
            assert_eq!((statistics.atoms, statistics.held), (0, 0));
        }
        self.check();
    }
}

fn region() -> Vec<u64> {
    vec![0; if cfg!(miri) { 1 << 14 } else { 1 << 16 }]
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn whatever_is_shared_stored_and_collected_nothing_is_lost_and_nothing_too_much_is_kept(
        actions in actions(), exact in any::<bool>()
    ) {
        let mut region = region();
        let mut world = World::new(&mut region, exact);
        for action in &actions {
            world.act(action).unwrap();
            world.check();
        }
        world.end();
    }

    #[test]
    fn an_action_that_finds_no_room_has_done_nothing(
        actions in actions(), refuse in 0u64..4, exact in any::<bool>()
    ) {
        let mut region = region();
        let mut world = World::new(&mut region, exact);
        for action in &actions {
            world.arena.refuse_after(Some(refuse));
            let result = world.act(action);
            world.arena.refuse_after(None);
            world.check();
            if let Err(refusal) = result {
                assert!(matches!(refusal, Refusal::OutOfMemory(_)), "{refusal}");
                world.act(action).unwrap();
                world.check();
            }
        }
        world.end();
    }
}
