//! The figures of a bench, for people and for programs.

use std::fmt;

use hdrhistogram::Histogram;
use serde_json::{Value, json};

use super::load::Outcome;

pub struct Report<'o> {
    pub device: String,
    pub connections: u16,
    pub depth: u16,
    pub function: String,
    pub quantity: u16,
    pub seconds: f64,
    pub outcome: &'o Outcome,
}

fn micros(histogram: &Histogram<u64>, quantile: f64) -> f64 {
    histogram.value_at_quantile(quantile) as f64 / 1e3
}

impl Report<'_> {
    fn per_second(&self) -> f64 {
        self.outcome.latency.len() as f64 / self.seconds.max(1e-9)
    }

    fn errors(&self) -> u64 {
        self.outcome.errors.values().sum()
    }

    pub fn json(&self) -> Value {
        let latency = &self.outcome.latency;
        json!({
            "device": self.device,
            "connections": self.connections,
            "depth": self.depth,
            "function": self.function,
            "quantity": self.quantity,
            "seconds": self.seconds,
            "transactions": latency.len(),
            "transactions_per_second": self.per_second(),
            "errors": self.outcome.errors,
            "latency_us": {
                "min": micros(latency, 0.0),
                "mean": latency.mean() / 1e3,
                "p50": micros(latency, 0.5),
                "p90": micros(latency, 0.9),
                "p99": micros(latency, 0.99),
                "p999": micros(latency, 0.999),
                "max": latency.max() as f64 / 1e3,
            },
        })
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let latency = &self.outcome.latency;
        writeln!(
            f,
            "{}: {} connections, {} requests in flight on each, {} of {}",
            self.device, self.connections, self.depth, self.function, self.quantity
        )?;
        writeln!(f, "transactions          {:>12}", latency.len())?;
        writeln!(f, "seconds               {:>12.2}", self.seconds)?;
        writeln!(f, "transactions a second {:>12.0}", self.per_second())?;
        writeln!(f, "errors                {:>12}", self.errors())?;
        writeln!(f, "latency, microseconds")?;
        for (name, quantile) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)] {
            writeln!(f, "  {name:<20}{:>12.1}", micros(latency, quantile))?;
        }
        writeln!(f, "  {:<20}{:>12.1}", "max", latency.max() as f64 / 1e3)?;
        for (kind, count) in &self.outcome.errors {
            writeln!(f, "error  {kind}: {count}")?;
        }
        Ok(())
    }
}
