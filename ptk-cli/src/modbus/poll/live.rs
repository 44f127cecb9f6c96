//! The table that a terminal shows while the poll runs.

mod frame;
mod keys;
mod picture;
mod screen;
mod view;

use std::rc::Rc;

use crossterm::terminal;
use ptk_core::event_loop::{Raiser, Stopper};
use ptk_modbus::glue::Link;

use super::device::{Device, IN_FLIGHT};
use super::statistics::Overall;
use super::writer::Writer;
use keys::Keys;
use picture::Picture;
use screen::Screen;
use view::{Pressed, View};

/// How many frames one page of tags is shown, where there are more than fit and no keys to turn pages.
const FRAMES_A_PAGE: usize = 16;

/// A table on the terminal's other screen.
pub struct Live {
    writer: Writer,
    overall: Rc<Overall>,
    screen: Screen,
    keys: Option<Keys>,
    view: View,
    /// What is shown, which stays the same during a pause.
    picture: Picture,
    frames: usize,
}

type Links = [Link<Device, IN_FLIGHT>];

impl Live {
    /// Takes the terminal. `stopper` stops the loop when the terminal has gone.
    pub fn start(stopper: Stopper, overall: Rc<Overall>) -> Self {
        let screen = Screen::take();
        Self {
            writer: Writer::start(Screen::out(), stopper),
            overall,
            screen,
            keys: None,
            view: View::default(),
            picture: Picture::default(),
            frames: 0,
        }
    }

    /// Begins to listen to keys, if there are any. `raiser` tells when some were pressed.
    pub fn listen(&mut self, raiser: Raiser) {
        if self.screen.keys {
            self.keys = Some(Keys::start(raiser));
        }
    }

    /// Draws the table as it is now. A terminal that is behind misses frames, not the poll.
    pub fn draw(&mut self, links: &Links, now: u64, begin: u64) {
        if !self.view.paused {
            self.picture = Picture::take(links, &self.overall, now, begin);
        }
        self.frames += 1;
        if self.keys.is_none() && self.frames.is_multiple_of(FRAMES_A_PAGE) {
            let count = self.picture.lines.len();
            self.view.turn_page(count, frame::room(size().1));
        }
        self.show();
    }

    /// Does what the keys say that were pressed. Whether one of them ends the poll.
    pub fn press(&mut self) -> bool {
        let mut changed = false;
        while let Some(key) = self.keys.as_ref().and_then(Keys::next) {
            let count = self.view.select(&self.picture.lines).len();
            match self.view.press(key, count, frame::room(size().1)) {
                Pressed::Quit => return true,
                Pressed::Changed => changed = true,
                Pressed::Nothing => {}
            }
        }
        if changed {
            self.show();
        }
        false
    }

    fn show(&self) {
        let keys = self.keys.is_some();
        let text = frame::frame(&self.picture, &self.view, keys, size());
        let _ = self.writer.give(text.into_bytes());
    }

    /// Writes what is left, and gives the terminal back.
    pub fn finish(self) {
        let _ = self.writer.finish();
        drop(self.screen);
    }
}

/// Columns and lines of the terminal.
fn size() -> (usize, usize) {
    let (columns, lines) = terminal::size().unwrap_or((80, 24));
    (columns.into(), lines.into())
}
