//! Texts into cells, within bounds, and the styles of the screen.

use crate::ipvs::interval::Marks;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

/// Paints on a buffer.
pub struct Painter<'b> {
    buffer: &'b mut Buffer,
    colour: bool,
}

impl<'b> Painter<'b> {
    pub fn new(buffer: &'b mut Buffer, colour: bool) -> Self {
        Self { buffer, colour }
    }

    /// Columns of cells.
    pub fn width(&self) -> u16 {
        self.buffer.area.width
    }

    /// Rows of cells.
    pub fn height(&self) -> u16 {
        self.buffer.area.height
    }

    /// Paints a text from this cell on, at most so many cells of it; what is outside is left out.
    pub fn text(&mut self, (x, y): (u16, u16), text: &str, width: u16, style: Style) {
        if x < self.width() && y < self.height() {
            self.buffer.set_stringn(x, y, text, width.into(), style);
        }
    }

    /// Paints a text at the right end of so many cells.
    pub fn right(&mut self, (x, y): (u16, u16), text: &str, width: u16, style: Style) {
        let length = u16::try_from(text.chars().count()).unwrap_or(u16::MAX);
        self.text((x.saturating_add(width.saturating_sub(length)), y), text, width, style);
    }

    /// Gives a whole line a style.
    pub fn line(&mut self, y: u16, style: Style) {
        let area = Rect { x: 0, y, width: self.width(), height: 1 };
        self.buffer.set_style(area, style);
    }

    /// What spoils the figures.
    pub fn alarm(&self) -> Style {
        self.coloured(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// What a server with these marks looks like.
    pub fn marked(&self, marks: Marks) -> Style {
        if marks.intersects(Marks::SILENT | Marks::NO_REPLIES) {
            self.coloured(Color::Red)
        } else if marks.intersects(Marks::OVER_THRESHOLD | Marks::FEWER | Marks::MORE) {
            self.coloured(Color::Yellow)
        } else if marks.contains(Marks::WEIGHT_0) {
            Style::new().add_modifier(Modifier::DIM)
        } else {
            Style::new()
        }
    }

    fn coloured(&self, colour: Color) -> Style {
        if self.colour { Style::new().fg(colour) } else { Style::new() }
    }
}

/// What heads a page or a service.
pub fn strong() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// The titles, and the selected row.
pub fn reversed() -> Style {
    Style::new().add_modifier(Modifier::REVERSED)
}
