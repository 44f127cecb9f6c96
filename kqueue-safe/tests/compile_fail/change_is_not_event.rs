//! What goes to the kernel and what comes from it are different types.

use kqueue_safe::{Change, ChangeList, Event, EventBuffer, Kqueue};

fn submit(kq: &Kqueue, changes: &mut ChangeList<'_, 4>, event: &Event, change: Change<'static>) {
    let _ = changes.push(*event);
    let _ = change.kind();
    let mut events = EventBuffer::<4>::new();
    let _ = kq.apply(&mut events);
}

fn main() {}
