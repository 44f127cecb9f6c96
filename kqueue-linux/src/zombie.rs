//! Descriptions that nobody can name any more.

use libc::c_int;

use crate::state::State;

/// Epoll told about a file whose number was closed, or used again, while a duplicate of it stays open elsewhere.
#[cold]
pub(crate) fn met(state: &mut State, _epfd: c_int) {
    state.dirty = true;
}
