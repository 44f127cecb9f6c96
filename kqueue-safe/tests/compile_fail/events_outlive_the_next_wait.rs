//! Events of one call cannot be looked at after the next one has begun to overwrite them.

use kqueue_safe::{EventBuffer, Kqueue};

fn main() {
    let kq = Kqueue::new().unwrap();
    let mut events = EventBuffer::<4>::new();
    let first = kq.wait(&mut events, None).unwrap();
    let second = kq.wait(&mut events, None).unwrap();
    println!("{first:?} {second:?}");
}
