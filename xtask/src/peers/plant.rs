//! `ptk modbus poll` on a plant: 20 pymodbus servers, each a process of its own, and 500 tags.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::expect;
use super::process::{Server, finish_within};
use super::programs::Programs;
use crate::tools;

const DEVICES: usize = 20;
/// Of each device: registers of two kinds, bits of two kinds, and numbers over two registers.
const TAGS: u16 = 25;

/// A tag of the poll file and the value that the server has there.
struct Tag {
    name: String,
    table: &'static str,
    register: u16,
    kind: &'static str,
    period: &'static str,
    value: u64,
}

/// Tag number `n` of a device. The servers' points: coil n is n % 3 == 0, discrete input n is n % 2 == 1, input register n is 3 * n,
/// holding register n is 5 * n.
fn tag(n: u16) -> Tag {
    let wide = |factor: u64, at: u16| (factor * u64::from(at)) << 16 | (factor * u64::from(at + 1));
    let (table, register, kind, value) = match n {
        0..=9 => ("holding", 10 + n, "u16", 5 * u64::from(10 + n)),
        10..=14 => ("holding", 40 + 2 * n, "u32", wide(5, 40 + 2 * n)),
        15..=19 => ("input", 7 * n, "u16", 21 * u64::from(n)),
        20..=22 => ("coils", n, "", u64::from(n.is_multiple_of(3))),
        _ => ("discrete", n, "", u64::from(n % 2 == 1)),
    };
    Tag {
        name: format!("{table}-{register}"),
        table,
        register,
        kind,
        period: if n.is_multiple_of(5) { "500ms" } else { "1s" },
        value,
    }
}

fn poll_file(servers: &[(Server, SocketAddr)]) -> String {
    let mut text = "timeout = \"1s\"\n".to_owned();
    for (index, (_, address)) in servers.iter().enumerate() {
        let _ = writeln!(
            text,
            "\n[[device]]\nname = \"device-{index:02}\"\naddress = \"{address}\""
        );
        for n in 0..TAGS {
            let tag = tag(n);
            let _ = write!(
                text,
                "[[device.tag]]\nname = {:?}\ntable = {:?}\nregister = {}\nperiod = {:?}\n",
                tag.name, tag.table, tag.register, tag.period
            );
            if !tag.kind.is_empty() {
                let _ = writeln!(text, "type = {:?}", tag.kind);
            }
        }
    }
    text
}

/// All at once: a Python takes its time to start.
fn servers(programs: &Programs) -> Result<Vec<(Server, SocketAddr)>, String> {
    thread::scope(|scope| {
        let starting: Vec<_> = (0..DEVICES)
            .map(|_| scope.spawn(|| programs.pymodbus_server(&[])))
            .collect();
        starting
            .into_iter()
            .map(|server| {
                server
                    .join()
                    .map_err(|_| "a server's thread ended badly".to_owned())?
            })
            .collect()
    })
}

/// Polls for [`Programs::seconds`]; no period may be missed, no read may fail, and each value must be the right one.
pub fn without_a_missed_period(programs: &Programs) -> Result<(), String> {
    let servers = servers(programs)?;
    let folder = tools::folder().join("peers");
    let [file, rows, summary] =
        ["plant.toml", "plant.csv", "plant.json"].map(|name| folder.join(name));
    fs::write(&file, poll_file(&servers)).map_err(|error| tools::at(&file, &error))?;

    let mut command = programs.ptk(&["modbus", "poll"]);
    command.arg(&file).args(["--output", "csv"]).arg(&rows);
    command.arg("--summary-json").arg(&summary);
    command.args(["--strict", "--duration"]);
    command.arg(format!("{}s", programs.seconds));
    let patience = Duration::from_secs(programs.seconds + 30);
    let finished = finish_within(&mut command, patience)?;
    print!("{}", finished.stderr);
    expect(
        finished.status.success(),
        "a poll without a failed read and without a missed period",
        &finished,
    )?;
    let text = fs::read_to_string(&summary).map_err(|error| tools::at(&summary, &error))?;
    figures(&text, programs.seconds)?;
    let rows_text = fs::read_to_string(&rows).map_err(|error| tools::at(&rows, &error))?;
    values(&rows_text, programs.seconds)
}

fn figures(text: &str, seconds: u64) -> Result<(), String> {
    let summary: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let number = |key: &str| summary[key].as_u64();
    let right = number("tags") == Some(500)
        && summary["devices"].as_array().map(Vec::len) == Some(DEVICES)
        && number("missed_periods") == Some(0)
        && number("bad") == Some(0)
        && number("connections") == Some(DEVICES as u64)
        && summary["seconds"].as_f64() >= Some(seconds as f64);
    expect(right, "20 devices, 500 tags, no fault", &text)
}

/// Every tag was read in every period, and each time its value was the right one.
fn values(rows: &str, seconds: u64) -> Result<(), String> {
    let wanted: HashMap<String, (u64, u64)> = (0..TAGS)
        .map(|n| {
            let tag = tag(n);
            let a_second = if tag.period == "500ms" { 2 } else { 1 };
            (tag.name, (tag.value, a_second))
        })
        .collect();
    let mut readings: HashMap<(&str, &str), u64> = HashMap::new();
    for row in rows.lines().skip(1) {
        let fields: Vec<&str> = row.split(',').collect();
        let [_, device, tag, value, quality] = fields[..] else {
            return Err(format!("not a row of five fields: {row}"));
        };
        let right = wanted
            .get(tag)
            .is_some_and(|(wanted, _)| value.parse() == Ok(*wanted) && quality == "good");
        expect(right, "the server's value", &row)?;
        *readings.entry((device, tag)).or_default() += 1;
    }
    expect(readings.len() == 500, "rows of 500 tags", &readings.len())?;
    for ((device, tag), count) in readings {
        // Devices begin within a second, and the last read may be under way at the end.
        let least = seconds.saturating_sub(2) * wanted[tag].1;
        let told = format!("{count} of {device} {tag}");
        expect(count >= least, &format!("at least {least} readings"), &told)?;
    }
    Ok(())
}
