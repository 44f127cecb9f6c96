//! Options that other systems have, on Linux.

use kqueue_safe::{EventFlags, ProcessNotes, Timer, VnodeNotes};

fn main() {
    let _ = VnodeNotes::TRUNCATE; // OpenBSD
    let _ = ProcessNotes::EXITSTATUS; // macOS
    let _ = ProcessNotes::FORK; // every system but this one
    let _ = EventFlags::KEEPUDATA; // FreeBSD
    let _ = Timer::new(1).after(core::time::Duration::ZERO).leeway(core::time::Duration::ZERO); // macOS
    let _ = kqueue_safe::filter::Except::new; // macOS, OpenBSD, DragonFly
}
