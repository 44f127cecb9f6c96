//! The part of a loop that does not depend on its capacities.

use core::time::Duration;

use kqueue_safe::Token;

use super::counters::Counters;
use super::event::{Event, Kind};
use super::expiry::Expiry;
use super::remote::AnyRemote;
use super::slot::{Holder, NO_SLOT, Slot, state};
use super::source::{Codes, SourceId, Watch};
use crate::error::{Error, Table};
use crate::system::{Direction, Request, System};
use crate::time::Instant;
use crate::timer::{TimerId, Timers};

/// How many connections a listener hands out in one turn.
pub(crate) const ACCEPT_BUDGET: u32 = 16;

pub(crate) struct Core<S: System> {
    pub(crate) system: S,
    pub(crate) now: Option<Instant>,
    pub(crate) free: u32,
    pub(crate) dirty: u32,
    pub(crate) accept_budget: u32,
    /// Sources that do not keep `run` going: those that only stop it.
    pub(crate) background: u32,
    pub(crate) stop: bool,
    pub(crate) draining: bool,
    /// Some listener rests until then, because descriptors ran out.
    pub(crate) rest_until: Option<Instant>,
    pub(crate) remote: Option<&'static AnyRemote>,
    pub(crate) counters: Counters,
    /// Nothing but waiting for ever is to be done before the next answers: no change, no timer, no stop, no remote, and sources to wait for.
    /// Whoever changes one of these says so by [`stir`](Core::stir).
    pub(crate) calm: bool,
    /// The event that is being handled, or was last; not while [`Hand`](super::in_hand::Hand) says that it is a plain one.
    pub(crate) event: Event,
}

/// No source: its slot is beyond the last of any loop.
pub(crate) const NOBODY: SourceId =
    SourceId::from_token(Token::new(Token::MAX_SLOT, Token::MAX_GENERATION));

/// One change to be, by slot number.
#[derive(Clone, Copy)]
pub(crate) struct PendingChange {
    pub(crate) slot: u32,
    pub(crate) direction: Direction,
    pub(crate) request: Request,
}

/// The changes of one wait at most.
pub(crate) const MOST_CHANGES: usize = 64;

impl<S: System> Core<S> {
    #[inline]
    pub(crate) fn now(&mut self) -> Instant {
        match self.now {
            Some(now) => now,
            None => self.refresh(),
        }
    }

    #[inline(never)]
    pub(crate) fn refresh(&mut self) -> Instant {
        let now = self.system.now();
        self.stir();
        self.now = Some(now);
        now
    }

    /// Something is to be done before the next wait, or may be.
    #[inline]
    pub(crate) fn stir(&mut self) {
        self.calm = false;
    }

    pub(crate) fn has_room(&self) -> bool {
        self.free != NO_SLOT
    }

    /// Gives a free slot to `holder`, or hands it back.
    pub(crate) fn give_slot(
        &mut self,
        slots: &mut [Slot<S>],
        codes: &mut [Codes],
        holder: Holder<S::Socket>,
        watch: Watch,
    ) -> Result<SourceId, Holder<S::Socket>> {
        let index = self.free;
        let (Some(slot), Some(codes)) =
            (slots.get_mut(index as usize), codes.get_mut(index as usize))
        else {
            return Err(holder);
        };
        *codes = watch.codes;
        self.free = slot.next;
        slot.give(holder, watch);
        self.stir();
        self.counters.sources += 1;
        self.counters.most_sources = self.counters.most_sources.max(self.counters.sources);
        Ok(slots[index as usize].id())
    }

    /// Takes a source out of its slot and withdraws what the system knows of it; the slot is free afterwards, in its next generation.
    pub(crate) fn take_slot(&mut self, slots: &mut [Slot<S>], index: u32) -> Holder<S::Socket> {
        self.stir();
        if slots[index as usize].is(state::DIRTY) {
            self.unlink_dirty(slots, index);
        }
        let slot = &mut slots[index as usize];
        if slot.is(state::STOPS) {
            self.background -= 1;
        }
        let (read, write) = (slot.is(state::READ_ADDED), slot.is(state::WRITE_ADDED));
        let holder = slot.take();
        slot.next = self.free;
        self.free = index;
        match &holder {
            Holder::Socket(socket) if read || write => self.system.withdraw(socket, read, write),
            Holder::Signal(number) => self.system.unwatch_signal(*number),
            Holder::User(cell) => {
                if let Some(remote) = self.remote {
                    remote.retire(*cell as usize);
                }
            }
            Holder::Socket(_) | Holder::Free => {}
        }
        self.counters.sources -= 1;
        holder
    }

    /// Notes that a slot's wishes may differ from what the system knows; the next wait takes the difference along.
    #[inline]
    pub(crate) fn mark_dirty(&mut self, slots: &mut [Slot<S>], index: u32) {
        let slot = &mut slots[index as usize];
        if !slot.is(state::DIRTY) {
            slot.set(state::DIRTY);
            slot.next = self.dirty;
            self.dirty = index;
            self.stir();
        }
    }

    fn unlink_dirty(&mut self, slots: &mut [Slot<S>], index: u32) {
        let next = slots[index as usize].next;
        slots[index as usize].clear(state::DIRTY);
        if self.dirty == index {
            self.dirty = next;
            return;
        }
        let mut at = self.dirty;
        while at != NO_SLOT {
            let following = slots[at as usize].next;
            if following == index {
                slots[at as usize].next = next;
                return;
            }
            at = following;
        }
    }

    /// Wants reads again, unless something else holds them back.
    pub(crate) fn resume_reads(&mut self, slots: &mut [Slot<S>], index: u32) {
        let slot = &mut slots[index as usize];
        slot.clear(state::UNCONSUMED);
        let held = slot.is(state::PAUSED | state::RESTING | state::CONNECTING | state::ENDED);
        if slot.watches_reads() && !held && !slot.is(state::READ_WANTED) {
            slot.want_reads(true);
            self.mark_dirty(slots, index);
        }
    }

    /// Stops asking for reads.
    pub(crate) fn hold_reads(&mut self, slots: &mut [Slot<S>], index: u32, why: u16) {
        let slot = &mut slots[index as usize];
        slot.set(why);
        slot.want_reads(false);
        self.mark_dirty(slots, index);
    }

    /// Lets resting listeners listen again.
    pub(crate) fn wake_resting(&mut self, slots: &mut [Slot<S>]) {
        if self.rest_until.take().is_none() {
            return;
        }
        for index in 0..slots.len() {
            if slots[index].is(state::RESTING) {
                slots[index].clear(state::RESTING);
                self.resume_reads(slots, index as u32);
            }
        }
    }

    /// Turns wishes into changes, `limit` at the most; what does not fit stays dirty.
    pub(crate) fn collect_changes(
        &mut self,
        slots: &mut [Slot<S>],
        into: &mut [PendingChange; MOST_CHANGES],
        limit: usize,
    ) -> usize {
        let mut count = 0;
        while self.dirty != NO_SLOT {
            let index = self.dirty;
            let slot = &mut slots[index as usize];
            while let Some((direction, request)) = next_request(slot.state) {
                if count == limit {
                    return count;
                }
                slot.state = after(slot.state, direction, request);
                into[count] = PendingChange {
                    slot: index,
                    direction,
                    request,
                };
                count += 1;
            }
            self.dirty = slot.next;
            slot.clear(state::DIRTY);
            slot.next = NO_SLOT;
        }
        count
    }

    /// Makes changes wishes again, because the wait that should have taken them along failed.
    #[cold]
    pub(crate) fn take_back(&mut self, slots: &mut [Slot<S>], changes: &[PendingChange]) {
        for change in changes.iter().rev() {
            let slot = &mut slots[change.slot as usize];
            slot.state = before(slot.state, change.direction, change.request);
            self.mark_dirty(slots, change.slot);
        }
    }

    pub(crate) fn start_timer(
        &mut self,
        timers: &mut Timers<'_>,
        deadline: Instant,
        period: Option<Duration>,
        owner: u32,
        code: u16,
    ) -> Result<TimerId, Error> {
        if period == Some(Duration::ZERO) {
            return Err(Error::INVALID_INPUT);
        }
        let id = timers
            .insert(deadline, period, Expiry { owner, code }.pack())
            .map_err(|_| Error::table_full(Table::Timers))?;
        self.stir();
        self.counters.most_timers = self.counters.most_timers.max(timers.len() as u32);
        Ok(id)
    }
}

/// The event that a source's readability is.
#[inline(always)]
pub(crate) fn readable<S: System>(slot: &Slot<S>, source: SourceId) -> Event {
    Event {
        owner: slot.owner,
        code: slot.readable,
        kind: Kind::Readable(source),
    }
}

/// The first difference between what a slot wants and what the system knows.
fn next_request(bits: u16) -> Option<(Direction, Request)> {
    let wants_read = bits & state::READ_WANTED != 0;
    if wants_read && bits & state::READ_ADDED == 0 {
        Some((Direction::Read, Request::Add))
    } else if wants_read && bits & state::READ_ON == 0 {
        Some((Direction::Read, Request::Enable))
    } else if !wants_read && bits & state::READ_ON != 0 {
        Some((Direction::Read, Request::Disable))
    } else if bits & state::WRITE_WANTED == 0 || bits & state::WRITE_ON != 0 {
        None
    } else if bits & state::WRITE_ADDED == 0 {
        Some((Direction::Write, Request::Add))
    } else {
        Some((Direction::Write, Request::Enable))
    }
}

/// What the system knows after the request.
fn after(bits: u16, direction: Direction, request: Request) -> u16 {
    let (added, on) = match direction {
        Direction::Read => (state::READ_ADDED, state::READ_ON),
        Direction::Write => (state::WRITE_ADDED, state::WRITE_ON),
    };
    match request {
        Request::Add => bits | added | on,
        Request::Enable => bits | on,
        Request::Disable => bits & !on,
    }
}

/// What the system knew before the request.
fn before(bits: u16, direction: Direction, request: Request) -> u16 {
    let (added, on) = match direction {
        Direction::Read => (state::READ_ADDED, state::READ_ON),
        Direction::Write => (state::WRITE_ADDED, state::WRITE_ON),
    };
    match request {
        Request::Add => bits & !(added | on),
        Request::Enable => bits & !on,
        Request::Disable => bits | on,
    }
}
