//! How many events a kqueue would deliver now, without delivering them: for a kqueue that watches it.

use libc::{c_int, epoll_event};

use super::{NOTHING, deliver, translate_one};
use crate::filter::Verdict;
use crate::kq::Kq;
use crate::node::{CONCERNS, DISABLED, LINKED, READ, USED, WRITE};
use crate::note;
use crate::state::{Item, State, tag};
use crate::sys::{self, Errno};

/// The answer.
pub(crate) struct Pending {
    /// Events.
    pub(crate) count: usize,
    /// Grows with everything that becomes ready.
    pub(crate) activity: u32,
    /// Asking has turned the kick on: epoll sees that as something new.
    pub(crate) kicked: bool,
}

/// Events looked at, at most.
const MOST: usize = 128;

/// Counts. Edges that epoll tells only once are put on the ready list.
pub(crate) fn count(kq: &Kq, epfd: c_int) -> Result<Pending, Errno> {
    let mut guard = kq.lock()?;
    let state = guard.state();
    if !state.nested {
        // From now on the kick stays on while something is ready.
        state.nested = true;
        if core::mem::take(&mut state.kicked) {
            crate::kick::set(epfd, state.serial, false, true)?;
        }
    }
    let was_kicked = state.kicked;
    state.call = state.call.wrapping_add(1);
    deliver::look_at_polled(state, epfd);
    let mut buffer = [const { epoll_event { events: 0, u64: 0 } }; MOST];
    // SAFETY: the array has `MOST` entries.
    let found =
        unsafe { sys::epoll_wait(epfd, buffer.as_mut_ptr(), MOST, Some(&NOTHING)) }.unwrap_or(0);
    let mut count = 0;
    for event in buffer.iter().take(found) {
        let (bits, word) = (event.events, event.u64);
        let (generation, fd) = tag::unpack(word);
        let Some(node) = (if word & tag::KIND == tag::NODE {
            state.node(fd)
        } else {
            None
        }) else {
            // SAFETY: without room nothing is ever written.
            let mut nowhere = unsafe { super::Out::new(core::ptr::null_mut(), 0) };
            translate_one(state, epfd, &mut nowhere, bits, word);
            continue;
        };
        if node.generation != generation {
            continue;
        }
        let edges = node.is_edge_triggered();
        let mut concerned = 0;
        for side in [READ, WRITE] {
            let Some(node) = state.node(fd) else { break };
            let place = *node.sides[side];
            if bits & CONCERNS[side] == 0 || place.status & (USED | DISABLED | LINKED) != USED {
                continue;
            }
            if edges {
                state.link(Item::Side(fd, side));
            } else if let Verdict::Fire(..) = deliver::check_side(state, fd, side, bits) {
                count += 1;
            } else {
                continue;
            }
            concerned += 1;
        }
        if concerned == 0 && !edges {
            // Nobody wants to know: let the usual way narrow the interest.
            // SAFETY: without room nothing is ever written.
            let mut nowhere = unsafe { super::Out::new(core::ptr::null_mut(), 0) };
            deliver::from_epoll(state, epfd, &mut nowhere, fd, generation, bits);
        }
    }
    count += listed(state, epfd);
    let activity = state.activity;
    let result = state.settle(epfd);
    let kicked = state.kicked && !was_kicked;
    guard.release(epfd);
    result.map(|()| Pending {
        count,
        activity,
        kicked,
    })
}

/// Those on the ready list that still hold; the others leave it.
fn listed(state: &mut State, epfd: c_int) -> usize {
    let activity = state.activity;
    let mut count = 0;
    for _ in 0..state.ready.length {
        let Some(item) = state.pop() else { break };
        let verdict = match item {
            Item::Side(fd, side) => match state.node(fd).map(|node| node.sides[side].status) {
                Some(status) if status & (USED | DISABLED) == USED => {
                    deliver::check_again(state, epfd, fd, side)
                }
                _ => continue,
            },
            Item::Note(index) => match state.note(index).map(|found| found.status) {
                Some(status) if status & (note::DEAD | note::DISABLED) == 0 => {
                    deliver::check_note(state, index)
                }
                _ => continue,
            },
        };
        if matches!(verdict, Verdict::Fire(..)) {
            count += 1;
            state.link(item);
        }
    }
    state.activity = activity;
    count
}
