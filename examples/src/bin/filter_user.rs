//! USER: events that the program itself triggers, and the waker, which works where the system has no USER.

use std::error::Error;
use std::thread;

use kqueue_safe::filter::UserOperation;
use kqueue_safe::{Capabilities, EventBuffer, EventKind, Kqueue, Token, User};

fn main() -> Result<(), Box<dyn Error>> {
    let kq = Kqueue::new()?;
    let mut events: EventBuffer = EventBuffer::new();

    if Capabilities::probe()?.user_events {
        // Triggers merge until the event is collected; each leaves its bit.
        let event = User::new(1).clear();
        let token = Token::new(0, 0);
        kq.apply_one(event.add(token))?;
        for bit in [0b001, 0b010, 0b100] {
            kq.apply_one(event.operation(UserOperation::Or(bit)).trigger(token))?;
        }
        for event in kq.wait(&mut events, None)? {
            if let EventKind::User { notes, .. } = event.kind() {
                println!("one event, bits {notes:#b}");
            }
        }
    } else {
        println!("this kernel has no user events");
    }

    // From any thread and from a signal handler.
    let waker = kq.waker(2, Token::new(1, 0))?;
    println!(
        "the waker is a {}",
        if waker.is_user_event() {
            "user event"
        } else {
            "pipe"
        }
    );
    let thread = thread::spawn(move || waker.wake().map(|()| waker));
    let event = kq.wait(&mut events, None)?.next().ok_or("no event")?;
    println!("woken by {:?}", event.token());
    thread.join().map_err(|_| "the thread panicked")??;
    Ok(())
}
