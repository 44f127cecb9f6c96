//! The table that a terminal shows while the poll runs.

use std::fmt::Write;

use crossterm::{Command, cursor, terminal};
use ptk_modbus::glue::Link;
use ptk_modbus::poller::Quality;

use super::device::{Device, IN_FLIGHT};
use super::statistics::Statistics;
use super::writer::Writer;

/// How many frames one page of tags is shown, where there are more than fit.
const FRAMES_A_PAGE: usize = 16;
const CLEAR_LINE: terminal::Clear = terminal::Clear(terminal::ClearType::UntilNewLine);
const CLEAR_REST: terminal::Clear = terminal::Clear(terminal::ClearType::FromCursorDown);

/// A table on the terminal's other screen.
pub struct Live {
    writer: Writer,
    frames: usize,
}

type Links = [Link<Device, IN_FLIGHT>];

impl Live {
    pub fn start(writer: Writer) -> Self {
        let begin = ansi(terminal::EnterAlternateScreen) + &ansi(cursor::Hide);
        let _ = writer.give(begin.into_bytes());
        Self { writer, frames: 0 }
    }

    /// Draws the table as it is now. A terminal that is behind misses frames, not the poll.
    pub fn draw(&mut self, links: &Links, now: u64, begin: u64) {
        let (columns, lines) = terminal::size().unwrap_or((80, 24));
        let text = frame(links, now, begin, self.frames, columns.into(), lines.into());
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

/// One picture: a line of totals, and the tags, page by page where they do not fit.
fn frame(
    links: &Links,
    now: u64,
    begin: u64,
    frames: usize,
    columns: usize,
    lines: usize,
) -> String {
    let mut text = cursor::MoveTo(0, 0).to_string();
    let mut total = Statistics::new();
    links
        .iter()
        .for_each(|link| total.add(&link.caller.log.statistics));
    let connected = links
        .iter()
        .filter(|link| link.caller.log.connected)
        .count();
    let tags: usize = links.iter().map(|link| link.caller.log.names.len()).sum();
    let room = lines.saturating_sub(4).max(1);
    let pages = tags.div_ceil(room).max(1);
    let page = frames / FRAMES_A_PAGE % pages;

    put(
        &mut text,
        columns,
        &format!(
            "ptk modbus poll  {:.0} s  {connected} of {} devices connected, {tags} tags, page {} of {pages}  (Ctrl-C ends)",
            now.saturating_sub(begin) as f64 / 1e9,
            links.len(),
            page + 1,
        ),
    );
    put(
        &mut text,
        columns,
        &format!(
            "reads {}  bad {}  missed periods {}  latency ms p50 {:.2} p99 {:.2} max {:.2}  lateness ms p99 {:.2}",
            total.reads,
            total.bad,
            total.missed,
            total.latency.value_at_quantile(0.5) as f64 / 1e3,
            total.latency.value_at_quantile(0.99) as f64 / 1e3,
            total.latency.max() as f64 / 1e3,
            total.lateness.value_at_quantile(0.99) as f64 / 1e3,
        ),
    );
    let (device, tag) = widths(links);
    put(
        &mut text,
        columns,
        &format!(
            "{:<device$}  {:<tag$}  {:>16}  {:<8}  {:>7}  quality",
            "device", "tag", "value", "", "age"
        ),
    );
    let all = links.iter().flat_map(|link| {
        let log = &link.caller.log;
        link.caller.poller.tags().iter().map(move |tag| (log, tag))
    });
    for (log, state) in all.skip(page * room).take(room) {
        let id = state.id as usize;
        let name = &log.names[id];
        let shown = log.shown[id].as_ref();
        let value = shown.map_or("-", |shown| shown.text.as_str());
        let age = if shown.is_some() {
            format!("{:.1} s", now.saturating_sub(state.timestamp) as f64 / 1e9)
        } else {
            "-".to_owned()
        };
        let line = format!(
            "{:<device$}  {:<tag$}  {value:>16}  {:<8}  {age:>7}  {}",
            log.name, name.name, name.measure, state.quality
        );
        if state.quality == Quality::Good {
            put(&mut text, columns, &line);
        } else {
            put_red(&mut text, columns, &line);
        }
    }
    let _ = write!(text, "{CLEAR_REST}");
    text
}

/// The widths of the two columns of names.
fn widths(links: &Links) -> (usize, usize) {
    let logs = || links.iter().map(|link| &link.caller.log);
    let device = logs().map(|log| log.name.chars().count()).max();
    let names = logs().flat_map(|log| &log.names);
    let tag = names.map(|name| name.name.chars().count()).max();
    (
        device.unwrap_or(0).clamp(6, 24),
        tag.unwrap_or(0).clamp(3, 32),
    )
}

/// A line, cut to the terminal's width.
fn put(text: &mut String, columns: usize, line: &str) {
    text.extend(line.chars().take(columns));
    let _ = write!(text, "{CLEAR_LINE}\r\n");
}

fn put_red(text: &mut String, columns: usize, line: &str) {
    text.push_str("\x1b[31m");
    text.extend(line.chars().take(columns));
    let _ = write!(text, "\x1b[0m{CLEAR_LINE}\r\n");
}
