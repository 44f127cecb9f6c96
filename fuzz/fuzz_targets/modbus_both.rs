//! Arbitrary bytes as operations on both machines and the network between them.
#![no_main]

#[path = "../../protocols/modbus/tests/bodies/mod.rs"]
mod bodies;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| bodies::both(data));
