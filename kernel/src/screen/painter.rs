//! Drawing cells, and only those that changed.

use super::{
    CELL_HEIGHT, CELL_WIDTH, Layout,
    cell::Cell,
    font,
    palette::{BACKGROUND, Colour, FOREGROUND},
    parser::Parser,
    terminal::Terminal,
};

/// Something to draw on.
pub trait Surface {
    /// Width and height in pixels.
    fn size(&self) -> (usize, usize);

    /// What a pixel of this red, green and blue is on this surface.
    fn pixel(&self, rgb: [u8; 3]) -> u32;

    /// Draws pixels side by side, the first of them at column `x` of row `y`. What lies outside is
    /// not drawn.
    fn draw(&mut self, x: usize, y: usize, pixels: &[u32]);
}

/// A terminal on a surface.
pub struct Screen<'memory, S> {
    surface: S,
    layout: Layout,
    parser: Parser,
    terminal: Terminal<'memory>,
    /// What the surface shows.
    shown: &'memory mut [Cell],
    ramp: Ramp,
}

/// The pixels from one colour to another, kept because neighbours mostly have the same.
struct Ramp {
    colours: Option<(Colour, Colour)>,
    pixels: [u32; 16],
}

impl Ramp {
    fn new() -> Self {
        Self {
            colours: None,
            pixels: [0; 16],
        }
    }

    fn of(&mut self, cell: Cell, surface: &impl Surface) -> &[u32; 16] {
        let (ink, paper) = (cell.foreground(), cell.background());
        if self.colours != Some((ink, paper)) {
            self.pixels = core::array::from_fn(|level| surface.pixel(ink.over(paper, level as u8)));
            self.colours = Some((ink, paper));
        }
        &self.pixels
    }
}

impl<'memory, S: Surface> Screen<'memory, S> {
    /// A blank screen on `surface`; nothing if the surface is too small for one, or `cells` or
    /// `shown` are fewer than it needs ([`MOST_CELLS`](super::MOST_CELLS) are always enough).
    #[must_use]
    pub fn new(
        mut surface: S,
        cells: &'memory mut [Cell],
        shown: &'memory mut [Cell],
    ) -> Option<Self> {
        let (width, height) = surface.size();
        let layout = Layout::of(width, height)?;
        let terminal = Terminal::new(cells, layout.columns, layout.rows)?;
        let shown = shown.get_mut(..layout.columns * layout.rows)?;
        let paper = surface.pixel(BACKGROUND.rgb());
        let line = [paper; 64];
        for y in 0..height {
            for x in (0..width).step_by(line.len()) {
                surface.draw(x, y, &line[..line.len().min(width - x)]);
            }
        }
        shown.fill(Cell::new(' ', FOREGROUND, BACKGROUND));
        Some(Self {
            surface,
            layout,
            parser: Parser::new(),
            terminal,
            shown,
            ramp: Ramp::new(),
        })
    }

    /// Takes text and control sequences; nothing is drawn yet.
    pub fn write(&mut self, bytes: &[u8]) {
        let terminal = &mut self.terminal;
        self.parser
            .advance(bytes, &mut |action| terminal.act(action));
    }

    /// Draws what changed since the last time.
    pub fn show(&mut self) {
        if !self.terminal.is_changed() {
            return;
        }
        let Layout {
            columns, left, top, ..
        } = self.layout;
        for row in self.terminal.take_changed() {
            let shown = &mut self.shown[row * columns..][..columns];
            for (column, shown) in shown.iter_mut().enumerate() {
                let cell = self.terminal.look(row, column);
                if cell != *shown {
                    let place = (left + column * CELL_WIDTH, top + row * CELL_HEIGHT);
                    paint(&mut self.surface, &mut self.ramp, place, cell);
                    *shown = cell;
                }
            }
        }
    }

    /// Whether [`show`](Self::show) has something to do.
    pub fn is_changed(&self) -> bool {
        self.terminal.is_changed()
    }

    /// Makes the screen usable after its code was left in the middle, by a panic in it: whatever the
    /// parser was at is forgotten, and everything is compared when it is shown next.
    pub fn recover(&mut self) {
        self.parser = Parser::new();
        self.ramp = Ramp::new();
        self.terminal.recover();
    }
}

impl<S> core::fmt::Debug for Screen<'_, S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Screen")
            .field("layout", &self.layout)
            .finish_non_exhaustive()
    }
}

/// Draws a cell, whose upper left pixel is at `place`.
fn paint(surface: &mut impl Surface, ramp: &mut Ramp, place: (usize, usize), cell: Cell) {
    /// The row of pixels that underlines.
    const LINE: usize = 14;
    let (x, y) = place;
    let ramp = ramp.of(cell, surface);
    let coverage = font::coverage(cell.character(), cell.is_bold());
    for (row, levels) in coverage.iter().enumerate() {
        let pixels = if row == LINE && cell.is_underlined() {
            [ramp[15]; CELL_WIDTH]
        } else {
            levels.map(|level| ramp[usize::from(level & 0xF)])
        };
        surface.draw(x, y + row, &pixels);
    }
}

/// The pixels of a cell, row by row, as 0xRRGGBB: what a test looks for in a picture of the screen.
#[must_use]
pub fn picture(cell: Cell) -> [[u32; CELL_WIDTH]; CELL_HEIGHT] {
    struct Picture([[u32; CELL_WIDTH]; CELL_HEIGHT]);
    impl Surface for Picture {
        fn size(&self) -> (usize, usize) {
            (CELL_WIDTH, CELL_HEIGHT)
        }

        fn pixel(&self, [red, green, blue]: [u8; 3]) -> u32 {
            u32::from_be_bytes([0, red, green, blue])
        }

        fn draw(&mut self, x: usize, y: usize, pixels: &[u32]) {
            self.0[y][x..x + pixels.len()].copy_from_slice(pixels);
        }
    }
    let mut picture = Picture([[0; CELL_WIDTH]; CELL_HEIGHT]);
    paint(&mut picture, &mut Ramp::new(), (0, 0), cell);
    picture.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pixels in memory; counts what is drawn.
    struct Pixels {
        width: usize,
        pixels: Vec<u32>,
        drawn: usize,
    }

    impl Pixels {
        fn new(width: usize, height: usize) -> Self {
            Self {
                width,
                pixels: vec![0xDEAD; width * height],
                drawn: 0,
            }
        }
    }

    impl Surface for &mut Pixels {
        fn size(&self) -> (usize, usize) {
            (self.width, self.pixels.len() / self.width)
        }

        fn pixel(&self, [red, green, blue]: [u8; 3]) -> u32 {
            u32::from_be_bytes([0, red, green, blue])
        }

        fn draw(&mut self, x: usize, y: usize, pixels: &[u32]) {
            assert!(x + pixels.len() <= self.width);
            self.pixels[y * self.width + x..][..pixels.len()].copy_from_slice(pixels);
            self.drawn += pixels.len();
        }
    }

    fn cell_at(pixels: &Pixels, row: usize, column: usize) -> [[u32; CELL_WIDTH]; CELL_HEIGHT] {
        core::array::from_fn(|y| {
            let start = (row * CELL_HEIGHT + y) * pixels.width + column * CELL_WIDTH;
            core::array::from_fn(|x| pixels.pixels[start + x])
        })
    }

    fn cells() -> Vec<Cell> {
        vec![Cell::NOTHING; 80 * 25]
    }

    fn plain(character: char) -> Cell {
        Cell::new(character, FOREGROUND, BACKGROUND)
    }

    #[test]
    fn text_is_drawn_where_it_belongs() {
        let (mut one, mut two) = (cells(), cells());
        let mut pixels = Pixels::new(640, 400);
        let mut screen = Screen::new(&mut pixels, &mut one, &mut two).unwrap();
        screen.write(b"ok\r\n\x1B[31mno");
        screen.show();
        assert!(!screen.is_changed());
        assert_eq!(cell_at(&pixels, 0, 0), picture(plain('o')));
        assert_eq!(cell_at(&pixels, 0, 1), picture(plain('k')));
        assert_eq!(cell_at(&pixels, 0, 2), picture(plain(' ')));
        let red = Cell::new('o', Colour::from_number(1), BACKGROUND);
        assert_eq!(cell_at(&pixels, 1, 1), picture(red));
        assert_eq!(
            cell_at(&pixels, 1, 2),
            picture(red.with_cursor()).map(|_| {
                let [red, green, blue] = Colour::from_number(7).rgb();
                [u32::from_be_bytes([0, red, green, blue]); CELL_WIDTH]
            })
        );
    }

    #[test]
    fn only_changed_cells_are_drawn() {
        const CELL: usize = CELL_WIDTH * CELL_HEIGHT;
        let (mut one, mut two) = (cells(), cells());
        let mut pixels = Pixels::new(640, 400);
        let mut screen = Screen::new(&mut pixels, &mut one, &mut two).unwrap();
        screen.show();
        screen.surface.drawn = 0;
        // The letter, and the cursor that goes from its place to the next.
        screen.write(b"a");
        screen.show();
        assert_eq!(screen.surface.drawn, 2 * CELL);
        screen.show();
        assert_eq!(screen.surface.drawn, 2 * CELL);
        // A thousand lines that scroll by are one drawing of what stays: 24 letters, the one in the
        // first row the same as before, and the cursor, which leaves row 0.
        screen.surface.drawn = 0;
        for _ in 0..1000 {
            screen.write(b"\r\na");
        }
        screen.show();
        assert_eq!(screen.surface.drawn, (24 + 2) * CELL);
    }

    #[test]
    fn a_screen_goes_on_after_its_code_was_left_in_the_middle() {
        let (mut one, mut two) = (cells(), cells());
        let mut pixels = Pixels::new(640, 400);
        let mut screen = Screen::new(&mut pixels, &mut one, &mut two).unwrap();
        screen.write(b"before\x1B[31;");
        screen.recover();
        screen.write(b"\r\nafter");
        screen.show();
        assert_eq!(cell_at(&pixels, 0, 0), picture(plain('b')));
        assert_eq!(cell_at(&pixels, 1, 0), picture(plain('a')));
    }

    #[test]
    fn a_surface_without_room_has_no_screen() {
        let (mut one, mut two) = (cells(), cells());
        assert!(Screen::new(&mut Pixels::new(320, 200), &mut one, &mut two).is_none());
        assert!(Screen::new(&mut Pixels::new(1280, 800), &mut one, &mut two).is_none());
    }

    #[test]
    fn no_two_letters_look_the_same_but_these() {
        let mut seen = std::collections::HashMap::new();
        let mut twins = String::new();
        for character in super::super::CHARACTERS.into_iter().flatten() {
            if let Some(twin) = seen.insert(picture(plain(character)), character) {
                twins.extend([twin, character]);
            }
        }
        assert!(
            !twins.contains(|twin: char| twin.is_ascii_graphic()),
            "{twins}"
        );
    }
}
