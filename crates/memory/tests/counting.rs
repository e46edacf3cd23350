//! Reference counting, beside the copying collector: both keep the same and free the same.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

use stele_memory::{
    Arena, Atom, Copying, Counting, Heap, Local, Root, Session, SharedCollector, Space,
};

const ATOMS: usize = 6;
const STEPS: u64 = if cfg!(miri) { 60 } else { 4000 };
/// How many steps lie between two collections that are made to fail.
const EVERY: u64 = if cfg!(miri) { 5 } else { 40 };

/// Everything there is: a table of atoms' names and two more roots.
struct World {
    heap: Heap,
    space: Space,
    roots: [Root; 3],
    random: u64,
}

const NAMES: usize = 0;
const LIST: usize = 1;
const MAP: usize = 2;

impl World {
    fn new(arena: &mut Arena<'_>) -> World {
        let mut world = World {
            heap: Heap::empty(),
            space: Space::empty(),
            roots: [const { Root::NIL }; 3],
            random: 88_172_645_463_325_252,
        };
        let (session, roots, _) = world.session(arena);
        let mut names = session.vector().unwrap();
        for _ in 0..ATOMS {
            let atom = session.atom(session.nil()).unwrap();
            names = session.vector_push(names, session.atom_name(atom)).unwrap();
        }
        session.store(&mut roots[NAMES], names);
        session.store(&mut roots[MAP], session.map().unwrap());
        world
    }

    fn session<'s>(
        &'s mut self,
        arena: &'s mut Arena<'_>,
    ) -> (Session<'s>, &'s mut [Root; 3], &'s mut u64) {
        // SAFETY: the only heap of the space, and one session at a time.
        let session = unsafe { Session::among_others(arena, &mut self.heap, &self.space) };
        (session, &mut self.roots, &mut self.random)
    }

    fn collect(
        &mut self,
        arena: &mut Arena<'_>,
        collector: &mut dyn SharedCollector,
    ) -> Result<stele_memory::SharedCollected, stele_memory::OutOfMemory> {
        let World {
            heap, space, roots, ..
        } = self;
        // SAFETY: this is the only heap, and these are all its roots.
        unsafe { space.collect_with(collector, arena, heap, roots) }
    }

    fn verify(&self, arena: &mut Arena<'_>) {
        let roots: Vec<&Root> = self.roots.iter().collect();
        self.space
            .verify(arena, &[&self.heap], roots.as_slice())
            .unwrap();
    }

    /// Does something that a number stands for.
    fn step(&mut self, arena: &mut Arena<'_>, index: u64) {
        let (session, roots, random) = self.session(arena);
        let mut below = |limit: u64| {
            *random ^= *random << 13;
            *random ^= *random >> 7;
            *random ^= *random << 17;
            (*random >> 16) % limit
        };
        let which = below(ATOMS as u64);
        let name = session
            .vector_get(session.load(&roots[NAMES]), which)
            .unwrap();
        let atom = session.as_atom(name).unwrap();
        let boxed = session.integer(i64::MAX - index as i64).unwrap();
        let new: Option<(usize, Local<'_>)> = match below(8) {
            0 => {
                let list = session.load(&roots[LIST]);
                Some((LIST, session.record(1, &[boxed, list]).unwrap()))
            }
            1 => {
                let key = session.integer(below(40) as i64).unwrap();
                let map = session.load(&roots[MAP]);
                Some((MAP, session.map_insert(map, key, boxed).unwrap()))
            }
            2 => {
                session.atom_swap(atom, session.load(&roots[LIST]));
                None
            }
            3 => {
                session.atom_swap(atom, session.load(&roots[MAP]));
                None
            }
            4 => {
                let list = session
                    .record(2, &[session.atom_load(atom), boxed])
                    .unwrap();
                session.atom_swap(atom, list);
                None
            }
            5 => Some((LIST, session.atom_load(atom))),
            6 => {
                // An atom that is named by another's value alone, or by nobody a moment later.
                let fresh = session.atom(boxed).unwrap();
                let holder = session.record(3, &[session.atom_name(fresh)]).unwrap();
                session.atom_swap(atom, holder);
                None
            }
            _ => {
                session.atom_swap(atom, session.nil());
                None
            }
        };
        if let Some((root, local)) = new {
            session.store(&mut roots[root], local);
        }
    }

    /// Everything that can be reached, as text.
    fn text(&mut self, arena: &mut Arena<'_>) -> String {
        let (session, roots, _) = self.session(arena);
        let mut text = String::new();
        for root in [LIST, MAP] {
            text.push_str(&describe(&session, session.load(&roots[root])));
        }
        for index in 0..ATOMS as u64 {
            let name = session
                .vector_get(session.load(&roots[NAMES]), index)
                .unwrap();
            let atom: Atom<'_> = session.as_atom(name).unwrap();
            text.push('\n');
            text.push_str(&describe(&session, session.atom_load(atom)));
        }
        text
    }
}

fn describe(session: &Session<'_>, value: Local<'_>) -> String {
    if let Some(integer) = session.as_integer(value) {
        return integer.to_string();
    }
    if let Some(atom) = session.as_atom(value) {
        return format!("atom {}", describe(session, session.atom_load(atom)));
    }
    if let Some(length) = session.record_len(value) {
        let fields = (0..length).map(|index| session.field(value, index).unwrap());
        let fields: Vec<String> = fields.map(|field| describe(session, field)).collect();
        return format!("({})", fields.join(" "));
    }
    if session.is_nil(value) {
        return "nil".to_owned();
    }
    let entries = session.map_entries(value);
    let entries: Vec<String> = entries
        .map(|(key, value)| format!("{} {}", describe(session, key), describe(session, value)))
        .collect();
    format!("{{{}}}", entries.join(", "))
}

#[test]
fn it_keeps_what_the_copying_collector_keeps() {
    let mut regions = [vec![0_u64; 1 << 19], vec![0_u64; 1 << 19]];
    let [one, two] = &mut regions;
    let mut arenas = [one, two].map(|region| {
        let mut arena = Arena::new(region).unwrap();
        arena.poison_freed(true);
        arena
    });
    let [ours, theirs] = &mut arenas;
    let mut worlds = [World::new(ours), World::new(theirs)];
    // SAFETY: nobody else collects this world's space.
    let mut counting = unsafe { Counting::new() };
    for index in 0..STEPS {
        let [a, b] = &mut worlds;
        a.step(ours, index);
        b.step(theirs, index);
        if index % 50 == 49 {
            for world in [&mut *a, &mut *b] {
                world.roots[LIST] = Root::NIL;
            }
        }
        if index % 7 == 6 {
            let counted = a.collect(ours, &mut counting).unwrap();
            let copied = b.collect(theirs, &mut Copying).unwrap();
            assert!(counted.live >= copied.live && counted.objects >= copied.objects);
            a.verify(ours);
            b.verify(theirs);
            assert_eq!(a.text(ours), b.text(theirs), "after step {index}");
        }
    }
    // What roots and atoms held last is freed by the collection after the next, and atoms that were
    // named by atoms alone one after the other; none name each other in a circle here.
    let [a, b] = &mut worlds;
    for _ in 0..100 {
        a.collect(ours, &mut counting).unwrap();
    }
    let counted = a.collect(ours, &mut counting).unwrap();
    let copied = b.collect(theirs, &mut Copying).unwrap();
    assert_eq!(
        (counted.objects, counted.live, counted.atoms),
        (copied.objects, copied.live, copied.atoms)
    );
}

#[test]
fn what_dies_is_freed_and_so_are_its_chunks() {
    let mut region = vec![0_u64; 1 << 18];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut world = World::new(&mut arena);
    // SAFETY: nobody else collects this space.
    let mut counting = unsafe { Counting::new() };
    world.collect(&mut arena, &mut counting).unwrap();
    let before = arena.statistics().free;
    for index in 0..STEPS {
        let (session, roots, _) = world.session(&mut arena);
        let boxed = session.integer(i64::MAX - index as i64).unwrap();
        let list = session
            .record(1, &[boxed, session.load(&roots[LIST])])
            .unwrap();
        session.store(&mut roots[LIST], list);
    }
    let grown = world.collect(&mut arena, &mut counting).unwrap();
    assert!(grown.objects >= 2 * STEPS);
    world.roots[LIST] = Root::NIL;
    world.collect(&mut arena, &mut counting).unwrap();
    let freed = world.collect(&mut arena, &mut counting).unwrap();
    assert_eq!(freed.objects + 2 * STEPS, grown.objects);
    assert!(arena.statistics().free >= before);
    world.verify(&mut arena);
}

#[test]
fn a_collection_that_fails_changes_nothing() {
    let mut region = vec![0_u64; 1 << 18];
    let mut arena = Arena::new(&mut region).unwrap();
    arena.poison_freed(true);
    let mut world = World::new(&mut arena);
    // SAFETY: nobody else collects this space.
    let mut counting = unsafe { Counting::new() };
    let mut failures = 0;
    for index in 0..STEPS / 4 {
        world.step(&mut arena, index);
        if index % EVERY != EVERY - 1 {
            continue;
        }
        let before = world.text(&mut arena);
        for allowed in 0.. {
            let free = arena.statistics();
            arena.refuse_after(Some(allowed));
            let collected = world.collect(&mut arena, &mut counting);
            arena.refuse_after(None);
            world.verify(&mut arena);
            assert_eq!(world.text(&mut arena), before);
            if collected.is_ok() {
                break;
            }
            assert_eq!(arena.statistics(), free);
            failures += 1;
        }
        world.roots[LIST] = Root::NIL;
    }
    assert!(failures > 0);
}
