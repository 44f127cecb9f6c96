//! What the sockets of `ptk-core` cost above the C library's own calls, in instructions.
//!
//! Without arguments it measures: for each operation it runs itself under callgrind, raw and typed, with N and with 2N rounds, and prints the
//! instructions of a round (the difference, divided by N) and how many more the typed side needs. Instructions of user space only. It
//! fails when `send` and `receive` together need more than 24 more.
//!
//! `cargo run --release -p benches --bin net_instructions` (needs valgrind).
//!
//! For Linux, where valgrind and the C library's names for `errno` are.

#[cfg(target_os = "linux")]
mod measure;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    measure::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("net_instructions: measures on Linux");
}
