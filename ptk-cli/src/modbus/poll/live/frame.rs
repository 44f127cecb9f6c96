//! A picture as a terminal shows it.

use std::fmt::Write;

use crossterm::{cursor, terminal};

use super::picture::{Line, Picture};
use super::view::View;

const CLEAR_LINE: terminal::Clear = terminal::Clear(terminal::ClearType::UntilNewLine);
const CLEAR_REST: terminal::Clear = terminal::Clear(terminal::ClearType::FromCursorDown);

/// What keys do, behind `?`.
const HELP: &str =
    "q quit  p pause  j k arrows PgUp PgDn Home End scroll  s sort  / filter  Esc all  ? close";

/// How many tags fit on a terminal of so many lines: totals take two, the columns' names one, and what was set by keys one.
pub fn room(lines: usize) -> usize {
    lines.saturating_sub(4).max(1)
}

/// Everything, for a terminal of so many columns and lines.
pub fn frame(
    picture: &Picture,
    view: &View,
    keys: bool,
    (columns, lines): (usize, usize),
) -> String {
    let chosen = view.select(&picture.lines);
    let room = room(lines);
    let first = view.first(chosen.len(), room);
    let shown = &chosen[first..chosen.len().min(first + room)];
    let mut text = cursor::MoveTo(0, 0).to_string();
    let from = if shown.is_empty() { 0 } else { first + 1 };
    let head = format!(
        "ptk modbus poll  {:.0} s  {} of {} devices connected, tags {from}-{} of {}  ({} ends{})",
        picture.time as f64 / 1e9,
        picture.connected,
        picture.devices,
        first + shown.len(),
        chosen.len(),
        if keys { "q" } else { "Ctrl-C" },
        if keys { ", ? keys" } else { "" },
    );
    put(&mut text, columns, &head);
    put(&mut text, columns, &picture.totals);
    let (device, tag) = widths(&picture.lines);
    put(
        &mut text,
        columns,
        &format!(
            "{:<device$}  {:<tag$}  {:>16}  {:<8}  {:>7}  quality",
            "device", "tag", "value", "", "age"
        ),
    );
    for index in shown {
        let line = &picture.lines[*index];
        let age = line.age.map_or_else(
            || "-".to_owned(),
            |age| format!("{:.1} s", age as f64 / 1e9),
        );
        let words = format!(
            "{:<device$}  {:<tag$}  {:>16}  {:<8}  {age:>7}  {}",
            line.device, line.tag, line.value, line.measure, line.quality
        );
        if line.good {
            put(&mut text, columns, &words);
        } else {
            put_red(&mut text, columns, &words);
        }
    }
    let last = u16::try_from(lines.saturating_sub(1)).unwrap_or(u16::MAX);
    let _ = write!(text, "{CLEAR_REST}{}", cursor::MoveTo(0, last));
    // Without a line's end, which would scroll the first line away.
    text.extend(status(view).chars().take(columns));
    text
}

/// What was set by keys.
fn status(view: &View) -> String {
    if view.help {
        return HELP.to_owned();
    }
    let mut words = Vec::new();
    if view.paused {
        words.push("paused".to_owned());
    }
    if view.order != super::view::Order::default() {
        words.push(format!("by {}", view.order.name()));
    }
    if view.typing {
        words.push(format!("/{}_", view.filter));
    } else if !view.filter.is_empty() {
        words.push(format!("/{}", view.filter));
    }
    words.join("  ")
}

/// The widths of the two columns of names.
fn widths(lines: &[Line]) -> (usize, usize) {
    let widest = |of: fn(&Line) -> &str| lines.iter().map(|line| of(line).chars().count()).max();
    (
        widest(|line| &line.device).unwrap_or(0).clamp(6, 24),
        widest(|line| &line.tag).unwrap_or(0).clamp(3, 32),
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
