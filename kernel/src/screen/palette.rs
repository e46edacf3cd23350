//! The sixteen colours, and which of them is nearest to any other.

/// One of sixteen colours, numbered as terminals do: black, red, green, yellow, blue, magenta, cyan,
/// white, and the same once more, bright.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(u8);

/// What text is drawn in unless it says otherwise.
pub const FOREGROUND: Colour = Colour(7);

/// What is behind it.
pub const BACKGROUND: Colour = Colour(0);

/// Red, green and blue of each, as 0xRRGGBB: muted, on a background that is not quite black.
const PALETTE: [u32; 16] = [
    0x0010_1418,
    0x00D7_5F5F,
    0x0087_AF5F,
    0x00D7_AF5F,
    0x005F_87D7,
    0x00AF_87D7,
    0x005F_AFAF,
    0x00D0_D4D8,
    0x007A_828A,
    0x00FF_7B72,
    0x00A8_D878,
    0x00FF_D787,
    0x0082_AAFF,
    0x00D7_A6FF,
    0x0087_D7D7,
    0x00FF_FFFF,
];

impl Colour {
    /// The colour of this number; only the lowest four bits count.
    #[must_use]
    pub const fn from_number(number: u8) -> Self {
        Self(number & 0xF)
    }

    /// Its number, below 16.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Red, green and blue.
    #[must_use]
    pub const fn rgb(self) -> [u8; 3] {
        let [_, red, green, blue] = PALETTE[self.0 as usize].to_be_bytes();
        [red, green, blue]
    }

    /// The bright one of the first eight; bright ones stay.
    #[must_use]
    pub const fn bright(self) -> Self {
        Self(self.0 | 8)
    }

    /// Number `number` of the 256 colours of xterm: the sixteen, a cube of 6×6×6, 24 greys.
    #[must_use]
    pub fn of_256(number: u8) -> Self {
        let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
        match number {
            0..16 => Self(number),
            16..232 => {
                let place = number - 16;
                Self::nearest([level(place / 36), level(place / 6 % 6), level(place % 6)])
            }
            232.. => Self::nearest([8 + 10 * (number - 232); 3]),
        }
    }

    /// The one nearest to this red, green and blue.
    #[must_use]
    pub fn nearest(rgb: [u8; 3]) -> Self {
        let distance = |colour: &Self| {
            let pairs = colour.rgb().into_iter().zip(rgb);
            pairs
                .map(|(one, other)| u32::from(one.abs_diff(other)).pow(2))
                .sum::<u32>()
        };
        (0..16).map(Self).min_by_key(distance).unwrap_or(FOREGROUND)
    }

    /// The colour between `background` and this one, `level` fifteenths of the way.
    #[must_use]
    pub fn over(self, background: Self, level: u8) -> [u8; 3] {
        let level = u32::from(level.min(15));
        let (ink, paper) = (self.rgb(), background.rgb());
        core::array::from_fn(|part| {
            let mixed = u32::from(ink[part]) * level + u32::from(paper[part]) * (15 - level);
            (mixed / 15) as u8
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_is_nearest_to_itself() {
        for number in 0..16 {
            let colour = Colour::from_number(number);
            assert_eq!(Colour::nearest(colour.rgb()), colour);
            assert_eq!(Colour::of_256(number), colour);
        }
    }

    #[test]
    fn other_colours_are_mapped_to_a_similar_one() {
        assert_eq!(Colour::of_256(16).number(), 0);
        assert_eq!(Colour::of_256(231).number(), 15);
        assert_eq!(Colour::of_256(232).number(), 0);
        assert_eq!(Colour::nearest([255, 0, 0]).number(), 1);
        assert_eq!(Colour::nearest([255, 255, 250]).number(), 15);
        for number in 0..=255 {
            assert!(Colour::of_256(number).number() < 16);
        }
    }

    #[test]
    fn mixing_goes_from_one_colour_to_the_other() {
        assert_eq!(FOREGROUND.over(BACKGROUND, 0), BACKGROUND.rgb());
        assert_eq!(FOREGROUND.over(BACKGROUND, 15), FOREGROUND.rgb());
        assert_eq!(FOREGROUND.over(BACKGROUND, 200), FOREGROUND.rgb());
    }
}
