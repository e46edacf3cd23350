//! Building functions: what `:` and its control words put together, and `;` makes final.
//!
//! [`Builder`] is a view over a buffer and a small state that its owner keeps (in the arena for a
//! running VM, in a vector for the compiler of the core words), so a half-built definition is data
//! like everything else. Read `emit` first, then the control structures, then [`Builder::seal`].

use crate::analysis::{
    Callees, CodeError, Declared, Lane, Mode, SELF, Slot, analyse, by_position, count_marks,
};
use crate::function::{Delta, HEADER_WORDS, Header};
use crate::fusion::fuse;
use crate::instruction::{Flow, NAN, Op, Operands, is_nan};
use crate::places::{Place, write_lines};

/// Most parts a definition can have: one, and one for each DOES>.
pub const MAX_SEGMENTS: usize = 8;

/// Most locals that one part of a definition can have.
pub const MAX_LOCALS: u16 = 64;

/// Longest code, in words, that is copied into its callers when that was asked for.
const MAX_INLINE_WORDS: usize = 12;

/// Longest function that is copied in place of a call, in code words, checks and return included.
pub const MAX_INLINE_CODE: usize = 32;

/// Instructions that one fusion may look back at.
const RECENT: usize = 4;

/// Words that stay free behind every instruction: for the check that may follow, and its own.
const ROOM_BEHIND: usize = 4;

/// No instruction.
const NONE: u32 = u32::MAX;

/// A half-built definition, without its code.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct State {
    /// Words of code so far, all segments together.
    length: u32,
    /// First word that the next instruction must not be fused with: some jump may lead there.
    barrier: u32,
    /// Where the last instructions begin, latest first; [`NONE`] for those that must be left alone.
    recent: [u32; RECENT],
    /// Innermost open loop's last LEAVE, or [`NONE`]; each holds the one before as its distance.
    leaves: u32,
    /// Where each segment begins.
    segments: [u32; MAX_SEGMENTS],
    /// Segments so far, at least 1.
    segment_count: u32,
    /// Counted loops open in this segment.
    loops: u32,
    /// Locals of the last segment.
    locals: u32,
    /// Where each segment declares its locals, or [`NONE`].
    locals_places: [u32; MAX_SEGMENTS],
    /// Where the instructions to come come from.
    place: Place,
}

impl State {
    /// Nothing built yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            length: 0,
            barrier: 0,
            recent: [NONE; RECENT],
            leaves: NONE,
            segments: [0; MAX_SEGMENTS],
            segment_count: 1,
            loops: 0,
            locals: 0,
            locals_places: [NONE; MAX_SEGMENTS],
            place: Place::NONE,
        }
    }

    /// Words of code so far.
    #[must_use]
    pub fn length(&self) -> usize {
        self.length as usize
    }

    /// Says where the instructions come from that are added from here on.
    pub fn set_place(&mut self, place: Place) {
        self.place = place;
    }

    /// Whether a builder over `code` may go on from this state: what it relies on holds, whatever
    /// words the two are made of. What the code does is checked when it is sealed.
    #[must_use]
    pub fn is_sound(&self, code: &[u32]) -> bool {
        let count = self.segments();
        let Some(segments) = self.segments.get(..count) else {
            return false;
        };
        // Before each segment but the first lie a reference to it, what takes that, and a return.
        let apart = segments.windows(2).all(|pair| pair[0] + 3 <= pair[1]);
        let inside = segments.last().is_some_and(|start| *start <= self.length);
        segments.first() == Some(&0)
            && apart
            && inside
            && self.length() + ROOM_BEHIND <= code.len()
            && self.barrier <= self.length
            && self.loops <= self.length
            && self.locals <= MAX_LOCALS.into()
            && self.recent_is_sound(code)
    }

    /// Whether the instructions that may still be fused stand one behind the other, up to the end.
    fn recent_is_sound(&self, code: &[u32]) -> bool {
        let mut end = self.length;
        for place in self.recent {
            if place == NONE || place < self.barrier {
                break;
            }
            let words = code.get(place as usize).copied().and_then(Op::decode);
            let words = words.map_or(0, Op::words);
            if place >= end || (end - place) as usize != words {
                return false;
            }
            end = place;
        }
        true
    }

    /// Segments so far: one more than there were DOES>.
    #[must_use]
    pub fn segments(&self) -> usize {
        self.segment_count as usize
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}

/// Why an instruction could not be added or a structure not closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// The buffer is full; the owner may provide a longer one and try again.
    Full,
    /// What closes is not what was opened (throw code -22).
    Mismatch,
    /// LEAVE outside a loop (throw code -26).
    NoLoop,
    /// More DOES> than [`MAX_SEGMENTS`] allows.
    TooManySegments,
    /// More locals than [`MAX_LOCALS`].
    TooManyLocals,
    /// Locals of this part are declared already, or not at the place for it: where nothing else
    /// lies on the return stack.
    LocalsPlace,
    /// The finished code breaks a rule.
    Code(CodeError),
}

impl From<CodeError> for BuildError {
    fn from(error: CodeError) -> Self {
        Self::Code(error)
    }
}

/// A place that a later word of a control structure refers to; kept by the caller in between,
/// a Forth system on its data stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A jump whose target is still to come.
    Orig(u32),
    /// A target for jumps still to come.
    Dest(u32),
    /// The beginning of a counted loop's body.
    Loop(u32),
    /// The outer loop's last LEAVE.
    Leaves(u32),
}

impl Mark {
    /// The mark as a cell that no ordinary number is likely to equal.
    #[must_use]
    pub fn to_cell(self) -> i64 {
        let (kind, place) = match self {
            Self::Orig(place) => (1, place),
            Self::Dest(place) => (2, place),
            Self::Loop(place) => (3, place),
            Self::Leaves(place) => (4, place),
        };
        (0x5E1E_0000_i64 + kind) << 32 | i64::from(place)
    }

    /// Reads a cell back; `None` if it is no mark.
    #[must_use]
    pub fn from_cell(cell: i64) -> Option<Self> {
        let place = cell as u32;
        match (cell >> 32) - 0x5E1E_0000 {
            1 => Some(Self::Orig(place)),
            2 => Some(Self::Dest(place)),
            3 => Some(Self::Loop(place)),
            4 => Some(Self::Leaves(place)),
            _ => None,
        }
    }
}

/// A definition being built.
pub struct Builder<'a> {
    code: &'a mut [u32],
    /// Where the instruction at each word came from; empty if nobody asks.
    places: &'a mut [Place],
    state: &'a mut State,
}

impl<'a> Builder<'a> {
    /// Continues the definition of `state` in `code`.
    #[must_use]
    pub fn new(code: &'a mut [u32], state: &'a mut State) -> Self {
        Self::with_places(code, &mut [], state)
    }

    /// As [`Builder::new`], and keeps in `places`, which is as long as `code`, where each instruction
    /// came from ([`State::set_place`]).
    #[must_use]
    pub fn with_places(code: &'a mut [u32], places: &'a mut [Place], state: &'a mut State) -> Self {
        Self {
            code,
            places,
            state,
        }
    }

    /// Adds an instruction without operands, or a call of unknown effect together with the check
    /// that has to follow it.
    ///
    /// # Errors
    /// [`BuildError::Full`].
    pub fn emit(&mut self, op: Op) -> Result<(), BuildError> {
        self.put(&[op as u32])?;
        self.after(op.flow() == Flow::Unknown)
    }

    /// Adds the shortest instruction that leaves `number`.
    ///
    /// # Errors
    /// [`BuildError::Full`].
    pub fn literal(&mut self, number: i64) -> Result<(), BuildError> {
        if let Ok(short) = i16::try_from(number) {
            return self.put(&[Op::Short as u32 | u32::from(short.cast_unsigned()) << 16]);
        }
        if let Ok(int) = i32::try_from(number) {
            return self.put(&[Op::Int as u32, int.cast_unsigned()]);
        }
        self.put(&[Op::Cell as u32, number as u32, (number >> 32) as u32])
    }

    /// Adds the instruction that leaves the float with these bits; every NaN becomes the one there is.
    ///
    /// # Errors
    /// [`BuildError::Full`].
    pub fn float(&mut self, bits: u64) -> Result<(), BuildError> {
        let bits = if is_nan(bits) { NAN } else { bits };
        self.put(&[Op::Float as u32, bits as u32, (bits >> 32) as u32])
    }

    /// Adds an instruction with one operand word: a function, a token.
    ///
    /// # Errors
    /// [`BuildError::Full`].
    pub fn with_operand(&mut self, op: Op, operand: u32) -> Result<(), BuildError> {
        self.put(&[op as u32, operand])?;
        self.after(op.flow() == Flow::Unknown)
    }

    /// Adds a call of a function of known or dynamic effect.
    ///
    /// # Errors
    /// [`BuildError::Full`].
    pub fn call(&mut self, operand: u32, delta: Delta) -> Result<(), BuildError> {
        self.put(&[Op::Call as u32, operand])?;
        self.after(delta == Delta::Dynamic)
    }

    /// Adds a call of the function being built.
    ///
    /// # Errors
    /// [`BuildError::Full`].
    pub fn recurse(&mut self) -> Result<(), BuildError> {
        self.put(&[Op::Call as u32, SELF])
    }

    /// Adds a primitive.
    ///
    /// # Errors
    /// [`BuildError::Full`].
    pub fn primitive(&mut self, number: u16, delta: Delta) -> Result<(), BuildError> {
        self.put(&[Op::Primitive as u32 | u32::from(number) << 16])?;
        self.after(delta == Delta::Dynamic)
    }

    /// Copies the code of an inline function in place of a call to it.
    ///
    /// # Errors
    /// [`BuildError::Full`].
    pub fn inline(&mut self, code: &[u32]) -> Result<(), BuildError> {
        let mut at = 0;
        while let Some(op) = code.get(at).and_then(|word| Op::decode(*word)) {
            match (op, op.operands()) {
                // Inference puts checks where the copy needs them.
                (Op::Return | Op::Check, _) => {}
                _ if Lane::is_check(op) => {}
                (_, Operands::None) => self.emit(op)?,
                _ => {
                    let words = &code[at..(at + op.words()).min(code.len())];
                    self.put(words)?;
                    // The original has a check after it exactly where one is needed.
                    let next = code.get(at + op.words()).copied().and_then(Op::decode);
                    self.after(next == Some(Op::Check))?;
                }
            }
            at += op.words();
        }
        Ok(())
    }

    /// A forward jump: AHEAD, or with a branching `op` IF and its like.
    ///
    /// # Errors
    /// [`BuildError::Full`].
    pub fn forward(&mut self, op: Op) -> Result<Mark, BuildError> {
        let place = self.jump(op, 0)?;
        Ok(Mark::Orig(place))
    }

    /// Resolves a forward jump to here: THEN.
    ///
    /// # Errors
    /// [`BuildError::Mismatch`] if the mark is not a forward jump of this segment.
    pub fn resolve(&mut self, mark: Mark) -> Result<(), BuildError> {
        let Mark::Orig(place) = mark else {
            return Err(BuildError::Mismatch);
        };
        self.patch(place)?;
        self.label();
        Ok(())
    }

    /// A place to jump back to: BEGIN.
    pub fn begin(&mut self) -> Mark {
        self.label();
        Mark::Dest(self.state.length)
    }

    /// A jump back: AGAIN, or with a branching `op` UNTIL.
    ///
    /// # Errors
    /// [`BuildError::Mismatch`] if the mark is not a place of this segment; [`BuildError::Full`].
    pub fn back(&mut self, op: Op, mark: Mark) -> Result<(), BuildError> {
        let Mark::Dest(place) = mark else {
            return Err(BuildError::Mismatch);
        };
        self.own(place)?;
        self.jump(op, place)?;
        Ok(())
    }

    /// Begins a counted loop: DO, or ?DO if `checked`. The first mark is to be kept below the second.
    ///
    /// # Errors
    /// [`BuildError::Full`].
    pub fn loop_begin(&mut self, checked: bool) -> Result<[Mark; 2], BuildError> {
        let outer = self.state.leaves;
        if checked {
            let place = self.jump(Op::QuestionDo, 0)?;
            self.code[place as usize + 1] = NONE;
            self.state.leaves = place;
        } else {
            self.put(&[Op::Do as u32])?;
            self.state.leaves = NONE;
        }
        self.label();
        self.state.loops += 1;
        Ok([Mark::Leaves(outer), Mark::Loop(self.state.length)])
    }

    /// Declares the segment's locals: as many `arguments` as are taken from the data stack, the
    /// deepest being the first, then `others` that begin as zero.
    ///
    /// # Errors
    /// [`BuildError::LocalsPlace`] if the segment has some already; [`BuildError::TooManyLocals`];
    /// [`BuildError::Full`].
    pub fn declare_locals(&mut self, arguments: u16, others: u16) -> Result<(), BuildError> {
        let count = arguments.saturating_add(others);
        if self.state.locals_places[self.state.segments() - 1] != NONE {
            return Err(BuildError::LocalsPlace);
        }
        if count > MAX_LOCALS {
            return Err(BuildError::TooManyLocals);
        }
        if count == 0 {
            return Ok(());
        }
        // What begins here must not become part of an instruction that begins before.
        self.label();
        let place = self.state.length;
        for _ in 0..others {
            self.literal(0)?;
        }
        let first = match count {
            1 => Op::ToR as u32,
            2 => Op::TwoToR as u32,
            _ => with_cells(Op::Locals, count),
        };
        self.put(&[first])?;
        self.state.locals_places[self.state.segments() - 1] = place;
        self.state.locals = count.into();
        Ok(())
    }

    /// Adds a use of a local by its position, the first being 0: `local@` or `local!`.
    ///
    /// # Errors
    /// [`BuildError::Mismatch`] if there is none; [`BuildError::Full`].
    pub fn local(&mut self, op: Op, position: u16) -> Result<(), BuildError> {
        if u32::from(position) >= self.state.locals {
            return Err(BuildError::Mismatch);
        }
        self.put(&[by_position(op, position)])
    }

    /// Drops the segment's locals, if it has some; they can still be named, for this is but one way
    /// to its end.
    ///
    /// # Errors
    /// [`BuildError::Full`].
    pub fn drop_locals(&mut self) -> Result<(), BuildError> {
        match self.state.locals as u16 {
            0 => Ok(()),
            count => self.put(&[with_cells(Op::ReturnDrop, count)]),
        }
    }

    /// Returns from the function, its locals dropped: EXIT.
    ///
    /// # Errors
    /// [`BuildError::Full`].
    pub fn exit(&mut self) -> Result<(), BuildError> {
        self.drop_locals()?;
        self.emit(Op::Return)
    }

    /// Ends a counted loop: LOOP, or +LOOP.
    ///
    /// # Errors
    /// [`BuildError::Mismatch`] if the marks are not a loop's; [`BuildError::Full`].
    pub fn loop_end(&mut self, op: Op, [outer, body]: [Mark; 2]) -> Result<(), BuildError> {
        let (Mark::Leaves(outer), Mark::Loop(body)) = (outer, body) else {
            return Err(BuildError::Mismatch);
        };
        self.own(body)?;
        self.jump(op, body)?;
        while self.state.leaves != NONE {
            let place = self.state.leaves;
            self.own(place)?;
            let before = self.code[place as usize + 1];
            // Each LEAVE stands behind the one before, unless a program made up the marks.
            if before != NONE && before >= place {
                return Err(BuildError::Mismatch);
            }
            self.state.leaves = before;
            self.patch(place)?;
        }
        self.state.leaves = outer;
        self.state.loops = self.state.loops.saturating_sub(1);
        self.label();
        Ok(())
    }

    /// Leaves the innermost counted loop: LEAVE.
    ///
    /// # Errors
    /// [`BuildError::NoLoop`] outside one; [`BuildError::Full`].
    pub fn leave(&mut self) -> Result<(), BuildError> {
        if self.state.loops == 0 {
            return Err(BuildError::NoLoop);
        }
        self.require(12)?;
        self.put(&[Op::Unloop as u32])?;
        let place = self.jump(Op::Jump, 0)?;
        self.code[place as usize + 1] = self.state.leaves;
        self.state.leaves = place;
        Ok(())
    }

    /// Begins the part of a definition that DOES> separates; what came before ends with a return.
    ///
    /// The caller has dropped the locals, and just added the instruction that refers to the new segment.
    ///
    /// # Errors
    /// [`BuildError::Mismatch`] inside a loop; [`BuildError::TooManySegments`]; [`BuildError::Full`].
    pub fn next_segment(&mut self) -> Result<(), BuildError> {
        let count = self.state.segments();
        if self.state.loops != 0 {
            return Err(BuildError::Mismatch);
        }
        if count == MAX_SEGMENTS {
            return Err(BuildError::TooManySegments);
        }
        self.put(&[Op::Return as u32])?;
        self.state.segments[count] = self.state.length;
        self.state.segment_count += 1;
        self.state.locals = 0;
        self.state.locals_places[count] = NONE;
        self.label();
        Ok(())
    }

    /// Makes the last segment final: infers its effect and costs, inserts the checks it needs.
    ///
    /// What comes back describes the code, which stands at the end of the buffer until
    /// [`Builder::drop_segment`]. `slots` must be as long as the buffer.
    ///
    /// # Errors
    /// [`BuildError::Full`] if checks to be inserted do not fit; [`BuildError::Code`] if the code
    /// breaks a rule.
    pub fn seal(
        &mut self,
        slots: &mut [Slot],
        callees: &dyn Callees,
    ) -> Result<Declared, BuildError> {
        let start = self.segment_start();
        loop {
            let end = self.state.length();
            let found = analyse(
                &mut self.code[start..end],
                slots,
                callees,
                Mode::Infer,
                Declared::unknown(),
            )?;
            if !found.marked {
                self.check_locals(start, slots)?;
                return Ok(found.declared);
            }
            self.insert_checks(start, end, slots)?;
        }
    }

    /// Writes the line table of the sealed last segment to the beginning of `out`, as
    /// [`write_lines`] does, and returns its length.
    #[must_use]
    pub fn lines(&self, out: &mut [u8]) -> usize {
        let places = self.places.get(self.segment_start()..);
        write_lines(self.segment(), places.unwrap_or_default(), out)
    }

    /// Sees to it that the locals of the sealed last segment, which begins at `start`, are the cells
    /// that it puts on the return stack first, as their positions say.
    fn check_locals(&self, start: usize, slots: &[Slot]) -> Result<(), BuildError> {
        let place = self.state.locals_places[self.state.segments() - 1];
        let slot = (place as usize).checked_sub(start);
        let slot = slot.and_then(|at| slots.get(at)).filter(|_| place != NONE);
        match slot {
            Some(slot) if slot.is_reached() && slot.return_depth() != 0 => {
                Err(BuildError::LocalsPlace)
            }
            _ => Ok(()),
        }
    }

    /// The last segment's code.
    #[must_use]
    pub fn segment(&self) -> &[u32] {
        &self.code[self.segment_start()..self.state.length()]
    }

    /// Writes the sealed last segment as a function: header, then code with calls to itself made
    /// calls to `itself`. `out` must hold [`HEADER_WORDS`] more than the segment.
    #[must_use]
    pub fn write(
        &self,
        declared: Declared,
        itself: u32,
        id: u32,
        inline: bool,
        out: &mut [u32],
    ) -> Header {
        let code = self.segment();
        let header = Header {
            entry_cost: declared.entry_cost,
            room: declared.room,
            need: declared.need,
            delta: declared.delta,
            value_delta: declared.value_delta,
            float_delta: declared.float_delta,
            length: u32::try_from(code.len()).unwrap_or(u32::MAX),
            id,
            inline: inline && may_inline(code),
        };
        let (head, body) = out.split_at_mut(HEADER_WORDS);
        head.copy_from_slice(&header.encode());
        body[..code.len()].copy_from_slice(code);
        let mut at = 0;
        while let Some(op) = body.get(at).and_then(|word| Op::decode(*word)) {
            if op.names_function() && body[at + 1] == SELF {
                body[at + 1] = itself;
            }
            at += op.words();
        }
        header
    }

    /// Drops the last segment, sealed and written elsewhere; the one before becomes the last, and
    /// its reference to the dropped one is set to `operand`.
    pub fn drop_segment(&mut self, operand: u32) {
        let start = self.segment_start();
        self.state.length = self.state.segments[self.state.segments() - 1];
        if self.state.segments() > 1 {
            self.state.segment_count -= 1;
            // The reference, the primitive that takes it and the return end every segment but the last.
            self.code[start - 3] = operand;
        }
        self.label();
    }

    fn segment_start(&self) -> usize {
        self.state.segments[self.state.segments() - 1] as usize
    }

    /// Refuses places before the current segment: structures do not span DOES>.
    fn own(&self, place: u32) -> Result<(), BuildError> {
        let inside = (place as usize) >= self.segment_start() && place <= self.state.length;
        if inside {
            Ok(())
        } else {
            Err(BuildError::Mismatch)
        }
    }

    fn label(&mut self) {
        self.state.barrier = self.state.length;
    }

    fn require(&self, words: usize) -> Result<(), BuildError> {
        if self.state.length() + words > self.code.len() {
            Err(BuildError::Full)
        } else {
            Ok(())
        }
    }

    fn put(&mut self, words: &[u32]) -> Result<(), BuildError> {
        // An instruction is added whole or not at all.
        self.require(words.len() + ROOM_BEHIND)?;
        let start = self.state.length();
        self.code[start..start + words.len()].copy_from_slice(words);
        if let Some(place) = self.places.get_mut(start) {
            *place = self.state.place;
        }
        self.state.recent.copy_within(..RECENT - 1, 1);
        self.state.recent[0] = self.state.length;
        self.state.length += u32::try_from(words.len()).unwrap_or(0);
        while self.fuse_recent() {}
        Ok(())
    }

    /// Makes one instruction of the last two, if there is one that does what both do.
    fn fuse_recent(&mut self) -> bool {
        let [last, before, ..] = self.state.recent;
        if before == NONE || before < self.state.barrier {
            return false;
        }
        let (place, last) = (before as usize, last as usize);
        let Some(fused) = fuse(
            &self.code[place..last],
            &self.code[last..self.state.length()],
        ) else {
            return false;
        };
        let words = fused.words();
        self.code[place..place + words.len()].copy_from_slice(words);
        // Where a pair goes wrong, it is mostly the second that does: an access to memory, a branch.
        if last < self.places.len() {
            self.places[place] = self.places[last];
        }
        self.state.length = before + u32::try_from(words.len()).unwrap_or(0);
        self.state.recent.copy_within(1.., 0);
        self.state.recent[RECENT - 1] = NONE;
        true
    }

    /// Follows an instruction of unknown effect by a check, which inference fills in.
    fn after(&mut self, unknown: bool) -> Result<(), BuildError> {
        if unknown {
            self.put(&[Op::Check as u32, 0])?;
        }
        Ok(())
    }

    /// Adds a jump to `place` and returns its own place, which fusion may have moved.
    fn jump(&mut self, op: Op, place: u32) -> Result<u32, BuildError> {
        let op = self.unfold_question_dup(op);
        let blank = [op as u32, 0, 0, 0];
        self.put(&blank[..op.words()])?;
        let at = self.state.recent[0];
        self.code[at as usize + 1] = place.wrapping_sub(at);
        self.label();
        Ok(at)
    }

    /// `?dup` before a branch on zero has a static effect on either path, unlike alone.
    fn unfold_question_dup(&mut self, op: Op) -> Op {
        let [check, question_dup, ..] = self.state.recent;
        let is = |place: u32, op: Op| self.code.get(place as usize) == Some(&(op as u32));
        let alone = question_dup != NONE
            && is(question_dup, Op::QuestionDup)
            && is(check, Op::Check)
            && check + 2 == self.state.length;
        // A place after the ?dup that some jump leads to would be inside the new instruction.
        if op != Op::JumpIfZero || !alone || self.state.barrier > question_dup {
            return op;
        }
        self.state.length = question_dup;
        self.state.recent = [NONE; RECENT];
        Op::JumpTakingZero
    }

    /// Points the jump at `place` to the end of the code.
    fn patch(&mut self, place: u32) -> Result<(), BuildError> {
        self.own(place)?;
        let op = self
            .code
            .get(place as usize)
            .copied()
            .and_then(Op::decode)
            .ok_or(BuildError::Mismatch)?;
        if !op.operands().jumps() {
            return Err(BuildError::Mismatch);
        }
        self.code[place as usize + 1] = self.state.length - place;
        Ok(())
    }

    /// Rewrites the segment with the checks that are missing.
    fn insert_checks(
        &mut self,
        start: usize,
        end: usize,
        slots: &mut [Slot],
    ) -> Result<(), BuildError> {
        let marks = count_marks(&mut slots[..end - start]);
        let added = marks * Op::Check.words();
        if end + added > self.code.len() {
            return Err(BuildError::Full);
        }
        let locals_place = self.state.locals_places[self.state.segments() - 1];
        // From the end backwards, so that nothing is overwritten before it has been moved.
        let mut shift = added;
        let mut at = end - start;
        let mut tail = at;
        while at > 0 {
            at -= 1;
            let slot = &slots[at];
            if !slot.starts_instruction() {
                continue;
            }
            self.code
                .copy_within(start + at..start + tail, start + at + shift);
            let place = self.places.get(start + at).copied();
            self.place(start + at + shift, place);
            self.retarget(start, at, shift, slots);
            if locals_place as usize == start + at {
                self.state.locals_places[self.state.segments() - 1] = (start + at + shift) as u32;
            }
            for op in slot.missing() {
                shift -= op.words();
                let check = start + at + shift;
                self.code[check] = op as u32;
                self.code[check + 1] = 0;
                self.place(check, place);
            }
            tail = at;
        }
        self.state.length += u32::try_from(added).unwrap_or(0);
        self.label();
        Ok(())
    }

    /// Says where the instruction at `at` came from, if that is kept.
    fn place(&mut self, at: usize, place: Option<Place>) {
        if let (Some(known), Some(place)) = (self.places.get_mut(at), place) {
            *known = place;
        }
    }

    /// Corrects the distance of the jump that stood at `at` and was moved by `shift`.
    fn retarget(&mut self, start: usize, at: usize, shift: usize, slots: &[Slot]) {
        let place = start + at + shift;
        let jumps = Op::decode(self.code[place]).is_some_and(|op| op.operands().jumps());
        if !jumps {
            return;
        }
        let old = i64::try_from(at).unwrap_or(0) + i64::from(self.code[place + 1].cast_signed());
        let target = usize::try_from(old).unwrap_or(0);
        // A jump to a marked instruction lands on its checks.
        let new = start + target + slots[target].marks_before() * Op::Check.words();
        let distance = i64::try_from(new).unwrap_or(0) - i64::try_from(place).unwrap_or(0);
        self.code[place + 1] = distance as u32;
    }
}

/// The first word of an instruction on a number of return stack cells.
fn with_cells(op: Op, cells: u16) -> u32 {
    op as u32 | u32::from(cells) << 16
}

/// True if a caller may copy the code: straight, short, and returning only at its end.
#[must_use]
pub fn may_inline(code: &[u32]) -> bool {
    if code.len() > MAX_INLINE_CODE {
        return false;
    }
    let mut at = 0;
    let mut body = 0;
    while let Some(op) = code.get(at).copied().and_then(Op::decode) {
        let last = at + op.words() == code.len();
        match op.flow() {
            Flow::Jump | Flow::Branch | Flow::Tail | Flow::Suspend => return false,
            Flow::End if op == Op::Return => return last && body <= MAX_INLINE_WORDS,
            Flow::End => return false,
            Flow::Call if code[at + 1] == SELF => return false,
            _ if op == Op::Check || Lane::is_check(op) => {}
            _ => body += op.words(),
        }
        at += op.words();
    }
    false
}
