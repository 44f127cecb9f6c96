//! The table that a terminal shows while the poll runs.

mod frame;

use std::rc::Rc;

use crossterm::{Command, cursor, terminal};
use ptk_modbus::glue::Link;

use super::device::{Device, IN_FLIGHT};
use super::statistics::Overall;
use super::writer::Writer;

/// How many frames one page of tags is shown, where there are more than fit.
const FRAMES_A_PAGE: usize = 16;

/// A table on the terminal's other screen.
pub struct Live {
    writer: Writer,
    overall: Rc<Overall>,
    frames: usize,
}

type Links = [Link<Device, IN_FLIGHT>];

impl Live {
    pub fn start(writer: Writer, overall: Rc<Overall>) -> Self {
        let begin = ansi(terminal::EnterAlternateScreen) + &ansi(cursor::Hide);
        let _ = writer.give(begin.into_bytes());
        Self {
            writer,
            overall,
            frames: 0,
        }
    }

    /// Draws the table as it is now. A terminal that is behind misses frames, not the poll.
    pub fn draw(&mut self, links: &Links, now: u64, begin: u64) {
        let (columns, lines) = terminal::size().unwrap_or((80, 24));
        let size = (columns.into(), lines.into());
        let page = self.frames / FRAMES_A_PAGE;
        let text = frame::frame(links, &self.overall, now, begin, page, size);
        self.frames += 1;
        let _ = self.writer.give(text.into_bytes());
    }

    /// Gives the terminal back.
    pub fn finish(self) {
        let end = ansi(cursor::Show) + &ansi(terminal::LeaveAlternateScreen);
        let _ = self.writer.give(end.into_bytes());
        let _ = self.writer.finish();
    }
}

/// A command to the terminal as the characters that stand for it.
fn ansi(command: impl Command) -> String {
    let mut text = String::new();
    // A string takes everything.
    let _ = command.write_ansi(&mut text);
    text
}
