//! Arbitrary bytes as the change list of `kevent`.
#![no_main]

#[path = "../../kqueue-linux/tests/common/bytes.rs"]
mod bytes;
#[path = "../../kqueue-linux/tests/common/mod.rs"]
mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use libfuzzer_sys::fuzz_target;

static RUNS: AtomicUsize = AtomicUsize::new(0);
static AT_FIRST: AtomicUsize = AtomicUsize::new(0);

fuzz_target!(|data: &[u8]| {
    bytes::run(data);
    // Descriptors are counted now and then: reading the folder is slower than a run.
    match RUNS.fetch_add(1, Ordering::Relaxed) {
        100 => AT_FIRST.store(common::open_descriptors(), Ordering::Relaxed),
        run if run > 100 && run % 1000 == 0 => {
            let now = common::open_descriptors();
            assert!(now <= AT_FIRST.load(Ordering::Relaxed) + 4, "{now} descriptors are open: a leak");
        }
        _ => {}
    }
});
