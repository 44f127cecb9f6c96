//! `ptk demo`: a Modbus device and polling clients in one process, and what they did.
//!
//! Two threads, each with a loop of the toolkit: the device, and all clients. From the moment that the clients begin to connect nothing
//! in the process allocates; the allocator counts.

mod clients;
mod device;
mod progress;
mod report;

use std::alloc::System;
use std::time::Duration;

use kqueue_safe::Exclusive;
use ptk_core::event_loop::EventLoop;
use ptk_core::histogram::Histogram;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use crate::arguments::Demo;
use crate::failure::Failure;
use crate::output;
use clients::Clients;
use report::Report;

/// The most clients. Each has a source and a timer; besides there are the end, the tick and the progress.
const MOST_CLIENTS: usize = 256;
const TIMERS: usize = MOST_CLIENTS + 3;

/// The latencies of all transactions, and the latenesses of a tick of 1 ms.
static LATENCIES: Exclusive<Histogram> = Exclusive::new(Histogram::new());
static LATENESSES: Exclusive<Histogram> = Exclusive::new(Histogram::new());

pub fn run(arguments: &Demo) -> Result<(), Failure> {
    let failure = |error: ptk_core::Error| Failure::new("demo", error);
    let duration = Duration::from_secs(arguments.seconds);
    let device = device::start(usize::from(arguments.clients)).map_err(failure)?;
    let address = device.address;

    let mut latencies = LATENCIES.try_borrow().expect("one demo in this process");
    let mut latenesses = LATENESSES.try_borrow().expect("one demo in this process");
    let mut event_loop: EventLoop<MOST_CLIENTS, TIMERS> = EventLoop::new().map_err(failure)?;
    let mut clients = Clients::new(
        usize::from(arguments.clients),
        address,
        duration,
        &mut latencies,
        &mut latenesses,
    );
    output::note(format_args!(
        "a Modbus device on {address} and {} clients that read 10 holding registers, {} s",
        arguments.clients, arguments.seconds
    ));

    let allocator: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;
    let since_start = Region::new(allocator);
    clients.start(&mut event_loop.context()).map_err(failure)?;
    event_loop.run(&mut clients).map_err(failure)?;
    let allocations = since_start.change().allocations as u64;

    let served = device.stop().map_err(failure)?;
    let outcome = clients.outcome();
    if outcome.transactions == 0 {
        return Err(Failure::new("demo", "no transaction succeeded"));
    }
    let report = Report {
        clients: arguments.clients,
        seconds: outcome.elapsed.as_secs_f64(),
        transactions: outcome.transactions,
        failures: outcome.failures,
        latency: latencies.snapshot(),
        ticks: latenesses.snapshot(),
        missed_ticks: outcome.missed_ticks,
        device: served.counters,
        client: event_loop.counters(),
        requests: served.requests,
        allocations,
    };
    if arguments.json {
        output::line(report.json())
    } else {
        output::print(&report.to_string())
    }
}
