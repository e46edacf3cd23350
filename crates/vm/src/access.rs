//! Access to words: which a program may use, who has been refused, and what nobody can change any more.
//!
//! A word is under control from the first time its access is changed. The table is an instance's own,
//! lies in a block of its own, and is made when it is first needed: where no word is under control, all
//! this costs is to see that there is no table, each time a token that is not remembered is resolved.
//! What a token under control leads to is never remembered, so every use by token comes here; code calls
//! such a word by token too, if it was compiled since ([design/0014]).
//!
//! Nothing here depends on a clock: how long an outcome is trusted is counted in cost units.
//!
//! [design/0014]: ../../../docs/design/0014-word-access-control.md

use crate::Trap;
use crate::control_block::ControlBlock;
use crate::dispatch::Remembered;
use crate::machine::Machine;
use crate::verify::RestoreError;
use crate::words::{WORDS_ROOT, Word};
use stele_memory::{Arena, Block};

/// Most words that can be under control.
pub const MAX_CONTROLLED: usize = 256;

/// Lines of the audit log that are kept.
pub const AUDIT_LINES: usize = 64;

/// Bytes of a word's name that a line of the audit log keeps.
pub const AUDIT_NAME: usize = 32;

/// Cost units of a check.
const CHECK: u64 = 4;

/// What access a word has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// True if every use is checked; false if the outcome of a check is trusted for [`Access::ttl`].
    pub strict: bool,
    /// Cost units that the outcome of a check is trusted for, if not every use is checked.
    pub ttl: u64,
    /// True if the word may be used.
    pub allowed: bool,
    /// True if nothing of this, nor the word itself, can be changed any more.
    pub pinned: bool,
    /// How often access was checked.
    pub checks: u64,
}

impl Access {
    /// That of a word that is not under control.
    pub const FREE: Self = Self {
        strict: true,
        ttl: 0,
        allowed: true,
        pinned: false,
        checks: 0,
    };
}

/// What a line of the audit log tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Event {
    /// A use was refused.
    Denied = 1,
    /// A change of a pinned word was refused.
    Kept = 2,
    /// A word was pinned.
    Pinned = 3,
    /// A word was allowed.
    Allowed = 4,
    /// A word was disallowed.
    Disallowed = 5,
    /// When a word is checked was changed.
    Mode = 6,
    /// A word took another's access.
    Inherited = 7,
}

impl Event {
    const ALL: [Self; 7] = [
        Self::Denied,
        Self::Kept,
        Self::Pinned,
        Self::Allowed,
        Self::Disallowed,
        Self::Mode,
        Self::Inherited,
    ];

    /// The event in a word.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Kept => "change of pinned word refused",
            Self::Pinned => "pinned",
            Self::Allowed => "allowed",
            Self::Disallowed => "disallowed",
            Self::Mode => "mode changed",
            Self::Inherited => "inherited",
        }
    }
}

/// A line of the audit log, in plain words.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct AuditLine {
    /// Cost units that the instance had used.
    pub cost: u64,
    /// The word's token then.
    pub token: u64,
    event: u64,
    length: u64,
    name: [u8; AUDIT_NAME],
}

impl AuditLine {
    /// What happened.
    #[must_use]
    pub fn event(&self) -> Option<Event> {
        Event::ALL
            .into_iter()
            .find(|event| *event as u64 == self.event)
    }

    /// The word's name then, at most [`AUDIT_NAME`] bytes of it.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        &self.name[..(self.length as usize).min(AUDIT_NAME)]
    }
}

/// A word under control, in plain words.
#[derive(Clone, Copy)]
#[repr(C)]
struct Entry {
    token: u64,
    /// Not 0 if outcomes are trusted for a while.
    lenient: u64,
    ttl: u64,
    denied: u64,
    pinned: u64,
    checks: u64,
    /// Cost at the last check.
    checked: u64,
    /// What it found: 0 there was none, 1 allowed, 2 denied.
    outcome: u64,
    /// Hash of the name, without regard to case.
    name: u64,
}

impl Entry {
    const NONE: Self = Self {
        token: 0,
        lenient: 0,
        ttl: 0,
        denied: 0,
        pinned: 0,
        checks: 0,
        checked: 0,
        outcome: 0,
        name: 0,
    };

    fn access(&self) -> Access {
        Access {
            strict: self.lenient == 0,
            ttl: self.ttl,
            allowed: self.denied == 0,
            pinned: self.pinned != 0,
            checks: self.checks,
        }
    }
}

/// All words under control, in the order of their tokens, and the audit log.
#[repr(C)]
struct Table {
    count: u64,
    /// Lines ever written to the log; each takes the place of the one [`AUDIT_LINES`] before it.
    lines: u64,
    entries: [Entry; MAX_CONTROLLED],
    log: [AuditLine; AUDIT_LINES],
}

impl Table {
    fn entries(&self) -> &[Entry] {
        &self.entries[..(self.count as usize).min(MAX_CONTROLLED)]
    }

    fn find(&self, token: u64) -> Result<usize, usize> {
        self.entries()
            .binary_search_by_key(&token, |entry| entry.token)
    }

    /// The place of a token's entry, made if there is none yet.
    fn place(&mut self, token: u64, name: u64) -> Result<usize, Trap> {
        let at = match self.find(token) {
            Ok(at) => return Ok(at),
            Err(at) => at,
        };
        let count = self.entries().len();
        if count == MAX_CONTROLLED {
            return Err(Trap::TOO_MANY_CONTROLLED);
        }
        self.entries.copy_within(at..count, at + 1);
        self.entries[at] = Entry {
            token,
            name,
            ..Entry::NONE
        };
        self.count = count as u64 + 1;
        Ok(at)
    }

    fn is_sound(&self) -> bool {
        let ordered = |pair: &[Entry]| pair[0].token < pair[1].token;
        // Whoever goes through them by token counts on one more than the last.
        let last = self.entries().last().map_or(0, |entry| entry.token);
        self.count <= MAX_CONTROLLED as u64
            && self.entries().windows(2).all(ordered)
            && last < i64::MAX.cast_unsigned()
    }
}

/// FNV-1a over a name in upper case.
fn hash_of_name(name: &[u8]) -> u64 {
    name.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_uppercase())).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

impl Machine<'_, '_> {
    fn access_table(&self) -> Option<&Table> {
        let block = self.block().access;
        // SAFETY: the block is this instance's, large enough, and was written as a table, which is
        // plain words, before anybody could see it; only methods of this machine write to it.
        (block != Block::NONE).then(|| unsafe { &*self.table_pointer(block) })
    }

    fn access_table_mut(&mut self) -> Option<&mut Table> {
        let block = self.block().access;
        // SAFETY: as above, and the machine is borrowed exclusively.
        (block != Block::NONE).then(|| unsafe { &mut *self.table_pointer(block) })
    }

    fn table_pointer(&self, block: Block) -> *mut Table {
        let base = self.arena.base().as_ptr();
        base.wrapping_add(block.offset as usize).cast()
    }

    /// The table, made if there is none yet.
    fn make_access_table(&mut self) -> Result<&mut Table, Trap> {
        if self.block().access == Block::NONE {
            let block = self
                .arena
                .allocate_sealed(size_of::<Table>() as u64, "access to words")
                .map_err(|_| Trap::OUT_OF_MEMORY)?;
            // SAFETY: the block is new, large enough, and aligned to 256 bytes; a table without entries
            // and lines is all zeroes.
            unsafe { self.table_pointer(block).write_bytes(0, 1) };
            self.block_mut().access = block;
        }
        self.access_table_mut().ok_or(Trap::OUT_OF_MEMORY)
    }

    /// What access a word has.
    #[must_use]
    pub fn access(&self, token: i64) -> Access {
        let entry = self.controlled(token);
        entry.map_or(Access::FREE, Entry::access)
    }

    /// True if a word is under control: its uses are to be by token.
    #[must_use]
    pub fn is_controlled(&self, token: i64) -> bool {
        self.controlled(token).is_some()
    }

    fn controlled(&self, token: i64) -> Option<&Entry> {
        let table = self.access_table()?;
        let at = table.find(token.cast_unsigned()).ok()?;
        table.entries().get(at)
    }

    /// A program is about to use a word; true if that is under control.
    ///
    /// # Errors
    /// [`Trap::ACCESS_DENIED`] if it may not; the log and [`Machine::explanation`] name the word.
    pub fn use_word(&mut self, token: i64) -> Result<bool, Trap> {
        if !self.is_controlled(token) {
            return Ok(false);
        }
        self.charge(CHECK);
        let now = self.cost();
        let Some(table) = self.access_table_mut() else {
            return Ok(false);
        };
        let Ok(at) = table.find(token.cast_unsigned()) else {
            return Ok(false);
        };
        let entry = &mut table.entries[at];
        let age = now.saturating_sub(entry.checked);
        if entry.lenient == 0 || entry.outcome == 0 || age >= entry.ttl {
            entry.checks = entry.checks.saturating_add(1);
            entry.checked = now;
            entry.outcome = 1 + u64::from(entry.denied != 0);
        }
        if entry.outcome == 1 {
            return Ok(true);
        }
        Err(self.refuse(token, Event::Denied, Trap::ACCESS_DENIED))
    }

    /// Changes a word's access, and puts it under control. Its count of checks and whether it is pinned stay as
    /// they are.
    ///
    /// # Errors
    /// [`Trap::WORD_PINNED`]; [`Trap::TOO_MANY_CONTROLLED`]; [`Trap::STALE_TOKEN`] if there is no such
    /// word; [`Trap::OUT_OF_MEMORY`].
    pub fn change_access(
        &mut self,
        token: i64,
        event: Event,
        change: impl FnOnce(&mut Access),
    ) -> Result<(), Trap> {
        self.refuse_pinned(token)?;
        let entry = self.entry(token)?;
        let mut access = entry.access();
        change(&mut access);
        entry.lenient = u64::from(!access.strict);
        entry.ttl = access.ttl;
        entry.denied = u64::from(!access.allowed);
        self.audit(token, event);
        Ok(())
    }

    /// Pins a word: neither its access nor the word can be changed from now on. What an earlier check
    /// found is no longer trusted.
    ///
    /// # Errors
    /// As [`Machine::change_access`]; a word may be pinned twice.
    pub fn pin(&mut self, token: i64) -> Result<(), Trap> {
        let entry = self.entry(token)?;
        if entry.pinned == 0 {
            entry.pinned = 1;
            entry.outcome = 0;
            self.audit(token, Event::Pinned);
        }
        Ok(())
    }

    /// The entry of a word, made if there is none yet.
    fn entry(&mut self, token: i64) -> Result<&mut Entry, Trap> {
        // From here on what the token leads to is not to be remembered.
        self.core.remembered = Remembered::nothing();
        let name = self
            .with_name(token, hash_of_name)
            .ok_or(Trap::STALE_TOKEN)?;
        let table = self.make_access_table()?;
        let at = table.place(token.cast_unsigned(), name)?;
        Ok(&mut table.entries[at])
    }

    /// Refuses to change a word that is pinned.
    ///
    /// # Errors
    /// [`Trap::WORD_PINNED`]; the log and [`Machine::explanation`] name the word.
    pub fn refuse_pinned(&mut self, token: i64) -> Result<(), Trap> {
        if self.access(token).pinned {
            return Err(self.refuse(token, Event::Kept, Trap::WORD_PINNED));
        }
        Ok(())
    }

    /// Refuses to give anything else the name of a word that is pinned.
    ///
    /// # Errors
    /// As [`Machine::refuse_pinned`].
    pub fn refuse_pinned_name(&mut self, name: &[u8]) -> Result<(), Trap> {
        if self.next_pinned(0).is_none() {
            return Ok(());
        }
        let hash = hash_of_name(name);
        let mut after = 0;
        while let Some(token) = self.pinned_from(after, |entry| entry.name == hash) {
            let same = |pinned: &[u8]| pinned.eq_ignore_ascii_case(name);
            if !name.is_empty() && self.with_name(token, same) == Some(true) {
                return self.refuse_pinned(token);
            }
            after = token + 1;
        }
        Ok(())
    }

    /// The first pinned word of at least this token.
    #[must_use]
    pub fn next_pinned(&self, token: i64) -> Option<i64> {
        self.pinned_from(token, |_| true)
    }

    fn pinned_from(&self, token: i64, is_meant: impl Fn(&Entry) -> bool) -> Option<i64> {
        let meant = |entry: &&Entry| {
            entry.pinned != 0 && entry.token >= token.cast_unsigned() && is_meant(entry)
        };
        let found = self.access_table()?.entries().iter().find(meant)?;
        Some(found.token.cast_signed())
    }

    /// The words from this token on are no longer: nor is their access.
    pub fn forget_access(&mut self, token: i64) {
        if let Some(table) = self.access_table_mut() {
            let below = |entry: &Entry| entry.token < token.cast_unsigned();
            table.count = table.entries().partition_point(below) as u64;
        }
    }

    /// A line of the audit log, counted from the oldest that is kept.
    #[must_use]
    pub fn audit_line(&self, index: u64) -> Option<AuditLine> {
        let table = self.access_table()?;
        let oldest = table.lines.saturating_sub(AUDIT_LINES as u64);
        let line = oldest.checked_add(index)?;
        (line < table.lines).then(|| table.log[line as usize % AUDIT_LINES])
    }

    /// Gives all that there is to know about access, as words, to `take`: a part of the parity hash.
    pub fn each_access_word(&self, mut take: impl FnMut(u64)) {
        let Some(table) = self.access_table() else {
            return;
        };
        take(table.lines);
        for entry in table.entries() {
            let Entry { token, lenient, .. } = *entry;
            let (ttl, denied, pinned) = (entry.ttl, entry.denied, entry.pinned);
            let (checks, checked, outcome) = (entry.checks, entry.checked, entry.outcome);
            [
                token, lenient, ttl, denied, pinned, checks, checked, outcome,
            ]
            .into_iter()
            .for_each(&mut take);
        }
        for index in 0..table.lines.min(AUDIT_LINES as u64) {
            if let Some(line) = self.audit_line(index) {
                [line.cost, line.token, line.event, hash_of_name(line.name())]
                    .into_iter()
                    .for_each(&mut take);
            }
        }
    }

    /// Logs that something was refused, and says of which word.
    fn refuse(&mut self, token: i64, event: Event, trap: Trap) -> Trap {
        self.audit(token, event);
        let mut name = [0; AUDIT_NAME];
        let length = self.copy_name(token, &mut name);
        let name = name[..length].utf8_chunks().next();
        let name = name.map_or("", |chunk| chunk.valid());
        self.block_mut().progress.fail(trap, format_args!("{name}"))
    }

    /// Writes a line to the log.
    fn audit(&mut self, token: i64, event: Event) {
        let mut name = [0; AUDIT_NAME];
        let length = self.copy_name(token, &mut name) as u64;
        let cost = self.cost();
        if let Some(table) = self.access_table_mut() {
            table.log[table.lines as usize % AUDIT_LINES] = AuditLine {
                cost,
                token: token.cast_unsigned(),
                event: event as u64,
                length,
                name,
            };
            table.lines = table.lines.saturating_add(1);
        }
    }

    /// Copies as much of a word's name as there is room for; returns how much.
    fn copy_name(&mut self, token: i64, copy: &mut [u8; AUDIT_NAME]) -> usize {
        let copied = self.with_name(token, |name| {
            let length = name.len().min(copy.len());
            copy[..length].copy_from_slice(&name[..length]);
            length
        });
        copied.unwrap_or(0)
    }

    /// Does something with a word's name, if there is such a word.
    fn with_name<T>(&mut self, token: i64, work: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let (session, roots) = self.open_session();
        let words = session.load(&roots[WORDS_ROOT]);
        let word = Word::read(&session, words, token)?;
        Some(work(session.as_bytes(word.name).unwrap_or_default()))
    }
}

/// Takes possession of the table of an instance that is being restored.
pub(crate) fn adopt(
    arena: &mut Arena<'_>,
    control: &ControlBlock,
    at: u64,
) -> Result<(), RestoreError> {
    let block = control.access;
    if block == Block::NONE {
        return Ok(());
    }
    arena.claim(block)?;
    let reason = "the table of access to words is not one";
    if block.size < size_of::<Table>() as u64 {
        return Err(RestoreError::State(at, reason));
    }
    // SAFETY: the block was just claimed, so it lies in the arena, aligned and initialised; it is large
    // enough, and a table is plain words.
    let table = unsafe {
        let start = arena.base().as_ptr().add(block.offset as usize);
        &*start.cast::<Table>()
    };
    if table.is_sound() {
        Ok(())
    } else {
        Err(RestoreError::State(at, reason))
    }
}
