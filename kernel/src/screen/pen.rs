//! How characters look: what the sequence SGR changes (ECMA-48, 8.3.117; the colours as xterm has them).

use super::{
    cell::Cell,
    palette::{BACKGROUND, Colour, FOREGROUND},
    parser::Parameters,
};

/// How characters look that are written next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pen {
    foreground: Colour,
    background: Colour,
    bold: bool,
    underlined: bool,
    reversed: bool,
}

impl Pen {
    /// As every character looks that nothing was said about.
    pub(super) const PLAIN: Self = Self {
        foreground: FOREGROUND,
        background: BACKGROUND,
        bold: false,
        underlined: false,
        reversed: false,
    };

    /// The character as it looks.
    pub(super) fn cell(self, character: char) -> Cell {
        // Bold brightens too, as terminals have always done.
        let ink = if self.bold {
            self.foreground.bright()
        } else {
            self.foreground
        };
        let (ink, paper) = if self.reversed {
            (self.background, ink)
        } else {
            (ink, self.background)
        };
        Cell::new(character, ink, paper)
            .bold(self.bold)
            .underlined(self.underlined)
    }

    /// What erasing leaves.
    pub(super) fn blank(self) -> Cell {
        Cell::new(' ', FOREGROUND, self.background)
    }

    /// Changes what the parameters of SGR say.
    pub(super) fn change(&mut self, parameters: &Parameters) {
        let mut rest = parameters.iter();
        while let Some(parameter) = rest.next() {
            let number = parameter.first().copied().unwrap_or(0);
            let eighth = Colour::from_number((number % 10) as u8);
            match number {
                0 => *self = Self::PLAIN,
                1 => self.bold = true,
                4 => self.underlined = true,
                7 => self.reversed = true,
                22 => self.bold = false,
                24 => self.underlined = false,
                27 => self.reversed = false,
                30..=37 => self.foreground = eighth,
                38 => self.foreground = colour(parameter, &mut rest).unwrap_or(self.foreground),
                39 => self.foreground = FOREGROUND,
                40..=47 => self.background = eighth,
                48 => self.background = colour(parameter, &mut rest).unwrap_or(self.background),
                49 => self.background = BACKGROUND,
                90..=97 => self.foreground = eighth.bright(),
                100..=107 => self.background = eighth.bright(),
                _ => {}
            }
        }
    }
}

/// The colour that `38` or `48` introduces: `5;n` of 256, `2;r;g;b`; with semicolons as parameters of
/// their own, with colons as parts of this one (then a colour space may precede red).
fn colour<'p>(parameter: &[u16], rest: &mut impl Iterator<Item = &'p [u16]>) -> Option<Colour> {
    let byte = |number: u16| number.min(255) as u8;
    let mut next = || rest.next().and_then(|parameter| parameter.first()).copied();
    match parameter {
        [_] => match next()? {
            5 => Some(Colour::of_256(byte(next()?))),
            2 => Some(Colour::nearest([
                byte(next()?),
                byte(next()?),
                byte(next()?),
            ])),
            _ => None,
        },
        [_, 5, number, ..] => Some(Colour::of_256(byte(*number))),
        [_, 2, red, green, blue] | [_, 2, _, red, green, blue, ..] => {
            Some(Colour::nearest([byte(*red), byte(*green), byte(*blue)]))
        }
        _ => None,
    }
}
