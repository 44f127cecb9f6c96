//! `ptk modbus bench`: a closed loop of requests to one server, on one thread.

mod load;
mod report;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use clap::ValueEnum;
use hdrhistogram::Histogram;
use indicatif::ProgressBar;
use ptk_core::event_loop::{Context, Event, EventLoop, Handler};
use ptk_modbus::client::Config;
use ptk_modbus::glue::Link;
use ptk_modbus::{MILLISECOND, SECOND};

use super::host::resolve;
use super::progress;
use crate::arguments::Bench;
use crate::failure::{Code, Failure};
use crate::output;
use load::{DEPTH, Load, Outcome, Question};
use report::Report;

const MOST_CONNECTIONS: usize = 1024;
/// The connections, and two signals.
const SOURCES: usize = MOST_CONNECTIONS + 2;
/// The connections, the end, the bar.
const TIMERS: usize = MOST_CONNECTIONS + 2;
const END: u32 = MOST_CONNECTIONS as u32;
const DRAW: u32 = END + 1;
const DRAW_PERIOD: Duration = Duration::from_millis(100);

/// The loop's handler.
struct Benching {
    links: Vec<Link<Load, DEPTH>>,
    outcome: Rc<RefCell<Outcome>>,
    bar: ProgressBar,
    /// Of how many transactions the bar counts; of the time if it is `None`.
    count: Option<u64>,
    begin: u64,
    end: u64,
    last_error: Option<ptk_core::Error>,
}

impl Benching {
    fn draw(&self, now: u64) {
        let outcome = self.outcome.borrow();
        let done = outcome.latency.len();
        let elapsed = now.saturating_sub(self.begin);
        let rate = done as f64 * 1e9 / elapsed.max(1) as f64;
        let steps = match self.count {
            Some(_) => done,
            None => elapsed / MILLISECOND,
        };
        progress::show(&self.bar, steps, format!("{rate:.0} transactions a second"));
    }
}

impl Handler for Benching {
    fn on_event(&mut self, cx: &mut Context, event: Event) {
        self.end = cx.now().as_nanos();
        match event.owner {
            END => return cx.stop(),
            DRAW => return self.draw(self.end),
            owner => {
                let Some(link) = self.links.get_mut(owner as usize) else {
                    return cx.note_unhandled();
                };
                link.on_event(cx, event);
                self.last_error = link.last_error.or(self.last_error);
            }
        }
        let outcome = self.outcome.borrow();
        if outcome.unfinished == 0 || outcome.hopeless.is_some() {
            cx.stop();
        }
    }
}

pub fn run(arguments: &Bench) -> Result<(), Failure> {
    let question = Rc::new(Question {
        unit: arguments.unit,
        function: arguments.function,
        start: arguments.start,
        quantity: arguments.quantity,
    });
    if question.quantity > question.most() {
        let what = format!("--quantity {}", question.quantity);
        let why = format!("this function takes at most {}", question.most());
        return Err(Failure::usage(what, why));
    }
    if u32::from(question.start) + u32::from(question.quantity) > 65_536 {
        let what = format!("{} points from {}", question.quantity, question.start);
        return Err(Failure::usage(what, "the last address is 65535"));
    }
    let address = resolve(&arguments.device, arguments.port)
        .map_err(|why| Failure::with(Code::NoConnection, &arguments.device, why))?;
    let failure = |error: ptk_core::Error| Failure::new(address, error);
    let mut event_loop: EventLoop<SOURCES, TIMERS> = EventLoop::new().map_err(failure)?;
    event_loop.stop_on_signals().map_err(failure)?;
    let cx = &mut event_loop.context();
    let mut benching = benching(arguments, &question, address, cx.now().as_nanos());
    if arguments.count.is_none() {
        cx.start_timer(arguments.duration, END, 0_u16)
            .map_err(failure)?;
    }
    cx.start_periodic(DRAW_PERIOD, DRAW, 0_u16)
        .map_err(failure)?;
    for link in &mut benching.links {
        link.start(cx);
    }
    event_loop.run(&mut benching).map_err(failure)?;
    benching.bar.finish_and_clear();
    finish(arguments, &benching, address)
}

fn benching(
    arguments: &Bench,
    question: &Rc<Question>,
    address: std::net::SocketAddr,
    now: u64,
) -> Benching {
    let timeout = arguments.timeout.saturating_mul(MILLISECOND);
    let config = Config {
        connect_timeout: timeout,
        request_timeout: timeout,
        frame_timeout: timeout,
        ..Config::DEFAULT
    };
    let wanted = arguments.count.unwrap_or(u64::MAX);
    let outcome = Rc::new(RefCell::new(Outcome {
        // From a microsecond's thousandth to a minute, with three digits: all within what the crate allows.
        latency: Histogram::new_with_max(60 * SECOND, 3).expect("three digits of a minute"),
        errors: BTreeMap::new(),
        connected: 0,
        left: wanted,
        unfinished: wanted,
        hopeless: None,
    }));
    let links = (0..u32::from(arguments.connections)).map(|index| {
        let load = Load {
            question: Rc::clone(question),
            outcome: Rc::clone(&outcome),
            depth: arguments.depth.into(),
        };
        Link::new(address, config, index.into(), index, load)
    });
    let bar = match arguments.count {
        Some(count) => progress::bar(count, "transactions"),
        None => progress::bar(arguments.duration.as_millis() as u64, "ms"),
    };
    Benching {
        links: links.collect(),
        outcome,
        bar,
        count: arguments.count,
        begin: now,
        end: now,
        last_error: None,
    }
}

fn finish(
    arguments: &Bench,
    benching: &Benching,
    address: std::net::SocketAddr,
) -> Result<(), Failure> {
    let outcome = benching.outcome.borrow();
    if let Some(why) = &outcome.hopeless {
        let why = match benching.last_error {
            Some(error) => format!("{why}: {error}"),
            None => why.clone(),
        };
        return Err(Failure::with(Code::NoConnection, address, why));
    }
    let function = arguments.function.to_possible_value();
    let report = Report {
        device: address.to_string(),
        connections: arguments.connections,
        depth: arguments.depth,
        function: function.map_or_else(String::new, |value| value.get_name().to_owned()),
        quantity: arguments.quantity,
        seconds: benching.end.saturating_sub(benching.begin) as f64 / 1e9,
        outcome: &outcome,
    };
    if arguments.json {
        output::line(report.json())?;
    } else {
        output::print(&report.to_string())?;
    }
    if outcome.latency.is_empty() {
        let first = outcome.errors.keys().next();
        let why = first.map_or("the time was too short", String::as_str);
        let exception = first.is_some_and(|kind| kind.starts_with("exception "));
        let code = if exception {
            Code::Exception
        } else {
            Code::NoReply
        };
        return Err(Failure::with(
            code,
            address,
            format!("no transaction succeeded: {why}"),
        ));
    }
    Ok(())
}
