//! A kqueue of the kernel: it knows by itself which descriptors are which queue, so nothing need be told.

use core::ffi::c_int;

/// A descriptor of unknown origin is used as a kqueue from now on.
#[inline]
pub fn taken_over(_fd: c_int) {}

/// `duplicate` has just been made from `fd`.
#[inline]
pub fn duplicated(_fd: c_int, _duplicate: c_int) {}

/// The descriptor is about to be closed.
#[inline]
pub fn closing(_fd: c_int) {}
