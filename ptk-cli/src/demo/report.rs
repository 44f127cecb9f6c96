//! The demo's figures, for people and for programs.

use std::fmt;
use std::time::Duration;

use ptk_core::event_loop::Counters;
use ptk_core::histogram::Summary;
use serde_json::{Value, json};

pub struct Report {
    pub clients: u16,
    pub seconds: f64,
    pub transactions: u64,
    pub failures: u64,
    pub latency: Summary,
    pub ticks: Summary,
    pub missed_ticks: u64,
    pub device: Counters,
    pub client: Counters,
    pub requests: u64,
    pub allocations: u64,
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn events_per_wait(counters: &Counters) -> f64 {
    counters.events as f64 / counters.turns.max(1) as f64
}

impl Report {
    fn per_second(&self) -> f64 {
        self.transactions as f64 / self.seconds
    }

    pub fn json(&self) -> Value {
        let times = |summary: &Summary| {
            json!({
                "count": summary.count,
                "min": micros(summary.min),
                "p50": micros(summary.p50),
                "p90": micros(summary.p90),
                "p99": micros(summary.p99),
                "p999": micros(summary.p999),
                "max": micros(summary.max),
            })
        };
        json!({
            "clients": self.clients,
            "seconds": self.seconds,
            "transactions": self.transactions,
            "transactions_per_second": self.per_second(),
            "failures": self.failures,
            "latency_us": times(&self.latency),
            "timer_lateness_us": times(&self.ticks),
            "missed_ticks": self.missed_ticks,
            "device_requests": self.requests,
            "device_waits": self.device.turns,
            "device_events_per_wait": events_per_wait(&self.device),
            "client_waits": self.client.turns,
            "client_events_per_wait": events_per_wait(&self.client),
            "allocations_since_start": self.allocations,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |f: &mut fmt::Formatter<'_>, name: &str, summary: &Summary| {
            writeln!(
                f,
                "{name:<28}{:>10.1}{:>10.1}{:>10.1}{:>10.1}{:>12.1}",
                micros(summary.p50),
                micros(summary.p90),
                micros(summary.p99),
                micros(summary.p999),
                micros(summary.max)
            )
        };
        writeln!(f, "clients                     {:>10}", self.clients)?;
        writeln!(f, "transactions                {:>10}", self.transactions)?;
        writeln!(f, "transactions per second     {:>10.0}", self.per_second())?;
        writeln!(f, "failed transactions         {:>10}", self.failures)?;
        writeln!(
            f,
            "events per wait, device     {:>10.2}",
            events_per_wait(&self.device)
        )?;
        writeln!(
            f,
            "events per wait, clients    {:>10.2}",
            events_per_wait(&self.client)
        )?;
        writeln!(f, "allocations since start     {:>10}", self.allocations)?;
        writeln!(
            f,
            "\n{:<28}{:>10}{:>10}{:>10}{:>10}{:>12}",
            "microseconds", "p50", "p90", "p99", "p99.9", "max"
        )?;
        row(f, "latency of a transaction", &self.latency)?;
        row(f, "lateness of a 1 ms timer", &self.ticks)?;
        writeln!(
            f,
            "\nticks {}, periods missed {}",
            self.ticks.count, self.missed_ticks
        )
    }
}
