//! One picture of the table.

use std::fmt::Write;

use crossterm::{cursor, terminal};
use ptk_modbus::poller::Quality;

use super::super::statistics::{Overall, Statistics};
use super::Links;

const CLEAR_LINE: terminal::Clear = terminal::Clear(terminal::ClearType::UntilNewLine);
const CLEAR_REST: terminal::Clear = terminal::Clear(terminal::ClearType::FromCursorDown);

/// Two lines of totals, and the tags, page by page where they do not fit; `size` is columns and lines.
pub fn frame(
    links: &Links,
    overall: &Overall,
    now: u64,
    begin: u64,
    page: usize,
    (columns, lines): (usize, usize),
) -> String {
    let tags: usize = links.iter().map(|link| link.caller.log.names.len()).sum();
    let room = lines.saturating_sub(4).max(1);
    let pages = tags.div_ceil(room).max(1);
    let page = page % pages;
    let mut text = cursor::MoveTo(0, 0).to_string();
    let logs = || links.iter().map(|link| &link.caller.log);
    let line = format!(
        "ptk modbus poll  {:.0} s  {} of {} devices connected, {tags} tags, page {} of {pages}  (Ctrl-C ends)",
        now.saturating_sub(begin) as f64 / 1e9,
        logs().filter(|log| log.connected).count(),
        links.len(),
        page + 1,
    );
    put(&mut text, columns, &line);
    put(&mut text, columns, &totals(links, overall));
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

fn totals(links: &Links, overall: &Overall) -> String {
    let sum = |of: fn(&Statistics) -> u64| -> u64 {
        links
            .iter()
            .map(|link| of(&link.caller.log.statistics))
            .sum()
    };
    let (latency, lateness) = (overall.latency.borrow(), overall.lateness.borrow());
    let milliseconds = |microseconds: u64| microseconds as f64 / 1e3;
    format!(
        "reads {}  bad {}  missed periods {}  latency ms p50 {:.2} p99 {:.2} max {:.2}  lateness ms p99 {:.2}",
        sum(|statistics| statistics.reads),
        sum(|statistics| statistics.bad),
        sum(|statistics| statistics.missed),
        milliseconds(latency.value_at_quantile(0.5)),
        milliseconds(latency.value_at_quantile(0.99)),
        milliseconds(latency.max()),
        milliseconds(lateness.value_at_quantile(0.99)),
    )
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
