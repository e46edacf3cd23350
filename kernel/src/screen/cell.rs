//! What stands at one place of the screen.

use super::palette::Colour;

/// A character and its look, in one word: 21 bits of character, two colours of 4 bits, three flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Cell(u32);

const CHARACTER: u32 = (1 << 21) - 1;
const FOREGROUND: u32 = 21;
const BACKGROUND: u32 = 25;
const BOLD: u32 = 1 << 29;
const UNDERLINED: u32 = 1 << 30;
const CURSOR: u32 = 1 << 31;

impl Cell {
    /// Equal to no cell that was ever made: the state of memory that nothing was drawn from.
    pub const NOTHING: Self = Self(0);

    /// A character in these colours.
    #[must_use]
    pub const fn new(character: char, foreground: Colour, background: Colour) -> Self {
        Self(
            character as u32
                | (foreground.number() as u32) << FOREGROUND
                | (background.number() as u32) << BACKGROUND,
        )
    }

    /// The same in bold type, or not.
    #[must_use]
    pub const fn bold(self, bold: bool) -> Self {
        self.with(BOLD, bold)
    }

    /// The same with a line below, or not.
    #[must_use]
    pub const fn underlined(self, underlined: bool) -> Self {
        self.with(UNDERLINED, underlined)
    }

    /// The same with the cursor on it.
    #[must_use]
    pub const fn with_cursor(self) -> Self {
        self.with(CURSOR, true)
    }

    const fn with(self, flag: u32, set: bool) -> Self {
        Self(if set { self.0 | flag } else { self.0 & !flag })
    }

    /// The character.
    #[must_use]
    pub fn character(self) -> char {
        char::from_u32(self.0 & CHARACTER).unwrap_or(' ')
    }

    /// The colour its strokes are drawn in: the cursor turns colours round.
    #[must_use]
    pub fn foreground(self) -> Colour {
        self.colour(if self.0 & CURSOR == 0 {
            FOREGROUND
        } else {
            BACKGROUND
        })
    }

    /// The colour behind them.
    #[must_use]
    pub fn background(self) -> Colour {
        self.colour(if self.0 & CURSOR == 0 {
            BACKGROUND
        } else {
            FOREGROUND
        })
    }

    fn colour(self, place: u32) -> Colour {
        Colour::from_number((self.0 >> place) as u8)
    }

    /// Whether it is in bold type.
    #[must_use]
    pub fn is_bold(self) -> bool {
        self.0 & BOLD != 0
    }

    /// Whether it has a line below.
    #[must_use]
    pub fn is_underlined(self) -> bool {
        self.0 & UNDERLINED != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::palette::{BACKGROUND as PAPER, FOREGROUND as INK};

    #[test]
    fn a_cell_keeps_what_was_put_into_it() {
        for character in ['a', ' ', 'é', '\u{FFFD}', char::MAX] {
            for number in 0..16 {
                let colour = Colour::from_number(number);
                let cell = Cell::new(character, colour, PAPER).bold(true);
                assert_eq!(cell.character(), character);
                assert_eq!((cell.foreground(), cell.background()), (colour, PAPER));
                assert!(cell.is_bold() && !cell.is_underlined());
                assert!(!cell.bold(false).is_bold());
            }
        }
    }

    #[test]
    fn the_cursor_turns_colours_round() {
        let cell = Cell::new('x', INK, PAPER).underlined(true).with_cursor();
        assert_eq!((cell.foreground(), cell.background()), (PAPER, INK));
        assert_eq!(cell.character(), 'x');
    }

    #[test]
    fn memory_that_was_never_drawn_from_equals_no_cell() {
        assert_ne!(Cell::new(' ', INK, PAPER), Cell::NOTHING);
        assert_eq!(Cell::NOTHING.character(), '\0');
    }
}
