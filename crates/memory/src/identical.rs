//! `identical`: the same kind and the same bits, through and through.

use crate::arena::{Block, Core, OutOfMemory, Source};
use crate::session::{Local, Session};
use crate::tree;
use crate::value::Value;

/// Pairs that are kept without a block of the arena.
const NEAR: usize = 32;

impl Session<'_> {
    /// Whether two values are of the same kind and hold the same bits, however deep. Where they are
    /// in memory and what they share does not matter.
    ///
    /// # Errors
    /// Deep values need a block to note what is still to compare; if there is no room for it.
    pub fn identical(&self, a: Local<'_>, b: Local<'_>) -> Result<bool, OutOfMemory> {
        let mut pending = Pending::new();
        let mut pair = Some((a.value, b.value));
        let mut same = Ok(true);
        while let Some((a, b)) = pair {
            match self.compare(a, b, &mut pending) {
                Ok(true) => pair = pending.pop(self),
                other => {
                    same = other;
                    break;
                }
            }
        }
        pending.release(self);
        same
    }

    /// Compares all but what the objects refer to, which it adds to `pending`.
    fn compare(&self, a: Value, b: Value, pending: &mut Pending) -> Result<bool, OutOfMemory> {
        if a == b {
            return Ok(true);
        }
        let (Some(a), Some(b)) = (self.object(a), self.object(b)) else {
            return Ok(false);
        };
        let first_value = a.header.first_value();
        if a.header != b.header || a.payload[..first_value] != b.payload[..first_value] {
            return Ok(false);
        }
        for index in first_value..a.payload.len() {
            let (a, b) = (a.value(index), b.value(index));
            if a == b {
                continue;
            }
            if !a.is_reference() || !b.is_reference() {
                return Ok(false);
            }
            pending.push(self, a, b)?;
        }
        Ok(true)
    }
}

/// A stack of pairs: the first few here, the others in a block of the arena that grows.
struct Pending {
    near: [(Value, Value); NEAR],
    block: Block,
    length: usize,
}

impl Pending {
    fn new() -> Pending {
        Pending {
            near: [(Value::NIL, Value::NIL); NEAR],
            block: Block::NONE,
            length: 0,
        }
    }

    fn push(&mut self, session: &Session<'_>, a: Value, b: Value) -> Result<(), OutOfMemory> {
        match self.length.checked_sub(NEAR) {
            None => self.near[self.length] = (a, b),
            Some(far) => session.with_core(|core| self.push_far(core, far, a, b))?,
        }
        self.length += 1;
        Ok(())
    }

    fn push_far(
        &mut self,
        core: &mut Core,
        far: usize,
        a: Value,
        b: Value,
    ) -> Result<(), OutOfMemory> {
        if 16 * far as u64 == self.block.size {
            let what = "what is still to compare";
            let larger = core.allocate(
                (2 * self.block.size).max(512),
                what,
                tree::OPEN,
                Source::Reserve,
            )?;
            if let Ok(old) = core.exact(self.block) {
                let words = 2 * far;
                // SAFETY: two allocated blocks, of which the new one is the larger.
                unsafe {
                    let from = core.pointer(self.block.offset).cast::<u64>();
                    core.pointer(larger.offset)
                        .cast::<u64>()
                        .copy_from_nonoverlapping(from, words);
                }
                core.release(old);
            }
            self.block = larger;
        }
        let at = self.block.offset + 16 * far as u64;
        // SAFETY: the block is this stack's, and large enough for `far + 1` pairs.
        unsafe {
            core.set_word(at, a.word());
            core.set_word(at + 8, b.word());
        }
        Ok(())
    }

    fn pop(&mut self, session: &Session<'_>) -> Option<(Value, Value)> {
        self.length = self.length.checked_sub(1)?;
        let Some(far) = self.length.checked_sub(NEAR) else {
            return Some(self.near[self.length]);
        };
        let at = self.block.offset + 16 * far as u64;
        // SAFETY: this pair was pushed to the block.
        session.with_core(|core| unsafe {
            Some((
                Value::from_word(core.word(at)),
                Value::from_word(core.word(at + 8)),
            ))
        })
    }

    fn release(&mut self, session: &Session<'_>) {
        session.with_core(|core| {
            if let Ok(node) = core.exact(self.block) {
                core.release(node);
            }
        });
    }
}
