//! The load generator for Modbus servers on 127.0.0.1: `modbus_load PORT CONNECTIONS DEPTH REQUESTS [--of PID]`.
//!
//! Each connection sends DEPTH reads of 10 holding registers in one segment, waits for all replies, checks every byte of them, and sends the
//! next, until there were REQUESTS replies in all. Register n must be n. Prints `requests= seconds= p50_us= p99_us=` (of a whole batch); with
//! `--of PID` the processor time of that process meanwhile: `cpu_us=`.
//!
//! One thread, one epoll for all connections: it costs less than any of the servers, so that it is not what is measured.

#[cfg(target_os = "linux")]
mod load;

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    load::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("loads servers through epoll: nothing to load here");
}
