//! The queue against a plain `Vec`, and its edges.

extern crate std;

use std::vec::Vec;

use super::SendQueue;
use crate::error::{Error, ErrorKind, Table};
use crate::net::Sent;

#[test]
fn whole_or_not_at_all() {
    let mut storage = [0; 4];
    let mut queue = SendQueue::new(&mut storage);
    queue.push(b"abc").unwrap();
    assert_eq!(
        queue.push(b"de").unwrap_err().kind(),
        ErrorKind::TableFull(Table::SendQueue)
    );
    assert_eq!(queue.push(b"defgh").unwrap_err(), Error::TOO_LARGE);
    assert_eq!(queue.unsent(), b"abc");

    queue.push(b"d").unwrap();
    assert_eq!((queue.unsent(), queue.free()), (&b"abcd"[..], 0));
}

#[test]
fn room_is_found_by_moving() {
    let mut storage = [0; 4];
    let mut queue = SendQueue::new(&mut storage);
    queue.push(b"abcd").unwrap();
    queue.sent(3);
    queue.push(b"efg").unwrap();
    assert_eq!(queue.unsent(), b"defg");
}

#[test]
fn reading_stops_below_the_reserve() {
    let mut storage = [0; 8];
    let mut queue = SendQueue::with_reserve(&mut storage, 4);
    assert!(queue.wants_read() && !queue.wants_write());
    queue.push(b"abcde").unwrap();
    assert!(!queue.wants_read() && queue.wants_write());
    queue.sent(1);
    assert!(queue.wants_read());
    queue.sent(100);
    assert!(queue.is_empty() && !queue.wants_write());
    assert_eq!(queue.high_water(), 5);
}

#[test]
fn an_answer_written_in_place_counts_when_committed() {
    let mut storage = [0; 8];
    let mut queue = SendQueue::new(&mut storage);
    queue.reserve(5).unwrap().copy_from_slice(b"hello");
    assert!(queue.is_empty());
    queue.commit(4);
    assert_eq!(queue.unsent(), b"hell");
    queue.commit(usize::MAX);
    assert_eq!(queue.free(), 0);
}

#[test]
fn a_failed_send_takes_nothing() {
    let mut storage = [0; 8];
    let mut queue = SendQueue::new(&mut storage);
    assert_eq!(queue.flush(|_| unreachable!()), Ok(Sent::All(0)));
    queue.push(b"abc").unwrap();
    assert_eq!(queue.flush(|_| Err(Error::RESET)), Err(Error::RESET));
    assert_eq!(queue.flush(|_| Ok(Sent::WouldBlock)), Ok(Sent::WouldBlock));
    assert_eq!(queue.unsent(), b"abc");
    assert_eq!(queue.flush(|_| Ok(Sent::Partial(2))), Ok(Sent::Partial(2)));
    assert_eq!(queue.unsent(), b"c");
}

#[test]
fn storage_without_room() {
    let mut queue = SendQueue::with_reserve(&mut [], 10);
    assert_eq!(queue.push(b"a"), Err(Error::TOO_LARGE));
    assert_eq!(queue.push(b""), Ok(()));
    queue.sent(1);
    queue.commit(1);
    assert!(queue.is_empty());
}

#[test]
fn like_a_vec() {
    let mut storage = [0; 37];
    let mut queue = SendQueue::new(&mut storage);
    let mut model: Vec<u8> = Vec::new();
    let mut state = 7_u64;
    let mut next = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % below
    };
    for round in 0..20_000_u32 {
        let length = next(40) as usize;
        if next(2) == 0 {
            let bytes: Vec<u8> = (0..length)
                .map(|index| (round as usize + index) as u8)
                .collect();
            if queue.push(&bytes).is_ok() {
                model.extend(&bytes);
            } else {
                assert!(model.len() + length > 37);
            }
        } else {
            queue.sent(length);
            model.drain(..length.min(model.len()));
        }
        assert_eq!(queue.unsent(), model);
        assert_eq!(queue.free(), 37 - model.len());
    }
}
