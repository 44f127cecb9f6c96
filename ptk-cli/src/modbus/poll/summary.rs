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
    let percentiles = |histogram: &Histogram<u32>| {
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
        "latency_us": percentiles(&statistics.latency),
        "lateness_us": percentiles(&statistics.lateness),
    })
}

/// Microseconds as milliseconds; nothing where nothing was measured.
fn milliseconds(histogram: &Histogram<u32>, microseconds: u64) -> String {
    if histogram.is_empty() {
        return "-".to_owned();
    }
    format!("{:.2}", microseconds as f64 / 1000.0)
}

/// The percentiles of the table.
fn times(statistics: &Statistics) -> [String; 6] {
    let (latency, lateness) = (&statistics.latency, &statistics.lateness);
    let of = |histogram: &Histogram<u32>, quantile| {
        milliseconds(histogram, histogram.value_at_quantile(quantile))
    };
    [
        of(latency, 0.5),
        of(latency, 0.9),
        of(latency, 0.99),
        milliseconds(latency, latency.max()),
        of(lateness, 0.99),
        milliseconds(lateness, lateness.max()),
    ]
}

/// The table's columns, within a hundred characters for names of up to 18.
fn row(f: &mut fmt::Formatter<'_>, width: usize, left: [&str; 7], right: [&str; 6]) -> fmt::Result {
    let [name, tags, groups, reads, bad, missed, connections] = left;
    write!(
        f,
        "{name:<width$} {tags:>5} {groups:>6} {reads:>8} {bad:>5} {missed:>6} {connections:>4} "
    )?;
    for (index, time) in right.iter().enumerate() {
        let space = if index == 4 { "  " } else { "" };
        write!(f, "{space}{time:>7}")?;
    }
    writeln!(f)
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
        let names = self
            .devices
            .iter()
            .map(|device| device.name.chars().count());
        let width = names.max().unwrap_or(0).clamp(6, 18);
        let over = ["", "", "latency", "", "late", ""];
        row(f, width, [""; 7], over)?;
        let heads = ["device", "tags", "groups", "reads", "bad", "missed", "conn"];
        row(f, width, heads, ["p50", "p90", "p99", "max", "p99", "max"])?;
        let devices = self.devices.iter().map(|device| {
            let DeviceSummary {
                name,
                tags,
                groups,
                statistics,
                ..
            } = device;
            (name.as_str(), *tags, *groups, statistics)
        });
        let total = ("total", self.tags(), self.groups(), &self.total);
        for (name, tags, groups, statistics) in devices.chain([total]) {
            let [tags, groups] = [tags, groups].map(|count| count.to_string());
            let Statistics {
                reads,
                bad,
                missed,
                connections,
                ..
            } = statistics;
            let [reads, bad, missed, connections] =
                [reads, bad, missed, connections].map(u64::to_string);
            let left = [name, &tags, &groups, &reads, &bad, &missed, &connections];
            row(
                f,
                width,
                left,
                times(statistics).each_ref().map(String::as_str),
            )?;
        }
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
