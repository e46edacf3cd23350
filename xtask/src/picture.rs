//! A picture of the machine's screen, read back: which character stands where, and how it looks.
//!
//! The kernel's own font and palette say how each cell would look ([`stele_kernel::screen`]); a cell
//! of the picture is the one that looks exactly the same, or none.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use stele_kernel::screen::{
    BACKGROUND, CELL_HEIGHT, CELL_WIDTH, CHARACTERS, Cell, Colour, FOREGROUND, Layout, picture,
};

/// The pixels of a cell, as 0xRRGGBB.
type Pixels = [[u32; CELL_WIDTH]; CELL_HEIGHT];

/// What stands for a character that the font has not: any of them, since they look the same.
pub(crate) const MISSING: char = '□';

/// The colour of errors: bright red.
pub(crate) const ERROR: Colour = Colour::from_number(9);

/// A screen, cell by cell.
pub(crate) struct Screen {
    columns: usize,
    cells: Vec<Option<Cell>>,
}

impl Screen {
    /// Reads a picture in the PPM format that QEMU writes; says what is wrong with it if it is not one.
    pub(crate) fn read(file: &Path) -> Result<Screen, String> {
        let bytes = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        Screen::of_ppm(&bytes).ok_or_else(|| format!("{} is no picture", file.display()))
    }

    fn of_ppm(bytes: &[u8]) -> Option<Screen> {
        let mut rest = bytes;
        let mut word = || {
            let end = rest.iter().position(u8::is_ascii_whitespace)?;
            let word = std::str::from_utf8(rest.get(..end)?).ok()?;
            rest = rest.get(end + 1..)?;
            Some(word)
        };
        if word()? != "P6" {
            return None;
        }
        let (width, height): (usize, usize) = (word()?.parse().ok()?, word()?.parse().ok()?);
        if word()? != "255" || rest.len() != width * height * 3 {
            return None;
        }
        let pixel = |x: usize, y: usize| {
            let start = (y * width + x) * 3;
            u32::from_be_bytes([0, rest[start], rest[start + 1], rest[start + 2]])
        };
        let layout = Layout::of(width, height)?;
        let known = looks();
        let mut cells = Vec::new();
        for row in 0..layout.rows {
            for column in 0..layout.columns {
                let left = layout.left + column * CELL_WIDTH;
                let top = layout.top + row * CELL_HEIGHT;
                let pixels: Pixels =
                    std::array::from_fn(|y| std::array::from_fn(|x| pixel(left + x, top + y)));
                cells.push(known.get(&pixels).copied());
            }
        }
        Some(Screen {
            columns: layout.columns,
            cells,
        })
    }

    /// The rows' text, without blanks at the end; what looks like no character is U+FFFC.
    pub(crate) fn rows(&self) -> Vec<String> {
        let rows = self.cells.chunks(self.columns).map(|row| {
            let text: String = row.iter().map(character).collect();
            text.trim_end().to_owned()
        });
        rows.collect()
    }

    /// Its size in cells, for people.
    pub(crate) fn size(&self) -> String {
        let columns = self.columns;
        format!("{columns}×{} cells", self.cells.len() / columns)
    }

    /// Whether some row contains `text`.
    pub(crate) fn shows(&self, text: &str) -> bool {
        self.rows().iter().any(|row| row.contains(text))
    }

    /// The cells of `text` in the last row that contains it; none if none does.
    pub(crate) fn find(&self, text: &str) -> Vec<Cell> {
        let count = text.chars().count();
        let rows = self.cells.chunks(self.columns).rev();
        let mut found = rows.flat_map(|row| row.windows(count)).filter(|window| {
            let characters = window.iter().map(character);
            characters.eq(text.chars())
        });
        let found = found.next().unwrap_or_default();
        found.iter().copied().flatten().collect()
    }
}

fn character(cell: &Option<Cell>) -> char {
    cell.map_or('\u{FFFC}', Cell::character)
}

/// How every character looks in the colours that the prompt uses: plain, in an error, under the
/// cursor.
fn looks() -> HashMap<Pixels, Cell> {
    let mut looks = HashMap::new();
    let known = CHARACTERS.into_iter().flatten();
    for character in std::iter::once(MISSING).chain(known) {
        let plain = Cell::new(character, FOREGROUND, BACKGROUND);
        let error = Cell::new(character, ERROR, BACKGROUND).bold(true);
        for cell in [plain, error, plain.with_cursor()] {
            // A few look alike, as blank and no-break space do: the first counts.
            looks.entry(picture(cell)).or_insert(cell);
        }
    }
    looks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture with `cells` in its first row, and nothing else.
    fn ppm(cells: &[Cell]) -> Vec<u8> {
        const WIDTH: usize = 640;
        const HEIGHT: usize = 400;
        let blank = picture(Cell::new(' ', FOREGROUND, BACKGROUND))[0][0];
        let mut pixels = vec![blank; WIDTH * HEIGHT];
        for (column, cell) in cells.iter().enumerate() {
            for (y, row) in picture(*cell).iter().enumerate() {
                pixels[y * WIDTH + column * CELL_WIDTH..][..CELL_WIDTH].copy_from_slice(row);
            }
        }
        let mut bytes = format!("P6\n{WIDTH} {HEIGHT}\n255\n").into_bytes();
        bytes.extend(
            pixels
                .iter()
                .flat_map(|pixel| pixel.to_be_bytes()[1..].to_vec()),
        );
        bytes
    }

    #[test]
    fn characters_are_read_back_with_their_looks() {
        let plain = Cell::new('A', FOREGROUND, BACKGROUND);
        let error = Cell::new('é', ERROR, BACKGROUND).bold(true);
        let missing = Cell::new('語', FOREGROUND, BACKGROUND);
        let strange = Cell::new('A', Colour::from_number(3), BACKGROUND);
        let screen = Screen::of_ppm(&ppm(&[plain, error, missing, strange])).unwrap();
        assert_eq!(screen.rows()[0], "Aé□\u{FFFC}");
        assert_eq!(screen.rows().len(), 25);
        assert!(screen.shows("é□"));
        assert_eq!(screen.find("Aé"), [plain, error]);
        assert_eq!(screen.find("AA"), []);
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for bytes in [
            &b""[..],
            b"P6\n",
            b"P5\n1 1\n255\n000",
            b"P6\n2 2\n255\n000",
        ] {
            assert!(Screen::of_ppm(bytes).is_none());
        }
    }
}
