//! The reference: what a kqueue holds, as a list that is searched from end to end.
//!
//! It answers with certainty where the kernels' behaviour is certain. An edge that one system sees and another does not (somebody
//! read from a pipe whose writing end is watched with CLEAR) makes an event that may come and need not.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::*;
use crate::operation::*;

/// Is there news for a registration with CLEAR?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum News {
    No,
    /// Some kernels would say so.
    Perhaps,
    Yes,
}

#[derive(Clone, Debug)]
pub struct Registration {
    pub udata: usize,
    /// CLEAR, ONESHOT, DISPATCH: as first added.
    pub kind: u16,
    pub disabled: bool,
    pub news: News,
    pub low_water: usize,
    /// No byte count is wanted.
    pub uncounted: bool,
    /// User events: notes, data, triggered. Timers: due.
    pub notes: u32,
    pub data: isize,
    pub raised: bool,
    /// Calls with events that left this one out although it was ready.
    pub passed_over: usize,
}

/// The far end and the bytes of a watched descriptor.
#[derive(Clone, Debug)]
pub struct Thing {
    pub kind: Kind,
    /// Bytes to read from the watched end (or, of a watched writing end, from the other).
    pub bytes: usize,
    /// Messages that a socket's peer has not taken.
    pub sent: usize,
    pub peer_closed: bool,
    pub peer_shut: bool,
}

pub type Key = (i16, u8);

#[derive(Default)]
pub struct Reference {
    pub things: BTreeMap<u8, Thing>,
    pub registrations: BTreeMap<Key, Registration>,
    /// Registered under a number that has been closed since.
    pub stale: BTreeSet<Key>,
}

pub fn key(target: Target) -> Key {
    match target {
        Target::Read(slot) => (READ, slot),
        Target::Write(slot) => (WRITE, slot),
        Target::User(ident) => (USER, ident),
        Target::Timer(ident) => (TIMER, ident),
    }
}

impl Reference {
    /// Something else is under the slot's number now: nothing that was registered survives.
    pub fn forget(&mut self, slot: u8) {
        self.things.remove(&slot);
        for key in [(READ, slot), (WRITE, slot)] {
            if self.registrations.remove(&key).is_some() {
                self.stale.insert(key);
            }
        }
    }

    pub fn news(&mut self, filter: i16, slot: u8, news: News) {
        if let Some(registration) = self.registrations.get_mut(&(filter, slot)) {
            registration.news = registration.news.max(news);
        }
    }

    /// Does this pair of filter and thing say the same on every system?
    pub fn meaningful(&self, target: Target) -> bool {
        match target {
            Target::Read(slot) => self
                .things
                .get(&slot)
                .is_none_or(|thing| thing.kind != Kind::PipeWriter),
            Target::Write(slot) => self
                .things
                .get(&slot)
                .is_none_or(|thing| thing.kind != Kind::PipeReader),
            Target::User(_) | Target::Timer(_) => true,
        }
    }

    /// Applies one change; `Err` has the errno.
    pub fn apply(&mut self, change: &Change) -> Result<(), i32> {
        let key = key(change.target);
        if let Target::Read(slot) | Target::Write(slot) = change.target
            && !self.things.contains_key(&slot)
        {
            return Err(libc::EBADF);
        }
        // One interest of epoll serves both filters of a descriptor: a change of one makes it look at the other again.
        self.look_again(key);
        let known = self.registrations.contains_key(&key);
        match change.action {
            Action::Add { bits, notes } if !known => return self.add(key, change, bits, notes),
            _ if !known => return Err(libc::ENOENT),
            Action::Delete => {
                self.registrations.remove(&key);
                return Ok(());
            }
            _ => {}
        }
        let registration = self.registrations.get_mut(&key).expect("known");
        registration.udata = change.udata.into();
        match change.action {
            Action::Add { bits, notes } => {
                registration.news = News::Yes;
                registration.low_water = self
                    .things
                    .get(&key.1)
                    .map_or(0, |thing| low_water(key, thing, notes));
                registration.uncounted = notes == Notes::Uncounted;
                if key.0 == TIMER {
                    registration.raised = notes == Notes::Timer(When::Now);
                    registration.data = isize::from(registration.raised);
                    registration.news = due(registration.kind);
                }
                user(key, registration, bits & CLEAR != 0, notes);
                registration.disabled |= bits & DISABLE != 0;
            }
            Action::Enable => {
                if key.0 != TIMER {
                    registration.news = News::Yes;
                }
                user(key, registration, false, Notes::None);
                registration.disabled = false;
            }
            Action::Disable => {
                user(key, registration, false, Notes::None);
                registration.disabled = true;
            }
            Action::Touch { notes } => {
                registration.news = registration.news.max(News::Perhaps);
                user(key, registration, false, notes);
            }
            Action::Delete => unreachable!("returned above"),
        }
        Ok(())
    }

    fn look_again(&mut self, (filter, slot): Key) {
        match filter {
            READ => self.news(WRITE, slot, News::Perhaps),
            WRITE => self.news(READ, slot, News::Perhaps),
            _ => {}
        }
    }

    fn add(&mut self, key: Key, change: &Change, bits: u16, notes: Notes) -> Result<(), i32> {
        if let Target::Write(slot) = change.target {
            let thing = &self.things[&slot];
            if thing.kind == Kind::PipeWriter && thing.peer_closed {
                return Err(libc::EPIPE);
            }
        }
        let now = key.0 == TIMER && notes == Notes::Timer(When::Now);
        // Relative timers clear, whether asked or not. A trigger in the change that adds does nothing.
        let kind = (bits & (CLEAR | ONESHOT | DISPATCH)) | if key.0 == TIMER { CLEAR } else { 0 };
        self.stale.remove(&key);
        self.registrations.insert(
            key,
            Registration {
                udata: change.udata.into(),
                kind,
                disabled: bits & DISABLE != 0,
                news: if now { due(kind) } else { News::Yes },
                low_water: self
                    .things
                    .get(&key.1)
                    .map_or(0, |thing| low_water(key, thing, notes)),
                uncounted: notes == Notes::Uncounted,
                notes: user_bits(key, notes),
                data: isize::from(now),
                raised: now,
                passed_over: 0,
            },
        );
        Ok(())
    }

    /// May the system take this change for one of a number that is still open? It costs a call to find out, which a change that only
    /// enables, disables or touches does not always make.
    pub fn undecided(&self, change: &Change) -> bool {
        let settled = matches!(change.action, Action::Add { .. } | Action::Delete);
        !settled && self.stale.contains(&key(change.target))
    }

    /// What an event of this registration would say now; nothing when its condition does not hold.
    pub fn event(&self, key: Key) -> Option<Expected> {
        let registration = &self.registrations[&key];
        let mut flags = registration.kind;
        if registration.disabled {
            return None;
        }
        let (ready, data) = match key.0 {
            USER => (registration.raised, Some(registration.data)),
            // A period of zero expires without end; how often is a matter of time.
            TIMER => (registration.raised, None),
            READ => {
                let thing = &self.things[&key.1];
                let ended = thing.peer_closed || thing.peer_shut;
                flags |= if ended { EOF } else { 0 };
                (
                    ended || thing.bytes >= registration.low_water.max(1),
                    Some(if registration.uncounted {
                        0
                    } else {
                        thing.bytes as isize
                    }),
                )
            }
            _ => {
                let thing = &self.things[&key.1];
                flags |= if thing.peer_closed { EOF } else { 0 };
                if thing.peer_closed && thing.kind == Kind::PipeWriter {
                    flags |= ONESHOT;
                }
                (true, registration.uncounted.then_some(0))
            }
        };
        let level = key.0 == USER || (registration.kind & CLEAR == 0 && key.0 != TIMER);
        let news = if level { News::Yes } else { registration.news };
        let notes = if key.0 == USER {
            Some(registration.notes)
        } else {
            None
        };
        (ready && news != News::No).then_some(Expected {
            certain: news == News::Yes,
            flags,
            data,
            notes,
        })
    }

    /// Is there an event that must come?
    pub fn is_something_certain(&self) -> bool {
        self.registrations
            .keys()
            .any(|key| self.event(*key).is_some_and(|expected| expected.certain))
    }

    /// The event was delivered.
    pub fn delivered(&mut self, key: Key, flags: u16) {
        let registration = self.registrations.get_mut(&key).expect("delivered");
        registration.passed_over = 0;
        // A period of zero expires again, sooner or later.
        registration.news = if key.0 == TIMER {
            News::Perhaps
        } else {
            News::No
        };
        registration.disabled |= registration.kind & DISPATCH != 0;
        if key.0 == USER && registration.kind & CLEAR != 0 {
            registration.raised = false;
        }
        let kind = registration.kind;
        if flags & ONESHOT != 0 {
            self.registrations.remove(&key);
        }
        if (kind | flags) & (ONESHOT | DISPATCH) != 0 {
            self.look_again(key);
        }
    }
}

pub struct Expected {
    /// It must come, if there is room.
    pub certain: bool,
    pub flags: u16,
    pub data: Option<isize>,
    pub notes: Option<u32>,
}

/// A period of zero is due at once for a one-shot timer, and soon for a periodic one.
fn due(kind: u16) -> News {
    if kind & ONESHOT != 0 {
        News::Yes
    } else {
        News::Perhaps
    }
}

/// Sockets have a low-water mark; pipes ignore it.
fn low_water(key: Key, thing: &Thing, notes: Notes) -> usize {
    match (key.0, thing.kind, notes) {
        (READ, Kind::Socket, Notes::LowWater(bytes)) => bytes.into(),
        _ => 0,
    }
}

fn user_bits(key: Key, notes: Notes) -> u32 {
    match (key.0, notes) {
        (USER, Notes::User { bits, .. }) => bits.into(),
        _ => 0,
    }
}

/// What any change does to a user event: its data and its notes; CLEAR in the change cancels the trigger.
fn user(key: Key, registration: &mut Registration, clear: bool, notes: Notes) {
    if key.0 != USER {
        return;
    }
    registration.data = 0;
    if let Notes::User {
        operation,
        bits,
        trigger,
    } = notes
    {
        registration.data = bits.into();
        registration.raised |= trigger;
        match operation {
            NOTE_FFAND => registration.notes &= u32::from(bits),
            NOTE_FFOR => registration.notes |= u32::from(bits),
            NOTE_FFCOPY => registration.notes = bits.into(),
            _ => {}
        }
    }
    if clear {
        registration.raised = false;
    }
}

/// The change as the kernel gets it; `known` is the registration that it meets.
pub fn as_kevent(change: &Change, number: usize, known: Option<&Registration>) -> Kevent {
    let (filter, _) = key(change.target);
    let (flags, notes) = match change.action {
        Action::Add { bits, notes } => (ADD | bits, notes),
        Action::Delete => (DELETE, Notes::None),
        Action::Enable => (ENABLE, Notes::None),
        Action::Disable => (DISABLE, Notes::None),
        Action::Touch { notes } => (0, notes),
    };
    let adds = flags & ADD != 0;
    let (fflags, data) = match (filter, notes) {
        // FreeBSD replaces the mark with any change, NetBSD with ADD only: the same again serves both.
        (READ | WRITE, Notes::Uncounted) if adds => (NOTE_NOCOUNT, 0),
        // Without ADD the wish not to count stays.
        (READ, _) if !adds && known.is_some_and(|known| known.uncounted) => (0, 0),
        (READ, _) if !adds => known.map_or((0, 0), |known| (NOTE_LOWAT, known.low_water as isize)),
        (READ, Notes::LowWater(bytes)) => (NOTE_LOWAT, bytes.into()),
        // The kernels keep the operation's bits when they are part of the first change.
        (USER, Notes::User { bits, .. }) if known.is_none() => (bits.into(), 0),
        (
            USER,
            Notes::User {
                operation,
                bits,
                trigger,
            },
        ) => (
            operation | u32::from(bits) | if trigger { NOTE_TRIGGER } else { 0 },
            bits.into(),
        ),
        (TIMER, Notes::Timer(When::Now)) => (0, 0),
        (TIMER, _) if adds => (NOTE_SECONDS, 3600),
        _ => (0, 0),
    };
    let receipt = if change.receipt { RECEIPT } else { 0 };
    Kevent {
        ident: number,
        filter,
        flags: flags | receipt,
        fflags,
        data,
        udata: change.udata.into(),
    }
}
