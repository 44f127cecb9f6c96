//! Every kind from its numbers, and every line that a person reads.

extern crate std;

use std::string::ToString;

use nix::errno::Errno;

use super::{Error, ErrorKind, Table};

#[test]
fn every_kind_from_its_numbers() {
    for (errno, kind) in [
        (Errno::EAGAIN, ErrorKind::WouldBlock),
        (Errno::EINTR, ErrorKind::Interrupted),
        (Errno::ETIMEDOUT, ErrorKind::Timeout),
        (Errno::ECONNREFUSED, ErrorKind::Refused),
        (Errno::ECONNRESET, ErrorKind::Reset),
        (Errno::ECONNABORTED, ErrorKind::Aborted),
        (Errno::ENOTCONN, ErrorKind::NotConnected),
        (Errno::EDESTADDRREQ, ErrorKind::NotConnected),
        (Errno::EISCONN, ErrorKind::AlreadyConnected),
        (Errno::EALREADY, ErrorKind::AlreadyConnected),
        (Errno::EINPROGRESS, ErrorKind::AlreadyConnected),
        (Errno::EADDRINUSE, ErrorKind::AddressInUse),
        (Errno::EADDRNOTAVAIL, ErrorKind::AddressNotAvailable),
        (Errno::ENETUNREACH, ErrorKind::Unreachable),
        (Errno::EHOSTUNREACH, ErrorKind::Unreachable),
        (Errno::ENETDOWN, ErrorKind::Unreachable),
        (Errno::EHOSTDOWN, ErrorKind::Unreachable),
        (Errno::EMSGSIZE, ErrorKind::MessageTooLarge),
        (Errno::EPIPE, ErrorKind::BrokenPipe),
        (Errno::ESHUTDOWN, ErrorKind::BrokenPipe),
        (Errno::EMFILE, ErrorKind::DescriptorsExhausted),
        (Errno::ENFILE, ErrorKind::DescriptorsExhausted),
        (Errno::ENOMEM, ErrorKind::OutOfMemory),
        (Errno::ENOBUFS, ErrorKind::OutOfMemory),
        (Errno::EACCES, ErrorKind::PermissionDenied),
        (Errno::EPERM, ErrorKind::PermissionDenied),
        (Errno::ENOENT, ErrorKind::NotFound),
        (Errno::EAFNOSUPPORT, ErrorKind::Unsupported),
        (Errno::EOPNOTSUPP, ErrorKind::Unsupported),
        (Errno::ENOPROTOOPT, ErrorKind::Unsupported),
        (Errno::EINVAL, ErrorKind::InvalidInput),
        (Errno::ENAMETOOLONG, ErrorKind::InvalidInput),
        (Errno::EIO, ErrorKind::Other),
    ] {
        let error = Error::from(errno);
        assert_eq!(error.kind(), kind, "{errno}");
        assert_eq!(error.errno(), errno as i32, "{errno}");
        assert_eq!(error, Error::from_errno(errno as i32), "{errno}");
    }
}

#[test]
fn a_number_without_a_name_is_kept() {
    let error = Error::from_errno(4242);
    assert_eq!((error.kind(), error.errno()), (ErrorKind::Other, 4242));

    Errno::set_raw(4242);
    assert_eq!(Error::from(Errno::last()), error);
}

#[test]
fn one_line_each() {
    let refused = Error::REFUSED.to_string();
    assert_eq!(
        refused,
        std::format!("connection refused (errno {})", Error::REFUSED.errno())
    );
    assert_eq!(Error::TIMEOUT.to_string(), "timed out");
    assert_eq!(
        Error::table_full(Table::Timers).to_string(),
        "no room left for timers"
    );
    let unnamed = Error::from(Errno::EIO).to_string();
    assert!(
        unnamed.contains(&std::format!("errno {}", Errno::EIO as i32)) && !unnamed.contains('\n')
    );
}

#[test]
fn small_enough_for_two_registers() {
    assert_eq!(size_of::<Error>(), 8);
    assert!(size_of::<super::Result<usize>>() <= 16);
}

#[test]
fn what_may_be_tried_again() {
    assert!(Error::WOULD_BLOCK.is_transient() && Error::INTERRUPTED.is_transient());
    assert!(Error::from(Errno::EMFILE).is_transient());
    assert!(!Error::RESET.is_transient() && !Error::STALE.is_transient());
}
