//! A table for no timer.

static TIMERS: ptk_core::timer::TimerSlots<0> = ptk_core::timer::TimerSlots::new();

fn main() {}
