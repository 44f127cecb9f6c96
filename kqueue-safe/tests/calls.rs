//! The four calls: what is applied, what is returned, how long they wait.

use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use kqueue_safe::{
    ChangeList, Errno, Error, EventBuffer, EventFlags, EventKind, Filter, Kqueue, Read, Timer,
    Token, Write,
};

const AT_ONCE: Option<Duration> = Some(Duration::ZERO);

fn pair() -> (UnixStream, UnixStream) {
    let (a, b) = UnixStream::pair().unwrap();
    a.set_nonblocking(true).unwrap();
    b.set_nonblocking(true).unwrap();
    (a, b)
}

#[test]
fn a_read_event_says_how_much_there_is_and_when_the_other_end_is_gone() {
    let kq = Kqueue::new().unwrap();
    let (mut here, mut there) = pair();
    let token = Token::new(5, 9);
    kq.apply_one(Read::new(here.as_fd()).add(token)).unwrap();

    let mut events = EventBuffer::<4>::new();
    assert!(kq.wait(&mut events, AT_ONCE).unwrap().is_empty());

    there.write_all(b"seven b").unwrap();
    let event = kq.wait(&mut events, None).unwrap().next().unwrap();
    assert_eq!(
        (event.token(), event.filter(), event.ident()),
        (token, Filter::READ, here.as_raw_fd() as usize)
    );
    assert_eq!(
        (
            event.data(),
            event.is_eof(),
            event.is_error(),
            event.errno()
        ),
        (7, false, false, None)
    );
    assert_eq!(
        event.kind(),
        EventKind::Read {
            available: 7,
            eof: false,
            errno: None
        }
    );

    drop(there);
    let event = kq.wait(&mut events, None).unwrap().next().unwrap();
    assert!(event.is_eof());
    assert_eq!(event.data(), 7, "the bytes are still there");
    let mut bytes = [0; 16];
    assert_eq!(here.read(&mut bytes).unwrap(), 7);
    let event = kq.wait(&mut events, None).unwrap().next().unwrap();
    assert_eq!(
        event.kind(),
        EventKind::Read {
            available: 0,
            eof: true,
            errno: None
        }
    );
}

#[test]
fn without_count_the_event_still_comes() {
    let kq = Kqueue::new().unwrap();
    let (here, mut there) = pair();
    kq.apply_one(
        Read::new(here.as_fd())
            .without_count()
            .add(Token::new(0, 0)),
    )
    .unwrap();
    there.write_all(b"x").unwrap();
    let mut events = EventBuffer::<4>::new();
    assert_eq!(kq.wait(&mut events, None).unwrap().len(), 1);
    drop(there);
    assert!(kq.wait(&mut events, None).unwrap().next().unwrap().is_eof());
}

#[test]
fn changes_and_wait_are_one_call_and_the_list_is_empty_afterwards() {
    let kq = Kqueue::new().unwrap();
    let (here, _there) = pair();
    let mut changes = ChangeList::<4>::new();
    let mut events = EventBuffer::<4>::new();
    changes
        .push(Write::new(here.as_fd()).add(Token::new(1, 0)))
        .unwrap();
    changes
        .push(
            Timer::new(1)
                .after(Duration::from_millis(1))
                .add(Token::new(2, 0)),
        )
        .unwrap();

    let mut seen = [false; 3];
    while !(seen[1] && seen[2]) {
        for event in kq.apply_and_wait(&mut changes, &mut events, None).unwrap() {
            seen[event.token().slot() as usize] = true;
        }
        assert!(changes.is_empty());
    }
}

#[test]
fn receipts_tell_each_change_by_its_index() {
    let kq = Kqueue::new().unwrap();
    let (here, there) = pair();
    let mut changes = ChangeList::<5>::new();
    changes
        .push(Read::new(here.as_fd()).add(Token::new(0, 0)))
        .unwrap();
    changes
        .push(
            Write::new(here.as_fd())
                .delete()
                .with_token(Token::new(1, 0)),
        )
        .unwrap();
    changes
        .push(Read::new(there.as_fd()).add(Token::new(2, 0)))
        .unwrap();
    changes
        .push(Timer::new(1).disable().with_token(Token::new(3, 0)))
        .unwrap();
    changes
        .push(
            Read::new(here.as_fd())
                .disable()
                .with_token(Token::new(4, 0)),
        )
        .unwrap();

    let receipts = kq.apply(&mut changes).unwrap();
    assert_eq!(receipts.len(), 5);
    assert_eq!(
        receipts.first_failure().map(|receipt| receipt.index()),
        Some(1)
    );
    for receipt in receipts {
        let expected = match receipt.index() {
            1 | 3 => Err(Errno::ENOENT),
            _ => Ok(()),
        };
        assert_eq!(receipt.result(), expected, "{receipt:?}");
        assert_eq!(receipt.token(), Token::new(receipt.index() as u32, 0));
    }
    assert!(changes.is_empty());
    assert_eq!(kq.apply(&mut changes).unwrap().len(), 0);

    // A list of one has a receipt, too, whether it is applied or refused.
    for expected in [Ok(()), Err(Errno::ENOENT)] {
        changes.push(Read::new(here.as_fd()).delete()).unwrap();
        let results: Vec<_> = kq
            .apply(&mut changes)
            .unwrap()
            .map(|receipt| receipt.result())
            .collect();
        assert_eq!(results, [expected]);
    }
}

#[test]
fn a_change_that_is_refused_in_the_middle_is_an_entry_with_an_index_and_the_others_are_applied() {
    let kq = Kqueue::new().unwrap();
    let (here, mut there) = pair();
    there.write_all(b"x").unwrap();
    let mut changes = ChangeList::<3>::new();
    let mut events = EventBuffer::<3>::new();
    changes
        .push(Read::new(here.as_fd()).add(Token::new(0, 0)))
        .unwrap();
    changes
        .push(Timer::new(9).delete().with_token(Token::new(1, 0)))
        .unwrap();
    changes
        .push(Write::new(here.as_fd()).add(Token::new(2, 0)))
        .unwrap();

    let mut batch = kq.apply_and_wait(&mut changes, &mut events, None).unwrap();
    let refused = *batch.next().unwrap();
    assert!(
        batch.next().is_none(),
        "the entries of refused changes come alone"
    );
    assert_eq!(
        refused.kind(),
        EventKind::ChangeFailed {
            errno: Errno::ENOENT
        }
    );
    assert_eq!(refused.errno(), Some(Errno::ENOENT));
    assert_eq!(changes.index_of(&refused), Some(1));

    let batch = kq.wait(&mut events, None).unwrap();
    assert_eq!(batch.len(), 2, "{batch:?}");
    assert_eq!(
        changes.index_of(&batch.as_slice()[0]),
        None,
        "an event is not a refusal"
    );
}

#[test]
fn less_room_than_changes_is_an_answer_and_nothing_is_applied() {
    let kq = Kqueue::new().unwrap();
    let (here, _there) = pair();
    let mut changes = ChangeList::<2>::new();
    let mut events = EventBuffer::<1>::new();
    changes
        .push(Write::new(here.as_fd()).add(Token::new(0, 0)))
        .unwrap();
    changes
        .push(Read::new(here.as_fd()).add(Token::new(1, 0)))
        .unwrap();
    let refused = kq
        .apply_and_wait(&mut changes, &mut events, AT_ONCE)
        .unwrap_err();
    assert_eq!(
        refused,
        Error::NoRoom {
            changes: 2,
            room: 1
        }
    );
    assert_eq!(changes.len(), 2);
    assert!(kq.wait(&mut events, AT_ONCE).unwrap().is_empty());
}

#[test]
fn stale_events_are_out_of_sight() {
    let kq = Kqueue::new().unwrap();
    let (here, _there) = pair();
    let mut events = EventBuffer::<8>::new();
    kq.apply_one(Write::new(here.as_fd()).oneshot().add(Token::new(0, 0)))
        .unwrap();
    assert_eq!(kq.wait(&mut events, None).unwrap().len(), 1);
    assert_eq!(kq.wait(&mut events, AT_ONCE).unwrap().as_slice().len(), 0);
}

#[test]
fn a_wait_is_never_shorter_than_asked_for() {
    let kq = Kqueue::new().unwrap();
    let mut events = EventBuffer::<1>::new();
    for wait in [
        Duration::from_nanos(1),
        Duration::from_micros(900),
        Duration::from_millis(30),
    ] {
        let start = Instant::now();
        assert!(kq.wait(&mut events, Some(wait)).unwrap().is_empty());
        // A clock may be coarse (an emulated machine's above all): the wait is not shorter by more than the clock's own step.
        let step = if cfg!(target_os = "linux") {
            Duration::ZERO
        } else {
            Duration::from_millis(20)
        };
        assert!(start.elapsed() + step >= wait, "{wait:?}");
    }
}

#[test]
fn the_longest_timeout_is_taken() {
    let kq = Kqueue::new().unwrap();
    let mut events = EventBuffer::<1>::new();
    kq.apply_one(
        Timer::new(0)
            .after(Duration::from_millis(1))
            .add(Token::new(0, 0)),
    )
    .unwrap();
    assert_eq!(kq.wait(&mut events, Some(Duration::MAX)).unwrap().len(), 1);
}

#[test]
fn small_buffers_take_what_fits_and_the_rest_comes_next_time() {
    let kq = Kqueue::new().unwrap();
    let pairs: Vec<_> = (0..3).map(|_| pair()).collect();
    for (slot, (here, _)) in pairs.iter().enumerate() {
        kq.apply_one(
            Write::new(here.as_fd())
                .oneshot()
                .add(Token::new(slot as u32, 0)),
        )
        .unwrap();
    }
    let mut events = EventBuffer::<2>::new();
    let mut seen = [0; 3];
    let mut left = 3;
    while left > 0 {
        for event in kq.wait(&mut events, AT_ONCE).unwrap() {
            seen[event.token().slot() as usize] += 1;
            left -= 1;
        }
    }
    assert_eq!(seen, [1; 3]);
}

#[test]
fn adding_again_replaces_the_token_and_no_option() {
    let kq = Kqueue::new().unwrap();
    let (here, _there) = pair();
    let mut events = EventBuffer::<2>::new();
    kq.apply_one(Write::new(here.as_fd()).clear().add(Token::new(1, 0)))
        .unwrap();
    assert_eq!(kq.wait(&mut events, AT_ONCE).unwrap().len(), 1);
    kq.apply_one(Write::new(here.as_fd()).add(Token::new(2, 0)))
        .unwrap();
    let event = *kq.wait(&mut events, AT_ONCE).unwrap().next().unwrap();
    assert_eq!(event.token(), Token::new(2, 0));
    assert!(event.flags().contains(EventFlags::CLEAR));
    assert!(
        kq.wait(&mut events, AT_ONCE).unwrap().is_empty(),
        "still CLEAR"
    );

    // What changes the option: delete and add in one list.
    let mut changes = ChangeList::<2>::new();
    changes.push(Write::new(here.as_fd()).delete()).unwrap();
    changes
        .push(Write::new(here.as_fd()).add(Token::new(3, 0)))
        .unwrap();
    assert_eq!(
        kq.apply_and_wait(&mut changes, &mut events, AT_ONCE)
            .unwrap()
            .len(),
        1
    );
    assert_eq!(kq.wait(&mut events, AT_ONCE).unwrap().len(), 1, "level now");
}

#[test]
fn a_kqueue_inside_a_kqueue_reads_as_its_pending_events() {
    let (outer, inner) = (Kqueue::new().unwrap(), Kqueue::new().unwrap());
    let (here, _there) = pair();
    outer
        .apply_one(Read::new(inner.as_fd()).add(Token::new(7, 0)))
        .unwrap();
    let mut events = EventBuffer::<2>::new();
    assert!(outer.wait(&mut events, AT_ONCE).unwrap().is_empty());
    inner
        .apply_one(Write::new(here.as_fd()).add(Token::new(8, 0)))
        .unwrap();
    assert_eq!(
        outer
            .wait(&mut events, None)
            .unwrap()
            .next()
            .unwrap()
            .token(),
        Token::new(7, 0)
    );
    assert_eq!(
        inner
            .wait(&mut events, None)
            .unwrap()
            .next()
            .unwrap()
            .token(),
        Token::new(8, 0)
    );
}

#[test]
fn a_clone_is_the_same_queue() {
    let kq = Kqueue::new().unwrap();
    let (here, _there) = pair();
    let other = kq.try_clone().unwrap();
    assert_ne!(kq.as_raw_fd(), other.as_raw_fd());
    other
        .apply_one(Write::new(here.as_fd()).add(Token::new(1, 1)))
        .unwrap();
    let mut events = EventBuffer::<2>::new();
    assert_eq!(
        kq.wait(&mut events, None).unwrap().next().unwrap().token(),
        Token::new(1, 1)
    );
    drop(kq);
    assert_eq!(other.wait(&mut events, None).unwrap().len(), 1);
}

#[test]
fn the_descriptor_is_close_on_exec() {
    let kq = Kqueue::new().unwrap();
    for queue in [&kq, &kq.try_clone().unwrap()] {
        // SAFETY: integers only, on an open descriptor.
        let flags = unsafe { libc::fcntl(queue.as_raw_fd(), libc::F_GETFD) };
        assert_eq!(flags & libc::FD_CLOEXEC, libc::FD_CLOEXEC);
    }
}

#[test]
fn waiting_is_possible_from_several_threads_and_changes_from_others() {
    let kq = Kqueue::new().unwrap();
    let (here, _there) = pair();
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            let mut events = EventBuffer::<1>::new();
            kq.wait(&mut events, None).unwrap().next().unwrap().token()
        });
        kq.apply_one(Write::new(here.as_fd()).oneshot().add(Token::new(3, 1)))
            .unwrap();
        assert_eq!(waiter.join().unwrap(), Token::new(3, 1));
    });
}
