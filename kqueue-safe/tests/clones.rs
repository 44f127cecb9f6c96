//! A queue lives until its last descriptor is closed, whichever goes first and whoever holds it: clones, wakers, descriptors that were given away.

use std::os::fd::{AsFd, AsRawFd, FromRawFd, IntoRawFd, OwnedFd};
use std::time::Duration;

use kqueue_safe::{EventBuffer, Kqueue, Read, Timer, Token, Waker};

/// What is registered through one must be told through the other.
fn is_the_same(one: &Kqueue, other: &Kqueue) {
    let token = Token::new(5, 5);
    one.apply_one(Timer::new(9).after(Duration::ZERO).add(token))
        .unwrap();
    let mut events = EventBuffer::<4>::new();
    while !other
        .wait(&mut events, None)
        .unwrap()
        .any(|event| event.token() == token)
    {}
}

/// What was registered before its clones came and went is still there.
fn still_tells_of(kq: &Kqueue, token: Token) {
    let mut events = EventBuffer::<4>::new();
    let mut told = kq.wait(&mut events, None).unwrap();
    assert!(told.any(|event| event.token() == token));
}

fn readable() -> (OwnedFd, std::io::PipeWriter) {
    let (reader, mut writer) = std::io::pipe().unwrap();
    std::io::Write::write_all(&mut writer, b"x").unwrap();
    (reader.into(), writer)
}

#[test]
fn a_clone_that_was_never_used_keeps_the_registrations() {
    let (reader, _writer) = readable();
    let kq = Kqueue::new().unwrap();
    kq.apply_one(Read::new(reader.as_fd()).add(Token::new(1, 1)))
        .unwrap();
    let clone = kq.try_clone().unwrap();
    drop(kq);
    still_tells_of(&clone, Token::new(1, 1));
}

#[test]
fn the_last_of_very_many_clones_keeps_the_registrations() {
    let (reader, _writer) = readable();
    let kq = Kqueue::new().unwrap();
    kq.apply_one(Read::new(reader.as_fd()).add(Token::new(1, 1)))
        .unwrap();
    let mut clones: Vec<Kqueue> = (0..40).map(|_| kq.try_clone().unwrap()).collect();
    drop(kq);
    let last = clones.pop().unwrap();
    for (at, clone) in clones.into_iter().enumerate() {
        if at % 2 == 0 {
            is_the_same(&clone, &last);
        }
        drop(clone);
        still_tells_of(&last, Token::new(1, 1));
    }
    is_the_same(&last, &last.try_clone().unwrap());
}

#[test]
fn a_clone_that_goes_takes_nothing_along() {
    let (reader, _writer) = readable();
    let kq = Kqueue::new().unwrap();
    kq.apply_one(Read::new(reader.as_fd()).add(Token::new(1, 1)))
        .unwrap();
    drop(kq.try_clone().unwrap());
    still_tells_of(&kq, Token::new(1, 1));
}

#[test]
fn a_descriptor_that_is_given_away_and_taken_back_is_the_same_queue() {
    let (reader, _writer) = readable();
    let kq = Kqueue::new().unwrap();
    kq.apply_one(Read::new(reader.as_fd()).add(Token::new(1, 1)))
        .unwrap();
    let number = kq.as_raw_fd();
    let fd = OwnedFd::from(kq);
    assert_eq!(fd.as_raw_fd(), number);
    let kq = Kqueue::from(fd);
    still_tells_of(&kq, Token::new(1, 1));
    let raw = kq.into_raw_fd();
    // SAFETY: it has just been given away, to here.
    let kq = Kqueue::from(unsafe { OwnedFd::from_raw_fd(raw) });
    still_tells_of(&kq, Token::new(1, 1));
}

#[test]
fn a_duplicate_made_by_others_keeps_the_queue_from_when_it_is_taken_over() {
    let (reader, _writer) = readable();
    let kq = Kqueue::new().unwrap();
    kq.apply_one(Read::new(reader.as_fd()).add(Token::new(1, 1)))
        .unwrap();
    let other = Kqueue::from(kq.as_fd().try_clone_to_owned().unwrap());
    drop(kq);
    still_tells_of(&other, Token::new(1, 1));
}

#[test]
fn a_descriptor_that_is_no_queue_may_be_taken_over_and_is_closed() {
    let (reader, mut writer) = readable();
    let no_queue = Kqueue::from(reader);
    assert!(
        no_queue
            .apply_one(Timer::new(1).after(Duration::ZERO).add(Token::new(1, 1)))
            .is_err()
    );
    drop(no_queue);
    assert_eq!(
        std::io::Write::write(&mut writer, b"x").unwrap_err().kind(),
        std::io::ErrorKind::BrokenPipe
    );
}

#[test]
fn wakers_go_before_the_queue_or_after_it() {
    for before in [true, false] {
        let kq = Kqueue::new().unwrap();
        let wakers: Vec<Waker> = (0..20)
            .map(|ident| kq.waker(ident, Token::new(ident as u32, 1)).unwrap())
            .collect();
        let mut events = EventBuffer::<4>::new();
        for waker in &wakers {
            waker.wake().unwrap();
            let event = *kq.wait(&mut events, None).unwrap().next().unwrap();
            assert_eq!(event.token(), waker.token());
        }
        if before {
            drop(wakers);
            is_the_same(&kq, &kq);
        } else {
            // Nobody hears them any more; that is no error.
            drop(kq);
            for waker in &wakers {
                waker.wake().unwrap();
            }
        }
    }
}

#[test]
fn a_clone_waits_in_a_thread_while_the_first_one_goes() {
    let kq = Kqueue::new().unwrap();
    let waker = kq.waker(1, Token::new(3, 3)).unwrap();
    let clone = kq.try_clone().unwrap();
    let waiter = std::thread::spawn(move || still_tells_of(&clone, Token::new(3, 3)));
    drop(kq);
    waker.wake().unwrap();
    waiter.join().unwrap();
}
