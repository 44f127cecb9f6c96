//! What the table tells at one moment, before anything is sorted, left out or cut.

use ptk_modbus::poller::Quality;

use super::super::statistics::{Overall, Statistics};
use super::Links;

/// A tag.
#[derive(Clone, Debug)]
pub struct Line {
    pub device: String,
    pub tag: String,
    pub value: String,
    pub measure: String,
    /// For how long it has had the value, in nanoseconds; `None` while it has none.
    pub age: Option<u64>,
    pub quality: String,
    pub good: bool,
}

/// All tags and the totals.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// Since the poll began, in nanoseconds.
    pub time: u64,
    pub devices: usize,
    pub connected: usize,
    pub totals: String,
    pub lines: Vec<Line>,
}

impl Picture {
    /// Takes it at `now`, of a poll that began at `begin`.
    pub fn take(links: &Links, overall: &Overall, now: u64, begin: u64) -> Self {
        let logs = links.iter().map(|link| &link.caller.log);
        let mut lines = Vec::new();
        for link in links {
            let log = &link.caller.log;
            for state in link.caller.poller.tags() {
                let id = state.id as usize;
                let shown = log.shown[id].as_ref();
                lines.push(Line {
                    device: log.name.clone(),
                    tag: log.names[id].name.clone(),
                    value: shown.map_or("-", |shown| shown.text.as_str()).to_owned(),
                    measure: log.names[id].measure.clone(),
                    age: shown.map(|_| now.saturating_sub(state.timestamp)),
                    quality: state.quality.to_string(),
                    good: state.quality == Quality::Good,
                });
            }
        }
        Self {
            time: now.saturating_sub(begin),
            devices: links.len(),
            connected: logs.filter(|log| log.connected).count(),
            totals: totals(links, overall),
            lines,
        }
    }
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
