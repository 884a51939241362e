//! The screen of `--watch`: what a person looks at and how, drawn into a buffer of cells. It reads nothing, and knows of no
//! terminal and no key.
//!
//! ```text
//! scene      what there is to show
//! view       how it is looked at: selection, order, what is searched for, what is folded
//! arrange    scene and view → rows, once for each interval
//! column     the columns: titles, texts, order, and which of them a width has room for
//! table      the page of the whole table, of whose rows those in sight are drawn
//! service    the page of one service
//! help       the page of keys, columns and marks
//! paint      texts into cells, within bounds
//! ```

mod arrange;
mod column;
mod help;
mod paint;
mod scene;
mod service;
mod table;
#[cfg(test)]
mod tests;
mod view;

pub use scene::Scene;
pub use view::{Page, Screen};

use paint::Painter;
use ratatui::buffer::Buffer;

impl Screen {
    /// Draws the page that is looked at. Sizes of any kind are drawn on, as far as there is room.
    pub fn draw(&mut self, scene: &Scene<'_>, buffer: &mut Buffer) {
        let mut painter = Painter::new(buffer, self.colour);
        match self.page {
            Page::Table => table::draw(self, scene, &mut painter),
            Page::Service(key) => service::draw(self, scene, &key, &mut painter),
            Page::Help => help::draw(self, &mut painter),
        }
    }
}
