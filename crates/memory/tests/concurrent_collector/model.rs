//! The protocol: a space of objects, cores that use it, a collector that moves all of it meanwhile.
//!
//! References are indices of objects: first those of from-space, then as many places for their
//! copies, then places for what cores allocate during the collection.

use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::AtomicUsize;

/// No reference.
pub(crate) const NOTHING: usize = usize::MAX;
/// The atoms.
pub(crate) const X: usize = 0;
pub(crate) const Y: usize = 1;

/// What the collector asks all cores to begin, one after the other.
const WATCH: usize = 1;
const HAND_OVER: usize = 2;
const FORWARD: usize = 3;
const RELEASE: usize = 4;
/// What a core has answered that will never have to answer again.
const GONE: usize = usize::MAX;

/// A part of the protocol that can be left out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Marking what writers of atoms overwrite.
    Watching,
    /// Waiting until all watch before any hands over its roots.
    WatchingFirst,
    /// Waiting until all forward before the atoms flip.
    FirstGracePeriod,
    /// Rewriting the references in what was allocated before.
    FixingAllocations,
    /// Waiting until all have forwarded their roots again before from-space is freed.
    SecondGracePeriod,
}

pub(crate) struct Object {
    /// The only word that changes after others may see it, and only from a reference to that of the
    /// copy; so it is read without order.
    child: AtomicUsize,
    freed: UnsafeCell<bool>,
}

impl Object {
    fn new() -> Object {
        Object {
            child: AtomicUsize::new(NOTHING),
            freed: UnsafeCell::new(false),
        }
    }

    pub(crate) fn set_child(&self, child: usize) {
        self.child.store(child, Relaxed);
    }

    fn read(&self) -> usize {
        // SAFETY: nobody writes to an object that can be reached; that is what loom checks.
        self.freed
            .with(|freed| assert!(!unsafe { *freed }, "freed"));
        self.child.load(Relaxed)
    }
}

pub(crate) struct Atom(AtomicUsize);

impl Atom {
    pub(crate) fn get(&self) -> usize {
        self.0.load(Acquire)
    }

    pub(crate) fn set(&self, value: usize) {
        self.0.store(value, Release);
    }
}

/// What a core and the collector say to each other.
struct Desk {
    /// The last request that the core has begun to follow.
    answered: AtomicUsize,
    /// Written by the core before it answers, read by the collector after.
    roots: UnsafeCell<Vec<usize>>,
    /// The objects that the core allocated in the collection and left behind.
    left: UnsafeCell<Vec<usize>>,
}

pub(crate) struct Space {
    without: Option<Part>,
    from: usize,
    objects: Vec<Object>,
    atoms: [Atom; 2],
    /// For each object of from-space, whether it has been found alive.
    marks: Vec<AtomicUsize>,
    /// For each object of from-space its copy. Complete before forwarding is asked for.
    table: Vec<AtomicUsize>,
    request: AtomicUsize,
    desks: Vec<Desk>,
}

/// A space with so many objects in from-space, for two cores, whose protocol leaves something out.
pub(crate) fn space(from: usize, without: Option<Part>) -> Arc<Space> {
    let nothing = |_| AtomicUsize::new(NOTHING);
    Arc::new(Space {
        without,
        from,
        objects: (0..2 * from + 2).map(|_| Object::new()).collect(),
        atoms: [NOTHING; 2].map(|value| Atom(AtomicUsize::new(value))),
        marks: (0..from).map(|_| AtomicUsize::new(0)).collect(),
        table: (0..from).map(nothing).collect(),
        request: AtomicUsize::new(0),
        desks: (0..2)
            .map(|_| Desk {
                answered: AtomicUsize::new(0),
                roots: UnsafeCell::new(Vec::new()),
                left: UnsafeCell::new(Vec::new()),
            })
            .collect(),
    })
}

impl Space {
    pub(crate) fn atom(&self, atom: usize) -> &Atom {
        &self.atoms[atom]
    }

    pub(crate) fn object(&self, object: usize) -> &Object {
        &self.objects[object]
    }

    pub(crate) fn first_copy(&self) -> usize {
        self.from
    }

    fn mark(&self, value: usize) {
        if value < self.from {
            self.marks[value].store(1, Relaxed);
        }
    }

    fn forward(&self, value: usize) -> usize {
        if value >= self.from {
            return value;
        }
        let copy = self.table[value].load(Relaxed);
        assert_ne!(copy, NOTHING, "alive but was not found");
        copy
    }

    /// Brings the references of an object up to date in place.
    fn fix(&self, object: usize) {
        let child = self.objects[object].child.load(Relaxed);
        self.objects[object].set_child(self.forward(child));
    }
}

/// A core that runs programs: it has one root and allocates at most one object.
pub(crate) struct Core {
    space: Arc<Space>,
    number: usize,
    following: usize,
    root: usize,
    allocated: Vec<usize>,
}

impl Core {
    /// A core that has yet to hear of the collection.
    pub(crate) fn join(space: &Arc<Space>, number: usize) -> Core {
        Core::following(space, number, 0)
    }

    /// A core that watches, and has handed over that it has no roots; so that loom need not try
    /// all the ways in which it came there.
    pub(crate) fn join_moving(space: &Arc<Space>, number: usize) -> Core {
        Core::following(space, number, HAND_OVER)
    }

    fn following(space: &Arc<Space>, number: usize, following: usize) -> Core {
        space.desks[number].answered.store(following, Relaxed);
        Core {
            space: space.clone(),
            number,
            following,
            root: NOTHING,
            allocated: Vec::new(),
        }
    }

    pub(crate) fn hold(&mut self, value: usize) {
        self.root = value;
    }

    pub(crate) fn forget(&mut self) {
        self.root = NOTHING;
    }

    /// No barrier: the value may be one of from-space until the next safepoint.
    pub(crate) fn load(&mut self, atom: usize) {
        self.root = self.space.atom(atom).get();
    }

    /// Reads the object that is held.
    pub(crate) fn read(&self) {
        if self.root != NOTHING {
            self.space.object(self.root).read();
        }
    }

    /// Holds what the object that is held refers to.
    pub(crate) fn follow(&mut self) {
        if self.root != NOTHING {
            self.root = self.space.object(self.root).read();
        }
    }

    /// Makes an object that refers to what is held, and holds it instead.
    pub(crate) fn allocate(&mut self) {
        let object = 2 * self.space.from + self.number;
        let child = self.forwarded(self.root);
        self.space.object(object).set_child(child);
        self.allocated.push(object);
        self.root = object;
    }

    /// Makes what is held the value of an atom.
    pub(crate) fn publish(&self, atom: usize) {
        self.store(atom, self.forwarded(self.root));
    }

    /// Leaves nothing in an atom.
    pub(crate) fn clear(&self, atom: usize) {
        self.store(atom, NOTHING);
    }

    fn store(&self, atom: usize, value: usize) {
        let word = &self.space.atom(atom).0;
        let mut found = word.load(Acquire);
        loop {
            if self.following >= WATCH && self.space.without != Some(Part::Watching) {
                // Before the exchange, so that whoever finds the new value there finds the mark.
                self.space.mark(found);
            }
            match word.compare_exchange(found, value, AcqRel, Acquire) {
                Ok(_) => return,
                Err(other) => found = other,
            }
        }
    }

    fn forwarded(&self, value: usize) -> usize {
        if self.following >= FORWARD {
            self.space.forward(value)
        } else {
            value
        }
    }

    /// Begins what is asked for, and answers.
    pub(crate) fn safepoint(&mut self) {
        let request = self.space.request.load(Acquire);
        if request <= self.following {
            return;
        }
        if self.following < HAND_OVER && request >= HAND_OVER {
            self.hand_over();
        }
        let fixes = self.space.without != Some(Part::FixingAllocations);
        if fixes && self.following < FORWARD && request >= FORWARD {
            for object in &self.allocated {
                self.space.fix(*object);
            }
        }
        if request >= FORWARD {
            self.root = self.space.forward(self.root);
        }
        self.following = request;
        let desk = &self.space.desks[self.number];
        desk.answered.store(request, Release);
    }

    fn hand_over(&self) {
        let mut roots = vec![self.root];
        let objects = self.allocated.iter();
        roots.extend(objects.map(|object| self.space.object(*object).read()));
        let desk = &self.space.desks[self.number];
        // SAFETY: the collector reads the roots after the answer only; loom checks that.
        desk.roots.with_mut(|desk| unsafe { *desk = roots });
    }

    /// Ends: has no roots any more and leaves to the collector what others may have come to see.
    pub(crate) fn leave(mut self) {
        self.forget();
        self.safepoint();
        if self.following < HAND_OVER {
            self.hand_over();
        }
        let desk = &self.space.desks[self.number];
        if self.following < FORWARD {
            let left = std::mem::take(&mut self.allocated);
            // SAFETY: as for the roots.
            desk.left.with_mut(|desk| unsafe { *desk = left });
        }
        desk.answered.store(GONE, Release);
    }
}

/// Moves everything.
pub(crate) struct Collector {
    space: Arc<Space>,
    cores: usize,
}

impl Collector {
    /// A collector of a space with so many cores.
    pub(crate) fn new(space: &Arc<Space>, cores: usize) -> Collector {
        Collector {
            space: space.clone(),
            cores,
        }
    }

    pub(crate) fn collect(&self) {
        if !self.is_without(Part::WatchingFirst) {
            self.ask(WATCH);
            self.wait(WATCH);
        }
        self.ask(HAND_OVER);
        self.wait(HAND_OVER);
        self.find();
        self.copy();
        self.ask(FORWARD);
        if !self.is_without(Part::FirstGracePeriod) {
            self.wait(FORWARD);
            self.fix_what_was_left();
        }
        self.flip();
        self.ask(RELEASE);
        if !self.is_without(Part::SecondGracePeriod) {
            self.wait(RELEASE);
        }
        self.free();
    }
}

impl Collector {
    fn is_without(&self, part: Part) -> bool {
        self.space.without == Some(part)
    }

    fn ask(&self, request: usize) {
        self.space.request.store(request, Release);
    }

    /// Waits until every core has begun what was asked for.
    fn wait(&self, request: usize) {
        for desk in &self.space.desks[..self.cores] {
            while desk.answered.load(Acquire) < request {
                loom::thread::yield_now();
            }
        }
    }

    /// Marks all that is alive: what was handed over, what atoms hold, and what was overwritten in
    /// them since the cores watch.
    fn find(&self) {
        let space = &self.space;
        for desk in &space.desks[..self.cores] {
            // SAFETY: the core has answered, and writes its roots no more.
            let roots = desk.roots.with(|roots| unsafe { (*roots).clone() });
            for root in roots {
                self.find_from(root);
            }
        }
        for atom in &space.atoms {
            self.find_from(atom.get());
        }
        // After the atoms, so no mark of a value that was overwritten before is missed.
        for object in 0..space.from {
            if space.marks[object].load(Relaxed) != 0 {
                self.find_from(object);
            }
        }
    }

    /// What a new object refers to, its core held when it handed over, or it was found otherwise.
    fn find_from(&self, mut value: usize) {
        while value < self.space.from {
            self.space.mark(value);
            value = self.space.object(value).read();
        }
    }

    /// Copies from the oldest to the youngest, so what an object refers to has its copy already.
    fn copy(&self) {
        let space = &self.space;
        for object in 0..space.from {
            if space.marks[object].load(Relaxed) != 0 {
                let copy = space.from + object;
                let child = space.object(object).read();
                space.object(copy).set_child(space.forward(child));
                space.table[object].store(copy, Relaxed);
            }
        }
    }

    fn fix_what_was_left(&self) {
        for desk in &self.space.desks[..self.cores] {
            // SAFETY: the core has answered, and leaves nothing more behind.
            let left = desk.left.with(|left| unsafe { (*left).clone() });
            for object in left {
                self.space.fix(object);
            }
        }
    }

    fn flip(&self) {
        for atom in &self.space.atoms {
            let mut found = atom.get();
            while found < self.space.from {
                let copy = self.space.forward(found);
                match atom.0.compare_exchange(found, copy, AcqRel, Acquire) {
                    Ok(_) => break,
                    Err(other) => found = other,
                }
            }
        }
    }

    fn free(&self) {
        for object in &self.space.objects[..self.space.from] {
            // SAFETY: nobody reads it any more; that is what loom checks.
            object.freed.with_mut(|freed| unsafe { *freed = true });
        }
    }
}
