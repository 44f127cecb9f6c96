//! Modbus servers and clients: what a transaction costs.

mod counts;

use std::path::{Path, PathBuf};
use std::process::Command;

use super::build;
use super::server::{LOAD_CORE, Running, SERVER_CORE, field};
use super::spread::Spread;
use crate::tools;

/// `cargo xtask bench modbus`
#[derive(clap::Args)]
pub struct Arguments {
    /// How many times each program is timed.
    #[arg(long, default_value_t = 11)]
    rounds: usize,
    /// Only the servers.
    #[arg(long)]
    servers: bool,
    /// Only the clients and the poller.
    #[arg(long, conflicts_with = "servers")]
    clients: bool,
    /// Only counts, which a busy machine does not move: system calls and instructions of the servers.
    #[arg(long, conflicts_with_all = ["servers", "clients"])]
    counts: bool,
}

/// Connections, requests of a connection in one segment, requests of one timed run.
const LOADS: [(usize, usize, usize); 4] = [
    (1, 1, 5_000),
    (1, 16, 40_000),
    (64, 1, 20_000),
    (64, 16, 100_000),
];

/// A server, and the words before its port.
struct Server {
    name: &'static str,
    program: PathBuf,
    words: Vec<String>,
    /// It gets one of so many of the load's requests: one that takes a hundred times as long need not take that long.
    share: usize,
    /// Whether it answers all of several requests in one segment.
    pipelines: bool,
}

impl Server {
    fn start(&self) -> Result<Running, String> {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        Running::start_with(&[], &self.program, &words, |_| {})
    }
}

pub fn run(arguments: &Arguments) -> Result<(), String> {
    tools::debian(
        &[
            "gcc",
            "libc6-dev",
            "libmodbus-dev",
            "strace",
            "valgrind",
            "util-linux",
        ],
        &[
            "cc",
            "/usr/include/modbus/modbus.h",
            "strace",
            "valgrind",
            "taskset",
        ],
    )?;
    let programs = [
        "modbus_ours",
        "modbus_peers",
        "modbus_load",
        "modbus_clients",
    ];
    let folder = build::rust("benches", &programs)?;
    let rounds = arguments.rounds.max(1);
    let servers = servers(&folder)?;
    if !arguments.servers && !arguments.clients {
        // pymodbus's instructions are those of an interpreter.
        let compiled = &servers[..servers.len() - 1];
        counts::measure(compiled, &folder.join("modbus_load"))?;
    }
    if arguments.counts {
        return Ok(());
    }
    if !arguments.clients {
        for load in LOADS {
            measure_servers(&servers, &folder.join("modbus_load"), load, rounds)?;
        }
    }
    if !arguments.servers {
        // All clients ask the same server, the fastest one.
        measure_clients(&servers[0], &folder.join("modbus_clients"), rounds)?;
        measure_lateness(&servers[1], &folder.join("modbus_clients"), rounds)?;
    }
    Ok(())
}

/// All servers, the one by hand first, ours second and third.
fn servers(folder: &Path) -> Result<Vec<Server>, String> {
    let python = tools::python("pymodbus", &["pymodbus==3.16.1"])?;
    let script = tools::root().join("benches/modbus_pymodbus.py");
    let server = |name, program, words: &[&str]| Server {
        name,
        program,
        words: words.iter().map(ToString::to_string).collect(),
        share: 1,
        pipelines: true,
    };
    let ours = folder.join("modbus_ours");
    let peers = folder.join("modbus_peers");
    let pymodbus = server("pymodbus", python, &[&script.display().to_string()]);
    Ok(vec![
        server(
            "epoll by hand, fixed reply",
            build::c("modbus_epoll", &[])?,
            &[],
        ),
        server("ours, callbacks", ours.clone(), &["callbacks"]),
        server("ours, async", ours, &["async"]),
        server("rmodbus on mio", peers.clone(), &["rmodbus"]),
        server(
            "libmodbus on epoll",
            build::c("modbus_libmodbus", &["-lmodbus"])?,
            &[],
        ),
        server("tokio-modbus", peers, &["tokio-modbus"]),
        Server {
            share: 10,
            // It answers the first one and forgets the others.
            pipelines: false,
            ..pymodbus
        },
    ])
}

fn load(
    program: &Path,
    running: &Running,
    connections: usize,
    depth: usize,
    requests: usize,
) -> Result<String, String> {
    let mut command = Command::new("taskset");
    command.args(["-c", LOAD_CORE]).arg(program);
    for number in [usize::from(running.port), connections, depth, requests] {
        command.arg(number.to_string());
    }
    tools::output(command.args(["--of", &running.process().to_string()]))
}

/// Processor time of the server for each transaction, of each server in turn.
fn measure_servers(
    servers: &[Server],
    program: &Path,
    (connections, depth, requests): (usize, usize, usize),
    rounds: usize,
) -> Result<(), String> {
    let servers: Vec<&Server> = servers
        .iter()
        .filter(|server| depth == 1 || server.pipelines)
        .collect();
    let mut micros = vec![Vec::new(); servers.len()];
    let mut per_second = vec![Vec::new(); servers.len()];
    for round in 0..rounds {
        for turn in 0..servers.len() {
            // Each round begins with another server, so that none always follows the same one.
            let index = (turn + round) % servers.len();
            let requests = requests / servers[index].share;
            let running = servers[index].start()?;
            load(program, &running, connections, depth, requests / 10)?;
            let line = load(program, &running, connections, depth, requests)?;
            let done = field(&line, "requests")?;
            micros[index].push(field(&line, "cpu_us")? / done);
            per_second[index].push(done / field(&line, "seconds")?);
            running.end()?;
        }
    }
    println!(
        "\n10 holding registers, {connections} connections, depth {depth}, {rounds} rounds of {requests} transactions: median (min..max)\n"
    );
    println!(
        "| server | processor time, µs a transaction | ratio to epoll by hand | transactions a second, thousands |"
    );
    println!("|---|---|---|---|");
    for (index, server) in servers.iter().enumerate() {
        let pairs = micros[index].iter().zip(&micros[0]);
        let ratios = pairs.map(|(own, hand)| own / hand);
        println!(
            "| {} | {:.2} | {:.2} | {:.1} |",
            server.name,
            Spread::of(micros[index].iter().copied()),
            Spread::of(ratios),
            Spread::of(per_second[index].iter().map(|count| count / 1_000.0)),
        );
    }
    Ok(())
}

/// Clients to 64 devices on one thread, each in turn. The client is what is measured, so it has the server's core.
fn measure_clients(server: &Server, program: &Path, rounds: usize) -> Result<(), String> {
    const CLIENTS: [(&str, &str); 3] = [
        ("ours, callbacks", "callbacks"),
        ("ours, async", "async"),
        ("tokio-modbus", "tokio-modbus"),
    ];
    const REQUESTS: usize = 32_000;
    let mut micros = vec![Vec::new(); CLIENTS.len()];
    let mut per_second = vec![Vec::new(); CLIENTS.len()];
    for round in 0..rounds {
        for turn in 0..CLIENTS.len() {
            let index = (turn + round) % CLIENTS.len();
            let line = with_client(server, program, CLIENTS[index].1, REQUESTS)?;
            micros[index].push(field(&line, "cpu_us")? / field(&line, "requests")?);
            per_second[index].push(field(&line, "requests")? / field(&line, "seconds")?);
        }
    }
    println!(
        "\nClients of 64 devices on one thread, 10 holding registers, one request in flight for each, {rounds} rounds of {REQUESTS} transactions: median (min..max)\n"
    );
    println!(
        "| client | processor time, µs a transaction | ratio to tokio-modbus | transactions a second, thousands |"
    );
    println!("|---|---|---|---|");
    let theirs = micros[CLIENTS.len() - 1].clone();
    for (index, (name, _)) in CLIENTS.iter().enumerate() {
        let ratios = micros[index]
            .iter()
            .zip(&theirs)
            .map(|(own, other)| own / other);
        println!(
            "| {name} | {:.2} | {:.2} | {:.1} |",
            Spread::of(micros[index].iter().copied()),
            Spread::of(ratios),
            Spread::of(per_second[index].iter().map(|count| count / 1_000.0)),
        );
    }
    Ok(())
}

/// Starts the server on the load's core, and a client on the other one.
fn with_client(
    server: &Server,
    program: &Path,
    what: &str,
    amount: usize,
) -> Result<String, String> {
    let running = server.start()?;
    let process = running.process().to_string();
    tools::succeed(Command::new("taskset").args(["-c", "-p", LOAD_CORE, &process]))?;
    let line = tools::output(
        Command::new("taskset")
            .args(["-c", SERVER_CORE])
            .arg(program)
            .args([what, &running.port.to_string(), &amount.to_string()]),
    )?;
    running.end()?;
    Ok(line)
}

/// How late the reads of 64 pollers begin.
fn measure_lateness(server: &Server, program: &Path, rounds: usize) -> Result<(), String> {
    const SECONDS: usize = 5;
    let lines: Result<Vec<String>, String> = (0..rounds)
        .map(|_| with_client(server, program, "poll", SECONDS))
        .collect();
    let lines = lines?;
    println!(
        "\n64 devices, each read every 10 ms, for {SECONDS} s, {rounds} rounds: median (min..max)\n"
    );
    println!("| reads | missed periods | lateness p50, µs | p99 | max | reply p99, µs |");
    println!("|---|---|---|---|---|---|");
    let column = |name: &str| -> Result<Spread, String> {
        let values: Result<Vec<f64>, String> = lines.iter().map(|line| field(line, name)).collect();
        Ok(Spread::of(values?))
    };
    println!(
        "| {:.0} | {:.0} | {:.1} | {:.1} | {:.1} | {:.1} |",
        column("reads")?,
        column("missed")?,
        column("late_p50_us")?,
        column("late_p99_us")?,
        column("late_max_us")?,
        column("p99_us")?,
    );
    Ok(())
}
