//! 7 to 16: adding again, enabling and disabling, the one-time kinds, and what a small room does.

use crate::support::*;
use crate::table::check;

pub fn b07_adding_again_replaces_udata_data_and_notes() {
    let queue = Queue::new();
    let (one, other) = socket_pair();
    write(&other, 5);
    let lowat = kqueue_sys::NOTE_LOWAT as u32;
    assert_eq!(queue.put(&one, READ, ADD, lowat, 10, 1), "OK");
    assert_eq!(queue.soon(), "none");
    assert_eq!(queue.put(&one, READ, ADD, lowat, 5, 2), "OK");
    assert_eq!(queue.next(), "READ(u2 data=5)");
    assert_eq!(queue.put(&one, READ, ADD, lowat, 6, 3), "OK");
    assert_eq!(queue.soon(), "none");
    assert_eq!(queue.put(&one, READ, ADD, 0, 0, 4), "OK");
    assert_eq!(queue.next(), "READ(u4 data=5)");
}

pub fn b07_adding_again_keeps_clear_oneshot_and_dispatch() {
    let queue = Queue::new();
    let (reader, writer) = pipe();
    write(&writer, 1);
    queue.add(&reader, READ, 0, 1);
    queue.add(&reader, READ, CLEAR, 2);
    check(
        "b07 added again with CLEAR",
        &queue.next(),
        "READ(u2 data=1)",
    );
    check(
        "b07 added again with CLEAR, second",
        &queue.soon(),
        "READ(u2 data=1)",
    );
    queue.delete(&reader, READ);
    queue.add(&reader, READ, CLEAR, 3);
    queue.add(&reader, READ, 0, 4);
    check(
        "b07 added again without CLEAR",
        &queue.next(),
        "READ(u4 data=1 CLEAR)",
    );
    check(
        "b07 added again without CLEAR, second",
        &queue.soon(),
        "none",
    );
    queue.delete(&reader, READ);
    queue.add(&reader, READ, 0, 5);
    queue.add(&reader, READ, ONESHOT, 6);
    check(
        "b07 ADD|ONESHOT of a level one",
        &queue.next(),
        "READ(u6 data=1)",
    );
    check(
        "b07 ADD|ONESHOT of a level one, second",
        &queue.soon(),
        "READ(u6 data=1)",
    );
    queue.delete(&reader, READ);
    queue.add(&reader, READ, ONESHOT, 7);
    queue.add(&reader, READ, 0, 8);
    check(
        "b07 ADD of a oneshot one",
        &queue.next(),
        "READ(u8 data=1 ONESHOT)",
    );
    check("b07 ADD of a oneshot one, second", &queue.soon(), "none");
}

pub fn b07_adding_again_does_not_enable() {
    let queue = Queue::new();
    let (reader, writer) = pipe();
    write(&writer, 1);
    queue.add(&reader, READ, DISABLE, 1);
    queue.add(&reader, READ, 0, 2);
    check("b07 ADD of a disabled one", &queue.soon(), "none");
}

pub fn b08_added_disabled_stays_silent() {
    let queue = Queue::new();
    let (reader, writer) = pipe();
    queue.add(&reader, READ, DISABLE, 1);
    write(&writer, 1);
    assert_eq!(queue.soon(), "none");
    assert_eq!(queue.put(&reader, READ, ENABLE, 0, 0, 2), "OK");
    assert_eq!(queue.next(), "READ(u2 data=1)");
}

pub fn b09_disable_drops_a_queued_event() {
    let queue = Queue::new();
    let (reader, writer) = pipe();
    queue.add(&reader, READ, 0, 1);
    write(&writer, 1);
    assert_eq!(queue.put(&reader, READ, DISABLE, 0, 0, 1), "OK");
    assert_eq!(queue.soon(), "none");
    assert_eq!(queue.put(&reader, READ, ENABLE, 0, 0, 1), "OK");
    assert_eq!(queue.next(), "READ(u1 data=1)");
}

pub fn b10_enable_looks_again_and_replaces_udata() {
    let queue = Queue::new();
    let (reader, writer) = pipe();
    write(&writer, 1);
    queue.add(&reader, READ, CLEAR, 1);
    assert_eq!(queue.next(), "READ(u1 data=1 CLEAR)");
    assert_eq!(queue.put(&reader, READ, ENABLE, 0, 0, 1), "OK");
    check(
        "b10 an enabled one, collected before",
        &queue.soon(),
        "READ(u1 data=1 CLEAR)",
    );
    queue.put(&reader, READ, DISABLE, 0, 0, 1);
    queue.put(&reader, READ, ENABLE, 0, 0, 1);
    check(
        "b10 DISABLE then ENABLE",
        &queue.soon(),
        "READ(u1 data=1 CLEAR)",
    );
    queue.put(&reader, READ, DISABLE, 0, 0, 4);
    queue.put(&reader, READ, ENABLE, 0, 0, 5);
    check(
        "b10 ENABLE replaces udata",
        &queue.soon(),
        "READ(u5 data=1 CLEAR)",
    );
}

pub fn b11_dispatch_disables_on_delivery() {
    let queue = Queue::new();
    let (reader, writer) = pipe();
    write(&writer, 1);
    queue.add(&reader, READ, DISPATCH, 1);
    assert_eq!(queue.next(), "READ(u1 data=1 DISPATCH)");
    assert_eq!(queue.soon(), "none");
    write(&writer, 1);
    assert_eq!(queue.soon(), "none");
    assert_eq!(queue.put(&reader, READ, ENABLE, 0, 0, 2), "OK");
    assert_eq!(queue.next(), "READ(u2 data=2 DISPATCH)");
    assert_eq!(queue.soon(), "none");
    queue.add(&reader, READ, DISPATCH, 3);
    check("b11 ADD|DISPATCH", &queue.soon(), "none");
    assert_eq!(queue.delete(&reader, READ), "OK");
}

pub fn b12_oneshot_deletes_on_delivery() {
    let queue = Queue::new();
    let (reader, writer) = pipe();
    write(&writer, 1);
    queue.add(&reader, READ, ONESHOT, 1);
    assert_eq!(queue.next(), "READ(u1 data=1 ONESHOT)");
    assert_eq!(queue.soon(), "none");
    assert_eq!(queue.delete(&reader, READ), "ENOENT");
    assert_eq!(queue.put(&reader, READ, ENABLE, 0, 0, 1), "ENOENT");
    queue.add(&reader, READ, 0, 2);
    assert_eq!(queue.next(), "READ(u2 data=1)");
    assert_eq!(queue.next(), "READ(u2 data=1)");
}

pub fn b13_clear_resets_data_and_user_notes_survive() {
    let (trigger, copy) = (
        kqueue_sys::NOTE_TRIGGER as u32,
        kqueue_sys::NOTE_FFCOPY as u32,
    );
    let queue = Queue::new();
    if !crate::user::exists(&queue) {
        return;
    }
    queue.put(1, USER, ADD | CLEAR, 0, 11, 1);
    assert_eq!(queue.put(1, USER, 0, trigger, 22, 2), "OK");
    check(
        "b13 data and udata of the trigger",
        &queue.next(),
        "USER(u2 data=22 CLEAR)",
    );
    assert_eq!(queue.put(1, USER, 0, trigger, 0, 3), "OK");
    check("b13 data is reset", &queue.next(), "USER(u3 data=0 CLEAR)");
    assert_eq!(queue.put(1, USER, 0, copy | trigger | 5, 0, 3), "OK");
    assert_eq!(queue.next(), "USER(u3 data=0 CLEAR ff=0x5)");
    assert_eq!(queue.soon(), "none");
    assert_eq!(queue.put(1, USER, 0, trigger, 0, 3), "OK");
    check(
        "b13 notes survive",
        &queue.next(),
        "USER(u3 data=0 CLEAR ff=0x5)",
    );
}

pub fn b14_the_condition_is_checked_again_at_retrieval() {
    let queue = Queue::new();
    for flags in [0, CLEAR, ONESHOT] {
        let (reader, writer) = pipe();
        queue.add(&reader, READ, flags, 1);
        write(&writer, 5);
        read(&reader, 5);
        assert_eq!(queue.soon(), "none", "flags {flags:#x}");
        assert_eq!(
            queue.delete(&reader, READ),
            "OK",
            "an event that did not come uses nothing up"
        );
    }
}

/// One event at a time, so many calls: the udata of each, 0 for none.
fn one_by_one(queue: &Queue, calls: usize) -> String {
    let seen = (0..calls).map(|_| {
        queue
            .raw(&[], 1, QUIET)
            .expect("wait")
            .first()
            .map_or(0, |event| event.udata as usize)
    });
    seen.map(|udata| udata.to_string())
        .collect::<Vec<_>>()
        .join(" ")
}

pub fn b15_level_events_rotate_when_the_room_is_small() {
    for (flags, step, expected) in [
        (0, "b15 level, six calls", "1 2 3 1 2 3"),
        (CLEAR, "b15 CLEAR, five calls", "1 2 3 0 0"),
    ] {
        let queue = Queue::new();
        let pipes = [pipe(), pipe(), pipe()];
        (1..)
            .zip(&pipes)
            .for_each(|(number, (reader, _))| queue.add(reader, READ, flags, number));
        pipes
            .iter()
            .for_each(|(_, writer)| assert_eq!(write(writer, 1), 1));
        let calls = expected.split(' ').count();
        check(step, &one_by_one(&queue, calls), expected);
    }
}

pub fn b16_an_event_that_did_not_fit_comes_next_time() {
    let queue = Queue::new();
    let (one, other) = socket_pair();
    write(&other, 1);
    let sorted = |calls| {
        let mut seen: Vec<String> = one_by_one(&queue, calls)
            .split(' ')
            .map(str::to_owned)
            .collect();
        seen.sort();
        seen.join(" ")
    };
    queue.add(&one, READ, 0, 1);
    queue.add(&one, WRITE, 0, 2);
    check("b16 level, six calls", &sorted(6), "1 1 1 2 2 2");
    queue.delete(&one, READ);
    queue.delete(&one, WRITE);
    queue.add(&one, READ, CLEAR, 1);
    queue.add(&one, WRITE, CLEAR, 2);
    assert_eq!(sorted(4), "0 0 1 2");
}
