//! The load generator for echo servers on 127.0.0.1.
//!
//! - `echo_load run PORT CONNECTIONS REQUESTS`: each connection sends 64 bytes, waits for all of them, checks them, and sends the next, until there were
//!   REQUESTS answers in all. Prints `requests= seconds= p50_us= p99_us=`. Add `--of PID` for the processor time of that
//!   process meanwhile: `cpu_us=`.
//! - `echo_load hold PORT CONNECTIONS`: one exchange on each connection, then prints HELD and keeps them open until its standard input ends.
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
