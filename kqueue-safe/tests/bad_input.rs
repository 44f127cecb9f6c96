//! Each mistake has its own answer.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::Duration;

use kqueue_safe::{
    Change, ChangeList, Errno, Error, Event, EventBuffer, EventFlags, EventKind, Filter, Kqueue,
    Process, RawEntry, Read, Timer, Token, User, Vnode, VnodeNotes,
};

fn zeroed() -> RawEntry {
    User::new(0).delete().to_raw()
}

#[test]
fn a_descriptor_that_is_not_open_is_ebadf() {
    let kq = Kqueue::new().unwrap();
    // A number that nothing in this process has. Borrowing it is this test's own lie.
    // SAFETY: the number is never used for anything but to be refused.
    let nothing = unsafe { BorrowedFd::borrow_raw(1_000_000) };
    assert_eq!(
        kq.apply_one(Read::new(nothing).add(Token::new(0, 0))),
        Err(Error::System(Errno::EBADF))
    );
}

#[test]
fn what_is_not_registered_is_enoent() {
    let kq = Kqueue::new().unwrap();
    for change in [
        Timer::new(1).delete(),
        Timer::new(1).enable(Token::new(0, 0)),
        Timer::new(1).disable(),
    ] {
        assert_eq!(kq.apply_one(change), Err(Error::System(Errno::ENOENT)));
    }
}

#[test]
fn a_filter_on_the_wrong_kind_of_descriptor_is_refused() {
    let kq = Kqueue::new().unwrap();
    let (reader, _writer) = std::io::pipe().unwrap();
    let refused = kq.apply_one(Vnode::new(reader.as_fd(), VnodeNotes::WRITE).add(Token::new(0, 0)));
    assert!(matches!(refused, Err(Error::System(_))), "{refused:?}");
    // A queue in itself: every system but NetBSD refuses it.
    let in_itself = kq.apply_one(Read::new(kq.as_fd()).add(Token::new(0, 0)));
    assert!(in_itself.is_err() || cfg!(target_os = "netbsd"));
}

#[test]
fn a_process_that_does_not_exist_is_esrch() {
    let kq = Kqueue::new().unwrap();
    let refused = kq.apply_one(Process::exit(i32::MAX as u32).add(Token::new(0, 0)));
    assert_eq!(refused, Err(Error::System(Errno::ESRCH)));
}

#[test]
fn a_full_list_hands_the_change_back() {
    let mut changes = ChangeList::<1>::new();
    changes.push(User::new(1).delete()).unwrap();
    assert!(changes.is_full());
    let handed_back = changes.push(User::new(2).delete()).unwrap_err();
    assert_eq!(Error::from(handed_back), Error::Full);
    assert_eq!(handed_back.into_inner().ident(), 2);
    assert_eq!(changes.len(), 1);
    changes.clear();
    assert!(changes.push(User::new(2).delete()).is_ok());
}

#[test]
fn a_registration_starts_with_an_addition() {
    let kq = Kqueue::new().unwrap();
    assert_eq!(
        kq.register(Timer::new(1).delete()).unwrap_err(),
        Error::NotAnAddition
    );
    let (reader, _writer) = std::io::pipe().unwrap();
    let number = reader.as_raw_fd();
    let refused = kq
        .register_owned(reader, |fd| Read::new(fd).delete())
        .unwrap_err();
    assert_eq!(refused.error(), Error::NotAnAddition);
    assert_eq!(
        refused.into_inner().as_raw_fd(),
        number,
        "the descriptor comes back"
    );
}

#[test]
fn an_unknown_filter_is_decoded_kept_and_printed() {
    let mut raw = zeroed();
    raw.filter = 77;
    raw.flags = 0x0e20;
    raw.fflags = 0xdead_beef;
    let event = Event::from_raw(raw);
    assert_eq!(
        event.kind(),
        EventKind::Other {
            filter: Filter::from_raw(77)
        }
    );
    assert_eq!(event.flags().bits(), 0x0e20);
    assert_eq!(event.notes(), 0xdead_beef);
    let raw = event.to_raw();
    assert_eq!(
        ({ raw.filter }, { raw.flags }, { raw.fflags }),
        (77, 0x0e20, 0xdead_beef)
    );
    let text = format!("{event:?}");
    assert!(
        text.contains("Filter(77)") && text.contains("CLEAR") && text.contains("0xdeadbeef"),
        "{text}"
    );
}

#[test]
fn every_bit_pattern_decodes() {
    // Not exhaustive, but every filter number near the known ones, with flags and data at their limits.
    for filter in -40_i32..40 {
        for flags in [0, EventFlags::ERROR.bits(), EventFlags::EOF.bits(), !0] {
            for data in [i64::MIN, -1, 0, 1, i64::MAX] {
                let mut raw = zeroed();
                raw.filter = filter as _;
                raw.flags = flags;
                raw.fflags = !0;
                raw.data = data as _;
                let event = Event::from_raw(raw);
                let _ = (
                    event.kind(),
                    event.errno(),
                    event.token(),
                    format!("{event:?} {:?}", event.kind()),
                );
            }
        }
    }
}

#[test]
fn an_unknown_filter_is_refused_by_name() {
    let kq = Kqueue::new().unwrap();
    assert_eq!(kq.knows(Filter::from_raw(99)), Ok(false));
    for filter in [
        Filter::READ,
        Filter::WRITE,
        Filter::VNODE,
        Filter::PROC,
        Filter::SIGNAL,
        Filter::TIMER,
    ] {
        assert_eq!(kq.knows(filter), Ok(true), "{filter}");
    }
    let mut raw = zeroed();
    raw.filter = 99;
    raw.flags = EventFlags::ADD.bits();
    // SAFETY: no descriptor, no pointer: a number that the kernel does not know.
    let change: Change<'static> = unsafe { Change::from_raw(raw) };
    assert_eq!(kq.apply_one(change), Err(Error::System(Errno::EINVAL)));
}

#[test]
fn a_timer_of_zero_or_of_for_ever_is_harmless() {
    let kq = Kqueue::new().unwrap();
    let mut events = EventBuffer::<2>::new();
    kq.apply_one(Timer::new(1).after(Duration::ZERO).add(Token::new(1, 0)))
        .unwrap();
    assert_eq!(
        kq.wait(&mut events, None).unwrap().next().unwrap().token(),
        Token::new(1, 0)
    );
    kq.apply_one(Timer::new(2).after(Duration::MAX).add(Token::new(2, 0)))
        .unwrap();
    kq.apply_one(Timer::new(3).every(Duration::MAX).add(Token::new(3, 0)))
        .unwrap();
    let at_once = kq
        .wait(&mut events, Some(Duration::from_millis(20)))
        .unwrap();
    assert!(
        at_once.is_empty(),
        "a very long time must not wrap around: {at_once:?}"
    );
}

#[test]
fn errors_say_what_happened() {
    assert_eq!(Error::System(Errno::EBADF).to_string(), "kevent: EBADF");
    assert_eq!(Error::from(Errno::EINTR), Error::Interrupted);
    assert_eq!(Error::Interrupted.errno(), Some(Errno::EINTR));
    assert_eq!(
        format!("{:?} {}", Errno::new(4711), Errno::new(4711)),
        "Errno(4711) errno 4711"
    );
    assert_eq!(Errno::ECONNREFUSED.name(), Some("ECONNREFUSED"));
    assert!(size_of::<Error>() <= 3 * size_of::<usize>());
}
