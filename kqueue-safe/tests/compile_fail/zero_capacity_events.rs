//! A buffer without room for an event.

use kqueue_safe::{EventBuffer, Exclusive};

static EVENTS: Exclusive<EventBuffer<0>> = Exclusive::new(EventBuffer::new());

fn main() {
    let _ = EVENTS.try_borrow();
}
