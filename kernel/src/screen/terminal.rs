//! What text and control sequences do to the cells.
//!
//! The sequences are those of ECMA-48 and xterm that programs use most: cursor movement (CUU, CUD,
//! CUF, CUB, CNL, CPL, CHA, CUP, HVP, VPA), erasing (ED, EL, ECH), looks (SGR, with 16, 256 and 24-bit
//! colours, the latter two mapped to the nearest of sixteen), saving and restoring the cursor (DECSC,
//! DECRC, SCOSC, SCORC), showing and hiding it (DECTCEM), index and reverse index, reset. Anything
//! else is ignored. Nothing is answered: the prompt never asks.

use core::ops::Range;

use super::{
    cell::Cell,
    grid::Grid,
    parser::{Action, Parameters},
    pen::Pen,
};

/// Columns from one tab stop to the next.
const TAB: usize = 8;

/// A screenful of cells with a cursor.
#[derive(Debug)]
pub struct Terminal<'memory> {
    grid: Grid<'memory>,
    cursor: Cursor,
    saved: Cursor,
    cursor_shown: bool,
    /// After a panic, how many rows may still scroll away before its first line would: what comes then
    /// is not shown.
    rows_to_lose: Option<usize>,
    /// Nothing more can be shown.
    is_full: bool,
}

/// Where the next character goes, and how it will look.
#[derive(Clone, Copy, Debug)]
struct Cursor {
    row: usize,
    column: usize,
    /// The last column has been written to: the next character goes to the next row first.
    wraps: bool,
    pen: Pen,
}

impl Cursor {
    const HOME: Self = Self {
        row: 0,
        column: 0,
        wraps: false,
        pen: Pen::PLAIN,
    };
}

impl<'memory> Terminal<'memory> {
    /// A blank terminal of `columns` × `rows` cells, the cursor at home; nothing if `cells` are too
    /// few.
    #[must_use]
    pub fn new(cells: &'memory mut [Cell], columns: usize, rows: usize) -> Option<Self> {
        Some(Self {
            grid: Grid::new(cells, columns, rows, Pen::PLAIN.blank())?,
            cursor: Cursor::HOME,
            saved: Cursor::HOME,
            cursor_shown: true,
            rows_to_lose: None,
            is_full: false,
        })
    }

    /// What is to be seen at a place, which must be one of the screen's: the cell, with the cursor if
    /// that is there.
    #[must_use]
    pub fn look(&self, row: usize, column: usize) -> Cell {
        let cell = self.grid.row(row)[column];
        if self.cursor_shown && (row, column) == (self.cursor.row, self.cursor.column) {
            cell.with_cursor()
        } else {
            cell
        }
    }

    /// Whether anything may look different since [`take_changed`](Self::take_changed).
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.grid.is_changed()
    }

    /// The rows that may look different since the last call.
    pub fn take_changed(&mut self) -> Range<usize> {
        self.grid.take_changed()
    }

    /// Makes sense of a state that was left in the middle of a change. What is written from here on
    /// stays on the screen, even if more follows than fits.
    pub(super) fn recover(&mut self) {
        self.rows_to_lose.get_or_insert(self.cursor.row);
        self.cursor.pen = Pen::PLAIN;
        self.go(self.cursor.row, self.cursor.column);
        self.cursor_shown = false;
        self.grid.touch_all();
    }

    fn last_row(&self) -> usize {
        self.grid.rows() - 1
    }

    fn last_column(&self) -> usize {
        self.grid.columns() - 1
    }

    /// Moves the cursor, to the nearest place there is.
    fn go(&mut self, row: usize, column: usize) {
        self.touch_cursor();
        self.cursor.row = row.min(self.last_row());
        self.cursor.column = column.min(self.last_column());
        self.cursor.wraps = false;
        self.touch_cursor();
    }

    fn touch_cursor(&mut self) {
        self.grid.touch(self.cursor.row..self.cursor.row + 1);
    }

    /// To the next row, which may scroll.
    fn line_feed(&mut self) {
        if self.cursor.row < self.last_row() {
            self.go(self.cursor.row + 1, self.cursor.column);
        } else if let Some(0) = self.rows_to_lose {
            self.is_full = true;
        } else {
            if let Some(rows) = &mut self.rows_to_lose {
                *rows -= 1;
            }
            self.grid.scroll_up(self.cursor.pen.blank());
            self.cursor.wraps = false;
        }
    }

    fn reverse_line_feed(&mut self) {
        if self.cursor.row > 0 {
            self.go(self.cursor.row - 1, self.cursor.column);
        } else {
            self.grid.scroll_down(self.cursor.pen.blank());
            self.cursor.wraps = false;
        }
    }

    fn erase(&mut self, row: usize, columns: Range<usize>) {
        let blank = self.cursor.pen.blank();
        let end = columns.end.min(self.grid.columns());
        self.grid.row_mut(row)[columns.start.min(end)..end].fill(blank);
    }

    fn erase_rows(&mut self, rows: Range<usize>) {
        for row in rows {
            self.erase(row, 0..self.grid.columns());
        }
    }

    /// EL: 0 from the cursor on, 1 up to it, 2 the whole row.
    fn erase_in_line(&mut self, which: usize) {
        let Cursor { row, column, .. } = self.cursor;
        match which {
            0 => self.erase(row, column..self.grid.columns()),
            1 => self.erase(row, 0..column + 1),
            2 => self.erase(row, 0..self.grid.columns()),
            _ => {}
        }
    }

    /// ED: 0 from the cursor on, 1 up to it, 2 and 3 everything.
    fn erase_in_display(&mut self, which: usize) {
        let (row, rows) = (self.cursor.row, self.grid.rows());
        match which {
            0 => self.erase_rows(row + 1..rows),
            1 => self.erase_rows(0..row),
            2 | 3 => self.erase_rows(0..rows),
            _ => {}
        }
        if which < 2 {
            self.erase_in_line(which);
        }
    }

    fn restore(&mut self) {
        let Cursor { row, column, .. } = self.saved;
        self.go(row, column);
        self.cursor.pen = self.saved.pen;
    }

    fn reset(&mut self) {
        self.cursor.pen = Pen::PLAIN;
        self.erase_in_display(2);
        self.go(0, 0);
        self.saved = Cursor::HOME;
        self.cursor_shown = true;
    }
}

impl Terminal<'_> {
    /// Does what was written.
    pub(super) fn act(&mut self, action: Action<'_>) {
        match action {
            _ if self.is_full => {}
            Action::Print(character) => self.print(character),
            Action::Control(byte) => self.control(byte),
            Action::Escape(byte) => self.escape(byte),
            Action::Sequence {
                private,
                parameters,
                function,
            } => self.sequence(private, parameters, function),
        }
    }

    fn print(&mut self, character: char) {
        if self.cursor.wraps {
            self.line_feed();
            if self.is_full {
                return;
            }
            self.go(self.cursor.row, 0);
        }
        let Cursor {
            row, column, pen, ..
        } = self.cursor;
        self.grid.row_mut(row)[column] = pen.cell(character);
        if column < self.last_column() {
            self.cursor.column = column + 1;
        } else {
            self.cursor.wraps = true;
        }
    }

    fn control(&mut self, byte: u8) {
        let Cursor { row, column, .. } = self.cursor;
        match byte {
            0x08 => self.go(row, column.saturating_sub(1)),
            b'\t' => self.go(row, (column / TAB + 1) * TAB),
            b'\n' | 0x0B | 0x0C => self.line_feed(),
            b'\r' => self.go(row, 0),
            _ => {}
        }
    }

    fn sequence(&mut self, private: u8, parameters: &Parameters, function: u8) {
        let number = |place| parameters.number(place);
        // Where a count is missing or 0, 1 is meant.
        let count = number(0).max(1);
        let Cursor { row, column, .. } = self.cursor;
        match (private, function) {
            (0, b'A') => self.go(row.saturating_sub(count), column),
            (0, b'B') => self.go(row + count, column),
            (0, b'C') => self.go(row, column + count),
            (0, b'D') => self.go(row, column.saturating_sub(count)),
            (0, b'E') => self.go(row + count, 0),
            (0, b'F') => self.go(row.saturating_sub(count), 0),
            (0, b'G' | b'`') => self.go(row, count - 1),
            (0, b'H' | b'f') => self.go(count - 1, number(1).max(1) - 1),
            (0, b'J') => self.erase_in_display(number(0)),
            (0, b'K') => self.erase_in_line(number(0)),
            (0, b'X') => self.erase(row, column..column + count),
            (0, b'd') => self.go(count - 1, column),
            (0, b'm') => self.cursor.pen.change(parameters),
            (0, b's') => self.saved = self.cursor,
            (0, b'u') => self.restore(),
            (b'?', b'h' | b'l') if parameters.iter().any(|parameter| parameter == [25]) => {
                self.cursor_shown = function == b'h';
                self.touch_cursor();
            }
            _ => {}
        }
    }

    fn escape(&mut self, byte: u8) {
        match byte {
            b'7' => self.saved = self.cursor,
            b'8' => self.restore(),
            b'D' => self.line_feed(),
            b'E' => {
                self.line_feed();
                self.go(self.cursor.row, 0);
            }
            b'M' => self.reverse_line_feed(),
            b'c' => self.reset(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::parser::Parser;

    const COLUMNS: usize = 10;
    const ROWS: usize = 4;

    /// What stands on a screen of 10×4 after `bytes`.
    struct After {
        rows: Vec<String>,
        cells: Vec<Cell>,
        cursor: (usize, usize),
        cursor_shown: bool,
    }

    fn after(bytes: &[u8]) -> After {
        let mut memory = [Cell::NOTHING; COLUMNS * ROWS];
        let mut terminal = Terminal::new(&mut memory, COLUMNS, ROWS).unwrap();
        Parser::new().advance(bytes, &mut |action| terminal.act(action));
        let cells: Vec<Cell> = (0..ROWS)
            .flat_map(|row| terminal.grid.row(row).to_vec())
            .collect();
        let rows = cells.chunks(COLUMNS).map(|row| {
            let text: String = row.iter().map(|cell| cell.character()).collect();
            text.trim_end().to_owned()
        });
        After {
            rows: rows.collect(),
            cursor: (terminal.cursor.row, terminal.cursor.column),
            cursor_shown: terminal.cursor_shown,
            cells,
        }
    }

    fn rows(bytes: &[u8]) -> Vec<String> {
        after(bytes).rows
    }

    #[test]
    fn text_wraps_only_when_more_follows() {
        let full = after(b"0123456789");
        assert_eq!(full.rows[0], "0123456789");
        assert_eq!(full.cursor, (0, 9));
        assert_eq!(rows(b"0123456789a")[..2], ["0123456789", "a"]);
        assert_eq!(rows(b"0123456789\r\na")[..2], ["0123456789", "a"]);
        assert_eq!(rows(b"0123456789\x08a")[..2], ["01234567a9", ""]);
    }

    #[test]
    fn the_screen_scrolls_at_its_end() {
        assert_eq!(rows(b"a\r\nb\r\nc\r\nd"), ["a", "b", "c", "d"]);
        assert_eq!(rows(b"a\r\nb\r\nc\r\nd\r\ne\r\nf"), ["c", "d", "e", "f"]);
        assert_eq!(rows(b"\x1B[4;10Hxyz"), ["", "", "         x", "yz"]);
        assert_eq!(rows(b"a\x1B[H\x1BMb"), ["b", "a", "", ""]);
    }

    #[test]
    fn control_characters_move_the_cursor() {
        assert_eq!(rows(b"abc\rx")[0], "xbc");
        assert_eq!(rows(b"abc\x08x")[0], "abx");
        assert_eq!(rows(b"\x08x")[0], "x");
        assert_eq!(rows(b"a\tb")[0], "a       b");
        assert_eq!(after(b"a\t\t\t").cursor, (0, 9));
        assert_eq!(rows(b"a\nb")[..2], ["a", " b"]);
        assert_eq!(rows(b"a\x07\x00b")[0], "ab");
    }

    #[test]
    fn sequences_move_the_cursor_and_stop_at_the_edges() {
        for (bytes, place) in [
            (&b"\x1B[3;5H"[..], (2, 4)),
            (b"\x1B[3;5f\x1B[H", (0, 0)),
            (b"\x1B[2B\x1B[3C\x1B[A\x1B[D", (1, 2)),
            (b"\x1B[99;99H", (3, 9)),
            (b"\x1B[99A\x1B[99D", (0, 0)),
            (b"\x1B[0B\x1B[0C", (1, 1)),
            (b"\x1B[65535B\x1B[65535C", (3, 9)),
            (b"\x1B[5G\x1B[3d", (2, 4)),
            (b"abc\x1B[2E", (2, 0)),
            (b"\x1B[3;3H\x1B[F", (1, 0)),
            (b"abc\x1B7\x1B[H\x1B8", (0, 3)),
            (b"abc\x1B[s\x1B[H\x1B[u", (0, 3)),
        ] {
            assert_eq!(after(bytes).cursor, place, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn parts_of_line_and_screen_are_erased() {
        assert_eq!(rows(b"abcdef\x1B[3D\x1B[K")[0], "abc");
        assert_eq!(rows(b"abcdef\x1B[3D\x1B[1K")[0], "    ef");
        assert_eq!(rows(b"abcdef\x1B[2K")[0], "");
        assert_eq!(rows(b"abcdef\r\x1B[2X")[0], "  cdef");
        let three = b"aaa\r\nbbb\r\nccc\x1B[2;2H".to_vec();
        let erased = |how: &[u8]| rows(&[&three[..], how].concat());
        assert_eq!(erased(b"\x1B[J"), ["aaa", "b", "", ""]);
        assert_eq!(erased(b"\x1B[1J"), ["", "  b", "ccc", ""]);
        assert_eq!(erased(b"\x1B[2J"), ["", "", "", ""]);
        assert_eq!(erased(b"\x1Bc"), ["", "", "", ""]);
        assert_eq!(erased(b"\x1B[9J"), ["aaa", "bbb", "ccc", ""]);
    }

    #[test]
    fn looks_change_colours_and_weight() {
        let look = |sequence: &str| {
            let cell = after(format!("\x1B[{sequence}mx").as_bytes()).cells[0];
            (cell.foreground().number(), cell.background().number())
        };
        for (sequence, colours) in [
            ("", (7, 0)),
            ("31", (1, 0)),
            ("1;31", (9, 0)),
            ("91", (9, 0)),
            ("32;44", (2, 4)),
            ("104", (7, 12)),
            ("7", (0, 7)),
            ("7;27", (7, 0)),
            ("31;44;0", (7, 0)),
            ("31;39;44;49", (7, 0)),
            ("38;5;9", (9, 0)),
            ("48;5;231", (7, 15)),
            ("38;2;255;0;0;44", (1, 4)),
            ("38:5:10", (10, 0)),
            ("38:2::255:0:0", (1, 0)),
            ("38", (7, 0)),
            ("38;5", (7, 0)),
            ("38;7;31", (1, 0)),
            ("999", (7, 0)),
        ] {
            assert_eq!(look(sequence), colours, "{sequence}");
        }
        assert!(after(b"\x1B[1mx").cells[0].is_bold());
        assert!(!after(b"\x1B[1;22mx").cells[0].is_bold());
        assert!(after(b"\x1B[4mx").cells[0].is_underlined());
    }

    #[test]
    fn the_cursor_hides_and_shows() {
        assert!(after(b"").cursor_shown);
        assert!(!after(b"\x1B[?25l").cursor_shown);
        assert!(after(b"\x1B[?25l\x1B[?25h").cursor_shown);
    }

    #[test]
    fn what_follows_a_recovery_does_not_scroll_away() {
        let mut memory = [Cell::NOTHING; COLUMNS * ROWS];
        let mut terminal = Terminal::new(&mut memory, COLUMNS, ROWS).unwrap();
        let write = |terminal: &mut Terminal<'_>, bytes: &[u8]| {
            Parser::new().advance(bytes, &mut |action| terminal.act(action));
        };
        write(&mut terminal, b"a\r\nb\r\n");
        terminal.recover();
        write(&mut terminal, b"panic\r\n1\r\n2\r\n");
        terminal.recover();
        write(&mut terminal, b"3\r\n4 is too long\r\n5");
        let row = |row| -> String {
            let cells = terminal.grid.row(row).iter();
            let text: String = cells.map(|cell| cell.character()).collect();
            text.trim_end().to_owned()
        };
        assert_eq!([row(0), row(1), row(2), row(3)], ["panic", "1", "2", "3"]);
    }

    #[test]
    fn letters_take_one_cell_and_bad_utf8_is_replaced() {
        assert_eq!(rows("äöü語!".as_bytes())[0], "äöü語!");
        assert_eq!(rows(b"a\xFFb\xC3")[0], "a\u{FFFD}b");
        assert_eq!(rows(b"\xE2\x82x")[0], "\u{FFFD}x");
    }

    #[test]
    fn what_is_unknown_is_ignored() {
        assert_eq!(
            rows(b"a\x1B[5n\x1B[?1049h\x1B]0;title\x07\x1BP1$r\x1B\\b")[0],
            "ab"
        );
    }

    #[test]
    fn bytes_of_any_kind_do_no_harm() {
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut memory = [Cell::NOTHING; COLUMNS * ROWS];
        let mut terminal = Terminal::new(&mut memory, COLUMNS, ROWS).unwrap();
        let mut parser = Parser::new();
        for round in 0..200_000 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let bytes = state.to_le_bytes();
            // Every other round, something that begins like a sequence.
            if round % 2 == 0 {
                const ALPHABET: &[u8; 32] = b"\x1B[;:0123456789ABCDEFGHJKXdmsuhl?";
                let sequence = bytes.map(|byte| ALPHABET[usize::from(byte % 32)]);
                parser.advance(&sequence, &mut |action| terminal.act(action));
            } else {
                parser.advance(&bytes, &mut |action| terminal.act(action));
            }
            assert!(terminal.cursor.row < ROWS && terminal.cursor.column < COLUMNS);
        }
    }
}
