//! A descriptor that is no kqueue. A file of its own: no other test has used and closed a kqueue of the same number.

use std::os::fd::OwnedFd;
use std::time::Duration;

use kqueue_safe::{ChangeList, Errno, Error, EventBuffer, Kqueue, Timer, Token};

#[test]
fn a_kqueue_that_is_none_is_ebadf() {
    let (reader, _writer) = std::io::pipe().unwrap();
    let kq = Kqueue::from(OwnedFd::from(reader));
    let mut events = EventBuffer::<1>::new();
    assert_eq!(
        kq.wait(&mut events, Some(Duration::ZERO)).unwrap_err(),
        Error::System(Errno::EBADF)
    );
    let mut changes = ChangeList::<1>::new();
    changes.push(Timer::new(0).delete()).unwrap();
    assert_eq!(
        kq.apply(&mut changes).unwrap_err(),
        Error::System(Errno::EBADF)
    );
    assert!(kq.waker(0, Token::new(0, 0)).is_err());
}
