//! The clients, all on one loop, and the timers beside them.

use std::net::SocketAddr;
use std::time::Duration;

use ptk_core::Error;
use ptk_core::event_loop::{Context, Event, Handler, Kind};
use ptk_core::histogram::Histogram;
use ptk_core::time::Instant;
use ptk_modbus::client::{self, Client, Config};
use ptk_modbus::codec::{Request, Response};
use ptk_modbus::glue::{Caller, Link};

use super::progress::Progress;

/// The owners of the timers; the clients are those from 0.
const END: u32 = 1000;
const TICK: u32 = 1001;
const PROGRESS: u32 = 1002;

const TICK_PERIOD: Duration = Duration::from_millis(1);
const PROGRESS_PERIOD: Duration = Duration::from_millis(250);

/// Reads ten registers, and again as soon as they are there.
struct Poller {
    asked: u64,
    /// The latest latency, until it is counted.
    latency: Option<u64>,
    failures: u64,
}

impl Caller<1> for Poller {
    fn told(&mut self, now: u64, event: client::Event<'_>) {
        match event {
            client::Event::Connected => {}
            client::Event::Reply {
                response: Response::ReadHoldingRegisters(_),
                requested,
                ..
            } => self.latency = Some(now.saturating_sub(requested)),
            client::Event::Reply { .. }
            | client::Event::Failed { .. }
            | client::Event::Disconnected(_) => self.failures += 1,
        }
    }

    fn ask(&mut self, now: u64, client: &mut Client<1>) -> Option<u64> {
        if client.ready(now).is_ok() {
            let request = Request::ReadHoldingRegisters {
                address: 0,
                quantity: 10,
            };
            match client.request(now, 1, &request, self.asked) {
                Ok(()) => self.asked += 1,
                Err(_) => self.failures += 1,
            }
        }
        None
    }
}

/// All clients: the handler of their loop.
pub struct Clients<'h> {
    links: Vec<Link<Poller, 1>>,
    latencies: &'h mut Histogram,
    latenesses: &'h mut Histogram,
    progress: Progress,
    duration: Duration,
    begin: Instant,
    end: Instant,
    transactions: u64,
    missed_ticks: u64,
}

/// What the clients did.
pub struct Outcome {
    pub elapsed: Duration,
    pub transactions: u64,
    pub failures: u64,
    pub missed_ticks: u64,
}

impl<'h> Clients<'h> {
    pub fn new(
        count: usize,
        device: SocketAddr,
        duration: Duration,
        latencies: &'h mut Histogram,
        latenesses: &'h mut Histogram,
    ) -> Self {
        let link = |index: usize| {
            let poller = Poller {
                asked: 0,
                latency: None,
                failures: 0,
            };
            Link::new(device, Config::DEFAULT, index as u64, index as u32, poller)
        };
        Self {
            links: (0..count).map(link).collect(),
            latencies,
            latenesses,
            progress: Progress::new(duration),
            duration,
            begin: Instant::ZERO,
            end: Instant::ZERO,
            transactions: 0,
            missed_ticks: 0,
        }
    }

    pub fn start(&mut self, cx: &mut Context) -> Result<(), Error> {
        self.begin = cx.now();
        cx.start_timer(self.duration, END, 0u16)?;
        cx.start_periodic(TICK_PERIOD, TICK, 0u16)?;
        cx.start_periodic(PROGRESS_PERIOD, PROGRESS, 0u16)?;
        for link in &mut self.links {
            link.start(cx);
        }
        Ok(())
    }

    pub fn outcome(&self) -> Outcome {
        Outcome {
            elapsed: self.end.saturating_duration_since(self.begin),
            transactions: self.transactions,
            failures: self.links.iter().map(|link| link.caller.failures).sum(),
            missed_ticks: self.missed_ticks,
        }
    }
}

impl Handler for Clients<'_> {
    fn on_event(&mut self, cx: &mut Context, event: Event) {
        match (event.owner, event.kind) {
            (END, _) => {
                self.end = cx.now();
                self.progress.finish();
                cx.stop();
            }
            (
                TICK,
                Kind::Timer {
                    deadline, missed, ..
                },
            ) => {
                self.missed_ticks += u64::from(missed);
                let late = cx.now().saturating_duration_since(deadline);
                self.latenesses.record(late);
            }
            (PROGRESS, _) => {
                let elapsed = cx.now().saturating_duration_since(self.begin);
                self.progress.show(elapsed, self.transactions);
            }
            (owner, _) => {
                let Some(link) = self.links.get_mut(owner as usize) else {
                    return cx.note_unhandled();
                };
                link.on_event(cx, event);
                if let Some(latency) = link.caller.latency.take() {
                    self.latencies.record_nanos(latency);
                    self.transactions += 1;
                }
            }
        }
    }
}
