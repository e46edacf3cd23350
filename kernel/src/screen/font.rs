//! Letters as pixels.

use core::ops::RangeInclusive;

use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster};

use super::{CELL_HEIGHT, CELL_WIDTH};

/// Where the font's characters are; a few of these it has not.
pub const CHARACTERS: [RangeInclusive<char>; 3] =
    [' '..='~', '\u{A0}'..='\u{17F}', '\u{FFFD}'..='\u{FFFD}'];

/// How much of each pixel a letter covers, in fifteenths.
pub(super) type Coverage = [[u8; CELL_WIDTH]; CELL_HEIGHT];

/// The letter `character`, or a box if the font has none.
pub(super) fn coverage(character: char, bold: bool) -> Coverage {
    let weight = if bold {
        FontWeight::Bold
    } else {
        FontWeight::Regular
    };
    // The font has no glyph for the blank that does not break, which looks like any other.
    let character = if character == '\u{A0}' {
        ' '
    } else {
        character
    };
    let Some(raster) = get_raster(character, weight, RasterHeight::Size16) else {
        return MISSING;
    };
    let mut coverage = [[0; CELL_WIDTH]; CELL_HEIGHT];
    // The letters are seven pixels wide, so that the eighth column parts them.
    for (row, pixels) in coverage.iter_mut().zip(raster.rows()) {
        for (level, intensity) in row.iter_mut().zip(pixels) {
            *level = fifteenths(*intensity);
        }
    }
    coverage
}

fn fifteenths(intensity: u8) -> u8 {
    ((u16::from(intensity) * 15 + 127) / 255) as u8
}

/// The box that stands for a character that the font has not.
const MISSING: Coverage = {
    const SIDES: [u8; CELL_WIDTH] = [0, 15, 0, 0, 0, 15, 0, 0];
    const ENDS: [u8; CELL_WIDTH] = [0, 15, 15, 15, 15, 15, 0, 0];
    let mut coverage = [[0; CELL_WIDTH]; CELL_HEIGHT];
    let mut row = 3;
    while row <= 12 {
        coverage[row] = if row == 3 || row == 12 { ENDS } else { SIDES };
        row += 1;
    }
    coverage
};

#[cfg(test)]
mod tests {
    use super::*;

    fn has_ink(coverage: &Coverage) -> bool {
        coverage.iter().flatten().any(|level| *level > 0)
    }

    #[test]
    fn letters_have_ink_and_blanks_have_none() {
        for character in "AzÄß0~éŁ\u{FFFD}".chars() {
            for bold in [false, true] {
                let coverage = coverage(character, bold);
                assert!(has_ink(&coverage), "{character}");
                assert_ne!(coverage, MISSING, "{character}");
            }
        }
        assert!(!has_ink(&coverage(' ', false)));
        assert!(!has_ink(&coverage('\u{A0}', false)));
        assert_ne!(coverage('a', false), coverage('a', true));
    }

    #[test]
    fn what_the_font_has_not_is_a_box() {
        for character in ['語', '\u{1F600}', '\0', '\u{7F}', char::MAX] {
            assert_eq!(coverage(character, false), MISSING);
        }
        assert!(has_ink(&MISSING));
    }

    #[test]
    fn coverage_is_in_fifteenths() {
        assert_eq!((fifteenths(0), fifteenths(255)), (0, 15));
        let levels = coverage('S', false);
        assert!(levels.iter().flatten().all(|level| *level <= 15));
    }
}
