//! Text on the framebuffer.
//!
//! A screen is a grid of cells of 8×16 pixels, each with one character and its look. Bytes go through
//! a parser into a [`Terminal`], which knows the cursor and the usual ANSI sequences and changes cells in ordinary memory. Drawing is apart from that: [`Screen::show`]
//! compares the cells with those it drew before and draws the ones that differ. So a screenful that
//! scrolls by costs one drawing, however many lines it has, and the framebuffer, which is slow to
//! read, is never read.
//!
//! Characters take one cell each. The font (`noto-sans-mono-bitmap`, regular and bold) has the Latin
//! letters; what it has not is a box. Nothing that can be written makes it fail.
//!
//! Read in this order: `cell.rs`, `palette.rs`, `grid.rs`, `parser.rs`, `pen.rs`, `terminal.rs`, `font.rs`, `painter.rs`;
//! `framebuffer.rs`, the one file that touches the device; `global.rs`, the screen of this machine.

mod cell;
mod font;
#[cfg(target_os = "none")]
mod framebuffer;
#[cfg(target_os = "none")]
mod global;
mod grid;
mod painter;
mod palette;
mod parser;
mod pen;
mod terminal;

pub use cell::Cell;
pub use font::CHARACTERS;
#[cfg(target_os = "none")]
pub use global::{init, panic_inside, seize, show, show_if_due, write};
pub use painter::{Screen, Surface, picture};
pub use palette::{BACKGROUND, Colour, FOREGROUND};
pub use terminal::Terminal;

/// Width of a cell in pixels.
pub const CELL_WIDTH: usize = 8;

/// Height of a cell in pixels.
pub const CELL_HEIGHT: usize = 16;

/// Cells of the largest screen: 3840×2160 pixels. A larger one is used in part.
pub const MOST_CELLS: usize = (3840 / CELL_WIDTH) * (2160 / CELL_HEIGHT);

/// Fewest columns that make a screen worth having.
const LEAST_COLUMNS: usize = 80;

/// Fewest rows.
const LEAST_ROWS: usize = 25;

/// Pixels that stay free at each edge where there is room.
const MARGIN: usize = 8;

/// Where the cells are on a screen of so many pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Cells in a row.
    pub columns: usize,
    /// Rows of cells.
    pub rows: usize,
    /// Pixels left of the first column.
    pub left: usize,
    /// Pixels above the first row.
    pub top: usize,
}

impl Layout {
    /// The cells that fit, in the middle; nothing if that is fewer than 80×25.
    #[must_use]
    pub fn of(width: usize, height: usize) -> Option<Self> {
        let fit = |pixels: usize, cell: usize, least: usize| {
            let cells = pixels / cell;
            let with_margin = pixels.saturating_sub(2 * MARGIN) / cell;
            (cells >= least).then_some(with_margin.max(least))
        };
        let columns = fit(width, CELL_WIDTH, LEAST_COLUMNS)?.min(MOST_CELLS / LEAST_ROWS);
        let rows = fit(height, CELL_HEIGHT, LEAST_ROWS)?.min(MOST_CELLS / columns);
        Some(Self {
            columns,
            rows,
            left: (width - columns * CELL_WIDTH) / 2,
            top: (height - rows * CELL_HEIGHT) / 2,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_fill_the_screen_but_for_a_margin() {
        let layout = Layout::of(1024, 768).unwrap();
        assert_eq!((layout.columns, layout.left), (126, 8));
        assert_eq!((layout.rows, layout.top), (47, 8));
        let layout = Layout::of(1366, 768 + 9).unwrap();
        assert_eq!((layout.columns, layout.left), (168, 11));
        assert_eq!((layout.rows, layout.top), (47, 12));
        let layout = Layout::of(648, 416).unwrap();
        assert_eq!((layout.columns, layout.left), (80, 4));
        assert_eq!((layout.rows, layout.top), (25, 8));
    }

    #[test]
    fn a_tiny_screen_is_none() {
        assert!(Layout::of(640, 400).is_some());
        assert_eq!(Layout::of(639, 400), None);
        assert_eq!(Layout::of(640, 399), None);
        assert_eq!(Layout::of(0, 0), None);
        assert_eq!(Layout::of(usize::MAX, 1), None);
    }

    #[test]
    fn a_huge_screen_is_used_in_part() {
        for (width, height) in [(3840, 2160), (7680, 4320), (usize::MAX, usize::MAX)] {
            let layout = Layout::of(width, height).unwrap();
            assert!(layout.columns * layout.rows <= MOST_CELLS);
            assert!(layout.rows >= 25);
        }
        let layout = Layout::of(3840, 2160).unwrap();
        assert_eq!((layout.columns, layout.rows), (478, 134));
    }
}
