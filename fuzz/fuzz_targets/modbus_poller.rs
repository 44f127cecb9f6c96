//! Arbitrary bytes as tags, answers and times of a poller.
#![no_main]

#[path = "../../protocols/modbus/tests/bodies/mod.rs"]
mod bodies;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| bodies::poller(data));
