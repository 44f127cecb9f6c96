//! A kqueue inside a kqueue: READ on it says how many events are pending in it.

use libc::c_int;

use crate::node::READ;
use crate::registry;
use crate::state::State;
use crate::wait::pending;

/// How many events the inner kqueue would deliver. 0 also when it cannot be asked.
///
/// Asking moves the inner edges to the inner ready list, whose kick is an edge by itself for the outer one. With CLEAR that edge tells nothing new and is
/// swallowed: the low bit of the node's `aux` says that it is due, the others hold the inner activity that was last told.
pub(crate) fn count(outer: &mut State, fd: u32) -> usize {
    let Some(kq) = registry::find(fd as c_int) else {
        return 0;
    };
    let Ok(found) = pending::count(kq, fd as c_int) else {
        return 0;
    };
    let Some(mut node) = outer.node(fd) else {
        return 0;
    };
    let known = core::mem::replace(&mut node.aux, found.activity << 1 | found.kicked as u32);
    let nothing_new =
        known & 1 != 0 && known >> 1 == found.activity & (u32::MAX >> 1) && !found.kicked;
    if node.sides[READ].is_clear() && nothing_new {
        0
    } else {
        found.count
    }
}
