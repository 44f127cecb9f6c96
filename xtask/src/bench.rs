//! `cargo xtask bench`: our echo server, timers and Modbus stack beside other people's.
//!
//! ```text
//! cargo xtask bench echo      # processor time, system calls, instructions, allocator calls for each request
//! cargo xtask bench timers    # insert, cancel, fire; lateness of a 1 ms tick
//! cargo xtask bench modbus    # Modbus servers and clients: processor time of a transaction, lateness of a poll
//! cargo xtask bench memory    # private memory with 0 and 1,000 idle connections, sizes of programs
//! ```
//!
//! Builds all servers with optimisation and installs what is missing (Debian's libuv1-dev, libevent-dev, strace, valgrind). Server and load are
//! pinned to different cores; the servers take turns within a round; each figure is the median with its smallest and largest. Counts
//! (system calls, instructions, allocator calls) are the difference between a run of 2N requests and one of N, divided by N. Output is
//! Markdown. Linux only.

mod build;
mod echo;
mod memory;
mod modbus;
mod server;
mod spread;
mod timers;

/// `cargo xtask bench`
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Echo servers: ours with callbacks and with tasks, a hand-written epoll loop, mio, tokio, smol, libuv, libevent.
    Echo(echo::Arguments),
    /// Timers: ours, a plain binary heap, tokio, libuv; ticks beside the kernel's timerfd.
    Timers(timers::Arguments),
    /// Modbus servers and clients: ours, a hand-written epoll loop, libmodbus, rmodbus, tokio-modbus, pymodbus.
    Modbus(modbus::Arguments),
    /// Memory of the echo servers, sizes of the programs.
    Memory,
}

/// Measures and prints.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Err("the measurements read /proc and count with strace: Linux only".into());
    }
    match &arguments.what {
        What::Echo(arguments) => echo::run(arguments),
        What::Timers(arguments) => timers::run(arguments),
        What::Modbus(arguments) => modbus::run(arguments),
        What::Memory => memory::run(),
    }
}
