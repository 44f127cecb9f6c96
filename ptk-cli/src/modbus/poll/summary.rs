//! The summary at the end of a poll, for people and for programs.

use std::fmt;

use hdrhistogram::Histogram;
use serde_json::{Value, json};

use super::statistics::Statistics;

/// What became of one device.
pub struct DeviceSummary {
    pub name: String,
    pub address: String,
    pub tags: usize,
    pub groups: usize,
    pub bad_tags: usize,
    pub statistics: Statistics,
}

/// What became of the poll.
pub struct Summary {
    pub seconds: f64,
    pub devices: Vec<DeviceSummary>,
    pub total: Statistics,
    pub dropped_rows: u64,
}

impl Summary {
    pub fn new(seconds: f64, devices: Vec<DeviceSummary>, dropped_rows: u64) -> Self {
        let mut total = Statistics::new();
        devices
            .iter()
            .for_each(|device| total.add(&device.statistics));
        Self {
            seconds,
            devices,
            total,
            dropped_rows,
        }
    }

    /// Whether each read worked and no period was missed.
    pub fn is_flawless(&self) -> bool {
        let Statistics {
            bad, missed, good, ..
        } = &self.total;
        *bad == 0 && *missed == 0 && *good > 0 && self.dropped_rows == 0
    }

    fn tags(&self) -> usize {
        self.devices.iter().map(|device| device.tags).sum()
    }

    fn groups(&self) -> usize {
        self.devices.iter().map(|device| device.groups).sum()
    }

    pub fn json(&self) -> Value {
        let devices = self.devices.iter().map(|device| {
            let mut object = json!({
                "name": device.name,
                "address": device.address,
                "tags": device.tags,
                "groups": device.groups,
                "bad_tags": device.bad_tags,
            });
            merge(&mut object, figures(&device.statistics));
            object
        });
        let mut object = json!({
            "seconds": self.seconds,
            "tags": self.tags(),
            "dropped_rows": self.dropped_rows,
            "devices": devices.collect::<Vec<_>>(),
        });
        merge(&mut object, figures(&self.total));
        object
    }
}

fn merge(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

fn figures(statistics: &Statistics) -> Value {
    let times = |histogram: &Histogram<u32>| {
        json!({
            "count": histogram.len(),
            "p50": histogram.value_at_quantile(0.5),
            "p90": histogram.value_at_quantile(0.9),
            "p99": histogram.value_at_quantile(0.99),
            "max": histogram.max(),
        })
    };
    json!({
        "reads": statistics.reads,
        "good": statistics.good,
        "bad": statistics.bad,
        "missed_periods": statistics.missed,
        "missed_without_connection": statistics.missed_without_connection,
        "connections": statistics.connections,
        "errors": statistics.errors,
        "latency_us": times(&statistics.latency),
        "lateness_us": times(&statistics.lateness),
    })
}

/// Microseconds as milliseconds.
fn milliseconds(microseconds: u64) -> String {
    format!("{:.2}", microseconds as f64 / 1000.0)
}

fn row(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    tags: usize,
    groups: usize,
    statistics: &Statistics,
) -> fmt::Result {
    let (latency, lateness) = (&statistics.latency, &statistics.lateness);
    writeln!(
        f,
        "{name:<18} {tags:>5} {groups:>6} {:>8} {:>6} {:>6} {:>4} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
        statistics.reads,
        statistics.bad,
        statistics.missed,
        statistics.connections,
        milliseconds(latency.value_at_quantile(0.5)),
        milliseconds(latency.value_at_quantile(0.9)),
        milliseconds(latency.value_at_quantile(0.99)),
        milliseconds(latency.max()),
        milliseconds(lateness.value_at_quantile(0.99)),
        milliseconds(lateness.max()),
    )
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:.1} s, {} devices, {} tags; times in milliseconds",
            self.seconds,
            self.devices.len(),
            self.tags()
        )?;
        writeln!(
            f,
            "{:<18} {:>5} {:>6} {:>8} {:>6} {:>6} {:>4} {:>35} {:>17}",
            "", "", "", "", "", "", "", "latency                    ", "lateness   "
        )?;
        writeln!(
            f,
            "{:<18} {:>5} {:>6} {:>8} {:>6} {:>6} {:>4} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
            "device",
            "tags",
            "groups",
            "reads",
            "bad",
            "missed",
            "conn",
            "p50",
            "p90",
            "p99",
            "max",
            "p99",
            "max"
        )?;
        for device in &self.devices {
            row(
                f,
                &device.name,
                device.tags,
                device.groups,
                &device.statistics,
            )?;
        }
        row(f, "total", self.tags(), self.groups(), &self.total)?;
        for device in &self.devices {
            for (kind, count) in &device.statistics.errors {
                writeln!(f, "error  {}: {kind}: {count}", device.name)?;
            }
        }
        if self.total.missed_without_connection > 0 {
            writeln!(
                f,
                "{} of the missed periods passed without a connection",
                self.total.missed_without_connection
            )?;
        }
        if self.dropped_rows > 0 {
            writeln!(
                f,
                "{} rows were dropped: whoever reads them is too slow",
                self.dropped_rows
            )?;
        }
        Ok(())
    }
}
