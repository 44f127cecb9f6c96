//! Registrations and tokens: who owns what, and what arrives after it is gone.

use std::io::Write as _;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use kqueue_safe::{
    Errno, Error, EventBuffer, Exclusive, Filter, Kqueue, Read, Timer, Token, TokenSlot,
    TokenTable, Write,
};

const AT_ONCE: Option<Duration> = Some(Duration::ZERO);

#[test]
fn an_old_event_never_reaches_the_new_owner_of_the_number() {
    let kq = Kqueue::new().unwrap();
    let mut places = [TokenSlot::VACANT; 4];
    let mut tokens = TokenTable::new(&mut places);
    let mut events = EventBuffer::<4>::new();

    let (first, mut first_writer) = std::io::pipe().unwrap();
    let first_token = tokens.issue().unwrap();
    kq.apply_one(Read::new(first.as_fd()).add(first_token))
        .unwrap();
    first_writer.write_all(b"for the first owner").unwrap();

    // The event is collected …
    let event = *kq.wait(&mut events, None).unwrap().next().unwrap();
    // … and before it is dispatched, the owner goes and another gets its number and its place.
    let number = first.as_raw_fd();
    tokens.retire(first_token);
    let (reader, _second_writer) = std::io::pipe().unwrap();
    // `dup2` closes the first pipe and gives its number to the second in one step, so that no other thread gets it in between.
    // SAFETY: both descriptors are open and this test's own; from here on `first` owns the second pipe.
    assert_eq!(unsafe { libc::dup2(reader.as_raw_fd(), number) }, number);
    let second = first;
    let second_token = tokens.issue().unwrap();
    kq.apply_one(Read::new(second.as_fd()).add(second_token))
        .unwrap();

    assert_eq!(
        event.ident(),
        second.as_raw_fd() as usize,
        "the number alone would be taken for the new owner's"
    );
    assert_eq!(
        event.token().slot(),
        second_token.slot(),
        "so would the place"
    );
    assert_eq!(tokens.resolve(event.token()), None, "the generation tells");
    assert_eq!(tokens.stale_count(), 1);
    assert_eq!(tokens.resolve(second_token), Some(0));
    assert!(kq.wait(&mut events, AT_ONCE).unwrap().is_empty());
}

#[test]
fn a_registration_ends_before_its_descriptor_is_closed() {
    let kq = Kqueue::new().unwrap();
    let (_reader, writer) = std::io::pipe().unwrap();
    let copy = writer.try_clone().unwrap();
    let number = writer.as_raw_fd();
    let registration = kq
        .register_owned(writer, |fd| Write::new(fd).add(Token::new(1, 0)))
        .unwrap();
    assert_eq!(
        (registration.ident(), registration.filter()),
        (number as usize, Filter::WRITE)
    );
    let mut events = EventBuffer::<4>::new();
    assert_eq!(kq.wait(&mut events, None).unwrap().len(), 1);
    // The copy keeps the file open: a mere close would leave a registration behind on some systems.
    drop(registration);
    assert!(kq.wait(&mut events, AT_ONCE).unwrap().is_empty());
    drop(copy);
}

#[test]
fn a_registration_is_disabled_enabled_armed_and_given_back() {
    let kq = Kqueue::new().unwrap();
    let (_reader, writer) = std::io::pipe().unwrap();
    let mut events = EventBuffer::<4>::new();
    let mut registration = kq
        .register(Write::new(writer.as_fd()).oneshot().add(Token::new(1, 0)))
        .unwrap();
    registration.disable().unwrap();
    assert!(kq.wait(&mut events, AT_ONCE).unwrap().is_empty());
    registration.enable().unwrap();
    assert_eq!(kq.wait(&mut events, None).unwrap().len(), 1);
    assert_eq!(
        registration.enable(),
        Err(Error::System(Errno::ENOENT)),
        "ONESHOT"
    );
    registration.add_again().unwrap();
    registration.set_token(Token::new(2, 0)).unwrap();
    assert_eq!(
        kq.wait(&mut events, None).unwrap().next().unwrap().token(),
        Token::new(2, 0)
    );
    assert_eq!(registration.token(), Token::new(2, 0));
    drop(registration);

    let owned = kq
        .register_owned(writer, |fd| Write::new(fd).add(Token::new(3, 0)))
        .unwrap();
    let writer = owned.into_inner();
    assert!(kq.wait(&mut events, AT_ONCE).unwrap().is_empty());
    let owned = kq
        .register_owned(writer, |fd| Write::new(fd).add(Token::new(4, 0)))
        .unwrap();
    let writer = owned.detach();
    assert_eq!(
        kq.wait(&mut events, None).unwrap().len(),
        1,
        "still registered"
    );
    drop(writer);

    let timer = kq
        .register(
            Timer::new(5)
                .every(Duration::from_millis(1))
                .add(Token::new(5, 0)),
        )
        .unwrap();
    assert_eq!(
        kq.wait(&mut events, None).unwrap().next().unwrap().token(),
        timer.token()
    );
    drop(timer);
    assert_eq!(
        kq.apply_one(Timer::new(5).delete()),
        Err(Error::System(Errno::ENOENT))
    );
}

#[test]
fn a_token_table_hands_out_what_it_has() {
    let mut places = [TokenSlot::VACANT; 3];
    let mut tokens = TokenTable::new(&mut places);
    let issued = [
        tokens.issue().unwrap(),
        tokens.issue().unwrap(),
        tokens.issue().unwrap(),
    ];
    assert!(tokens.issue().is_err());
    assert_eq!((tokens.len(), tokens.capacity()), (3, 3));
    assert!(tokens.retire(issued[1]) && !tokens.retire(issued[1]));
    assert!(tokens.retire(issued[0]));
    let again = [tokens.issue().unwrap(), tokens.issue().unwrap()];
    assert_eq!([again[0].slot(), again[1].slot()], [0, 1]);
    assert_eq!([again[0].generation(), again[1].generation()], [1, 1]);
    assert!(tokens.issue().is_err());
    assert_eq!(tokens.resolve(Token::new(77, 0)), None);
    assert_eq!(tokens.resolve(issued[0]), None);
    assert_eq!(tokens.stale_count(), 2);

    // A second table over the same storage does not know the first one's tokens.
    let mut tokens = TokenTable::new(&mut places);
    assert!(tokens.is_empty());
    let fresh = tokens.issue().unwrap();
    assert!(
        again
            .iter()
            .chain(&issued)
            .all(|old| *old != fresh && !tokens.is_current(*old))
    );
}

#[test]
fn tokens_pack_and_unpack() {
    for (slot, generation) in [
        (0, 0),
        (1, 2),
        (Token::MAX_SLOT, Token::MAX_GENERATION),
        (Token::MAX_SLOT, 0),
    ] {
        let token = Token::new(slot, generation);
        assert_eq!((token.slot(), token.generation()), (slot, generation));
        assert_eq!(Token::from_raw(token.into_raw()), token);
    }
    assert_eq!(
        Token::new(3, Token::MAX_GENERATION).next_generation(),
        Token::new(3, 0)
    );
    assert_eq!(format!("{:?}", Token::new(3, 7)), "Token(3.7)");
}

static EVENTS: Exclusive<EventBuffer> = Exclusive::new(EventBuffer::new());

#[test]
fn a_buffer_lives_in_a_static() {
    let kq = Kqueue::new().unwrap();
    let mut events = EVENTS.try_borrow().unwrap();
    assert!(EVENTS.try_borrow().is_none());
    assert_eq!(events.capacity(), kqueue_safe::PTK_MAX_KEVENTS);
    assert!(kq.wait(&mut events, AT_ONCE).unwrap().is_empty());
    drop(events);
    assert!(EVENTS.try_borrow().is_some());
}
