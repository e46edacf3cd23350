// Where the system keeps its own cells and buffers in data space. Included by the crate and by its
// build script, which gives the core words these addresses as constants.

/// Lowest valid address of data space.
pub(crate) const START: i64 = 4096;

/// Cells of the user area; `USER n NAME` in the core's sources names the n-th.
pub(crate) mod user {
    /// True while compiling.
    pub(crate) const STATE: i64 = super::START;
    /// Offset of the next character to parse.
    pub(crate) const TO_IN: i64 = super::START + 8;
    /// Base of number conversion.
    pub(crate) const BASE: i64 = super::START + 16;
    /// Address of the input line.
    pub(crate) const SOURCE_ADDRESS: i64 = super::START + 24;
    /// Length of the input line.
    pub(crate) const SOURCE_LENGTH: i64 = super::START + 32;
    /// Where input comes from: 0 the console or a block, -1 a string, 1 a text given at start, and
    /// the id of a file.
    pub(crate) const SOURCE_ID: i64 = super::START + 40;
    /// Next free address of data space.
    pub(crate) const HERE: i64 = super::START + 48;
    /// Address of the word that was parsed last, for messages.
    pub(crate) const NAME_ADDRESS: i64 = super::START + 56;
    /// Its length.
    pub(crate) const NAME_LENGTH: i64 = super::START + 64;
    /// Token of the definition begun last; -1 before the first.
    pub(crate) const LATEST: i64 = super::START + 72;
    /// Number of the line that was read last from the source, or typed; in a block that of the line
    /// that was come to, from 0.
    pub(crate) const LINE: i64 = super::START + 80;
    /// Significant digits that floats are printed with.
    pub(crate) const PRECISION: i64 = super::START + 208;
    /// Number of the source of the line that is interpreted: 0 the console, others by name.
    pub(crate) const SOURCE_NUMBER: i64 = super::START + 136;
    /// Number of the block that is interpreted; 0 if the source is none.
    pub(crate) const BLOCK: i64 = super::START + 144;
    /// Bytes of the line that the text buffer holds.
    pub(crate) const TEXT_LENGTH: i64 = super::START + 152;
    /// The file that is interpreted, or has led to the strings that are; 0 if the source is none.
    pub(crate) const FILE: i64 = super::START + 160;
    /// Sources that were put aside for this one.
    pub(crate) const NESTED: i64 = super::START + 168;
    /// Where in its text or file the line began that was read last.
    pub(crate) const LINE_START: i64 = super::START + 248;
    /// Word list that new words go to.
    pub(crate) const CURRENT: i64 = super::START + 96;
    /// Word lists in the search order.
    pub(crate) const ORDER_COUNT: i64 = super::START + 104;
}

/// Cells of the user area.
pub(crate) const USER_CELLS: i64 = 160;

/// The line typed at the console.
pub(crate) const INPUT_BUFFER: i64 = START + USER_CELLS * 8;
/// Longest line that can be typed.
pub(crate) const INPUT_LIMIT: i64 = 1024;

/// The line read from a text or a file, or a block. Behind the longest line is room to tell that one
/// is longer.
pub(crate) const TEXT_BUFFER: i64 = INPUT_BUFFER + INPUT_LIMIT;
/// Longest line of a text.
pub(crate) const TEXT_LIMIT: i64 = 4096;
/// Sources that may be put aside, each for the next.
pub(crate) const MAX_NESTED: i64 = 32;

/// Where WORD leaves its counted string.
pub(crate) const WORD_BUFFER: i64 = TEXT_BUFFER + TEXT_LIMIT + 8;
/// Longest string that WORD can leave.
pub(crate) const WORD_LIMIT: i64 = 255;

/// Where names and messages are copied for programs to read.
pub(crate) const NAME_BUFFER: i64 = WORD_BUFFER + 264;
/// Longest name.
pub(crate) const NAME_LIMIT: i64 = 255;

/// Where pictured numeric output is built, downwards from its end.
pub(crate) const NUMBER_BUFFER: i64 = NAME_BUFFER + 256;
/// Its size.
pub(crate) const NUMBER_LIMIT: i64 = 264;

/// PAD.
pub(crate) const PAD: i64 = NUMBER_BUFFER + NUMBER_LIMIT;
/// Its size.
pub(crate) const PAD_LIMIT: i64 = 1024;

/// Two buffers that interpreted S" takes in turn.
pub(crate) const STRING_BUFFERS: i64 = PAD + PAD_LIMIT;
/// Size of each.
pub(crate) const STRING_LIMIT: i64 = 1024;

/// Lines typed before, for the line editor: a ring.
pub(crate) const HISTORY: i64 = STRING_BUFFERS + 2 * STRING_LIMIT;
/// Lines it holds.
pub(crate) const HISTORY_LINES: i64 = 16;
/// Size of each: a cell of length and the text.
pub(crate) const HISTORY_LINE: i64 = 8 + 248;

/// The word lists of the search order, the one that is searched first in front.
pub(crate) const ORDER: i64 = HISTORY + HISTORY_LINES * HISTORY_LINE;
/// Most of them.
pub(crate) const ORDER_LIMIT: i64 = 16;

/// What N>R has put away, oldest first: cells, and above each lot their number.
pub(crate) const PUT_AWAY: i64 = ORDER + ORDER_LIMIT * 8;
/// Cells that there is room for.
pub(crate) const PUT_AWAY_LIMIT: i64 = 1024;

/// What the block buffers hold: for each the block's number plus one, when it was used, and whether it
/// was updated.
pub(crate) const BLOCK_TABLE: i64 = PUT_AWAY + PUT_AWAY_LIMIT * 8;
/// Block buffers.
pub(crate) const BLOCK_SLOTS: i64 = 8;
/// Where they lie.
pub(crate) const BLOCK_BUFFERS: i64 = BLOCK_TABLE + BLOCK_SLOTS * 24;
/// Bytes of a block.
pub(crate) const BLOCK_SIZE: i64 = 1024;
/// Bytes of one of its 16 lines.
pub(crate) const BLOCK_LINE: i64 = 64;
/// Blocks that memory can have, numbered from 0.
pub(crate) const MEMORY_BLOCKS: i64 = 1024;

/// Where the core's strings lie; the dictionary's data follows.
pub(crate) const STRINGS: i64 = BLOCK_BUFFERS + BLOCK_SLOTS * BLOCK_SIZE;
