//! A function as the code space holds it: a header of six words, then its instructions.

/// Words before the first instruction.
pub const HEADER_WORDS: usize = 6;

/// Longest function, in words of code: what one run of the verifier can go over without holding up
/// everything else.
pub const MAX_WORDS: usize = 1 << 16;

/// In the word of the length: the code may be copied.
const INLINE: u32 = 1 << 31;

/// Marks a function's effect as known only by running it.
const DYNAMIC: u16 = 0x8000;
/// Marks a function that never returns.
const NEVER: u16 = 0x8001;

/// What a function does to the depth of a stack: the data stack's, the value stack's, the float stack's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delta {
    /// It always leaves this many cells more than it found (negative: fewer).
    Static(i16),
    /// It depends on the data.
    Dynamic,
    /// It never returns, so nothing is left to its caller.
    Never,
}

/// What a caller must know of a function; held as the header's first words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Cost of the path that begins at the first instruction, in units.
    pub entry_cost: u32,
    /// Cells that both stacks together must be able to take at entry, its return address included.
    pub room: u32,
    /// Cells that must be on the data stack at entry.
    pub need: u16,
    /// Change of data stack depth from entry to return.
    pub delta: Delta,
    /// Change of value stack depth from entry to return: static or dynamic. It says nothing of a
    /// function that never returns.
    pub value_delta: Delta,
    /// Change of float stack depth, as that of the value stack.
    pub float_delta: Delta,
    /// Words of code.
    pub length: u32,
    /// Number of the function in its arena, in order of creation; takes the place of its address
    /// wherever a result could depend on one.
    pub id: u32,
    /// True if the code may be copied into a caller instead of being called: short, without jumps,
    /// and no return but the one at its end.
    pub inline: bool,
}

impl Header {
    /// The header as words.
    #[must_use]
    pub fn encode(&self) -> [u32; HEADER_WORDS] {
        [
            self.entry_cost,
            self.room,
            u32::from(self.need) | encode_delta(self.delta) << 16,
            self.length | if self.inline { INLINE } else { 0 },
            self.id,
            encode_delta(self.float_delta) | encode_delta(self.value_delta) << 16,
        ]
    }

    /// Reads a header back; `None` if there are too few words or one of them is out of range.
    #[must_use]
    pub fn decode(words: &[u32]) -> Option<Self> {
        let &[entry_cost, room, effect, size, id, lanes] = words.first_chunk::<HEADER_WORDS>()?;
        let (value_delta, float_delta) = (decode_delta(lanes >> 16), decode_delta(lanes));
        let (length, inline) = (size & !INLINE, size & INLINE != 0);
        let returns = value_delta != Delta::Never && float_delta != Delta::Never;
        if !returns || length == 0 || length as usize > MAX_WORDS {
            return None;
        }
        Some(Self {
            entry_cost,
            room,
            need: effect as u16,
            delta: decode_delta(effect >> 16),
            value_delta,
            float_delta,
            length,
            id,
            inline,
        })
    }
}

/// A change of depth as half a word.
fn encode_delta(delta: Delta) -> u32 {
    let half = match delta {
        Delta::Static(change) => change.cast_unsigned(),
        Delta::Dynamic => DYNAMIC,
        Delta::Never => NEVER,
    };
    u32::from(half)
}

/// The change of depth in the low half of a word.
fn decode_delta(word: u32) -> Delta {
    match word as u16 {
        DYNAMIC => Delta::Dynamic,
        NEVER => Delta::Never,
        change => Delta::Static(change.cast_signed()),
    }
}
