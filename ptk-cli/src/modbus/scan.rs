//! `ptk modbus scan`: who is there. A bounded number of links, each of which visits one host after the other.

mod hosts;
mod probe;

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use std::vec::IntoIter;

use indicatif::ProgressBar;
use ptk_core::event_loop::{Context, Event, EventLoop, Handler};
use ptk_modbus::MILLISECOND;
use ptk_modbus::client::Config;
use ptk_modbus::glue::Link;
use serde_json::{Value, json};

use super::progress;
use crate::arguments::{Format, Scan};
use crate::failure::{Code, Failure};
use crate::output::{self, csv};
use probe::{Found, Probe};

const MOST_LINKS: usize = 512;
/// A link's source each, and two signals.
const SOURCES: usize = MOST_LINKS + 2;
/// A link's timer each, and the bar's.
const TIMERS: usize = MOST_LINKS + 1;
const DRAW: u32 = MOST_LINKS as u32;
const DRAW_PERIOD: Duration = Duration::from_millis(100);

/// The loop's handler.
struct Scanning {
    links: Vec<Link<Probe, 1>>,
    /// Hosts that no link has visited yet.
    left: IntoIter<SocketAddr>,
    busy: usize,
    visited: u64,
    listening: u64,
    found: Vec<Found>,
    bar: ProgressBar,
}

impl Scanning {
    /// While the link's host is done: takes what it found, and goes on to the next.
    fn visit(&mut self, cx: &mut Context, index: usize) {
        while self.links[index].caller.done {
            let link = &mut self.links[index];
            link.stop(cx);
            self.visited += 1;
            self.listening += u64::from(link.caller.listens);
            self.found.append(&mut link.caller.found);
            let Some(host) = self.left.next() else {
                self.busy -= 1;
                if self.busy == 0 {
                    cx.stop();
                }
                // Not done any more, and never started again.
                return link.caller.restart(link.target());
            };
            link.caller.restart(host);
            link.retarget(host);
            link.start(cx);
        }
    }
}

impl Handler for Scanning {
    fn on_event(&mut self, cx: &mut Context, event: Event) {
        if event.owner == DRAW {
            let message = format!("{} units", self.found.len());
            return progress::show(&self.bar, self.visited, message);
        }
        let index = event.owner as usize;
        let Some(link) = self.links.get_mut(index) else {
            return cx.note_unhandled();
        };
        link.on_event(cx, event);
        self.visit(cx, index);
    }
}

pub fn run(arguments: &Scan) -> Result<(), Failure> {
    let mut hosts = Vec::new();
    for word in &arguments.hosts {
        hosts::hosts(word, arguments.port, &mut hosts)?;
    }
    let units: Rc<[u8]> = hosts::units(&arguments.units)?.into();
    let total = hosts.len();
    let failure = |error: ptk_core::Error| Failure::new("scan", error);
    let mut event_loop: EventLoop<SOURCES, TIMERS> = EventLoop::new().map_err(failure)?;
    event_loop.stop_on_signals().map_err(failure)?;
    let mut scanning = scanning(arguments, hosts, &units);
    let cx = &mut event_loop.context();
    cx.start_periodic(DRAW_PERIOD, DRAW, 0_u16)
        .map_err(failure)?;
    for index in 0..scanning.links.len() {
        scanning.links[index].start(cx);
        scanning.visit(cx, index);
    }
    if scanning.busy > 0 {
        event_loop.run(&mut scanning).map_err(failure)?;
    }
    scanning.bar.finish_and_clear();
    finish(arguments, scanning, total)
}

fn scanning(arguments: &Scan, hosts: Vec<SocketAddr>, units: &Rc<[u8]>) -> Scanning {
    let timeout = arguments.timeout.saturating_mul(MILLISECOND);
    let config = Config {
        connect_timeout: arguments.connect_timeout.saturating_mul(MILLISECOND),
        request_timeout: timeout,
        frame_timeout: timeout,
        // A unit that keeps silent says nothing about the next.
        max_timeouts: 0,
        ..Config::DEFAULT
    };
    let bar = progress::bar(hosts.len() as u64, "hosts");
    let mut left = hosts.into_iter();
    let first = left.by_ref().take(arguments.concurrency.into());
    let links = first.enumerate().map(|(index, host)| {
        let probe = Probe::new(host, Rc::clone(units), arguments.identify);
        Link::new(host, config, index as u64, index as u32, probe)
    });
    let links: Vec<_> = links.collect();
    Scanning {
        busy: links.len(),
        links,
        left,
        visited: 0,
        listening: 0,
        found: Vec::new(),
        bar,
    }
}

/// What was found, sorted by address and unit.
fn finish(arguments: &Scan, mut scanning: Scanning, total: usize) -> Result<(), Failure> {
    for link in &mut scanning.links {
        // Hosts that were still being asked when a signal came.
        scanning.found.append(&mut link.caller.found);
    }
    let mut found = scanning.found;
    found.sort_by_key(|found| (found.host, found.unit));
    output::print(&match arguments.format() {
        Format::Text => table(&found, arguments.identify),
        Format::Csv => csv_rows(&found),
        Format::Json => format!("{}\n", json_object(&found, total, scanning.listening)),
    })?;
    output::note(format_args!(
        "ptk: {} of {total} hosts looked at, {} listen, {} units answer",
        scanning.visited,
        scanning.listening,
        found.len()
    ));
    if found.is_empty() {
        let why = "no unit answered";
        return Err(Failure::with(Code::Unsatisfied, "scan", why));
    }
    Ok(())
}

fn milliseconds(found: &Found) -> f64 {
    (found.latency as f64 / 1e4).round() / 100.0
}

fn table(found: &[Found], identify: bool) -> String {
    if found.is_empty() {
        return String::new();
    }
    let mut text = format!("{:<21} {:>4} {:>8}  answer\n", "address", "unit", "ms");
    for found in found {
        text += &format!(
            "{:<21} {:>4} {:>8.2}  {}",
            found.host.to_string(),
            found.unit,
            milliseconds(found),
            found.answer
        );
        if identify {
            let identity = found.identity.as_deref();
            text += &format!("; {}", identity.unwrap_or("no identification"));
        }
        text.push('\n');
    }
    text
}

fn csv_rows(found: &[Found]) -> String {
    let row = |found: &Found| {
        format!(
            "{},{},{},{:.2},{}\n",
            found.host,
            found.unit,
            csv(&found.answer),
            milliseconds(found),
            csv(found.identity.as_deref().unwrap_or(""))
        )
    };
    let rows: String = found.iter().map(row).collect();
    format!("address,unit,answer,milliseconds,identification\n{rows}")
}

fn json_object(found: &[Found], hosts: usize, listening: u64) -> Value {
    let units = found.iter().map(|found| {
        json!({
            "address": found.host.to_string(),
            "unit": found.unit,
            "answer": found.answer,
            "milliseconds": milliseconds(found),
            "identification": found.identity,
        })
    });
    json!({
        "hosts": hosts,
        "listening": listening,
        "units": units.collect::<Vec<_>>(),
    })
}
