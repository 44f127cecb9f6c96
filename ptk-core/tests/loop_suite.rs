//! Whole loops: several on their threads, the orderly end, fairness by counts, and hostile peers.
#![cfg(not(loom))]

#[path = "loop_suite/drain.rs"]
mod drain;
#[path = "loop_suite/fairness.rs"]
mod fairness;
#[path = "loop_suite/peers.rs"]
mod peers;
#[path = "loop_suite/several_loops.rs"]
mod several_loops;

/// Long enough for any machine, short enough to notice that nothing comes.
const LONG: std::time::Duration = std::time::Duration::from_secs(60);
