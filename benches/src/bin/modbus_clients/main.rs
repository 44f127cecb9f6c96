//! Modbus clients to 64 devices on one thread, to be measured:
//!
//! - `modbus_clients callbacks|async|tokio-modbus PORT REQUESTS`: each device is asked for 10 holding registers, again as soon as it has
//!   answered. Prints `requests= seconds= cpu_us=`, the last of this process.
//! - `modbus_clients poll PORT SECONDS`: 64 pollers of ours with one tag every 10 ms, their starts spread. Prints lateness and latency:
//!   `reads= missed= late_p50_us= late_p99_us= late_max_us= p99_us=`.
//!
//! All devices are one server, which is told apart by connections only.

mod ours;
mod theirs;

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

/// How many devices.
pub const DEVICES: usize = 64;

/// Processor time of this process, user and system.
fn processor_time() -> Result<Duration, Box<dyn Error>> {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: `usage` is room for one rusage, which the call fills when it answers 0.
    let usage = unsafe {
        if libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) != 0 {
            return Err(std::io::Error::last_os_error().into());
        }
        usage.assume_init()
    };
    let time = |time: libc::timeval| {
        Duration::from_secs(time.tv_sec as u64) + Duration::from_micros(time.tv_usec as u64)
    };
    Ok(time(usage.ru_utime) + time(usage.ru_stime))
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [what, port, amount] = words[..] else {
        return Err("usage: modbus_clients callbacks|async|tokio-modbus|poll PORT AMOUNT".into());
    };
    let target = SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse()?));
    let amount: u64 = amount.parse()?;
    if what == "poll" {
        println!("{}", ours::poll(target, Duration::from_secs(amount))?);
        return Ok(());
    }
    let (begin, before) = (Instant::now(), processor_time()?);
    let requests = match what {
        "callbacks" => ours::callbacks(target, amount)?,
        "async" => ours::tasks(target, amount)?,
        "tokio-modbus" => theirs::tasks(target, amount)?,
        other => return Err(format!("no client `{other}`").into()),
    };
    let micros = (processor_time()? - before).as_micros();
    let seconds = begin.elapsed().as_secs_f64();
    println!("requests={requests} seconds={seconds:.6} cpu_us={micros}");
    Ok(())
}
