//! kqueue-linux beside raw epoll, eventfd and timerfd: the same operations in one process, in turn.
//!
//! ```text
//! cargo run --release -p benches --bin kqueue_linux             # everything, as the tables of the crate's README
//! cargo run --release -p benches --bin kqueue_linux -- time     # ratios of time, with their spread
//! cargo run --release -p benches --bin kqueue_linux -- calls    # system calls per operation, counted by strace
//! cargo run --release -p benches --bin kqueue_linux -- instructions   # user instructions per operation, by callgrind
//! cargo run --release -p benches --bin kqueue_linux -- memory   # bytes per registration and per kqueue
//! cargo run --release -p benches --bin kqueue_linux -- once user kqueue 64 100000   # one operation, so many times
//! ```
#![cfg_attr(not(target_os = "linux"), allow(dead_code, unused_imports))]

#[cfg(target_os = "linux")]
mod count;
#[cfg(target_os = "linux")]
mod kernel;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod operations;
#[cfg(target_os = "linux")]
mod time;

#[cfg(target_os = "linux")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    kernel::raise_descriptor_limit();
    match words.as_slice() {
        [] => {
            time::report();
            count::system_calls();
            count::instructions();
            memory::report();
        }
        ["time"] => time::report(),
        ["calls"] => count::system_calls(),
        ["instructions"] => count::instructions(),
        ["memory"] => memory::report(),
        ["once", operation, side, registrations, times] => operations::once(
            operation,
            side,
            registrations.parse().expect("registrations"),
            times.parse().expect("times"),
        ),
        _ => {
            eprintln!(
                "usage: kqueue_linux [time | calls | instructions | memory | once OPERATION SIDE REGISTRATIONS TIMES]"
            );
            std::process::exit(2);
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("measures kqueue-linux: nothing to measure here");
}
