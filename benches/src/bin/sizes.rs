//! The sizes of what a program puts into its statics or on its stack, in bytes.

use ptk_core::event_loop::{EventLoop, Remote};
use ptk_core::histogram::Histogram;
use ptk_core::timer::TimerSlots;

fn main() {
    println!("| type | bytes |");
    println!("|---|---|");
    let rows = [
        (
            "`EventLoop` (64 sources, 32 timers, 64 events)",
            size_of::<EventLoop>(),
        ),
        (
            "`EventLoop<1024, 32, 64>`",
            size_of::<EventLoop<1024, 32, 64>>(),
        ),
        (
            "a loop's source: what each adds to `EventLoop`",
            (size_of::<EventLoop<2048, 32, 64>>() - size_of::<EventLoop<1024, 32, 64>>()) / 1024,
        ),
        ("`TimerSlots<32>`", size_of::<TimerSlots<32>>()),
        ("`TimerSlots<1024>`", size_of::<TimerSlots<1024>>()),
        ("`Remote`", size_of::<Remote>()),
        ("`Histogram`", size_of::<Histogram>()),
    ];
    for (name, size) in rows {
        println!("| {name} | {size} |");
    }
}
