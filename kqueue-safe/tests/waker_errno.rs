//! What a signal handler owes to the code that it interrupts.

use kqueue_safe::{Errno, Error, Kqueue, Token, User};

#[test]
fn a_wake_leaves_errno_alone_also_when_it_fails() {
    let kq = Kqueue::new().unwrap();
    let waker = kq.waker(1, Token::new(1, 0)).unwrap();
    if !waker.is_user_event() {
        return; // a pipe's wake does not fail
    }
    kq.apply_one(User::new(1).delete()).unwrap();
    // Somebody's failing call, whose errno a signal handler must not change.
    // SAFETY: closes nothing.
    assert_eq!(unsafe { libc::close(-1) }, -1);
    assert_eq!(waker.wake(), Err(Error::System(Errno::ENOENT)));
    assert_eq!(
        std::io::Error::last_os_error().raw_os_error(),
        Some(libc::EBADF)
    );
}
