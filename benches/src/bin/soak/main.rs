//! Hours of bad weather in as many minutes as one likes: `soak [MINUTES]`.
//!
//! A server with 1,000 timers and an echo for 1,000 connections on one thread, its clients on another, both on loops of this project. Each
//! client behaves as chance has it: in order, byte by byte, stalling, never reading until it resets, or resetting at once; when one has
//! ended another takes its place. At the end everything must have come back (lost), no source, descriptor or timer be left over
//! (leaked), and each timer have been told in the first turn after its deadline, its own deadline, once (late). Exits with 1 otherwise.

mod client;
mod server;
mod timers;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use ptk_core::event_loop::{EventLoop, Remote};

/// Connections, and timers.
pub const CROWD: usize = 1_000;

static SERVER: Remote = Remote::new();

/// What went wrong, by kind: all zero in a good run.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Faults {
    /// Bytes that did not come back, or came back wrong; connections that failed without having been reset by us.
    pub lost: u64,
    /// Sources, descriptors, timers that were left over.
    pub leaked: u64,
    /// Timers that were told a turn too late, at another time than theirs, twice, or after they had been cancelled; periods not accounted for.
    pub late: u64,
}

fn main() -> ExitCode {
    let minutes = match std::env::args().nth(1).map(|word| word.parse::<f64>()) {
        None => 1.0,
        Some(Ok(minutes)) if minutes > 0.0 && minutes < 10_000.0 => minutes,
        Some(_) => {
            eprintln!("usage: soak [MINUTES]");
            return ExitCode::from(2);
        }
    };
    raise_descriptor_limit();
    match soak(Duration::from_secs_f64(minutes * 60.0)) {
        Ok(faults) if faults == Faults::default() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}

fn soak(duration: Duration) -> Result<Faults, ptk_core::Error> {
    // What the system keeps for the whole process, it has from the first loop on.
    drop(EventLoop::<1>::with_remote(&SERVER)?);
    let before = open_descriptors();
    let begin = Instant::now();
    let (server, address, end) = server::Running::start(&SERVER)?;
    let (server, client) = std::thread::scope(|scope| {
        let server = std::thread::Builder::new()
            .stack_size(64 << 20)
            .spawn_scoped(scope, move || server.run())
            .expect("a thread");
        let client = client::run(address, duration);
        end.raise(1).expect("the server is there until then");
        (server.join().expect("the server does not panic"), client)
    });
    let (server, client) = (server?, client?);
    let mut faults = server.faults;
    faults.lost += client.lost;
    faults.leaked += client.leaked;
    if let (Some(before), Some(after)) = (before, open_descriptors()) {
        faults.leaked += after.saturating_sub(before) as u64;
    }
    println!(
        "seconds={:.0} connections={} in_order={} resets={} bytes={} most_unsent={} timers={} periods_missed={} lateness: {}",
        begin.elapsed().as_secs_f64(),
        client.connections,
        client.in_order,
        client.resets,
        client.bytes,
        server.most_unsent,
        server.timers,
        server.missed,
        server.lateness,
    );
    println!(
        "lost={} leaked={} late={}",
        faults.lost, faults.leaked, faults.late
    );
    Ok(faults)
}

/// As many descriptors as the system lets this process have: both ends of each connection are here.
fn raise_descriptor_limit() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let wanted = hard.min(8_192).max(soft);
        let _ = setrlimit(Resource::RLIMIT_NOFILE, wanted, hard);
    }
}

/// How many descriptors are open, where the system tells.
fn open_descriptors() -> Option<usize> {
    Some(std::fs::read_dir("/dev/fd").ok()?.count())
}
