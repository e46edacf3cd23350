//! The cells of a screen, in ordinary memory.

use core::ops::Range;

use super::cell::Cell;

/// Rows of cells; scrolling moves none of them.
#[derive(Debug)]
pub(super) struct Grid<'memory> {
    cells: &'memory mut [Cell],
    columns: usize,
    rows: usize,
    /// Which row in memory is the first on the screen; the others follow in a ring.
    first: usize,
    /// Rows that may have changed since [`take_changed`](Self::take_changed).
    changed: Range<usize>,
}

impl<'memory> Grid<'memory> {
    /// A grid of `blank` cells; nothing if `cells` are too few.
    pub(super) fn new(
        cells: &'memory mut [Cell],
        columns: usize,
        rows: usize,
        blank: Cell,
    ) -> Option<Self> {
        let cells = cells.get_mut(..columns.checked_mul(rows)?)?;
        if cells.is_empty() {
            return None;
        }
        cells.fill(blank);
        Some(Self {
            cells,
            columns,
            rows,
            first: 0,
            changed: 0..rows,
        })
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// A row of the screen, which must be one.
    pub(super) fn row(&self, row: usize) -> &[Cell] {
        let start = self.start(row);
        &self.cells[start..start + self.columns]
    }

    /// The same to be changed.
    pub(super) fn row_mut(&mut self, row: usize) -> &mut [Cell] {
        let start = self.start(row);
        self.touch(row..row + 1);
        &mut self.cells[start..start + self.columns]
    }

    fn start(&self, row: usize) -> usize {
        (self.first + row) % self.rows * self.columns
    }

    /// Moves everything up by a row; the last one becomes `blank`.
    pub(super) fn scroll_up(&mut self, blank: Cell) {
        self.first = (self.first + 1) % self.rows;
        self.row_mut(self.rows - 1).fill(blank);
        self.touch_all();
    }

    /// Moves everything down by a row; the first one becomes `blank`.
    pub(super) fn scroll_down(&mut self, blank: Cell) {
        self.first = (self.first + self.rows - 1) % self.rows;
        self.row_mut(0).fill(blank);
        self.touch_all();
    }

    /// Notes that the look of these rows may have changed.
    pub(super) fn touch(&mut self, rows: Range<usize>) {
        self.changed = if self.changed.is_empty() {
            rows
        } else {
            self.changed.start.min(rows.start)..self.changed.end.max(rows.end)
        };
    }

    /// Notes that everything may have changed.
    pub(super) fn touch_all(&mut self) {
        self.changed = 0..self.rows;
    }

    /// Whether anything may have changed.
    pub(super) fn is_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// The rows that may have changed since the last call.
    pub(super) fn take_changed(&mut self) -> Range<usize> {
        core::mem::take(&mut self.changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::palette::{BACKGROUND, FOREGROUND};

    fn cell(character: char) -> Cell {
        Cell::new(character, FOREGROUND, BACKGROUND)
    }

    fn text(grid: &Grid<'_>) -> String {
        let rows = (0..grid.rows()).flat_map(|row| grid.row(row));
        rows.map(|cell| cell.character()).collect()
    }

    #[test]
    fn scrolling_turns_the_ring_either_way() {
        let mut cells = [Cell::NOTHING; 6];
        let mut grid = Grid::new(&mut cells, 2, 3, cell('.')).unwrap();
        for (row, character) in ['a', 'b', 'c'].into_iter().enumerate() {
            grid.row_mut(row).fill(cell(character));
        }
        grid.scroll_up(cell('_'));
        assert_eq!(text(&grid), "bbcc__");
        grid.scroll_down(cell('-'));
        assert_eq!(text(&grid), "--bbcc");
        for _ in 0..3 {
            grid.scroll_up(cell(' '));
        }
        assert_eq!(text(&grid), "      ");
    }

    #[test]
    fn changes_are_gathered_until_they_are_taken() {
        let mut cells = [Cell::NOTHING; 20];
        let mut grid = Grid::new(&mut cells, 2, 10, cell('.')).unwrap();
        assert_eq!(grid.take_changed(), 0..10);
        assert!(!grid.is_changed());
        grid.row_mut(3);
        grid.row_mut(7);
        assert_eq!(grid.take_changed(), 3..8);
        grid.touch(5..6);
        assert!(grid.is_changed());
    }

    #[test]
    fn too_little_memory_is_no_grid() {
        assert!(Grid::new(&mut [Cell::NOTHING; 5], 2, 3, cell('.')).is_none());
        assert!(Grid::new(&mut [], 0, 0, cell('.')).is_none());
        assert!(Grid::new(&mut [Cell::NOTHING; 5], usize::MAX, 2, cell('.')).is_none());
    }
}
